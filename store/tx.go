package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
)

// Tx is a transaction. It is valid only inside the function it was given to.
type Tx struct {
	Now time.Time // set once when the transaction begins

	store    *Store
	txn      txn
	changes  blobChanges // of the whole commit; nil in View
	writes   int         // how many so far
	onCommit []func()
	onWrite  func(Change) // nil: nobody asked
	removed  []BlobID     // blobs whose last reference this transaction dropped
}

const maxKey = 32 << 10

// errReadOnly is what a write inside View gets.
var errReadOnly = errors.New("store: write in a read transaction")

// Get returns the value of key in space, nil if absent. The bytes are valid only inside the transaction.
func (tx *Tx) Get(space, key string) []byte { return tx.txn.get(space, key) }

// Put sets the value of key in space. It copies value. A key is not empty and has at most 32 KiB.
func (tx *Tx) Put(space, key string, value []byte) error { return tx.put(space, key, value, false) }

// PutStable is Put without a copy, for a large value that does not change before Update has returned.
func (tx *Tx) PutStable(space, key string, value []byte) error {
	return tx.put(space, key, value, true)
}

func (tx *Tx) put(space, key string, value []byte, stable bool) error {
	if err := tx.write(); err != nil {
		return err
	}
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("store: %s: a key of %d bytes", space, len(key))
	}
	if tx.onWrite != nil {
		tx.onWrite(Change{space, key, bytes.Clone(value), false})
	}
	return tx.txn.put(space, key, value, stable)
}

// Delete removes key from space, if it is there.
func (tx *Tx) Delete(space, key string) error {
	if err := tx.write(); err != nil {
		return err
	}
	if tx.onWrite != nil {
		tx.onWrite(Change{space, key, nil, true})
	}
	return tx.txn.delete(space, key)
}

// write notes that a write comes.
func (tx *Tx) write() error {
	if tx.changes == nil {
		return errReadOnly
	}
	tx.writes++
	return nil
}

// Scan yields the pairs of space whose keys start with prefix and are at or after from ("" = the first), in byte order.
// The bytes are valid until the next step. After a write inside the loop the scan goes on behind its last key, with what
// is there then.
func (tx *Tx) Scan(space, prefix, from string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		next := max(prefix, from)
		for next, more := tx.scanUntilWrite(space, prefix, next, yield); more; {
			next, more = tx.scanUntilWrite(space, prefix, next, yield)
		}
	}
}

// scanUntilWrite yields from the key next on. It stops early after a write, which invalidates the engine's scan, and says
// where to go on.
func (tx *Tx) scanUntilWrite(space, prefix, next string, yield func(string, []byte) bool) (string, bool) {
	writes := tx.writes
	for k, v := range tx.txn.scan(space, next) {
		if !strings.HasPrefix(k, prefix) || !yield(k, v) {
			return "", false
		}
		if tx.writes != writes {
			return After(k), true
		}
	}
	return "", false
}

// OnCommit registers a function that runs after the transaction has been committed and before Update returns (never when
// it is rolled back or tried again, nor in View).
func (tx *Tx) OnCommit(fn func()) { tx.onCommit = append(tx.onCommit, fn) }

// Change is a write of a transaction.
type Change struct {
	Space, Key string
	Value      []byte
	Deleted    bool
}

// Apply makes the same write in another transaction.
func (c Change) Apply(tx *Tx) error {
	if c.Deleted {
		return tx.Delete(c.Space, c.Key)
	}
	return tx.Put(c.Space, c.Key, c.Value)
}

// OnWrite registers a function that sees every further write of the transaction, which may still be rolled back.
func (tx *Tx) OnWrite(fn func(Change)) { tx.onWrite = fn }
