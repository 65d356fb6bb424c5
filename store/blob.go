package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// BlobID names the body of an object, or of a part, that is kept as a file.
type BlobID string

// refSpace counts the references of each blob that has any.
const refSpace = "store/blobs"

// blobStore is the files of the blobs: DIR/ab/ID, where ab are the last two characters of ID.
//
// A file has its final name from the beginning, and counts for nothing until a reference names it. IDs begin with a random
// string of this Open, so that what is left over from another time can be told from what is being written now.
type blobStore struct {
	sync    bool // make files durable
	session string
	serial  atomic.Uint64

	dir func() (string, error) // creates it when first called

	mu    sync.Mutex
	fresh map[BlobID]bool // committed by their writer, not yet kept
}

func newBlobStore(dir func() (string, error), sync bool) *blobStore {
	var session [8]byte
	rand.Read(session[:])
	return &blobStore{sync: sync, session: hex.EncodeToString(session[:]), dir: dir, fresh: map[BlobID]bool{}}
}

// path of a blob's file. The check keeps anything but an ID from being a path.
func (b *blobStore) path(id BlobID) (string, error) {
	if len(id) < 3 || strings.Trim(string(id), "0123456789abcdef-") != "" {
		return "", fmt.Errorf("store: %q is no blob: %w", string(id), fs.ErrNotExist)
	}
	dir, err := b.dir()
	return filepath.Join(dir, string(id[len(id)-2:]), string(id)), err
}

func (b *blobStore) remove(id BlobID) {
	if path, err := b.path(id); err == nil {
		os.Remove(path) // if it fails, the next Open finds an orphan
	}
}

// BlobWriter receives a body. Exactly one of Commit and Abort ends it.
type BlobWriter struct {
	ctx   context.Context
	blobs *blobStore
	id    BlobID
	file  *os.File // nil after the end
	err   error    // of Write: the body is not whole
	size  int64    // written so far, and how much of it is on its way to the disk
	sent  int64
}

// NewBlob begins a body. When ctx is done, Write and Commit fail.
func (s *Store) NewBlob(ctx context.Context) (*BlobWriter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.closed.Load() {
		return nil, ErrClosed
	}
	n := s.blobs.serial.Add(1)
	id := BlobID(fmt.Sprintf("%s-%s%02x", s.blobs.session, strconv.FormatUint(n>>8, 16), n&0xff))
	file, err := s.blobs.create(id)
	if err != nil {
		return nil, fmt.Errorf("store: new blob: %w", err)
	}
	return &BlobWriter{ctx: ctx, blobs: s.blobs, id: id, file: file}, nil
}

