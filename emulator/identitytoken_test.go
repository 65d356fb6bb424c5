package emulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/xemu-aws/xemu/xemutest"
)

func TestGetWebIdentityToken(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	f := newFederation(t, xemutest.Now(func() time.Time { return now }))
	production := f.x.Account("production")
	user := production.User("ada", xemutest.Allow("sts:GetWebIdentityToken", "*"))
	client := sts.NewFromConfig(user.Config())
	ask := func(changes ...func(*sts.GetWebIdentityTokenInput)) (*sts.GetWebIdentityTokenOutput, error) {
		in := &sts.GetWebIdentityTokenInput{Audience: []string{"https://api.example.com"}, SigningAlgorithm: aws.String("RS256")}
		for _, change := range changes {
			change(in)
		}
		return client.GetWebIdentityToken(ctx, in)
	}
	_, err := ask()
	wantError(t, err, "OutboundWebIdentityFederationDisabledException", "")
	made, err := f.iam.EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	must(t, err)
	issuer := *made.IssuerIdentifier
	_, err = f.iam.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("ada"), Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}})
	must(t, err)

	out, err := ask()
	must(t, err)
	if !out.Expiration.Equal(now.Add(5 * time.Minute)) {
		t.Errorf("it expires at %v", out.Expiration)
	}
	// The issuer's documents are served here.
	id := strings.TrimSuffix(strings.TrimPrefix(issuer, "https://"), ".tokens.sts.global.api.aws")
	var discovery struct {
		Issuer string
		JWKS   string `json:"jwks_uri"`
	}
	getJSON(t, f.x.URL+"/_xemu/oidc/"+id+"/.well-known/openid-configuration", &discovery)
	var set jose.JSONWebKeySet
	getJSON(t, discovery.JWKS, &set)
	if discovery.Issuer != issuer {
		t.Errorf("the issuer is %s, and of the document %s", issuer, discovery.Issuer)
	}
	claims := func(token string, algorithm jose.SignatureAlgorithm) map[string]any {
		t.Helper()
		parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{algorithm})
		must(t, err)
		var claims map[string]any
		must(t, parsed.Claims(set, &claims))
		return claims
	}
	c := claims(*out.WebIdentityToken, jose.RS256)
	own, _ := c["https://sts.amazonaws.com/"].(map[string]any)
	if c["iss"] != issuer || c["aud"] != "https://api.example.com" || c["sub"] != "arn:aws:iam::111122223333:user/ada" || c["jti"] == "" ||
		c["iat"] != float64(now.Unix()) || c["exp"] != float64(now.Unix()+300) || own["aws_account"] != "111122223333" || own["source_region"] != "us-east-1" ||
		fmt.Sprint(own["principal_tags"]) != "map[team:red]" || own["request_tags"] != nil {
		t.Errorf("the claims are %v", c)
	}

	tag := func(in *sts.GetWebIdentityTokenInput) {
		in.Tags = []ststypes.Tag{{Key: aws.String("job"), Value: aws.String("7")}}
	}
	_, err = ask(tag)
	wantError(t, err, "AccessDenied", "sts:TagGetWebIdentityToken")
	allow := func(policy string) {
		t.Helper()
		_, err := f.iam.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("ada"), PolicyName: aws.String("policy-1"), PolicyDocument: &policy})
		must(t, err)
	}
	allow(xemutest.Allow("sts:*", "*"))
	out, err = ask(tag, func(in *sts.GetWebIdentityTokenInput) {
		in.SigningAlgorithm, in.Audience, in.DurationSeconds = aws.String("ES384"), []string{"a", "b"}, aws.Int32(3600)
	})
	must(t, err)
	c = claims(*out.WebIdentityToken, jose.ES384)
	own, _ = c["https://sts.amazonaws.com/"].(map[string]any)
	if fmt.Sprint(c["aud"]) != "[a b]" || fmt.Sprint(own["request_tags"]) != "map[job:7]" || c["exp"] != float64(now.Unix()+3600) {
		t.Errorf("the claims are %v", c)
	}

	for _, k := range []keyed{
		by("ForAllValues:StringEquals", "sts:IdentityTokenAudience", "https://api.example.com", "x"), by("NumericLessThanEquals", "sts:DurationSeconds", "300", "299"),
		is("sts:SigningAlgorithm", "RS256", "ES384"), is("aws:RequestTag/job", "7", "8"), by("ForAnyValue:StringEquals", "aws:TagKeys", "job", "x"),
	} {
		allow(k.policy(t, k.holds))
		if _, err := ask(tag); err != nil {
			t.Errorf("%s %s %q: %v", k.operator, k.key, k.holds, err)
		}
		allow(k.policy(t, k.fails))
		_, err := ask(tag)
		wantError(t, err, "AccessDenied", "sts:GetWebIdentityToken")
	}
	allow(xemutest.Allow("sts:*", "*"))
	_, err = ask(func(in *sts.GetWebIdentityTokenInput) { in.SigningAlgorithm = aws.String("HS256") })
	wantError(t, err, "ValidationError", "signingAlgorithm")
	_, err = ask(func(in *sts.GetWebIdentityTokenInput) { in.DurationSeconds = aws.Int32(59) })
	wantError(t, err, "ValidationError", "durationSeconds")
	_, err = ask(func(in *sts.GetWebIdentityTokenInput) { in.Audience = nil })
	if err == nil {
		t.Error("a token without an audience")
	}
	_, err = ask(func(in *sts.GetWebIdentityTokenInput) {
		for range 10 {
			in.Audience = append(in.Audience, strings.Repeat("x", 1000))
		}
		in.Audience = in.Audience[1:]
		for i := range 50 {
			in.Tags = append(in.Tags, ststypes.Tag{Key: aws.String(fmt.Sprint(i, strings.Repeat("k", 120))), Value: aws.String(strings.Repeat("v", 256))})
		}
	})
	wantError(t, err, "JWTPayloadSizeExceededException", "")

	// A session's token does not outlive the session; it is about the role.
	role := production.Role("app", xemutest.Trust(production.ID), xemutest.Allow("sts:GetWebIdentityToken", "*"))
	session, err := production.Admin().Assume(role, "s1")
	must(t, err)
	client = sts.NewFromConfig(session.Config())
	out, err = ask()
	must(t, err)
	c = claims(*out.WebIdentityToken, jose.RS256)
	own, _ = c["https://sts.amazonaws.com/"].(map[string]any)
	if c["sub"] != role || own["principal_id"] != role || own["original_session_exp"] != now.Add(time.Hour).UTC().Format(time.RFC3339) || own["federated_provider"] != nil {
		t.Errorf("the session's claims are %v", c)
	}
	now = now.Add(50 * time.Minute)
	_, err = ask(func(in *sts.GetWebIdentityTokenInput) { in.DurationSeconds = aws.Int32(3600) })
	wantError(t, err, "SessionDurationEscalationException", "")

	// Another account can trust the issuer, as any provider.
	development := f.x.Account("development")
	_, err = iam.NewFromConfig(development.Admin().Config()).CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: &issuer, ClientIDList: []string{"https://api.example.com"},
	})
	must(t, err)
	name := strings.TrimPrefix(issuer, "https://")
	condition, err := json.Marshal(map[string]any{"StringEquals": map[string]string{name + ":sub": role}})
	must(t, err)
	theirs := development.Role("guest", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::444455556666:oidc-provider/`+name+
		`"},"Action":`+web+`,"Condition":`+string(condition)+`}}`)
	out, err = ask()
	must(t, err)
	guest, err := f.assume(theirs, *out.WebIdentityToken)
	must(t, err)

	// The token of a federated session names its provider.
	_, err = iam.NewFromConfig(development.Admin().Config()).EnableOutboundWebIdentityFederation(ctx, &iam.EnableOutboundWebIdentityFederationInput{})
	must(t, err)
	_, err = iam.NewFromConfig(development.Admin().Config()).PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String("guest"), PolicyName: aws.String("tokens"), PolicyDocument: aws.String(xemutest.Allow("sts:GetWebIdentityToken", "*")),
	})
	must(t, err)
	client = sts.NewFromConfig(f.identity(guest.Credentials).Config())
	out, err = ask()
	must(t, err)
	own, _ = claims(*out.WebIdentityToken, jose.RS256)["https://sts.amazonaws.com/"].(map[string]any)
	if own["federated_provider"] != "arn:aws:iam::444455556666:oidc-provider/"+name {
		t.Errorf("the guest's claims are %v", own)
	}
}
