package s3

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestPutGet(t *testing.T) {
	_, c := begin(t)
	for _, size := range []int{0, 1, 1000, 64 << 10, 64<<10 + 1, 256 << 10, 256<<10 + 1, 3 << 20} {
		body := randomBody(size)
		key := fmt.Sprint("größe/", size)
		out := ok(c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: &key, Body: bytes.NewReader(body)}))(t)
		etag := fmt.Sprintf(`"%x"`, md5.Sum(body))
		equal(t, "ETag of PUT", *out.ETag, etag)
		got := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled}))(t)
		read := ok(io.ReadAll(got.Body))(t)
		if !bytes.Equal(read, body) {
			t.Errorf("%d bytes came back as %d others", size, len(read))
		}
		equal(t, "ETag of GET", *got.ETag, etag)
		equal(t, "Content-Length", *got.ContentLength, int64(size))
		equal(t, "Content-Type", *got.ContentType, "application/octet-stream") // the SDK's
		equal(t, "encryption", got.ServerSideEncryption, types.ServerSideEncryptionAes256)
		equal(t, "version id", got.VersionId, (*string)(nil))
		head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: &key}))(t)
		equal(t, "Content-Length of HEAD", *head.ContentLength, int64(size))
	}
}

func TestMetadata(t *testing.T) {
	_, c := begin(t)
	expires := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	put(t, c, "k", "x", func(in *s3.PutObjectInput) {
		in.Metadata = map[string]string{"Colour": "blue", "shape": "round"}
		in.CacheControl, in.ContentDisposition = aws.String("no-cache"), aws.String(`attachment; filename="f"`)
		in.ContentEncoding, in.ContentLanguage, in.ContentType = aws.String("aws-chunked,gzip"), aws.String("de"), aws.String("text/plain")
		in.Expires, in.StorageClass, in.Tagging = &expires, types.StorageClassStandardIa, aws.String("a=1&b=%20")
		in.WebsiteRedirectLocation = aws.String("/other")
	})
	got := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	equal(t, "metadata", got.Metadata, map[string]string{"colour": "blue", "shape": "round"})
	equal(t, "system metadata", []string{*got.CacheControl, *got.ContentDisposition, *got.ContentEncoding, *got.ContentLanguage, *got.ContentType, *got.WebsiteRedirectLocation},
		[]string{"no-cache", `attachment; filename="f"`, "gzip", "de", "text/plain", "/other"})
	equal(t, "Expires", *got.ExpiresString, "Mon, 03 Feb 2031 04:05:06 GMT")
	equal(t, "storage class", got.StorageClass, types.StorageClassStandardIa)
	equal(t, "tag count", *got.TagCount, int32(2))

	override := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k"),
		ResponseContentType: aws.String("image/png"), ResponseContentDisposition: aws.String("inline"), ResponseCacheControl: aws.String("private"),
		ResponseContentEncoding: aws.String("br"), ResponseContentLanguage: aws.String("fr"), ResponseExpires: aws.Time(time.Unix(0, 0)),
	}))(t)
	equal(t, "overridden", []string{*override.ContentType, *override.ContentDisposition, *override.CacheControl, *override.ContentEncoding, *override.ContentLanguage, *override.ExpiresString},
		[]string{"image/png", "inline", "private", "br", "fr", "Thu, 01 Jan 1970 00:00:00 GMT"})

	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("m"), Body: strings.NewReader("x"),
		Metadata: map[string]string{"a": strings.Repeat("v", 2048)}})
	wantCode(t, "2,049 bytes of metadata", err, "MetadataTooLarge")
	put(t, c, "m", "x", func(in *s3.PutObjectInput) { in.Metadata = map[string]string{"a": strings.Repeat("v", 2047)} })
}

