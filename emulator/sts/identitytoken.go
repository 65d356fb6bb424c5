package sts

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/go-jose/go-jose/v4"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/oidc"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var identityTokens = wire.Ops(
	wire.Op((*Service).GetWebIdentityToken, wire.For(identityTokenNeeds)),
)

// identityTokenSeconds is how long an account's own token lasts unless the request says otherwise (GetWebIdentityToken, STS
// API Reference).
const identityTokenSeconds = 300

// identityTokenNeeds: sts:GetWebIdentityToken, and with tags sts:TagGetWebIdentityToken.
func identityTokenNeeds(_ context.Context, _ *Service, in *sts.GetWebIdentityTokenInput) ([]wire.Need, error) {
	tags, err := newSessionTags(in.Tags, nil, nil)
	if err != nil {
		return nil, err
	}
	keys := authz.Keys{
		"sts:identitytokenaudience": in.Audience,
		"sts:signingalgorithm":      {aws.ToString(in.SigningAlgorithm)},
		"sts:durationseconds":       {strconv.Itoa(identityTokenDuration(in))},
	}
	tags.addKeys(keys)
	need := wire.Need{Action: "sts:GetWebIdentityToken", Resource: "*", Keys: keys}
	if tags.empty() {
		return []wire.Need{need}, nil
	}
	tag := need
	tag.Action = "sts:TagGetWebIdentityToken"
	return []wire.Need{need, tag}, nil
}

func identityTokenDuration(in *sts.GetWebIdentityTokenInput) int {
	if in.DurationSeconds == nil {
		return identityTokenSeconds
	}
	return int(*in.DurationSeconds)
}

// identityClaims are AWS's own claims, in one claim of the token ("Understanding token claims", IAM User Guide).
type identityClaims struct {
	Account           string            `json:"aws_account"`
	Region            string            `json:"source_region"`
	PrincipalID       string            `json:"principal_id"`
	Organization      string            `json:"org_id,omitempty"`
	OrgPath           []string          `json:"ou_path,omitempty"`
	PrincipalTags     map[string]string `json:"principal_tags,omitempty"`
	RequestTags       map[string]string `json:"request_tags,omitempty"`
	SessionExpires    string            `json:"original_session_exp,omitempty"`
	SourceIdentity    string            `json:"source_identity,omitempty"`
	FederatedProvider string            `json:"federated_provider,omitempty"`
}

const identityClaim = "https://sts.amazonaws.com/"

// maxIdentityClaims bounds the claims. AWS documents the error and not the number.
const maxIdentityClaims = 16 << 10

// GetWebIdentityToken returns a token that says who the caller is, for services elsewhere.
func (s *Service) GetWebIdentityToken(ctx context.Context, in *sts.GetWebIdentityTokenInput) (*sts.GetWebIdentityTokenOutput, error) {
	req := wire.RequestFrom(ctx)
	issuer, ok, err := s.directory.OutboundIssuer(ctx, req.Caller.Account)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, awserr.OutboundWebIdentityFederationDisabled.Errorf("The outbound web identity federation feature is not enabled for this account. To use this feature, you must first enable it through the AWS Management Console or API.")
	}
	algorithm := jose.SignatureAlgorithm(aws.ToString(in.SigningAlgorithm))
	if algorithm != jose.RS256 && algorithm != jose.ES384 {
		return nil, awserr.ValidationError.Errorf("1 validation error detected: Value '%s' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [RS256, ES384]", algorithm)
	}
	lifetime := time.Duration(identityTokenDuration(in)) * time.Second
	if session := req.Caller.Session; session != nil && req.Now.Add(lifetime).After(session.Expires) {
		return nil, awserr.SessionDurationEscalation.Errorf("The requested token duration would extend the session beyond its original expiration time. You cannot use this operation to extend the lifetime of a session beyond what was granted when the session was originally created.")
	}
	claims, err := s.identityClaims(ctx, in)
	if err != nil {
		return nil, err
	}
	now := req.Now.Truncate(time.Second)
	token, err := s.issuer.Token(oidc.Request{
		Issuer: issuer, Subject: subjectARN(req.Caller), Audience: in.Audience, Lifetime: lifetime,
		Claims: map[string]any{"jti": ids.NewRequestID(), identityClaim: claims},
	}, algorithm, now)
	if err != nil {
		return nil, err
	}
	return &sts.GetWebIdentityTokenOutput{WebIdentityToken: &token, Expiration: aws.Time(now.Add(lifetime))}, nil
}

// subjectARN is the ARN of who asks: of a session its role's.
func subjectARN(caller wire.Caller) string {
	if caller.Type == authz.AssumedRole {
		return caller.RoleARN
	}
	return caller.ARN
}

func (s *Service) identityClaims(ctx context.Context, in *sts.GetWebIdentityTokenInput) (json.RawMessage, error) {
	req := wire.RequestFrom(ctx)
	standing, err := s.standing(ctx, req.Caller)
	if err != nil {
		return nil, err
	}
	c := identityClaims{
		Account: req.Caller.Account, Region: req.Region, PrincipalID: subjectARN(req.Caller), Organization: standing.Organization,
		PrincipalTags: standing.Tags,
	}
	if standing.OrgPath != "" {
		c.OrgPath = []string{standing.OrgPath}
	}
	if s := req.Caller.Session; s != nil {
		c.SessionExpires, c.SourceIdentity = s.Expires.UTC().Format(time.RFC3339), s.SourceIdentity
		if s.Federation != nil {
			c.FederatedProvider = s.Federation.Provider
		}
	}
	for _, tag := range in.Tags {
		if c.RequestTags == nil {
			c.RequestTags = map[string]string{}
		}
		c.RequestTags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	text, err := json.Marshal(c)
	if err == nil && len(text)+len(strings.Join(in.Audience, "")) > maxIdentityClaims {
		err = awserr.JWTPayloadSizeExceeded.Errorf("The requested token payload size exceeds the maximum allowed size. Reduce the number of request tags included in the GetWebIdentityToken API call to reduce the token payload size.")
	}
	return text, err
}
