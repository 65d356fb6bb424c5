package authz

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"
)

// plain is a value as encoding/json has it.
func plain(value any) any {
	switch v := value.(type) {
	case object:
		m := map[string]any{}
		for _, each := range v {
			m[each.key] = plain(each.value)
		}
		return m
	case []string:
		list := []any{}
		for _, text := range v {
			list = append(list, text)
		}
		return list
	case []any:
		list := []any{}
		for _, each := range v {
			list = append(list, plain(each))
		}
		return list
	}
	return value
}

// The reader takes what encoding/json takes, and reads the same, but that it refuses duplicate keys, depth, and what is not
// an object.
func FuzzReadJSON(f *testing.F) {
	for _, text := range []string{
		`{}`, ` {"a" : [ ] , "b":[1,"x"],"c":["x","y"]}`, `{"a":{"b":[{"c":null},true,false,-1.5e+7]}}`, `{"a":"\u00e9\n\ud800"}`,
		`{"a":1,"a":2}`, `{"a":01}`, `{"a":[1,]}`, `{"a":1,}`, `[]`, `{"a":"x`, `{"a":tru}`, "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", `{"a":1}}`, `{"a" 1}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, wrong := readJSON(text)
		var want any
		d := json.NewDecoder(bytes.NewReader([]byte(text)))
		d.UseNumber()
		valid := json.Valid([]byte(text)) && d.Decode(&want) == nil
		if wrong == nil {
			if !valid || !reflect.DeepEqual(plain(got), want) {
				t.Fatalf("%q was read as %v, by encoding/json (%v) as %v", text, plain(got), valid, want)
			}
			return
		}
		if _, isObject := want.(map[string]any); valid && isObject && utf8.ValidString(text) && !bytes.Contains([]byte(text), []byte(`"`)) {
			t.Fatalf("%q was refused at %d", text, wrong.Offset) // no keys that could be duplicates
		}
	})
}
