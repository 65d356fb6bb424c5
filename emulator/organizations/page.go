package organizations

import (
	"encoding/base64"
	"iter"

	"github.com/xemu-aws/xemu/emulator/wire"
)

// defaultResults is the length of a page without MaxResults, and the most that wire lets through.
const defaultResults = 20

// page returns the part of a list that a request asks for, and the token of the next, nil at the end. from yields the list
// from a key on, in the order of its keys.
func page[T any](token *string, results *int32, from func(key string) iter.Seq2[T, error], key func(*T) string) (values []T, next *string, err error) {
	limit := defaultResults
	if results != nil {
		limit = int(*results)
	}
	start := ""
	if token != nil {
		text, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil || len(text) == 0 {
			return nil, nil, wire.InvalidInput("INVALID_NEXT_TOKEN")
		}
		start = string(text)
	}
	for v, err := range from(start) {
		if err != nil {
			return nil, nil, err
		}
		if len(values) == limit {
			t := base64.RawURLEncoding.EncodeToString([]byte(key(&v)))
			return values, &t, nil
		}
		values = append(values, v)
	}
	return values, nil, nil
}

// convert maps a slice; the result is never nil, since lists are shown empty.
func convert[T, U any](in []T, fn func(*T) U) []U {
	out := make([]U, len(in))
	for i := range in {
		out[i] = fn(&in[i])
	}
	return out
}
