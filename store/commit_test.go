package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// together makes the calls of Update in fns wait for one commit, in this order, and returns their errors; a panic comes
// back as an error too.
func together(t *testing.T, s *store.Store, ctxs []context.Context, fns ...func(*store.Tx) error) []error {
	t.Helper()
	errs := make([]error, len(fns))
	begun, release := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		s.Update(ctx, func(*store.Tx) error { close(begun); <-release; return nil })
	})
	<-begun
	for i, fn := range fns {
		c := ctx
		if i < len(ctxs) && ctxs[i] != nil {
			c = ctxs[i]
		}
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v", p)
				}
			}()
			errs[i] = s.Update(c, fn)
		})
		for s.Waiting() <= i {
			time.Sleep(50 * time.Microsecond)
		}
	}
	close(release)
	wg.Wait()
	return errs
}

func TestUpdatesShareACommit(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const n = 32
		var fns []func(*store.Tx) error
		for i := range n {
			fns = append(fns, func(tx *store.Tx) error {
				if i > 0 && tx.Get("a", fmt.Sprint(i-1)) == nil {
					return errors.New("the one before is not to be seen")
				}
				return tx.Put("a", fmt.Sprint(i), []byte("x"))
			})
		}
		before := s.Stats().Commits
		for i, err := range together(t, s, nil, fns...) {
			if err != nil {
				t.Errorf("update %d: %v", i, err)
			}
		}
		if got := s.Stats().Commits - before; got != 1 {
			t.Errorf("%d commits for %d updates that waited together", got, n)
		}
		if got := len(pairs(t, s, "a", "", "")); got != n {
			t.Errorf("%d of %d written", got, n)
		}
	})
}

func TestCommitKeepsFailuresApart(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		cancelled, cancel := context.WithCancel(ctx)
		defer cancel()
		runs, committed := 0, 0
		errWrote, errRead := errors.New("wrote and failed"), errors.New("read and failed")
		errs := together(t, s, []context.Context{5: cancelled},
			func(tx *store.Tx) error {
				runs++
				tx.OnCommit(func() { committed++ })
				return tx.Put("a", "first", nil)
			},
			func(tx *store.Tx) error {
				tx.OnCommit(func() { t.Error("OnCommit of a failed update") })
				return errors.Join(tx.Put("a", "failed", nil), tx.Delete("a", "first"), errWrote)
			},
			func(tx *store.Tx) error { return errRead },
			func(tx *store.Tx) error { tx.Put("a", "panicked", nil); panic("wrote") },
			func(tx *store.Tx) error { cancel(); panic("read") },
			func(tx *store.Tx) error { return tx.Put("a", "cancelled", nil) },
			func(tx *store.Tx) error {
				if tx.Get("a", "failed") != nil || tx.Get("a", "panicked") != nil {
					t.Error("the writes of a failed update are to be seen")
				}
				return tx.Put("a", "last", nil)
			},
		)
		for i, want := range []string{"<nil>", "wrote and failed", "read and failed", "panic: wrote", "panic: read", "context canceled", "<nil>"} {
			if got := fmt.Sprint(errs[i]); got != want {
				t.Errorf("update %d: %s, want %s", i, got, want)
			}
		}
		if got := fmt.Sprint(pairs(t, s, "a", "", "")); got != "[first= last=]" {
			t.Errorf("written: %s", got)
		}
		if runs != 3 || committed != 1 {
			t.Errorf("the first ran %d times and was committed %d times", runs, committed)
		}
	})
}

// TestOnCommit: when its functions run the write is there, and Update has not returned.
func TestOnCommit(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seen := ""
		mustUpdate(t, s, func(tx *store.Tx) error {
			tx.OnCommit(func() { seen += value(t, s, "a", "1") })
			tx.OnCommit(func() { seen += "!" })
			return tx.Put("a", "1", []byte("x"))
		})
		if seen != "x!" {
			t.Errorf("OnCommit saw %q", seen)
		}
	})
}

func TestReadingUpdateDoesNotCommit(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		before := s.Stats().Commits
		mustUpdate(t, s, func(tx *store.Tx) error { tx.Get("a", "1"); return nil })
		if got := s.Stats().Commits; got != before {
			t.Errorf("%d commits", got-before)
		}
	})
}

func TestManyWriters(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const writers, each = 32, 20
		before := s.Stats().Commits
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					fails := (w+i)%5 == 0
					err := s.Update(ctx, func(tx *store.Tx) error {
						var n int
						fmt.Sscan(string(tx.Get("n", "count")), &n)
						if err := tx.Put("n", "count", fmt.Append(nil, n+1)); err != nil || !fails {
							return err
						}
						return errors.New("undo")
					})
					if (err != nil) != fails {
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		wg.Wait()
		if got := value(t, s, "n", "count"); got != fmt.Sprint(writers*each*4/5) {
			t.Errorf("counted %s", got)
		}
		if got := s.Stats().Commits - before; got > writers*each*4/5 {
			t.Errorf("%d commits", got)
		}
	})
}

// TestGoexit: a function that ends its goroutine (t.FailNow does) leaves a store that works.
func TestGoexit(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		wg.Go(func() {
			s.Update(ctx, func(tx *store.Tx) error { tx.Put("a", "1", nil); runtime.Goexit(); return nil })
		})
		wg.Wait()
		mustUpdate(t, s, put("a", "2", "x"))
		if got := fmt.Sprint(pairs(t, s, "a", "", "")); got != "[2=x]" {
			t.Errorf("written: %s", got)
		}
	})
}
