package emulator_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/xemu-aws/xemu/store"
)

// Kill -9 in the midst of every kind of write, again and again on one directory: what was acknowledged is there and whole,
// what was not is there whole or not at all, and when all of it is deleted no file is left.
func TestKilledInMixedLoad(t *testing.T) {
	const rounds, seed = 5, 7
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(seed, 0))
	var writers []*mixedWriter
	for n := range 6 {
		writers = append(writers, newMixedWriter(n, seed))
	}
	for round := range rounds {
		cmd, client := startServer(t, dir)
		for _, w := range writers {
			must(t, w.open(client, round == 0))
			w.check(t)
		}
		left := atomic.Int64{}
		left.Store(int64(50 + random.IntN(400))) // acknowledgements until the kill, which comes in the midst of others
		var group sync.WaitGroup
		for _, w := range writers {
			group.Go(func() {
				err := w.work(func() {
					if left.Add(-1) == 0 {
						cmd.Process.Kill()
					}
				})
				if answer := smithy.APIError(nil); errors.As(err, &answer) {
					t.Errorf("round %d, writer %d: %v", round, w.n, err)
					cmd.Process.Kill()
				}
			})
		}
		group.Wait()
		cmd.Wait()
	}
	cmd, client := startServer(t, dir)
	for _, w := range writers {
		must(t, w.open(client, false))
		w.check(t)
		must(t, w.deleteAll())
	}
	for deadline := time.Now().Add(10 * time.Second); len(blobFiles(t, dir)) > 0; time.Sleep(5 * time.Millisecond) { // orphans go in the background
		if time.Now().After(deadline) {
			t.Fatalf("%d files of nothing are left", len(blobFiles(t, dir)))
		}
	}
	must(t, cmd.Process.Kill())
	cmd.Wait()
	s, err := store.Open(filepath.Join(dir, "store"), store.Options{})
	must(t, err)
	defer s.Close()
	must(t, s.Check())
}

// A mixedWriter writes to keys, uploads and a bucket of its own, and knows what may be there.
type mixedWriter struct {
	n      int
	client *s3.Client
	random *rand.Rand
	serial int

	objects  map[string][]object // by key: one after an acknowledged write, more after one that was cut off
	versions map[string]version  // by id, all of one key
	cut      []string            // the bodies of versions that were not acknowledged
	uploads  map[string]string   // the body of the only part of uploads under way, "" while it is not acknowledged
	labels   []string            // what the bucket's tag may be
}

// object is what is under a key; no body, no object.
type object struct{ body, tag string }

type version struct {
	body   string
	doomed bool // its deletion was not acknowledged
}

func newMixedWriter(n int, seed uint64) *mixedWriter {
	return &mixedWriter{
		n: n, random: rand.New(rand.NewPCG(seed, uint64(n)+1)), labels: []string{"none"},
		objects: map[string][]object{}, versions: map[string]version{}, uploads: map[string]string{},
	}
}

func (w *mixedWriter) bucket() *string { return aws.String(fmt.Sprintf("mixed-%d", w.n)) }

// history is a versioned bucket with one key.
func (w *mixedWriter) history() *string { return aws.String(fmt.Sprintf("mixed-history-%d", w.n)) }

var theKey = aws.String("key")

func (w *mixedWriter) open(client *s3.Client, first bool) error {
	if w.client = client; !first {
		return nil
	}
	for _, bucket := range []*string{w.bucket(), w.history()} {
		if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket}); err != nil {
			return err
		}
	}
	_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: w.history(), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	return err
}

// work writes until the server is gone.
func (w *mixedWriter) work(acknowledged func()) error {
	steps := []func() error{w.put, w.put, w.copy, w.tag, w.delete, w.putVersion, w.deleteVersion, w.uploadWhole, w.uploadPart, w.label}
	for {
		if err := steps[w.random.IntN(len(steps))](); err != nil {
			return err
		}
		acknowledged()
	}
}

// body is of any size up to a few hundred KiB, or rarely some MiB, and like no other.
func (w *mixedWriter) body() string {
	w.serial++
	size := 1 << w.random.IntN(19)
	if w.random.IntN(40) == 0 {
		size = 3 << 20
	}
	line := fmt.Sprintf("%d-%d\n", w.n, w.serial)
	return strings.Repeat(line, size/len(line)+1)
}

func (w *mixedWriter) key() *string { return aws.String(fmt.Sprintf("key-%d", w.random.IntN(8))) }

