package emulator

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/s3"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// call is a request on its way. Each step of handle fills in what the next one needs.
type call struct {
	wire.Request
	ctx       context.Context
	services  *services
	service   *service  // what answers: one of the three, or the other services
	host      host      // of a request for S3
	endpoint  *endpoint // the VPC endpoint that it comes through; nil: none
	operation string    // "CreateUser"; "" until it is known
	in        any       // the SDK's Input struct
	decisions []decision
	err       *awserr.Error // what was answered, nil for success
}

// ServeHTTP answers everything that comes to the address: the admin API by its path, the console by its path, all else as AWS requests.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_xemu/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	if s.toConsole(r) {
		s.console.ServeHTTP(w, r)
		return
	}
	sandbox(w, r)
	if r.ContentLength == 0 && strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
		// net/http says nothing to who asks before a body of no bytes; botocore, once its question is met with the final
		// answer, mistakes what comes next on that connection.
		w.WriteHeader(http.StatusContinue)
	}
	// A copy: the steps below replace its body and its path, and net/http, which drains the body of a request that was
	// refused, must do so with its own (a client that waits for "100 Continue" has not sent any).
	r = r.WithContext(r.Context())
	w = pace(w, r, s.config.Patience)
	c := s.begin(r)
	defer s.recover(w, c)
	err := s.handle(w, c)
	if err != nil {
		s.refuse(w, c, err)
	}
	s.record(c)
	c.accessed(w.Header())
	if _, ok := err.(cut); ok {
		panic(http.ErrAbortHandler) // so that the client sees a broken response, not a short one
	}
}

// accessed tells S3 of its request, for its bucket's access log.
func (c *call) accessed(h http.Header) {
	if c.service.name != "s3" || c.control() || !c.services.s3.Logs(&c.Request) {
		return
	}
	a := s3.Answer{Operation: c.operation, Status: http.StatusOK, Header: h}
	if op := wire.S3().Op(c.operation); op != nil {
		a.Status = op.Status
	}
	switch {
	case c.err != nil:
		a.Status, a.Code = c.err.Status, c.err.Code
	case h["Content-Range"] != nil:
		a.Status = http.StatusPartialContent
	}
	c.services.s3.Accessed(&c.Request, a)
}

// cut is the error of a response that has begun: nothing more can be said in it.
type cut struct{ error }

func (e cut) Unwrap() error { return e.error }

// handle is the way of a request. Nothing else knows the order.
func (s *Server) handle(w http.ResponseWriter, c *call) error {
	if c.service == c.services.byName["s3"] {
		if done, err := s.crossOrigin(w, c); done || err != nil {
			return err
		}
		if c.host.website {
			return s.website(w, c)
		}
	}
	if err := s.authenticate(c); err != nil {
		return err
	}
	if err := s.through(c); err != nil {
		return err
	}
	if err := s.decode(c); err != nil {
		return err
	}
	if c.service.operations == nil {
		return s.other(w, c)
	}
	operation, ok := c.service.operations[c.operation]
	if !ok {
		return awserr.NotImplemented.Errorf("xemu does not implement %s:%s.", c.service.name, c.operation)
	}
	if err := s.authorize(c, operation); err != nil {
		return err
	}
	out, err := operation.Call(c.ctx, c.in)
	if err != nil {
		return err
	}
	if err := c.service.codec.Encode(w, &c.Request, c.operation, out); err != nil {
		return cut{err}
	}
	return nil
}

// begin gives the request its id and its time, and finds the service that it is for.
func (s *Server) begin(r *http.Request) *call {
	c := &call{services: s.services.Load()}
	c.Request = wire.Request{
		ID:     ids.NewRequestID(),
		Now:    s.config.Now().UTC(),
		HTTP:   r,
		Header: http.Header{},
		Authorize: func(_ context.Context, need wire.Need) error {
			return s.decide(c, need)
		},
	}
	c.ctx = wire.WithRequest(r.Context(), &c.Request)
	c.service, c.Region = c.services.find(r)
	c.Service = c.service.name
	if c.service.s3Form() {
		c.ID = s3RequestID(c.ID)
		c.host = s.hosts.parse(r.Host)
		if c.host.control(r) {
			c.service = c.services.byName["s3control"]
		} else {
			c.host.pathStyle(r)
			c.Endpoint = wire.Endpoint{Region: c.host.region, Virtual: c.host.bucket != "", Accelerate: c.host.accelerate}
		}
	}
	return c
}

// decode finds the operation and fills in its input.
func (s *Server) decode(c *call) (err error) {
	if c.service.codec == nil {
		return nil
	}
	if c.operation, err = c.service.codec.Route(c.HTTP); err != nil {
		return err
	}
	if c.service.name == "sts" && c.Caller.Type == authz.Anonymous && !bringsProof(c.operation) {
		return sigv4.MissingAuthenticationToken()
	}
	operation, ok := c.service.operations[c.operation]
	if !ok {
		return nil // handle says so
	}
	c.in = operation.NewInput()
	return c.service.codec.Decode(c.HTTP, c.operation, c.in)
}

// refuse keeps the error for the record and writes the error response, if none has begun. What is internal is logged, not
// sent.
func (s *Server) refuse(w http.ResponseWriter, c *call, err error) {
	c.err = awserr.From(err)
	if c.err.Status >= 500 && c.err.Cause != nil {
		s.config.Log.Error("request failed", "id", c.ID, "operation", c.operation, "error", c.err.Cause)
	}
	if _, ok := err.(cut); !ok {
		c.service.refuse(w, c)
	}
}

// recover turns a bug into an InternalFailure with its stack in the log; the server and its other requests go on.
func (s *Server) recover(w http.ResponseWriter, c *call) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		s.refuse(w, c, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		s.record(c)
	}
}

// s3RequestID makes an id in S3's form, 16 letters and digits, of a UUID.
func s3RequestID(uuid string) string {
	return strings.ToUpper(strings.ReplaceAll(uuid[:18], "-", ""))
}

func age(now, then time.Time) string { return fmt.Sprint(int(now.Sub(then).Seconds())) }
