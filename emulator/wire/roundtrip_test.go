package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/accessanalyzer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// impossible are the fields, or whole operations, that cannot make the round trip, with the reason.
var impossible = map[string]string{
	"ResultMetadata":      "the SDK's own, not on the wire",
	"CreateJob":           "its document has a map, which S3's documents otherwise have not",
	"SelectObjectContent": "its answer is an event stream, which xemu does not write",
}

// world is a server that answers every operation of a service with a filled output and keeps the input that it decoded.
type world struct {
	t       *testing.T
	codec   Codec
	want    string
	in, out any
	fail    *awserr.Error
	err     error
}

func (s *world) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := &Request{ID: "REQUEST1", Now: time.Now(), HTTP: r}
	op, err := s.codec.Route(r)
	if err == nil && op != s.want {
		err = fmt.Errorf("%s %s is routed to %s", r.Method, r.URL, op)
	}
	if err == nil {
		err = decodeUnchecked(s.codec, r, s.in)
	}
	if err == nil {
		if body := streamOf(s.in); body.IsValid() && !body.IsNil() {
			data, _ := io.ReadAll(body.Interface().(io.Reader))
			body.Set(reflect.ValueOf(bytes.NewReader(data)))
		}
	}
	if s.err = err; err != nil {
		s.codec.EncodeError(w, req, awserr.From(err))
		return
	}
	if s.fail != nil {
		s.codec.EncodeError(w, req, s.fail)
		return
	}
	if err := s.codec.Encode(w, req, op, s.out); err != nil {
		s.err = err
	}
}

// decodeUnchecked leaves the constraints aside: made-up values do not meet the patterns.
func decodeUnchecked(c Codec, r *http.Request, in any) error {
	filler, ok := c.(interface {
		fill(*http.Request, reflect.Value) (*plan, error)
	})
	if !ok {
		return c.Decode(r, "", in)
	}
	_, err := filler.fill(r, reflect.ValueOf(in).Elem())
	return err
}

func TestRoundTripIAM(t *testing.T) {
	roundTrip(t, NewQuery(IAM()), func(url string, c *http.Client) any {
		return iam.New(iam.Options{BaseEndpoint: &url, HTTPClient: c, Region: "us-east-1", Credentials: keys, RetryMaxAttempts: 1})
	})
}

func TestRoundTripSTS(t *testing.T) {
	roundTrip(t, NewQuery(STS()), func(url string, c *http.Client) any {
		return sts.New(sts.Options{BaseEndpoint: &url, HTTPClient: c, Region: "us-east-1", Credentials: keys, RetryMaxAttempts: 1})
	})
}

func TestRoundTripOrganizations(t *testing.T) {
	roundTrip(t, NewAWSJSON(Organizations()), func(url string, c *http.Client) any {
		return organizations.New(organizations.Options{BaseEndpoint: &url, HTTPClient: c, Region: "us-east-1", Credentials: keys, RetryMaxAttempts: 1})
	})
}

func TestRoundTripAccessAnalyzer(t *testing.T) {
	roundTrip(t, NewRESTJSON(AccessAnalyzer()), func(url string, c *http.Client) any {
		return accessanalyzer.New(accessanalyzer.Options{BaseEndpoint: &url, HTTPClient: c, Region: "us-east-1", Credentials: keys, RetryMaxAttempts: 1})
	})
}

func TestRoundTripS3(t *testing.T) {
	roundTrip(t, NewRESTXML(S3()), func(url string, c *http.Client) any { return s3Client(url, c) })
}

func TestRoundTripS3Control(t *testing.T) {
	roundTrip(t, NewS3Control(S3Control()), func(url string, c *http.Client) any {
		return s3control.New(s3control.Options{BaseEndpoint: &url, HTTPClient: c, Region: "us-east-1", Credentials: keys, RetryMaxAttempts: 1})
	})
}

