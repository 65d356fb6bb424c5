package sts

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/oidc"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var webIdentities = wire.Ops(
	wire.Op((*Service).AssumeRoleWithWebIdentity, wire.For(webIdentityNeeds)),
)

// builtIn are the OpenID Connect providers that AWS knows without a provider in IAM; trust policies name them so.
var builtIn = []string{"accounts.google.com", "cognito-identity.amazonaws.com"}

// accessTokenProviders are those whose OAuth 2.0 access tokens AWS takes (ProviderId).
var accessTokenProviders = []string{"www.amazon.com", "graph.facebook.com"}

// webIdentityNeeds verifies the token, whose issuer must be a provider of the role's account.
func webIdentityNeeds(ctx context.Context, s *Service, in *sts.AssumeRoleWithWebIdentityInput) ([]wire.Need, error) {
	account, err := accountOfRole(in.RoleArn)
	if err != nil {
		return nil, err
	}
	if id := aws.ToString(in.ProviderId); id != "" {
		if slices.Contains(accessTokenProviders, id) {
			return nil, awserr.NotImplemented.Errorf("xemu does not implement access tokens of %s, which only %s can verify.", id, id)
		}
		return nil, awserr.InvalidIdentityToken.Errorf("Specified provider doesn't exist")
	}
	token, err := oidc.Parse(aws.ToString(in.WebIdentityToken))
	if err != nil {
		return nil, err
	}
	provider, check, err := s.provider(ctx, account, token.Issuer)
	if err != nil {
		return nil, err
	}
	if err := s.verifier.Verify(ctx, token, check, wire.RequestFrom(ctx).Now); err != nil {
		return nil, err
	}
	who, err := newWebIdentity(token, provider, in)
	if err != nil {
		return nil, err
	}
	needs, err := s.needs(ctx, who.federated, account, *in.RoleArn)
	wire.RequestFrom(ctx).Memo = who
	return needs, err
}

// newWebIdentity reads what a verified token says of its subject and of the session.
func newWebIdentity(token *oidc.Token, provider string, in *sts.AssumeRoleWithWebIdentityInput) (*webIdentity, error) {
	who := &federated{
		action: "sts:AssumeRoleWithWebIdentity",
		principal: authz.Principal{
			Type: authz.Federated, Federated: provider, Name: token.Subject(), ID: provider + ":" + token.Audience() + ":" + token.Subject(),
		},
		keys: token.TrustKeys(), name: aws.ToString(in.RoleSessionName), source: token.SourceIdentity(),
		session: wire.Federation{Provider: provider, Keys: token.SessionKeys()},
	}
	if err := providerSource(who.source); err != nil {
		return nil, err
	}
	pairs, transitive, err := token.Tags()
	if err != nil {
		return nil, err
	}
	if who.tags, err = providerTags(pairs, transitive); err != nil {
		return nil, err
	}
	roles, says := token.Roles()
	if says && !slices.Contains(roles, *in.RoleArn) { // whatever the role's trust policy says
		return nil, awserr.InvalidIdentityToken.Errorf("The target role ARN is not present in the roles claim of the identity token")
	}
	who.keys["sts:roleauthorizedbyidp"] = []string{strconv.FormatBool(says)}
	return &webIdentity{who, token}, nil
}

// webIdentity is a federated user with the token.
type webIdentity struct {
	*federated
	token *oidc.Token
}

// provider returns how trust policies name the provider of an issuer in an account, and what its tokens must stand up to.
func (s *Service) provider(ctx context.Context, account, issuer string) (name string, check oidc.Check, err error) {
	name = oidc.Name(issuer)
	if slices.Contains(builtIn, name) {
		return name, oidc.Check{AnyAudience: true}, nil
	}
	p, ok, err := s.directory.OIDCProvider(ctx, account, name)
	if err == nil && !ok {
		err = awserr.InvalidIdentityToken.Errorf("No OpenIDConnect provider found in your account for %s", issuer)
	}
	return p.ARN, oidc.Check{ClientIDs: p.ClientIDs, Thumbprints: p.Thumbprints}, err
}

// AssumeRoleWithWebIdentity returns credentials of a session of a role for the subject of a token.
func (s *Service) AssumeRoleWithWebIdentity(ctx context.Context, in *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	who := wire.RequestFrom(ctx).Memo.(*webIdentity)
	made, err := s.assume(ctx, who.federated, in.DurationSeconds, roleSession{
		policy: in.Policy, policyARNs: in.PolicyArns, size: in.MinimumSessionTokenSize,
	})
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleWithWebIdentityOutput{
		AssumedRoleUser: made.user, Credentials: made.credentials, PackedPolicySize: made.packed, SourceIdentity: made.source,
		SessionTokenSize: made.tokenSize, SessionTokenUtilization: made.tokenUse,
		SubjectFromWebIdentityToken: aws.String(who.token.Subject()), Audience: aws.String(who.token.Audience()),
		Provider: aws.String(who.principal.Federated),
	}, nil
}
