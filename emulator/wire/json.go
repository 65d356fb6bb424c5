package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// jsonLayout is the form in which the AWS CLI prints times.
const jsonLayout = "2006-01-02T15:04:05.999999-07:00"

// DecodeJSON fills in, a pointer to the Input struct of the model's operation, from the JSON form that the AWS CLI reads
// with --cli-input-json: botocore's names, times in ISO 8601, blobs in base64. Unknown names and wrong types are
// ValidationErrors, and so are violations of the model's constraints.
func DecodeJSON(m *Model, operation string, data []byte, in any) error {
	v := reflect.ValueOf(in).Elem()
	p, err := m.planOf(v.Type())
	if err != nil {
		return err
	}
	if p.op.Name != operation || !strings.HasSuffix(v.Type().Name(), "Input") {
		return fmt.Errorf("wire: %T is not the input of %s", in, operation)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var document any
	if len(bytes.TrimSpace(data)) > 0 {
		if err := d.Decode(&document); err != nil {
			return awserr.ValidationError.Errorf("Invalid JSON: %v", err)
		}
		if _, err := d.Token(); err != io.EOF {
			return awserr.ValidationError.Errorf("Invalid JSON: more than one value")
		}
	}
	if document != nil {
		if err := fromJSON(p, v, document, ""); err != nil {
			return err
		}
	}
	return check(m, p, v)
}

// fromJSON sets v, not a pointer, from a decoded JSON value.
func fromJSON(p *plan, v reflect.Value, value any, at string) error {
	switch p.Type {
	case Structure:
		members, ok := value.(map[string]any)
		if !ok {
			return wrongType(at, value, "an object")
		}
		return membersFromJSON(p, v, members, at)
	case List:
		items, ok := value.([]any)
		if !ok {
			return wrongType(at, value, "a list")
		}
		list := reflect.MakeSlice(v.Type(), len(items), len(items))
		for i, item := range items {
			if err := fromJSON(p.elem, list.Index(i), item, fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return err
			}
		}
		v.Set(list)
		return nil
	case Map:
		entries, ok := value.(map[string]any)
		if !ok {
			return wrongType(at, value, "an object")
		}
		m := reflect.MakeMapWithSize(v.Type(), len(entries))
		for key, entry := range entries {
			element := reflect.New(v.Type().Elem()).Elem()
			if err := fromJSON(p.elem, element, entry, at+"."+key); err != nil {
				return err
			}
			m.SetMapIndex(reflect.ValueOf(key), element)
		}
		v.Set(m)
		return nil
	}
	return scalarFromJSON(p, v, value, at)
}

func membersFromJSON(p *plan, v reflect.Value, members map[string]any, at string) error {
	known := map[string]*field{}
	for i := range p.fields {
		known[p.fields[i].Name] = &p.fields[i]
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		f := known[name]
		if f == nil {
			return awserr.ValidationError.Errorf("Unknown parameter in input: %q, must be one of: %s", strings.TrimPrefix(at+"."+name, "."), memberNames(p))
		}
		value := members[name]
		if value == nil {
			continue
		}
		if f.Flags.has(Streaming) {
			if err := bodyFromJSON(v.Field(f.index), value, name); err != nil {
				return err
			}
			continue
		}
		err := f.set(v, func(v reflect.Value) error {
			return fromJSON(f.plan, v, value, strings.TrimPrefix(at+"."+name, "."))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// bodyFromJSON makes a streamed body of a blob.
func bodyFromJSON(v reflect.Value, value any, at string) error {
	var data []byte
	blob := plan{Shape: &Shape{Type: Blob}, kind: Blob}
	if err := scalarFromJSON(&blob, reflect.ValueOf(&data).Elem(), value, at); err != nil {
		return err
	}
	v.Set(reflect.ValueOf(bytes.NewReader(data)))
	return nil
}

func scalarFromJSON(p *plan, v reflect.Value, value any, at string) error {
	var text string
	switch value := value.(type) {
	case string:
		if p.Type == Integer || p.Type == Long || p.Type == Boolean {
			return wrongType(at, value, jsonTypes[p.Type])
		}
		text = value
	case json.Number:
		if p.Type != Integer && p.Type != Long && p.Type != Timestamp {
			return wrongType(at, value, jsonTypes[p.Type])
		}
		text = value.String()
	case bool:
		if p.Type != Boolean {
			return wrongType(at, value, jsonTypes[p.Type])
		}
		text = fmt.Sprint(value)
	default:
		return wrongType(at, value, jsonTypes[p.Type])
	}
	if err := setScalar(p, v, text); err != nil {
		return wrongType(at, value, jsonTypes[p.Type])
	}
	return nil
}

var jsonTypes = map[Type]string{
	String: "a string", Integer: "a whole number", Long: "a whole number", Boolean: "true or false",
	Timestamp: "a time in ISO 8601", Blob: "a string in base64",
}

func wrongType(at string, value any, want string) error {
	text, _ := json.Marshal(value)
	return awserr.ValidationError.Errorf("Invalid type for parameter %s, value: %.100s, must be %s", at, text, want)
}

func memberNames(p *plan) string {
	names := make([]string, len(p.fields))
	for i := range p.fields {
		names[i] = p.fields[i].Name
	}
	return strings.Join(names, ", ")
}

// EncodeJSON returns the JSON form of an Input or Output struct of a service that xemu emulates, as the AWS CLI prints it:
// botocore's names, times in ISO 8601, blobs in base64. Streamed bodies are left out.
func EncodeJSON(out any) ([]byte, error) {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fmt.Errorf("wire: EncodeJSON wants a pointer to a struct, not %T", out)
	}
	v = v.Elem()
	for _, m := range []*Model{IAM(), STS(), S3(), Organizations(), AccessAnalyzer()} {
		if strings.HasSuffix(v.Type().PkgPath(), "/service/"+m.Service) {
			p, err := m.planOf(v.Type())
			if err != nil {
				return nil, err
			}
			return appendJSON(nil, p, v, isoTime), nil
		}
	}
	return nil, fmt.Errorf("wire: %s is of no known service", v.Type())
}

// timeForm writes a time as a JSON value.
type timeForm func([]byte, time.Time) []byte

func isoTime(b []byte, t time.Time) []byte {
	return appendQuoted(b, t.UTC().Format(jsonLayout))
}

func appendJSON(b []byte, p *plan, v reflect.Value, times timeForm) []byte {
	switch p.Type {
	case Structure:
		b = append(b, '{')
		for i := range p.fields {
			f := &p.fields[i]
			value, ok := f.of(v)
			required := f.Flags.has(Required) && f.plan.Type == List
			if !ok && !required || f.Flags.has(Streaming) {
				continue
			}
			b = appendName(b, f.Name)
			if !ok {
				b = append(b, "[]"...)
				continue
			}
			b = appendJSON(b, f.plan, value, times)
		}
		return append(b, '}')
	case List:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, p.elem, v.Index(i), times)
		}
		return append(b, ']')
	case Map:
		b = append(b, '{')
		for _, key := range sortedKeys(v) {
			b = appendName(b, key.String())
			b = appendJSON(b, p.elem, v.MapIndex(key), times)
		}
		return append(b, '}')
	}
	if p.kind == Integer || p.kind == Boolean || p.Type == Integer && isNumber(v.String()) {
		return appendScalar(b, p, v, "")
	}
	if p.kind == Timestamp {
		return times(b, v.Interface().(time.Time))
	}
	return appendQuoted(b, string(appendScalar(nil, p, v, "")))
}

func isNumber(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil
}

// appendName starts a member of an object.
func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendQuoted(b, name), ':')
}

// appendQuoted writes a JSON string and leaves <, > and & as they are: policies are to be read.
func appendQuoted(b []byte, s string) []byte {
	buf := bytes.Buffer{}
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string always encodes
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}
