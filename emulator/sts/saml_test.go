package sts_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/saml"
)

const corpARN = "arn:aws:iam::111122223333:saml-provider/corp"

// samlResponse is a response with a good assertion; the tests change parts of it before it is signed.
const samlResponse = `<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol" ID="r">` +
	`<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="a" IssueInstant="2026-03-01T12:00:00Z"><Issuer>urn:corp</Issuer>` +
	`<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"> ada </NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">` +
	`<SubjectConfirmationData NotOnOrAfter="2026-03-01T12:05:00Z" Recipient="https://signin.aws.amazon.com/saml"/></SubjectConfirmation></Subject>` +
	`<Conditions NotBefore="2026-03-01T12:00:00Z" NotOnOrAfter="2026-03-01T12:05:00Z"><AudienceRestriction><Audience>urn:amazon:webservices</Audience></AudienceRestriction></Conditions>` +
	`<AuthnStatement/><AttributeStatement>` +
	`<Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><AttributeValue>arn:aws:iam::111122223333:role/other,` + corpARN + `</AttributeValue>` +
	`<AttributeValue> ` + corpARN + ` , arn:aws:iam::111122223333:role/app </AttributeValue></Attribute>` +
	`<Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue>ada</AttributeValue></Attribute>` +
	`</AttributeStatement></Assertion></Response>`

// corp is an identity provider outside xemu.
type corp struct {
	t   *testing.T
	key *rsa.PrivateKey
	der []byte
}

func newCorp(t *testing.T) *corp {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	// IAM does not look at the dates of certificates.
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "corp"}, NotBefore: now.AddDate(-2, 0, 0), NotAfter: now.AddDate(-1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &corp{t, key, der}
}

func (c *corp) provider() iam.SAMLProvider {
	c.t.Helper()
	certificate, err := x509.ParseCertificate(c.der)
	if err != nil {
		c.t.Fatal(err)
	}
	p := iam.SAMLProvider{ARN: corpARN, Account: production, Name: "corp"}
	p.Metadata = &saml.Metadata{EntityID: "urn:corp", Certificates: []*x509.Certificate{certificate}}
	return p
}

