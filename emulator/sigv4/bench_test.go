package sigv4_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/emulator/sigv4"
)

func BenchmarkVerifyGet(b *testing.B) {
	r := call{method: "GET", url: "http://127.0.0.1:4566/bucket/some/key.txt?x-id=GetObject", service: "s3", header: map[string]string{
		"Accept-Encoding": "identity", "User-Agent": "aws-sdk-go-v2/1.47.8", "Amz-Sdk-Invocation-Id": "c1f5e3a0", "Amz-Sdk-Request": "attempt=1; max=3",
	}}.signed(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sigv4.Verify(r, options); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyPresigned(b *testing.B) {
	r := calls["S3 object"].presigned(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sigv4.Verify(r, options); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyForm(b *testing.B) {
	r := calls["IAM form"].signed(b)
	body := calls["IAM form"].body
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(body))
		if _, err := sigv4.Verify(r, options); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScope(b *testing.B) {
	r := calls["S3 object"].signed(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := sigv4.Scope(r); !ok {
			b.Fatal("no scope")
		}
	}
}

// The throughput of a body in chunks of 64 KiB, signed and not.
func BenchmarkChunks(b *testing.B) {
	chunk := strings.Repeat("x", 64<<10)
	chunks := make([]string, 64)
	for i := range chunks {
		chunks[i] = chunk
	}
	for _, hash := range []string{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"} {
		b.Run(hash, func(b *testing.B) {
			signed, body := chunkedCall{hash: hash, chunks: chunks}.signed(b)
			b.SetBytes(int64(len(chunk) * len(chunks)))
			b.ReportAllocs()
			buffer := make([]byte, 128<<10)
			for b.Loop() {
				r := &http.Request{}
				*r = *signed
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
				r.Header = signed.Header.Clone()
				if _, err := sigv4.Verify(r, options); err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r.Body, buffer); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
