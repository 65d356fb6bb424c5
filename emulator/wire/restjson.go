package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// NewRESTJSON returns the codec of a service that speaks REST with JSON: the operation is a method and a path, parameters
// stand in path and query, the rest of input and output is a JSON object.
func NewRESTJSON(m *Model) Codec { return &restJSON{m} }

type restJSON struct{ model *Model }

// Route finds the operation by method and path. A path with fewer labels wins.
func (j *restJSON) Route(r *http.Request) (string, error) {
	path := segments(r.URL.EscapedPath())
	best, fewest, known := "", len(path)+1, false
	for i := range j.model.Ops {
		op := &j.model.Ops[i]
		labels, ok := matchPath(segments(op.Path), path)
		known = known || ok
		if ok && op.Method == r.Method && len(labels) < fewest {
			best, fewest = op.Name, len(labels)
		}
	}
	switch {
	case best != "":
		return best, nil
	case known:
		return "", awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
	}
	return "", awserr.Kind{Code: unknownOperationException.Code, Status: http.StatusNotFound}.
		Errorf("There is no operation %s %s.", r.Method, r.URL.Path)
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// matchPath reports whether a path has the form of a template, and which of its segments stand for the template's labels.
func matchPath(template, path []string) (labels map[string]string, ok bool) {
	if len(template) != len(path) {
		return nil, false
	}
	for i, t := range template {
		if label, isLabel := strings.CutPrefix(t, "{"); isLabel && path[i] != "" {
			if labels == nil {
				labels = map[string]string{}
			}
			labels[strings.TrimSuffix(label, "}")] = path[i]
		} else if t != path[i] {
			return nil, false
		}
	}
	return labels, true
}

// Decode fills in from path, query and body. Members that the operation does not have are ignored, as AWS does.
func (j *restJSON) Decode(r *http.Request, _ string, in any) error {
	v := reflect.ValueOf(in).Elem()
	p, err := j.fill(r, v)
	if err != nil {
		return err
	}
	if e, ok := check(j.model, p, v).(*awserr.Error); ok {
		return awserr.ValidationException.Errorf("%s", e.Message).With("reason", "fieldValidationFailed")
	}
	return nil
}

// fill does not look at the model's constraints.
func (j *restJSON) fill(r *http.Request, v reflect.Value) (*plan, error) {
	p, err := j.model.planOf(v.Type())
	if err != nil {
		return nil, err
	}
	if err := j.body(r, p, v); err != nil {
		return nil, err
	}
	labels, _ := matchPath(segments(p.op.Path), segments(r.URL.EscapedPath()))
	query := r.URL.Query()
	for i := range p.fields {
		f := &p.fields[i]
		if f.In == Body {
			continue
		}
		v.Field(f.index).SetZero() // the body had a member of that name
		var values []string
		switch f.In {
		case Query:
			values = query[f.wire]
		case Header:
			values = r.Header.Values(f.wire)
		case URI:
			label, err := url.PathUnescape(labels[f.wire])
			if err != nil {
				return nil, cannotParse("The path is not escaped as it should be.")
			}
			values = []string{label}
		}
		if err := setParameter(f, v, values); err != nil {
			return nil, cannotParse("The value of " + f.wire + " is not valid.")
		}
	}
	return p, nil
}

func cannotParse(message string) *awserr.Error {
	return awserr.ValidationException.Errorf("%s", message).With("reason", "cannotParse")
}

// setParameter sets a field from the values of a query parameter or label; none leave it absent.
func setParameter(f *field, v reflect.Value, values []string) error {
	if len(values) == 0 {
		return nil
	}
	if f.plan.Type != List {
		return f.set(v, func(v reflect.Value) error { return setScalar(f.plan, v, values[0]) })
	}
	list := reflect.MakeSlice(v.Field(f.index).Type(), len(values), len(values))
	for i, value := range values {
		if err := setScalar(f.plan.elem, list.Index(i), value); err != nil {
			return err
		}
	}
	v.Field(f.index).Set(list)
	return nil
}

// body fills in from the JSON object that the body is; an empty body is an empty object.
func (j *restJSON) body(r *http.Request, p *plan, v reflect.Value) error {
	data, err := readBody(r.Body, maxForm)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var document any
	if err := d.Decode(&document); err != nil {
		return cannotParse(err.Error())
	}
	if _, err := d.Token(); err != io.EOF {
		return cannotParse("The request body has more than one JSON value.")
	}
	ignoreUnknown(p, document)
	if err := fromJSON(p, v, document, ""); err != nil {
		return cannotParse(awserr.From(err).Message)
	}
	return nil
}

// Encode writes out as a JSON object, times in ISO 8601.
func (j *restJSON) Encode(w http.ResponseWriter, req *Request, _ string, out any) error {
	v := reflect.ValueOf(out).Elem()
	p, err := j.model.planOf(v.Type())
	if err != nil {
		return err
	}
	mergeHeader(w.Header(), req.Header)
	return j.write(w, req, p.op.Status, appendJSON(make([]byte, 0, 1024), p, v, isoTime))
}

// EncodeError writes an object with the message; the error's code is in a header.
func (j *restJSON) EncodeError(w http.ResponseWriter, req *Request, e *awserr.Error) {
	e = j.Rename(e)
	b := appendQuoted(appendName([]byte{'{'}, "message"), e.Message)
	for _, f := range e.Fields {
		b = appendQuoted(appendName(b, f.Name), f.Value)
	}
	mergeHeader(w.Header(), e.Header)
	w.Header()["x-amzn-ErrorType"] = []string{e.Code}
	j.write(w, req, e.Status, append(b, '}')) // a client that has gone away hears nothing
}

// Rename returns e with the code and status that it has in this protocol.
func (j *restJSON) Rename(e *awserr.Error) *awserr.Error { return e.InJSON(http.StatusForbidden) }

func (j *restJSON) write(w http.ResponseWriter, req *Request, status int, body []byte) error {
	h := w.Header()
	h["x-amzn-RequestId"] = []string{req.ID}
	h["Content-Type"] = []string{"application/json"}
	return writeBody(w, req, status, body)
}
