package s3

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestCopyObject(t *testing.T) {
	w, c := begin(t)
	ok(c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("archive")}))(t)
	body := string(randomBody(100 << 10))
	put(t, c, "dir/a+b c", body, func(in *s3.PutObjectInput) {
		in.Metadata, in.ContentType, in.Tagging = map[string]string{"a": "1"}, aws.String("text/plain"), aws.String("k=v")
		in.StorageClass, in.ChecksumAlgorithm = types.StorageClassStandardIa, types.ChecksumAlgorithmSha1
	})
	for _, source := range []string{
		"reports/dir/a%2Bb%20c", "/reports/dir/a%2Bb%20c", "reports%2Fdir%2Fa%2Bb%20c", "reports/dir/a%2Bb+c", "reports/dir/a%2Bb c",
	} {
		key := "copy of " + source
		out := ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: &key, CopySource: &source}))(t)
		equal(t, source, read(t, c, key, ""), body)
		equal(t, "SHA1", out.CopyObjectResult.ChecksumSHA1 != nil, true)
		head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: &key}))(t)
		equal(t, "metadata", fmt.Sprint(head.Metadata, *head.ContentType, *head.TagCount, head.StorageClass), fmt.Sprint(map[string]string{"a": "1"}, "text/plain", 1, ""))
		equal(t, "ETag", *head.ETag, *out.CopyObjectResult.ETag)
	}
	equal(t, "blobs of six objects with one body", w.blobs(t), 1)

	source := aws.String("reports/dir/a%2Bb%20c")
	ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("new"), CopySource: source,
		MetadataDirective: types.MetadataDirectiveReplace, Metadata: map[string]string{"b": "2"}, TaggingDirective: types.TaggingDirectiveReplace,
		Tagging: aws.String("x=1&y=2"), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32}))(t)
	head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("new"), ChecksumMode: types.ChecksumModeEnabled}))(t)
	equal(t, "replaced", fmt.Sprint(head.Metadata, *head.ContentType, *head.TagCount, head.ChecksumCRC32 != nil), fmt.Sprint(map[string]string{"b": "2"}, "binary/octet-stream", 2, true))

	list := ok(c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: theBucket}))(t)
	for _, o := range list.Contents {
		ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: o.Key}))(t)
	}
	equal(t, "blobs after all copies are gone", w.blobs(t), 0)
}

func TestCopyErrors(t *testing.T) {
	w, c := begin(t)
	stored := time.Now().Add(-5 * time.Minute).Truncate(time.Second)
	w.at(stored)
	etag := put(t, c, "k", "x").ETag
	w.at(stored.Add(time.Minute))
	earlier, later := stored.Add(-time.Second), stored.Add(time.Minute)
	const itself = "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
	for _, test := range []struct {
		name          string
		in            s3.CopyObjectInput
		code, message string
	}{
		{"to itself", s3.CopyObjectInput{Key: aws.String("k")}, "InvalidRequest", itself},
		{"to itself with another class", s3.CopyObjectInput{Key: aws.String("k"), StorageClass: types.StorageClassGlacierIr}, "", ""},
		{"to itself with metadata", s3.CopyObjectInput{Key: aws.String("k"), MetadataDirective: "REPLACE"}, "", ""},
		{"missing", s3.CopyObjectInput{CopySource: aws.String("reports/none")}, "NoSuchKey", "The specified key does not exist."},
		{"missing bucket", s3.CopyObjectInput{CopySource: aws.String("no-such-bucket/k")}, "NoSuchBucket", "The specified bucket does not exist"},
		{"no key", s3.CopyObjectInput{CopySource: aws.String("reports")}, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"},
		{"version", s3.CopyObjectInput{CopySource: aws.String("reports/k?versionId=0123456789abcdef0123456789abcdef")}, "NoSuchVersion", "The specified version does not exist."},
		{"directive", s3.CopyObjectInput{MetadataDirective: "MERGE"}, "InvalidArgument", "Unknown metadata directive."},
		{"match", s3.CopyObjectInput{CopySourceIfMatch: etag}, "", ""},
		{"no match", s3.CopyObjectInput{CopySourceIfMatch: aws.String("abc")}, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"},
		{"none match fails", s3.CopyObjectInput{CopySourceIfNoneMatch: etag}, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"},
		{"not modified", s3.CopyObjectInput{CopySourceIfModifiedSince: &later}, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"},
		{"unmodified fails", s3.CopyObjectInput{CopySourceIfUnmodifiedSince: &earlier}, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"},
		{"match outweighs unmodified", s3.CopyObjectInput{CopySourceIfMatch: etag, CopySourceIfUnmodifiedSince: &earlier}, "", ""},
		{"the target is there", s3.CopyObjectInput{Key: aws.String("k"), StorageClass: "GLACIER_IR", IfNoneMatch: aws.String("*")}, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"},
	} {
		in := test.in
		in.Bucket = theBucket
		if in.Key == nil {
			in.Key = aws.String("copy")
		}
		if in.CopySource == nil {
			in.CopySource = aws.String("reports/k")
		}
		_, err := c.CopyObject(t.Context(), &in)
		wantCode(t, test.name, err, test.code)
		equal(t, test.name+": message", messageOf(err), test.message)
	}
}

func TestCopyVersions(t *testing.T) {
	_, c := begin(t)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	first := *put(t, c, "k", "1").VersionId
	put(t, c, "k", "2")
	out := ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("k"), CopySource: aws.String("reports/k?versionId=" + first)}))(t)
	equal(t, "source's version", *out.CopySourceVersionId, first)
	equal(t, "restored", versionsOf(t, c), "k=1* k=2 k=1")
	gone := ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	_, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("l"), CopySource: aws.String("reports/k")})
	wantCode(t, "copy of the deleted", err, "NoSuchKey")
	_, err = c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("l"), CopySource: aws.String("reports/k?versionId=" + *gone.VersionId)})
	equal(t, "copy of a marker", messageOf(err), "The source of a copy request may not specifically refer to a delete marker by version id.")
}

func TestCopyOfMultipart(t *testing.T) {
	w, c := begin(t)
	body := randomBody(partSize + 7)
	u := beginUpload(t, c, "big")
	u.part(1, body[:partSize])
	u.part(2, body[partSize:])
	ok(u.complete([]int32{1, 2}))(t)
	out := ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/big")}))(t)
	whole := put(t, c, "whole", string(body))
	equal(t, "ETag of the copy is that of an object that was put whole", *out.CopyObjectResult.ETag, *whole.ETag)
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("big")}))(t)
	if read(t, c, "copy", "") != string(body) {
		t.Error("the copy is not its source")
	}
	_, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("copy"), PartNumber: aws.Int32(2)})
	wantCode(t, "part 2 of the copy", err, "InvalidPartNumber")
	equal(t, "blobs", w.blobs(t), 3)
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("copy")}))(t)
	equal(t, "blobs after the copy is gone", w.blobs(t), 1)
}

func TestCopyAcrossAccounts(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "x")
	other := w.person(accountB, "root").client()
	ok(other.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("theirs")}))(t)
	in := &s3.CopyObjectInput{Bucket: aws.String("theirs"), Key: aws.String("k"), CopySource: aws.String("reports/k")}
	_, err := other.CopyObject(t.Context(), in)
	wantCode(t, "without leave to read", err, "AccessDenied")
	ok(c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: theBucket, Policy: aws.String(strings.ReplaceAll(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"ACCOUNT"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}}`, "ACCOUNT", accountB))}))(t)
	_, err = other.CopyObject(t.Context(), in)
	wantCode(t, "with it", err, "")
}
