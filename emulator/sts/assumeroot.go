package sts

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var rootSessions = wire.Ops(
	wire.Op((*Service).AssumeRoot, wire.For(assumeRootNeeds)),
)

// rootSessionMax is how long a session of AssumeRoot lasts, at most and by default (AssumeRoot, STS API Reference).
const rootSessionMax = 900 * time.Second

// rootTarget is what TargetPrincipal may be: the member account's id, or the ARN of its root user.
var rootTarget = regexp.MustCompile(`^(?:arn:aws:iam::)?([0-9]{12})(?::root)?$`)

// taskPolicyPrefix is how the ARNs of the task policies begin.
const taskPolicyPrefix = "arn:aws:iam::aws:policy/root-task/"

// rootTask reads the member account and the task of a request.
func rootTask(in *sts.AssumeRootInput) (member, task string, err error) {
	parts := rootTarget.FindStringSubmatch(aws.ToString(in.TargetPrincipal))
	if parts == nil || strings.HasPrefix(*in.TargetPrincipal, "arn:") != strings.HasSuffix(*in.TargetPrincipal, ":root") {
		return "", "", awserr.ValidationError.Errorf("%s is invalid", aws.ToString(in.TargetPrincipal))
	}
	arn := aws.ToString(in.TaskPolicyArn.Arn)
	task, ok := strings.CutPrefix(arn, taskPolicyPrefix)
	if !ok {
		return "", "", invalidTask(arn)
	}
	return parts[1], task, nil
}

func invalidTask(arn string) error {
	return awserr.ValidationError.Errorf("%s is not a valid task policy for AssumeRoot", arn)
}

// assumeRootNeeds: sts:AssumeRoot on the member's root user, from the management account or the delegated administrator. The
// organization's trust stands here as a policy of the root user, so that the decision names it.
func assumeRootNeeds(ctx context.Context, s *Service, in *sts.AssumeRootInput) ([]wire.Need, error) {
	caller := wire.RequestFrom(ctx).Caller
	if caller.Type == authz.Account {
		return nil, awserr.AccessDenied.Errorf("Root sessions may not be assumed by root accounts.")
	}
	member, task, err := rootTask(in)
	if err != nil {
		return nil, err
	}
	refused, ok, err := s.directory.RootTask(ctx, caller.Account, member, task)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, invalidTask(*in.TaskPolicyArn.Arn)
	}
	resource := "arn:aws:iam::" + member + ":root"
	trust, err := authz.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + caller.Account +
		`"},"Action":"sts:AssumeRoot","Resource":"` + resource + `"}}`)
	return []wire.Need{{
		Action: "sts:AssumeRoot", Resource: resource, Account: member,
		Keys:     authz.Keys{"sts:taskpolicyarn": {*in.TaskPolicyArn.Arn}},
		Policies: []authz.Attached{{Policy: trust, Kind: authz.Resource, Name: "centralized root access", Account: member, To: "root user of " + member}},
		Veto:     refused,
		Denied: func(authz.Decision) error {
			return awserr.AccessDenied.Errorf("User: %s is not authorized to perform: sts:AssumeRoot on resource: %s", caller.ARN, resource)
		},
	}}, err
}

// AssumeRoot returns credentials of a member account's root user that are good for one task.
func (s *Service) AssumeRoot(ctx context.Context, in *sts.AssumeRootInput) (*sts.AssumeRootOutput, error) {
	req := wire.RequestFrom(ctx)
	size, err := minimumTokenSize(in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	member, _, err := rootTask(in)
	if err != nil {
		return nil, err
	}
	duration := rootSessionMax
	if in.DurationSeconds != nil {
		duration = time.Duration(*in.DurationSeconds) * time.Second
	}
	session := wire.Session{Issued: req.Now, Expires: req.Now.Add(duration), TaskPolicy: *in.TaskPolicyArn.Arn}
	if session.SourceIdentity, err = sourceIdentity(nil, req.Caller.Session); err != nil {
		return nil, err
	}
	root := authz.Principal{Type: authz.Account, Account: member, ARN: "arn:aws:iam::" + member + ":root", ID: member}
	credentials, err := s.sealer.issue(ctx, root, session, size)
	if err != nil {
		return nil, err
	}
	out := &sts.AssumeRootOutput{Credentials: credentials}
	if session.SourceIdentity != "" {
		out.SourceIdentity = &session.SourceIdentity
	}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSizes(credentials)
	return out, nil
}
