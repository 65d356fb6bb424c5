package s3

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// TestCutBody closes the connection in the middle of a body.
func TestCutBody(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir) // where a store in memory keeps its files
	w, c := begin(t)
	put(t, c, "k", "before")
	u := beginUpload(t, c, "k")
	for _, size := range []int{1000, 100 << 10, 1 << 20} {
		for _, path := range []string{"/reports/k", "/reports/k?partNumber=1&uploadId=" + *u.id} {
			r := w.signed(t, "PUT", path, nil)
			conn := ok(net.Dial("tcp", strings.TrimPrefix(w.url, "http://")))(t)
			fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", path, r.Host, size)
			must(t, r.Header.Write(conn))
			fmt.Fprint(conn, "\r\n")
			conn.Write(randomBody(size / 2))
			must(t, conn.(*net.TCPConn).CloseWrite())
			resp := ok(http.ReadResponse(bufio.NewReader(conn), r))(t)
			text := ok(io.ReadAll(resp.Body))(t)
			if resp.StatusCode != 400 || !bytes.Contains(text, []byte("<Code>IncompleteBody</Code>")) {
				t.Errorf("%s of %d bytes: %d %s", path, size, resp.StatusCode, text)
			}
			conn.Close()
		}
	}
	equal(t, "object", read(t, c, "k", ""), "before")
	equal(t, "parts", len(ok(c.ListParts(t.Context(), &s3.ListPartsInput{Bucket: theBucket, Key: u.key, UploadId: u.id}))(t).Parts), 0)
	equal(t, "blobs", w.blobs(t), 0)
	equal(t, "files", files(t, dir), 0)
	put(t, c, "k", strings.Repeat("x", 100<<10))
	equal(t, "files of a whole body", files(t, dir), 1)
}

// files counts the files in a directory and those below it.
func files(t *testing.T, dir string) (n int) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	}))
	return n
}

// signed returns a signed request of account A's root user.
func (w *world) signed(t *testing.T, method, path string, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	return w.signedAs(t, "UNSIGNED-PAYLOAD", method, path, body, headers...)
}

func (w *world) signedAs(t *testing.T, payload, method, path string, body io.Reader, headers ...string) *http.Request {
	t.Helper()
	r := ok(http.NewRequestWithContext(t.Context(), method, w.url+path, body))(t)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.ContentLength = -1 // the length is not signed
	r.Header.Set("X-Amz-Content-Sha256", payload)
	c := w.person(accountA, "root").client()
	credentials := ok(c.Options().Credentials.Retrieve(t.Context()))(t)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	must(t, signer.SignHTTP(t.Context(), credentials, r, payload, "s3", usEast1, w.clock()))
	return r
}

func TestLength(t *testing.T) {
	w, _ := begin(t)
	chunked := send(t, w.signed(t, "PUT", "/reports/k", strings.NewReader("body"))) // Transfer-Encoding: chunked
	equal(t, "without a length", fmt.Sprint(chunked.status, chunked.err), fmt.Sprint(411, errorDocument{Code: "MissingContentLength", Message: "You must provide the Content-Length HTTP header."}))

	r := w.signed(t, "PUT", "/reports/k", nil)
	conn := ok(net.Dial("tcp", r.Host))(t)
	defer conn.Close()
	fmt.Fprintf(conn, "PUT /reports/k HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", r.Host, 5<<30+1)
	must(t, r.Header.Write(conn))
	fmt.Fprint(conn, "\r\n")
	go conn.Write(make([]byte, 1<<20)) // and never more
	resp := ok(http.ReadResponse(bufio.NewReader(conn), r))(t)
	text := string(ok(io.ReadAll(resp.Body))(t))
	for _, want := range []string{"<Code>EntityTooLarge</Code>", "<ProposedSize>5368709121</ProposedSize>", "<MaxSizeAllowed>5368709120</MaxSizeAllowed>"} {
		if !strings.Contains(text, want) {
			t.Errorf("5 GiB and a byte: no %s in %s", want, text)
		}
	}
}

