package s3

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/minio/crc64nvme"

	"github.com/xemu-aws/xemu/store"
)

// upload is a multipart upload of the tests, with what has been uploaded.
type upload struct {
	t    *testing.T
	c    *s3.Client
	key  *string
	id   *string
	done map[int32]types.CompletedPart
}

func beginUpload(t *testing.T, c *s3.Client, key string, options ...func(*s3.CreateMultipartUploadInput)) *upload {
	t.Helper()
	in := &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: &key}
	for _, o := range options {
		o(in)
	}
	return &upload{t, c, &key, ok(c.CreateMultipartUpload(t.Context(), in))(t).UploadId, map[int32]types.CompletedPart{}}
}

func (u *upload) part(number int32, body []byte, options ...func(*s3.UploadPartInput)) {
	u.t.Helper()
	in := &s3.UploadPartInput{Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumber: &number, Body: bytes.NewReader(body)}
	for _, o := range options {
		o(in)
	}
	out := ok(u.c.UploadPart(u.t.Context(), in))(u.t)
	u.done[number] = types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumSHA256: out.ChecksumSHA256}
}

func (u *upload) complete(numbers []int32, options ...func(*s3.CompleteMultipartUploadInput)) (*s3.CompleteMultipartUploadOutput, error) {
	doc := &types.CompletedMultipartUpload{}
	for _, n := range numbers {
		p, there := u.done[n]
		if !there {
			p = types.CompletedPart{PartNumber: &n, ETag: aws.String(`"00000000000000000000000000000000"`)}
		}
		doc.Parts = append(doc.Parts, p)
	}
	in := &s3.CompleteMultipartUploadInput{Bucket: theBucket, Key: u.key, UploadId: u.id, MultipartUpload: doc}
	for _, o := range options {
		o(in)
	}
	return u.c.CompleteMultipartUpload(u.t.Context(), in)
}

const partSize = 5 << 20

