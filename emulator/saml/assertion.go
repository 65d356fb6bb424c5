package saml

import (
	"encoding/xml"
	"strings"
	"time"
)

// Assertion is what an identity provider says of a subject ("Assertions and Protocols for the OASIS Security Assertion
// Markup Language V2.0", 2.3.3), as far as AWS reads it.
type Assertion struct {
	XMLName      xml.Name  `xml:"urn:oasis:names:tc:SAML:2.0:assertion Assertion"`
	ID           string    `xml:"ID,attr"`
	IssueInstant time.Time `xml:"IssueInstant,attr"`
	Issuer       string    `xml:"urn:oasis:names:tc:SAML:2.0:assertion Issuer"`
	Subject      struct {
		NameID *struct {
			Format string `xml:"Format,attr"`
			Value  string `xml:",chardata"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		Confirmations []Confirmation `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmation"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion Subject"`
	Conditions struct {
		NotBefore    *time.Time `xml:"NotBefore,attr"`
		NotOnOrAfter *time.Time `xml:"NotOnOrAfter,attr"`
		Restrictions []struct {
			Audiences []string `xml:"urn:oasis:names:tc:SAML:2.0:assertion Audience"`
		} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AudienceRestriction"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion Conditions"`
	Logins []struct {
		SessionNotOnOrAfter *time.Time `xml:"SessionNotOnOrAfter,attr"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AuthnStatement"`
	Statements []struct {
		Attributes []Attribute `xml:"urn:oasis:names:tc:SAML:2.0:assertion Attribute"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeStatement"`
}

// Confirmation says who may bring the assertion, where to, and until when.
type Confirmation struct {
	Method string `xml:"Method,attr"`
	Data   *struct {
		Recipient    string     `xml:"Recipient,attr"`
		NotOnOrAfter *time.Time `xml:"NotOnOrAfter,attr"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:assertion SubjectConfirmationData"`
}

// Bearer is the method of an assertion that whoever has it may bring.
const Bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

// Attribute is an attribute of the subject.
type Attribute struct {
	Name   string   `xml:"Name,attr"`
	Values []string `xml:"urn:oasis:names:tc:SAML:2.0:assertion AttributeValue"`
}

// attributePrefix is what the names of AWS's own attributes begin with.
const attributePrefix = "https://aws.amazon.com/SAML/Attributes/"

// Attributes yields the attributes of the subject.
func (a *Assertion) Attributes(yield func(Attribute) bool) {
	for _, s := range a.Statements {
		for _, attribute := range s.Attributes {
			if !yield(attribute) {
				return
			}
		}
	}
}

// Values returns the values of an attribute of AWS's, such as "Role"; nil when there is none.
func (a *Assertion) Values(name string) []string {
	for attribute := range a.Attributes {
		if attribute.Name == attributePrefix+name {
			return trimmed(attribute.Values)
		}
	}
	return nil
}

// Value returns the first value of an attribute of AWS's, "" when there is none.
func (a *Assertion) Value(name string) string {
	if values := a.Values(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// PrincipalTags returns the session tags, as pairs of key and value in the assertion's order.
func (a *Assertion) PrincipalTags() (pairs [][2]string) {
	for attribute := range a.Attributes {
		if key, ok := strings.CutPrefix(attribute.Name, attributePrefix+"PrincipalTag:"); ok && len(attribute.Values) > 0 {
			pairs = append(pairs, [2]string{key, strings.TrimSpace(attribute.Values[0])})
		}
	}
	return pairs
}

// Audiences returns whom the assertion is meant for.
func (a *Assertion) Audiences() (all []string) {
	for _, r := range a.Conditions.Restrictions {
		all = append(all, trimmed(r.Audiences)...)
	}
	return all
}

func trimmed(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.TrimSpace(v)
	}
	return out
}

// conditionKeys are the attributes that STS turns into condition keys of trust policies, by their names ("Configure SAML
// assertions for the authentication response", IAM User Guide).
var conditionKeys = map[string][]string{
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.1":                                   {"saml:edupersonaffiliation"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.2":                                   {"saml:edupersonnickname"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.3":                                   {"saml:edupersonorgdn"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.4":                                   {"saml:edupersonorgunitdn"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.5":                                   {"saml:edupersonprimaryaffiliation"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.6":                                   {"saml:edupersonprincipalname"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.7":                                   {"saml:edupersonentitlement"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.8":                                   {"saml:edupersonprimaryorgunitdn"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.9":                                   {"saml:edupersonscopedaffiliation"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.10":                                  {"saml:edupersontargetedid"},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.11":                                  {"saml:edupersonassurance"},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.2":                                   {"saml:eduorghomepageuri"},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.3":                                   {"saml:eduorgidentityauthnpolicyuri"},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.4":                                   {"saml:eduorglegalname"},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.5":                                   {"saml:eduorgsuperioruri"},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.6":                                   {"saml:eduorgwhitepagesuri"},
	"urn:oid:2.5.4.3":                                                    {"saml:cn"},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":         {"saml:name"},
	"http://schemas.xmlsoap.org/claims/CommonName":                       {"saml:commonname"},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname":    {"saml:givenname"},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname":      {"saml:surname"},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": {"saml:mail"},
	// The guide maps it to uid; primaryGroupSID, which the list of keys has, comes from nothing else.
	"http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": {"saml:uid", "saml:primarygroupsid"},
	"2.5.4.3":                    {"saml:commonname"},
	"2.5.4.4":                    {"saml:surname"},
	"2.4.5.42":                   {"saml:givenname"},
	"2.5.4.45":                   {"saml:x500uniqueidentifier"},
	"0.9.2342.19200300100.1.1":   {"saml:uid"},
	"0.9.2342.19200300100.1.3":   {"saml:mail"},
	"0.9.2342.19200300.100.1.45": {"saml:organizationstatus"},
}

// ConditionKeys returns the condition keys of the subject's attributes, in lower case. Of several attributes for one key the
// first counts.
func (a *Assertion) ConditionKeys() map[string][]string {
	keys := map[string][]string{}
	for attribute := range a.Attributes {
		for _, key := range conditionKeys[attribute.Name] {
			if keys[key] == nil {
				keys[key] = trimmed(attribute.Values)
			}
		}
	}
	return keys
}