func s3Client(url string, c *http.Client) *s3.Client {
	o := s3.Options{
		BaseEndpoint: &url, Region: "us-east-1", Credentials: keys, RetryMaxAttempts: 1, UsePathStyle: true,
		// The filled inputs bring checksums along; the SDK is not to compute others.
		RequestChecksumCalculation:  aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation:  aws.ResponseChecksumValidationWhenRequired,
		DisableS3ExpressSessionAuth: aws.Bool(true),
	}
	if c != nil {
		o.HTTPClient = c
	}
	return s3.New(o)
}

var keys = credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", "")

func roundTrip(t *testing.T, codec Codec, connect func(url string, c *http.Client) any) {
	server := &world{t: t, codec: codec}
	ts := httptest.NewServer(server)
	defer ts.Close()
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, ts.Listener.Addr().String())
	}
	client := reflect.ValueOf(connect(ts.URL, &http.Client{Transport: ownBody{&http.Transport{DialContext: dial}}}))
	count := 0
	for i := range client.NumMethod() {
		name, method := client.Type().Method(i).Name, client.Method(i)
		if mt := method.Type(); mt.NumIn() != 3 || mt.In(1).Kind() != reflect.Pointer || !strings.HasSuffix(mt.In(1).Elem().Name(), "Input") {
			continue
		}
		count++
		if impossible[name] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) { server.call(t, name, method) })
	}
	if count < 10 {
		t.Fatalf("found %d operations only", count)
	}
}

// ownBody gives the transport a copy of the request's body. The SDK closes its own as soon as it has the response's
// header, which can be before net/http is done with it, and then net/http closes the connection.
type ownBody struct{ http.RoundTripper }

func (t ownBody) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(data))
	}
	return t.RoundTripper.RoundTrip(r)
}

func (s *world) call(t *testing.T, name string, method reflect.Value) {
	in, out := reflect.New(method.Type().In(1).Elem()), reflect.New(method.Type().Out(0).Elem())
	fill(in.Elem(), name, 0)
	fill(out.Elem(), name, 0)
	adjust(name, in.Interface(), out.Interface())
	decoded := reflect.New(in.Type().Elem())
	s.want, s.in, s.out, s.err, s.fail = name, decoded.Interface(), out.Interface(), nil, nil

	// The SDK and the codec read bodies up: compare with ones filled alike.
	wantIn, wantOut := reflect.New(in.Type().Elem()), reflect.New(out.Type().Elem())
	fill(wantIn.Elem(), name, 0)
	fill(wantOut.Elem(), name, 0)
	adjust(name, wantIn.Interface(), wantOut.Interface())

	result := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	if s.err != nil {
		t.Fatalf("server: %v", s.err)
	}
	if err, _ := result[1].Interface().(error); err != nil {
		t.Fatalf("client: %v", err)
	}
	compare(t, "in", wantIn.Elem(), decoded.Elem())
	compare(t, "out", wantOut.Elem(), result[0].Elem())
}

// fill sets every exported field: strings by their path, numbers by the path's hash, two elements in each list and map.
func fill(v reflect.Value, path string, depth int) {
	if depth > 12 {
		return
	}
	if values := v.Addr().MethodByName("Values"); v.Kind() == reflect.String && values.IsValid() {
		v.SetString(values.Call(nil)[0].Index(0).String())
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("v " + path)
		if strings.HasSuffix(path, "PartNumberMarker") {
			v.SetString("7") // a number in the protocol, a string in the SDK
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(1 + len(path)))
	case reflect.Float64:
		v.SetFloat(0.5 + float64(len(path)))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), path, depth+1)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(path))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), fmt.Sprint(path, ".", i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range 2 {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(e, fmt.Sprint(path, ".v", i), depth+1)
			v.SetMapIndex(reflect.ValueOf(fmt.Sprint("key", i)), e)
		}
	case reflect.Interface:
		switch {
		case v.Type() == reflect.TypeFor[io.Reader]():
			v.Set(reflect.ValueOf(strings.NewReader("body of " + path)))
		case v.Type() == reflect.TypeFor[io.ReadCloser]():
			v.Set(reflect.ValueOf(io.NopCloser(strings.NewReader("body of " + path))))
		case unions[v.Type()] != nil:
			// Another variant in each place.
			variants := unions[v.Type()]
			names := make([]string, 0, len(variants))
			for name := range variants {
				names = append(names, name)
			}
			slices.Sort(names)
			e := reflect.New(variants[names[len(path)%len(names)]])
			fill(e.Elem().FieldByName("Value"), path, depth+1)
			v.Set(e)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 2, 3, 4, 5, len(path)%60, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && impossible[f.Name] == "" {
				fill(v.Field(i), path+"."+f.Name, depth+1)
			}
		}
	}
}

