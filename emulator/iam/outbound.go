package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var outboundOps = wire.Ops(
	wire.Op((*Service).EnableOutboundWebIdentityFederation, anywhere),
	wire.Op((*Service).DisableOutboundWebIdentityFederation, anywhere),
	wire.Op((*Service).GetOutboundWebIdentityFederationInfo, anywhere),
)

// outbound says whether principals of an account may get tokens of their own, and who issues them. The issuer stays the
// account's when the feature is disabled, and is the same when it is enabled again.
type outbound struct {
	Account string
	Issuer  string // a UUID: the host name's first label
	Enabled bool
}

var outbounds = store.NewTable("iam.outbound", func(o *outbound) string { return o.Account },
	store.Index[outbound]{Name: "issuer", Keys: func(o *outbound) []string { return []string{o.Issuer} }})

// outboundDomain is where the issuers of accounts are.
const outboundDomain = ".tokens.sts.global.api.aws"

func (o *outbound) url() string { return "https://" + o.Issuer + outboundDomain }

// EnableOutboundWebIdentityFederation lets principals of the account call sts:GetWebIdentityToken.
func (s *Service) EnableOutboundWebIdentityFederation(ctx context.Context, _ *iam.EnableOutboundWebIdentityFederationInput) (*iam.EnableOutboundWebIdentityFederationOutput, error) {
	account := callerAccount(ctx)
	out := &iam.EnableOutboundWebIdentityFederationOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		o, known, err := outbounds.Get(tx, account)
		switch {
		case err != nil:
			return err
		case o.Enabled:
			return awserr.FeatureEnabled.Errorf("Outbound identity federation is already enabled for your AWS account.")
		case !known:
			o = outbound{Account: account, Issuer: ids.NewRequestID()}
		}
		o.Enabled = true
		out.IssuerIdentifier = ptr(o.url())
		return outbounds.Put(tx, &o)
	})
	return answer(out, err)
}

func featureDisabled() error {
	return awserr.FeatureDisabled.Errorf("Outbound identity federation is disabled for your AWS account.")
}

// DisableOutboundWebIdentityFederation ends that. Tokens that were issued stay good.
func (s *Service) DisableOutboundWebIdentityFederation(ctx context.Context, _ *iam.DisableOutboundWebIdentityFederationInput) (*iam.DisableOutboundWebIdentityFederationOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		o, _, err := outbounds.Get(tx, callerAccount(ctx))
		if err != nil {
			return err
		}
		if !o.Enabled {
			return featureDisabled()
		}
		o.Enabled = false
		return outbounds.Put(tx, &o)
	})
	return answer(&iam.DisableOutboundWebIdentityFederationOutput{}, err)
}

// GetOutboundWebIdentityFederationInfo returns the account's issuer.
func (s *Service) GetOutboundWebIdentityFederationInfo(ctx context.Context, _ *iam.GetOutboundWebIdentityFederationInfoInput) (*iam.GetOutboundWebIdentityFederationInfoOutput, error) {
	url, ok, err := s.OutboundIssuer(ctx, callerAccount(ctx))
	if err == nil && !ok {
		err = featureDisabled()
	}
	return answer(&iam.GetOutboundWebIdentityFederationInfoOutput{IssuerIdentifier: &url, JwtVendingEnabled: true}, err)
}

// OutboundIssuer returns the URL of the issuer of an account's own tokens; ok is false while the feature is disabled.
func (s *Service) OutboundIssuer(ctx context.Context, account string) (url string, ok bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		o, _, err := outbounds.Get(tx, account)
		url, ok = o.url(), o.Enabled
		return err
	})
	return url, ok, err
}

// IsOutboundIssuer reports whether an account has the issuer of that UUID, and returns its URL.
func (s *Service) IsOutboundIssuer(ctx context.Context, id string) (url string, ok bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		o, known, err := first(outbounds.ByIndex(tx, "issuer", id))
		url, ok = o.url(), known
		return err
	})
	return url, ok, err
}
