package console

import (
	"net/http"
	"strings"
	"testing"
)

// FuzzCookie: what a browser sends as a cookie is a key and a token, or nothing.
func FuzzCookie(f *testing.F) {
	for _, seed := range []string{"", ".", "ASIA.token", "ASIA.token.eyJ9", "ASIA.token.shown.more", "\"", "a=b; c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := &http.Request{Header: http.Header{"Cookie": {"x=" + value}}}
		c, shown, ok := read(r, "x")
		if !ok {
			return
		}
		if strings.Contains(c.AccessKeyID, ".") || strings.Contains(c.SessionToken, ".") {
			t.Errorf("%q: %+v %q", value, c, shown)
		}
		if len(c.antiForgery()) != 32 {
			t.Errorf("%q has the token %q", value, c.antiForgery())
		}
	})
}
