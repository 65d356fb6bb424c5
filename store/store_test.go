package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/store"
)

var ctx = context.Background()

// each runs a test with every durability, and so with every engine.
func each(t *testing.T, test func(*testing.T, *store.Store)) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "relaxed": store.Relaxed, "memory": store.Memory} {
		t.Run(name, func(t *testing.T) { test(t, open(t, t.TempDir(), store.Options{Durability: d})) })
	}
}

// open opens a store that the end of the test checks and closes.
func open(t testing.TB, dir string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Check(); err != nil {
			t.Errorf("check: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func mustUpdate(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(ctx, fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func put(space, key, value string) func(*store.Tx) error {
	return func(tx *store.Tx) error { return tx.Put(space, key, []byte(value)) }
}

// value returns what key holds, "-" if it is absent.
func value(t testing.TB, s *store.Store, space, key string) (value string) {
	t.Helper()
	err := s.View(ctx, func(tx *store.Tx) error {
		value = "-"
		if v := tx.Get(space, key); v != nil {
			value = string(v)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
	return value
}

func TestReopen(t *testing.T) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "relaxed": store.Relaxed} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "data")
			s, err := store.Open(dir, store.Options{Durability: d})
			if err != nil {
				t.Fatal(err)
			}
			mustUpdate(t, s, put("users", "alice", "1"))
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if got := value(t, open(t, dir, store.Options{}), "users", "alice"); got != "1" {
				t.Errorf("after reopening: %q", got)
			}
			for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "state.db"): 0o600} {
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
					t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
				}
			}
		})
	}
}

func TestMemoryLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, withBlob := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "data")
		s, err := store.Open(dir, store.Options{Durability: store.Memory})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.OpenBlob("0-0"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("OpenBlob: %v", err)
		}
		if withBlob {
			newBlob(t, s, "body")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the directory was made: %v", err)
		}
		if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
			t.Errorf("left in the temporary directory: %v", left)
		}
	}
}

func TestOpenLocked(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	begin := time.Now()
	_, err := store.Open(dir, store.Options{})
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second Open: %v", err)
	}
	if d := time.Since(begin); d > time.Second {
		t.Errorf("it took %v", d)
	}
	mustUpdate(t, s, put("a", "b", "c")) // the first one goes on
}

func TestOpenNewerSchema(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustUpdate(t, s, put("store/meta", "schema", "99"))
	s.Close()
	if _, err := store.Open(dir, store.Options{}); err == nil || !strings.Contains(err.Error(), "newer xemu (schema 99") {
		t.Errorf("Open: %v", err)
	}
}

func TestOpenDamaged(t *testing.T) {
	damages := map[string]func([]byte) []byte{
		"not a database": func(b []byte) []byte { return []byte(strings.Repeat("hello, world\n", 10000)) },
		"too short":      func(b []byte) []byte { return b[:100] },
		"cut off":        func(b []byte) []byte { return b[:3*os.Getpagesize()] },
		"data cut off":   func(b []byte) []byte { return b[:40*os.Getpagesize()] },
		"headers zero":   func(b []byte) []byte { clear(b[:2*os.Getpagesize()]); return b },
		"headers wrong": func(b []byte) []byte {
			b[100], b[os.Getpagesize()+100] = b[100]^1, b[os.Getpagesize()+100]^1
			for i := range 64 {
				b[i+16], b[os.Getpagesize()+16+i] = 0xff, 0xff
			}
			return b
		},
		"all but headers 0xFF": func(b []byte) []byte {
			copy(b[2*os.Getpagesize():], bytes.Repeat([]byte{0xff}, len(b)))
			return b
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := store.Open(dir, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 101 { // an odd number: the free list stands before the data then
				mustUpdate(t, s, put("a", fmt.Sprint(i), strings.Repeat("x", 1000)))
			}
			s.Close()
			path := filepath.Join(dir, "state.db")
			whole, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(whole), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Open(dir, store.Options{}); err == nil || !strings.Contains(err.Error(), path+" is damaged") {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

func TestOpenImpossible(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(file, store.Options{}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("Open of a file: %v", err)
	}
	if _, err := store.Open("", store.Options{}); err == nil || !strings.Contains(err.Error(), "no directory") {
		t.Errorf("Open without a directory: %v", err)
	}
	if _, err := store.Open(t.TempDir(), store.Options{Durability: 7}); err == nil {
		t.Error("Open with an unknown durability succeeded")
	}
}

func TestClosed(t *testing.T) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "memory": store.Memory} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.TempDir(), store.Options{Durability: d})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			nothing := func(*store.Tx) error { t.Error("it runs"); return nil }
			if err := s.Update(ctx, nothing); !errors.Is(err, store.ErrClosed) {
				t.Errorf("Update: %v", err)
			}
			if err := s.View(ctx, nothing); !errors.Is(err, store.ErrClosed) {
				t.Errorf("View: %v", err)
			}
			if _, err := s.NewBlob(ctx); !errors.Is(err, store.ErrClosed) {
				t.Errorf("NewBlob: %v", err)
			}
			if err := s.Close(); !errors.Is(err, store.ErrClosed) {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// TestCloseWaits: Close lets a transaction under way end, and what comes meanwhile gets ErrClosed.
func TestCloseWaits(t *testing.T) {
	type transaction func(s *store.Store, ctx context.Context, fn func(*store.Tx) error) error
	tests := map[string]struct {
		transaction transaction
		durability  store.Durability
	}{
		"Update":           {(*store.Store).Update, store.Fsync},
		"Update in memory": {(*store.Store).Update, store.Memory},
		"View":             {(*store.Store).View, store.Fsync},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.TempDir(), store.Options{Durability: test.durability})
			if err != nil {
				t.Fatal(err)
			}
			mustUpdate(t, s, put("a", "1", "x"))
			begun, release, ended := make(chan bool), make(chan bool), make(chan error)
			go func() {
				ended <- test.transaction(s, ctx, func(tx *store.Tx) error {
					close(begun)
					<-release
					if string(tx.Get("a", "1")) != "x" {
						return errors.New("the value is gone")
					}
					return nil
				})
			}()
			<-begun
			closed := make(chan error)
			go func() { closed <- s.Close() }()
			select {
			case <-closed:
				t.Error("Close did not wait")
			case <-time.After(20 * time.Millisecond):
			}
			close(release)
			if err := <-ended; err != nil {
				t.Errorf("the transaction: %v", err)
			}
			if err := <-closed; err != nil {
				t.Errorf("Close: %v", err)
			}
			if err := s.Update(ctx, put("a", "2", "x")); !errors.Is(err, store.ErrClosed) {
				t.Errorf("Update: %v", err)
			}
		})
	}
}

func TestClear(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := newBlob(t, s, "body")
		mustUpdate(t, s, put("a", "1", "x"))
		mustUpdate(t, s, func(tx *store.Tx) error { return tx.KeepBlob(id) })
		if err := s.Clear(ctx); err != nil {
			t.Fatal(err)
		}
		if got := value(t, s, "a", "1"); got != "-" {
			t.Errorf("after Clear: %q", got)
		}
		wantGone(t, s, id)
		mustUpdate(t, s, put("a", "1", "y"))
		if got := value(t, s, "a", "1"); got != "y" {
			t.Errorf("written after Clear: %q", got)
		}
	})
}
