package emulator_test

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

const (
	github     = "https://token.actions.githubusercontent.com"
	githubARN  = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	mainBranch = "repo:org/app:ref:refs/heads/main"
)

// federation is an emulator whose production account is about to trust identity providers.
type federation struct {
	*testing.T
	x     *xemutest.Emulator
	dir   string
	admin *admin.Client
	iam   *iam.Client
	sts   *sts.Client // without credentials
}

func newFederation(t *testing.T, options ...xemutest.Option) *federation {
	t.Helper()
	f := &federation{T: t, dir: t.TempDir()}
	f.x = xemutest.New(t, append(options, xemutest.Config(func(c *emulator.Config) { c.Dir = f.dir }))...)
	var err error
	f.admin, err = admin.NewClient(f.dir)
	must(t, err)
	f.iam = iam.NewFromConfig(f.x.Account("production").Admin().Config())
	f.sts = sts.New(sts.Options{BaseEndpoint: &f.x.URL, Region: "us-east-1", Credentials: aws.AnonymousCredentials{}})
	return f
}

// provider makes an OpenID Connect provider of production for the audience sts.amazonaws.com.
func (f *federation) provider(url string) {
	f.Helper()
	_, err := f.iam.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: &url, ClientIDList: []string{"sts.amazonaws.com"}})
	must(f.T, err)
}

// role makes a role of production that trusts a provider for actions, under conditions (JSON, "{}" for none), with the
// policies given.
func (f *federation) role(name, provider, actions, conditions string, policies ...string) string {
	f.Helper()
	return f.x.Account("production").Role(name, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"`+provider+
		`"},"Action":`+actions+`,"Condition":`+conditions+`}}`, policies...)
}

const web = `"sts:AssumeRoleWithWebIdentity"`

func (f *federation) token(r admin.TokenRequest) string {
	f.Helper()
	if r.Audience == nil {
		r.Audience = []string{"sts.amazonaws.com"}
	}
	var out struct{ Token string }
	must(f.T, f.admin.Call("POST", "/_xemu/oidc/token", r, &out))
	return out.Token
}

// githubToken is a token of GitHub Actions about the main branch, with further claims.
func (f *federation) githubToken(claims map[string]any) string {
	f.Helper()
	return f.token(admin.TokenRequest{Issuer: github, Subject: mainBranch, Claims: f.raw(claims)})
}

func (f *federation) raw(claims map[string]any) map[string]json.RawMessage {
	f.Helper()
	raw := map[string]json.RawMessage{}
	for name, value := range claims {
		text, err := json.Marshal(value)
		must(f.T, err)
		raw[name] = text
	}
	return raw
}

func (f *federation) assume(role, token string, changes ...func(*sts.AssumeRoleWithWebIdentityInput)) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	in := &sts.AssumeRoleWithWebIdentityInput{RoleArn: &role, RoleSessionName: aws.String("ci"), WebIdentityToken: &token}
	for _, change := range changes {
		change(in)
	}
	return f.sts.AssumeRoleWithWebIdentity(ctx, in)
}

