package saml

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// PracticeEntityID is the entity id of the identity provider to practise with.
const PracticeEntityID = "urn:xemu:saml:idp"

// Practice is an identity provider to practise with. It has no login page: whoever may ask it gets an assertion.
type Practice struct{ Key *rsa.PrivateKey }

// Login is a login that the provider is to vouch for.
type Login struct {
	Role, Provider string            // ARNs, for the attribute Role
	Name           string            // the NameID, persistent; and the RoleSessionName if Session is ""
	Session        string            // RoleSessionName
	Duration       int               // SessionDuration in seconds, 0 for none
	SourceIdentity string            // "" for none
	Tags           map[string]string // PrincipalTag:…
	Transitive     []string          // TransitiveTagKeys
	Attributes     map[string]string // further attributes, by their full names
}

// certificate is the same each time: its serial number and dates are fixed, and so is what signs it.
func (p Practice) certificate() ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "xemu practice identity provider"},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		SignatureAlgorithm: x509.SHA256WithRSA,
	}
	return x509.CreateCertificate(rand.Reader, template, template, p.Key.Public(), p.Key)
}

// Metadata returns the provider's metadata document.
func (p Practice) Metadata() (string, error) {
	certificate, err := p.certificate()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAuthnRequestsSigned="false">
    <KeyDescriptor use="signing">
      <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">
        <X509Data>
          <X509Certificate>%s</X509Certificate>
        </X509Data>
      </KeyInfo>
    </KeyDescriptor>
    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://there-is-no-login-page.invalid/"/>
  </IDPSSODescriptor>
</EntityDescriptor>
`, PracticeEntityID, base64.StdEncoding.EncodeToString(certificate)), nil
}

// Recipient is where AWS takes assertions.
const Recipient = "https://signin.aws.amazon.com/saml"

// lifetime is how long an assertion is good; AWS wants it within five minutes of its making.
const lifetime = 5 * time.Minute

// Respond returns a SAML response, in base64, with a signed assertion that is good from now on.
func (p Practice) Respond(l Login, now time.Time) (string, error) {
	response := etree.NewElement("samlp:Response")
	response.CreateAttr("xmlns:samlp", protocolNS)
	response.CreateAttr("ID", newID())
	response.CreateAttr("Version", "2.0")
	response.CreateAttr("IssueInstant", instant(now))
	response.CreateAttr("Destination", Recipient)
	issuer := response.CreateElement("saml:Issuer")
	issuer.CreateAttr("xmlns:saml", assertionNS)
	issuer.SetText(PracticeEntityID)
	response.CreateElement("samlp:Status").CreateElement("samlp:StatusCode").CreateAttr("Value", success)
	signed, err := p.sign(l.assertion(now))
	if err != nil {
		return "", err
	}
	response.AddChild(signed)
	text, err := etree.NewDocumentWithRoot(response).WriteToBytes()
	return base64.StdEncoding.EncodeToString(text), err
}

// sign returns the element with its signature, which stands after the issuer.
func (p Practice) sign(e *etree.Element) (*etree.Element, error) {
	certificate, err := p.certificate()
	if err != nil {
		return nil, err
	}
	ctx, err := dsig.NewSigningContext(p.Key, [][]byte{certificate})
	if err != nil {
		return nil, err
	}
	ctx.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	signature, err := ctx.ConstructSignature(e, true)
	if err != nil {
		return nil, err
	}
	e.InsertChildAt(1, signature)
	return e, nil
}

func (l Login) assertion(now time.Time) *etree.Element {
	a := etree.NewElement("saml:Assertion")
	a.CreateAttr("xmlns:saml", assertionNS)
	a.CreateAttr("ID", newID())
	a.CreateAttr("Version", "2.0")
	a.CreateAttr("IssueInstant", instant(now))
	a.CreateElement("saml:Issuer").SetText(PracticeEntityID)
	subject := a.CreateElement("saml:Subject")
	name := subject.CreateElement("saml:NameID")
	name.CreateAttr("Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")
	name.SetText(l.Name)
	confirmation := subject.CreateElement("saml:SubjectConfirmation")
	confirmation.CreateAttr("Method", Bearer)
	data := confirmation.CreateElement("saml:SubjectConfirmationData")
	data.CreateAttr("NotOnOrAfter", instant(now.Add(lifetime)))
	data.CreateAttr("Recipient", Recipient)
	conditions := a.CreateElement("saml:Conditions")
	conditions.CreateAttr("NotBefore", instant(now))
	conditions.CreateAttr("NotOnOrAfter", instant(now.Add(lifetime)))
	conditions.CreateElement("saml:AudienceRestriction").CreateElement("saml:Audience").SetText("urn:amazon:webservices")
	login := a.CreateElement("saml:AuthnStatement")
	login.CreateAttr("AuthnInstant", instant(now))
	login.CreateElement("saml:AuthnContext").CreateElement("saml:AuthnContextClassRef").SetText("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified")
	l.attributes(a.CreateElement("saml:AttributeStatement"))
	return a
}

func (l Login) attributes(statement *etree.Element) {
	add := func(name string, values ...string) {
		attribute := statement.CreateElement("saml:Attribute")
		attribute.CreateAttr("Name", name)
		for _, v := range values {
			attribute.CreateElement("saml:AttributeValue").SetText(v)
		}
	}
	session := l.Session
	if session == "" {
		session = l.Name
	}
	add(attributePrefix+"Role", l.Role+","+l.Provider)
	add(attributePrefix+"RoleSessionName", session)
	if l.Duration != 0 {
		add(attributePrefix+"SessionDuration", fmt.Sprint(l.Duration))
	}
	if l.SourceIdentity != "" {
		add(attributePrefix+"SourceIdentity", l.SourceIdentity)
	}
	for key, value := range l.Tags {
		add(attributePrefix+"PrincipalTag:"+key, value)
	}
	if len(l.Transitive) > 0 {
		add(attributePrefix+"TransitiveTagKeys", l.Transitive...)
	}
	for name, value := range l.Attributes {
		add(name, value)
	}
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return "_" + hex.EncodeToString(b[:])
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
