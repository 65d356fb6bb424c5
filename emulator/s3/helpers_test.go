package s3

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// theBucket is the bucket of the tests of objects.
var theBucket = aws.String("reports")

// begin returns a world with a bucket of account A and a client of its owner's root user. The test ends with a check of
// the store.
func begin(t *testing.T) (*world, *s3.Client) {
	t.Helper()
	w := newWorld(t)
	t.Cleanup(func() {
		if err := w.store.Check(); err != nil {
			t.Errorf("store: %v", err)
		}
	})
	c := w.person(accountA, "root").client()
	ok(c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: theBucket}))(t)
	return w, c
}

// at sets the clock, which stands still from then on.
func (w *world) at(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = now
}

func setVersioning(t *testing.T, c *s3.Client, status types.BucketVersioningStatus) {
	t.Helper()
	ok(c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: theBucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status},
	}))(t)
}

// ok returns v and fails the test on an error: ok(c.GetObject(…))(t).
func ok[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func put(t *testing.T, c *s3.Client, key, body string, options ...func(*s3.PutObjectInput)) *s3.PutObjectOutput {
	t.Helper()
	in := &s3.PutObjectInput{Bucket: theBucket, Key: &key, Body: strings.NewReader(body)}
	for _, o := range options {
		o(in)
	}
	return ok(c.PutObject(t.Context(), in))(t)
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %.2000s\nwant %.2000s", what, fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want))
	}
}

func randomBody(size int) []byte {
	b := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}
