package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var preferenceOps = wire.Ops(
	wire.Op((*Service).SetSecurityTokenServicePreferences, anywhere),
)

// preferences are what an account has chosen of IAM.
type preferences struct {
	Account      string
	TokenVersion int32             // of the global STS endpoint's tokens; 0: never chosen
	Properties   map[string]string `json:",omitempty"` // by "Namespace/Name"
}

var accountPreferences = store.NewTable("iam.preferences", func(p *preferences) string { return p.Account })

// SetSecurityTokenServicePreferences chooses the version of the tokens that the global endpoint of STS gives out. Here all
// tokens are valid in all regions, so only GetAccountSummary tells the difference.
func (s *Service) SetSecurityTokenServicePreferences(ctx context.Context, in *iam.SetSecurityTokenServicePreferencesInput) (*iam.SetSecurityTokenServicePreferencesOutput, error) {
	version := int32(1)
	if in.GlobalEndpointTokenVersion == types.GlobalEndpointTokenVersionV2Token {
		version = 2
	}
	err := s.changePreferences(ctx, func(p *preferences) { p.TokenVersion = version })
	return answer(&iam.SetSecurityTokenServicePreferencesOutput{}, err)
}

func (s *Service) changePreferences(ctx context.Context, fn func(*preferences)) error {
	return s.update(ctx, func(tx *store.Tx) error {
		p, _, err := accountPreferences.Get(tx, callerAccount(ctx))
		if err != nil {
			return err
		}
		p.Account = callerAccount(ctx)
		fn(&p)
		return accountPreferences.Put(tx, &p)
	})
}