// TestConflict deletes an object while one is being uploaded on the condition that it is there.
func TestConflict(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "before")
	body, feed := io.Pipe()
	r := w.signed(t, "PUT", "/reports/k", body, "If-Match", "*")
	r.ContentLength = 10
	go func() {
		feed.Write([]byte("01234"))
		for read(t, c, "k", "") == "before" { // until the deletion below
			time.Sleep(time.Millisecond)
		}
		feed.Write([]byte("56789"))
		feed.Close()
	}()
	time.AfterFunc(100*time.Millisecond, func() {
		c.DeleteObject(context.WithoutCancel(t.Context()), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")})
	})
	got := send(t, r)
	equal(t, "status", got.status, 409)
	equal(t, "code", got.err.Code, "ConditionalRequestConflict")
	equal(t, "object", read(t, c, "k", ""), "NoSuchKey")
}

// TestReceiveLength takes bodies that nobody has checked before.
func TestReceiveLength(t *testing.T) {
	w, _ := begin(t)
	for body, whole := range map[string]bool{"12345": true, "1234": false, "123456": false} {
		r := ok(http.NewRequest("PUT", w.url, strings.NewReader("12345")))(t)
		r.Header.Set("Content-Length", "5")
		b, err := w.service.receive(t.Context(), r, strings.NewReader(body), claim{}, true, nil)
		if errors.Is(err, awserr.IncompleteBody) == whole {
			t.Errorf("%q: %v", body, err)
		}
		if err == nil {
			b.release()
		}
	}
}

// TestFreed replaces and deletes objects in every way and looks for bodies left behind.
func TestFreed(t *testing.T) {
	w, c := begin(t)
	large := strings.Repeat("x", 100<<10)
	put(t, c, "k", large)
	equal(t, "blobs", w.blobs(t), 1)
	put(t, c, "k", large)
	equal(t, "blobs after it was put again", w.blobs(t), 1)
	put(t, c, "k", "small")
	equal(t, "blobs after a small one", w.blobs(t), 0)
	put(t, c, "k", "other")
	equal(t, "inline bodies", w.rows(t, bodies), 1)
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	equal(t, "inline bodies after the delete", w.rows(t, bodies), 0)

	setVersioning(t, c, "Enabled")
	version := put(t, c, "k", large).VersionId
	put(t, c, "k", "small")
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	equal(t, "kept versions", fmt.Sprint(w.blobs(t), w.rows(t, bodies)), "1 1")
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k"), VersionId: version}))(t)
	equal(t, "after one was deleted", fmt.Sprint(w.blobs(t), w.rows(t, bodies)), "0 1")

	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("k"), Body: strings.NewReader(large), ChecksumSHA1: aws.String("Et6pb+wgWTVmq3VpLJlJWWgzrck=")})
	wantCode(t, "a large body with another checksum", err, "BadDigest")
	equal(t, "blobs after a refused put", w.blobs(t), 0)
}

// TestReplacedWhileRead reads an object slowly that is replaced meanwhile: the reader gets all of the old one.
func TestReplacedWhileRead(t *testing.T) {
	_, c := begin(t)
	large := randomBody(8 << 20)
	put(t, c, "k", string(large))
	out := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	put(t, c, "k", "new")
	if got := ok(io.ReadAll(out.Body))(t); !bytes.Equal(got, large) {
		t.Errorf("%d bytes are not the old object", len(got))
	}
	equal(t, "read", read(t, c, "k", ""), "new")
}

// TestMemory moves a large object in and out and watches the heap.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("256 MiB")
	}
	_, c := begin(t)
	const size = 256 << 20
	watch, stop := context.WithCancel(t.Context())
	var most uint64
	var watching sync.WaitGroup
	watching.Go(func() {
		for watch.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			time.Sleep(10 * time.Millisecond)
		}
	})
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("big"), Body: io.LimitReader(rand.Reader, size), ContentLength: aws.Int64(size)},
		s3.WithAPIOptions(v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware),
		func(o *s3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired })
	must(t, err)
	out := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("big")}))(t)
	n := ok(io.Copy(io.Discard, out.Body))(t)
	stop()
	watching.Wait()
	equal(t, "bytes out", n, int64(size))
	if most > 48<<20 {
		t.Errorf("%d MiB of heap for a body of %d MiB", most>>20, size>>20)
	}
}

