package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

var (
	serializationException    = awserr.Kind{Code: "SerializationException", Status: http.StatusBadRequest}
	unknownOperationException = awserr.Kind{Code: "UnknownOperationException", Status: http.StatusBadRequest}
)

// NewAWSJSON returns the codec of a service that speaks AWS JSON 1.1: the operation in a header, input and output as JSON
// objects.
func NewAWSJSON(m *Model) Codec { return &awsJSON{m} }

type awsJSON struct{ model *Model }

// Route reads X-Amz-Target.
func (j *awsJSON) Route(r *http.Request) (string, error) {
	if r.Method != http.MethodPost {
		return "", awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
	}
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), j.model.Target+".")
	if !ok || j.model.Op(operation) == nil {
		return "", unknownOperationException.Errorf("The operation %q is not known.", r.Header.Get("X-Amz-Target"))
	}
	return operation, nil
}

// Decode fills in from the body. Members that the operation does not have are ignored, as AWS does.
func (j *awsJSON) Decode(r *http.Request, _ string, in any) error {
	v := reflect.ValueOf(in).Elem()
	p, err := j.fill(r, v)
	if err != nil {
		return err
	}
	return checkInput(p, v)
}

// fill does not look at the model's constraints.
func (j *awsJSON) fill(r *http.Request, v reflect.Value) (*plan, error) {
	p, err := j.model.planOf(v.Type())
	if err != nil {
		return nil, err
	}
	data, err := readBody(r.Body, maxForm)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return p, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var document any
	if err := d.Decode(&document); err != nil {
		return nil, serializationException.Errorf("%v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, serializationException.Errorf("The request body has more than one JSON value.")
	}
	if document == nil {
		return p, nil
	}
	ignoreUnknown(p, document)
	if err := fromJSON(p, v, document, ""); err != nil {
		return nil, serializationException.Errorf("%s", awserr.From(err).Message)
	}
	return p, nil
}

// ignoreUnknown removes the members of objects that p does not have.
func ignoreUnknown(p *plan, value any) {
	switch p.Type {
	case Structure:
		members, ok := value.(map[string]any)
		if !ok {
			return // fromJSON says so
		}
		known := make(map[string]*plan, len(p.fields))
		for i := range p.fields {
			known[p.fields[i].Name] = p.fields[i].plan
		}
		for name, member := range members {
			if known[name] == nil {
				delete(members, name)
				continue
			}
			ignoreUnknown(known[name], member)
		}
	case List:
		items, _ := value.([]any)
		for _, item := range items {
			ignoreUnknown(p.elem, item)
		}
	case Map:
		entries, _ := value.(map[string]any)
		for _, entry := range entries {
			ignoreUnknown(p.elem, entry)
		}
	}
}

// checkInput holds an input against the model's constraints. Organizations names one violation, by a Reason.
func checkInput(p *plan, v reflect.Value) error {
	c := checker{}
	c.structure(p, v, "")
	if len(c.reasons) == 0 {
		return nil
	}
	return InvalidInput(c.reasons[0])
}

// InvalidInput returns Organizations' InvalidInputException of a reason ("InvalidInputException" in the AWS Organizations
// API Reference).
func InvalidInput(reason string) *awserr.Error {
	text, ok := invalidInputs[reason]
	if !ok {
		text = "You specified an invalid value."
	}
	return awserr.InvalidInputException.Errorf("%s", text).With("Reason", reason)
}

var invalidInputs = map[string]string{
	"INPUT_REQUIRED":      "You must include a value for all required parameters.",
	"INVALID_LIST_MEMBER": "You provided a list to a parameter that contains at least one invalid value.",
	"INVALID_NEXT_TOKEN":  "The provided NextToken value is not valid.",
	"INVALID_PATTERN":     "You provided a value that does not match the required pattern.",
	"MAX_LENGTH_EXCEEDED": "You provided a string parameter that is longer than allowed.",
	"MAX_VALUE_EXCEEDED":  "You provided a numeric parameter that has a larger value than allowed.",
	"MIN_LENGTH_EXCEEDED": "You provided a string parameter that is shorter than allowed.",
	"MIN_VALUE_EXCEEDED":  "You provided a numeric parameter that has a smaller value than allowed.",
}

// Encode writes out as a JSON object, times as seconds since the epoch.
func (j *awsJSON) Encode(w http.ResponseWriter, req *Request, _ string, out any) error {
	v := reflect.ValueOf(out).Elem()
	p, err := j.model.planOf(v.Type())
	if err != nil {
		return err
	}
	mergeHeader(w.Header(), req.Header)
	return j.write(w, req, p.op.Status, appendJSON(make([]byte, 0, 1024), p, v, epochTime))
}

// epochTime writes seconds since the epoch, with milliseconds.
func epochTime(b []byte, t time.Time) []byte {
	return strconv.AppendFloat(b, float64(t.UnixMilli())/1000, 'f', -1, 64)
}

// EncodeError writes an object with the error's code as __type.
func (j *awsJSON) EncodeError(w http.ResponseWriter, req *Request, e *awserr.Error) {
	e = j.Rename(e)
	b := appendQuoted(appendName([]byte{'{'}, "__type"), e.Code)
	b = appendQuoted(appendName(b, "Message"), e.Message)
	for _, f := range e.Fields {
		b = appendQuoted(appendName(b, f.Name), f.Value)
	}
	mergeHeader(w.Header(), e.Header)
	j.write(w, req, e.Status, append(b, '}')) // a client that has gone away hears nothing
}

// Rename returns e with the code and status that it has in this protocol.
func (j *awsJSON) Rename(e *awserr.Error) *awserr.Error { return e.InJSON(http.StatusBadRequest) }

func (j *awsJSON) write(w http.ResponseWriter, req *Request, status int, body []byte) error {
	h := w.Header()
	h["x-amzn-RequestId"] = []string{req.ID}
	h["Content-Type"] = []string{"application/x-amz-json-1.1"}
	return writeBody(w, req, status, body)
}