// change makes what is under key o with a request: it may be either until the request is acknowledged.
func (w *mixedWriter) change(key *string, o object, request func(context.Context) error) error {
	w.objects[*key] = append(w.known(key), o)
	c, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	err := request(c)
	if err == nil {
		w.objects[*key] = []object{o}
	}
	return err
}

func (w *mixedWriter) known(key *string) []object {
	if may := w.objects[*key]; may != nil {
		return slices.Clone(may)
	}
	return []object{{}}
}

func (w *mixedWriter) put() error {
	key, o := w.key(), object{body: w.body()}
	return w.change(key, o, func(c context.Context) error {
		_, err := w.client.PutObject(c, &s3.PutObjectInput{Bucket: w.bucket(), Key: key, Body: strings.NewReader(o.body)})
		return err
	})
}

func (w *mixedWriter) copy() error {
	key, source := w.key(), w.key()
	o := w.known(source)[0]
	if o.body == "" || *key == *source {
		return nil
	}
	return w.change(key, o, func(c context.Context) error {
		_, err := w.client.CopyObject(c, &s3.CopyObjectInput{Bucket: w.bucket(), Key: key, CopySource: aws.String(*w.bucket() + "/" + *source)})
		return err
	})
}

func (w *mixedWriter) tag() error {
	key := w.key()
	o := w.known(key)[0]
	if o.body == "" {
		return nil
	}
	w.serial++
	o.tag = fmt.Sprint(w.serial)
	return w.change(key, o, func(c context.Context) error {
		_, err := w.client.PutObjectTagging(c, &s3.PutObjectTaggingInput{Bucket: w.bucket(), Key: key, Tagging: tagged(o.tag)})
		return err
	})
}

func tagged(value string) *types.Tagging {
	return &types.Tagging{TagSet: []types.Tag{{Key: aws.String("tag"), Value: &value}}}
}

func (w *mixedWriter) delete() error {
	key := w.key()
	return w.change(key, object{}, func(c context.Context) error {
		_, err := w.client.DeleteObject(c, &s3.DeleteObjectInput{Bucket: w.bucket(), Key: key})
		return err
	})
}

func (w *mixedWriter) putVersion() error {
	body := w.body()
	w.cut = append(w.cut, body)
	out, err := w.client.PutObject(ctx, &s3.PutObjectInput{Bucket: w.history(), Key: theKey, Body: strings.NewReader(body)})
	if err != nil {
		return err
	}
	w.cut = w.cut[:len(w.cut)-1]
	w.versions[*out.VersionId] = version{body: body}
	return nil
}

func (w *mixedWriter) deleteVersion() error {
	for id, v := range w.versions {
		w.versions[id] = version{v.body, true}
		_, err := w.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: w.history(), Key: theKey, VersionId: &id})
		if err == nil {
			delete(w.versions, id)
		}
		return err
	}
	return nil
}

// uploadWhole makes an object of two parts, or of one.
func (w *mixedWriter) uploadWhole() error {
	key := w.key()
	u, err := w.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: w.bucket(), Key: key})
	if err != nil {
		return err
	}
	bodies := []string{w.body()}
	if w.random.IntN(10) == 0 {
		bodies = append([]string{strings.Repeat("5 MiB or more\n", 400<<10)}, bodies...)
	}
	done := &types.CompletedMultipartUpload{}
	for i, body := range bodies {
		number := aws.Int32(int32(i + 1))
		p, err := w.client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: w.bucket(), Key: key, UploadId: u.UploadId, PartNumber: number, Body: strings.NewReader(body),
		})
		if err != nil {
			return err
		}
		done.Parts = append(done.Parts, types.CompletedPart{PartNumber: number, ETag: p.ETag})
	}
	return w.change(key, object{body: strings.Join(bodies, "")}, func(c context.Context) error {
		_, err := w.client.CompleteMultipartUpload(c, &s3.CompleteMultipartUploadInput{
			Bucket: w.bucket(), Key: key, UploadId: u.UploadId, MultipartUpload: done,
		})
		return err
	})
}

// uploadPart begins an upload and leaves it so.
func (w *mixedWriter) uploadPart() error {
	u, err := w.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: w.bucket(), Key: theKey})
	if err != nil {
		return err
	}
	w.uploads[*u.UploadId] = ""
	body := w.body()
	_, err = w.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: w.bucket(), Key: theKey, UploadId: u.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader(body),
	})
	if err == nil {
		w.uploads[*u.UploadId] = body
	}
	return err
}

