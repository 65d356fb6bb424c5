package emulator_test

//lint:file-ignore SA1019 PackedPolicySize is deprecated, and what clients of before SessionTokenUtilization read

import (
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

const corpARN = "arn:aws:iam::111122223333:saml-provider/corp"

// corp makes a SAML provider of production of the built-in identity provider.
func (f *federation) corp() {
	f.Helper()
	answer, err := http.Get(f.x.URL + "/_xemu/saml/metadata")
	must(f.T, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(f.T, err)
	_, err = f.iam.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{Name: aws.String("corp"), SAMLMetadataDocument: aws.String(string(text))})
	must(f.T, err)
}

func (f *federation) assertion(l admin.SAMLLogin) string {
	f.Helper()
	if l.Name == "" {
		l.Name = "ada"
	}
	if l.Provider == "" {
		l.Provider = corpARN
	}
	var out struct{ SAMLResponse string }
	must(f.T, f.admin.Call("POST", "/_xemu/saml/assertion", l, &out))
	return out.SAMLResponse
}

func (f *federation) login(role, assertion string, changes ...func(*sts.AssumeRoleWithSAMLInput)) (*sts.AssumeRoleWithSAMLOutput, error) {
	in := &sts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: aws.String(corpARN), SAMLAssertion: &assertion}
	for _, change := range changes {
		change(in)
	}
	return f.sts.AssumeRoleWithSAML(ctx, in)
}

const samlAction = `"sts:AssumeRoleWithSAML"`

func TestAssumeRoleWithSAML(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	f := newFederation(t, xemutest.Now(func() time.Time { return now }))
	f.corp()
	role := f.role("staff", corpARN, `["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"]`,
		`{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`, xemutest.Allow("s3:ListAllMyBuckets", "*"))
	out, err := f.login(role, f.assertion(admin.SAMLLogin{Role: role, Session: "ada@example.com", SourceIdentity: "ada", Tags: map[string]string{"team": "red"}}))
	must(t, err)
	sum := sha1.Sum([]byte("urn:xemu:saml:idp" + "111122223333" + "/corp"))
	if *out.Subject != "ada" || *out.SubjectType != "persistent" || *out.Issuer != "urn:xemu:saml:idp" || *out.Audience != "https://signin.aws.amazon.com/saml" ||
		*out.NameQualifier != base64.StdEncoding.EncodeToString(sum[:]) || *out.SourceIdentity != "ada" || *out.PackedPolicySize < 1 ||
		*out.AssumedRoleUser.Arn != "arn:aws:sts::111122223333:assumed-role/staff/ada@example.com" || !out.Credentials.Expiration.Equal(now.Add(time.Hour)) {
		t.Errorf("answered %+v", out)
	}
	_, err = s3Client(f.identity(out.Credentials)).ListBuckets(ctx, nil)
	must(t, err)

	// The provider can shorten a session, and so can the request, but neither can make it longer than the other allows.
	shorter, err := f.login(role, f.assertion(admin.SAMLLogin{Role: role, Duration: 1200}))
	must(t, err)
	shortest, err := f.login(role, f.assertion(admin.SAMLLogin{Role: role, Duration: 1200}), func(in *sts.AssumeRoleWithSAMLInput) { in.DurationSeconds = aws.Int32(900) })
	must(t, err)
	longer, err := f.login(role, f.assertion(admin.SAMLLogin{Role: role, Duration: 7200}))
	must(t, err)
	for want, got := range map[time.Duration]time.Time{
		20 * time.Minute: *shorter.Credentials.Expiration, 15 * time.Minute: *shortest.Credentials.Expiration, time.Hour: *longer.Credentials.Expiration,
	} {
		if !got.Equal(now.Add(want)) {
			t.Errorf("a session of %v ends at %v", want, got)
		}
	}

	old := f.assertion(admin.SAMLLogin{Role: role})
	now = now.Add(4 * time.Minute)
	_, err = f.login(role, old)
	must(t, err)
	now = now.Add(2 * time.Minute)
	_, err = f.login(role, old)
	wantError(t, err, "ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
}

func TestSAMLErrors(t *testing.T) {
	f := newFederation(t)
	f.corp()
	role := f.role("staff", corpARN, samlAction, `{"StringEquals":{"saml:sub":"ada"}}`)
	other := f.role("other", "arn:aws:iam::111122223333:saml-provider/other", samlAction, "{}")
	theirs := f.x.Account("development").Role("staff", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"`+corpARN+`"},"Action":`+samlAction+`}}`)
	good := f.assertion(admin.SAMLLogin{Role: role})
	xml, err := base64.StdEncoding.DecodeString(good)
	must(t, err)
	changed := func(old, new string) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(string(xml), old, new)))
	}
	const refused = "Not authorized to perform sts:AssumeRoleWithSAML"
	for what, test := range map[string]struct {
		role, assertion string
		change          func(*sts.AssumeRoleWithSAMLInput)
		code, text      string
	}{
		"another user":                {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, Name: "eve"}), code: "AccessDenied", text: refused},
		"another provider is trusted": {role: other, assertion: f.assertion(admin.SAMLLogin{Role: other}), code: "AccessDenied", text: refused},
		"no such role":                {role: role + "x", assertion: f.assertion(admin.SAMLLogin{Role: role + "x"}), code: "AccessDenied", text: refused},
		"another account's role":      {role: theirs, assertion: f.assertion(admin.SAMLLogin{Role: theirs}), code: "InvalidIdentityToken", text: "Specified provider doesn't exist"},
		"no such provider": {role: role, assertion: good, change: func(in *sts.AssumeRoleWithSAMLInput) { in.PrincipalArn = aws.String(corpARN + "x") },
			code: "InvalidIdentityToken", text: "Specified provider doesn't exist"},
		"no provider's ARN": {role: role, assertion: good, change: func(in *sts.AssumeRoleWithSAMLInput) { in.PrincipalArn = aws.String(githubARN) },
			code: "InvalidIdentityToken", text: "Specified provider doesn't exist"},
		"no role's ARN": {role: "arn:aws:iam::111122223333:user/ci", assertion: good, code: "ValidationError", text: "is invalid"},
		"the assertion is for another role": {role: role, assertion: f.assertion(admin.SAMLLogin{Role: other}), code: "InvalidIdentityToken",
			text: "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"},
		"the assertion is for another provider": {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, Provider: corpARN + "x"}), code: "InvalidIdentityToken",
			text: "SAML Assertion doesn't contain the requested Role and Metadata in the attributes"},
		"no response":                  {role: role, assertion: "none", code: "InvalidIdentityToken", text: "Invalid SAML response"},
		"a changed name":               {role: role, assertion: changed(">ada<", ">eve<"), code: "InvalidIdentityToken", text: "Response signature invalid"},
		"the user may not":             {role: role, assertion: changed("status:Success", "status:AuthnFailed"), code: "IDPRejectedClaim"},
		"a bad session":                {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, Session: "a b"}), code: "InvalidIdentityToken", text: "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"},
		"a bad source":                 {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, SourceIdentity: "aws:x"}), code: "InvalidIdentityToken", text: `Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"`},
		"a bad duration":               {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, Duration: 60}), code: "InvalidIdentityToken", text: "SessionDuration"},
		"a reserved tag":               {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, Tags: map[string]string{"aws:x": "1"}}), code: "InvalidIdentityToken"},
		"tags that are not trusted":    {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, Tags: map[string]string{"x": "1"}}), code: "AccessDenied", text: refused},
		"a source that is not trusted": {role: role, assertion: f.assertion(admin.SAMLLogin{Role: role, SourceIdentity: "ada"}), code: "AccessDenied", text: refused},
		"too long": {role: role, assertion: good, change: func(in *sts.AssumeRoleWithSAMLInput) { in.DurationSeconds = aws.Int32(3601) },
			code: "ValidationError", text: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
	} {
		t.Run(what, func(t *testing.T) {
			if test.change == nil {
				test.change = func(*sts.AssumeRoleWithSAMLInput) {}
			}
			_, err := f.login(test.role, test.assertion, test.change)
			wantError(t, err, test.code, test.text)
		})
	}
	_, err = f.login(role, good)
	must(t, err)
}

