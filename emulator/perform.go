package emulator

import (
	"context"
	"net/http"
	"reflect"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// A performance is an operation that is carried out for a caller who is known already, such as one who has signed in to
// the console. It goes the way of every other request from decoding on, and is recorded like one.
type performance struct {
	caller             wire.Caller
	region             string // "" is us-east-1
	service, operation string
	input              []byte        // in the AWS CLI's JSON form
	from               *http.Request // gives the address and the user agent
}

// perform returns the output in the AWS CLI's JSON form, and the id of the request. Errors: those of the operation, as
// *awserr.Error; NotImplemented for one that has a stream in its answer, which JSON cannot carry.
func (s *Server) perform(ctx context.Context, p performance) (output []byte, id string, err error) {
	c, err := s.performing(ctx, p)
	if err != nil {
		return nil, "", err
	}
	output, err = s.act(c, p.input)
	if err != nil {
		c.err = awserr.From(err)
		err = c.err
	}
	s.record(c)
	return output, c.ID, err
}

// performing begins the call.
func (s *Server) performing(ctx context.Context, p performance) (*call, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
	if err != nil {
		return nil, err
	}
	r.Host, r.RemoteAddr, r.TLS = p.from.Host, p.from.RemoteAddr, p.from.TLS
	r.Header.Set("User-Agent", p.from.UserAgent())
	c := s.begin(r)
	known := c.services.byName[p.service]
	if known == nil {
		return nil, awserr.NotImplemented.Errorf("xemu does not emulate the service %q.", p.service)
	}
	c.service, c.Service, c.operation = known, known.name, p.operation
	if c.Region = p.region; c.Region == "" {
		c.Region = Region
	}
	if c.ID = ids.NewRequestID(); known.s3Form() {
		c.ID = s3RequestID(c.ID)
	}
	c.Caller = p.caller
	c.Caller.Related = c.related
	return c, nil
}

// act is handle without authentication, and without HTTP.
func (s *Server) act(c *call, input []byte) ([]byte, error) {
	operation, ok := c.service.operations[c.operation]
	if !ok {
		return nil, awserr.NotImplemented.Errorf("xemu does not implement %s:%s.", c.service.name, c.operation)
	}
	if streams(operation.Out) {
		return nil, awserr.NotImplemented.Errorf("The answer of %s:%s is a stream.", c.service.name, c.operation)
	}
	c.in = operation.NewInput()
	if err := wire.DecodeJSON(c.service.model, c.operation, input, c.in); err != nil {
		return nil, err
	}
	if requester, ok := c.service.codec.(wire.Requester); ok { // its operations read headers beside their input
		r, err := requester.Request(c.operation, c.in)
		if err != nil {
			return nil, err
		}
		sent := c.HTTP
		c.HTTP = r.WithContext(sent.Context())
		c.HTTP.Host, c.HTTP.RemoteAddr, c.HTTP.TLS = sent.Host, sent.RemoteAddr, sent.TLS
		c.HTTP.Header.Set("User-Agent", sent.UserAgent())
		c.in = operation.NewInput()
		if err := c.service.codec.Decode(c.HTTP, c.operation, c.in); err != nil {
			return nil, err
		}
	}
	if err := s.authorize(c, operation); err != nil {
		return nil, err
	}
	out, err := operation.Call(c.ctx, c.in)
	if err != nil {
		return nil, err
	}
	return wire.EncodeJSON(out)
}

// streams says whether an Output struct has a body to be read.
func streams(out reflect.Type) bool {
	body, ok := out.FieldByName("Body")
	return ok && body.Type.Kind() == reflect.Interface
}
