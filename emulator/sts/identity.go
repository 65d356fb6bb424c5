package sts

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var identity = wire.Ops(
	// No permission is needed; a policy that denies it has no effect (GetCallerIdentity, STS API Reference).
	wire.Op((*Service).GetCallerIdentity, wire.For(openToAll[sts.GetCallerIdentityInput])),
	wire.Op((*Service).GetAccessKeyInfo, wire.For(keyInfoNeeds)),
)

// GetCallerIdentity says who the caller is.
func (s *Service) GetCallerIdentity(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	caller := wire.RequestFrom(ctx).Caller
	return &sts.GetCallerIdentityOutput{Account: &caller.Account, Arn: &caller.ARN, UserId: &caller.ID}, nil
}

func keyInfoNeeds(context.Context, *Service, *sts.GetAccessKeyInfoInput) ([]wire.Need, error) {
	return []wire.Need{{Action: "sts:GetAccessKeyInfo", Resource: "*"}}, nil
}

// GetAccessKeyInfo returns the account that an access key id belongs to, anybody's. The id itself says it; keys that a
// world file brought along may say another account than theirs, so the table goes first.
func (s *Service) GetAccessKeyInfo(ctx context.Context, in *sts.GetAccessKeyInfoInput) (*sts.GetAccessKeyInfoOutput, error) {
	credential, ok, err := s.directory.Credential(ctx, *in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	account := credential.Account
	if id := *in.AccessKeyId; !ok && (strings.HasPrefix(id, ids.AccessKey) || strings.HasPrefix(id, ids.SessionKey)) {
		account, ok = ids.AccountOf(id)
	}
	if !ok {
		return nil, awserr.ValidationError.Errorf("The access key ID %s is invalid", *in.AccessKeyId)
	}
	return &sts.GetAccessKeyInfoOutput{Account: &account}, nil
}
