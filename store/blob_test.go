package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// newBlob commits a body that no transaction keeps.
func newBlob(t testing.TB, s *store.Store, body string) store.BlobID {
	t.Helper()
	w, err := s.NewBlob(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, strings.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	id, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func keep(id store.BlobID) func(*store.Tx) error {
	return func(tx *store.Tx) error { return tx.KeepBlob(id) }
}
func drop(id store.BlobID) func(*store.Tx) error {
	return func(tx *store.Tx) error { return tx.DropBlob(id) }
}

// body reads a blob; "-" if it is gone.
func body(t testing.TB, s *store.Store, id store.BlobID) string {
	t.Helper()
	b, err := s.OpenBlob(id)
	if errors.Is(err, fs.ErrNotExist) {
		return "-"
	}
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	text, err := io.ReadAll(b)
	if err != nil || b.Size() != int64(len(text)) {
		t.Errorf("blob %s: read %d bytes of %d, %v", id, len(text), b.Size(), err)
	}
	return string(text)
}

func wantGone(t testing.TB, s *store.Store, id store.BlobID) {
	t.Helper()
	if got := body(t, s, id); got != "-" {
		t.Errorf("blob %s is still there: %q", id, got)
	}
	if err := s.Update(ctx, keep(id)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("KeepBlob of a blob that is gone: %v", err)
	}
}

// blobFiles lists the names of the files below DIR/blobs.
func blobFiles(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestBlob(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := newBlob(t, s, "the body")
		mustUpdate(t, s, keep(id))
		if got := body(t, s, id); got != "the body" {
			t.Errorf("read %q", got)
		}
		b, err := s.OpenBlob(id)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		part := make([]byte, 4)
		if n, err := b.ReadAt(part, 4); n != 4 || err != nil || string(part) != "body" {
			t.Errorf("ReadAt: %q, %v", part[:n], err)
		}
		if _, ok := b.(syscall.Conn); !ok {
			t.Error("no syscall.Conn: net cannot use sendfile")
		}
		if empty := newBlob(t, s, ""); body(t, s, empty) != "" {
			t.Error("an empty body is not empty")
		}
	})
}

func TestBlobReferences(t *testing.T) {
	undo := errors.New("undo")
	steps := map[string]struct {
		do   []func(tx *store.Tx, id store.BlobID) error
		want string
	}{
		"never kept, dropped": {[]func(*store.Tx, store.BlobID) error{(*store.Tx).DropBlob}, "-"},
		"kept, dropped":       {[]func(*store.Tx, store.BlobID) error{(*store.Tx).KeepBlob, (*store.Tx).DropBlob}, "-"},
		"kept twice, dropped": {[]func(*store.Tx, store.BlobID) error{(*store.Tx).KeepBlob, (*store.Tx).KeepBlob, (*store.Tx).DropBlob}, "body"},
		"kept twice, dropped twice": {[]func(*store.Tx, store.BlobID) error{
			(*store.Tx).KeepBlob, (*store.Tx).KeepBlob, (*store.Tx).DropBlob, (*store.Tx).DropBlob}, "-"},
		"dropped and kept again by one transaction": {[]func(*store.Tx, store.BlobID) error{(*store.Tx).KeepBlob,
			func(tx *store.Tx, id store.BlobID) error { return errors.Join(tx.DropBlob(id), tx.KeepBlob(id)) }}, "body"},
		"kept and dropped by one transaction": {[]func(*store.Tx, store.BlobID) error{
			func(tx *store.Tx, id store.BlobID) error { return errors.Join(tx.KeepBlob(id), tx.DropBlob(id)) }}, "-"},
		"dropped in a transaction that fails": {[]func(*store.Tx, store.BlobID) error{(*store.Tx).KeepBlob,
			func(tx *store.Tx, id store.BlobID) error { return errors.Join(tx.DropBlob(id), undo) }}, "body"},
		"kept in a transaction that fails, then dropped": {[]func(*store.Tx, store.BlobID) error{
			func(tx *store.Tx, id store.BlobID) error { return errors.Join(tx.KeepBlob(id), undo) }, (*store.Tx).DropBlob}, "-"},
	}
	each(t, func(t *testing.T, s *store.Store) {
		for name, test := range steps {
			id := newBlob(t, s, "body")
			for _, do := range test.do {
				if err := s.Update(ctx, func(tx *store.Tx) error { return do(tx, id) }); err != nil && !errors.Is(err, undo) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if got := body(t, s, id); got != test.want {
				t.Errorf("%s: %q, want %q", name, got, test.want)
			}
			if test.want == "-" {
				wantGone(t, s, id)
			}
		}
	})
}

// TestBlobInOneCommit: what one update drops, a later one of the same commit can still keep; what a failing one drops
// stays.
func TestBlobInOneCommit(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		moved, gone, stays := newBlob(t, s, "moved"), newBlob(t, s, "gone"), newBlob(t, s, "stays")
		mustUpdate(t, s, func(tx *store.Tx) error {
			return errors.Join(tx.KeepBlob(moved), tx.KeepBlob(gone), tx.KeepBlob(stays))
		})
		undo := errors.New("undo")
		errs := together(t, s, nil, drop(moved), drop(gone), keep(moved),
			func(tx *store.Tx) error { return errors.Join(tx.DropBlob(stays), undo) }, keep(stays))
		mustUpdate(t, s, drop(stays))
		for i, err := range errs {
			if failed := i == 3; errors.Is(err, undo) != failed || !failed && err != nil {
				t.Errorf("update %d: %v", i, err)
			}
		}
		if got := body(t, s, stays); got != "stays" {
			t.Errorf("stays: %q", got)
		}
		if got := body(t, s, moved); got != "moved" {
			t.Errorf("moved: %q", got)
		}
		wantGone(t, s, gone)
	})
}

