package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/oidc"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newIssuer(t testing.TB) *oidc.Issuer {
	path := filepath.Join(t.TempDir(), "keys.pem")
	return &oidc.Issuer{URL: "http://127.0.0.1:4566/_xemu/oidc", Keys: oidc.NewKeys(path, func(path string, text []byte) error {
		return os.WriteFile(path, text, 0o600)
	})}
}

const github = "https://token.actions.githubusercontent.com"

var request = oidc.Request{Issuer: github, Subject: "repo:org/app:ref:refs/heads/main", Audience: []string{"sts.amazonaws.com"}, Lifetime: time.Hour}

// sign makes a token of any claims with any key.
func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// with returns good claims with some changed; nil takes a claim away.
func with(changes map[string]any) map[string]any {
	claims := map[string]any{"iss": github, "sub": "me", "aud": "sts.amazonaws.com", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	return claims
}

func check(v *oidc.Verifier, token string, c oidc.Check) error {
	t, err := oidc.Parse(token)
	if err != nil {
		return err
	}
	return v.Verify(context.Background(), t, c, now)
}

var audience = oidc.Check{ClientIDs: []string{"sts.amazonaws.com"}}

func want(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	var e *awserr.Error
	if errors.As(err, &e) {
		got = e.Code + ": " + e.Message
	} else if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestVerify(t *testing.T) {
	issuer := newIssuer(t)
	v := oidc.NewVerifier(issuer)
	for _, algorithm := range []jose.SignatureAlgorithm{jose.RS256, jose.ES384} {
		token, err := issuer.Token(request, algorithm, now)
		if err != nil {
			t.Fatal(err)
		}
		want(t, string(algorithm), check(v, token, audience), "")
		want(t, "another audience", check(v, token, oidc.Check{ClientIDs: []string{"other"}}), "InvalidIdentityToken: Incorrect token audience")
		want(t, "no audience", check(v, token, oidc.Check{}), "InvalidIdentityToken: Incorrect token audience")
		want(t, "any audience", check(v, token, oidc.Check{AnyAudience: true}), "")
		want(t, "the keys of another emulator", check(oidc.NewVerifier(newIssuer(t)), token, audience),
			"InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
		forged := token[:len(token)-4] + "AAAA"
		want(t, "a changed signature", check(v, forged, audience), "InvalidIdentityToken: The token's signature could not be verified with the keys of "+github)
		parts := strings.Split(token, ".")
		other, err := issuer.Token(oidc.Request{Issuer: github, Subject: "evil", Audience: request.Audience, Lifetime: time.Hour}, algorithm, now)
		if err != nil {
			t.Fatal(err)
		}
		forged = parts[0] + "." + strings.Split(other, ".")[1] + "." + parts[2]
		want(t, "changed claims", check(v, forged, audience), "InvalidIdentityToken: The token's signature could not be verified with the keys of "+github)
	}
}

const noJWT = "InvalidIdentityToken: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"

func TestForms(t *testing.T) {
	rsaKey, err := newIssuer(t).Keys.RSA()
	if err != nil {
		t.Fatal(err)
	}
	none := strings.Split(sign(t, jose.RS256, rsaKey, with(nil)), ".")
	none[0] = "eyJhbGciOiJub25lIn0" // {"alg":"none"}
	for what, token := range map[string]string{
		"an access token": "Atza|IQEBLjAsAhRFiXuWpUXuRvQ9PZL3GMFcYevydwIUFAHZ", "empty parts": "..", "one part": "e30",
		"alg none": none[0] + "." + none[1] + ".", "alg none, signed": strings.Join(none, "."),
		"a shared secret": sign(t, jose.HS256, []byte(strings.Repeat("k", 32)), with(nil)),
		"PS256":           sign(t, jose.PS256, rsaKey, with(nil)),
	} {
		_, err := oidc.Parse(token)
		want(t, what, err, noJWT)
	}
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat"} {
		_, err := oidc.Parse(sign(t, jose.RS256, rsaKey, with(map[string]any{name: nil})))
		want(t, "without "+name, err, "InvalidIdentityToken: Missing a required claim: "+name)
	}
}

// TestTimes: five minutes are forgiven.
func TestTimes(t *testing.T) {
	issuer := newIssuer(t)
	v := oidc.NewVerifier(issuer)
	key, err := issuer.Keys.RSA()
	if err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		claims map[string]any
		want   string
	}{
		"expired a minute ago":     {map[string]any{"exp": now.Add(-time.Minute).Unix()}, ""},
		"expired":                  {map[string]any{"exp": now.Add(-5 * time.Minute).Unix()}, "ExpiredTokenException: Token expired: current date/time 1772366400 must be before the expiration date/time 1772366100"},
		"issued soon":              {map[string]any{"iat": now.Add(4 * time.Minute).Unix()}, ""},
		"issued in the future":     {map[string]any{"iat": now.Add(time.Hour).Unix()}, "InvalidIdentityToken: Token issued in the future: current date/time 1772366400 is before 1772370000"},
		"not yet":                  {map[string]any{"nbf": now.Add(time.Hour).Unix()}, "InvalidIdentityToken: Token not valid yet: current date/time 1772366400 is before 1772370000"},
		"a time that is no number": {map[string]any{"exp": "tomorrow"}, "InvalidIdentityToken: Invalid timestamp in token claims"},
		"a fraction":               {map[string]any{"exp": 1.5}, "InvalidIdentityToken: Invalid timestamp in token claims"},
		"two audiences":            {map[string]any{"aud": []string{"sts.amazonaws.com", "b"}}, "InvalidIdentityToken: Token audience contains more than one audience while authorized party is not present"},
		"two and a party":          {map[string]any{"aud": []string{"a", "b"}, "azp": "sts.amazonaws.com"}, ""},
		"another party":            {map[string]any{"azp": "b"}, "InvalidIdentityToken: Incorrect token audience"},
	} {
		want(t, what, check(v, sign(t, jose.RS256, key, with(test.claims)), audience), test.want)
	}
}

func TestGivenKeys(t *testing.T) {
	issuer := newIssuer(t)
	v := oidc.NewVerifier(issuer)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Give(map[string]string{github: string(set)}); err != nil {
		t.Fatal(err)
	}
	want(t, "by its keys", check(v, sign(t, jose.ES256, jose.JSONWebKey{Key: key, KeyID: "k"}, with(nil)), audience), "")
	want(t, "without a key id", check(v, sign(t, jose.ES256, key, with(nil)), audience), "")
	own, err := issuer.Token(request, jose.RS256, now)
	if err != nil {
		t.Fatal(err)
	}
	if check(v, own, audience) == nil {
		t.Error("the built-in issuer still stands for an issuer whose keys were given")
	}
	elsewhere := request
	elsewhere.Issuer = "https://other.example.com"
	own, err = issuer.Token(elsewhere, jose.RS256, now)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "another issuer", check(v, own, audience), "")
	secret, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: []byte("secret")}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"", "{}", `{"keys":[]}`, `{"keys":[{}]}`, string(secret)} {
		if v.Give(map[string]string{github: set}) == nil {
			t.Errorf("%q was taken", set)
		}
	}
}

