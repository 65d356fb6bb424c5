package sts_test

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/sts"
	"github.com/xemu-aws/xemu/emulator/wire"
)

const denyEverything = `{"Effect":"Deny","Action":"*","Resource":"*"}`

// TestOpenToAll: two operations need no permission, and no Deny refuses them.
func TestOpenToAll(t *testing.T) {
	w := newWorld(t)
	alice := w.user(development, "alice", denyEverything)
	who := do[api.GetCallerIdentityOutput](alice, "GetCallerIdentity", &api.GetCallerIdentityInput{})
	if *who.Account != development || *who.Arn != alice.caller.ARN || *who.UserId != "AIDAALICE" {
		t.Errorf("%s %s %s", *who.Account, *who.Arn, *who.UserId)
	}
	c := do[api.GetSessionTokenOutput](alice, "GetSessionToken", &api.GetSessionTokenInput{}).Credentials
	if p := alice.session(c).caller.Principal; p != alice.caller.Principal {
		t.Errorf("the session's principal is %+v", p)
	}
}

func TestDurations(t *testing.T) {
	for name, test := range map[string]struct {
		root    bool
		seconds *int32
		want    time.Duration
	}{
		"user":           {false, nil, 12 * time.Hour},
		"user, short":    {false, aws.Int32(900), 15 * time.Minute},
		"user, longest":  {false, aws.Int32(129600), 36 * time.Hour},
		"root":           {true, nil, time.Hour},
		"root, short":    {true, aws.Int32(900), 15 * time.Minute},
		"root, too long": {true, aws.Int32(129600), time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			a := w.user(development, "alice", allowSTS)
			if test.root {
				a = w.root(development)
			}
			session := do[api.GetSessionTokenOutput](a, "GetSessionToken", &api.GetSessionTokenInput{DurationSeconds: test.seconds})
			if got := session.Credentials.Expiration.Sub(now); got != test.want {
				t.Errorf("GetSessionToken: %s, want %s", got, test.want)
			}
			federated := do[api.GetFederationTokenOutput](a, "GetFederationToken", &api.GetFederationTokenInput{Name: aws.String("carol"), DurationSeconds: test.seconds})
			if got := federated.Credentials.Expiration.Sub(now); got != test.want {
				t.Errorf("GetFederationToken: %s, want %s", got, test.want)
			}
		})
	}
}

func TestGetFederationToken(t *testing.T) {
	w := newWorld(t)
	alice := w.user(development, "alice", `{"Effect":"Allow","Action":["sts:GetFederationToken","sts:TagSession"],"Resource":"arn:aws:sts::444455556666:federated-user/carol"}`)
	text := policyText(readOneThing)
	out := do[api.GetFederationTokenOutput](alice, "GetFederationToken", &api.GetFederationTokenInput{
		Name: aws.String("carol"), Policy: &text, Tags: tags("Team", "red"),
	})
	if *out.FederatedUser.Arn != "arn:aws:sts::444455556666:federated-user/carol" || *out.FederatedUser.FederatedUserId != "444455556666:carol" {
		t.Errorf("%s %s", *out.FederatedUser.Arn, *out.FederatedUser.FederatedUserId)
	}
	carol := alice.session(out.Credentials).caller
	want := authz.Principal{
		Type: authz.FederatedUser, Account: development, ARN: "arn:aws:sts::444455556666:federated-user/carol", ID: "444455556666:carol",
		IssuerARN: "arn:aws:iam::444455556666:user/alice",
	}
	if carol.Principal != want || carol.Session.Policy != text || !maps.Equal(carol.Session.Tags, map[string]string{"Team": "red"}) {
		t.Errorf("%+v, session %+v", carol.Principal, carol.Session)
	}
	if *out.PackedPolicySize < 1 {
		t.Errorf("packed size %d", *out.PackedPolicySize)
	}
	bare := do[api.GetFederationTokenOutput](alice, "GetFederationToken", &api.GetFederationTokenInput{Name: aws.String("carol")})
	if bare.PackedPolicySize == nil || *bare.PackedPolicySize != 0 {
		t.Errorf("packed size of nothing: %v", bare.PackedPolicySize)
	}
}

