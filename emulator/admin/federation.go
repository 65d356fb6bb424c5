package admin

import (
	"encoding/json"
	"io"
	"net/http"
)

// Federation is what the API shows and does of the identity providers to practise with.
type Federation interface {
	// Discovery returns the discovery document of the built-in issuer, or of the issuer of an account by its id; ok is false
	// when there is none. JWKS returns the public keys of both.
	Discovery(id string) (document any, ok bool, err error)
	JWKS() (json.RawMessage, error)
	// Token signs a token with the built-in issuer's key. Its error is what is wrong with the request.
	Token(TokenRequest) (string, error)
	// Issuers are those whose keys were given; PutIssuer gives those of one, or replaces them. Its error is what is wrong with
	// it. DeleteIssuer reports whether there was one.
	Issuers() []OIDCIssuer
	PutIssuer(OIDCIssuer) error
	DeleteIssuer(url string) (bool, error)
	// SAMLMetadata is the metadata document of the built-in identity provider; SAMLAssertion is a response of it in base64.
	// Its error is what is wrong with the login.
	SAMLMetadata() (string, error)
	SAMLAssertion(SAMLLogin) (string, error)
}

// TokenRequest is a token that the built-in issuer is to sign.
type TokenRequest struct {
	Issuer   string                     `json:"issuer,omitempty"` // "": the built-in one itself
	Subject  string                     `json:"subject"`
	Audience []string                   `json:"audience"`
	Lifetime string                     `json:"lifetime,omitempty"` // "15m"; "" for an hour
	Claims   map[string]json.RawMessage `json:"claims,omitempty"`
}

// OIDCIssuer is an issuer with the keys that its tokens are verified with.
type OIDCIssuer struct {
	URL  string `json:"url"`
	JWKS string `json:"jwks"`
}

// SAMLLogin is a login that the built-in identity provider is to vouch for.
type SAMLLogin struct {
	Role           string            `json:"role"`
	Provider       string            `json:"provider"`
	Name           string            `json:"name"`
	Session        string            `json:"session,omitempty"` // "": the name
	Duration       int               `json:"duration,omitempty"`
	SourceIdentity string            `json:"sourceIdentity,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`
	Transitive     []string          `json:"transitive,omitempty"`
	Attributes     map[string]string `json:"attributes,omitempty"`
}

// federation adds the routes. What an identity provider publishes needs no token.
func (a *api) federation(mux *http.ServeMux) {
	mux.HandleFunc("GET /_xemu/oidc/.well-known/openid-configuration", a.discovery)
	mux.HandleFunc("GET /_xemu/oidc/{id}/.well-known/openid-configuration", a.discovery)
	mux.HandleFunc("GET /_xemu/oidc/.well-known/jwks.json", a.jwks)
	mux.HandleFunc("GET /_xemu/oidc/{id}/.well-known/jwks.json", a.jwks)
	mux.HandleFunc("POST /_xemu/oidc/token", a.private(a.signToken))
	mux.HandleFunc("GET /_xemu/oidc/issuers", a.private(a.issuers))
	mux.HandleFunc("POST /_xemu/oidc/issuers", a.private(a.putIssuer))
	mux.HandleFunc("DELETE /_xemu/oidc/issuers", a.private(a.deleteIssuer))
	mux.HandleFunc("GET /_xemu/saml/metadata", a.samlMetadata)
	mux.HandleFunc("POST /_xemu/saml/assertion", a.private(a.samlAssertion))
}

func (a *api) discovery(w http.ResponseWriter, r *http.Request) {
	document, ok, err := a.backend.Discovery(r.PathValue("id"))
	if err == nil && !ok {
		fail(w, http.StatusNotFound, "no account has the issuer %q", r.PathValue("id"))
		return
	}
	answer(w, document, err)
}

func (a *api) jwks(w http.ResponseWriter, r *http.Request) {
	set, err := a.backend.JWKS()
	answer(w, set, err)
}

func (a *api) signToken(w http.ResponseWriter, r *http.Request) {
	var in TokenRequest
	if !read(w, r, "token request", 64<<10, &in) {
		return
	}
	token, err := a.backend.Token(in)
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusOK, map[string]string{"token": token})
}

func (a *api) issuers(w http.ResponseWriter, r *http.Request) {
	write(w, http.StatusOK, a.backend.Issuers())
}

func (a *api) putIssuer(w http.ResponseWriter, r *http.Request) {
	var in OIDCIssuer
	if !read(w, r, "issuer", 1<<20, &in) {
		return
	}
	if err := a.backend.PutIssuer(in); err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusCreated, in)
}

func (a *api) deleteIssuer(w http.ResponseWriter, r *http.Request) {
	url := r.URL.Query().Get("url")
	found, err := a.backend.DeleteIssuer(url)
	if err == nil && !found {
		fail(w, http.StatusNotFound, "no keys were given for the issuer %q", url)
		return
	}
	answer(w, struct{}{}, err)
}

func (a *api) samlMetadata(w http.ResponseWriter, r *http.Request) {
	text, err := a.backend.SAMLMetadata()
	if err != nil {
		fail(w, http.StatusInternalServerError, "%v", err)
		return
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	io.WriteString(w, text)
}

func (a *api) samlAssertion(w http.ResponseWriter, r *http.Request) {
	var in SAMLLogin
	if !read(w, r, "login", 64<<10, &in) {
		return
	}
	text, err := a.backend.SAMLAssertion(in)
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusOK, map[string]string{"samlResponse": text})
}
