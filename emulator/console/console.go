// Package console is the web console under /console/: sign-in, switching roles, and a front end that performs AWS's
// operations as who has signed in. The front end's source is in web/, its build in dist/ (make console).
//
// A session is in the browser's cookies alone: a temporary access key with its session token, which is sealed and expires.
package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/samesite"
)

// Backend is what the console needs of the server. r is the browser's request: it gives the address and the user agent.
type Backend interface {
	// SignIn returns the credentials of a new session, or what is needed besides. Errors: AuthFailure and those of
	// iam:ChangePassword.
	SignIn(r *http.Request, in SignIn) (SignedIn, error)
	// Identity says whose the credentials are. Errors: they are no longer good.
	Identity(r *http.Request, c Credentials) (Identity, error)
	// SwitchRole is sts:AssumeRole on a role of an account, given by id or alias.
	SwitchRole(r *http.Request, c Credentials, account, role string) (Credentials, error)
	// Perform carries out an operation with input and output in the AWS CLI's JSON form. The error has the request's id.
	Perform(r *http.Request, c Credentials, in Operation) (output []byte, requestID string, err error)
	// Presign returns a URL that does one thing to an object.
	Presign(r *http.Request, c Credentials, in Object) (string, error)
	// Events are the newest events of the caller's account, newest first; Event is the one of a request. Errors:
	// AccessDenied, NoSuchEvent.
	Events(r *http.Request, c Credentials) ([]json.RawMessage, string, error)
	Event(r *http.Request, c Credentials, requestID string) (json.RawMessage, error)
}

// SignIn is what somebody gives to sign in.
type SignIn struct {
	Type        string `json:"type"` // "iam" or "root"
	Account     string `json:"account"`
	UserName    string `json:"userName"`
	Email       string `json:"email"`
	Password    string `json:"password"`
	MFACode     string `json:"mfaCode"`
	NewPassword string `json:"newPassword"`
}

// who is what sign-ins are counted by.
func (s SignIn) who() string {
	if s.Type == "root" {
		return "root\x00" + strings.ToLower(s.Email)
	}
	return s.Account + "\x00" + s.UserName
}

// SignedIn is a new session, or Next, what is needed for one: "mfa" or "newPassword".
type SignedIn struct {
	Credentials Credentials
	Expires     time.Time
	Next        string
}

// Identity is whose a session is.
type Identity struct {
	Type        string    `json:"type"` // "Root", "IAMUser" or "AssumedRole"
	Account     string    `json:"account"`
	AccountName string    `json:"accountName"`
	Alias       string    `json:"alias,omitempty"`
	Name        string    `json:"name"`
	ARN         string    `json:"arn"`
	Expires     time.Time `json:"-"`
}

// Operation is an operation to perform.
type Operation struct {
	Service, Name, Region string
	Input                 []byte
}

// Object is what to presign for.
type Object struct {
	Method    string `json:"method"` // GET or PUT
	Bucket    string `json:"bucket"`
	Key       string `json:"key"`
	VersionID string `json:"versionId"`
}

// What the console itself answers.
var (
	AuthFailure  = awserr.Kind{Code: "AuthFailure", Status: 401}
	SessionOver  = awserr.Kind{Code: "SessionOver", Status: 401}
	NoSuchEvent  = awserr.Kind{Code: "NoSuchEvent", Status: 404}
	forbidden    = awserr.Kind{Code: "Forbidden", Status: 403}
	notFound     = awserr.Kind{Code: "NotFound", Status: 404}
	badRequest   = awserr.Kind{Code: "BadRequest", Status: 400}
	tooManyTries = awserr.Kind{Code: "TooManyAttempts", Status: 429}
)

type console struct {
	backend Backend
	cookies cookies
	tries   tries
}

