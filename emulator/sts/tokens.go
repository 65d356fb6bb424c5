package sts

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var tokens = wire.Ops(
	wire.Op((*Service).GetFederationToken, wire.For(federationNeeds)),
	// No permission is needed, and no policy can refuse it ("Permissions for GetSessionToken", IAM User Guide).
	wire.Op((*Service).GetSessionToken, wire.For(openToAll[sts.GetSessionTokenInput])),
)

func openToAll[I any](context.Context, *Service, *I) ([]wire.Need, error) { return nil, nil }

// Durations of the sessions of users ("Compare AWS STS credentials", IAM User Guide).
const (
	userDuration = 12 * time.Hour // unless the request says otherwise
	rootMax      = time.Hour      // of a root user's session, whatever the request says
)

// GetSessionToken returns temporary credentials of the calling user, with the user's permissions.
func (s *Service) GetSessionToken(ctx context.Context, in *sts.GetSessionTokenInput) (*sts.GetSessionTokenOutput, error) {
	req := wire.RequestFrom(ctx)
	if err := Restrict(req.Caller, "sts:GetSessionToken"); err != nil {
		return nil, err
	}
	size, err := minimumTokenSize(in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	mfa, err := verifyMFA(ctx, s.directory.UseMFA, req.Caller.Principal, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	session := wire.Session{Issued: req.Now, Expires: req.Now.Add(userSession(in.DurationSeconds, req.Caller)), MFAAuthenticated: mfa}
	if mfa {
		session.MFATime = req.Now
	}
	credentials, err := s.sealer.issue(ctx, req.Caller.Principal, session, size)
	if err != nil {
		return nil, err
	}
	out := &sts.GetSessionTokenOutput{Credentials: credentials}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSizes(credentials)
	return out, nil
}

func federatedARN(account, name string) string {
	return "arn:aws:sts::" + account + ":federated-user/" + name
}

// federationNeeds: sts:GetFederationToken on the federated user, and with tags sts:TagSession.
func federationNeeds(ctx context.Context, _ *Service, in *sts.GetFederationTokenInput) ([]wire.Need, error) {
	caller := wire.RequestFrom(ctx).Caller
	if err := Restrict(caller, "sts:GetFederationToken"); err != nil {
		return nil, err
	}
	tags, err := newSessionTags(in.Tags, nil, nil)
	if err != nil {
		return nil, err
	}
	keys := authz.Keys{}
	tags.addKeys(keys)
	need := wire.Need{Action: "sts:GetFederationToken", Resource: federatedARN(caller.Account, aws.ToString(in.Name)), Keys: keys}
	if tags.empty() {
		return []wire.Need{need}, nil
	}
	tag := need
	tag.Action = "sts:TagSession"
	return []wire.Need{need, tag}, nil
}

// GetFederationToken returns credentials of a federated user: what both the calling user's policies and the session
// policies allow, so nothing without session policies.
func (s *Service) GetFederationToken(ctx context.Context, in *sts.GetFederationTokenInput) (*sts.GetFederationTokenOutput, error) {
	req := wire.RequestFrom(ctx)
	size, err := minimumTokenSize(in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	tags, err := newSessionTags(in.Tags, nil, nil)
	if err != nil {
		return nil, err
	}
	session := wire.Session{Issued: req.Now, Expires: req.Now.Add(userSession(in.DurationSeconds, req.Caller))}
	session.Tags, _ = tags.all()
	if session.Policy, session.PolicyARNs, err = s.sessionPolicies(ctx, req.Caller.Account, in.Policy, in.PolicyArns); err != nil {
		return nil, err
	}
	packed, err := packedSize(session.Policy, session.PolicyARNs, session.Tags)
	if err != nil {
		return nil, err
	}
	if packed == nil {
		packed = aws.Int32(0) // always given here, unlike in AssumeRole's answer
	}
	principal := authz.Principal{
		Type:      authz.FederatedUser,
		Account:   req.Caller.Account,
		ARN:       federatedARN(req.Caller.Account, *in.Name),
		ID:        req.Caller.Account + ":" + *in.Name,
		IssuerARN: req.Caller.ARN,
	}
	credentials, err := s.sealer.issue(ctx, principal, session, size)
	if err != nil {
		return nil, err
	}
	out := &sts.GetFederationTokenOutput{
		Credentials:      credentials,
		FederatedUser:    &types.FederatedUser{Arn: &principal.ARN, FederatedUserId: &principal.ID},
		PackedPolicySize: packed,
	}
	out.SessionTokenSize, out.SessionTokenUtilization = tokenSizes(credentials)
	return out, nil
}

// userSession returns how long the session of a user, or of one that a user federates, lasts.
func userSession(seconds *int32, caller wire.Caller) time.Duration {
	d := userDuration
	if seconds != nil {
		d = time.Duration(*seconds) * time.Second
	}
	if caller.Type == authz.Account {
		d = min(d, rootMax)
	}
	return d
}

// minimumTokenSize checks MinimumSessionTokenSize.
func minimumTokenSize(size *int32) (int, error) {
	n := int(aws.ToInt32(size))
	switch {
	case n < 0:
		return 0, awserr.ValidationError.Errorf("1 validation error detected: Value '%d' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value greater than or equal to 0", n)
	case n > maxTokenSize:
		return 0, awserr.ValidationError.Errorf("1 validation error detected: Value '%d' at 'minimumSessionTokenSize' failed to satisfy constraint: Member must have value less than or equal to %d", n, maxTokenSize)
	}
	return n, nil
}

// tokenSizes returns the size of the token in bytes, and in percent of the largest.
func tokenSizes(c *types.Credentials) (size, utilization *int32) {
	n := len(*c.SessionToken)
	return aws.Int32(int32(n)), aws.Int32(int32(min(100, (n*100+maxTokenSize-1)/maxTokenSize)))
}
