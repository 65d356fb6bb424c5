package iam

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const githubURL = "https://token.actions.githubusercontent.com"

func TestOIDCProvider(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	made, err := c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(githubURL), ClientIDList: []string{"sts.amazonaws.com", "other", "other"}, ThumbprintList: []string{strings.Repeat("a", 40)},
		Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}, {Key: aws.String("a"), Value: aws.String("1")}},
	})
	w.must(err)
	arn := made.OpenIDConnectProviderArn
	if *arn != "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" || len(made.Tags) != 2 || *made.Tags[0].Key != "a" {
		t.Errorf("made %s with %v", *arn, made.Tags)
	}
	get := func() *iam.GetOpenIDConnectProviderOutput {
		t.Helper()
		out, err := c.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
		w.must(err)
		return out
	}
	if p := get(); *p.Url != "token.actions.githubusercontent.com" || fmt.Sprint(p.ClientIDList) != "[sts.amazonaws.com other]" ||
		len(p.ThumbprintList) != 1 || !p.CreateDate.Equal(day(10)) || len(p.Tags) != 2 {
		t.Errorf("got %+v", p)
	}
	_, err = c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(githubURL)})
	w.check("again", err, "EntityAlreadyExists: Provider with url https://token.actions.githubusercontent.com already exists.")
	if _, err := w.admin(development).CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(githubURL)}); err != nil {
		t.Errorf("in another account: %v", err)
	}

	for range 2 { // both operations are idempotent
		w.must(second(c.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("more")})))
		w.must(second(c.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("other")})))
	}
	w.must(second(c.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{
		OpenIDConnectProviderArn: arn, ThumbprintList: []string{strings.Repeat("b", 40), strings.Repeat("c", 40)},
	})))
	w.must(second(c.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{
		OpenIDConnectProviderArn: arn, Tags: []types.Tag{{Key: aws.String("A"), Value: aws.String("3")}},
	})))
	w.must(second(c.UntagOpenIDConnectProvider(ctx, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, TagKeys: []string{"b"}})))
	tags, err := c.ListOpenIDConnectProviderTags(ctx, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: arn})
	w.must(err)
	if p := get(); fmt.Sprint(p.ClientIDList) != "[sts.amazonaws.com more]" || len(p.ThumbprintList) != 2 || len(tags.Tags) != 2 || *tags.Tags[0].Key != "A" {
		t.Errorf("after the changes %+v, tags %v", p, tags.Tags)
	}
	list, err := c.ListOpenIDConnectProviders(ctx, &iam.ListOpenIDConnectProvidersInput{})
	w.must(err)
	if len(list.OpenIDConnectProviderList) != 1 || *list.OpenIDConnectProviderList[0].Arn != *arn {
		t.Errorf("listed %v", list.OpenIDConnectProviderList)
	}
	if n := summary(w)["Providers"]; n != 1 {
		t.Errorf("the summary counts %d providers", n)
	}
	for range 2 {
		w.must(second(c.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})))
	}
	missing := "NoSuchEntity: OpenIDConnect Provider not found for arn " + *arn
	w.check("get", second(c.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})), missing)
	w.check("add", second(c.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("more")})), missing)
	w.check("tag", second(c.TagOpenIDConnectProvider(ctx, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, Tags: []types.Tag{{Key: aws.String("A"), Value: aws.String("3")}}})), missing)
	w.check("list tags", second(c.ListOpenIDConnectProviderTags(ctx, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: arn})), missing)
	if n := summary(w)["Providers"]; n != 0 {
		t.Errorf("the summary counts %d providers", n)
	}
}

func summary(w *world) map[string]int32 {
	w.Helper()
	out, err := w.admin(production).GetAccountSummary(w.Context(), &iam.GetAccountSummaryInput{})
	w.must(err)
	return out.SummaryMap
}

