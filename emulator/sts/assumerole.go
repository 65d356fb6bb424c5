package sts

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var roles = wire.Ops(
	wire.Op((*Service).AssumeRole, wire.For(assumeRoleNeeds)),
)

// chainedMax caps a session that a role's session asks for ("Roles terms and concepts: Role chaining", IAM User Guide).
const chainedMax = time.Hour

// roleARN is the form of a role's ARN: account, path and name.
var roleARN = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):role/([\x21-\x7e]*/)?([\w+=,.@-]+)$`)

// assumeRoleNeeds: sts:AssumeRole on the role, under its trust policy; with tags, passed or inherited, sts:TagSession,
// and with a source identity sts:SetSourceIdentity as well.
func assumeRoleNeeds(ctx context.Context, s *Service, in *sts.AssumeRoleInput) ([]wire.Need, error) {
	caller := wire.RequestFrom(ctx).Caller
	parts := roleARN.FindStringSubmatch(aws.ToString(in.RoleArn))
	if parts == nil {
		return nil, awserr.ValidationError.Errorf("%s is invalid", aws.ToString(in.RoleArn))
	}
	if caller.Type == authz.Account {
		return nil, awserr.AccessDenied.Errorf("Roles may not be assumed by root accounts.")
	}
	mfa, err := verifyMFA(ctx, s.directory.CheckMFA, caller.Principal, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	tags, err := newSessionTags(in.Tags, in.TransitiveTagKeys, caller.Session)
	if err != nil {
		return nil, err
	}
	source, err := sourceIdentity(in.SourceIdentity, caller.Session)
	if err != nil {
		return nil, err
	}
	role, ok, err := s.directory.RoleByARN(ctx, *in.RoleArn)
	if err != nil {
		return nil, err
	}

	need := wire.Need{Resource: *in.RoleArn, Account: parts[1]}
	keys := roleKeys(role, aws.ToString(in.RoleSessionName), tags, source)
	if in.ExternalId != nil {
		keys["sts:externalid"] = []string{*in.ExternalId}
	}
	if mfa {
		addMFAKeys(keys)
	}
	need.Keys = keys
	if ok {
		need.Policies = []authz.Attached{role.Trust}
	} else {
		need.Veto = "there is no role " + *in.RoleArn + ": are its account id, its path and its name right, in capitals and small letters too?"
	}
	var needs []wire.Need
	for _, action := range sessionActions("sts:AssumeRole", tags, source) {
		n := need
		n.Action = action
		// The same text whether the role refuses or does not exist, so that nobody learns which roles an account has.
		n.Denied = func(authz.Decision) error {
			return awserr.AccessDenied.Errorf("User: %s is not authorized to perform: %s on resource: %s", caller.ARN, action, n.Resource)
		}
		needs = append(needs, n)
	}
	return needs, nil
}

// sessionActions are the actions that a session needs: that of the operation, and those of what the session brings along.
func sessionActions(operation string, tags sessionTags, source string) []string {
	actions := []string{operation}
	if !tags.empty() {
		actions = append(actions, "sts:TagSession")
	}
	if source != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	return actions
}

// roleKeys returns the condition keys of a request for a session of a role. sts:DurationSeconds is not among them: AWS gives
// it to bearer tokens alone ("IAM and AWS STS condition context keys", IAM User Guide).
func roleKeys(role iam.Role, session string, tags sessionTags, source string) authz.Keys {
	keys := authz.Keys{"sts:rolesessionname": {session}}
	if source != "" {
		keys["sts:sourceidentity"] = []string{source}
	}
	for key, value := range role.Tags {
		keys["aws:resourcetag/"+strings.ToLower(key)] = []string{value}
		keys["iam:resourcetag/"+strings.ToLower(key)] = []string{value}
	}
	tags.addKeys(keys)
	return keys
}

// sourceIdentity returns the session's source identity: what the request asks for, or what the calling session has, which
// it cannot change ("Monitor and control actions taken with assumed roles", IAM User Guide).
func sourceIdentity(asked *string, from *wire.Session) (string, error) {
	source := aws.ToString(asked)
	if strings.HasPrefix(strings.ToLower(source), "aws:") {
		return "", awserr.ValidationError.Errorf("SourceIdentity %s is invalid: the prefix aws: is reserved.", source)
	}
	if from == nil || from.SourceIdentity == "" {
		return source, nil
	}
	if source != "" && source != from.SourceIdentity {
		return "", awserr.AccessDenied.Errorf("The source identity of the calling session is already set and cannot be changed.")
	}
	return from.SourceIdentity, nil
}

// AssumeRole returns credentials of a session of a role.
func (s *Service) AssumeRole(ctx context.Context, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	req := wire.RequestFrom(ctx)
	if len(in.ProvidedContexts) > 0 {
		return nil, awserr.NotImplemented.Errorf("xemu does not implement ProvidedContexts of sts:AssumeRole")
	}
	role, ok, err := s.directory.RoleByARN(ctx, *in.RoleArn)
	if err != nil {
		return nil, err
	}
	if !ok { // deleted since it was authorized
		return nil, awserr.AccessDenied.Errorf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", req.Caller.ARN, *in.RoleArn)
	}
	chained := req.Caller.Type == authz.AssumedRole
	duration, err := roleDuration(in.DurationSeconds, role.MaxSessionDuration, chained)
	if err != nil {
		return nil, err
	}
	session := wire.Session{Issued: req.Now, Expires: req.Now.Add(duration), Chained: chained}
	if session.SourceIdentity, err = sourceIdentity(in.SourceIdentity, req.Caller.Session); err != nil {
		return nil, err
	}
	tags, err := newSessionTags(in.Tags, in.TransitiveTagKeys, req.Caller.Session)
	if err != nil {
		return nil, err
	}
	session.Tags, session.TransitiveTagKeys = tags.all()
	made, err := s.start(ctx, roleSession{
		role: role, name: *in.RoleSessionName, session: session, policy: in.Policy, policyARNs: in.PolicyArns, size: in.MinimumSessionTokenSize,
		last: func() error { // another request may have used the code since this one was authorized
			_, err := verifyMFA(ctx, s.directory.UseMFA, req.Caller.Principal, in.SerialNumber, in.TokenCode)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: made.user, Credentials: made.credentials, PackedPolicySize: made.packed, SourceIdentity: made.source,
		SessionTokenSize: made.tokenSize, SessionTokenUtilization: made.tokenUse,
	}, nil
}

// roleDuration returns how long a role's session lasts.
func roleDuration(seconds *int32, longest time.Duration, chained bool) (time.Duration, error) {
	if seconds == nil {
		return time.Hour, nil
	}
	d := time.Duration(*seconds) * time.Second
	if chained && d > chainedMax {
		return 0, awserr.ValidationError.Errorf("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	}
	if d > longest {
		return 0, awserr.ValidationError.Errorf("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return d, nil
}
