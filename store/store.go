// Package store keeps the emulator's state: an ordered key-value store with transactions, typed tables above it
// ([Table]), and files for large object bodies ([BlobWriter], [Blob]). bbolt is the engine; nothing above this package names it.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Durability says when Update returns.
type Durability int

// The durabilities.
const (
	Fsync   Durability = iota // after the data is on disk; concurrent updates share one fsync
	Relaxed                   // after the operating system has it: survives a killed process, not a power cut
	Memory                    // kept in memory only, blobs in temporary files; dir is not used
)

// Options for Open. The zero value is durable and uses the system's clock.
type Options struct {
	Durability Durability
	Now        func() time.Time // nil: time.Now
}

var (
	// ErrLocked is Open's error for a directory that is open already.
	ErrLocked = errors.New("the data directory is in use by another xemu")
	// ErrClosed is the error of a closed store.
	ErrClosed = errors.New("store: closed")
)

// schema is the version of the layout of spaces that this program reads and writes. It stands in metaSpace.
const (
	schema    = 1
	metaSpace = "store/meta"
	schemaKey = "schema"
)

// Store is an open store.
type Store struct {
	engine engine
	blobs  *blobStore
	now    func() time.Time
	closed atomic.Bool // set under mu

	mu         sync.Mutex
	waiting    []*update
	committing chan struct{} // holds one token while a commit is under way
	commits    atomic.Uint64

	cleanUp func() error // the last step of Close
}

// Open opens or creates the store in dir. ErrLocked if another process has it open.
func Open(dir string, o Options) (*Store, error) {
	s := &Store{now: o.Now, committing: make(chan struct{}, 1), cleanUp: func() error { return nil }}
	if s.now == nil {
		s.now = time.Now
	}
	switch o.Durability {
	case Memory:
		s.openMemory()
		return s, nil
	case Fsync, Relaxed:
		if err := s.openDir(dir, o.Durability); err != nil {
			return nil, err
		}
		return s, nil
	default:
		return nil, fmt.Errorf("store: unknown durability %d", o.Durability)
	}
}

func (s *Store) openMemory() {
	s.engine = openMemory()
	var made atomic.Bool
	dir := sync.OnceValues(func() (string, error) {
		made.Store(true)
		return os.MkdirTemp("", "xemu-blobs-")
	})
	s.blobs = newBlobStore(dir, false)
	s.cleanUp = func() error {
		if !made.Load() {
			return nil
		}
		d, err := dir()
		return errors.Join(err, os.RemoveAll(d))
	}
}

func (s *Store) openDir(dir string, d Durability) error {
	if dir == "" {
		return errors.New("store: no directory given")
	}
	blobs := filepath.Join(dir, "blobs")
	if err := makeDir(blobs, d == Fsync); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	engine, err := openBolt(filepath.Join(dir, "state.db"), d)
	if err != nil {
		return err
	}
	s.engine = engine
	s.blobs = newBlobStore(func() (string, error) { return blobs, nil }, d == Fsync)
	if err := s.checkSchema(dir); err != nil {
		return errors.Join(err, engine.close())
	}
	if d == Fsync {
		if err := syncDir(dir); err != nil { // which holds state.db now
			return errors.Join(fmt.Errorf("store: %w", err), engine.close())
		}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		s.removeOrphans(blobs, stop)
	}()
	s.cleanUp = func() error {
		close(stop)
		<-stopped
		return nil
	}
	return nil
}

// checkSchema refuses data of a newer program, and marks a new store.
func (s *Store) checkSchema(dir string) error {
	found := 0
	err := s.engine.view(func(t txn) (err error) {
		if text := t.get(metaSpace, schemaKey); text != nil {
			found, err = strconv.Atoi(string(text))
		}
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("store: schema of %s: %w", dir, err)
	case found > schema:
		return fmt.Errorf("store: %s was written by a newer xemu (schema %d, this one knows %d): use that one, or another directory", dir, found, schema)
	case found == schema:
		return nil
	}
	return s.engine.update(func(t txn) error { return t.put(metaSpace, schemaKey, strconv.AppendInt(nil, schema, 10), true) })
}

// Close waits for transactions under way and closes the store.
func (s *Store) Close() error {
	s.committing <- struct{}{}
	defer func() { <-s.committing }()
	waiting, err := s.refuse()
	if err != nil {
		return err
	}
	for _, u := range waiting {
		u.err = ErrClosed
		close(u.done)
	}
	return errors.Join(s.cleanUp(), s.engine.close())
}

// refuse marks the store closed and returns the updates that are too late.
func (s *Store) refuse() ([]*update, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Swap(true) {
		return nil, ErrClosed
	}
	return s.takeWaiting(), nil
}

// takeWaiting returns the updates that wait, which do so no more. The caller holds s.mu.
func (s *Store) takeWaiting() []*update {
	waiting := s.waiting
	s.waiting = nil
	return waiting
}

// View runs fn in a read transaction: fn sees one state, whatever is written meanwhile.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed.Load() {
		return ErrClosed
	}
	return s.engine.view(func(t txn) error {
		tx := &Tx{Now: s.now(), store: s, txn: t}
		defer func() { tx.txn = nil }()
		return fn(tx)
	})
}

// Clear removes all state: every table and every kept blob (the admin API's reset).
func (s *Store) Clear(ctx context.Context) error {
	return s.Update(ctx, func(tx *Tx) error {
		for id := range tx.Scan(refSpace, "", "") {
			tx.changes[BlobID(id)] = blobChange{0, tx}
		}
		for _, space := range tx.txn.spaces() {
			if space == metaSpace {
				continue
			}
			if err := tx.write(); err != nil {
				return err
			}
			if err := tx.txn.drop(space); err != nil {
				return err
			}
		}
		return nil
	})
}

// Check looks for damage: in the engine's file, and kept blobs without a file.
func (s *Store) Check() error { return errors.Join(s.engine.check(), s.checkBlobs()) }

// Stats counts since Open.
type Stats struct {
	Commits uint64 // of the engine, each shared by the updates that came meanwhile
}

// Stats returns the counts.
func (s *Store) Stats() Stats { return Stats{s.commits.Load()} }
