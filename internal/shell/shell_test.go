package shell

import (
	"os/exec"
	"testing"
)

// A shell reads every word back as it was.
func TestQuote(t *testing.T) {
	for _, s := range []string{"", "plain", "a b", "it's", `"$HOME"`, "a;b", "line\nline", "--x=/y:z@1,2%+"} {
		out, err := exec.Command("sh", "-c", "printf %s "+Quote(s)).Output()
		if err != nil || string(out) != s {
			t.Errorf("Quote(%q) = %s is read as %q: %v", s, Quote(s), out, err)
		}
	}
	if got := Quote("plain"); got != "plain" {
		t.Errorf("a plain word became %s", got)
	}
}
