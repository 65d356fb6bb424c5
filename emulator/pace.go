package emulator

import (
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"time"
)

// A client that neither sends nor takes anything, or next to nothing, for Config.Patience is not waited for: it would hold
// the request's memory and files for ever. S3 answers RequestTimeout to who stops in a body.
const (
	patience    = 20 * time.Second
	progress    = 16 << 10 // bytes that earn a client new patience
	writtenOnce = 64 << 10 // bytes given to a connection in one go,
	sentOnce    = 8 << 20  // and of a file, which the system sends by itself
)

// paced is a response, and its request's body, with a deadline for the next bytes.
type paced struct {
	http.ResponseWriter
	io.ReadCloser
	conn     deadlines
	patience time.Duration

	left time.Duration // of the patience with the body,
	got  int           // and what has come meanwhile
}

// deadlines are those of a connection of net/http.
type deadlines interface {
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// pace returns w with deadlines, and puts them on r's body. A response that is not a connection's has none.
func pace(w http.ResponseWriter, r *http.Request, patience time.Duration) http.ResponseWriter {
	conn, ok := w.(deadlines)
	if !ok {
		return w
	}
	p := &paced{ResponseWriter: w, conn: conn, patience: patience, left: patience}
	p.mayWrite() // net/http may do so, of a "100 Continue"
	if r.Body != nil && r.Body != http.NoBody {
		p.ReadCloser, r.Body = r.Body, p
		conn.SetReadDeadline(time.Now().Add(patience)) // for who never reads it: net/http then does
	}
	return p
}

// Read implements io.Reader for the body. Only the time in which it waits for the client counts.
func (p *paced) Read(b []byte) (int, error) {
	if p.got >= progress {
		p.got, p.left = 0, p.patience
	}
	begin := time.Now()
	p.conn.SetReadDeadline(begin.Add(p.left))
	n, err := p.ReadCloser.Read(b)
	p.got += n
	if p.left -= time.Since(begin); err == io.EOF {
		p.conn.SetReadDeadline(time.Time{}) // net/http goes on reading, to notice a client that goes away
	}
	return n, err
}

func (p *paced) mayWrite() { p.conn.SetWriteDeadline(time.Now().Add(p.patience)) }

// WriteHeader implements http.ResponseWriter.
func (p *paced) WriteHeader(status int) {
	p.mayWrite()
	p.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (p *paced) Write(b []byte) (n int, err error) {
	for len(b) > 0 && err == nil {
		var m int
		p.mayWrite()
		m, err = p.ResponseWriter.Write(b[:min(len(b), writtenOnce)])
		n, b = n+m, b[m:]
	}
	return n, err
}

// ReadFrom implements io.ReaderFrom: net/http sends a file, behind a LimitedReader, without copying it.
func (p *paced) ReadFrom(from io.Reader) (n int64, err error) {
	to, ok := p.ResponseWriter.(io.ReaderFrom)
	if !ok {
		return io.Copy(struct{ io.Writer }{p}, from)
	}
	rest, ok := from.(*io.LimitedReader)
	once := int64(sentOnce)
	if !ok {
		rest, once = &io.LimitedReader{R: from, N: math.MaxInt64}, writtenOnce
	}
	for rest.N > 0 {
		piece := io.LimitedReader{R: rest.R, N: min(rest.N, once)}
		asked := piece.N
		p.mayWrite()
		m, err := to.ReadFrom(&piece)
		n, rest.N = n+m, rest.N-m
		if slow := errors.Is(err, os.ErrDeadlineExceeded) && m >= progress; err != nil && !slow {
			return n, err
		} else if m < asked && !slow {
			return n, nil
		}
	}
	return n, nil
}

// Unwrap is for http.ResponseController.
func (p *paced) Unwrap() http.ResponseWriter { return p.ResponseWriter }
