// Package saml is SAML 2.0 as IAM and STS need it: [ParseMetadata] reads an identity provider's metadata, [Provider.Verify]
// a response with a signed assertion, and [Practice] is an identity provider to practise with.
package saml

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"strings"
	"time"
)

const (
	metadataNS  = "urn:oasis:names:tc:SAML:2.0:metadata"
	protocolNS  = "urn:oasis:names:tc:SAML:2.0:protocol"
	assertionNS = "urn:oasis:names:tc:SAML:2.0:assertion"
	signatureNS = "http://www.w3.org/2000/09/xmldsig#"
)

// Metadata is what a metadata document says of an identity provider.
type Metadata struct {
	EntityID     string
	ValidUntil   time.Time // zero: it does not say
	Certificates []*x509.Certificate
}

// entityDescriptor is the document ("Metadata for the OASIS Security Assertion Markup Language V2.0", 2.3.2).
type entityDescriptor struct {
	XMLName    xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID   string   `xml:"entityID,attr"`
	ValidUntil string   `xml:"validUntil,attr"`
	IDP        []struct {
		Keys []struct {
			Use          string   `xml:"use,attr"`
			Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo>X509Data>X509Certificate"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
}

// minKeyBits is the shortest RSA key that IAM takes ("Troubleshoot SAML federation with IAM").
const minKeyBits = 1024

// ParseMetadata reads the metadata document of one identity provider: UTF-8 without a byte order mark, with an entity id and
// a certificate to verify signatures with.
func ParseMetadata(text string) (*Metadata, error) {
	if strings.HasPrefix(text, "\ufeff") {
		return nil, errors.New("it begins with a byte order mark")
	}
	var d entityDescriptor
	if err := xml.Unmarshal([]byte(text), &d); err != nil {
		return nil, err
	}
	m := &Metadata{EntityID: d.EntityID}
	if d.EntityID == "" {
		return nil, errors.New("it has no entityID")
	}
	if d.ValidUntil != "" {
		until, err := time.Parse(time.RFC3339, d.ValidUntil)
		if err != nil {
			return nil, err
		}
		m.ValidUntil = until.UTC()
	}
	for _, idp := range d.IDP {
		for _, key := range idp.Keys {
			if key.Use == "encryption" {
				continue
			}
			for _, text := range key.Certificates {
				c, err := parseCertificate(text)
				if err != nil {
					return nil, err
				}
				m.Certificates = append(m.Certificates, c)
			}
		}
	}
	if len(m.Certificates) == 0 {
		return nil, errors.New("it has no certificate for signatures")
	}
	return m, nil
}

func parseCertificate(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, err
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < minKeyBits {
		return nil, errors.New("a certificate's key is too short")
	}
	return c, nil
}
