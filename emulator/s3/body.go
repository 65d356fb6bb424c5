package s3

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/store"
)

const (
	inlineMax  = 64 << 10  // bodies up to here are kept in the database, in the commit of their row
	bufferSize = 256 << 10 // what a transfer holds in memory
)

var buffers = sync.Pool{New: func() any { b := make([]byte, bufferSize); return &b }}

// A body is bytes that were received, not yet part of any object: keep it in a transaction, or discard it.
type body struct {
	inline []byte       // a small body, or
	blob   store.BlobID // a larger one, durable
	size   int64
	md5    string // hexadecimal: the ETag
	sums   []Checksum
	buffer *[]byte // that inline lies in
}

// digest hashes what is written to it with MD5 and with further algorithms, in one pass.
type digest struct {
	md5    hash.Hash
	names  []types.ChecksumAlgorithm
	hashes []hash.Hash
}

func newDigest(algorithms ...types.ChecksumAlgorithm) *digest {
	d := &digest{md5: md5.New()}
	for _, a := range algorithms {
		if h, _, ok := newHash(a); ok && !slices.Contains(d.names, a) {
			d.names, d.hashes = append(d.names, a), append(d.hashes, h)
		}
	}
	return d
}

// writers are the hashes, for what hashes with them side by side.
func (d *digest) writers() []io.Writer {
	all := make([]io.Writer, 0, len(d.hashes)+2)
	all = append(all, d.md5)
	for _, h := range d.hashes {
		all = append(all, h)
	}
	return all
}

func (d *digest) etag() string { return hex.EncodeToString(d.md5.Sum(nil)) }

func (d *digest) sums() []Checksum {
	var sums []Checksum
	for i, h := range d.hashes {
		sums = append(sums, Checksum{d.names[i], types.ChecksumTypeFullObject, base64.StdEncoding.EncodeToString(h.Sum(nil))})
	}
	return sums
}

// sum returns the body's checksum by an algorithm that it was hashed with.
func (b *body) sum(a types.ChecksumAlgorithm) Checksum {
	for _, c := range b.sums {
		if c.Algorithm == a {
			return c
		}
	}
	return Checksum{}
}

// receive reads the body of an upload and checks its length and the checksum that the request claims. After an error nothing
// is left of it. inline says whether a small body may stay in memory, seal encrypts what is stored, nil for not. Errors: MissingContentLength, EntityTooLarge,
// IncompleteBody, BadDigest, those of the reader that verifies the signature.
func (s *Service) receive(ctx context.Context, r *http.Request, from io.Reader, c claim, inline bool, seal cipher.Stream, algorithms ...types.ChecksumAlgorithm) (*body, error) {
	length, err := declaredLength(r)
	if err != nil {
		return nil, err
	}
	if c.algorithm != "" {
		algorithms = append(algorithms, c.algorithm)
	}
	if from == nil {
		from = http.NoBody
	}
	return s.take(ctx, from, newDigest(algorithms...), inline, seal, func(b *body) error {
		if length >= 0 && b.size != length {
			return incompleteBody(nil)
		}
		if c.algorithm == "" {
			return nil
		}
		return c.check(r, b.sum(c.algorithm).Value)
	})
}

// take reads from to its end into memory or into a blob, hashing it, and asks check before it makes the blob durable. What
// is kept is encrypted with seal, unless that is nil.
func (s *Service) take(ctx context.Context, from io.Reader, d *digest, inline bool, seal cipher.Stream, check func(*body) error) (*body, error) {
	raw, hashes, verified := sigv4.Apart(from)
	hashes = append(hashes, d.writers()...)
	b := &body{buffer: buffers.Get().(*[]byte)}
	n, err := fill(raw, *b.buffer)
	begin := (*b.buffer)[:n]
	if err == io.EOF && (n == 0 || inline && n <= inlineMax) {
		for _, h := range hashes {
			h.Write(begin)
		}
		b.inline, b.size, b.md5, b.sums = begin, int64(n), d.etag(), d.sums()
		err := verified()
		if err == nil {
			err = check(b)
		}
		if n == 0 || err != nil {
			b.release()
		}
		if seal != nil {
			seal.XORKeyStream(b.inline, b.inline)
		}
		return b, err
	}
	defer b.release()
	if err != nil && err != io.EOF {
		return nil, readError(err)
	}
	w, err := s.store.NewBlob(ctx)
	if err != nil {
		return nil, err
	}
	defer w.Abort()
	var to io.Writer = w
	if seal != nil {
		to = &sealer{to: w, stream: seal}
	}
	if b.size, err = copyToAll(io.MultiReader(bytes.NewReader(begin), raw), append(hashes, to)); err != nil {
		return nil, err
	}
	if err := verified(); err != nil {
		return nil, err
	}
	b.md5, b.sums = d.etag(), d.sums()
	if err := check(b); err != nil {
		return nil, err
	}
	if b.blob, err = w.Commit(); err != nil {
		return nil, err
	}
	return b, nil
}

// release gives the memory of an inline body back.
func (b *body) release() {
	if b.buffer != nil {
		buffers.Put(b.buffer)
		b.inline, b.buffer = nil, nil
	}
}

// discard removes a body that no object took.
func (s *Service) discard(b *body) {
	b.release()
	if b.blob == "" {
		return
	}
	// Should this fail too, the blob is an orphan, which the next start of the store removes.
	_ = s.store.Update(context.Background(), func(tx *store.Tx) error { return tx.DropBlob(b.blob) })
}

// declaredLength is the length that the request says the object has ("PutObject", Amazon S3 API Reference): that of the
// decoded body where it comes in chunks; negative for the file of a form, which tells its length by its end.
func declaredLength(r *http.Request) (int64, error) {
	if r.Method == http.MethodPost {
		return -1, nil
	}
	length := r.ContentLength
	if decoded := r.Header.Get("X-Amz-Decoded-Content-Length"); decoded != "" {
		n, err := strconv.ParseInt(decoded, 10, 64)
		if err != nil || n < 0 {
			return 0, missingContentLength()
		}
		length = n
	} else if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return 0, missingContentLength()
	}
	if length < 0 || length == 0 && r.Header.Get("Content-Length") == "" && r.Header.Get("X-Amz-Decoded-Content-Length") == "" {
		return 0, missingContentLength()
	}
	if length > maxBody {
		return 0, entityTooLarge(length)
	}
	return length, nil
}

func missingContentLength() error {
	return awserr.MissingContentLength.Errorf("You must provide the Content-Length HTTP header.")
}

func entityTooLarge(size int64) error {
	return awserr.EntityTooLarge.Errorf("Your proposed upload exceeds the maximum allowed size").
		With("ProposedSize", strconv.FormatInt(size, 10)).With("MaxSizeAllowed", strconv.Itoa(maxBody))
}

func incompleteBody(cause error) error {
	e := awserr.IncompleteBody.Errorf("You did not provide the number of bytes specified by the Content-Length HTTP header")
	e.Cause = cause
	return e
}

// readError is the answer when a body ends in err: a verdict of the reader that verifies it, or a connection that broke.
func readError(err error) error {
	if verdict := (*awserr.Error)(nil); errors.As(err, &verdict) {
		return err
	}
	return incompleteBody(err)
}

// fill reads until buf is full. Unlike io.ReadFull it passes errors on as they are: io.EOF is the end of a whole body, and
// io.ErrUnexpectedEOF that of one that was cut off.
func fill(from io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var m int
		m, err = from.Read(buf[n:])
		n += m
	}
	return n, err
}
