package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// algorithms are those that a token may be signed with (AssumeRoleWithWebIdentity, STS API Reference).
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// required are the claims that a token must have.
var required = []string{"iss", "sub", "aud", "exp", "iat"}

// leeway is how far the clock of an issuer may be off ("Create an OpenID Connect identity provider in IAM").
const leeway = 5 * time.Minute

// Token is an ID token that has been read. Until it is verified nothing that it says is to be believed.
type Token struct {
	parsed *jwt.JSONWebToken
	claims map[string]json.RawMessage
	Issuer string
}

// Parse reads a token and checks its form.
func Parse(text string) (*Token, error) {
	parsed, err := jwt.ParseSigned(text, algorithms)
	if err != nil {
		return nil, awserr.InvalidIdentityToken.Errorf("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	t := &Token{parsed: parsed}
	if err := parsed.UnsafeClaimsWithoutVerification(&t.claims); err != nil {
		return nil, awserr.InvalidIdentityToken.Errorf("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	for _, name := range required {
		if len(t.strings(name)) == 0 || t.text(name) == "" {
			return nil, awserr.InvalidIdentityToken.Errorf("Missing a required claim: %s", name)
		}
	}
	t.Issuer = t.text("iss")
	return t, nil
}

// strings returns the values of a claim that is a string, a number, a truth value, or a list of those; nil for any other.
func (t *Token) strings(name string) []string { return values(t.claims[name]) }

// text returns the first value of a claim.
func (t *Token) text(name string) string {
	if v := t.strings(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

func values(raw json.RawMessage) []string {
	if len(raw) == 0 {
		return nil
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return nil
		}
		return []string{text}
	case '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return nil
		}
		var all []string
		for _, element := range list {
			if len(element) > 0 && element[0] != '[' {
				all = append(all, values(element)...)
			}
		}
		return all
	case '{', 'n':
		return nil
	}
	return []string{string(raw)}
}

// Audience is whom the token is for: the authorized party, where one is named, and the audience otherwise.
func (t *Token) Audience() string {
	if party := t.text("azp"); party != "" {
		return party
	}
	return t.text("aud")
}

// Subject is whom the token is about.
func (t *Token) Subject() string { return t.text("sub") }

// Verifier verifies tokens.
type Verifier struct {
	issuer *Issuer
	given  atomic.Pointer[map[string]jose.JSONWebKeySet] // by the issuer's name
}

// NewVerifier returns a verifier that believes what issuer signs.
func NewVerifier(issuer *Issuer) *Verifier {
	v := &Verifier{issuer: issuer}
	v.given.Store(&map[string]jose.JSONWebKeySet{})
	return v
}

// Give replaces the keys that are given for issuers: JSON Web Key Sets by issuer URL.
func (v *Verifier) Give(sets map[string]string) error {
	given := map[string]jose.JSONWebKeySet{}
	for issuer, text := range sets {
		var set jose.JSONWebKeySet
		if err := json.Unmarshal([]byte(text), &set); err != nil {
			return err
		}
		if len(set.Keys) == 0 {
			return errors.New("the key set has no keys")
		}
		for _, key := range set.Keys {
			if !key.IsPublic() || !key.Valid() {
				return errors.New("the key set has a key that is not a public one")
			}
		}
		given[Name(issuer)] = set
	}
	v.given.Store(&given)
	return nil
}

// Check is what a token must stand up to.
type Check struct {
	AnyAudience bool // the trust policy alone looks at the audience
	ClientIDs   []string
	Thumbprints []string
}

// Verify checks the signature, the time and the audience of a token. Its errors are STS's.
func (v *Verifier) Verify(ctx context.Context, t *Token, c Check, now time.Time) error {
	set, err := v.keySet(ctx, t.Issuer, c.Thumbprints)
	switch {
	case errors.Is(err, errUnreachable):
		return awserr.IDPCommunicationError.Errorf("The identity provider %s could not be reached.", t.Issuer)
	case errors.Is(err, errThumbprint):
		return awserr.InvalidIdentityToken.Errorf("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
	case errors.Is(err, errNoKeys):
		return noKey()
	case err != nil:
		return err
	}
	if err := t.verify(set); err != nil {
		return err
	}
	if err := t.checkTime(now); err != nil {
		return err
	}
	if len(t.strings("aud")) > 1 && t.text("azp") == "" {
		return awserr.InvalidIdentityToken.Errorf("Token audience contains more than one audience while authorized party is not present")
	}
	if !c.AnyAudience && !slices.Contains(c.ClientIDs, t.Audience()) {
		return awserr.InvalidIdentityToken.Errorf("Incorrect token audience")
	}
	return nil
}

func noKey() error {
	return awserr.InvalidIdentityToken.Errorf("Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
}

// verify checks the signature with the key that the token names, or with each if it names none.
func (t *Token) verify(set jose.JSONWebKeySet) error {
	candidates := set.Keys
	if id := t.parsed.Headers[0].KeyID; id != "" {
		candidates = set.Key(id)
	}
	if len(candidates) == 0 {
		return noKey()
	}
	for _, key := range candidates {
		if t.parsed.Claims(key.Key, &map[string]json.RawMessage{}) == nil {
			return nil
		}
	}
	return awserr.InvalidIdentityToken.Errorf("The token's signature could not be verified with the keys of %s", t.Issuer)
}

func (t *Token) checkTime(now time.Time) error {
	expires, issued := t.seconds("exp"), t.seconds("iat")
	switch {
	case expires == 0 || issued == 0:
		return awserr.InvalidIdentityToken.Errorf("Invalid timestamp in token claims")
	case now.Unix() >= expires+int64(leeway.Seconds()):
		return awserr.ExpiredIdentityToken.Errorf("Token expired: current date/time %d must be before the expiration date/time %d", now.Unix(), expires)
	case now.Add(leeway).Unix() < issued:
		return awserr.InvalidIdentityToken.Errorf("Token issued in the future: current date/time %d is before %d", now.Unix(), issued)
	case now.Add(leeway).Unix() < t.seconds("nbf"):
		return awserr.InvalidIdentityToken.Errorf("Token not valid yet: current date/time %d is before %d", now.Unix(), t.seconds("nbf"))
	}
	return nil
}

// seconds returns a timestamp, 0 for what is none. STS takes integers alone.
func (t *Token) seconds(name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(string(t.claims[name])), 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return 0
	}
	return n
}
