package store_test

import (
	"slices"
	"strings"
	"testing"
	"testing/quick"

	"github.com/xemu-aws/xemu/store"
)

func TestKey(t *testing.T) {
	tests := []struct {
		parts []string
		want  string
	}{
		{nil, ""},
		{[]string{""}, "\x00\x01"},
		{[]string{"a"}, "a\x00\x01"},
		{[]string{"a", "b"}, "a\x00\x01b\x00\x01"},
		{[]string{"a\x00", "\x00\x01"}, "a\x00\xff\x00\x01\x00\xff\x01\x00\x01"},
	}
	for _, test := range tests {
		if got := store.Key(test.parts...); got != test.want {
			t.Errorf("Key(%q) = %q, want %q", test.parts, got, test.want)
		}
	}
}

func TestKeyPartsOfOtherStrings(t *testing.T) {
	for _, key := range []string{"a", "\x00", "a\x00", "a\x00\x02", "a\x00\xff", "a\x00\x01b"} {
		if parts, ok := store.KeyParts(key); ok {
			t.Errorf("KeyParts(%q) = %q", key, parts)
		}
	}
}

func TestPrefixEnd(t *testing.T) {
	for prefix, want := range map[string]string{"": "", "a": "b", "a\xff": "b", "\xff\xff": "", "a\x00\x01": "a\x00\x02"} {
		if got := store.PrefixEnd(prefix); got != want {
			t.Errorf("PrefixEnd(%q) = %q, want %q", prefix, got, want)
		}
	}
}

// few makes strings of few different bytes, so that they often are prefixes of one another.
func few(s string) string {
	return strings.Map(func(r rune) rune { return []rune{0, 1, 2, 'a', '\x7f'}[r%5] }, s)
}

func TestKeyOrder(t *testing.T) {
	property := func(a, b []string) bool { return keyHolds(t, a, b) }
	fewBytes := func(a, b []string) bool {
		a, b = slices.Clone(a), slices.Clone(b)
		for i := range a {
			a[i] = few(a[i][:min(len(a[i]), 3)])
		}
		for i := range b {
			b[i] = few(b[i][:min(len(b[i]), 3)])
		}
		return keyHolds(t, a, b)
	}
	for _, p := range []any{property, fewBytes} {
		if err := quick.Check(p, &quick.Config{MaxCount: 5000}); err != nil {
			t.Error(err)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add("a", "", "a\x00", "\x00\x01")
	f.Add("\x00", "\xff", "\x00\xff", "")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		for _, pair := range [][2][]string{{{a, b}, {c, d}}, {{a}, {a, b}}, {{a + b}, {a, b}}, {{a, b, c}, {a, b, d}}} {
			if !keyHolds(t, pair[0], pair[1]) {
				t.Errorf("%q", pair)
			}
		}
		store.KeyParts(a) // does not panic
	})
}

// keyHolds tells whether what Key promises holds for two tuples.
func keyHolds(t *testing.T, a, b []string) bool {
	ka, kb := store.Key(a...), store.Key(b...)
	ok := true
	check := func(what string, holds bool) {
		if !holds {
			ok = false
			t.Errorf("%s: %q, %q", what, a, b)
		}
	}
	check("keys sort as their tuples", slices.Compare(a, b) == strings.Compare(ka, kb))
	check("a key is a prefix where its tuple is", strings.HasPrefix(kb, ka) == (len(a) <= len(b) && slices.Equal(a, b[:min(len(a), len(b))])))
	check("After is above, and below every other key above", store.After(ka) > ka && (kb <= ka || kb >= store.After(ka)))
	parts, split := store.KeyParts(ka)
	check("KeyParts undoes Key", split && slices.Equal(parts, a))
	if len(a) > 0 && len(a) <= len(b) {
		last := len(a) - 1
		begins := slices.Equal(a[:last], b[:last]) && strings.HasPrefix(b[last], a[last])
		check("KeyPrefix finds what begins with the last part", strings.HasPrefix(kb, store.KeyPrefix(a...)) == begins)
	}
	if end := store.PrefixEnd(ka); end != "" {
		check("PrefixEnd is behind all that begin so, and before the others above", strings.HasPrefix(kb, ka) == (kb >= ka && kb < end))
	}
	return ok
}
