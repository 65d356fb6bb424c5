package emulator_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// discard is a response that nobody reads.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// BenchmarkGetObject and BenchmarkPutObject are the whole way of signed, authorized requests, without the network and the disk.
func BenchmarkGetObject(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) { benchmarkObject(b, http.MethodGet, size) })
	}
}

func BenchmarkPutObject(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) { benchmarkObject(b, http.MethodPut, size) })
	}
}

func benchmarkObject(b *testing.B, method string, size int) {
	x := xemutest.New(b)
	user := x.Account("production").User("u", xemutest.Allow("s3:*Object", "arn:aws:s3:::bench/*"))
	owner := s3Client(x.Account("production").Admin())
	if _, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("bench")}); err != nil {
		b.Fatal(err)
	}
	body := make([]byte, size)
	_, err := owner.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("bench"), Key: aws.String("key"), Body: bytes.NewReader(body)})
	if err != nil {
		b.Fatal(err)
	}
	if method == http.MethodGet {
		body = nil
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r, err := http.NewRequest(method, x.URL+"/bench/key", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.RequestURI = r.URL.RequestURI()
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("X-Amz-Content-Sha256", hash)
	credentials := aws.Credentials{AccessKeyID: user.AccessKeyID, SecretAccessKey: user.SecretKey}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(context.Background(), credentials, r, hash, "s3", "us-east-1", time.Now()); err != nil {
		b.Fatal(err)
	}
	reader := bytes.NewReader(body)
	b.ReportAllocs()
	for b.Loop() {
		w := &discard{header: http.Header{}}
		again := *r
		if body != nil {
			reader.Reset(body)
			again.Body = io.NopCloser(reader)
		}
		x.Server.ServeHTTP(w, &again)
		if w.status != http.StatusOK {
			b.Fatal(fmt.Sprint("status ", w.status))
		}
	}
}