func TestGetFederationTokenDenied(t *testing.T) {
	w := newWorld(t)
	nobody := w.user(development, "nobody")
	if _, err := nobody.call("GetFederationToken", &api.GetFederationTokenInput{Name: aws.String("carol")}); !errors.Is(err, awserr.AccessDenied) {
		t.Errorf("without a permission: %v", err)
	}
	alice := w.user(development, "alice", `{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"*"}`)
	if _, err := alice.call("GetFederationToken", &api.GetFederationTokenInput{Name: aws.String("carol"), Tags: tags("a", "b")}); !errors.Is(err, awserr.AccessDenied) {
		t.Errorf("tags without sts:TagSession: %v", err)
	}
	alice.refused("GetFederationToken", &api.GetFederationTokenInput{Name: aws.String("carol"), Tags: tags("a", "b", "A", "c")},
		"InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

func TestMFAParameters(t *testing.T) {
	w := newWorld(t)
	w.user(development, "alice").refused("GetSessionToken",
		&api.GetSessionTokenInput{SerialNumber: aws.String("arn:aws:iam::444455556666:mfa/alice"), TokenCode: aws.String("123456")}, "AccessDenied",
		"MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	w.user(development, "alice").refused("GetSessionToken",
		&api.GetSessionTokenInput{SerialNumber: aws.String("arn:aws:iam::444455556666:mfa/alice")}, "AccessDenied",
		"MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
}

// TestSessionsMakeNoTokens calls with session credentials what only long-term ones may call.
func TestSessionsMakeNoTokens(t *testing.T) {
	w := newWorld(t)
	alice := w.user(development, "alice", allowSTS)
	arn := w.role(production, "/", "R", trustAll)
	for name, session := range map[string]actor{
		"GetSessionToken":    alice.session(do[api.GetSessionTokenOutput](alice, "GetSessionToken", &api.GetSessionTokenInput{}).Credentials),
		"AssumeRole":         alice.session(do[api.AssumeRoleOutput](alice, "AssumeRole", assume(arn)).Credentials),
		"GetFederationToken": alice.session(do[api.GetFederationTokenOutput](alice, "GetFederationToken", &api.GetFederationTokenInput{Name: aws.String("carol")}).Credentials),
	} {
		t.Run("of "+name, func(t *testing.T) {
			session.w = &world{t: t, sts: w.sts, now: now}
			session.refused("GetSessionToken", &api.GetSessionTokenInput{}, "AccessDenied", "Cannot call GetSessionToken with session credentials")
			session.refused("GetFederationToken", &api.GetFederationTokenInput{Name: aws.String("dave")}, "AccessDenied",
				"Cannot call GetFederationToken with session credentials")
		})
	}
}

func TestRestrict(t *testing.T) {
	caller := func(kind authz.PrincipalType, change ...func(*wire.Session)) wire.Caller {
		s := &wire.Session{}
		for _, c := range change {
			c(s)
		}
		return wire.Caller{Principal: authz.Principal{Type: kind}, Session: s}
	}
	longTerm := wire.Caller{Principal: authz.Principal{Type: authz.User}}
	withMFA := func(s *wire.Session) { s.MFAAuthenticated = true }
	console := func(s *wire.Session) { s.Console = true }
	const ok, unknown = "", "InvalidClientTokenId"
	for name, test := range map[string]struct {
		caller wire.Caller
		want   map[string]string // code by action
	}{
		"user": {longTerm, map[string]string{"iam:GetUser": ok, "sts:GetSessionToken": ok, "sts:GetFederationToken": ok, "sts:AssumeRole": ok}},
		"session token": {caller(authz.User), map[string]string{
			"iam:GetUser": unknown, "IAM:ListUsers": unknown, "s3:GetObject": ok, "sts:AssumeRole": ok, "sts:GetCallerIdentity": ok, "sts:TagSession": ok,
			"sts:SetSourceIdentity": ok, "sts:GetSessionToken": "AccessDenied", "sts:GetAccessKeyInfo": "AccessDenied",
		}},
		"session token with MFA": {caller(authz.User, withMFA), map[string]string{"iam:GetUser": ok, "sts:GetSessionToken": "AccessDenied", "sts:AssumeRole": ok}},
		"root's session token":   {caller(authz.Account), map[string]string{"iam:GetUser": unknown, "s3:GetObject": ok}},
		"console":                {caller(authz.User, console), map[string]string{"iam:GetUser": ok, "sts:AssumeRole": ok, "sts:GetFederationToken": "AccessDenied"}},
		"role":                   {caller(authz.AssumedRole), map[string]string{"iam:GetUser": ok, "sts:AssumeRole": ok, "sts:GetAccessKeyInfo": ok, "sts:GetFederationToken": "AccessDenied"}},
		"federated user": {caller(authz.FederatedUser), map[string]string{
			"iam:GetUser": unknown, "s3:GetObject": ok, "sts:AssumeRole": "AccessDenied", "sts:GetCallerIdentity": ok,
		}},
		"federated user with MFA":  {caller(authz.FederatedUser, withMFA), map[string]string{"iam:GetUser": unknown}},
		"federated user's console": {caller(authz.FederatedUser, console), map[string]string{"iam:GetUser": ok}},
	} {
		for action, want := range test.want {
			err := sts.Restrict(test.caller, action)
			if got := awserr.From(err).Code; err == nil && want != ok || err != nil && got != want {
				t.Errorf("%s, %s: %v, want %q", name, action, err, want)
			}
		}
	}
}

func TestGetAccessKeyInfo(t *testing.T) {
	w := newWorld(t)
	w.credentials["AKIAIOSFODNN7EXAMPLE"] = iam.Credential{Account: production}
	alice := w.user(development, "alice", allowSTS)
	for id, want := range map[string]string{
		"AKIAIOSFODNN7EXAMPLE":                             production, // the world file's, in the table
		ids.NewAccessKeyID(ids.AccessKey, "777788889999"):  "777788889999",
		ids.NewAccessKeyID(ids.SessionKey, "000000000001"): "000000000001",
	} {
		out := do[api.GetAccessKeyInfoOutput](alice, "GetAccessKeyInfo", &api.GetAccessKeyInfoInput{AccessKeyId: &id})
		if *out.Account != want {
			t.Errorf("%s: %s, want %s", id, *out.Account, want)
		}
	}
	alice.refused("GetAccessKeyInfo", &api.GetAccessKeyInfoInput{AccessKeyId: aws.String("XXXXXXXXXXXXXXXXXXXX")}, "ValidationError",
		"The access key ID XXXXXXXXXXXXXXXXXXXX is invalid")
	alice.refused("GetAccessKeyInfo", &api.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIA000000000000")}, "ValidationError",
		"The access key ID AKIA000000000000 is invalid")
	if _, err := w.user(development, "nobody").call("GetAccessKeyInfo", &api.GetAccessKeyInfoInput{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE")}); !errors.Is(err, awserr.AccessDenied) {
		t.Errorf("without a permission: %v", err)
	}
}
