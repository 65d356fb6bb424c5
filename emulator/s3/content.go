package s3

import (
	"bytes"
	"context"
	"crypto/cipher"
	"errors"
	"io"

	"github.com/xemu-aws/xemu/store"
)

// openAhead is how many parts of an object a read opens before it begins, so that they stay readable should the object be
// replaced or deleted; the parts after those are opened one by one.
const openAhead = 256

// open returns length bytes of an object's body from offset on. What a customer's key encrypts must have been unlocked.
func (s *Service) open(ctx context.Context, o *Object, offset, length int64) (io.ReadCloser, error) {
	var nonce []byte
	if lock := o.Encryption.Lock; lock != nil {
		if nonce = lock.Nonce; o.key == nil {
			return nil, errors.New("the body of a locked object")
		}
	}
	switch {
	case length == 0:
		return io.NopCloser(bytes.NewReader(nil)), nil
	case o.Blob != "":
		b, err := s.openBlob(o.Blob, offset, length)
		if err != nil {
			return nil, err
		}
		b.stream = o.key.stream(nonce, offset)
		return b, nil
	case o.Upload != "":
		return s.openParts(ctx, o, offset, length)
	}
	if int64(len(o.inline)) < offset+length {
		return nil, changedMeanwhile(nil)
	}
	piece := o.inline[offset : offset+length]
	if stream := o.key.stream(nonce, offset); stream != nil {
		plain := make([]byte, length)
		stream.XORKeyStream(plain, piece)
		piece = plain
	}
	return io.NopCloser(bytes.NewReader(piece)), nil
}

func (s *Service) openBlob(id store.BlobID, offset, length int64) (*section, error) {
	b, err := s.store.OpenBlob(id)
	if err != nil {
		return nil, changedMeanwhile(err)
	}
	if b.Size() < offset+length {
		b.Close()
		return nil, damaged()
	}
	if _, err := b.Seek(offset, io.SeekStart); err != nil {
		b.Close()
		return nil, err
	}
	return &section{blob: b, LimitedReader: io.LimitedReader{R: b, N: length}}, nil
}

// A section reads a piece of a blob.
type section struct {
	io.LimitedReader
	blob   store.Blob
	stream cipher.Stream // decrypts it; nil for none
}

// Read implements io.Reader.
func (c *section) Read(p []byte) (int, error) {
	n, err := c.LimitedReader.Read(p)
	if c.stream != nil {
		c.stream.XORKeyStream(p[:n], p[:n])
	}
	return n, err
}

// WriteTo gives w the blob itself, which net/http sends without copying it, unless it has to be decrypted.
func (c *section) WriteTo(w io.Writer) (int64, error) {
	if c.stream != nil {
		return c.decryptTo(w)
	}
	n, err := io.Copy(w, &c.LimitedReader)
	if err == nil && c.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (c *section) decryptTo(w io.Writer) (int64, error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	n, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{c}, *buffer)
	if err == nil && c.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (c *section) Close() error { return c.blob.Close() }

// joined reads pieces of blobs one after the other.
type joined struct {
	service *Service
	key     *customerKey
	pieces  []piece
	open    []*section // of the first pieces
}

type piece struct {
	blob store.BlobID
	span
	nonce []byte
}

func (s *Service) openParts(ctx context.Context, o *Object, offset, length int64) (io.ReadCloser, error) {
	j := &joined{service: s, key: o.key}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for p, err := range parts.Scan(tx, store.Key(o.Upload), "") {
			if err != nil {
				return err
			}
			if n := min(p.Size-offset, length); n > 0 {
				j.pieces = append(j.pieces, piece{p.Blob, span{max(offset, 0), n}, p.Nonce})
				length -= n
				offset = 0
				continue
			}
			if length == 0 {
				return nil
			}
			offset -= p.Size
		}
		return nil
	})
	if err == nil && length > 0 {
		err = changedMeanwhile(nil)
	}
	for _, p := range j.pieces[:min(len(j.pieces), openAhead)] {
		var c *section
		if err == nil {
			if c, err = j.section(p); err == nil {
				j.open = append(j.open, c)
			}
		}
	}
	if err != nil {
		j.Close()
		return nil, err
	}
	return j, nil
}

func (j *joined) section(p piece) (*section, error) {
	c, err := j.service.openBlob(p.blob, p.offset, p.length)
	if err == nil {
		c.stream = j.key.stream(p.nonce, p.offset)
	}
	return c, err
}

// head returns the section to read from, nil at the end.
func (j *joined) head() (*section, error) {
	if len(j.pieces) == 0 {
		return nil, nil
	}
	if len(j.open) == 0 {
		c, err := j.section(j.pieces[0])
		if err != nil {
			return nil, err
		}
		j.open = append(j.open, c)
	}
	return j.open[0], nil
}

func (j *joined) next() {
	j.open[0].Close()
	j.open, j.pieces = j.open[1:], j.pieces[1:]
}

// Read implements io.Reader.
func (j *joined) Read(p []byte) (int, error) {
	for {
		c, err := j.head()
		if err != nil {
			return 0, err
		}
		if c == nil {
			return 0, io.EOF
		}
		if c.N == 0 {
			j.next()
			continue
		}
		n, err := c.Read(p)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // the file is shorter than the row says
		}
		return n, err
	}
}

// WriteTo implements io.WriterTo.
func (j *joined) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for {
		c, err := j.head()
		if c == nil || err != nil {
			return written, err
		}
		n, err := c.WriteTo(w)
		written += n
		if err != nil {
			return written, err
		}
		j.next()
	}
}

// Close implements io.Closer.
func (j *joined) Close() error {
	for _, c := range j.open {
		c.Close()
	}
	j.open, j.pieces = nil, nil
	return nil
}
