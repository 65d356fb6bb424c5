package saml

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"strings"

	"github.com/beevik/etree"
	"github.com/crewjam/saml/xmlenc"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// Provider is an identity provider that a response must come from.
type Provider struct {
	*Metadata
	// Keys decrypt assertions. MustEncrypt refuses those that are not encrypted.
	Keys        []*rsa.PrivateKey
	MustEncrypt bool
}

// Errors of Verify.
var (
	ErrMalformed = errors.New("not a SAML response")
	ErrSignature = errors.New("no valid signature of the provider")
	ErrIssuer    = errors.New("another issuer than the provider")
	ErrRejected  = errors.New("the provider rejected the login")
	ErrDecrypt   = errors.New("the assertion cannot be decrypted")
	ErrPlain     = errors.New("the assertion is not encrypted")
)

const success = "urn:oasis:names:tc:SAML:2.0:status:Success"

// Verify reads a SAML response in base64 and returns its assertion, if the provider has signed it: the response as a whole or
// the assertion. What is returned is read from the very bytes that were verified, so that content which an attacker has
// wrapped around a signed element counts for nothing.
func (p *Provider) Verify(encoded string) (*Assertion, error) {
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return nil, ErrMalformed
	}
	response, err := parse(text)
	if err != nil || !is(response, protocolNS, "Response") {
		return nil, ErrMalformed
	}
	signed := false
	if child(response, signatureNS, "Signature") != nil {
		if response, err = p.verified(response); err != nil {
			return nil, err
		}
		signed = true
	}
	if status := child(response, protocolNS, "Status"); status != nil {
		if code := child(status, protocolNS, "StatusCode"); code != nil && code.SelectAttrValue("Value", "") != success {
			return nil, ErrRejected
		}
	}
	element, err := p.assertion(response)
	if err != nil {
		return nil, err
	}
	if !signed || child(element, signatureNS, "Signature") != nil {
		if element, err = p.verified(element); err != nil {
			return nil, err
		}
	}
	a, err := readAssertion(element)
	if err != nil {
		return nil, err
	}
	if a.Issuer != p.EntityID {
		return nil, ErrIssuer
	}
	return a, nil
}

// parse reads XML without a document type, which could define entities.
func parse(text []byte) (*etree.Element, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(text); err != nil {
		return nil, err
	}
	for _, token := range doc.Child {
		if _, ok := token.(*etree.Directive); ok {
			return nil, ErrMalformed
		}
	}
	if doc.Root() == nil || len(doc.ChildElements()) != 1 {
		return nil, ErrMalformed
	}
	return doc.Root(), nil
}

// is reports whether an element has the name in a namespace.
func is(e *etree.Element, namespace, name string) bool {
	return e.Tag == name && e.NamespaceURI() == namespace
}

// child returns the first child element of a name, nil when there is none.
func child(e *etree.Element, namespace, name string) *etree.Element {
	for _, c := range e.ChildElements() {
		if is(c, namespace, name) {
			return c
		}
	}
	return nil
}

// assertion returns the one assertion of a response, decrypted.
func (p *Provider) assertion(response *etree.Element) (*etree.Element, error) {
	var found []*etree.Element
	for _, c := range response.ChildElements() {
		if is(c, assertionNS, "Assertion") || is(c, assertionNS, "EncryptedAssertion") {
			found = append(found, c)
		}
	}
	switch {
	case len(found) != 1:
		return nil, ErrMalformed
	case found[0].Tag == "EncryptedAssertion":
		return p.decrypt(found[0])
	case p.MustEncrypt:
		return nil, ErrPlain
	}
	return detach(found[0])
}

// detach returns a copy of an element that stands alone, with the namespaces that its parents declare.
func detach(e *etree.Element) (*etree.Element, error) {
	ctx, err := etreeutils.NSBuildParentContext(e)
	if err != nil {
		return nil, ErrMalformed
	}
	if e, err = etreeutils.NSDetatch(ctx, e); err != nil {
		return nil, ErrMalformed
	}
	return e, nil
}

// decrypt opens an encrypted assertion with one of the provider's private keys.
func (p *Provider) decrypt(e *etree.Element) (*etree.Element, error) {
	data, beside := e.FindElement("./EncryptedData"), e.FindElement("./EncryptedKey")
	if data == nil {
		return nil, ErrMalformed
	}
	for _, private := range p.Keys {
		var key any = private // which xmlenc opens the key with that stands inside the data
		if beside != nil {
			symmetric, err := xmlenc.Decrypt(private, beside)
			if err != nil {
				continue
			}
			key = symmetric
		}
		text, err := xmlenc.Decrypt(key, data)
		if err != nil {
			continue
		}
		plain, err := parse(text)
		if err != nil || !is(plain, assertionNS, "Assertion") {
			return nil, ErrMalformed
		}
		return plain, nil
	}
	return nil, ErrDecrypt
}

// verified returns the element as the provider signed it. IAM does not look at the certificates' dates ("Create a SAML
// identity provider in IAM").
func (p *Provider) verified(e *etree.Element) (*etree.Element, error) {
	if e.SelectAttrValue("ID", "") == "" {
		return nil, ErrSignature // a signature names what it signs by its ID
	}
	for _, c := range p.Certificates {
		ctx := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{c}})
		ctx.Clock = dsig.NewFakeClockAt(c.NotBefore)
		if signed, err := ctx.Validate(e); err == nil && signed.Tag == e.Tag && signed.NamespaceURI() == e.NamespaceURI() {
			return signed, nil
		}
	}
	return nil, ErrSignature
}

// readAssertion reads an element that was verified.
func readAssertion(e *etree.Element) (*Assertion, error) {
	doc := etree.NewDocumentWithRoot(e.Copy())
	text, err := doc.WriteToBytes()
	if err != nil {
		return nil, ErrMalformed
	}
	a := &Assertion{}
	if err := xml.Unmarshal(text, a); err != nil {
		return nil, ErrMalformed
	}
	return a, nil
}
