package iam

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// What requests are authenticated and authorized with may be late, as on AWS, where changes are spread to many places
// ("Changes that I make are not always immediately visible", IAM User Guide): a replica of the tables is changed a while after
// the tables themselves, by the emulator's clock. IAM's own operations read the tables.
type late struct {
	delay    time.Duration
	now      func() time.Time
	replica  *store.Store
	sequence atomic.Uint64 // of the writes, in the order in which they were made

	mu      sync.Mutex
	pending []write
}

// write is what a transaction has written.
type write struct {
	sequence uint64
	due      time.Time
	changes  []store.Change
}

// inEffect is the store with what requests are decided on by now.
func (s *Service) inEffect() (*store.Store, error) {
	l := s.late
	if l == nil || l.replica == nil {
		return s.store, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now, n := l.now(), 0
	for n < len(l.pending) && !now.Before(l.pending[n].due) {
		n++
	}
	if n == 0 {
		return l.replica, nil
	}
	err := l.replica.Update(context.Background(), func(tx *store.Tx) error {
		for _, w := range l.pending[:n] {
			for _, c := range w.changes {
				if err := c.Apply(tx); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		l.pending = slices.Delete(l.pending, 0, n)
		s.generation.Add(1)
	}
	return l.replica, err
}

// follow makes the caches stale, and the replica follow, when a transaction that writes to IAM's tables is committed.
func (s *Service) follow(tx *store.Tx) {
	l := s.late
	if l == nil {
		tx.OnCommit(func() { s.generation.Add(1) })
		return
	}
	w := write{sequence: l.sequence.Add(1), due: tx.Now.Add(l.delay)}
	tx.OnWrite(func(c store.Change) {
		if strings.HasPrefix(c.Space, "iam.") {
			w.changes = append(w.changes, c)
		}
	})
	tx.OnCommit(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		at, _ := slices.BinarySearchFunc(l.pending, w, func(a, b write) int { return int(a.sequence) - int(b.sequence) })
		l.pending = slices.Insert(l.pending, at, w)
	})
}

// Settle brings everything into effect that was written so far. The world that a server begins with is never late.
func (s *Service) Settle(ctx context.Context) error {
	l := s.late
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.replica != nil {
		if err := l.replica.Close(); err != nil {
			return err
		}
	}
	replica, err := store.Open("", store.Options{Durability: store.Memory, Now: l.now})
	if err != nil {
		return err
	}
	l.replica, l.pending = replica, nil
	s.generation.Add(1)
	return s.store.View(ctx, func(from *store.Tx) error {
		return replica.Update(ctx, func(to *store.Tx) error {
			for _, table := range []func(from, to *store.Tx) error{
				copies(users), copies(groups), copies(roles), copies(policies), copies(accessKeys), copies(lastUses),
			} {
				if err := table(from, to); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// copies returns what copies a table.
func copies[T any](t *store.Table[T]) func(from, to *store.Tx) error {
	return func(from, to *store.Tx) error {
		for v, err := range t.Scan(from, "", "") {
			if err != nil {
				return err
			}
			if err := t.Put(to, &v); err != nil {
				return err
			}
		}
		return nil
	}
}