// New returns the handler of everything under /console/; port is the server's, which keeps the cookies of several servers on
// one machine apart.
func New(backend Backend, port string) http.Handler {
	c := &console{backend: backend, cookies: cookies{port}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /console/api/session", c.api(c.session))
	mux.HandleFunc("POST /console/api/signin", c.api(c.signIn))
	mux.HandleFunc("POST /console/api/signout", c.api(c.signOut))
	mux.HandleFunc("POST /console/api/switch", c.api(c.switchRole))
	mux.HandleFunc("POST /console/api/switchback", c.api(c.switchBack))
	mux.HandleFunc("POST /console/api/presign", c.api(c.presign))
	mux.HandleFunc("GET /console/api/events", c.api(c.events))
	mux.HandleFunc("GET /console/api/events/{id}", c.api(c.event))
	mux.HandleFunc("POST /console/api/{service}/{operation}", c.api(c.perform))
	mux.HandleFunc("/console/api/", c.api(func(_ http.ResponseWriter, r *http.Request) (any, error) {
		return nil, notFound.Errorf("The console has no %s %s.", r.Method, r.URL.Path)
	}))
	mux.HandleFunc("/console/", static)
	return samesite.Guard(mux, samesite.Loopback, func(w http.ResponseWriter, foreign string) {
		fail(w, forbidden.Errorf("The console does not answer to %q: open it at 127.0.0.1 or localhost.", foreign), "")
	})
}

// failure is an error with the id of the request that it is of.
type failure struct {
	error
	requestID string
}

func (f failure) Unwrap() error { return f.error }

// Failed adds the id of the request to its error.
func Failed(err error, requestID string) error { return failure{err, requestID} }

// header is set by the front end alone: a page of another site cannot send it.
const header = "X-Xemu-Console"

// api is a call of the front end: it must carry the header, and its answer is JSON.
func (c *console) api(call func(http.ResponseWriter, *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(header) == "" {
			fail(w, forbidden.Errorf("The header %s is missing.", header), "")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		out, err := call(w, r)
		var f failure
		switch {
		case errors.As(err, &f):
			fail(w, f.error, f.requestID)
		case err != nil:
			fail(w, err, "")
		default:
			answer(w, http.StatusOK, out)
		}
	}
}

// maxBody is how large a call may be, in bytes. Objects go another way.
const maxBody = 4 << 20

func decode(r *http.Request, in any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return badRequest.Errorf("The request is not valid: %v", err)
	}
	return nil
}

func (c *console) perform(w http.ResponseWriter, r *http.Request) (any, error) {
	credentials, err := c.caller(r)
	if err != nil {
		return nil, err
	}
	input, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, badRequest.Errorf("The request is not valid: %v", err)
	}
	output, id, err := c.backend.Perform(r, credentials, Operation{
		Service: r.PathValue("service"), Name: r.PathValue("operation"), Region: r.URL.Query().Get("region"), Input: input,
	})
	if err != nil {
		return nil, Failed(err, id)
	}
	w.Header().Set("X-Amzn-Requestid", id)
	return json.RawMessage(output), nil
}

func (c *console) presign(_ http.ResponseWriter, r *http.Request) (any, error) {
	credentials, err := c.caller(r)
	if err != nil {
		return nil, err
	}
	var in Object
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Method != http.MethodGet && in.Method != http.MethodPut || in.Bucket == "" || in.Key == "" {
		return nil, badRequest.Errorf("A method, GET or PUT, a bucket and a key are needed.")
	}
	u, err := c.backend.Presign(r, credentials, in)
	return map[string]string{"url": u}, err
}

func (c *console) events(_ http.ResponseWriter, r *http.Request) (any, error) {
	credentials, err := c.caller(r)
	if err != nil {
		return nil, err
	}
	events, id, err := c.backend.Events(r, credentials)
	if err != nil {
		return nil, Failed(err, id)
	}
	return events, nil
}

func (c *console) event(_ http.ResponseWriter, r *http.Request) (any, error) {
	credentials, err := c.caller(r)
	if err != nil {
		return nil, err
	}
	return c.backend.Event(r, credentials, r.PathValue("id"))
}

func fail(w http.ResponseWriter, err error, requestID string) {
	e := awserr.From(err)
	status := e.Status
	if status < 400 { // 304, say, which has no body
		status = http.StatusConflict
	}
	answer(w, status, map[string]any{"error": map[string]string{"code": e.Code, "message": e.Message, "requestId": requestID}})
}

func answer(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, fmt.Appendf(nil, `{"error":{"code":"InternalFailure","message":"the answer could not be encoded"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(text)
}
