// Package admin is xemu's own HTTP API under /_xemu/: health, accounts, reset, events, explain, simulate, identity providers.
// Everything but health, and what identity providers publish, needs the token of the data directory; all of it is refused to
// requests that a web page of another origin could have sent.
package admin

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/samesite"
)

// Backend is what the API shows and does.
type Backend interface {
	Federation
	Health() Health
	Accounts() ([]Account, error)
	// CreateAccount makes an account with an admin user; an empty ID or Name is chosen. Its error is what is wrong with the
	// account asked for.
	CreateAccount(Account) (Account, error)
	// Reset puts the world back to how the server started with it, and the clock to the real time.
	Reset() error
	// Clock is the emulator's time; AdvanceClock moves it on, never back, and returns when all that is due by then is done.
	Clock() Clock
	AdvanceClock(by time.Duration) error
	// Events returns the newest events, newest first; Event the one of a request id, false when it is unknown.
	Events(limit int) ([]json.RawMessage, error)
	Event(requestID string) (json.RawMessage, bool, error)
	// Endpoints are the declared VPC endpoints; PutEndpoint declares one, or replaces the one of its id. Its error is what is
	// wrong with it. DeleteEndpoint reports whether there was one.
	Endpoints() []Endpoint
	PutEndpoint(Endpoint) error
	DeleteEndpoint(id string) (bool, error)
	// Workloads are the programs that run as a role. RunWorkload begins one; its error is what is wrong with it. StopWorkload
	// reports whether there was one. Metadata answers their requests for credentials.
	Workloads() []Workload
	RunWorkload(Workload) (Workload, error)
	StopWorkload(id string) (bool, error)
	Metadata() http.Handler
	// Notifications returns the oldest messages that buckets' notifications delivered to a destination ("" for any) after the
	// one of an id. Webhooks are where they are posted to; PutWebhook's error is what is wrong with one.
	Notifications(destination, after string, limit int) ([]Notification, error)
	Webhooks() ([]Webhook, error)
	PutWebhook(Webhook) error
	// DelegationToken is the token that the partner of a delegation request was sent. Its error says why there is none.
	DelegationToken(id string) (string, error)
	// Simulate decides a request without making it. Its error is what is wrong with the request.
	Simulate(Simulation) (Simulated, error)
}

// Health says that the server is up, and how it was started.
type Health struct {
	Status      string `json:"status"`
	Version     string `json:"version"`
	Enforcement string `json:"enforcement"`
}

// Account is an account as the API shows it.
type Account struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Alias   string `json:"alias,omitempty"`
	Email   string `json:"email,omitempty"`
	Profile string `json:"profile,omitempty"` // of the admin user, in the AWS config files; "" for an account that an organization made
}

// Clock is the emulator's time, and how far it is ahead of the real one.
type Clock struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead"` // "36h0m0s"
}

// ErrTaken is the error of CreateAccount for an id, name, alias or email that another account has.
var ErrTaken = errors.New("is taken")

type api struct {
	backend Backend
	token   string
	addr    string // the listener's host:port
}

// New returns the handler. token guards it; addr is the host:port that the server listens on.
func New(backend Backend, token, addr string) http.Handler {
	a := &api{backend, token, addr}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_xemu/health", a.health)
	mux.HandleFunc("GET /_xemu/accounts", a.private(a.accounts))
	mux.HandleFunc("POST /_xemu/accounts", a.private(a.createAccount))
	mux.HandleFunc("POST /_xemu/reset", a.private(a.reset))
	mux.HandleFunc("GET /_xemu/clock", a.private(a.clock))
	mux.HandleFunc("POST /_xemu/clock", a.private(a.advanceClock))
	mux.HandleFunc("GET /_xemu/events", a.private(a.events))
	mux.HandleFunc("GET /_xemu/explain/{id}", a.private(a.explain))
	mux.HandleFunc("POST /_xemu/simulate", a.private(a.simulate))
	mux.HandleFunc("GET /_xemu/endpoints", a.private(a.endpoints))
	mux.HandleFunc("POST /_xemu/endpoints", a.private(a.putEndpoint))
	mux.HandleFunc("GET /_xemu/notifications", a.private(a.notifications))
	mux.HandleFunc("GET /_xemu/webhooks", a.private(a.webhooks))
	mux.HandleFunc("PUT /_xemu/webhooks", a.private(a.putWebhook))
	mux.HandleFunc("DELETE /_xemu/endpoints/{id}", a.private(a.deleteEndpoint))
	mux.HandleFunc("GET /_xemu/delegations/{id}/token", a.private(a.delegationToken))
	mux.HandleFunc("GET /_xemu/workloads", a.private(a.workloads))
	mux.HandleFunc("POST /_xemu/workloads", a.private(a.runWorkload))
	mux.HandleFunc("DELETE /_xemu/workloads/{id}", a.private(a.stopWorkload))
	mux.Handle("/_xemu/workload/", backend.Metadata()) // guarded by tokens of its own
	a.federation(mux)
	mux.HandleFunc("/_xemu/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "xemu's admin API has no %s %s", r.Method, r.URL.Path)
	})
	return a.guard(mux)
}