func TestSAMLKeys(t *testing.T) {
	f := newFederation(t)
	f.corp()
	const actions = `["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"]`
	role := f.role("staff", corpARN, actions, "{}")
	login := func() (*sts.AssumeRoleWithSAMLOutput, error) {
		return f.login(role, f.assertion(admin.SAMLLogin{
			Role: role, SourceIdentity: "ada", Tags: map[string]string{"team": "red"}, Transitive: []string{"team"}, Attributes: map[string]string{
				"urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "staff", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": "ada@example.com", "other": "x",
			},
		}))
	}
	update := func(k keyed, value string) {
		t.Helper()
		_, err := f.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("staff"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + corpARN + `"},"Action":` + actions +
				`,"Condition":{"` + k.operator + `":{"` + k.key + `":"` + value + `"}}}}`)})
		must(t, err)
	}
	first, err := login()
	must(t, err)
	qualifier := *first.NameQualifier
	for _, k := range append([]keyed{
		is("saml:sub", "ada", "eve"), is("saml:sub_type", "persistent", "transient"), is("SAML:aud", "https://signin.aws.amazon.com/saml", "x"),
		is("saml:iss", "urn:xemu:saml:idp", "x"), is("saml:doc", "111122223333/corp", "x"), is("saml:namequalifier", qualifier, "x"),
		by("ForAnyValue:StringEquals", "saml:edupersonaffiliation", "staff", "student"), is("saml:mail", "ada@*", "eve@*"),
		is("sts:RoleSessionName", "ada", "eve"), is("sts:SourceIdentity", "ada", "eve"), is("aws:RequestTag/team", "red", "blue"),
		by("ForAnyValue:StringEquals", "sts:TransitiveTagKeys", "team", "x"),
	}, absent("saml:uid", "aws:PrincipalArn", "aws:userid", "aws:FederatedProvider")...) {
		update(k, k.holds)
		if _, err := login(); err != nil {
			t.Errorf("%s %s %q: %v", k.operator, k.key, k.holds, err)
		}
		update(k, k.fails)
		if _, err := login(); err == nil {
			t.Errorf("%s %s %q lets it in", k.operator, k.key, k.fails)
		}
	}
	f.sessionKeys("staff", f.identity(first.Credentials), append([]keyed{
		is("saml:sub", "ada", "eve"), is("saml:sub_type", "persistent", "x"), is("saml:namequalifier", qualifier, "x"), is("aws:PrincipalTag/team", "red", "blue"),
		is("aws:SourceIdentity", "ada", "eve"), is("aws:userid", "AROA*:ada", "x"),
	}, absent("saml:aud", "saml:iss", "saml:doc", "saml:mail", "saml:edupersonaffiliation", "aws:FederatedProvider")...))

	if id := f.event("AssumeRoleWithSAML").UserIdentity; id.Type != "SAMLUser" || id.PrincipalID != qualifier+":ada" || id.UserName != "ada" || id.Provider != qualifier {
		t.Errorf("recorded %+v", id)
	}
}