func TestPutErrors(t *testing.T) {
	_, c := begin(t)
	put(t, c, "there", "x")
	for _, test := range []struct {
		name string
		in   s3.PutObjectInput
		want string
	}{
		{"bucket", s3.PutObjectInput{Bucket: aws.String("no-such-bucket")}, "NoSuchBucket"},
		{"long key", s3.PutObjectInput{Key: aws.String(strings.Repeat("k", 1025))}, "KeyTooLongError"},
		{"key of 1,024 bytes", s3.PutObjectInput{Key: aws.String(strings.Repeat("k", 1024))}, ""},
		{"storage class", s3.PutObjectInput{StorageClass: "COLD"}, "InvalidStorageClass"},
		{"storage class of another kind of bucket", s3.PutObjectInput{StorageClass: types.StorageClassExpressOnezone}, "InvalidStorageClass"},
		{"tags twice", s3.PutObjectInput{Tagging: aws.String("a=1&a=2")}, "InvalidArgument"},
		{"eleven tags", s3.PutObjectInput{Tagging: aws.String("a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=")}, "BadRequest"},
		{"tag aws:", s3.PutObjectInput{Tagging: aws.String("aws:x=1")}, "InvalidTag"},
		{"redirect", s3.PutObjectInput{WebsiteRedirectLocation: aws.String("elsewhere")}, "InvalidArgument"},
		{"If-None-Match: an ETag", s3.PutObjectInput{IfNoneMatch: aws.String(`"abc"`)}, "NotImplemented"},
		{"If-None-Match: * there", s3.PutObjectInput{Key: aws.String("there"), IfNoneMatch: aws.String("*")}, "PreconditionFailed"},
		{"If-None-Match: * not there", s3.PutObjectInput{Key: aws.String("new"), IfNoneMatch: aws.String("*")}, ""},
		{"If-Match there", s3.PutObjectInput{Key: aws.String("there"), IfMatch: aws.String("9dd4e461268c8034f5c8564e155c67a6")}, ""},
		{"If-Match changed", s3.PutObjectInput{Key: aws.String("there"), IfMatch: aws.String(`"9dd4e461268c8034f5c8564e155c67a7"`)}, "PreconditionFailed"},
		{"If-Match not there", s3.PutObjectInput{Key: aws.String("gone"), IfMatch: aws.String("*")}, "NoSuchKey"},
		{"SSE-KMS with a key that cannot be", s3.PutObjectInput{ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String("k")}, "KMS.NotFoundException"},
		{"SSE-S3", s3.PutObjectInput{ServerSideEncryption: types.ServerSideEncryptionAes256}, ""},
		{"object lock", s3.PutObjectInput{ObjectLockLegalHoldStatus: types.ObjectLockLegalHoldStatusOn}, "InvalidRequest"},
		{"ACL", s3.PutObjectInput{ACL: types.ObjectCannedACLPublicRead}, "AccessControlListNotSupported"},
		{"ACL of the bucket's owner", s3.PutObjectInput{ACL: types.ObjectCannedACLBucketOwnerFullControl}, ""},
		{"checksum", s3.PutObjectInput{ChecksumSHA256: aws.String("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")}, "BadDigest"},
		{"malformed checksum", s3.PutObjectInput{ChecksumSHA256: aws.String("abc")}, "InvalidRequest"},
		{"two checksums", s3.PutObjectInput{ChecksumSHA1: aws.String("Et6pb+wgWTVmq3VpLJlJWWgzrck="), ChecksumCRC32: aws.String("jNxrEQ==")}, "InvalidRequest"},
		{"checksum xemu has not", s3.PutObjectInput{ChecksumXXHASH64: aws.String("AAAAAAAAAAA=")}, "NotImplemented"},
		{"Content-MD5", s3.PutObjectInput{ContentMD5: aws.String("1B2M2Y8AsgTpgAmY7PhCfg==")}, "BadDigest"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := test.in
			if in.Bucket == nil {
				in.Bucket = theBucket
			}
			if in.Key == nil {
				in.Key = aws.String("key of " + test.name)
			}
			in.Body = strings.NewReader("x")
			_, err := c.PutObject(t.Context(), &in)
			wantCode(t, "PutObject", err, test.want)
			if test.want != "" && *in.Key != "there" && test.want != "NoSuchBucket" && test.want != "KeyTooLongError" {
				_, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: in.Key})
				wantCode(t, "GetObject after a refused PutObject", err, "NoSuchKey")
			}
		})
	}
}

