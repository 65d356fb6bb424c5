// Package store keeps the emulator's state: an ordered key-value store with transactions, typed tables above it
// ([Table]), and files for large object bodies ([Blobs]). bbolt is the engine; nothing above this package names it.
package store

import (
	"context"
	"iter"
	"time"
)

// Durability says when Update returns.
type Durability int

// The durabilities.
const (
	Fsync   Durability = iota // after the data is on disk; concurrent updates share one fsync
	Relaxed                   // after the operating system has it: survives a killed process, not a power cut
	Memory                    // kept in memory only
)

// Options for Open. The zero value is durable and uses the system's clock.
type Options struct {
	Durability Durability
	Now        func() time.Time // nil: time.Now
}

// Store is an open store.
type Store struct{}

// Open opens or creates the store in dir. ErrLocked if another process has it open.
func Open(dir string, o Options) (*Store, error) { panic("being written") }

// Close waits for transactions under way and closes the store.
func (s *Store) Close() error { panic("being written") }

// View runs fn in a read transaction: fn sees one state, whatever is written meanwhile.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error { panic("being written") }

// Update runs fn in a write transaction. If fn returns an error, nothing is written and Update returns that error. fn may
// run more than once, so it has no effects but through tx. When Update returns nil the write has the store's durability.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error { panic("being written") }

// Clear removes all state: every table and every blob (the admin API's reset).
func (s *Store) Clear(ctx context.Context) error { panic("being written") }

// Tx is a transaction. It is valid only inside the function it was given to.
type Tx struct {
	Now time.Time // set once when the transaction begins
}

// Get returns the value of key in space, nil if absent. The bytes are valid only inside the transaction.
func (tx *Tx) Get(space, key string) []byte { panic("being written") }

// Put sets the value of key in space.
func (tx *Tx) Put(space, key string, value []byte) error { panic("being written") }

// Delete removes key from space, if it is there.
func (tx *Tx) Delete(space, key string) error { panic("being written") }

// Scan yields the pairs of space whose keys start with prefix and are at or after from ("" = the first), in byte order.
// The bytes are valid until the next step. Writing while scanning is not allowed.
func (tx *Tx) Scan(space, prefix, from string) iter.Seq2[string, []byte] { panic("being written") }

// OnCommit registers a function that runs after the transaction has been committed (never when it is rolled back or
// tried again).
func (tx *Tx) OnCommit(fn func()) { panic("being written") }

// Key joins parts to one key that sorts as the tuple of its parts does, whatever bytes they hold. Key(a) is a prefix of
// Key(a, b).
func Key(parts ...string) string { panic("being written") }

// Index is a secondary index of a Table: the function returns the index keys of a value (none: not in the index).
type Index[T any] struct {
	Name string
	Keys func(*T) []string
}

// Table keeps values of type T as JSON under the key that its function gives. Values go in and out as copies.
type Table[T any] struct{}

// NewTable declares a table. name is its space; key gives a value's primary key (usually store.Key(account, name)).
func NewTable[T any](name string, key func(*T) string, indexes ...Index[T]) *Table[T] {
	panic("being written")
}

// Get returns the value of key; ok is false if absent.
func (t *Table[T]) Get(tx *Tx, key string) (v T, ok bool, err error) { panic("being written") }

// Put writes v and its index entries, replacing the value of the same key.
func (t *Table[T]) Put(tx *Tx, v *T) error { panic("being written") }

// Delete removes the value of key and its index entries; no error if absent.
func (t *Table[T]) Delete(tx *Tx, key string) error { panic("being written") }

// Scan yields values whose key starts with prefix, from the key from on ("" = the first), in key order. A decoding error
// ends it and is yielded.
func (t *Table[T]) Scan(tx *Tx, prefix, from string) iter.Seq2[T, error] { panic("being written") }

// ByIndex yields the values that the named index holds under exactly key, in primary key order.
func (t *Table[T]) ByIndex(tx *Tx, index, key string) iter.Seq2[T, error] { panic("being written") }

// BlobID names the body of an object, or of a part, that is kept as a file.
type BlobID string

// BlobWriter receives a body. Exactly one of Commit and Abort ends it.
type BlobWriter struct{}

// NewBlob begins a body.
func (s *Store) NewBlob(ctx context.Context) (*BlobWriter, error) { panic("being written") }

// Write implements io.Writer. A full disk is an error here or in Commit, and loses nothing else.
func (w *BlobWriter) Write(p []byte) (int, error) { panic("being written") }

// Commit makes the body durable and returns its id. Until a transaction keeps it with Tx.KeepBlob it is an orphan, which
// the next Open removes.
func (w *BlobWriter) Commit() (BlobID, error) { panic("being written") }

// Abort removes what was written. It does nothing after Commit.
func (w *BlobWriter) Abort() { panic("being written") }

// KeepBlob adds a reference to id: from the commit of tx on the blob is kept.
func (tx *Tx) KeepBlob(id BlobID) error { panic("being written") }

// DropBlob removes a reference to id; with the last one, the file goes after the commit (a reader that has it open may
// finish).
func (tx *Tx) DropBlob(id BlobID) error { panic("being written") }

// Blob is an open body: io.Reader, io.ReaderAt, io.Seeker, io.Closer, WriterTo (sendfile where the writer allows).
type Blob interface {
	Read(p []byte) (int, error)
	ReadAt(p []byte, off int64) (int, error)
	Seek(offset int64, whence int) (int64, error)
	Close() error
	Size() int64
}

// OpenBlob opens a body for reading; the caller closes it. fs.ErrNotExist if it is gone.
func (s *Store) OpenBlob(id BlobID) (Blob, error) { panic("being written") }
