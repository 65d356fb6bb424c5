package console

import (
	"fmt"
	"testing"
	"time"
)

func TestTries(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var tries tries
	try := func(name string, succeeds bool) bool {
		done, ok := tries.begin(name, now)
		if ok {
			done(succeeds)
		}
		return ok
	}
	for i := range maxFailed {
		if !try("a", false) {
			t.Fatalf("try %d was refused", i)
		}
	}
	if try("a", true) {
		t.Error("one try too many")
	}
	if !try("b", true) || !try("b", false) {
		t.Error("another name was refused")
	}
	now = now.Add(tryWindow)
	if !try("a", true) {
		t.Error("refused in the next window")
	}
	for i := range maxFailed * 3 {
		if !try("a", true) {
			t.Fatalf("success %d was refused", i)
		}
	}
	for i := 0; tries.total < maxTotal; i++ {
		try(fmt.Sprint(i), false)
	}
	if try("new", true) {
		t.Error("more than all names may")
	}
	now = now.Add(tryWindow)
	for range maxAtOnce {
		tries.begin("slow", now)
	}
	if try("c", true) {
		t.Error("more at once than may be")
	}
}