// TestConcurrentPuts writes one key from many sides: one of the bodies stays, and no other is left behind.
func TestConcurrentPuts(t *testing.T) {
	w, c := begin(t)
	var writers sync.WaitGroup
	created := make(chan error, 16)
	for i := range 16 {
		writers.Go(func() {
			body := strings.Repeat(fmt.Sprint(i%10), 70<<10)
			_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("k"), Body: strings.NewReader(body)})
			if err != nil {
				t.Error(err)
			}
			_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("once"), Body: strings.NewReader(body), IfNoneMatch: aws.String("*")})
			created <- err
		})
	}
	writers.Wait()
	close(created)
	won := 0
	for err := range created {
		if err == nil {
			won++
		} else {
			wantCode(t, "a later one", err, "PreconditionFailed")
		}
	}
	equal(t, "who created the object", won, 1)
	equal(t, "blobs", w.blobs(t), 2)
	got := read(t, c, "k", "")
	if strings.Trim(got, got[:1]) != "" || len(got) != 70<<10 {
		t.Error("the object is a mixture")
	}
}

// TestTrailer sends bodies in chunks with a checksum behind them, as clients do that do not know it before.
func TestTrailer(t *testing.T) {
	w, c := begin(t)
	for _, test := range []struct {
		name, announced, trailer string
		length                   string
		want                     errorDocument
	}{
		{"good", "x-amz-checksum-crc32", "x-amz-checksum-crc32:NhCmhg==\r\n", "5", errorDocument{}},
		{"in capitals", "X-Amz-Checksum-Sha1", "X-Amz-Checksum-Sha1: qvTGHdzF6KLavt4PO0gs2a6pQ00=\r\n", "5", errorDocument{}},
		{"of another body", "x-amz-checksum-crc32", "x-amz-checksum-crc32:AAAAAA==\r\n", "5",
			errorDocument{Code: "BadDigest", Message: "The CRC32 you specified did not match the calculated checksum."}},
		{"malformed", "x-amz-checksum-crc32", "x-amz-checksum-crc32:abc\r\n", "5",
			errorDocument{Code: "InvalidRequest", Message: "Value for x-amz-checksum-crc32 header is invalid."}},
		{"missing", "x-amz-checksum-crc32", "", "5",
			errorDocument{Code: "MalformedTrailerError", Message: "The request contained trailing data that was not well-formed or did not conform to our published schema."}},
		{"another length", "x-amz-checksum-crc32", "x-amz-checksum-crc32:NhCmhg==\r\n", "6",
			errorDocument{Code: "IncompleteBody", Message: "You did not provide the number of bytes specified by the Content-Length HTTP header"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := "5\r\nhello\r\n0\r\n" + test.trailer + "\r\n"
			r := w.signedAs(t, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "PUT", "/reports/k", strings.NewReader(body),
				"Content-Encoding", "aws-chunked", "X-Amz-Decoded-Content-Length", test.length, "X-Amz-Trailer", test.announced)
			r.ContentLength = int64(len(body))
			got := send(t, r)
			equal(t, "error", got.err, test.want)
			want := "NoSuchKey"
			if test.want.Code == "" {
				want = "hello"
				equal(t, "encoding", got.header.Get("Content-Encoding"), "")
			}
			equal(t, "object", read(t, c, "k", ""), want)
			ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
		})
	}
}

// TestReadsWhileReplaced reads an object that is being replaced all the time: every read gets one of the bodies, whole.
func TestReadsWhileReplaced(t *testing.T) {
	_, c := begin(t)
	write := func(i int) {
		put(t, c, "k", strings.Repeat(fmt.Sprint(i%10), 70<<10+i%10))
	}
	write(0)
	done := make(chan bool)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k")})
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(out.Body)
				if n := len(body) - 70<<10; err != nil || string(body) != strings.Repeat(fmt.Sprint(n), len(body)) {
					t.Errorf("%d bytes, %v", len(body), err)
					return
				}
			}
		})
	}
	for i := range 200 {
		write(i)
	}
	close(done)
	readers.Wait()
}
