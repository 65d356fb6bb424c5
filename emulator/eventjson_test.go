package emulator

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/authz"
)

// Events are written as encoding/json writes them. Who adds a field to Event finds it missing here.
func TestEventJSON(t *testing.T) {
	odd := "a\"b\\c<d>&e\x01\x7f\u2028é\xff\n"
	e := Event{
		EventTime: time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.UTC), RequestParameters: json.RawMessage(`{"bucketName":"b","key":"k"}`),
		ReadOnly: true, Decisions: []Evidence{{Action: "s3:GetObject", Resource: odd, Effect: "Allow", By: "x", Policy: "p", Text: odd}, {}},
	}
	fillTexts(reflect.ValueOf(&e).Elem(), odd)
	fillTexts(reflect.ValueOf(&e.UserIdentity).Elem(), "u")
	sparse := Event{RequestParameters: json.RawMessage("null")}
	session := e
	session.UserIdentity.SessionContext = &SessionContext{SourceIdentity: "s"}
	explained := e
	explained.Decisions = []Evidence{{Action: "a", Trace: &authz.Trace{}}}
	for name, e := range map[string]Event{"full": e, "sparse": sparse, "session": session, "explained": explained} {
		for _, category := range []string{"Data", "Management"} {
			e.EventCategory = category
			want, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := e.appendJSON(nil); err != nil || string(got) != string(want) {
				t.Errorf("%s, %s: %v\ngot  %s\nwant %s", name, category, err, got, want)
			}
		}
	}
}

// fillTexts sets every string field of a struct.
func fillTexts(v reflect.Value, text string) {
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String {
			f.SetString(text)
		}
	}
}