// TestIssuerOnThisMachine: its keys are read where it says, and its certificate is held against the thumbprints.
func TestIssuerOnThisMachine(t *testing.T) {
	theirs := newIssuer(t)
	jwks, err := theirs.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	var mode string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		url := "http://" + r.Host + "/idp"
		if r.TLS != nil {
			url = "https://" + r.Host + "/idp"
		}
		switch {
		case mode == "broken":
			w.WriteHeader(500)
		case mode == "missing":
			w.WriteHeader(404)
		case mode == "far" && r.URL.Path == "/idp/.well-known/openid-configuration":
			fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":"http://192.0.2.1/keys"}`, url)
		case mode == "liar" && r.URL.Path == "/idp/.well-known/openid-configuration":
			json.NewEncoder(w).Encode(theirs.Discovery("https://other.example.com", url))
		case mode == "empty" && strings.HasSuffix(r.URL.Path, "jwks.json"):
			fmt.Fprint(w, "no JSON")
		case r.URL.Path == "/idp/.well-known/openid-configuration":
			json.NewEncoder(w).Encode(theirs.Discovery(url, url))
		default:
			w.Write(jwks)
		}
	})
	server, secure := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // one handshake is meant to fail
	secure.StartTLS()
	defer server.Close()
	defer secure.Close()
	v := oidc.NewVerifier(newIssuer(t))
	token := func(url string) string {
		r := request
		r.Issuer = url + "/idp"
		text, err := theirs.Token(r, jose.RS256, now)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	const noKey = "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	unreachable := "IDPCommunicationError: The identity provider " + server.URL + "/idp could not be reached."
	for m, text := range map[string]string{"": "", "broken": unreachable, "missing": noKey, "liar": noKey, "empty": noKey, "far": unreachable} {
		mode = m
		want(t, m, check(v, token(server.URL), audience), text)
	}
	mode = ""
	sum := sha1.Sum(secure.Certificate().Raw)
	trusted := audience
	trusted.Thumbprints = []string{strings.Repeat("0", 40), strings.ToUpper(hex.EncodeToString(sum[:]))}
	want(t, "https without its thumbprint", check(v, token(secure.URL), audience), "InvalidIdentityToken: OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")
	want(t, "https with its thumbprint", check(v, token(secure.URL), trusted), "")
	server.Close()
	want(t, "a server that is gone", check(v, token(server.URL), audience), unreachable)
}