func TestMultipart(t *testing.T) {
	w, c := begin(t)
	body := randomBody(2*partSize + 1000)
	first, second, third := body[:partSize], body[partSize:2*partSize], body[2*partSize:]
	u := beginUpload(t, c, "big", func(in *s3.CreateMultipartUploadInput) {
		in.ContentType, in.Metadata, in.Tagging = aws.String("text/plain"), map[string]string{"a": "b"}, aws.String("x=y")
	})
	u.part(7, third)
	u.part(1, second)
	u.part(1, first) // in place of the one before
	u.part(2, second)
	u.part(9, []byte("not part of the object"))

	list := ok(c.ListParts(t.Context(), &s3.ListPartsInput{Bucket: theBucket, Key: u.key, UploadId: u.id, MaxParts: aws.Int32(2)}))(t)
	equal(t, "page of parts", fmt.Sprint(*list.Parts[0].PartNumber, *list.Parts[1].PartNumber, *list.IsTruncated, *list.NextPartNumberMarker), "1 2 true2")
	list = ok(c.ListParts(t.Context(), &s3.ListPartsInput{Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumberMarker: list.NextPartNumberMarker}))(t)
	equal(t, "next page", fmt.Sprint(len(list.Parts), *list.Parts[0].Size, *list.IsTruncated), "2 1000 false")
	equal(t, "not there yet", read(t, c, "big", ""), "NoSuchKey")

	out := ok(u.complete([]int32{1, 2, 7}))(t)
	sums := []byte{}
	for _, p := range [][]byte{first, second, third} {
		sum := md5.Sum(p)
		sums = append(sums, sum[:]...)
	}
	etag := fmt.Sprintf(`"%x-3"`, md5.Sum(sums))
	equal(t, "ETag", *out.ETag, etag)
	crc := crc64nvme.New()
	crc.Write(body)
	equal(t, "checksum that S3 adds", aws.ToString(out.ChecksumCRC64NVME), base64.StdEncoding.EncodeToString(crc.Sum(nil)))
	equal(t, "its type", out.ChecksumType, types.ChecksumTypeFullObject)
	equal(t, "location", *out.Location, w.url+"/reports/big")

	get := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: u.key}))(t)
	if !bytes.Equal(ok(io.ReadAll(get.Body))(t), body) {
		t.Error("the object is not its parts")
	}
	equal(t, "metadata", fmt.Sprint(*get.ContentType, get.Metadata, *get.TagCount, *get.ContentLength), fmt.Sprint("text/plain", map[string]string{"a": "b"}, 1, len(body)))
	for _, r := range [][2]int{{0, 0}, {partSize - 1, partSize}, {partSize, 2*partSize - 1}, {100, 2*partSize + 100}, {2*partSize + 999, 2*partSize + 999}} {
		get := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: u.key, Range: aws.String(fmt.Sprintf("bytes=%d-%d", r[0], r[1]))}))(t)
		if !bytes.Equal(ok(io.ReadAll(get.Body))(t), body[r[0]:r[1]+1]) {
			t.Errorf("range %v is wrong", r)
		}
	}
	for n, want := range map[int32]string{1: "bytes 0-5242879/10486760", 2: "bytes 5242880-10485759/10486760", 3: "bytes 10485760-10486759/10486760"} {
		get := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: u.key, PartNumber: &n, ChecksumMode: types.ChecksumModeEnabled}))(t)
		equal(t, fmt.Sprint("part ", n), fmt.Sprint(*get.ContentRange, *get.PartsCount), want+"3")
		if got := ok(io.ReadAll(get.Body))(t); !bytes.Equal(got, [][]byte{first, second, third}[n-1]) {
			t.Errorf("part %d is wrong", n)
		}
	}
	_, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: u.key, PartNumber: aws.Int32(4)})
	wantCode(t, "part 4", err, "InvalidPartNumber")

	again := ok(u.complete([]int32{1, 2, 7}))(t)
	equal(t, "the same request again", *again.ETag, etag)
	_, err = u.complete([]int32{1, 2})
	wantCode(t, "another request again", err, "NoSuchUpload")
	_, err = c.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: theBucket, Key: u.key, UploadId: u.id})
	wantCode(t, "AbortMultipartUpload of the completed", err, "NoSuchUpload")

	attributes := ok(c.GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{Bucket: theBucket, Key: u.key,
		ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesObjectParts}}))(t)
	equal(t, "parts", *attributes.ObjectParts.TotalPartsCount, int32(3))

	equal(t, "blobs", w.blobs(t), 3)
	put(t, c, "big", "small")
	equal(t, "blobs after the object was replaced", w.blobs(t), 0)
}

// blobs counts the bodies that are kept as files.
func (w *world) blobs(t *testing.T) int { return w.rows(t, "store/blobs") }

// rows counts the entries of a space of the store.
func (w *world) rows(t *testing.T, space string) (n int) {
	t.Helper()
	must(t, w.store.View(t.Context(), func(tx *store.Tx) error {
		for range tx.Scan(space, "", "") {
			n++
		}
		return nil
	}))
	return n
}

