package sigv4

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Values of x-amz-content-sha256 other than a SHA-256 (S3 API Reference, "Authenticating Requests").
const (
	unsignedPayload     = "UNSIGNED-PAYLOAD"
	signedChunks        = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	signedChunksTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	unsignedChunks      = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	ecdsaChunks         = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
	ecdsaChunksTrailer  = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"

	emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// maxQueryBody bounds the body of a query service, which is read whole before it is verified.
const maxQueryBody = 1 << 20

// payloadHash returns x-amz-content-sha256 as declared ("" without it) and the last line of the canonical request. A query
// service's body is read, hashed and put back; S3's is left unread.
func payloadHash(r *http.Request, c *claim) (declared, hash string, err error) {
	declared = r.Header.Get("X-Amz-Content-Sha256")
	if !c.s3 {
		hash, err = hashBody(r)
		return declared, hash, err
	}
	if declared == "" && c.presigned {
		declared = c.param("X-Amz-Content-Sha256")
		if declared == "" {
			return "", unsignedPayload, nil
		}
	}
	if declared == "" {
		return "", "", awserr.InvalidRequest.Errorf("Missing required header for this request: x-amz-content-sha256")
	}
	return declared, declared, checkDeclared(declared)
}

// checkDeclared judges the form of x-amz-content-sha256.
func checkDeclared(value string) error {
	switch value {
	case unsignedPayload, signedChunks, signedChunksTrailer, unsignedChunks:
		return nil
	case ecdsaChunks, ecdsaChunksTrailer:
		return asymmetric()
	}
	if len(value) != 2*sha256.Size || strings.ContainsFunc(value, func(c rune) bool { return c > 'f' || !isHex(byte(c)) }) {
		return invalidArgument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "+
			"STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, "+
			"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
			"x-amz-content-sha256", value)
	}
	return nil
}

// hashBody reads r's body, leaves r with a copy of it, and returns its SHA-256 in hex.
func hashBody(r *http.Request) (string, error) {
	if noBody(r) {
		return emptySHA256, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxQueryBody+1))
	if err != nil {
		return "", cut(err)
	}
	if len(body) > maxQueryBody {
		return "", awserr.RequestEntityTooLarge.Errorf("The request body is larger than %d bytes.", maxQueryBody)
	}
	r.Body.Close()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

func noBody(r *http.Request) bool { return r.Body == nil || r.Body == http.NoBody }

// openUnchained puts the verifying reader in place for a request whose chunks cannot be signed, being anonymous or signed
// with Version 2: aws-chunked, Content-MD5 and x-amz-content-sha256 count for it too.
func openUnchained(r *http.Request) error {
	declared := r.Header.Get("X-Amz-Content-Sha256")
	if declared == "" {
		return openPayload(r, "", nil)
	}
	if err := checkDeclared(declared); err != nil {
		return err
	}
	if declared == signedChunks || declared == signedChunksTrailer {
		return awserr.InvalidRequest.Errorf("Chunks are signed only in a request that is signed with AWS4-HMAC-SHA256 (x-amz-content-sha256: %s).", declared)
	}
	return openPayload(r, declared, nil)
}

// openPayload replaces r.Body by a reader that verifies what was declared of it. The chain verifies signed chunks.
func openPayload(r *http.Request, declared string, chain *chain) error {
	if declared == emptySHA256 && noBody(r) && r.Header["Content-Md5"] == nil {
		return nil // nearly every GET
	}
	digests, err := declaredDigests(r.Header, declared)
	if err != nil {
		return err
	}
	if strings.HasPrefix(declared, "STREAMING-") {
		chunks, err := openChunks(r, declared, chain)
		if err != nil {
			return err
		}
		r.Body = &body{Closer: r.Body, from: chunks, digests: digests, left: r.ContentLength}
		return nil
	}
	if noBody(r) {
		return verify(digests)
	}
	r.Body = &body{Closer: r.Body, from: r.Body, digests: digests, left: r.ContentLength}
	return nil
}

