package wire

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// sink is a ResponseWriter that costs nothing.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkGetObject(b *testing.B) {
	c := NewRESTXML(S3())
	r := httptest.NewRequest("GET", "/bucket/folder/key.txt?x-id=GetObject", nil)
	for name, value := range map[string]string{
		"Authorization": "AWS4-HMAC-SHA256 Credential=…", "X-Amz-Date": "20260203T040506Z", "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
		"User-Agent": "aws-sdk-go-v2", "Accept-Encoding": "identity", "Amz-Sdk-Invocation-Id": "x", "Amz-Sdk-Request": "attempt=1",
		"X-Amz-Checksum-Mode": "ENABLED", "Range": "bytes=0-1023",
	} {
		r.Header.Set(name, value)
	}
	body := make([]byte, 1024)
	req := &Request{ID: "79A59DF900B949E5", Now: time.Now(), HTTP: r}
	w := &sink{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		op, err := c.Route(r)
		if err != nil {
			b.Fatal(err)
		}
		in := new(s3.GetObjectInput)
		if err := c.Decode(r, op, in); err != nil {
			b.Fatal(err)
		}
		out := &s3.GetObjectOutput{
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: aws.Int64(1024), ContentType: aws.String("text/plain"),
			ETag: aws.String(`"d41d8cd98f00b204e9800998ecf8427e"`), LastModified: &req.Now, AcceptRanges: aws.String("bytes"),
			ServerSideEncryption: types.ServerSideEncryptionAes256, Metadata: map[string]string{"colour": "blue"},
		}
		if err := c.Encode(w, req, op, out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutObject(b *testing.B) {
	c := NewRESTXML(S3())
	r := httptest.NewRequest("PUT", "/bucket/folder/key.txt?x-id=PutObject", bytes.NewReader(make([]byte, 1024)))
	for name, value := range map[string]string{
		"Authorization": "AWS4-HMAC-SHA256 Credential=…", "X-Amz-Date": "20260203T040506Z", "Content-Type": "text/plain",
		"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", "X-Amz-Sdk-Checksum-Algorithm": "CRC32", "X-Amz-Checksum-Crc32": "AAAAAA==",
	} {
		r.Header.Set(name, value)
	}
	req := &Request{ID: "79A59DF900B949E5", Now: time.Now(), HTTP: r}
	w := &sink{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		op, err := c.Route(r)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Decode(r, op, new(s3.PutObjectInput)); err != nil {
			b.Fatal(err)
		}
		if err := c.Encode(w, req, op, &s3.PutObjectOutput{ETag: aws.String(`"d41d8cd98f00b204e9800998ecf8427e"`)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetUser(b *testing.B) {
	c := NewQuery(IAM())
	w := &sink{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("GET", "/?Action=GetUser&Version=2010-05-08&UserName=alice", nil)
		req := &Request{ID: "79A59DF900B949E5", Now: time.Now(), HTTP: r}
		op, err := c.Route(r)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Decode(r, op, new(iam.GetUserInput)); err != nil {
			b.Fatal(err)
		}
		if err := c.Encode(w, req, op, &iam.GetUserOutput{}); err != nil {
			b.Fatal(err)
		}
	}
}