// sign signs the response as a whole.
func (c *corp) sign(xml string) string {
	c.t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(xml); err != nil {
		c.t.Fatal(err)
	}
	ctx, err := dsig.NewSigningContext(c.key, [][]byte{c.der})
	if err != nil {
		c.t.Fatal(err)
	}
	signed, err := ctx.SignEnveloped(doc.Root())
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := etree.NewDocumentWithRoot(signed).WriteToBytes()
	if err != nil {
		c.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}

// TestSAMLAssertions: what an assertion must say, and what it says too much or too late.
func TestSAMLAssertions(t *testing.T) {
	w, idp := newWorld(t), newCorp(t)
	w.saml[corpARN] = idp.provider()
	role := w.role(production, "/", "app", `{"Effect":"Allow","Principal":{"Federated":"`+corpARN+`"},"Action":"sts:AssumeRoleWithSAML"}`)
	call := func(xml string) (*sts.AssumeRoleWithSAMLOutput, error) {
		out, err := w.anonymous().call("AssumeRoleWithSAML", &sts.AssumeRoleWithSAMLInput{RoleArn: &role, PrincipalArn: aws.String(corpARN), SAMLAssertion: aws.String(idp.sign(xml))})
		if err != nil {
			return nil, err
		}
		return out.(*sts.AssumeRoleWithSAMLOutput), nil
	}
	change := func(pairs ...string) string {
		t.Helper()
		changed := strings.NewReplacer(pairs...).Replace(samlResponse)
		if changed == samlResponse {
			t.Fatalf("%q changes nothing", pairs)
		}
		return changed
	}
	good, err := call(samlResponse)
	if err != nil {
		t.Fatal(err)
	}
	if *good.Subject != "ada" || *good.SubjectType != "transient" || *good.Issuer != "urn:corp" || *good.AssumedRoleUser.Arn != "arn:aws:sts::111122223333:assumed-role/app/ada" {
		t.Errorf("answered %+v", good)
	}
	const name = `<NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"> ada </NameID>`
	confirmation := samlResponse[strings.Index(samlResponse, "<SubjectConfirmation "):strings.Index(samlResponse, "</Subject>")]
	for what, test := range map[string]struct{ xml, want string }{
		"a region's endpoint":          {change("https://signin", "https://us-west-2.signin"), ""},
		"the endpoint as audience":     {change("urn:amazon:webservices", "https://signin.aws.amazon.com/saml"), ""},
		"no name":                      {change(name, ""), "AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML"},
		"another issuer":               {change("urn:corp", "urn:other"), "InvalidIdentityToken: Issuer not present in specified provider"},
		"another recipient":            {change("https://signin.aws.amazon.com/saml", "https://evil.example.com/saml"), "InvalidIdentityToken: Response does not contain the required recipient"},
		"a recipient that looks alike": {change("https://signin.aws.amazon.com/saml", "https://signin.aws.amazon.com.evil.example/saml"), "InvalidIdentityToken: Response does not contain the required recipient"},
		"another audience":             {change("urn:amazon:webservices", "urn:other"), "InvalidIdentityToken: Response does not contain the required audience"},
		"no audience":                  {change("<AudienceRestriction><Audience>urn:amazon:webservices</Audience></AudienceRestriction>", ""), "InvalidIdentityToken: Response does not contain the required audience"},
		"no confirmation":              {change(confirmation, ""), "InvalidIdentityToken: Invalid SAML response"},
		"two confirmations":            {change(confirmation, confirmation+confirmation), "InvalidIdentityToken: Invalid SAML response"},
		"not for the bearer":           {change("cm:bearer", "cm:holder-of-key"), "InvalidIdentityToken: Invalid SAML response"},
		"a confirmation for ever":      {change(`NotOnOrAfter="2026-03-01T12:05:00Z" Recipient`, "Recipient"), "InvalidIdentityToken: Invalid SAML response"},
		"issued long ago":              {change(`IssueInstant="2026-03-01T12:00`, `IssueInstant="2026-03-01T11:54`), "ExpiredTokenException: Token must be redeemed within 5 minutes of issuance"},
		"a confirmation that is over":  {change(`NotOnOrAfter="2026-03-01T12:05:00Z" Recipient`, `NotOnOrAfter="2026-03-01T12:00:00Z" Recipient`), "ExpiredTokenException: Token has expired"},
		"conditions that are over":     {change(`NotOnOrAfter="2026-03-01T12:05:00Z"><Aud`, `NotOnOrAfter="2026-03-01T12:00:00Z"><Aud`), "ExpiredTokenException: Token has expired"},
		"conditions to come":           {change(`NotBefore="2026-03-01T12`, `NotBefore="2026-03-01T13`), "InvalidIdentityToken: Token is not valid yet"},
		"issued in the future":         {change(`IssueInstant="2026-03-01T12`, `IssueInstant="2026-03-01T13`), "InvalidIdentityToken: Token is not valid yet"},
		"no session name":              {change("RoleSessionName", "Other"), "InvalidIdentityToken: RoleSessionName is required in AuthnResponse"},
		"no role":                      {change("Attributes/Role\"", "Attributes/Other\""), "InvalidIdentityToken: SAML Assertion doesn't contain the requested Role and Metadata in the attributes"},
		"a login that is over":         {change("<AuthnStatement/>", `<AuthnStatement SessionNotOnOrAfter="2026-03-01T12:00:00Z"/>`), "ExpiredTokenException: Token has expired"},
		"a time that is none":          {change(`NotBefore="2026-03-01T12:00:00Z"`, `NotBefore="soon"`), "InvalidIdentityToken: Invalid SAML response"},
		"no status but a bad one":      {change(`<Assertion `, `<Status><StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Requester"/></Status><Assertion `), "IDPRejectedClaim: The identity provider reported that authentication failed."},
	} {
		_, err := call(test.xml)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s:\n got %q\nwant %q", what, got, test.want)
		}
	}

	shorter, err := call(change("<AuthnStatement/>", `<AuthnStatement SessionNotOnOrAfter="2026-03-01T12:30:00Z"/>`))
	if err != nil || !shorter.Credentials.Expiration.Equal(now.Add(30*time.Minute)) {
		t.Errorf("a login of half an hour: %v, until %v", err, shorter.Credentials.Expiration)
	}
}
