package sts

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"context"
	"crypto/sha1" //nolint:gosec // as documented
	"encoding/base64"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/saml"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var samlUsers = wire.Ops(
	wire.Op((*Service).AssumeRoleWithSAML, wire.For(samlNeeds)),
)

// redeemWithin is how long after its making an assertion may be used (AssumeRoleWithSAML, STS API Reference).
const redeemWithin = 5 * time.Minute

// recipients are where an assertion may be meant to be brought: the global endpoint or a region's ("Configure SAML assertions
// for the authentication response", IAM User Guide).
var recipients = regexp.MustCompile(`^https://([a-z]{2}(-[a-z]+)+-[0-9]+\.)?signin\.aws\.amazon\.com/saml(/acs/[A-Za-z0-9]+)?$`)

// audience is the other name that an assertion may have AWS as its audience by.
const audience = "urn:amazon:webservices"

// samlUser is a federated user with the assertion.
type samlUser struct {
	*federated
	assertion                                *saml.Assertion
	subjectType, recipient, qualifier, named string
}

// samlNeeds verifies the response, which must come from the provider of PrincipalArn.
func samlNeeds(ctx context.Context, s *Service, in *sts.AssumeRoleWithSAMLInput) ([]wire.Need, error) {
	account, err := accountOfRole(in.RoleArn)
	if err != nil {
		return nil, err
	}
	provider, ok, err := s.directory.SAMLProvider(ctx, aws.ToString(in.PrincipalArn))
	if err != nil {
		return nil, err
	}
	if !ok || provider.Account != account {
		return nil, awserr.InvalidIdentityToken.Errorf("Specified provider doesn't exist")
	}
	assertion, err := provider.Verify(aws.ToString(in.SAMLAssertion))
	if err != nil {
		return nil, samlError(err)
	}
	req := wire.RequestFrom(ctx)
	user, err := newSAMLUser(provider, assertion, *in.RoleArn, req.Now)
	if err != nil {
		return nil, err
	}
	needs, err := s.needs(ctx, user.federated, account, *in.RoleArn)
	req.Memo = user
	return needs, err
}

// samlError words what is wrong with a response ("Troubleshoot SAML federation with IAM", IAM User Guide).
func samlError(err error) error {
	text := "Invalid SAML response"
	switch {
	case errors.Is(err, saml.ErrRejected):
		return awserr.IDPRejectedClaim.Errorf("The identity provider reported that authentication failed.")
	case errors.Is(err, saml.ErrSignature):
		text = "Response signature invalid"
	case errors.Is(err, saml.ErrIssuer):
		text = "Issuer not present in specified provider"
	case errors.Is(err, saml.ErrDecrypt):
		text = "The encrypted assertion could not be decrypted with the private keys of the provider"
	case errors.Is(err, saml.ErrPlain):
		text = "The assertion must be encrypted"
	}
	return awserr.InvalidIdentityToken.Errorf("%s", text)
}

// newSAMLUser checks what a verified assertion says.
func newSAMLUser(p iam.SAMLProvider, a *saml.Assertion, roleARN string, now time.Time) (*samlUser, error) {
	u := &samlUser{assertion: a, federated: &federated{action: "sts:AssumeRoleWithSAML"}}
	if a.Subject.NameID == nil {
		return nil, u.refused()
	}
	u.named = strings.TrimSpace(a.Subject.NameID.Value)
	if err := u.checkUse(now); err != nil {
		return nil, err
	}
	pair := slices.ContainsFunc(a.Values("Role"), func(value string) bool {
		one, other, _ := strings.Cut(value, ",")
		one, other = strings.TrimSpace(one), strings.TrimSpace(other)
		return one == roleARN && other == p.ARN || other == roleARN && one == p.ARN
	})
	if !pair {
		return nil, awserr.InvalidIdentityToken.Errorf("SAML Assertion doesn't contain the requested Role and Metadata in the attributes")
	}
	if err := u.readSession(now); err != nil {
		return nil, err
	}
	u.subjectType = strings.TrimPrefix(a.Subject.NameID.Format, "urn:oasis:names:tc:SAML:2.0:nameid-format:")
	sum := sha1.Sum([]byte(a.Issuer + p.Account + "/" + p.Name))
	u.qualifier = base64.StdEncoding.EncodeToString(sum[:])
	u.principal = authz.Principal{Type: authz.Federated, Federated: p.ARN, Name: u.named, ID: u.qualifier + ":" + u.named}
	u.session.Keys = map[string][]string{"saml:namequalifier": {u.qualifier}, "saml:sub": {u.named}}
	if u.subjectType != "" {
		u.session.Keys["saml:sub_type"] = []string{u.subjectType}
	}
	u.keys = a.ConditionKeys()
	for key, value := range u.session.Keys {
		u.keys[key] = value
	}
	u.keys["saml:aud"] = []string{u.recipient}
	u.keys["saml:iss"] = []string{a.Issuer}
	u.keys["saml:doc"] = []string{p.Account + "/" + p.Name}
	return u, nil
}

