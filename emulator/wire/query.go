package wire

import (
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Limits of a form: far beyond what any operation takes.
const (
	maxForm       = 1 << 20
	maxParameters = 10_000
	maxSegments   = 16
)

var malformedInput = awserr.Kind{Code: "MalformedInput", Status: http.StatusBadRequest}

// NewQuery returns the codec of a service that speaks the AWS query protocol: parameters in the query string or in a
// form, the answer in XML.
func NewQuery(m *Model) Codec { return &query{m} }

type query struct{ model *Model }

// Route reads the Action and Version parameters. It leaves the parameters in r.Form.
func (q *query) Route(r *http.Request) (string, error) {
	if err := parseForm(r); err != nil {
		return "", err
	}
	action := r.Form.Get("Action")
	if action == "" {
		return "", awserr.MissingAction.Errorf("The request is missing an action or a required parameter.")
	}
	version := r.Form.Get("Version")
	if version == "" {
		version = "NO_VERSION_SPECIFIED"
	}
	if version != q.model.Version || q.model.Op(action) == nil {
		return "", awserr.InvalidAction.Errorf("Could not find operation %s for version %s", action, version)
	}
	return action, nil
}

// parseForm fills r.Form from the query and from a body of bounded size.
func parseForm(r *http.Request) error {
	if r.Form != nil {
		return nil
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
	}
	form, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return awserr.MalformedQueryString.Errorf("The query string contains a syntax error.")
	}
	if r.Method == http.MethodPost && r.Body != nil {
		body, err := readBody(r.Body, maxForm)
		if err != nil {
			return err
		}
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return awserr.MalformedQueryString.Errorf("The query string contains a syntax error.")
		}
		for name, v := range values {
			form[name] = append(v, form[name]...)
		}
	}
	r.Form = form
	return nil
}

// readBody reads a body of up to limit bytes. An error of the body itself, such as a payload hash that does not match, is
// handed on.
func readBody(body io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, awserr.Kind{Code: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge}.
			Errorf("The request body is longer than %d bytes.", limit)
	}
	return data, nil
}

// Decode fills in from the parameters. Parameters that the operation does not have are ignored, as AWS does.
func (q *query) Decode(r *http.Request, _ string, in any) error {
	v := reflect.ValueOf(in).Elem()
	p, err := q.fill(r, v)
	if err != nil {
		return err
	}
	return check(q.model, p, v)
}

// fill does not look at the model's constraints.
func (q *query) fill(r *http.Request, v reflect.Value) (*plan, error) {
	p, err := q.model.planOf(v.Type())
	if err != nil {
		return nil, err
	}
	if err := parseForm(r); err != nil {
		return nil, err
	}
	root, err := parameters(r.Form)
	if err != nil {
		return nil, err
	}
	return p, root.structure(p, v)
}

// parameter is a node of the tree that the dots in parameter names make: Tags.member.1.Key.
type parameter struct {
	name     string // in full
	value    string
	given    bool
	children map[string]*parameter
}

func parameters(form url.Values) (*parameter, error) {
	if len(form) > maxParameters {
		return nil, malformedInput.Errorf("The request has more than %d parameters.", maxParameters)
	}
	root := &parameter{}
	for name, values := range form {
		if strings.Count(name, ".") >= maxSegments {
			continue // no operation has a parameter this deep
		}
		if len(values) > 1 {
			return nil, malformedInput.Errorf("The parameter %s is given more than once.", name)
		}
		node := root
		for end := 0; end < len(name); end++ {
			start := end
			for end < len(name) && name[end] != '.' {
				end++
			}
			node = node.child(name[start:end], name[:end])
		}
		node.value, node.given = values[0], true
	}
	return root, nil
}

func (n *parameter) child(segment, name string) *parameter {
	c := n.children[segment]
	if c == nil {
		if n.children == nil {
			n.children = map[string]*parameter{}
		}
		c = &parameter{name: name}
		n.children[segment] = c
	}
	return c
}

func (n *parameter) structure(p *plan, v reflect.Value) error {
	for i := range p.fields {
		f := &p.fields[i]
		c := n.children[f.wire]
		if c == nil {
			continue
		}
		if err := f.set(v, func(v reflect.Value) error { return c.decode(f.plan, v) }); err != nil {
			return err
		}
	}
	return nil
}

