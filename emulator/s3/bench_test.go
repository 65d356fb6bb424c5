package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// bench calls operations without HTTP, as the pipeline does: the rule, then the method.
type bench struct {
	store *store.Store
	ops   map[string]wire.Operation
}

func newBench(b *testing.B, d store.Durability) *bench {
	st, err := store.Open(b.TempDir(), store.Options{Durability: d})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { st.Close() })
	s := &bench{st, New(st, Options{Principals: &world{}}).Operations()}
	s.call(b, "CreateBucket", http.MethodPut, &s3.CreateBucketInput{Bucket: theBucket})
	return s
}

func (s *bench) call(b *testing.B, operation, method string, in any) any {
	r := httptest.NewRequest(method, "/reports/k", nil)
	if put, ok := in.(*s3.PutObjectInput); ok {
		r.ContentLength = *put.ContentLength
		r.Header.Set("Content-Length", fmt.Sprint(r.ContentLength))
	}
	ctx := wire.WithRequest(context.Background(), &wire.Request{
		HTTP: r, Header: http.Header{}, Service: "s3", Region: usEast1,
		Caller: wire.Caller{Principal: authz.Principal{Type: authz.Account, Account: accountA, ARN: "arn:aws:iam::" + accountA + ":root"}},
	})
	op := s.ops[operation]
	if _, err := op.Needs(ctx, in); err != nil {
		b.Fatal(err)
	}
	out, err := op.Call(ctx, in)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func (s *bench) put(b *testing.B, key string, size int) {
	s.call(b, "PutObject", http.MethodPut, &s3.PutObjectInput{
		Bucket: theBucket, Key: &key, Body: strings.NewReader(strings.Repeat("x", size)), ContentLength: aws.Int64(int64(size)),
	})
}

// fill puts n objects of a byte under a prefix, ten thousand to a directory.
func (s *bench) fill(b *testing.B, n int) {
	err := s.store.Update(context.Background(), func(tx *store.Tx) error {
		row, _, err := bucketTable.Get(tx, *theBucket)
		for i := range n {
			o := &Object{Key: fmt.Sprintf("dir%d/%06d", i/10_000, i), Size: 1, ETag: "9dd4e461268c8034f5c8564e155c67a6", Modified: tx.Now, Owner: accountA, inline: []byte("x")}
			if err == nil {
				err = insert(tx, &row, o)
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPut puts objects of 1 KiB with the given durability from many sides: commits are shared.
func BenchmarkPut(b *testing.B) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "relaxed": store.Relaxed} {
		b.Run(name, func(b *testing.B) {
			s := newBench(b, d)
			b.SetParallelism(16) // times GOMAXPROCS
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					s.put(b, fmt.Sprint("key", i%1000), 1024)
				}
			})
		})
	}
}

// BenchmarkPutLarge puts 64 MiB whose SHA-256 is computed while they are read, as that of a signed payload is.
func BenchmarkPutLarge(b *testing.B) {
	const size = 64 << 20
	s := newBench(b, store.Relaxed)
	text := make([]byte, size)
	b.SetBytes(size)
	for b.Loop() {
		s.call(b, "PutObject", http.MethodPut, &s3.PutObjectInput{
			Bucket: theBucket, Key: aws.String("k"), Body: io.TeeReader(bytes.NewReader(text), sha256.New()), ContentLength: aws.Int64(size),
		})
	}
}

func BenchmarkGet(b *testing.B) {
	s := newBench(b, store.Relaxed)
	s.fill(b, 1000)
	s.put(b, "k", 1024)
	b.ReportAllocs()
	for b.Loop() {
		out := s.call(b, "GetObject", http.MethodGet, &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k")}).(*s3.GetObjectOutput)
		io.Copy(io.Discard, out.Body)
		out.Body.Close()
	}
}

// BenchmarkList lists a page of a bucket of 10,000 and of 100,000 objects: the cost is that of the page, not of the bucket;
// with a delimiter it is that of the common prefixes, not of the keys below them.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		s := newBench(b, store.Relaxed)
		s.fill(b, n)
		b.Run(fmt.Sprint("page/", n), func(b *testing.B) {
			for b.Loop() {
				out := s.call(b, "ListObjectsV2", http.MethodGet, &s3.ListObjectsV2Input{Bucket: theBucket, StartAfter: aws.String("dir0/005000")}).(*s3.ListObjectsV2Output)
				if *out.KeyCount != 1000 {
					b.Fatal(*out.KeyCount)
				}
			}
		})
		b.Run(fmt.Sprint("prefixes/", n), func(b *testing.B) {
			for b.Loop() {
				out := s.call(b, "ListObjectsV2", http.MethodGet, &s3.ListObjectsV2Input{Bucket: theBucket, Delimiter: aws.String("/")}).(*s3.ListObjectsV2Output)
				if *out.KeyCount != int32(n/10_000) {
					b.Fatal(*out.KeyCount)
				}
			}
		})
	}
}
