package iam

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Role templates are made by AWS's services. None acts here, so there is none, and every template is one that cannot be found.
var roleTemplateOps = wire.Ops(
	wire.Op((*Service).GetRoleTemplateVersion, onTemplate),
	wire.Op((*Service).AcquireRole, onTemplate),
)

// roleTemplate is the form of a template's ARN ("role-template", Service Authorization Reference).
var roleTemplate = regexp.MustCompile(`^arn:aws:iam::aws:role-template/[\w.-]+/[\w+=,.@-]+:[0-9]+$`)

// onTemplate is the rule of operations on the role template of an ARN, which is AWS's and everybody's.
var onTemplate = wire.Any(func(_ context.Context, _ *Service, in any) ([]wire.Need, error) {
	return []wire.Need{{Action: "iam:" + operation(in), Resource: aws.ToString(text(in, "TemplateArn"))}}, nil
})

// GetRoleTemplateVersion returns a version of a template.
func (s *Service) GetRoleTemplateVersion(_ context.Context, in *iam.GetRoleTemplateVersionInput) (*iam.GetRoleTemplateVersionOutput, error) {
	return nil, noSuchTemplate(aws.ToString(in.TemplateArn))
}

// AcquireRole makes a role of a template.
func (s *Service) AcquireRole(_ context.Context, in *iam.AcquireRoleInput) (*iam.AcquireRoleOutput, error) {
	return nil, noSuchTemplate(aws.ToString(in.TemplateArn))
}

func noSuchTemplate(arn string) error {
	if !roleTemplate.MatchString(arn) {
		return awserr.InvalidInput.Errorf("ARN %s is not valid.", arn)
	}
	return awserr.NoSuchEntity.Errorf("The role template with ARN %s cannot be found.", arn)
}
