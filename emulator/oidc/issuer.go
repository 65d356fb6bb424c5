package oidc

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Issuer issues tokens that are signed with the emulator's own keys, in the name of any issuer.
type Issuer struct {
	// URL is the issuer itself, where its discovery document is served.
	URL  string
	Keys *Keys
}

// Request is a token that somebody asks for.
type Request struct {
	Issuer   string // "": the issuer itself
	Subject  string
	Audience []string
	Lifetime time.Duration
	Claims   map[string]any // further claims, which go before the standard ones
}

// Token returns a signed token that is good from now on.
func (i *Issuer) Token(r Request, algorithm jose.SignatureAlgorithm, now time.Time) (string, error) {
	signer, err := i.Keys.signer(algorithm)
	if err != nil {
		return "", err
	}
	if r.Issuer == "" {
		r.Issuer = i.URL
	}
	claims := map[string]any{
		"iss": r.Issuer, "sub": r.Subject, "aud": r.Audience, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(r.Lifetime).Unix(),
	}
	if len(r.Audience) == 1 {
		claims["aud"] = r.Audience[0]
	}
	maps.Copy(claims, r.Claims)
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// Discovery is an issuer's metadata ("OpenID Connect Discovery 1.0", 3).
type Discovery struct {
	Issuer        string   `json:"issuer"`
	JWKSURI       string   `json:"jwks_uri"`
	ResponseTypes []string `json:"response_types_supported"`
	SubjectTypes  []string `json:"subject_types_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	Claims        []string `json:"claims_supported"`
}

// The names of an issuer's documents, below its URL.
const (
	discoveryPath = "/.well-known/openid-configuration"
	jwksPath      = "/.well-known/jwks.json"
)

// Discovery returns the discovery document of an issuer whose documents are served at url.
func (i *Issuer) Discovery(issuer, url string) Discovery {
	return Discovery{
		Issuer: issuer, JWKSURI: url + jwksPath,
		ResponseTypes: []string{"id_token"}, SubjectTypes: []string{"public"},
		Algorithms: []string{string(jose.RS256), string(jose.ES384)},
		Claims:     []string{"iss", "sub", "aud", "iat", "nbf", "exp"},
	}
}

// JWKS returns the public keys that the tokens can be verified with.
func (i *Issuer) JWKS() (json.RawMessage, error) {
	set, err := i.Keys.public()
	if err != nil {
		return nil, err
	}
	return json.Marshal(set)
}
