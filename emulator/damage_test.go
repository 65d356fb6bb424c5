package emulator_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

// A body that was cut or removed behind the server's back is an error of that object, before its first byte, and of no other.
func TestDamagedBody(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	client := s3.NewFromConfig(x.Account("production").Admin().Config(), func(o *s3.Options) {
		o.UsePathStyle, o.Retryer = true, aws.NopRetryer{}
	})
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("damaged")})
	must(t, err)
	body := strings.Repeat("x", 1<<20)
	for name, damage := range map[string]func(path string) error{
		"cut": func(path string) error { return os.Truncate(path, 1<<19) }, "removed": os.Remove,
	} {
		must(t, put(t, client, "damaged", "sound "+name, body))
		before := blobFiles(t, dir)
		must(t, put(t, client, "damaged", name, body))
		for path := range blobFiles(t, dir) {
			if !before[path] {
				must(t, damage(path))
			}
		}
		_, err := get(t, client, "damaged", name)
		wantError(t, err, "InternalError", "The body of this object is not, or not whole, in the data directory")
		if text, err := get(t, client, "damaged", "sound "+name); err != nil || text != body {
			t.Errorf("another object: %d bytes, %v", len(text), err)
		}
		must(t, put(t, client, "damaged", name, body))
		if text, err := get(t, client, "damaged", name); err != nil || text != body {
			t.Errorf("%s, put again: %d bytes, %v", name, len(text), err)
		}
	}
}

// blobFiles are the files of bodies in a data directory.
func blobFiles(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files := map[string]bool{}
	must(t, filepath.WalkDir(filepath.Join(dir, "store", "blobs"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files[path] = true
		}
		return nil // removed meanwhile
	}))
	return files
}