func TestKeys(t *testing.T) {
	issuer := newIssuer(t)
	token, err := issuer.Token(oidc.Request{
		Issuer: github, Subject: "me", Audience: []string{"a", "b"}, Lifetime: time.Hour, Claims: map[string]any{
			"azp": "party", "amr": []string{"mfa", "pwd"}, "email": "me@example.com", "actor": "ada", "repository_id": "42", "runner": "x", "ref": "refs/heads/main",
			"https://aws.amazon.com/source_identity":           "me@example.com",
			"https://aws.amazon.com/roles":                     "arn:one;arn:two",
			"https://aws.amazon.com/tags":                      map[string]any{"principal_tags": map[string]any{"team": []string{"red"}}, "transitive_tag_keys": []string{"team"}},
			"https://aws.amazon.com/tags/principal_tags/stage": "test",
		},
	}, jose.RS256, now)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := oidc.Parse(token)
	if err != nil {
		t.Fatal(err)
	}
	const name = "token.actions.githubusercontent.com:"
	if got, want := fmt.Sprint(parsed.TrustKeys()), fmt.Sprint(map[string][]string{
		name + "aud": {"party"}, name + "oaud": {"a", "b"}, name + "sub": {"me"}, name + "amr": {"mfa", "pwd"}, name + "email": {"me@example.com"},
		name + "actor": {"ada"}, name + "repository_id": {"42"}, name + "ref": {"refs/heads/main"},
	}); got != want {
		t.Errorf("trust keys\n got %s\nwant %s", got, want)
	}
	if got, want := fmt.Sprint(parsed.SessionKeys()), fmt.Sprint(map[string][]string{
		name + "aud": {"party"}, name + "sub": {"me"}, name + "amr": {"mfa", "pwd"},
	}); got != want {
		t.Errorf("session keys\n got %s\nwant %s", got, want)
	}
	pairs, transitive, err := parsed.Tags()
	roles, says := parsed.Roles()
	if got := fmt.Sprintln(pairs, transitive, err, roles, says, parsed.SourceIdentity()); got != "[[stage test] [team red]] [team] <nil> [arn:one arn:two] true me@example.com\n" {
		t.Error(got)
	}
}

func TestBadTags(t *testing.T) {
	key, err := newIssuer(t).Keys.RSA()
	if err != nil {
		t.Fatal(err)
	}
	for claim, text := range map[string]string{
		`"x"`:                                "Session tags passed in claim are not in correct format.",
		`{"principal_tags":{"a":["1","2"]}}`: "principal_tags passed in claim is not in correct format.",
		`{"principal_tags":{"a":{}}}`:        "principal_tags passed in claim is not in correct format.",
		`{"principal_tags":["a"]}`:           "Session tags passed in claim are not in correct format.",
	} {
		token, err := oidc.Parse(sign(t, jose.RS256, key, with(map[string]any{"https://aws.amazon.com/tags": json.RawMessage(claim)})))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = token.Tags()
		want(t, claim, err, "InvalidIdentityToken: "+text)
	}
}

// FuzzParse: no token panics, in its reading or in what is made of it.
func FuzzParse(f *testing.F) {
	issuer := newIssuer(f)
	good, err := issuer.Token(request, jose.RS256, now)
	if err != nil {
		f.Fatal(err)
	}
	parts := strings.Split(good, ".")
	f.Add(parts[0], `{"iss":"a","sub":"b","aud":["c"],"exp":1,"iat":2,"https://aws.amazon.com/tags":{"principal_tags":{"a":["b"]}}}`)
	f.Add(parts[0], `{"iss":["a"],"sub":1,"aud":{},"exp":"1","iat":null}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		token, err := oidc.Parse(header + "." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".AAAA")
		if err != nil {
			return
		}
		token.TrustKeys()
		token.Tags()
		token.Roles()
		v := oidc.NewVerifier(issuer)
		if err := v.Give(map[string]string{token.Issuer: string(must(issuer.JWKS()))}); err != nil {
			t.Fatal(err)
		}
		if v.Verify(t.Context(), token, oidc.Check{AnyAudience: true}, now) == nil {
			t.Errorf("%s passed without a signature", payload)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
