package iam

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// TestEveryOperationDenied makes the requests of testdata/needs.json through the SDK's client, as a user without permissions:
// each is denied, and changes nothing.
func TestEveryOperationDenied(t *testing.T) {
	w := newWorld(t)
	populate(w)
	eve := w.user("eve")
	text, err := os.ReadFile("testdata/needs.json")
	w.must(err)
	var cases []needsCase
	w.must(json.Unmarshal(text, &cases))
	before := w.service.generation.Load()
	for _, c := range cases {
		if c.As != "" || c.Error != "" || len(c.Needs) == 0 {
			continue
		}
		method := reflect.ValueOf(eve).MethodByName(c.Operation)
		in := reflect.New(method.Type().In(1).Elem())
		w.must(json.Unmarshal(c.In, in.Interface()))
		err, _ := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})[1].Interface().(error)
		if got := show(err); !strings.HasPrefix(got, "AccessDenied: User: arn:aws:iam::111122223333:user/eve is not authorized to perform: iam:") {
			t.Errorf("%s %s: %s", c.Operation, c.In, got)
		}
	}
	if after := w.service.generation.Load(); after != before {
		t.Error("a denied request has written")
	}
	if _, err := w.admin(production).GetUser(t.Context(), &iam.GetUserInput{}); err != nil {
		t.Errorf("the one who may: %v", err)
	}
}