// compare names every field that differs.
func compare(t *testing.T, path string, want, got reflect.Value) {
	t.Helper()
	if want.Kind() != got.Kind() {
		t.Errorf("%s: %s, want %s", path, got.Kind(), want.Kind())
		return
	}
	switch want.Kind() {
	case reflect.Pointer:
		if want.IsNil() || got.IsNil() {
			if want.IsNil() != got.IsNil() {
				t.Errorf("%s: nil is %v, want %v", path, got.IsNil(), want.IsNil())
			}
			return
		}
		compare(t, path, want.Elem(), got.Elem())
	case reflect.Interface:
		if r, ok := want.Interface().(io.Reader); ok {
			a, _ := io.ReadAll(r)
			var b []byte
			if r, ok := got.Interface().(io.Reader); ok {
				b, _ = io.ReadAll(r)
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s: body %q, want %q", path, b, a)
			}
			return
		}
		if want.IsNil() || got.IsNil() {
			if want.IsNil() != got.IsNil() {
				t.Errorf("%s: nil is %v, want %v", path, got.IsNil(), want.IsNil())
			}
			return
		}
		if want.Elem().Type() != got.Elem().Type() {
			t.Errorf("%s: %s, want %s", path, got.Elem().Type(), want.Elem().Type())
			return
		}
		compare(t, path, want.Elem(), got.Elem())
	case reflect.Struct:
		if want.Type() == reflect.TypeFor[time.Time]() {
			if a, b := want.Interface().(time.Time), got.Interface().(time.Time); !a.Equal(b) {
				t.Errorf("%s: %s, want %s", path, b, a)
			}
			return
		}
		for i := range want.NumField() {
			f := want.Type().Field(i)
			if f.IsExported() && impossible[f.Name] == "" {
				compare(t, path+"."+f.Name, want.Field(i), got.Field(i))
			}
		}
	case reflect.Slice:
		if want.Len() != got.Len() {
			t.Errorf("%s: %v, want %v", path, got, want)
			return
		}
		for i := range want.Len() {
			compare(t, fmt.Sprintf("%s[%d]", path, i), want.Index(i), got.Index(i))
		}
	default:
		if !reflect.DeepEqual(want.Interface(), got.Interface()) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

func streamOf(in any) reflect.Value {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Type == reflect.TypeFor[io.Reader]() {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// adjust puts values where a made-up one cannot travel: names with a form of their own, and a length that is the body's.
func adjust(name string, in, out any) {
	for field, value := range map[string]any{
		"Bucket":        "bucket-name",
		"Key":           "a//b/../c d+é?%41",
		"AccountId":     "111122223333", // becomes a part of the host name, as
		"RequestRoute":  "route-1",
		"OutpostId":     "op-1",
		"ExpiresString": "Tue, 03 Feb 2026 04:05:00 GMT",
		"Expires":       time.Date(2026, 2, 3, 4, 5, 0, 0, time.UTC),
	} {
		for _, v := range []reflect.Value{reflect.ValueOf(in).Elem(), reflect.ValueOf(out).Elem()} {
			if f := v.FieldByName(field); f.IsValid() && f.Type() == reflect.PointerTo(reflect.TypeOf(value)) {
				f.Set(reflect.New(f.Type().Elem()))
				f.Elem().Set(reflect.ValueOf(value))
			}
		}
	}
	for _, v := range []reflect.Value{reflect.ValueOf(in).Elem(), reflect.ValueOf(out).Elem()} {
		length := v.FieldByName("ContentLength")
		for _, field := range []string{"Body", "AnnotationPayload"} {
			if body := v.FieldByName(field); length.IsValid() && body.IsValid() {
				length.Elem().SetInt(int64(len("body of " + name + "." + field)))
			}
		}
	}
}