func (n *parameter) decode(p *plan, v reflect.Value) error {
	switch p.Type {
	case Structure:
		if n.given && n.value != "" {
			return malformedInput.Errorf("Unexpected value for the structure %s.", n.name)
		}
		return n.structure(p, v)
	case List:
		return n.list(p, v)
	case Map:
		return n.entries(p, v)
	}
	switch {
	case n.children["member"] != nil || n.children["entry"] != nil:
		return malformedInput.Errorf("Start of list found where not expected")
	case n.children != nil:
		return malformedInput.Errorf("Start of structure or map found where not expected.")
	}
	if err := setScalar(p, v, n.value); err != nil {
		return malformedInput.Errorf("%s", notOfType[p.kind](n.value))
	}
	return nil
}

// notOfType are the words for a value that cannot be read.
var notOfType = map[Type]func(string) string{
	Integer:   func(s string) string { return "For input string: " + strconv.Quote(s) },
	String:    func(s string) string { return "For input string: " + strconv.Quote(s) },
	Boolean:   func(s string) string { return "Invalid boolean value: " + s },
	Timestamp: func(s string) string { return "Unable to parse timestamp: " + s },
	Blob:      func(string) string { return "Unable to base64 decode value" },
}

func (n *parameter) list(p *plan, v reflect.Value) error {
	items, err := n.numbered("member")
	if err != nil {
		return err
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := item.decode(p.elem, list.Index(i)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func (n *parameter) entries(p *plan, v reflect.Value) error {
	items, err := n.numbered("entry")
	if err != nil {
		return err
	}
	entries := reflect.MakeMapWithSize(v.Type(), len(items))
	for _, item := range items {
		key, value := item.children["key"], item.children["value"]
		if key == nil || value == nil {
			return malformedInput.Errorf("The map entry %s needs a key and a value.", item.name)
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := value.decode(p.elem, element); err != nil {
			return err
		}
		entries.SetMapIndex(reflect.ValueOf(key.value), element)
	}
	v.Set(entries)
	return nil
}

// numbered returns the elements X.member.N in the order of their numbers; gaps close up. X= is the empty list.
func (n *parameter) numbered(element string) ([]*parameter, error) {
	if n.given && n.value != "" {
		return nil, malformedInput.Errorf("Start of list expected for %s.", n.name)
	}
	for name := range n.children {
		if name != element {
			return nil, malformedInput.Errorf("Start of structure or map found where not expected.")
		}
	}
	group := n.children[element]
	if group == nil {
		return nil, nil
	}
	type item struct {
		number int
		*parameter
	}
	items := make([]item, 0, len(group.children))
	for text, c := range group.children {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 || text[0] == '0' || text[0] == '+' {
			return nil, malformedInput.Errorf("The list index in %s is not a positive number.", c.name)
		}
		items = append(items, item{number, c})
	}
	slices.SortFunc(items, func(a, b item) int { return a.number - b.number })
	list := make([]*parameter, len(items))
	for i, item := range items {
		list[i] = item.parameter
	}
	return list, nil
}

// Encode writes <XResponse><XResult>…</XResult><ResponseMetadata>….
func (q *query) Encode(w http.ResponseWriter, req *Request, operation string, out any) error {
	v := reflect.ValueOf(out).Elem()
	p, err := q.model.planOf(v.Type())
	if err != nil {
		return err
	}
	x := xmlWriter{b: make([]byte, 0, 1024), layout: secondsLayout, lists: true}
	x.open(operation+"Response", q.model.Namespace)
	if p.op.Output >= 0 {
		x.open(operation+"Result", "")
		x.members(p, v)
		x.close(operation + "Result")
	}
	x.open("ResponseMetadata", "")
	x.text("RequestId", req.ID)
	x.close("ResponseMetadata")
	x.close(operation + "Response")
	mergeHeader(w.Header(), req.Header)
	return q.write(w, req, p.op.Status, x.b)
}

// EncodeError writes <ErrorResponse>.
func (q *query) EncodeError(w http.ResponseWriter, req *Request, e *awserr.Error) {
	fault := "Sender"
	if e.Status >= 500 {
		fault = "Receiver"
	}
	x := xmlWriter{}
	x.open("ErrorResponse", q.model.Namespace)
	x.open("Error", "")
	x.text("Type", fault)
	x.text("Code", e.Code)
	x.text("Message", e.Message)
	for _, f := range e.Fields {
		x.text(f.Name, f.Value)
	}
	x.close("Error")
	x.text("RequestId", req.ID)
	x.close("ErrorResponse")
	mergeHeader(w.Header(), e.Header)
	q.write(w, req, e.Status, x.b) // a client that has gone away hears nothing
}

func (q *query) write(w http.ResponseWriter, req *Request, status int, body []byte) error {
	h := w.Header()
	h["x-amzn-RequestId"] = []string{req.ID}
	h["Content-Type"] = []string{"text/xml"}
	return writeBody(w, req, status, body)
}