func (f *federation) identity(c *ststypes.Credentials) *xemutest.Identity {
	return f.x.Identity(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
}

func TestAssumeRoleWithWebIdentity(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	f := newFederation(t, xemutest.Now(func() time.Time { return now }))
	f.provider(github)
	role := f.role("ci", githubARN, web, `{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},`+
		`"StringLike":{"token.actions.githubusercontent.com:sub":"repo:org/app:*"}}`, xemutest.Allow("s3:ListAllMyBuckets", "*"))
	out, err := f.assume(role, f.githubToken(nil))
	must(t, err)
	if *out.SubjectFromWebIdentityToken != mainBranch || *out.Audience != "sts.amazonaws.com" || *out.Provider != githubARN ||
		*out.AssumedRoleUser.Arn != "arn:aws:sts::111122223333:assumed-role/ci/ci" || !strings.HasSuffix(*out.AssumedRoleUser.AssumedRoleId, ":ci") ||
		out.PackedPolicySize != nil || out.SourceIdentity != nil || !out.Credentials.Expiration.Equal(now.Add(time.Hour)) {
		t.Errorf("answered %+v", out)
	}
	session := f.identity(out.Credentials)
	who, err := sts.NewFromConfig(session.Config()).GetCallerIdentity(ctx, nil)
	must(t, err)
	if *who.Arn != *out.AssumedRoleUser.Arn || *who.UserId != *out.AssumedRoleUser.AssumedRoleId {
		t.Errorf("the session is %s, %s", *who.Arn, *who.UserId)
	}
	_, err = s3Client(session).ListBuckets(ctx, nil)
	must(t, err)
	_, err = iam.NewFromConfig(session.Config()).ListUsers(ctx, nil)
	wantError(t, err, "AccessDenied", "no identity-based policy allows")

	limited, err := f.assume(role, f.githubToken(nil), func(in *sts.AssumeRoleWithWebIdentityInput) {
		in.Policy, in.DurationSeconds = aws.String(xemutest.Allow("s3:GetObject", "*")), aws.Int32(900)
	})
	must(t, err)
	if !limited.Credentials.Expiration.Equal(now.Add(15*time.Minute)) || *limited.PackedPolicySize < 1 {
		t.Errorf("the limited session: %+v", limited)
	}
	_, err = s3Client(f.identity(limited.Credentials)).ListBuckets(ctx, nil)
	wantError(t, err, "AccessDenied", "no session policy allows")

	token := f.githubToken(nil)
	now = now.Add(64 * time.Minute) // five minutes are forgiven
	_, err = f.assume(role, token)
	must(t, err)
	now = now.Add(time.Minute)
	_, err = f.assume(role, token)
	wantError(t, err, "ExpiredTokenException", "Token expired: current date/time ")
	_, err = s3Client(session).ListBuckets(ctx, nil)
	wantError(t, err, "ExpiredToken", "")
}

func TestWebIdentityErrors(t *testing.T) {
	f := newFederation(t)
	f.provider(github)
	role := f.role("ci", githubARN, web, `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:org/app:*"}}`)
	other := f.role("other", "arn:aws:iam::111122223333:oidc-provider/other.example.com", web, "{}")
	direct := f.role("direct", githubARN, `"sts:AssumeRole"`, "{}")
	theirs := f.x.Account("development").Role("ci", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"`+githubARN+`"},"Action":`+web+`}}`)
	good := f.githubToken(nil)
	many := map[string]any{}
	for i := range 51 {
		many[fmt.Sprint("https://aws.amazon.com/tags/principal_tags/", i)] = "x"
	}
	refused := "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	for what, test := range map[string]struct {
		role, token string
		change      func(*sts.AssumeRoleWithWebIdentityInput)
		code, text  string
	}{
		"another repository":          {role: role, token: f.token(admin.TokenRequest{Issuer: github, Subject: "repo:evil/app:x"}), code: "AccessDenied", text: refused},
		"another provider is trusted": {role: other, token: good, code: "AccessDenied", text: refused},
		"another action is trusted":   {role: direct, token: good, code: "AccessDenied", text: refused},
		"no such role":                {role: role + "x", token: good, code: "AccessDenied", text: refused},
		"no such account":             {role: "arn:aws:iam::123456789012:role/ci", token: good, code: "InvalidIdentityToken", text: "No OpenIDConnect provider found in your account for " + github},
		"the provider is of another account": {role: theirs, token: good, code: "InvalidIdentityToken",
			text: "No OpenIDConnect provider found in your account for " + github},
		"no such provider": {role: role, token: f.token(admin.TokenRequest{Issuer: "https://x.example.com", Subject: mainBranch}), code: "InvalidIdentityToken",
			text: "No OpenIDConnect provider found in your account for https://x.example.com"},
		"another audience": {role: role, token: f.token(admin.TokenRequest{Issuer: github, Subject: mainBranch, Audience: []string{"x"}}), code: "InvalidIdentityToken", text: "Incorrect token audience"},
		"an expired token": {role: role, token: f.token(admin.TokenRequest{Issuer: github, Subject: mainBranch, Lifetime: "-10m"}), code: "ExpiredTokenException", text: "Token expired"},
		"no token":         {role: role, token: "none", code: "InvalidIdentityToken", text: "The ID Token provided is not a valid JWT."},
		"a changed token":  {role: role, token: good[:len(good)-4] + "AAAA", code: "InvalidIdentityToken", text: "signature"},
		"no role's ARN":    {role: "arn:aws:iam::111122223333:user/ci", token: good, code: "ValidationError", text: "arn:aws:iam::111122223333:user/ci is invalid"},
		"too long": {role: role, token: good, change: func(in *sts.AssumeRoleWithWebIdentityInput) { in.DurationSeconds = aws.Int32(3601) },
			code: "ValidationError", text: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		"a bad policy": {role: role, token: good, change: func(in *sts.AssumeRoleWithWebIdentityInput) { in.Policy = aws.String("x") }, code: "MalformedPolicyDocument"},
		"an access token of Amazon": {role: role, token: "Atza|x", change: func(in *sts.AssumeRoleWithWebIdentityInput) { in.ProviderId = aws.String("www.amazon.com") },
			code: "NotImplemented", text: "xemu does not implement access tokens of www.amazon.com"},
		"an unknown ProviderId": {role: role, token: good, change: func(in *sts.AssumeRoleWithWebIdentityInput) { in.ProviderId = aws.String("example.com") },
			code: "InvalidIdentityToken", text: "Specified provider doesn't exist"},
		"tags that are not trusted":             {role: role, token: f.githubToken(map[string]any{"https://aws.amazon.com/tags": json.RawMessage(`{"principal_tags":{"a":["b"]}}`)}), code: "AccessDenied", text: refused},
		"a source identity that is not trusted": {role: role, token: f.githubToken(map[string]any{"https://aws.amazon.com/source_identity": "ada"}), code: "AccessDenied", text: refused},
		"a bad source identity":                 {role: role, token: f.githubToken(map[string]any{"https://aws.amazon.com/source_identity": "aws:x"}), code: "InvalidIdentityToken", text: "Source Identity must match"},
		"a reserved tag":                        {role: role, token: f.githubToken(map[string]any{"https://aws.amazon.com/tags": json.RawMessage(`{"principal_tags":{"aws:a":["b"]}}`)}), code: "InvalidIdentityToken", text: "aws:"},
		"a transitive key that is no tag":       {role: role, token: f.githubToken(map[string]any{"https://aws.amazon.com/tags": json.RawMessage(`{"transitive_tag_keys":["b"]}`)}), code: "InvalidIdentityToken"},
		"a tag that is too long":                {role: role, token: f.githubToken(map[string]any{"https://aws.amazon.com/tags/principal_tags/a": strings.Repeat("x", 257)}), code: "InvalidIdentityToken"},
		"too many tags":                         {role: role, token: f.githubToken(many), code: "InvalidIdentityToken", text: "more than 50 session tags"},
		"another role is authorized":            {role: role, token: f.githubToken(map[string]any{"https://aws.amazon.com/roles": []string{other}}), code: "InvalidIdentityToken", text: "The target role ARN is not present in the roles claim of the identity token"},
	} {
		t.Run(what, func(t *testing.T) {
			if test.change == nil {
				test.change = func(*sts.AssumeRoleWithWebIdentityInput) {}
			}
			_, err := f.assume(test.role, test.token, test.change)
			wantError(t, err, test.code, test.text)
		})
	}
	_, err := f.assume(role, good)
	must(t, err)
	_, err = f.iam.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(githubARN)})
	must(t, err)
	_, err = f.assume(role, good)
	wantError(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+github)
}

// TestWebIdentityKeys: each condition key of the trust decision, with the value that holds and one that does not, and those
// that are absent then and in the session's requests.
func TestWebIdentityKeys(t *testing.T) {
	f := newFederation(t)
	f.provider(github)
	token := f.githubToken(map[string]any{
		"actor": "ada", "repository_id": "42", "custom": "x", "amr": []string{"mfa", "pwd"}, "email": "ada@example.com",
		"https://aws.amazon.com/source_identity": "ada",
		"https://aws.amazon.com/roles":           "arn:aws:iam::111122223333:role/pinned",
		"https://aws.amazon.com/tags":            json.RawMessage(`{"principal_tags":{"team":["red"],"stage":["test"]},"transitive_tag_keys":["team"]}`),
	})
	plain := f.githubToken(nil)
	const actions = `["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"]`
	trust := func(operator, key, value string) string {
		return `{"` + operator + `":{"` + key + `":"` + value + `"}}`
	}
	const p = "token.actions.githubusercontent.com:"
	role := f.role("pinned", githubARN, actions, "{}")
	update := func(conditions string) {
		t.Helper()
		_, err := f.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("pinned"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + githubARN + `"},"Action":` + actions + `,"Condition":` + conditions + `}}`)})
		must(t, err)
	}
	for _, k := range append([]keyed{
		is(p+"sub", mainBranch, "repo:x"), is(p+"aud", "sts.amazonaws.com", "x"), is(p+"oaud", "sts.amazonaws.com", "x"),
		by("ForAnyValue:StringEquals", p+"amr", "mfa", "sms"), is(p+"actor", "ada", "eve"), is(p+"repository_id", "42", "43"), is(p+"email", "ada@*", "eve@*"),
		is("sts:RoleSessionName", "ci", "x"), is("sts:SourceIdentity", "ada", "eve"), by("Bool", "sts:RoleAuthorizedByIdp", "true", "false"),
		is("aws:RequestTag/team", "red", "blue"), by("ForAllValues:StringEquals", "sts:TransitiveTagKeys", "team", "stage"), by("ForAnyValue:StringEquals", "aws:TagKeys", "stage", "x"),
		is("aws:ResourceAccount", "111122223333", "444455556666"), is("aws:SourceIp", "127.0.0.1", "10.0.0.1"),
	}, absent(p+"custom", p+"azp", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid", "aws:username", "aws:FederatedProvider",
		"aws:PrincipalTag/team", "sts:DurationSeconds", "aws:TokenIssueTime", "aws:MultiFactorAuthPresent")...) {
		update(trust(k.operator, k.key, k.holds))
		if _, err := f.assume(role, token); err != nil {
			t.Errorf("%s %s %q: %v", k.operator, k.key, k.holds, err)
		}
		update(trust(k.operator, k.key, k.fails))
		if _, err := f.assume(role, token); err == nil {
			t.Errorf("%s %s %q lets it in", k.operator, k.key, k.fails)
		}
	}
	update(trust("Bool", "sts:RoleAuthorizedByIdp", "false"))
	_, err := f.assume(role, plain)
	must(t, err)

	update("{}")
	out, err := f.assume(role, token)
	must(t, err)
	if *out.SourceIdentity != "ada" {
		t.Errorf("the source identity is %v", out.SourceIdentity)
	}
	f.sessionKeys("pinned", f.identity(out.Credentials), append([]keyed{
		is("aws:FederatedProvider", githubARN, "accounts.google.com"), is(p+"sub", mainBranch, "repo:x"), is(p+"aud", "sts.amazonaws.com", "x"),
		by("ForAnyValue:StringEquals", p+"amr", "pwd", "sms"), is("aws:PrincipalTag/team", "red", "blue"), is("aws:SourceIdentity", "ada", "eve"),
		is("aws:userid", "AROA*:ci", "AROA*:x"), is("aws:PrincipalArn", role, role+"x"), is("aws:PrincipalType", "AssumedRole", "User"),
		by("Bool", "aws:MultiFactorAuthPresent", "false", "true"),
	}, absent(p+"oaud", p+"email", p+"actor", p+"repository_id", "sts:RoleSessionName", "sts:SourceIdentity", "aws:username")...))

	// Another role's session is no federated one any more, but keeps what is handed on.
	next := f.x.Account("production").Role("next", strings.Replace(xemutest.Trust(role), `"sts:AssumeRole"`, `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, 1))
	_, err = f.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("pinned"), PolicyName: aws.String("key"), PolicyDocument: aws.String(xemutest.Allow("sts:*", "*"))})
	must(t, err)
	chained, err := f.identity(out.Credentials).Assume(next, "next")
	must(t, err)
	f.sessionKeys("next", chained, append([]keyed{
		is("aws:PrincipalTag/team", "red", "blue"), is("aws:SourceIdentity", "ada", "eve"),
	}, absent("aws:FederatedProvider", p+"sub", "aws:PrincipalTag/stage")...))
}

// sessionKeys makes requests as a session under a policy of its role with each condition.
func (f *federation) sessionKeys(role string, session *xemutest.Identity, keys []keyed) {
	f.Helper()
	client := s3Client(session)
	put := func(policy string) {
		_, err := f.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("key"), PolicyDocument: &policy})
		must(f.T, err)
	}
	for _, k := range keys {
		put(k.policy(f.T, k.holds))
		if _, err := client.ListBuckets(ctx, &s3.ListBucketsInput{}); err != nil {
			f.Errorf("the session, %s %s %q: %v", k.operator, k.key, k.holds, err)
		}
		put(k.policy(f.T, k.fails))
		if _, err := client.ListBuckets(ctx, &s3.ListBucketsInput{}); err == nil {
			f.Errorf("the session, %s %s %q lets it in", k.operator, k.key, k.fails)
		}
	}
}

// TestBuiltInProviders: Google and Cognito need no provider in IAM, and have their own names in trust policies.
func TestBuiltInProviders(t *testing.T) {
	f := newFederation(t)
	role := f.role("app", "accounts.google.com", web, `{"StringEquals":{"accounts.google.com:aud":"party","accounts.google.com:oaud":"client"}}`)
	token := func(claims map[string]any) string {
		return f.token(admin.TokenRequest{Issuer: "https://accounts.google.com", Subject: "1234567890", Audience: []string{"client"}, Claims: f.raw(claims)})
	}
	out, err := f.assume(role, token(map[string]any{"azp": "party"}))
	must(t, err)
	if *out.Provider != "accounts.google.com" || *out.Audience != "party" {
		t.Errorf("provider %s, audience %s", *out.Provider, *out.Audience)
	}
	_, err = f.assume(role, token(nil))
	wantError(t, err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	f.sessionKeys("app", f.identity(out.Credentials), []keyed{is("aws:FederatedProvider", "accounts.google.com", "x"), is("accounts.google.com:sub", "1234567890", "1")})

	pool := f.role("pool", "cognito-identity.amazonaws.com", web, `{"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:pool"},`+
		`"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"authenticated"}}`)
	visit := func(amr string) error {
		_, err := f.assume(pool, f.token(admin.TokenRequest{
			Issuer: "https://cognito-identity.amazonaws.com", Subject: "us-east-1:me", Audience: []string{"us-east-1:pool"}, Claims: f.raw(map[string]any{"amr": []string{amr}}),
		}))
		return err
	}
	must(t, visit("authenticated"))
	wantError(t, visit("unauthenticated"), "AccessDenied", "")
}

// TestTokenFile: a program that runs with the variables of EKS or GitHub Actions gets its credentials by itself.
func TestTokenFile(t *testing.T) {
	f := newFederation(t)
	const issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
	f.provider(issuer)
	role := f.role("pod", "arn:aws:iam::111122223333:oidc-provider/"+strings.TrimPrefix(issuer, "https://"), web,
		`{"StringEquals":{"`+strings.TrimPrefix(issuer, "https://")+`:sub":"system:serviceaccount:default:app"}}`)
	file := filepath.Join(t.TempDir(), "token")
	must(t, os.WriteFile(file, []byte(f.token(admin.TokenRequest{Issuer: issuer, Subject: "system:serviceaccount:default:app"})), 0o600))
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_STS": f.x.URL, // AWS_ENDPOINT_URL alone does not reach the Go SDK's client that changes the token
		"AWS_ROLE_ARN":         role, "AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_SESSION_NAME": "pod-1", "AWS_ENDPOINT_URL": f.x.URL, "AWS_REGION": "us-east-1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	must(t, err)
	if *who.Arn != "arn:aws:sts::111122223333:assumed-role/pod/pod-1" {
		t.Errorf("the pod is %s", *who.Arn)
	}
}

func TestWebIdentityEvents(t *testing.T) {
	f := newFederation(t)
	f.provider(github)
	role := f.role("ci", githubARN, web, "{}")
	out, err := f.assume(role, f.githubToken(nil))
	must(t, err)
	_, err = sts.NewFromConfig(f.identity(out.Credentials).Config()).GetCallerIdentity(ctx, nil)
	must(t, err)
	session, assumed := f.event("GetCallerIdentity").UserIdentity, f.event("AssumeRoleWithWebIdentity")
	if id := assumed.UserIdentity; id.Type != "WebIdentityUser" || id.PrincipalID != githubARN+":sts.amazonaws.com:"+mainBranch || id.UserName != mainBranch ||
		id.Provider != githubARN || id.AccountID != "" || assumed.RecipientAccountID != "111122223333" || strings.Contains(string(assumed.RequestParameters), "eyJ") {
		t.Errorf("recorded %+v, parameters %s", assumed.UserIdentity, assumed.RequestParameters)
	}
	if session.Type != "AssumedRole" || session.SessionContext.WebIDFederation.Provider != githubARN || session.SessionContext.SessionIssuer.ARN != role {
		t.Errorf("recorded %+v", session.SessionContext)
	}
}

// event returns the newest event of an operation. Events are written a moment after the answer.
func (f *federation) event(operation string) emulator.Event {
	f.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		events, err := emulator.Events(f.admin, 1000)
		must(f.T, err)
		for _, e := range events {
			if e.EventName == operation {
				return e
			}
		}
	}
	f.Fatalf("no %s is recorded", operation)
	return emulator.Event{}
}