func TestChecksums(t *testing.T) {
	_, c := begin(t)
	const body = "hello"
	for _, test := range []struct {
		algorithm types.ChecksumAlgorithm
		want      string
	}{
		{types.ChecksumAlgorithmCrc32, "NhCmhg=="},
		{types.ChecksumAlgorithmCrc32c, "mnG7TA=="},
		{types.ChecksumAlgorithmCrc64nvme, "M3eFcAZSQlc="},
		{types.ChecksumAlgorithmSha1, "qvTGHdzF6KLavt4PO0gs2a6pQ00="},
		{types.ChecksumAlgorithmSha256, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="},
	} {
		t.Run(string(test.algorithm), func(t *testing.T) {
			out := put(t, c, "k", body, func(in *s3.PutObjectInput) { in.ChecksumAlgorithm = test.algorithm })
			head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("k"), ChecksumMode: types.ChecksumModeEnabled}))(t)
			sums := map[types.ChecksumAlgorithm][2]*string{
				types.ChecksumAlgorithmCrc32:     {out.ChecksumCRC32, head.ChecksumCRC32},
				types.ChecksumAlgorithmCrc32c:    {out.ChecksumCRC32C, head.ChecksumCRC32C},
				types.ChecksumAlgorithmCrc64nvme: {out.ChecksumCRC64NVME, head.ChecksumCRC64NVME},
				types.ChecksumAlgorithmSha1:      {out.ChecksumSHA1, head.ChecksumSHA1},
				types.ChecksumAlgorithmSha256:    {out.ChecksumSHA256, head.ChecksumSHA256},
			}
			for algorithm, got := range sums {
				want := ""
				if algorithm == test.algorithm {
					want = test.want
				}
				equal(t, string(algorithm), []string{aws.ToString(got[0]), aws.ToString(got[1])}, []string{want, want})
			}
			equal(t, "type", head.ChecksumType, types.ChecksumTypeFullObject)
		})
	}

	t.Run("none given", func(t *testing.T) {
		out := put(t, s3.New(c.Options(), func(o *s3.Options) { o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired }), "k", body)
		equal(t, "the default", aws.ToString(out.ChecksumCRC64NVME), "M3eFcAZSQlc=")
		equal(t, "its type", out.ChecksumType, types.ChecksumTypeFullObject)
	})
}

// TestPutErrorsTell checks what the errors of PutObject say beside their code.
func TestPutErrorsTell(t *testing.T) {
	w, _ := begin(t)
	long := strings.Repeat("k", 1025)
	for _, test := range []struct {
		name, path string
		header     []string
		want       errorDocument
	}{
		{"key", "/reports/" + long, nil,
			errorDocument{Code: "KeyTooLongError", Message: "Your key is too long", Size: "1025", MaxSizeAllowed: "1024"}},
		{"metadata", "/reports/k", []string{"x-amz-meta-name", strings.Repeat("v", 2045)},
			errorDocument{Code: "MetadataTooLarge", Message: "Your metadata headers exceed the maximum allowed metadata size", Size: "2049", MaxSizeAllowed: "2048"}},
		{"If-None-Match", "/reports/k", []string{"If-None-Match", `"abc"`},
			errorDocument{Code: "NotImplemented", Message: "A header you provided implies functionality that is not implemented", Header: "If-None-Match"}},
		{"algorithm without a checksum", "/reports/k", []string{"x-amz-sdk-checksum-algorithm", "CRC32"},
			errorDocument{Code: "InvalidRequest", Message: "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."}},
		{"algorithm of another checksum", "/reports/k", []string{"x-amz-sdk-checksum-algorithm", "SHA1", "x-amz-checksum-crc32", "jNxrEQ=="},
			errorDocument{Code: "InvalidRequest", Message: "Value for x-amz-sdk-checksum-algorithm header is invalid."}},
		{"two checksums", "/reports/k", []string{"x-amz-checksum-crc32c", "jNxrEQ==", "x-amz-checksum-crc32", "jNxrEQ=="},
			errorDocument{Code: "InvalidRequest", Message: "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."}},
		{"legal hold", "/reports/k", []string{"x-amz-object-lock-legal-hold", "ON"},
			errorDocument{Code: "InvalidRequest", Message: "Bucket is missing ObjectLockConfiguration"}},
		{"SSE-C", "/reports/k", []string{"x-amz-server-side-encryption-customer-algorithm", "AES256"},
			errorDocument{Code: "AccessDenied", Message: `User: arn:aws:iam::111122223333:root is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::reports/k" ` +
				`because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type`}},
		{"SSE-KMS key", "/reports/k", []string{"x-amz-server-side-encryption-aws-kms-key-id", "abc"},
			errorDocument{Code: "InvalidArgument", Message: "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
				ArgumentName: "x-amz-server-side-encryption", ArgumentValue: "null"}},
	} {
		equal(t, test.name, w.raw(t, "PUT", test.path, strings.NewReader("x"), test.header...).err, test.want)
	}
	equal(t, "GET of a long key", w.raw(t, "GET", "/reports/"+long, nil).err.Code, "KeyTooLongError")
}

// TestPutIsOneCommit holds for a small object: its row and its body share it.
func TestPutIsOneCommit(t *testing.T) {
	w, c := begin(t)
	for _, size := range []int{0, 1000, inlineMax} {
		before := w.store.Stats().Commits
		put(t, c, "k", strings.Repeat("x", size))
		equal(t, fmt.Sprint("commits for ", size, " bytes"), w.store.Stats().Commits-before, uint64(1))
		equal(t, "blobs", w.blobs(t), 0)
	}
}
