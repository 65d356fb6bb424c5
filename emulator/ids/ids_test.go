package ids

import (
	"regexp"
	"testing"
)

func TestAccessKeyIDCarriesAccount(t *testing.T) {
	for _, account := range []string{"000000000000", "111122223333", "444455556666", "999999999999"} {
		key := NewAccessKeyID(AccessKey, account)
		if !regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(key) {
			t.Errorf("key id %q is not in AWS's form", key)
		}
		if got, ok := AccountOf(key); !ok || got != account {
			t.Errorf("AccountOf(%s) = %s, %v; want %s", key, got, ok, account)
		}
	}
}

// The pair is from public write-ups of AWS's encoding.
func TestAccountOfRealKey(t *testing.T) {
	if got, ok := AccountOf("ASIAQNZGKIQY56JQ7WML"); !ok || got != "029608264753" {
		t.Errorf("AccountOf = %s, %v; want 029608264753", got, ok)
	}
}

func TestAccountOfOther(t *testing.T) {
	for _, key := range []string{"", "AKIA", "AKIA0000000000000000", "AKIAIOSFODNN7EXAMPLE1"} {
		if got, ok := AccountOf(key); ok {
			t.Errorf("AccountOf(%q) = %s; want none", key, got)
		}
	}
}

func TestNew(t *testing.T) {
	if id := New(Role); !regexp.MustCompile(`^AROA[A-Z2-7]{17}$`).MatchString(id) {
		t.Errorf("New = %q", id)
	}
	if s := NewSecret(); len(s) != 40 {
		t.Errorf("secret of %d characters", len(s))
	}
	if id := NewRequestID(); !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("request id %q", id)
	}
}