// TestBuiltInIssuer: its documents are where its tokens say, so that it works with any verifier, and as a provider of IAM
// under its own URL.
func TestBuiltInIssuer(t *testing.T) {
	f := newFederation(t)
	issuer := f.x.URL + "/_xemu/oidc"
	var discovery struct {
		Issuer string
		JWKS   string `json:"jwks_uri"`
	}
	getJSON(t, issuer+"/.well-known/openid-configuration", &discovery)
	var set struct{ Keys []map[string]any }
	getJSON(t, discovery.JWKS, &set)
	if discovery.Issuer != issuer || len(set.Keys) != 2 || set.Keys[0]["d"] != nil {
		t.Errorf("discovery %+v, keys %v", discovery, set)
	}
	f.provider(issuer)
	name := strings.TrimPrefix(issuer, "http://")
	role := f.role("local", "arn:aws:iam::111122223333:oidc-provider/"+name, web, `{"StringEquals":{"`+name+`:sub":"ada"}}`)
	_, err := f.assume(role, f.token(admin.TokenRequest{Subject: "ada"}))
	must(t, err)
	_, err = f.assume(role, f.token(admin.TokenRequest{Subject: "eve"}))
	wantError(t, err, "AccessDenied", "")
	for _, r := range []admin.TokenRequest{{Subject: "ada"}, {Audience: []string{"a"}}, {Subject: "ada", Audience: []string{"a"}, Lifetime: "long"}} {
		if f.admin.Call("POST", "/_xemu/oidc/token", r, nil) == nil {
			t.Errorf("%+v was signed", r)
		}
	}
	answer, err := http.Post(issuer+"/token", "application/json", strings.NewReader(`{"subject":"ada","audience":["a"]}`))
	must(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the admin token a token is %s", answer.Status)
	}
}