// guard keeps other sites away, whose pages could make a browser send requests here.
func (a *api) guard(next http.Handler) http.Handler {
	return samesite.Guard(next, a.local, func(w http.ResponseWriter, foreign string) {
		fail(w, http.StatusForbidden, "the admin API does not answer to %q", foreign)
	})
}

// Guard is guard for another handler that listens on addr.
func Guard(next http.Handler, addr string) http.Handler { return (&api{addr: addr}).guard(next) }

// local says whether a host name is this server's: an IP address, localhost, or the name it listens on.
func (a *api) local(name string) bool {
	own, _, _ := net.SplitHostPort(a.addr)
	return net.ParseIP(name) != nil || strings.EqualFold(name, "localhost") || strings.EqualFold(name, own)
}

func (a *api) private(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(a.token)) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="xemu"`)
			fail(w, http.StatusUnauthorized, "the admin API needs the token of the file admin-token in the data directory, as Authorization: Bearer TOKEN")
			return
		}
		next(w, r)
	}
}

func (a *api) health(w http.ResponseWriter, r *http.Request) { write(w, 200, a.backend.Health()) }

func (a *api) accounts(w http.ResponseWriter, r *http.Request) {
	accounts, err := a.backend.Accounts()
	answer(w, accounts, err)
}

func (a *api) createAccount(w http.ResponseWriter, r *http.Request) {
	var in Account
	if !read(w, r, "account", 64<<10, &in) {
		return
	}
	out, err := a.backend.CreateAccount(in)
	switch {
	case errors.Is(err, ErrTaken):
		fail(w, http.StatusConflict, "%v", err)
	case err != nil:
		fail(w, http.StatusBadRequest, "%v", err)
	default:
		write(w, http.StatusCreated, out)
	}
}

func (a *api) reset(w http.ResponseWriter, r *http.Request) {
	answer(w, struct{}{}, a.backend.Reset())
}

func (a *api) clock(w http.ResponseWriter, r *http.Request) {
	answer(w, a.backend.Clock(), nil)
}

// advanceClock takes {"advance": "36h"}.
func (a *api) advanceClock(w http.ResponseWriter, r *http.Request) {
	var in struct{ Advance string }
	if !read(w, r, "move of the clock", 1<<10, &in) {
		return
	}
	by, err := time.ParseDuration(in.Advance)
	if err == nil {
		err = a.backend.AdvanceClock(by)
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return
	}
	write(w, http.StatusOK, a.backend.Clock())
}

// maxEvents is how many events one call returns at most.
const maxEvents = 1000

func (a *api) events(w http.ResponseWriter, r *http.Request) {
	limit := 100
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxEvents {
			fail(w, http.StatusBadRequest, "limit is a number from 1 to %d", maxEvents)
			return
		}
		limit = n
	}
	events, err := a.backend.Events(limit)
	answer(w, events, err)
}

func (a *api) explain(w http.ResponseWriter, r *http.Request) {
	event, ok, err := a.backend.Event(r.PathValue("id"))
	if err == nil && !ok {
		fail(w, http.StatusNotFound, "no event has the request id %q; the log keeps the newest ones", r.PathValue("id"))
		return
	}
	answer(w, event, err)
}

// read decodes the body, of most bytes at most, which is to be a what; false when it is not, which has been answered.
func read(w http.ResponseWriter, r *http.Request, what string, most int64, in any) bool {
	decoder := json.NewDecoder(io.LimitReader(r.Body, most))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in); err != nil {
		fail(w, http.StatusBadRequest, "the %s is not valid JSON: %v", what, err)
		return false
	}
	return true
}

func answer(w http.ResponseWriter, v any, err error) {
	if err != nil {
		fail(w, http.StatusInternalServerError, "%v", err)
		return
	}
	write(w, http.StatusOK, v)
}

func fail(w http.ResponseWriter, status int, format string, args ...any) {
	write(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}

func write(w http.ResponseWriter, status int, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error": "the answer could not be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}
