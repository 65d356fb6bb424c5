package s3

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// full is a writer that takes so many bytes, and no more.
type full struct{ left int }

var errFull = errors.New("full")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Every writer gets every byte in order. What breaks off, on either side, ends the copy with its error.
func TestCopyToAll(t *testing.T) {
	text := make([]byte, 11*bufferSize+7)
	rand.Read(text)
	var a, b bytes.Buffer
	n, err := copyToAll(iotest.HalfReader(bytes.NewReader(text)), []io.Writer{&a, &b})
	if err != nil || n != int64(len(text)) || !bytes.Equal(a.Bytes(), text) || !bytes.Equal(b.Bytes(), text) {
		t.Errorf("%d bytes of %d arrived as %d and %d: %v", n, len(text), a.Len(), b.Len(), err)
	}
	for _, at := range []int{0, bufferSize, 10 * bufferSize} {
		if _, err := copyToAll(bytes.NewReader(text), []io.Writer{io.Discard, &full{at}}); err != errFull {
			t.Errorf("a writer that is full after %d bytes: %v", at, err)
		}
		cut := io.MultiReader(bytes.NewReader(text[:at]), iotest.ErrReader(io.ErrUnexpectedEOF))
		if _, err := copyToAll(cut, []io.Writer{io.Discard, io.Discard}); !errors.Is(err, awserr.IncompleteBody) {
			t.Errorf("a body that breaks off after %d bytes: %v", at, err)
		}
	}
}