func getJSON(t *testing.T, url string, into any) {
	t.Helper()
	answer, err := http.Get(url)
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	if answer.StatusCode != 200 || json.Unmarshal(text, into) != nil {
		t.Fatalf("%s: %s %s", url, answer.Status, text)
	}
}

// TestIssuers: the keys that are given for an issuer take the built-in one's place, also after a reset, until they are
// forgotten.
func TestIssuers(t *testing.T) {
	f := newFederation(t)
	f.provider(github)
	trusts := func() error {
		role := f.role(fmt.Sprint("r", time.Now().UnixNano()), githubARN, web, "{}")
		_, err := f.assume(role, f.githubToken(nil))
		return err
	}
	must(t, trusts())
	const keys = `{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	must(t, f.admin.Call("POST", "/_xemu/oidc/issuers", admin.OIDCIssuer{URL: github, JWKS: keys}, nil))
	wantError(t, trusts(), "InvalidIdentityToken", "Couldn't retrieve verification key")
	must(t, f.admin.Call("POST", "/_xemu/reset", nil, nil))
	f.provider(github)
	wantError(t, trusts(), "InvalidIdentityToken", "Couldn't retrieve verification key")
	var list []admin.OIDCIssuer
	must(t, f.admin.Call("GET", "/_xemu/oidc/issuers", nil, &list))
	if len(list) != 1 || list[0].URL != github || len(f.x.Server.World().Issuers) != 1 {
		t.Errorf("listed %v", list)
	}
	for _, bad := range []admin.OIDCIssuer{{URL: "", JWKS: keys}, {URL: "https://x.example.com", JWKS: "{}"}} {
		if f.admin.Call("POST", "/_xemu/oidc/issuers", bad, nil) == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	path := "/_xemu/oidc/issuers?url=" + github
	must(t, f.admin.Call("DELETE", path, nil, nil))
	if f.admin.Call("DELETE", path, nil, nil) == nil {
		t.Error("it was there twice")
	}
	must(t, trusts())
}

// TestSigningKeysStay: a token is good after a restart.
func TestSigningKeysStay(t *testing.T) {
	dir := t.TempDir()
	start := func() *emulator.Server {
		s, err := emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: dir})
		must(t, err)
		go s.Serve()
		return s
	}
	keys := func(s *emulator.Server) (set any) {
		getJSON(t, s.URL+"/_xemu/oidc/.well-known/jwks.json", &set)
		return set
	}
	first := start()
	before := keys(first)
	must(t, first.Close())
	second := start()
	defer second.Close()
	if after := keys(second); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("the keys are others after a restart")
	}
	info, err := os.Stat(filepath.Join(dir, "signing-keys.pem"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the keys' file is %v", info.Mode())
	}
}

// TestSimulatedProvider: a trust policy can be tried without a token.
func TestSimulatedProvider(t *testing.T) {
	f := newFederation(t)
	role := f.role("ci", githubARN, web, `{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:org/app:*"}}`)
	for _, test := range []struct{ principal, subject, want string }{
		{githubARN, mainBranch, "allowed"}, {githubARN, "repo:evil/app:x", "implicitDeny"}, {"accounts.google.com", mainBranch, "implicitDeny"},
		{"arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com", mainBranch, "implicitDeny"},
	} {
		var out admin.Simulated
		must(t, f.admin.Call("POST", "/_xemu/simulate", admin.Simulation{
			Principal: test.principal, Action: "sts:AssumeRoleWithWebIdentity", Resource: role,
			Context: map[string][]string{"token.actions.githubusercontent.com:sub": {test.subject}},
		}, &out))
		if out.Effect != test.want {
			t.Errorf("%s, %s: %s", test.principal, test.subject, out.Effect)
		}
	}
}

// TestWorldIssuers: a world file may bring issuers' keys along.
func TestWorldIssuers(t *testing.T) {
	const keys = `{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	read := func(issuers string) (*emulator.World, error) {
		path := filepath.Join(t.TempDir(), "world.yaml")
		must(t, os.WriteFile(path, []byte("accounts: [{id: \"111122223333\", name: production}]\nissuers:\n"+issuers), 0o600))
		return emulator.ReadWorld(path)
	}
	world, err := read("- {url: \"" + github + "\", jwks: '" + keys + "'}\n")
	must(t, err)
	f := newFederation(t, xemutest.Config(func(c *emulator.Config) { c.World = world }))
	f.provider(github)
	role := f.role("ci", githubARN, web, "{}")
	_, err = f.assume(role, f.githubToken(nil))
	wantError(t, err, "InvalidIdentityToken", "Couldn't retrieve verification key")
	for what, issuers := range map[string]string{
		"no keys": "- {url: \"" + github + "\", jwks: '{}'}\n", "no url": "- {jwks: '" + keys + "'}\n",
		"one twice": "- {url: \"" + github + "\", jwks: '" + keys + "'}\n- {url: \"" + github + "\", jwks: '" + keys + "'}\n",
	} {
		if _, err := read(issuers); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}