func TestCompleteErrors(t *testing.T) {
	_, c := begin(t)
	whole := randomBody(partSize)
	u := beginUpload(t, c, "k")
	u.part(1, whole)
	u.part(2, []byte("small"))
	u.part(3, []byte("last"))
	put(t, c, "k", "there")
	for _, test := range []struct {
		name    string
		numbers []int32
		option  func(*s3.CompleteMultipartUploadInput)
		want    string
	}{
		{"no parts", nil, nil, "MalformedXML"},
		{"order", []int32{3, 1}, nil, "InvalidPartOrder"},
		{"twice", []int32{1, 1}, nil, "InvalidPartOrder"},
		{"never uploaded", []int32{1, 4}, nil, "InvalidPart"},
		{"number 0", []int32{0, 1}, nil, "InvalidArgument"},
		{"small part that is not the last", []int32{1, 2, 3}, nil, "EntityTooSmall"},
		{"another ETag", []int32{1}, func(in *s3.CompleteMultipartUploadInput) {
			in.MultipartUpload.Parts[0].ETag = aws.String("0123456789abcdef0123456789abcdef")
		}, "InvalidPart"},
		{"another upload", []int32{1}, func(in *s3.CompleteMultipartUploadInput) { in.UploadId = aws.String("abc") }, "NoSuchUpload"},
		{"another key", []int32{1}, func(in *s3.CompleteMultipartUploadInput) { in.Key = aws.String("other") }, "NoSuchUpload"},
		{"size", []int32{1, 3}, func(in *s3.CompleteMultipartUploadInput) { in.MpuObjectSize = aws.Int64(5) }, "InvalidRequest"},
		{"checksum", []int32{1, 3}, func(in *s3.CompleteMultipartUploadInput) { in.ChecksumCRC64NVME = aws.String("AAAAAAAAAAA=") }, "BadDigest"},
		{"If-None-Match", []int32{1, 3}, func(in *s3.CompleteMultipartUploadInput) { in.IfNoneMatch = aws.String("*") }, "PreconditionFailed"},
		{"If-Match", []int32{1, 3}, func(in *s3.CompleteMultipartUploadInput) { in.IfMatch = aws.String("abc") }, "PreconditionFailed"},
		{"good", []int32{1, 3}, func(in *s3.CompleteMultipartUploadInput) { in.MpuObjectSize = aws.Int64(partSize + 4) }, ""},
	} {
		option := test.option
		if option == nil {
			option = func(*s3.CompleteMultipartUploadInput) {}
		}
		_, err := u.complete(test.numbers, option)
		wantCode(t, test.name, err, test.want)
		if test.want != "" {
			equal(t, test.name+": the object that was there", read(t, c, "k", ""), "there")
		}
	}
	for name, in := range map[string]*s3.UploadPartInput{
		"InvalidArgument": {PartNumber: aws.Int32(10001), UploadId: u.id},
		"NoSuchUpload":    {PartNumber: aws.Int32(1), UploadId: u.id},
	} {
		in.Bucket, in.Key, in.Body = theBucket, aws.String("k"), strings.NewReader("x")
		_, err := c.UploadPart(t.Context(), in)
		wantCode(t, "UploadPart", err, name)
	}
}

func TestEntityTooSmallTells(t *testing.T) {
	w, c := begin(t)
	u := beginUpload(t, c, "k")
	u.part(1, []byte("a"))
	u.part(2, []byte("b"))
	doc := fmt.Sprintf("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>%s</ETag></Part><Part><PartNumber>2</PartNumber><ETag>%s</ETag></Part></CompleteMultipartUpload>", *u.done[1].ETag, *u.done[2].ETag)
	got := w.raw(t, "POST", "/reports/k?uploadId="+*u.id, strings.NewReader(doc))
	equal(t, "error", got.err, errorDocument{Code: "EntityTooSmall", Message: "Your proposed upload is smaller than the minimum allowed size",
		ProposedSize: "1", MinSizeAllowed: "5242880", PartNumber: "1", ETag: "0cc175b9c0f1b6a831c399e269772661"})
}

func TestAbort(t *testing.T) {
	w, c := begin(t)
	u := beginUpload(t, c, "k")
	u.part(1, []byte("x"))
	equal(t, "blobs", w.blobs(t), 1)
	ok(c.AbortMultipartUpload(t.Context(), &s3.AbortMultipartUploadInput{Bucket: theBucket, Key: u.key, UploadId: u.id}))(t)
	equal(t, "blobs after the abort", w.blobs(t), 0)
	_, err := c.ListParts(t.Context(), &s3.ListPartsInput{Bucket: theBucket, Key: u.key, UploadId: u.id})
	wantCode(t, "ListParts", err, "NoSuchUpload")
}

