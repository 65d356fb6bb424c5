package store

import (
	"context"
	"errors"
)

// update is one call of Update on its way through a commit.
type update struct {
	ctx      context.Context
	fn       func(*Tx) error
	tx       *Tx // of the last run
	err      error
	panicked any           // what fn panicked with
	rejected bool          // it wrote and then failed: it takes no more part in the commit
	done     chan struct{} // closed when it is settled
}

var (
	errAgain   = errors.New("store: run the others again")
	errNothing = errors.New("store: nothing was written")
	errAborted = errors.New("store: a transaction of the same commit ended its goroutine")
)

// Update runs fn in a write transaction. If fn returns an error, nothing is written and Update returns that error. fn may
// run more than once, so it has no effects but through tx; it may call View but not Update. When Update returns nil the
// write has the store's durability.
//
// Updates that come while another is being committed wait and share the next commit: whoever finds the way free runs them
// all, one after the other, in one transaction of the engine. fn's panic goes on in its own caller.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	u := &update{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := s.wait(u); err != nil {
		return err
	}
	select {
	case <-u.done:
	case s.committing <- struct{}{}:
		s.commitWaiting()
		<-u.done
	}
	if u.panicked != nil {
		panic(u.panicked)
	}
	if u.err != nil {
		return u.err
	}
	for _, id := range u.tx.removed {
		s.blobs.remove(id)
	}
	for _, f := range u.tx.onCommit {
		f()
	}
	return nil
}

// wait puts u among those that the next commit takes.
func (s *Store) wait(u *update) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return ErrClosed
	}
	s.waiting = append(s.waiting, u)
	return nil
}

// commitWaiting commits all that wait. The caller holds s.committing, which is freed.
func (s *Store) commitWaiting() {
	s.mu.Lock()
	batch := s.takeWaiting()
	s.mu.Unlock()

	err := errAborted // stays if the goroutine ends, or panics, inside commit
	defer func() {
		for _, u := range batch {
			if err != nil {
				u.err = err
			}
			close(u.done)
		}
		<-s.committing
	}()
	if len(batch) > 0 { // else another has taken the caller's too
		err = s.commit(batch)
	}
}

// commit runs the batch in one transaction. When one has written and then failed the engine rolls back, and the others
// run again without it.
func (s *Store) commit(batch []*update) error {
	for {
		changes := blobChanges{}
		err := s.engine.update(func(t txn) error {
			wrote := false
			for _, u := range batch {
				if u.rejected {
					continue
				}
				s.run(u, t, changes)
				if u.tx.writes > 0 {
					if u.rejected = u.err != nil || u.panicked != nil; u.rejected {
						return errAgain
					}
					wrote = true
				}
			}
			if !wrote {
				return errNothing
			}
			return nil
		})
		switch {
		case errors.Is(err, errAgain):
			continue
		case errors.Is(err, errNothing):
			return nil
		case err != nil:
			return err
		}
		s.commits.Add(1)
		s.blobs.settle(changes)
		return nil
	}
}

// run calls u's function once and keeps how it ended.
func (s *Store) run(u *update, t txn, changes blobChanges) {
	u.tx, u.err, u.panicked = &Tx{Now: s.now(), store: s, txn: t, changes: changes}, u.ctx.Err(), nil
	if u.err != nil {
		return
	}
	defer func() {
		u.tx.txn = nil
		u.panicked = recover()
	}()
	u.err = u.fn(u.tx)
}
