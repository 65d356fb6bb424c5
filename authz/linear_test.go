package authz

import (
	"math"
	"strings"
	"testing"
	"time"
)

// What takes n steps for n letters takes eight times as long for 8n; what takes n² takes 64 times as long. The limit lies
// between, and the fastest of several runs counts, so that other load does not.
const tooSlow = 24

func TestMatchingIsLinear(t *testing.T) {
	for name, of := range map[string]func(n int) (pattern, text string){
		"stars":             func(n int) (string, string) { return strings.Repeat("*", n) + "b", strings.Repeat("a", n) },
		"stars and letters": func(n int) (string, string) { return strings.Repeat("*a", n/2) + "*b", strings.Repeat("a", n) },
		"a long word":       func(n int) (string, string) { return "*" + strings.Repeat("a", n/2) + "b*", strings.Repeat("a", n) },
		"words":             func(n int) (string, string) { return strings.Repeat("*aaaaaab", n/8) + "c", strings.Repeat("a", n) },
		"marks":             func(n int) (string, string) { return strings.Repeat("*?", n/2) + "b", strings.Repeat("a", n) },
		"colons":            func(n int) (string, string) { return "*:*:*:*:*:b", strings.Repeat("a:", n/2) },
		"characters":        func(n int) (string, string) { return strings.Repeat("*é", n/2) + "*b", strings.Repeat("é", n) },
	} {
		for mode, label := range map[templateMode]string{like: "like", resource: "resource", arnLike: "arnLike"} {
			ratio(t, name+" "+label, func(n int) func() {
				pattern, text := of(n)
				compiled := compileTemplate(pattern, mode, true)
				e := newTestEvaluation(nil)
				return func() { compiled.matches(e, text) }
			})
		}
		ratio(t, name+" of an action", func(n int) func() {
			pattern, text := of(min(n, 128)) // what IAM takes as the name of an action
			compiled := newLikePattern(pattern)
			return func() { compiled.matchesFold(text) }
		})
	}
}

func TestReadingIsLinear(t *testing.T) {
	for name, of := range map[string]func(n int) string{
		"keys": func(n int) string {
			var b strings.Builder
			for i := range n / 8 {
				b.WriteString(`"` + strings.Repeat("k", 4) + string(rune('A'+i%26)) + string(rune('!'+2+i/26%80)) + `x":1,`)
			}
			return "{" + b.String() + `"Statement":[]}`
		},
		"variables":  func(n int) string { return allowing(strings.Repeat("${", n/2)) },
		"strings":    func(n int) string { return allowing(strings.Repeat(`","`, n/3)) },
		"depth":      func(n int) string { return strings.Repeat("[", n) },
		"objects":    func(n int) string { return strings.Repeat(`{"a":`, n/5) },
		"escapes":    func(n int) string { return allowing(strings.Repeat(`\u00e9`, n/6)) },
		"statements": func(n int) string { return `{"Statement":[` + strings.Repeat(`{"Effect":"Deny"},`, n/18) + `{}]}` },
	} {
		ratio(t, name, func(n int) func() {
			text := of(n)
			return func() { compile(text) }
		})
	}
}

func allowing(resource string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":["` + resource + `"]}}`
}

func ratio(t *testing.T, name string, of func(n int) func()) {
	t.Helper()
	little, much := of(2048), of(8*2048)
	small, large := fastest(little), fastest(much)
	// A busy machine makes anything slow for a while; what is not linear is slow every time.
	for try := 0; large > tooSlow*max(small, time.Microsecond); try++ {
		if try == 20 {
			t.Errorf("%s: %v, and %v of eight times as much", name, small, large)
			return
		}
		small, large = min(small, fastest(little)), min(large, fastest(much))
	}
}

func fastest(f func()) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 7 {
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

// A document beyond the limits is refused before it costs anything.
func TestLimitsOfDocuments(t *testing.T) {
	deep := func(n int) string {
		return allowing("*")[:len(allowing("*"))-2] + `,"Condition":` + strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) + "}}"
	}
	for name, text := range map[string]string{
		"depth": deep(maxDepth + 1), "more depth": deep(100000), "size": allowing(strings.Repeat("a", maxText)),
	} {
		if _, err := Parse(text); err == nil || err.Error() != errSyntax.Message {
			t.Errorf("%s: %v", name, err)
		}
	}
}
