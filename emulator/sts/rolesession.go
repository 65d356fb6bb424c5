package sts

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// roleSession is a session of a role that somebody has been authorized for.
type roleSession struct {
	role       iam.Role
	name       string
	session    wire.Session
	policy     *string
	policyARNs []types.PolicyDescriptorType
	size       *int32       // MinimumSessionTokenSize
	last       func() error // is called when nothing else can fail; may be nil
}

// started is what an operation answers of a session that has been made.
type started struct {
	user                *types.AssumedRoleUser
	credentials         *types.Credentials
	packed              *int32
	source              *string
	tokenSize, tokenUse *int32
}

// start makes the credentials of a session.
func (s *Service) start(ctx context.Context, r roleSession) (made started, err error) {
	size, err := minimumTokenSize(r.size)
	if err != nil {
		return made, err
	}
	if r.session.Policy, r.session.PolicyARNs, err = s.sessionPolicies(ctx, r.role.Account, r.policy, r.policyARNs); err != nil {
		return made, err
	}
	if made.packed, err = packedSize(r.session.Policy, r.session.PolicyARNs, r.session.Tags); err != nil {
		return made, err
	}
	if r.last != nil {
		if err := r.last(); err != nil {
			return made, err
		}
	}
	principal := authz.Principal{
		Type:    authz.AssumedRole,
		Account: r.role.Account,
		ARN:     "arn:aws:sts::" + r.role.Account + ":assumed-role/" + r.role.Name + "/" + r.name,
		ID:      r.role.ID + ":" + r.name,
		RoleARN: r.role.ARN, RoleID: r.role.ID,
	}
	if made.credentials, err = s.sealer.issue(ctx, principal, r.session, size); err != nil {
		return made, err
	}
	made.user = &types.AssumedRoleUser{Arn: &principal.ARN, AssumedRoleId: &principal.ID}
	if r.session.SourceIdentity != "" {
		made.source = &r.session.SourceIdentity
	}
	made.tokenSize, made.tokenUse = tokenSizes(made.credentials)
	return made, nil
}
