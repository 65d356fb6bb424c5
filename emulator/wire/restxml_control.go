package wire

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// NewS3Control returns the codec of S3 Control: S3's protocol, but for paths with labels of any name, and errors in an
// element around them.
func NewS3Control(m *Model) Codec { return &s3Control{restXML{model: m}} }

type s3Control struct{ restXML }

// Route finds the operation by method and path. The template with fewest labels wins, then the longest.
func (c *s3Control) Route(r *http.Request) (string, error) {
	best, rank := "", -1
	for i := range c.model.Ops {
		op := &c.model.Ops[i]
		labels, ok := matchLabels(op.Path, r.URL.EscapedPath())
		if n := len(op.Path) - 1000*len(labels) + 10000; ok && op.Method == r.Method && n > rank {
			best, rank = op.Name, n
		}
	}
	if best == "" {
		return "", methodNotAllowed(r.Method, onService)
	}
	return best, nil
}

// matchLabels matches a path with a template, of which one label may end in "+" and stands for what is between its
// neighbours, slashes included.
func matchLabels(template, path string) (map[string]string, bool) {
	if before, rest, ok := strings.Cut(template, "+}"); ok {
		open := strings.LastIndexByte(before, '{')
		head, label, tail := before[:open], before[open+1:], rest
		value, ok := strings.CutPrefix(path, head)
		if value, cut := strings.CutSuffix(value, tail); ok && cut && value != "" {
			return map[string]string{label: value}, true
		}
		return nil, false
	}
	return matchPath(segments(template), segments(path))
}

// Decode fills in from path, query, headers and body.
func (c *s3Control) Decode(r *http.Request, operation string, in any) error {
	v := reflect.ValueOf(in).Elem()
	p, err := c.model.planOf(v.Type())
	if err != nil {
		return err
	}
	labels, _ := matchLabels(p.op.Path, r.URL.EscapedPath())
	for _, f := range p.http.labels {
		value, err := url.PathUnescape(labels[f.wire])
		if err != nil {
			return invalidURI()
		}
		setString(v.Field(f.index), value)
	}
	return decodeRest(p, r, v)
}

// EncodeError writes <ErrorResponse> with the error in it.
func (c *s3Control) EncodeError(w http.ResponseWriter, req *Request, e *awserr.Error) {
	h := w.Header()
	setIDs(h, req)
	mergeHeader(h, e.Header)
	h["Content-Type"] = []string{"application/xml"}
	x := xmlWriter{b: append(make([]byte, 0, 512), xmlProlog...)}
	x.open("ErrorResponse", "")
	x.open("Error", "")
	x.error(e)
	x.close("Error")
	x.text("RequestId", req.ID)
	x.text("HostId", HostID(req))
	x.close("ErrorResponse")
	writeBody(w, req, e.Status, x.b) // a client that has gone away hears nothing
}
