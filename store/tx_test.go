package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/store"
)

func TestGetPutDelete(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		if got := value(t, s, "new", "k"); got != "-" {
			t.Errorf("in a space never written: %q", got)
		}
		mustUpdate(t, s, func(tx *store.Tx) error {
			buf := []byte("first")
			if err := tx.Put("a", "k", buf); err != nil {
				return err
			}
			copy(buf, "XXXXX") // Put has its own copy
			if got := string(tx.Get("a", "k")); got != "first" {
				t.Errorf("own write: %q", got)
			}
			return errors.Join(tx.Put("b", "k", nil), tx.Delete("c", "absent"), tx.Delete("a", "absent"))
		})
		if got := value(t, s, "a", "k"); got != "first" {
			t.Errorf("a: %q", got)
		}
		if got := value(t, s, "b", "k"); got != "" {
			t.Errorf("an empty value: %q", got)
		}
		mustUpdate(t, s, func(tx *store.Tx) error { return tx.Delete("a", "k") })
		if got := value(t, s, "a", "k"); got != "-" {
			t.Errorf("deleted: %q", got)
		}
		if err := s.Update(ctx, put("a", "", "x")); err == nil {
			t.Error("an empty key was taken")
		}
		if err := s.Update(ctx, put("a", strings.Repeat("k", 40000), "x")); err == nil {
			t.Error("a key of 40000 bytes was taken")
		}
	})
}

// TestModel compares a store with a map under random writes, rollbacks and scans.
func TestModel(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		random := rand.New(rand.NewSource(1))
		model := map[string]string{}
		for range 150 {
			next := maps.Clone(model)
			rollBack := random.Intn(3) == 0
			err := s.Update(ctx, func(tx *store.Tx) error {
				for range random.Intn(40) {
					k := fmt.Sprintf("%03d", random.Intn(400))
					if random.Intn(3) == 0 {
						delete(next, k)
						if err := tx.Delete("m", k); err != nil {
							return err
						}
						continue
					}
					next[k] = fmt.Sprint(random.Int())
					if err := tx.Put("m", k, []byte(next[k])); err != nil {
						return err
					}
				}
				if rollBack {
					return errors.New("roll back")
				}
				return nil
			})
			if (err != nil) != rollBack {
				t.Fatal(err)
			}
			if !rollBack {
				model = next
			}
			prefix, from := fmt.Sprint(random.Intn(5)), fmt.Sprintf("%03d", random.Intn(400))
			for _, scan := range [][2]string{{"", ""}, {prefix, ""}, {"", from}, {prefix, from}} {
				var want []string
				for _, k := range slices.Sorted(maps.Keys(model)) {
					if strings.HasPrefix(k, scan[0]) && k >= scan[1] {
						want = append(want, k+"="+model[k])
					}
				}
				if got := pairs(t, s, "m", scan[0], scan[1]); !slices.Equal(got, want) {
					t.Fatalf("Scan(%q, %q) = %v, want %v", scan[0], scan[1], got, want)
				}
			}
		}
	})
}

func pairs(t *testing.T, s *store.Store, space, prefix, from string) (pairs []string) {
	t.Helper()
	err := s.View(ctx, func(tx *store.Tx) error {
		for k, v := range tx.Scan(space, prefix, from) {
			pairs = append(pairs, k+"="+string(v))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

// TestScanStops scans to the first of each group, and goes on from behind it, as a listing with a delimiter does.
func TestScanStops(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mustUpdate(t, s, func(tx *store.Tx) error {
			for _, k := range []string{"a", "b/1", "b/2", "b0", "c/1", "c/2", "d\xff\xff"} {
				if err := tx.Put("s", k, nil); err != nil {
					return err
				}
			}
			return nil
		})
		var got []string
		s.View(ctx, func(tx *store.Tx) error {
			for next, more := "", true; more; {
				more = false
				for k := range tx.Scan("s", "", next) {
					name, _, folder := strings.Cut(k, "/")
					next, more = store.After(k), true
					if folder {
						name += "/"
						next = store.PrefixEnd(name)
					}
					got = append(got, name)
					break
				}
			}
			return nil
		})
		if want := []string{"a", "b/", "b0", "c/", "d\xff\xff"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestWriteWhileScanning(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mustUpdate(t, s, func(tx *store.Tx) error {
			for i := range 1000 {
				if err := tx.Put("s", fmt.Sprintf("%04d", i), []byte("x")); err != nil {
					return err
				}
			}
			return nil
		})
		seen := 0
		mustUpdate(t, s, func(tx *store.Tx) error {
			for k := range tx.Scan("s", "", "") {
				if seen++; k == "0500" {
					if err := tx.Put("s", "0500.5", nil); err != nil {
						return err
					}
				}
				if err := tx.Delete("s", k); err != nil {
					return err
				}
			}
			return nil
		})
		if seen != 1001 {
			t.Errorf("saw %d keys, not 1001", seen)
		}
		if left := pairs(t, s, "s", "", ""); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func TestViewIsASnapshot(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mustUpdate(t, s, put("a", "1", "before"))
		err := s.View(ctx, func(tx *store.Tx) error {
			mustUpdate(t, s, put("a", "1", "after"))
			mustUpdate(t, s, put("a", "2", "new"))
			if got := string(tx.Get("a", "1")); got != "before" {
				t.Errorf("the view sees %q", got)
			}
			if tx.Get("a", "2") != nil {
				t.Error("the view sees a new key")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := value(t, s, "a", "1"); got != "after" {
			t.Errorf("the next view sees %q", got)
		}
	})
}

func TestViewDoesNotWrite(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := newBlob(t, s, "body")
		s.View(ctx, func(tx *store.Tx) error {
			for name, err := range map[string]error{
				"Put": tx.Put("a", "1", nil), "Delete": tx.Delete("a", "1"), "KeepBlob": tx.KeepBlob(id), "DropBlob": tx.DropBlob(id),
			} {
				if err == nil {
					t.Errorf("%s succeeded in View", name)
				}
			}
			return nil
		})
		want := errors.New("its error")
		if err := s.View(ctx, func(*store.Tx) error { return want }); err != want {
			t.Errorf("View: %v", err)
		}
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if err := s.View(cancelled, func(*store.Tx) error { t.Error("it runs"); return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("View with a cancelled context: %v", err)
		}
	})
}

func TestNow(t *testing.T) {
	ticks := 0
	clock := func() time.Time { ticks++; return time.Unix(int64(ticks), 0) }
	s := open(t, t.TempDir(), store.Options{Durability: store.Memory, Now: clock})
	for i := range 3 {
		check := func(tx *store.Tx) error {
			if tx.Now.IsZero() || !tx.Now.Equal(time.Unix(int64(ticks), 0)) {
				t.Errorf("%d: Now is %v", i, tx.Now)
			}
			return nil
		}
		mustUpdate(t, s, check)
		s.View(ctx, check)
	}
	if ticks != 6 {
		t.Errorf("%d transactions read the clock %d times", 6, ticks)
	}
}
