package saml_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"

	"github.com/xemu-aws/xemu/emulator/saml"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// idpKey returns the provider's key. It is always the same, so that a fuzzer's findings can be repeated.
var idpKey = sync.OnceValue(func() *rsa.PrivateKey {
	text, err := os.ReadFile("testdata/idp-key.pem")
	if err != nil {
		panic(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return key.(*rsa.PrivateKey)
})

var otherKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func provider(t testing.TB, key *rsa.PrivateKey) *saml.Provider {
	t.Helper()
	text, err := saml.Practice{Key: key}.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	m, err := saml.ParseMetadata(text)
	if err != nil {
		t.Fatal(err)
	}
	return &saml.Provider{Metadata: m}
}

const (
	roleARN     = "arn:aws:iam::111122223333:role/admin"
	providerARN = "arn:aws:iam::111122223333:saml-provider/corp"
)

// respond returns a response about ada, as XML.
func respond(t testing.TB, key *rsa.PrivateKey) string {
	t.Helper()
	text, err := saml.Practice{Key: key}.Respond(saml.Login{
		Role: roleARN, Provider: providerARN, Name: "ada", Duration: 1800, SourceIdentity: "ada@example.com",
		Tags: map[string]string{"team": "red"}, Transitive: []string{"team"},
		Attributes: map[string]string{"urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "staff"},
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	xml, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(xml)
}

func verify(p *saml.Provider, xml string) (*saml.Assertion, error) {
	return p.Verify(base64.StdEncoding.EncodeToString([]byte(xml)))
}

func TestVerify(t *testing.T) {
	a, err := verify(provider(t, idpKey()), respond(t, idpKey()))
	if err != nil {
		t.Fatal(err)
	}
	if a.Issuer != saml.PracticeEntityID || a.Subject.NameID.Value != "ada" || !a.IssueInstant.Equal(now) || a.Value("RoleSessionName") != "ada" ||
		a.Value("Role") != roleARN+","+providerARN || a.Value("SessionDuration") != "1800" || a.Audiences()[0] != "urn:amazon:webservices" ||
		a.PrincipalTags()[0] != [2]string{"team", "red"} || a.ConditionKeys()["saml:edupersonaffiliation"][0] != "staff" {
		t.Errorf("read %+v", a)
	}
}

// TestForgeries changes a good response, or its parts, in ways that must not pass. XSW is XML signature wrapping.
func TestForgeries(t *testing.T) {
	good := respond(t, idpKey())
	assertion := regexp.MustCompile(`(?s)<saml:Assertion .*</saml:Assertion>`).FindString(good)
	signature := regexp.MustCompile(`(?s)<ds:Signature .*</ds:Signature>`).FindString(good)
	if assertion == "" || signature == "" {
		t.Fatal(good)
	}
	id := regexp.MustCompile(`<saml:Assertion [^>]*ID="([^"]*)"`).FindStringSubmatch(good)[1]
	unsigned := strings.Replace(assertion, signature, "", 1)
	evil := strings.NewReplacer(">ada<", ">root<", id, "_evil").Replace(unsigned)
	evilSameID := strings.Replace(unsigned, ">ada<", ">root<", -1)
	inject := func(e string) string { return strings.Replace(good, assertion, e, 1) }
	withSignature := func(e, s string) string {
		return strings.Replace(e, "</saml:Issuer>", "</saml:Issuer>"+s, 1)
	}
	for what, test := range map[string]struct {
		xml  string
		want error
	}{
		"not XML":                                           {"x", saml.ErrMalformed},
		"another document":                                  {"<a/>", saml.ErrMalformed},
		"an assertion alone":                                {assertion, saml.ErrMalformed},
		"no assertion":                                      {inject(""), saml.ErrMalformed},
		"a document type":                                   {`<!DOCTYPE r [<!ENTITY e "x">]>` + good, saml.ErrMalformed},
		"no signature":                                      {inject(unsigned), saml.ErrSignature},
		"another name":                                      {strings.ReplaceAll(good, ">ada<", ">root<"), saml.ErrSignature},
		"another key":                                       {respond(t, otherKey()), saml.ErrSignature},
		"a changed signature":                               {strings.Replace(good, "<ds:SignatureValue>", "<ds:SignatureValue>AAAA", 1), saml.ErrSignature},
		"the provider said no":                              {strings.Replace(good, "status:Success", "status:Responder", 1), saml.ErrRejected},
		"two assertions":                                    {inject(assertion + evil), saml.ErrMalformed},
		"two, the evil one first":                           {inject(evil + assertion), saml.ErrMalformed},
		"XSW: evil wraps the signed one":                    {inject(strings.Replace(evil, "<saml:Subject>", assertion+"<saml:Subject>", 1)), saml.ErrSignature},
		"XSW: the signed one in evil's signature":           {inject(withSignature(evil, strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+unsigned+"</ds:Object></ds:Signature>", 1))), saml.ErrSignature},
		"XSW: evil takes the signature":                     {inject(withSignature(evil, signature)), saml.ErrSignature},
		"XSW: evil takes the id and the signature":          {inject(withSignature(evilSameID, signature)), saml.ErrSignature},
		"XSW: the signed one beside, in an extension":       {strings.Replace(inject(evil), "<samlp:Status>", "<samlp:Extensions>"+assertion+"</samlp:Extensions><samlp:Status>", 1), saml.ErrSignature},
		"XSW: the response takes the assertion's signature": {strings.Replace(inject(evil), "</saml:Issuer><samlp:Status>", "</saml:Issuer>"+signature+"<samlp:Status>", 1), saml.ErrSignature},
		"XSW: the signed one within the response's signature": {strings.Replace(inject(evil), "</saml:Issuer><samlp:Status>",
			"</saml:Issuer>"+strings.Replace(signature, "</ds:Signature>", "<ds:Object>"+assertion+"</ds:Object></ds:Signature>", 1)+"<samlp:Status>", 1), saml.ErrSignature},
		"another namespace": {strings.Replace(good, `xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID=`, `xmlns:saml="urn:other" ID=`, 1), saml.ErrMalformed},
	} {
		t.Run(what, func(t *testing.T) {
			if test.xml == good {
				t.Fatal("nothing was changed")
			}
			a, err := verify(provider(t, idpKey()), test.xml)
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %v; %+v", err, test.want, a)
			}
		})
	}
	p := provider(t, idpKey())
	p.EntityID = "urn:other"
	if _, err := verify(p, good); !errors.Is(err, saml.ErrIssuer) {
		t.Errorf("another issuer: %v", err)
	}
	if _, err := p.Verify("%%%"); !errors.Is(err, saml.ErrMalformed) {
		t.Errorf("no base64: %v", err)
	}
}

// TestComments: a comment inside a value, which canonicalization drops, does not cut the value short.
func TestComments(t *testing.T) {
	a, err := verify(provider(t, idpKey()), strings.Replace(respond(t, idpKey()), ">ada<", ">a<!-- x -->da<", 1))
	if err != nil || a.Subject.NameID.Value != "ada" {
		t.Errorf("%v: %+v", err, a)
	}
}

func TestEncryptedAssertions(t *testing.T) {
	good := respond(t, idpKey())
	assertion := regexp.MustCompile(`(?s)<saml:Assertion .*</saml:Assertion>`).FindString(good)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, otherKey().Public(), otherKey())
	if err != nil {
		t.Fatal(err)
	}
	encrypter := xmlenc.OAEP()
	encrypter.BlockCipher = xmlenc.AES256CBC
	element, err := encrypter.Encrypt(certificate(t, der), []byte(assertion), nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := etree.NewDocumentWithRoot(element).WriteToString()
	if err != nil {
		t.Fatal(err)
	}
	encrypted := strings.Replace(good, assertion, `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">`+text+`</saml:EncryptedAssertion>`, 1)

	p := provider(t, idpKey())
	if _, err := verify(p, encrypted); !errors.Is(err, saml.ErrDecrypt) {
		t.Errorf("without a key: %v", err)
	}
	p.Keys = []*rsa.PrivateKey{idpKey(), otherKey()} // the old one and its successor
	p.MustEncrypt = true
	if a, err := verify(p, encrypted); err != nil || a.Subject.NameID.Value != "ada" {
		t.Errorf("with its key: %v", err)
	}
	if _, err := verify(p, good); !errors.Is(err, saml.ErrPlain) {
		t.Errorf("not encrypted: %v", err)
	}
}

func certificate(t *testing.T, der []byte) *x509.Certificate {
	t.Helper()
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// FuzzVerify: whatever is sent, nothing panics, and nothing passes that says another name than the signed one.
func FuzzVerify(f *testing.F) {
	p := provider(f, idpKey())
	p.Keys = []*rsa.PrivateKey{otherKey()}
	good := respond(f, idpKey())
	f.Add([]byte(good))
	f.Add([]byte(strings.ReplaceAll(good, ">ada<", ">root<")))
	f.Add([]byte(`<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/></Response>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := verify(p, string(text))
		if err == nil && (a.Subject.NameID == nil || a.Subject.NameID.Value != "ada") {
			t.Errorf("%s passed as %+v", text, a)
		}
	})
}

// FuzzMetadata: no document panics.
func FuzzMetadata(f *testing.F) {
	text, err := saml.Practice{Key: idpKey()}.Metadata()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(string(pem.EncodeToMemory(&pem.Block{Type: "X", Bytes: []byte("x")})))
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := saml.ParseMetadata(text); err == nil && (m.EntityID == "" || len(m.Certificates) == 0) {
			t.Errorf("%q was read as %+v", text, m)
		}
	})
}
