package console

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Credentials are what a cookie holds: a temporary access key and its token. The secret never leaves the server.
type Credentials struct{ AccessKeyID, SessionToken string }

// role is a role that was switched to, as the navigation bar shows it.
type role struct {
	Account     string `json:"account"`
	RoleName    string `json:"roleName"`
	DisplayName string `json:"displayName"`
	Color       string `json:"color"`
}

// cookies name the console's cookies: one for who signed in, one for the role switched to.
type cookies struct{ port string }

func (c cookies) base() string { return "xemu-console-" + c.port }
func (c cookies) role() string { return "xemu-console-role-" + c.port }

func (c cookies) set(w http.ResponseWriter, name, value string, lasts time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/console/", MaxAge: int(lasts.Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

func (c cookies) remove(w http.ResponseWriter, names ...string) {
	for _, name := range names {
		http.SetCookie(w, &http.Cookie{Name: name, Path: "/console/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	}
}

// read returns the parts of a cookie: a key, a token, and for a role how it is shown.
func read(r *http.Request, name string) (c Credentials, shown string, ok bool) {
	cookie, err := r.Cookie(name)
	if err != nil {
		return c, "", false
	}
	parts := strings.SplitN(cookie.Value, ".", 3)
	if len(parts) < 2 {
		return c, "", false
	}
	if len(parts) == 3 {
		shown = parts[2]
	}
	return Credentials{parts[0], parts[1]}, shown, true
}

func (c Credentials) cookie() string { return c.AccessKeyID + "." + c.SessionToken }

// antiForgery is what the front end shows it is one with: only a page of the console can read it, from its session.
func (c Credentials) antiForgery() string {
	sum := sha256.Sum256([]byte("xemu console\x00" + c.cookie()))
	return hex.EncodeToString(sum[:16])
}

// state is what the front end knows of its session.
type state struct {
	Identity Identity `json:"identity"`
	SignedIn Identity `json:"signedIn"`
	Role     *role    `json:"role,omitempty"`
	Token    string   `json:"token"`
	Next     string   `json:"next,omitempty"`
}

func over() error { return SessionOver.Errorf("Your session has ended. Please sign in again.") }

// caller returns the credentials that a call is made with, once the call has shown that it comes from the front end.
func (c *console) caller(r *http.Request) (Credentials, error) {
	base, _, ok := read(r, c.cookies.base())
	if !ok {
		return base, over()
	}
	if subtle.ConstantTimeCompare([]byte(r.Header.Get(header)), []byte(base.antiForgery())) != 1 {
		return base, forbidden.Errorf("The header %s does not belong to the session.", header)
	}
	if _, err := c.backend.Identity(r, base); err != nil {
		return base, over()
	}
	if switched, _, ok := read(r, c.cookies.role()); ok {
		if _, err := c.backend.Identity(r, switched); err == nil {
			return switched, nil
		}
		return base, over() // never go on as somebody else than the page shows
	}
	return base, nil
}

// signedIn is caller for what only who signed in can do, whatever role was switched to.
func (c *console) signedIn(r *http.Request) (Credentials, error) {
	if _, err := c.caller(r); err != nil {
		return Credentials{}, err
	}
	base, _, _ := read(r, c.cookies.base())
	return base, nil
}

// session says who is signed in. A role session that is over ends here: one is who one signed in as again.
func (c *console) session(w http.ResponseWriter, r *http.Request) (any, error) {
	base, _, ok := read(r, c.cookies.base())
	if !ok {
		return nil, over()
	}
	s, err := c.stateOf(r, base)
	if err != nil {
		c.cookies.remove(w, c.cookies.base(), c.cookies.role())
		return nil, err
	}
	if switched, shown, ok := read(r, c.cookies.role()); ok {
		identity, err := c.backend.Identity(r, switched)
		if err != nil {
			c.cookies.remove(w, c.cookies.role())
			return s, nil
		}
		s.Identity, s.Role = identity, &role{}
		text, _ := base64.RawURLEncoding.DecodeString(shown)
		json.Unmarshal(text, s.Role) // what a browser's user changed there is not shown
	}
	return s, nil
}

func (c *console) stateOf(r *http.Request, base Credentials) (*state, error) {
	identity, err := c.backend.Identity(r, base)
	if err != nil {
		return nil, over()
	}
	return &state{Identity: identity, SignedIn: identity, Token: base.antiForgery()}, nil
}

func (c *console) signIn(w http.ResponseWriter, r *http.Request) (any, error) {
	var in SignIn
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if (in.Type != "iam" && in.Type != "root") || in.Type == "root" && in.Email == "" {
		return nil, AuthFailure.Errorf("Your authentication information is incorrect. Please try again.")
	}
	done, ok := c.tries.begin(in.who(), time.Now())
	if !ok {
		return nil, tooManyTries.Errorf("There were too many attempts to sign in. Please wait a minute and try again.")
	}
	out, err := c.backend.SignIn(r, in)
	done(err == nil && out.Next == "") // a step that succeeds must not make room for guessing the next
	if err != nil {
		return nil, err
	}
	if out.Next != "" {
		return map[string]string{"next": out.Next}, nil
	}
	s, err := c.stateOf(r, out.Credentials)
	if err != nil {
		return nil, err
	}
	c.cookies.remove(w, c.cookies.role())
	c.cookies.set(w, c.cookies.base(), out.Credentials.cookie(), time.Until(out.Expires))
	return s, nil
}

func (c *console) signOut(w http.ResponseWriter, _ *http.Request) (any, error) {
	c.cookies.remove(w, c.cookies.base(), c.cookies.role())
	return struct{}{}, nil
}

// switchRole goes on as a role. It is always who signed in that assumes it ("Switch from a user to an IAM role (console)",
// IAM User Guide).
func (c *console) switchRole(w http.ResponseWriter, r *http.Request) (any, error) {
	base, err := c.signedIn(r)
	if err != nil {
		return nil, err
	}
	var in role
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	credentials, err := c.backend.SwitchRole(r, base, in.Account, strings.TrimPrefix(in.RoleName, "/"))
	if err != nil {
		return nil, err
	}
	s, err := c.stateOf(r, base)
	if err != nil {
		return nil, err
	}
	if s.Identity, err = c.backend.Identity(r, credentials); err != nil {
		return nil, over()
	}
	s.Role = &in
	shown, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	value := credentials.cookie() + "." + base64.RawURLEncoding.EncodeToString(shown)
	c.cookies.set(w, c.cookies.role(), value, time.Until(s.Identity.Expires))
	return s, nil
}

func (c *console) switchBack(w http.ResponseWriter, r *http.Request) (any, error) {
	base, err := c.signedIn(r)
	if err != nil {
		return nil, err
	}
	c.cookies.remove(w, c.cookies.role())
	return c.stateOf(r, base)
}
