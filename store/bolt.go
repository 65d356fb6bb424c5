package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// boltEngine keeps the spaces as buckets of one bbolt file.
type boltEngine struct{ db *bolt.DB }

// openBolt opens or creates the file. bbolt answers some kinds of damage with a panic, or with a fault in its memory
// map: these become errors here. (The file then stays mapped, and locked, until the process ends.)
func openBolt(path string, d Durability) (e *boltEngine, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if _, fault := p.(runtime.Error); fault {
				p = "a page of it cannot be read"
			}
			e, err = nil, damaged(path, fmt.Errorf("%v", p))
		}
	}()
	options := &bolt.Options{
		Timeout:      100 * time.Millisecond,
		FreelistType: bolt.FreelistMapType,
		NoSync:       d == Relaxed,
		NoGrowSync:   d == Relaxed,
		NoStatistics: true,
	}
	if runtime.GOOS != "windows" { // there the file would grow to this size at once
		// Address space only. Growing the map waits for every reader, so begin with more than most ever need.
		options.InitialMmapSize = 1 << 30
	}
	db, err := bolt.Open(path, 0o600, options)
	var system syscall.Errno
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", filepath.Dir(path), ErrLocked)
	case errors.As(err, &system):
		return nil, fmt.Errorf("store: open %s: %w", path, err)
	case err != nil:
		return nil, damaged(path, err)
	}
	e = &boltEngine{db}
	if err := e.complete(); err != nil {
		db.Close()
		return nil, damaged(path, err)
	}
	return e, nil
}

func damaged(path string, err error) error {
	return fmt.Errorf("store: %s is damaged or not a file of xemu's: %w", path, err)
}

// complete tells whether the file holds all pages that its header counts: reading a page past the end would be a fault.
func (e *boltEngine) complete() error {
	info, err := os.Stat(e.db.Path())
	if err != nil {
		return err
	}
	return e.db.View(func(tx *bolt.Tx) error {
		if info.Size() < tx.Size() {
			return fmt.Errorf("it has %d bytes of %d", info.Size(), tx.Size())
		}
		return nil
	})
}

func (e *boltEngine) view(fn func(txn) error) error {
	err := e.db.View(func(tx *bolt.Tx) error { return fn(boltTxn{tx}) })
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

func (e *boltEngine) update(fn func(txn) error) error {
	return e.db.Update(func(tx *bolt.Tx) error { return fn(boltTxn{tx}) })
}

func (e *boltEngine) check() error {
	return e.db.View(func(tx *bolt.Tx) error {
		var errs []error
		for err := range tx.Check() {
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

func (e *boltEngine) close() error { return e.db.Close() }

type boltTxn struct{ tx *bolt.Tx }

func (t boltTxn) get(space, key string) []byte {
	b := t.tx.Bucket([]byte(space))
	if b == nil {
		return nil
	}
	return b.Get([]byte(key))
}

func (t boltTxn) put(space, key string, value []byte, stable bool) error {
	b := t.tx.Bucket([]byte(space))
	if b == nil {
		var err error
		if b, err = t.tx.CreateBucket([]byte(space)); err != nil {
			return fmt.Errorf("store: space %q: %w", space, err)
		}
	}
	if !stable {
		value = bytes.Clone(value) // bbolt holds on to it until the commit
	}
	if err := b.Put([]byte(key), value); err != nil {
		return fmt.Errorf("store: %s, key %.40q: %w", space, key, err)
	}
	return nil
}

func (t boltTxn) delete(space, key string) error {
	b := t.tx.Bucket([]byte(space))
	if b == nil {
		return nil
	}
	return b.Delete([]byte(key))
}

func (t boltTxn) scan(space, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		b := t.tx.Bucket([]byte(space))
		if b == nil {
			return
		}
		c := b.Cursor()
		for k, v := c.Seek([]byte(from)); k != nil; k, v = c.Next() {
			if !yield(string(k), v) {
				return
			}
		}
	}
}

func (t boltTxn) spaces() []string {
	var names []string
	c := t.tx.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		names = append(names, string(k))
	}
	return names
}

func (t boltTxn) drop(space string) error {
	err := t.tx.DeleteBucket([]byte(space))
	if errors.Is(err, bolterrors.ErrBucketNotFound) {
		return nil
	}
	return err
}