// digest is a hash over the payload with the value that it must have.
type digest struct {
	hash.Hash
	want     []byte
	mismatch func(got []byte) error
}

// declaredDigests are those of Content-MD5 and x-amz-content-sha256.
func declaredDigests(h http.Header, declared string) ([]digest, error) {
	var digests []digest
	if len(declared) == 2*sha256.Size { // checkDeclared has seen that it is hex
		if want, err := hex.DecodeString(declared); err == nil {
			digests = append(digests, digest{sha256.New(), want, func(got []byte) error {
				return awserr.XAmzContentSHA256Mismatch.Errorf("The provided 'x-amz-content-sha256' header does not match what was computed.").
					With("ClientComputedContentSHA256", declared).
					With("S3ComputedContentSHA256", hex.EncodeToString(got))
			}})
		}
	}
	if sent, ok := h["Content-Md5"]; ok {
		want, err := base64.StdEncoding.Strict().DecodeString(sent[0])
		if err != nil || len(want) != md5.Size || len(sent) > 1 {
			return nil, awserr.InvalidDigest.Errorf("The Content-MD5 you specified was invalid.").
				With("Content-MD5", strings.Join(sent, ","))
		}
		digests = append(digests, digest{md5.New(), want, func(got []byte) error {
			return awserr.BadDigest.Errorf("The Content-MD5 you specified did not match what we received.").
				With("ExpectedDigest", hex.EncodeToString(want)).
				With("CalculatedDigest", base64.StdEncoding.EncodeToString(got))
		}})
	}
	return digests, nil
}

// verify compares what was read with what was declared. Nothing of it is secret.
func verify(digests []digest) error {
	for _, d := range digests {
		if got := d.Sum(nil); !bytes.Equal(got, d.want) {
			return d.mismatch(got)
		}
	}
	return nil
}

// body is a payload under verification: it ends in io.EOF only if all of it is as declared.
type body struct {
	io.Closer
	from    io.Reader
	digests []digest
	left    int64 // of the declared length; negative when there is none
	err     error
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	for _, d := range b.digests {
		d.Write(p[:n])
	}
	if b.left >= 0 {
		if b.left -= int64(n); b.left < 0 {
			b.left, err = 0, wrongLength()
		}
	}
	switch {
	case err == io.EOF && b.left > 0:
		err = wrongLength()
	case err == io.EOF:
		if wrong := verify(b.digests); wrong != nil {
			err = wrong
		}
	case err != nil:
		err = cut(err)
	}
	b.err = err
	return n, err
}

// Apart takes the hashing off a body that Verify has put in place, for who reads, hashes and stores side by side: what raw
// gives out is to be written to every hash, and verified, called after raw's io.EOF, says whether it is what was declared.
// Other readers have no hashes.
func Apart(from io.Reader) (raw io.Reader, hashes []io.Writer, verified func() error) {
	b, ok := from.(*body)
	if !ok {
		return from, nil, func() error { return nil }
	}
	digests := b.digests
	b.digests = nil
	for _, d := range digests {
		hashes = append(hashes, d)
	}
	return b, hashes, func() error { return verify(digests) }
}

// wrongLength is the error of a body that is shorter or longer than its length says.
func wrongLength() *awserr.Error {
	return awserr.IncompleteBody.Errorf("You did not provide the number of bytes specified by the Content-Length HTTP header")
}

// cut turns the error of a body that ends too soon, or does not go on, into AWS's. net/http has several such errors, of which it exports one.
func cut(err error) error {
	var known *awserr.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &known) || errors.As(err, &tooLarge):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		slow := awserr.RequestTimeout.Errorf("Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.")
		slow.Cause = err
		return slow
	}
	incomplete := wrongLength()
	incomplete.Cause = err
	return incomplete
}
