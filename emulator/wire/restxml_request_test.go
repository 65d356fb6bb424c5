package wire

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// elsewhere are the operations that hosts of their own tell from others.
var elsewhere = map[string]bool{"WriteGetObjectResponse": true, "ListDirectoryBuckets": true}

// TestRequest: what Request makes of an operation's input, every field filled, is routed to that operation and decoded to
// the same input, as when the SDK sends it.
func TestRequest(t *testing.T) {
	codec := NewRESTXML(S3())
	client := reflect.TypeFor[*s3.Client]()
	for i := range client.NumMethod() {
		method := client.Method(i)
		if method.Type.NumIn() != 4 || !strings.HasSuffix(method.Type.In(2).String(), "Input") || elsewhere[method.Name] {
			continue
		}
		t.Run(method.Name, func(t *testing.T) {
			filled := func() reflect.Value {
				in := reflect.New(method.Type.In(2).Elem())
				fill(in.Elem(), method.Name, 0)
				out := reflect.New(method.Type.Out(0).Elem())
				fill(out.Elem(), method.Name, 0)
				adjust(method.Name, in.Interface(), out.Interface())
				return in
			}
			r, err := codec.(Requester).Request(method.Name, filled().Interface())
			if err != nil {
				t.Fatal(err)
			}
			if op, err := codec.Route(r); op != method.Name {
				t.Fatalf("%s %s is routed to %q, %v", r.Method, r.URL, op, err)
			}
			decoded := reflect.New(method.Type.In(2).Elem())
			if err := codec.Decode(r, method.Name, decoded.Interface()); err != nil {
				t.Fatal(err)
			}
			compare(t, method.Name, filled().Elem(), decoded.Elem())
		})
	}
}
