package accessanalyzer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"

	"github.com/xemu-aws/xemu/authz/lint"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// CheckAccessNotGranted says whether a policy grants none of the access.
func (s *Service) CheckAccessNotGranted(_ context.Context, in *accessanalyzer.CheckAccessNotGrantedInput) (*accessanalyzer.CheckAccessNotGrantedOutput, error) {
	text, err := policy(in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	var access []lint.Access
	for _, a := range in.Access {
		if len(a.Actions)+len(a.Resources) == 0 {
			return nil, refused("Specify at least one action or resource in access.")
		}
		access = append(access, lint.Access{Actions: a.Actions, Resources: a.Resources})
	}
	if access == nil {
		return nil, refused("Specify at least one action or resource in access.")
	}
	r, err := lint.CheckAccessNotGranted(text, lint.PolicyType(in.PolicyType), access)
	if err != nil {
		return nil, refused(err.Error())
	}
	return &accessanalyzer.CheckAccessNotGrantedOutput{
		Result: types.CheckAccessNotGrantedResult(result(r)), Message: &r.Message, Reasons: reasons(r),
	}, nil
}

// CheckNoNewAccess says whether a policy grants nothing that another does not.
func (s *Service) CheckNoNewAccess(_ context.Context, in *accessanalyzer.CheckNoNewAccessInput) (*accessanalyzer.CheckNoNewAccessOutput, error) {
	changed, err := policy(in.NewPolicyDocument)
	if err != nil {
		return nil, err
	}
	existing, err := policy(in.ExistingPolicyDocument)
	if err != nil {
		return nil, err
	}
	r, err := lint.CheckNoNewAccess(changed, existing, lint.PolicyType(in.PolicyType))
	if err != nil {
		return nil, refused(err.Error())
	}
	return &accessanalyzer.CheckNoNewAccessOutput{
		Result: types.CheckNoNewAccessResult(result(r)), Message: &r.Message, Reasons: reasons(r),
	}, nil
}

// CheckNoPublicAccess says whether a resource policy grants no public access.
func (s *Service) CheckNoPublicAccess(_ context.Context, in *accessanalyzer.CheckNoPublicAccessInput) (*accessanalyzer.CheckNoPublicAccessOutput, error) {
	text, err := policy(in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	r, err := lint.CheckNoPublicAccess(text)
	if err != nil {
		return nil, refused(err.Error())
	}
	return &accessanalyzer.CheckNoPublicAccessOutput{
		Result: types.CheckNoPublicAccessResult(result(r)), Message: &r.Message, Reasons: reasons(r),
	}, nil
}

func refused(message string) error { return awserr.InvalidParameterException.Errorf("%s", message) }

func result(r lint.Result) string {
	if r.Pass {
		return "PASS"
	}
	return "FAIL"
}

// reasons names the statements that fail, by their Sid and their index.
func reasons(r lint.Result) []types.ReasonSummary {
	list := []types.ReasonSummary{}
	for _, reason := range r.Reasons {
		summary := types.ReasonSummary{Description: aws.String(reason.Description), StatementIndex: number(reason.Index)}
		if reason.Sid != "" {
			summary.StatementId = aws.String(reason.Sid)
		}
		list = append(list, summary)
	}
	return list
}