func TestMultipartChecksums(t *testing.T) {
	_, c := begin(t)
	body := randomBody(partSize + 10)
	parts := [][]byte{body[:partSize], body[partSize:]}
	t.Run("COMPOSITE", func(t *testing.T) {
		u := beginUpload(t, c, "composite", func(in *s3.CreateMultipartUploadInput) { in.ChecksumAlgorithm = types.ChecksumAlgorithmSha256 })
		for i, p := range parts {
			u.part(int32(i+1), p, func(in *s3.UploadPartInput) { in.ChecksumAlgorithm = types.ChecksumAlgorithmSha256 })
		}
		_, err := c.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumber: aws.Int32(3), Body: strings.NewReader("x"), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
		wantCode(t, "a part with another checksum", err, "InvalidRequest")
		equal(t, "message", messageOf(err), "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32")
		_, err = u.complete([]int32{1, 2}, func(in *s3.CompleteMultipartUploadInput) { in.MultipartUpload.Parts[1].ChecksumSHA256 = nil })
		equal(t, "message", messageOf(err), "The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 2 in the request.")
		_, err = u.complete([]int32{1, 2}, func(in *s3.CompleteMultipartUploadInput) {
			in.MultipartUpload.Parts[1].ChecksumSHA256 = in.MultipartUpload.Parts[0].ChecksumSHA256
		})
		wantCode(t, "the checksum of another part", err, "InvalidPart")
		out := ok(u.complete([]int32{1, 2}))(t)
		var sums []byte
		for n := range int32(2) {
			sums = append(sums, ok(base64.StdEncoding.DecodeString(*u.done[n+1].ChecksumSHA256))(t)...)
		}
		h, _, _ := newHash(types.ChecksumAlgorithmSha256)
		h.Write(sums)
		equal(t, "checksum", aws.ToString(out.ChecksumSHA256), base64.StdEncoding.EncodeToString(h.Sum(nil))+"-2")
		equal(t, "type", out.ChecksumType, types.ChecksumTypeComposite)
		attributes := ok(c.GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{Bucket: theBucket, Key: u.key, MaxParts: aws.Int32(1),
			ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesObjectParts}}))(t).ObjectParts
		equal(t, "page of parts", fmt.Sprint(len(attributes.Parts), *attributes.IsTruncated, *attributes.NextPartNumberMarker, *attributes.Parts[0].ChecksumSHA256), fmt.Sprint(1, true, "1", *u.done[1].ChecksumSHA256))
	})
	t.Run("FULL_OBJECT", func(t *testing.T) {
		u := beginUpload(t, c, "full", func(in *s3.CreateMultipartUploadInput) {
			in.ChecksumAlgorithm, in.ChecksumType = types.ChecksumAlgorithmCrc32, types.ChecksumTypeFullObject
		})
		for i, p := range parts {
			u.part(int32(i+1), p)
		}
		whole := base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)))
		out := ok(u.complete([]int32{1, 2}, func(in *s3.CompleteMultipartUploadInput) {
			in.ChecksumCRC32, in.ChecksumType = &whole, types.ChecksumTypeFullObject
		}))(t)
		equal(t, "checksum", aws.ToString(out.ChecksumCRC32), whole)
	})
	for _, test := range []struct {
		algorithm types.ChecksumAlgorithm
		kind      types.ChecksumType
		want      string
	}{
		{types.ChecksumAlgorithmSha256, types.ChecksumTypeFullObject, "The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm."},
		{types.ChecksumAlgorithmCrc64nvme, types.ChecksumTypeComposite, "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm."},
	} {
		_, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("k"), ChecksumAlgorithm: test.algorithm, ChecksumType: test.kind})
		equal(t, "message", messageOf(err), test.want)
	}
}

func TestJoinCRC(t *testing.T) {
	body := randomBody(10_000)
	for _, a := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmCrc64nvme} {
		for _, at := range []int{0, 1, 777, 9_999, 10_000} {
			sum := func(b []byte) []byte {
				h, _, _ := newHash(a)
				h.Write(b)
				return h.Sum(nil)
			}
			equal(t, fmt.Sprint(a, " at ", at), joinCRC(a, sum(body[:at]), sum(body[at:]), int64(len(body)-at)), sum(body))
		}
	}
}

