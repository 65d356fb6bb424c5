package wire

import (
	"bytes"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// maxDocument bounds the XML documents of requests. The largest are those of CompleteMultipartUpload with 10,000 parts
// that carry checksums, and of DeleteObjects with 1,000 long keys.
const maxDocument = 4 << 20

// Decode fills in from path, query, headers and body.
func (c *restXML) Decode(r *http.Request, operation string, in any) error {
	v := reflect.ValueOf(in).Elem()
	p, err := c.model.planOf(v.Type())
	if err != nil {
		return err
	}
	if err := decodePath(p.http, r, v); err != nil {
		return err
	}
	return decodeRest(p, r, v)
}

// decodeRest fills v from all but the path.
func decodeRest(p *plan, r *http.Request, v reflect.Value) error {
	if err := decodeQuery(p.http, r, v); err != nil {
		return err
	}
	if err := decodeHeaders(p.http, r, v); err != nil {
		return err
	}
	for _, f := range p.http.required {
		if _, ok := f.of(v); !ok {
			return missing(f)
		}
	}
	return decodeBody(p, r, v)
}

func decodePath(h *httpPlan, r *http.Request, v reflect.Value) error {
	if h.bucket == nil {
		return nil
	}
	bucket, key, err := SplitPath(r.URL)
	if err != nil {
		return err
	}
	setString(v.Field(h.bucket.index), bucket)
	if h.key != nil {
		setString(v.Field(h.key.index), key)
	}
	return nil
}

func decodeQuery(h *httpPlan, r *http.Request, v reflect.Value) error {
	query, err := queryPairs(r.URL.RawQuery)
	if err != nil {
		return err
	}
	for _, q := range query {
		if f := h.queries[q.name]; f != nil {
			if err := decodeParameter(f, v, q.value); err != nil {
				return err
			}
		}
	}
	return nil
}

func decodeHeaders(h *httpPlan, r *http.Request, v reflect.Value) error {
	for name, values := range r.Header {
		if f := h.headers[name]; f != nil {
			if err := decodeParameter(f, v, strings.Join(values, ",")); err != nil {
				return err
			}
			continue
		}
		if h.prefix != nil && len(name) > len(metadataPrefix) && strings.EqualFold(name[:len(metadataPrefix)], metadataPrefix) {
			metadata := v.Field(h.prefix.index)
			if metadata.IsNil() {
				metadata.Set(reflect.MakeMap(metadata.Type()))
			}
			// S3 stores the names of user-defined metadata in lower case ("Working with object metadata").
			metadata.Interface().(map[string]string)[strings.ToLower(name[len(metadataPrefix):])] = strings.Join(values, ",")
		}
	}
	if h.length != nil {
		return decodeLength(h.length, r, v)
	}
	return nil
}

const metadataPrefix = "X-Amz-Meta-"

// decodeLength sets ContentLength: that of the object, not of the chunks around it.
func decodeLength(f *field, r *http.Request, v reflect.Value) error {
	length := r.ContentLength
	if decoded := r.Header["X-Amz-Decoded-Content-Length"]; decoded != nil {
		n, err := strconv.ParseInt(decoded[0], 10, 64)
		if err != nil || n < 0 {
			return invalidArgument("The value of the x-amz-decoded-content-length header is not valid.", "x-amz-decoded-content-length", decoded[0])
		}
		length = n
	}
	if length >= 0 {
		*v.Field(f.index).Addr().Interface().(**int64) = &length
	}
	return nil
}

// decodeParameter sets a field from a header or query parameter.
func decodeParameter(f *field, v reflect.Value, s string) error {
	if p, ok := v.Field(f.index).Addr().Interface().(**string); ok && f.plan.Type == String {
		*p = &s
		return nil
	}
	if f.plan.Type == List {
		return decodeList(f, v.Field(f.index), s)
	}
	if len(f.plan.Enum) > 0 && s == "" || ignoredACL(f, s) {
		return nil // as if it were not there
	}
	if !f.plan.enumerates(s) && !knownACL(f, s) {
		return badEnum(f, s)
	}
	err := f.set(v, func(v reflect.Value) error { return setScalar(f.plan, v, s) })
	switch {
	case err == nil:
		return nil
	case f.wire == "Expires":
		return nil // kept as it is by S3; who wants it, reads it from the request's header
	case f.plan.kind == Timestamp && strings.Contains(strings.ToLower(f.wire), "if-"):
		return nil // a condition with a date that is not one is ignored (RFC 9110, 13.1)
	case f.plan.Type == Integer || f.plan.Type == Long:
		return badNumber(f, s)
	case f.wire == "x-amz-object-lock-retain-until-date":
		return invalidArgument("The retain until date must be provided in ISO 8601 format", f.wire, s)
	}
	return invalidArgument("The value of "+f.wire+" is not valid.", f.wire, s)
}

func decodeList(f *field, v reflect.Value, s string) error {
	for item := range strings.SplitSeq(s, ",") {
		item = strings.TrimSpace(item)
		if !f.plan.elem.enumerates(item) {
			return badEnum(f, item)
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := setScalar(f.plan.elem, element, item); err != nil {
			return invalidArgument("The value of "+f.wire+" is not valid.", f.wire, s)
		}
		v.Set(reflect.Append(v, element))
	}
	return nil
}

func decodeBody(p *plan, r *http.Request, v reflect.Value) error {
	f := p.http.payload
	switch {
	case f != nil && f.Flags.has(Streaming):
		if r.Body != nil {
			v.Field(f.index).Set(reflect.ValueOf(r.Body))
		}
		return nil
	case f == nil && !p.http.document:
		return nil
	}
	data, err := readDocument(r)
	if err != nil {
		return err
	}
	if f == nil {
		return decodeDocument(data, p.op.Name+"Request", p, v)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		if f.Flags.has(Required) {
			return awserr.Kind{Code: "MissingRequestBodyError", Status: http.StatusBadRequest}.Errorf("Request Body is empty")
		}
		return nil
	}
	if f.plan.Type == String {
		setString(v.Field(f.index), string(data))
		return nil
	}
	return f.set(v, func(v reflect.Value) error { return decodeDocument(data, f.wire, f.plan, v) })
}

func readDocument(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if r.ContentLength > maxDocument {
		return nil, tooLong()
	}
	data, err := readBody(r.Body, maxDocument)
	if e, ok := err.(*awserr.Error); ok && e.Code == "RequestEntityTooLarge" {
		return nil, tooLong()
	}
	return data, err
}

func setString(v reflect.Value, s string) { *v.Addr().Interface().(**string) = &s }

func tooLong() *awserr.Error {
	return awserr.Kind{Code: "MaxMessageLengthExceeded", Status: http.StatusBadRequest}.Errorf("Your request was too big.")
}

func missing(f *field) *awserr.Error {
	if f.In == Header {
		return awserr.InvalidRequest.Errorf("Missing required header for this request: %s", f.wire)
	}
	return awserr.InvalidArgument.Errorf("The request is missing the required parameter %s.", f.wire).With("ArgumentName", f.wire)
}

func invalidArgument(message, name, value string) *awserr.Error {
	return awserr.InvalidArgument.Errorf("%s", message).With("ArgumentName", name).With("ArgumentValue", value)
}

func badNumber(f *field, s string) *awserr.Error {
	if strings.EqualFold(f.wire, "partNumber") {
		return invalidArgument("Part number must be an integer between 1 and 10000, inclusive", f.wire, s)
	}
	return invalidArgument("Provided "+f.wire+" not an integer or within integer range", f.wire, s)
}
