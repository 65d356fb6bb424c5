package sts

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var delegated = wire.Ops(
	wire.Op((*Service).GetDelegatedAccessToken, wire.For(delegatedNeeds)),
)

func delegatedNeeds(context.Context, *Service, *sts.GetDelegatedAccessTokenInput) ([]wire.Need, error) {
	return []wire.Need{{Action: "sts:GetDelegatedAccessToken", Resource: "*"}}, nil
}

// GetDelegatedAccessToken trades the token of a delegation request in for credentials of who accepted it, which can do what
// was asked for and no more, until the session's end.
func (s *Service) GetDelegatedAccessToken(ctx context.Context, in *sts.GetDelegatedAccessTokenInput) (*sts.GetDelegatedAccessTokenOutput, error) {
	req := wire.RequestFrom(ctx)
	granted, ok, err := s.directory.Delegated(ctx, aws.ToString(in.TradeInToken))
	switch {
	case err != nil:
		return nil, err
	case !ok || granted.Requestor != req.Caller.Account:
		return nil, awserr.AccessDenied.Errorf("The trade-in token is not valid for account %s.", req.Caller.Account)
	case !req.Now.Before(granted.Ends):
		return nil, awserr.ExpiredTradeInToken.Errorf("The trade-in token has expired.")
	}
	c, err := s.sealer.issue(ctx, granted.As, wire.Session{
		Issued: req.Now, Expires: granted.Ends, Policy: granted.Policy, Delegated: true,
	}, 0)
	if err != nil {
		return nil, err
	}
	return &sts.GetDelegatedAccessTokenOutput{AssumedPrincipal: &granted.As.ARN, Credentials: c}, nil
}