func TestListMultipartUploads(t *testing.T) {
	_, c := begin(t)
	var ids []string
	for _, k := range []string{"a/1", "a/2", "b", "c", "b"} {
		ids = append(ids, *beginUpload(t, c, k).id)
	}
	list := func(in s3.ListMultipartUploadsInput) (all []string) {
		in.Bucket = theBucket
		for range maxPages {
			out := ok(c.ListMultipartUploads(t.Context(), &in))(t)
			for _, p := range out.CommonPrefixes {
				all = append(all, *p.Prefix)
			}
			for _, u := range out.Uploads {
				for i, id := range ids {
					if id == *u.UploadId {
						all = append(all, fmt.Sprint(*u.Key, " ", i))
					}
				}
			}
			if !*out.IsTruncated {
				return all
			}
			in.KeyMarker, in.UploadIdMarker = out.NextKeyMarker, out.NextUploadIdMarker
		}
		t.Fatal("the listing has no end")
		return nil
	}
	for size := range int32(6) {
		equal(t, fmt.Sprint("all by ", size+1), list(s3.ListMultipartUploadsInput{MaxUploads: aws.Int32(size + 1)}), []string{"a/1 0", "a/2 1", "b 2", "b 4", "c 3"})
	}
	equal(t, "by delimiter", list(s3.ListMultipartUploadsInput{Delimiter: aws.String("/"), MaxUploads: aws.Int32(2)}), []string{"a/", "b 2", "b 4", "c 3"})
	equal(t, "by prefix", list(s3.ListMultipartUploadsInput{Prefix: aws.String("a/")}), []string{"a/1 0", "a/2 1"})
	equal(t, "behind an upload", list(s3.ListMultipartUploadsInput{KeyMarker: aws.String("b"), UploadIdMarker: &ids[2]}), []string{"b 4", "c 3"})
	equal(t, "behind a key", list(s3.ListMultipartUploadsInput{KeyMarker: aws.String("b")}), []string{"c 3"})
}

func TestUploadPartCopy(t *testing.T) {
	w, c := begin(t)
	body := randomBody(partSize + 1000)
	ok(c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("source"), Body: bytes.NewReader(body)}))(t)
	u := beginUpload(t, c, "copy")
	from := func(number int32, r string) error {
		in := &s3.UploadPartCopyInput{Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumber: &number, CopySource: aws.String("reports/source")}
		if r != "" {
			in.CopySourceRange = &r
		}
		out, err := c.UploadPartCopy(t.Context(), in)
		if err == nil {
			u.done[number] = types.CompletedPart{PartNumber: &number, ETag: out.CopyPartResult.ETag}
		}
		return err
	}
	must(t, from(1, ""))
	must(t, from(2, "bytes=10-19"))
	equal(t, "bytes beyond the source", codeOf(from(3, "bytes=0-5243880")), "InvalidArgument")
	equal(t, "malformed range", codeOf(from(3, "bytes=0-")), "InvalidArgument")
	ok(u.complete([]int32{1, 2}))(t)
	if got := read(t, c, "copy", ""); got != string(body)+string(body[10:20]) {
		t.Error("the copy is wrong")
	}
	equal(t, "blobs", w.blobs(t), 3)
}

// TestManyParts reads an object of more parts than are opened ahead.
func TestManyParts(t *testing.T) {
	w, c := begin(t)
	const count, size = openAhead + 50, 200
	body := randomBody(count * size)
	b := ok(w.service.bucketNamed(t.Context(), *theBucket))(t)
	must(t, w.store.Update(t.Context(), func(tx *store.Tx) error {
		o := &Object{Key: "k", Upload: "upload", Parts: count, Size: int64(len(body)), ETag: "x", Owner: accountA, Modified: tx.Now}
		for i := range count {
			blob := ok(w.store.NewBlob(t.Context()))(t)
			ok(blob.Write(body[i*size : (i+1)*size]))(t)
			p := &Part{Upload: o.Upload, Number: int32(i + 1), Blob: ok(blob.Commit())(t), Size: size}
			must(t, tx.KeepBlob(p.Blob))
			must(t, parts.Put(tx, p))
		}
		return insert(tx, &b.Bucket, o)
	}))
	if read(t, c, "k", "") != string(body) {
		t.Error("the object is wrong")
	}
	for _, r := range [][2]int{{0, 299}, {openAhead*size - 100, openAhead*size + 100}, {openAhead*size + 1, count*size - 1}, {size, count*size - size}} {
		get := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k"), Range: aws.String(fmt.Sprintf("bytes=%d-%d", r[0], r[1]))}))(t)
		if !bytes.Equal(ok(io.ReadAll(get.Body))(t), body[r[0]:r[1]+1]) {
			t.Errorf("range %v is wrong", r)
		}
	}
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	equal(t, "blobs", w.blobs(t), 0)
}
