package wire

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// A Requester makes the HTTP request of an operation, as a client would, of in, a pointer to the SDK's Input struct. It is
// not signed. Errors: in lacks the bucket or the key.
type Requester interface {
	Request(operation string, in any) (*http.Request, error)
}

// Request implements Requester.
func (c *restXML) Request(operation string, in any) (*http.Request, error) {
	v := reflect.ValueOf(in).Elem()
	p, err := c.model.planOf(v.Type())
	if err != nil {
		return nil, err
	}
	if p.op.Name != operation {
		return nil, fmt.Errorf("wire: %T is not the input of %s", in, operation)
	}
	u, err := requestURL(p, v)
	if err != nil {
		return nil, err
	}
	body, err := c.requestBody(p, v)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(p.op.Method, u, body)
	if err != nil {
		return nil, err
	}
	for _, f := range p.http.ordered {
		if s, ok := headerValue(f, v.Field(f.index)); ok {
			r.Header.Set(f.wire, s)
		}
	}
	if p.http.prefix != nil {
		for name, value := range v.Field(p.http.prefix.index).Interface().(map[string]string) {
			r.Header.Set(p.http.prefix.wire+name, value)
		}
	}
	if f := p.http.length; f != nil {
		if length, ok := f.of(v); ok {
			r.ContentLength = length.Int()
		}
	}
	if document, ok := body.(*bytes.Reader); ok && p.op.ChecksumRequired && r.Header["Content-Md5"] == nil {
		h := md5.New()
		document.WriteTo(h)
		document.Seek(0, io.SeekStart)
		r.Header.Set("Content-MD5", base64.StdEncoding.EncodeToString(h.Sum(nil)))
	}
	return r, nil
}

func requestURL(p *plan, v reflect.Value) (string, error) {
	u := url.URL{Path: "/"}
	for _, f := range []*field{p.http.bucket, p.http.key} {
		if f == nil {
			continue
		}
		value, ok := f.of(v)
		if !ok || value.Len() == 0 {
			return "", missing(f)
		}
		if u.Path != "/" {
			u.Path += "/"
		}
		u.Path += value.String()
	}
	query := slices.Clone(p.op.Query)
	for name, f := range p.http.queries {
		if s, ok := headerValue(f, v.Field(f.index)); ok {
			query = append(query, url.QueryEscape(name)+"="+url.QueryEscape(s))
		}
	}
	u.RawQuery = strings.Join(query, "&")
	return u.String(), nil
}

// requestBody is the stream, the document, or nil.
func (c *restXML) requestBody(p *plan, v reflect.Value) (io.Reader, error) {
	f := p.http.payload
	x := xmlWriter{layout: millisLayout}
	switch {
	case f == nil && !p.http.document:
		return nil, nil
	case f == nil:
		x.open(operationElement(p), c.model.Namespace)
		x.members(p, v)
		x.close(operationElement(p))
	case f.Flags.has(Streaming):
		body, _ := v.Field(f.index).Interface().(io.Reader)
		return body, nil
	default:
		value, ok := f.of(v)
		switch {
		case !ok:
			return nil, nil
		case f.plan.Type == String:
			return bytes.NewReader([]byte(value.String())), nil
		}
		x.open(f.wire, c.model.Namespace)
		x.members(f.plan, value)
		x.close(f.wire)
	}
	return bytes.NewReader(x.b), nil
}

func operationElement(p *plan) string { return p.op.Name + "Request" }