func TestOIDCProviderLimits(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	for _, url := range []string{
		"http://idp.example.com", "idp.example.com", "https://", "https://idp.example.com?x=1", "https://idp.example.com#x", "https://me@idp.example.com",
		"ftp://idp.example.com", "https:idp.example.com", "https://%zz", "https://aws", "https://sts/x",
	} {
		_, err := c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: &url})
		w.check(url, err, "ValidationError: Invalid Open ID Connect Provider URL")
	}
	for url, arn := range map[string]string{"https://x.auth0.example/": "x.auth0.example/", "https://idp.example.com:8443/a%20b": "idp.example.com:8443/a%20b"} {
		made, err := c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: &url})
		w.must(err)
		p, err := c.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn})
		w.must(err)
		if *made.OpenIDConnectProviderArn != "arn:aws:iam::111122223333:oidc-provider/"+arn || *p.Url != arn || p.ThumbprintList == nil || p.ClientIDList == nil {
			t.Errorf("%s is %s, %+v", url, *made.OpenIDConnectProviderArn, p)
		}
		w.must(second(c.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn})))
	}
	// On this machine an issuer may go without a certificate.
	for _, url := range []string{"http://127.0.0.1:4566/_xemu/oidc", "http://localhost:8080"} {
		_, err := c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: &url})
		w.check(url, err, "")
	}
	ids := make([]string, 101)
	for i := range ids {
		ids[i] = fmt.Sprint("client", i)
	}
	_, err := c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(githubURL), ClientIDList: ids})
	w.check("101 client ids", err, "LimitExceeded: Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	made, err := c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(githubURL), ClientIDList: ids[:100]})
	w.must(err)
	_, err = c.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn, ClientID: &ids[100]})
	w.check("one more", err, "LimitExceeded: Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	six := []string{strings.Repeat("1", 40), strings.Repeat("2", 40), strings.Repeat("3", 40), strings.Repeat("4", 40), strings.Repeat("5", 40), strings.Repeat("6", 40)}
	_, err = c.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: made.OpenIDConnectProviderArn, ThumbprintList: six})
	w.check("six thumbprints", err, "InvalidInput: Thumbprint list must contain fewer than 5 entries.")
	_, err = c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://a.example.com"), ThumbprintList: six})
	w.check("six thumbprints", err, "InvalidInput: Thumbprint list must contain fewer than 5 entries.")
	_, err = c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://a.example.com"), ThumbprintList: []string{"short"}})
	if got := show(err); !strings.HasPrefix(got, "ValidationError: 1 validation error detected: ") || !strings.Contains(got, "thumbprintList") {
		t.Errorf("a short thumbprint: %s", got)
	}
	for i := range 97 {
		w.must(second(c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String(fmt.Sprintf("https://%d.example.com", i))})))
	}
	_, err = c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://a.example.com")})
	w.check("the 101st provider", err, "LimitExceeded: Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100")
}

// TestProviderARNs: what is not the ARN of a provider of the kind is refused, and a provider of another account is out of
// reach.
func TestProviderARNs(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(development), t.Context()
	for _, arn := range []string{"arn:aws:iam::444455556666:saml-provider/corp", "arn:aws:iam::444455556666:oidc-provider/", "arn:aws:iam::4444:oidc-provider/idp.example.com"} {
		_, err := c.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
		w.check(arn, err, "InvalidInput: Invalid ARN: "+arn)
	}
	theirs := aws.String("arn:aws:iam::111122223333:oidc-provider/idp.example.com/app")
	_, err := c.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: theirs})
	if !strings.HasPrefix(show(err), "AccessDenied: ") {
		t.Errorf("another account's provider: %v", err)
	}
	if _, err := w.admin(production).GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: theirs}); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}

// TestFederatedPrincipals: a trust policy may name providers that do not exist, and nothing that is no provider.
func TestFederatedPrincipals(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	create := func(name, provider string) error {
		trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"sts:AssumeRoleWithWebIdentity"}}`
		return second(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}))
	}
	for i, provider := range []string{
		"accounts.google.com", "cognito-identity.amazonaws.com", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
		"arn:aws:iam::111122223333:oidc-provider/127.0.0.1:4566/_xemu/oidc", "arn:aws:iam::111122223333:saml-provider/corp",
	} {
		w.check(provider, create(fmt.Sprint("role", i), provider), "")
	}
	for _, provider := range []string{"", "no provider", "localhost", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::1111:oidc-provider/x.y"} {
		w.check(provider, create("none", provider), "MalformedPolicyDocument: Federated principals must be valid domain names or SAML metadata ARNs")
	}
}
