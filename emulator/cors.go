package emulator

import (
	"net/http"

	"github.com/xemu-aws/xemu/emulator/wire"
)

// crossOrigin adds to the response to a browser what the bucket's CORS rules say, and answers the browser's question before
// it sends the request itself. done says that it is answered.
func (s *Server) crossOrigin(w http.ResponseWriter, c *call) (done bool, err error) {
	if c.HTTP.Method == http.MethodOptions {
		c.operation = "PreflightRequest"
		headers, err := c.services.s3.Preflight(c.ctx, c.HTTP)
		if err != nil {
			return false, err
		}
		setAll(w.Header(), headers)
		if err := wire.EncodeNothing(w, &c.Request, http.StatusOK); err != nil {
			return true, cut{err}
		}
		return true, nil
	}
	if c.HTTP.Header.Get("Origin") == "" {
		return false, nil
	}
	headers, err := c.services.s3.CrossOrigin(c.ctx, c.HTTP)
	setAll(w.Header(), headers)
	return false, err
}

func setAll(h, more http.Header) {
	for name, values := range more {
		h[name] = values
	}
}