func (w *mixedWriter) label() error {
	w.serial++
	text := fmt.Sprint(w.serial)
	w.labels = append(w.labels, text)
	_, err := w.client.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: w.bucket(), Tagging: tagged(text)})
	if err == nil {
		w.labels = []string{text}
	}
	return err
}

// check compares what is there with what may be, and keeps what is there.
func (w *mixedWriter) check(t *testing.T) {
	t.Helper()
	for key, may := range w.objects {
		is := object{}
		text, err := get(t, w.client, *w.bucket(), key)
		if missing := (*types.NoSuchKey)(nil); err == nil {
			tags, err := w.client.GetObjectTagging(ctx, &s3.GetObjectTaggingInput{Bucket: w.bucket(), Key: &key})
			must(t, err)
			is.body = text
			for _, tag := range tags.TagSet {
				is.tag = *tag.Value
			}
		} else if !errors.As(err, &missing) {
			t.Fatalf("%s of writer %d: %v", key, w.n, err)
		}
		if !slices.Contains(may, is) {
			t.Errorf("%s of writer %d is %d bytes, tag %q; it may be one of %d states", key, w.n, len(is.body), is.tag, len(may))
		}
		w.objects[key] = []object{is}
	}
	w.checkVersions(t)
	w.checkUploads(t)
	tags, err := w.client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: w.bucket()})
	if label := "none"; err == nil || len(w.labels) == 1 && w.labels[0] != "none" {
		must(t, err)
		label = *tags.TagSet[0].Value
		if !slices.Contains(w.labels, label) {
			t.Errorf("bucket of writer %d has the tag %s, not one of %v", w.n, label, w.labels)
		}
		w.labels = []string{label}
	}
}

func (w *mixedWriter) checkVersions(t *testing.T) {
	t.Helper()
	found := map[string]version{}
	pages := s3.NewListObjectVersionsPaginator(w.client, &s3.ListObjectVersionsInput{Bucket: w.history()})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		must(t, err)
		for _, v := range page.Versions {
			out, err := w.client.GetObject(ctx, &s3.GetObjectInput{Bucket: w.history(), Key: theKey, VersionId: v.VersionId})
			must(t, err)
			text, err := io.ReadAll(out.Body)
			must(t, err)
			if known, ok := w.versions[*v.VersionId]; ok && string(text) != known.body || !ok && !slices.Contains(w.cut, string(text)) {
				t.Errorf("version %s of writer %d is not whole: %d bytes", *v.VersionId, w.n, len(text))
			}
			found[*v.VersionId] = version{body: string(text)}
		}
	}
	for id, v := range w.versions {
		if _, ok := found[id]; !ok && !v.doomed {
			t.Errorf("acknowledged version %s of writer %d is gone", id, w.n)
		}
	}
	w.versions, w.cut = found, nil
}

func (w *mixedWriter) checkUploads(t *testing.T) {
	t.Helper()
	for id, body := range w.uploads {
		out, err := w.client.ListParts(ctx, &s3.ListPartsInput{Bucket: w.bucket(), Key: theKey, UploadId: &id})
		must(t, err)
		if body != "" && (len(out.Parts) != 1 || *out.Parts[0].Size != int64(len(body))) {
			t.Errorf("the acknowledged part of upload %s is not whole: %+v", id, out.Parts)
		}
	}
	for id, body := range w.uploads { // complete one, which must then be what was sent
		if body == "" {
			continue
		}
		out, err := w.client.ListParts(ctx, &s3.ListPartsInput{Bucket: w.bucket(), Key: theKey, UploadId: &id})
		must(t, err)
		_, err = w.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: w.bucket(), Key: theKey, UploadId: &id,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: out.Parts[0].ETag}}},
		})
		must(t, err)
		if text, err := get(t, w.client, *w.bucket(), *theKey); err != nil || text != body {
			t.Errorf("upload %s became %d bytes: %v", id, len(text), err)
		}
		delete(w.uploads, id)
		return
	}
}

func (w *mixedWriter) deleteAll() error {
	for id := range w.versions {
		if _, err := w.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: w.history(), Key: theKey, VersionId: &id}); err != nil {
			return err
		}
	}
	objects, err := w.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: w.bucket()})
	if err != nil {
		return err
	}
	for _, o := range objects.Contents {
		if _, err := w.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: w.bucket(), Key: o.Key}); err != nil {
			return err
		}
	}
	for _, bucket := range []*string{w.bucket(), w.history()} { // with the uploads under way
		if _, err := w.client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket}); err != nil {
			return err
		}
	}
	return nil
}