func TestBlobReadWhileDropped(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := newBlob(t, s, strings.Repeat("body", 100000))
		mustUpdate(t, s, keep(id))
		b, err := s.OpenBlob(id)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		first := make([]byte, 1000)
		if _, err := io.ReadFull(b, first); err != nil {
			t.Fatal(err)
		}
		mustUpdate(t, s, drop(id))
		wantGone(t, s, id)
		if rest, err := io.ReadAll(b); err != nil || len(rest) != 400000-1000 {
			t.Errorf("the reader got %d bytes more, %v", len(rest), err)
		}
	})
}

func TestBlobAbort(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	cancelled, cancel := context.WithCancel(ctx)
	ends := map[string]func(w *store.BlobWriter){
		"Abort":            func(w *store.BlobWriter) { w.Abort(); w.Abort() },
		"Abort and Commit": func(w *store.BlobWriter) { w.Abort(); wantError(t, "Commit after Abort", second(w.Commit())) },
		"cancelled, Write and Commit": func(w *store.BlobWriter) {
			cancel()
			wantError(t, "Write", second(w.Write([]byte("x"))))
			wantError(t, "Commit", second(w.Commit()))
		},
	}
	for _, name := range slices.Sorted(maps.Keys(ends)) {
		w, err := s.NewBlob(cancelled)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte("part"))
		ends[name](w)
		if left := blobFiles(t, dir); len(left) > 0 {
			t.Errorf("%s left %v", name, left)
		}
	}
	w, _ := s.NewBlob(ctx)
	id, err := w.Commit()
	if err != nil {
		t.Fatal(err)
	}
	w.Abort() // does nothing
	wantError(t, "Write after Commit", second(w.Write([]byte("x"))))
	if got := body(t, s, id); got != "" {
		t.Errorf("after Commit and Abort: %q", got)
	}
}

func TestOrphans(t *testing.T) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "relaxed": store.Relaxed} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := store.Open(dir, store.Options{Durability: d})
			if err != nil {
				t.Fatal(err)
			}
			kept := newBlob(t, s, "kept")
			mustUpdate(t, s, keep(kept))
			orphan := newBlob(t, s, "orphan")
			half, err := s.NewBlob(ctx) // and never ended
			if err != nil {
				t.Fatal(err)
			}
			half.Write([]byte("half"))
			s.Close()
			if n := len(blobFiles(t, dir)); n != 3 {
				t.Fatalf("%d files before", n)
			}

			s = open(t, dir, store.Options{Durability: d})
			young := newBlob(t, s, "young")
			deadline := time.Now().Add(5 * time.Second)
			for len(blobFiles(t, dir)) > 2 && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			mustUpdate(t, s, keep(young))
			if body(t, s, kept) != "kept" || body(t, s, young) != "young" {
				t.Error("a blob that is no orphan is gone")
			}
			wantGone(t, s, orphan)
			if left := blobFiles(t, dir); len(left) != 2 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func TestOpenBlobOfNoID(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	for _, id := range []store.BlobID{"", "..", "../../state.db", "../state.db", "a/b", "0123456789abcdef-000"} {
		if _, err := s.OpenBlob(id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("OpenBlob(%q): %v", id, err)
		}
		if err := s.Update(ctx, keep(id)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("KeepBlob(%q): %v", id, err)
		}
	}
}

func TestCheckMissesBlob(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := newBlob(t, s, "body")
	mustUpdate(t, s, keep(id))
	if err := s.Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "blobs", "*", string(id)))
	for _, f := range files {
		os.Remove(f)
	}
	if err := s.Check(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Check without the file: %v", err)
	}
}

func TestManyBlobWriters(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 10 {
					text := fmt.Sprintf("%d-%d", w, i)
					id := newBlob(t, s, text)
					if err := s.Update(ctx, keep(id)); err != nil {
						t.Error(err)
					}
					if got := body(t, s, id); got != text {
						t.Errorf("read %q, want %q", got, text)
					}
					if i%2 == 0 {
						if err := s.Update(ctx, drop(id)); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		if n := len(pairs(t, s, "store/blobs", "", "")); n != 40 {
			t.Errorf("%d blobs kept", n)
		}
	})
}

func wantError(t testing.TB, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s succeeded", what)
	}
}

func second[T any](_ T, err error) error { return err }