// checkUse checks that the assertion is meant for AWS and for now.
func (u *samlUser) checkUse(now time.Time) error {
	a := u.assertion
	if len(a.Subject.Confirmations) != 1 || a.Subject.Confirmations[0].Method != saml.Bearer || a.Subject.Confirmations[0].Data == nil {
		return awserr.InvalidIdentityToken.Errorf("Invalid SAML response")
	}
	data := a.Subject.Confirmations[0].Data
	u.recipient = data.Recipient
	switch {
	case !recipients.MatchString(data.Recipient):
		return awserr.InvalidIdentityToken.Errorf("Response does not contain the required recipient")
	case !slices.ContainsFunc(a.Audiences(), func(who string) bool { return who == audience || recipients.MatchString(who) }):
		return awserr.InvalidIdentityToken.Errorf("Response does not contain the required audience")
	case data.NotOnOrAfter == nil:
		return awserr.InvalidIdentityToken.Errorf("Invalid SAML response")
	case now.After(a.IssueInstant.Add(redeemWithin)):
		return awserr.ExpiredIdentityToken.Errorf("Token must be redeemed within 5 minutes of issuance")
	case !now.Before(*data.NotOnOrAfter), a.Conditions.NotOnOrAfter != nil && !now.Before(*a.Conditions.NotOnOrAfter):
		return awserr.ExpiredIdentityToken.Errorf("Token has expired")
	case a.IssueInstant.After(now.Add(redeemWithin)), a.Conditions.NotBefore != nil && a.Conditions.NotBefore.After(now.Add(redeemWithin)):
		return awserr.InvalidIdentityToken.Errorf("Token is not valid yet")
	}
	return nil
}

// readSession reads what the session is to be like.
func (u *samlUser) readSession(now time.Time) (err error) {
	a := u.assertion
	switch u.name = a.Value("RoleSessionName"); {
	case u.name == "":
		return awserr.InvalidIdentityToken.Errorf("RoleSessionName is required in AuthnResponse")
	case !isSessionName(u.name):
		return awserr.InvalidIdentityToken.Errorf("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
	}
	u.source = a.Value("SourceIdentity")
	if err := providerSource(u.source); err != nil {
		return err
	}
	if u.tags, err = providerTags(a.PrincipalTags(), a.Values("TransitiveTagKeys")); err != nil {
		return err
	}
	if text := a.Value("SessionDuration"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 900 || seconds > 43200 {
			return awserr.InvalidIdentityToken.Errorf("SessionDuration in AuthnResponse must be a number from 900 to 43200")
		}
		u.longest = time.Duration(seconds) * time.Second
	}
	for _, login := range a.Logins {
		if login.SessionNotOnOrAfter == nil {
			continue
		}
		left := login.SessionNotOnOrAfter.Sub(now)
		if left <= 0 {
			return awserr.ExpiredIdentityToken.Errorf("Token has expired")
		}
		if u.longest == 0 || left < u.longest {
			u.longest = left
		}
	}
	return nil
}

// AssumeRoleWithSAML returns credentials of a session of a role for the subject of an assertion.
func (s *Service) AssumeRoleWithSAML(ctx context.Context, in *sts.AssumeRoleWithSAMLInput) (*sts.AssumeRoleWithSAMLOutput, error) {
	who := wire.RequestFrom(ctx).Memo.(*samlUser)
	made, err := s.assume(ctx, who.federated, in.DurationSeconds, roleSession{
		policy: in.Policy, policyARNs: in.PolicyArns, size: in.MinimumSessionTokenSize,
	})
	if err != nil {
		return nil, err
	}
	return &sts.AssumeRoleWithSAMLOutput{
		AssumedRoleUser: made.user, Credentials: made.credentials, PackedPolicySize: made.packed, SourceIdentity: made.source,
		SessionTokenSize: made.tokenSize, SessionTokenUtilization: made.tokenUse,
		Subject: &who.named, SubjectType: &who.subjectType, Issuer: &who.assertion.Issuer, Audience: &who.recipient, NameQualifier: &who.qualifier,
	}, nil
}