func (b *blobStore) create(id BlobID) (*os.File, error) {
	path, err := b.path(id)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if err := makeDir(filepath.Dir(path), b.sync); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// Write implements io.Writer. A full disk is an error here or in Commit, and loses nothing else.
func (w *BlobWriter) Write(p []byte) (int, error) {
	if w.file == nil {
		return 0, fs.ErrClosed
	}
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.file.Write(p)
	if err != nil {
		w.err = fmt.Errorf("store: write blob: %w", err)
	}
	if w.size += int64(n); w.blobs.sync && w.size-w.sent >= sendAhead {
		send(w.file, w.sent, w.size-w.sent)
		w.sent = w.size
	}
	return n, w.err
}

// sendAhead is how much of a body is written before the disk is told to begin with it. Commit then waits for the last of it
// only.
const sendAhead = 4 << 20

// Commit makes the body durable and returns its id. Until a transaction keeps it with Tx.KeepBlob it is an orphan, which
// the next Open removes, or Tx.DropBlob before. After an error nothing is left of it.
func (w *BlobWriter) Commit() (BlobID, error) {
	if w.file == nil {
		return "", fs.ErrClosed
	}
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err == nil && w.blobs.sync {
		w.err = errors.Join(w.file.Sync(), syncDir(filepath.Dir(w.file.Name())))
	}
	if w.err != nil {
		w.Abort()
		return "", w.err
	}
	err := w.file.Close()
	w.file = nil
	if err != nil {
		w.blobs.remove(w.id)
		return "", err
	}
	w.blobs.mu.Lock()
	w.blobs.fresh[w.id] = true
	w.blobs.mu.Unlock()
	return w.id, nil
}

// Abort removes what was written. It does nothing after Commit.
func (w *BlobWriter) Abort() {
	if w.file == nil {
		return
	}
	w.file.Close()
	w.file = nil
	w.blobs.remove(w.id)
}

// blobChanges are the references that a commit changes.
type blobChanges map[BlobID]blobChange

type blobChange struct {
	refs    uint64 // after it
	dropper *Tx    // who removes the file if refs is 0
}

// settle is called after a commit: kept blobs are fresh no more, and files without references are given to whoever
// dropped the last one to remove.
func (b *blobStore) settle(changes blobChanges) {
	if len(changes) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, c := range changes {
		delete(b.fresh, id)
		if c.refs == 0 {
			c.dropper.removed = append(c.dropper.removed, id)
		}
	}
}

// KeepBlob adds a reference to id: from the commit of tx on the blob is kept. fs.ErrNotExist if it is gone.
func (tx *Tx) KeepBlob(id BlobID) error {
	refs, err := tx.blobRefs(id)
	if err != nil {
		return err
	}
	return tx.setBlobRefs(id, refs+1)
}

// DropBlob removes a reference to id; with the last one, the file goes after the commit (a reader that has it open may
// finish). It also removes a blob that nothing has kept yet. fs.ErrNotExist if it is gone.
func (tx *Tx) DropBlob(id BlobID) error {
	refs, err := tx.blobRefs(id)
	if err != nil {
		return err
	}
	return tx.setBlobRefs(id, max(refs, 1)-1)
}

// blobRefs returns the number of references. It is 0 only for a blob that a writer has just committed, or that this
// commit has dropped and can take back: any other without references is gone, or is about to be.
func (tx *Tx) blobRefs(id BlobID) (uint64, error) {
	if c, ok := tx.changes[id]; ok {
		return c.refs, nil
	}
	if text := tx.Get(refSpace, string(id)); text != nil {
		return strconv.ParseUint(string(text), 10, 64)
	}
	tx.store.blobs.mu.Lock()
	defer tx.store.blobs.mu.Unlock()
	if tx.store.blobs.fresh[id] {
		return 0, nil
	}
	return 0, fmt.Errorf("store: blob %q: %w", string(id), fs.ErrNotExist)
}

func (tx *Tx) setBlobRefs(id BlobID, refs uint64) error {
	if err := tx.write(); err != nil {
		return err
	}
	tx.changes[id] = blobChange{refs, tx}
	if refs == 0 {
		return tx.txn.delete(refSpace, string(id))
	}
	return tx.txn.put(refSpace, string(id), strconv.AppendUint(nil, refs, 10), true)
}

// Blob is an open body: io.Reader, io.ReaderAt, io.Seeker, io.Closer, WriterTo (sendfile where the writer allows).
type Blob interface {
	Read(p []byte) (int, error)
	ReadAt(p []byte, off int64) (int, error)
	Seek(offset int64, whence int) (int64, error)
	Close() error
	Size() int64
}

// blobFile has all of *os.File, so that net/http finds in it what it needs for sendfile.
type blobFile struct {
	*os.File
	size int64
}

func (f blobFile) Size() int64 { return f.size }

// OpenBlob opens a body for reading; the caller closes it. fs.ErrNotExist if it is gone.
func (s *Store) OpenBlob(id BlobID) (Blob, error) {
	path, err := s.blobs.path(id)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("store: blob: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("store: blob: %w", err)
	}
	return blobFile{file, info.Size()}, nil
}

// removeOrphans removes the files that another time left without a reference: nothing can keep them any more. It stops
// early when stop is closed.
func (s *Store) removeOrphans(dir string, stop <-chan struct{}) {
	parents, _ := os.ReadDir(dir) // what cannot be read is left to the next Open
	for _, parent := range parents {
		select {
		case <-stop:
			return
		default:
		}
		files, _ := os.ReadDir(filepath.Join(dir, parent.Name()))
		s.engine.view(func(t txn) error {
			for _, f := range files {
				if !strings.HasPrefix(f.Name(), s.blobs.session) && t.get(refSpace, f.Name()) == nil {
					os.Remove(filepath.Join(dir, parent.Name(), f.Name()))
				}
			}
			return nil
		})
	}
}

// checkBlobs tells which kept blobs have no file.
func (s *Store) checkBlobs() error {
	var errs []error
	err := s.engine.view(func(t txn) error {
		for id := range t.scan(refSpace, "") {
			blob, err := s.OpenBlob(BlobID(id))
			if err != nil {
				errs = append(errs, err)
				continue
			}
			blob.Close()
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// makeDir is os.MkdirAll that, if sync, makes the new names durable.
func makeDir(dir string, sync bool) error {
	err := os.Mkdir(dir, 0o700)
	switch parent := filepath.Dir(dir); {
	case errors.Is(err, fs.ErrNotExist) && parent != dir:
		if err := makeDir(parent, sync); err != nil {
			return err
		}
		return makeDir(dir, sync)
	case errors.Is(err, fs.ErrExist):
		if info, statErr := os.Stat(dir); statErr == nil && info.IsDir() {
			return nil
		}
		return err
	case err == nil && sync:
		return syncDir(parent)
	default:
		return err
	}
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // which has no such thing
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
