package s3

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/store"
)

// copyOf returns the input of a copy of reports/k to a key, changed by options.
func copyOf(key string, options ...func(*s3.CopyObjectInput)) *s3.CopyObjectInput {
	in := &s3.CopyObjectInput{Bucket: theBucket, Key: &key, CopySource: aws.String("reports/k")}
	for _, o := range options {
		o(in)
	}
	return in
}

// A copy onto itself has to change something of the object ("CopyObject", Amazon S3 API Reference).
func TestCopyOntoItself(t *testing.T) {
	_, c := begin(t)
	allowCustomerKeys(t, c)
	put(t, c, "k", "x")
	for name, test := range map[string]struct {
		option func(*s3.CopyObjectInput)
		code   string
	}{
		"nothing":          {func(*s3.CopyObjectInput) {}, "InvalidRequest"},
		"tags":             {func(in *s3.CopyObjectInput) { in.TaggingDirective, in.Tagging = "REPLACE", aws.String("a=b") }, "InvalidRequest"},
		"the same said":    {func(in *s3.CopyObjectInput) { in.MetadataDirective = "COPY" }, "InvalidRequest"},
		"metadata":         {func(in *s3.CopyObjectInput) { in.MetadataDirective = "REPLACE" }, ""},
		"storage class":    {func(in *s3.CopyObjectInput) { in.StorageClass = "STANDARD_IA" }, ""},
		"website redirect": {func(in *s3.CopyObjectInput) { in.WebsiteRedirectLocation = aws.String("/l") }, ""},
		"SSE-S3":           {func(in *s3.CopyObjectInput) { in.ServerSideEncryption = "AES256" }, ""},
		"SSE-KMS":          {func(in *s3.CopyObjectInput) { in.ServerSideEncryption = theSE }, ""},
		"checksum":         {func(in *s3.CopyObjectInput) { in.ChecksumAlgorithm = "SHA256" }, ""},
	} {
		_, err := c.CopyObject(t.Context(), copyOf("k", test.option))
		wantCode(t, name, err, test.code)
	}
	customer := func(in *s3.CopyObjectInput) {
		in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = keyOne.algorithm, keyOne.key, keyOne.md5
	}
	ok(c.CopyObject(t.Context(), copyOf("k", customer)))(t)
	rotated := ok(c.CopyObject(t.Context(), copyOf("k", func(in *s3.CopyObjectInput) {
		in.CopySourceSSECustomerAlgorithm, in.CopySourceSSECustomerKey, in.CopySourceSSECustomerKeyMD5 = keyOne.algorithm, keyOne.key, keyOne.md5
		in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = keyTwo.algorithm, keyTwo.key, keyTwo.md5
	})))(t)
	equal(t, "a new key", *rotated.SSECustomerKeyMD5, *keyTwo.md5)
	equal(t, "and it opens", keyTwo.get(t, c, "k", ""), "x")
	equal(t, "the old one does not", keyOne.get(t, c, "k", ""), wrongKey)
}

// What a copy takes from its source and what it does not.
func TestCopyTakes(t *testing.T) {
	_, c := begin(t)
	put(t, c, "k", "x", func(in *s3.PutObjectInput) {
		in.Metadata, in.Tagging, in.StorageClass, in.WebsiteRedirectLocation = map[string]string{"a": "1"}, aws.String("t=1"), "STANDARD_IA", aws.String("/l")
		in.ServerSideEncryption, in.ChecksumAlgorithm, in.CacheControl = theSE, "SHA1", aws.String("no-cache")
	})
	out := ok(c.CopyObject(t.Context(), copyOf("l")))(t)
	head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("l"), ChecksumMode: "ENABLED"}))(t)
	equal(t, "taken", fmt.Sprint(head.Metadata, *head.TagCount, *head.CacheControl, *head.ChecksumSHA1 == *out.CopyObjectResult.ChecksumSHA1), fmt.Sprint(map[string]string{"a": "1"}, 1, "no-cache", true))
	equal(t, "not taken", fmt.Sprint(head.StorageClass, head.WebsiteRedirectLocation, head.ServerSideEncryption), fmt.Sprint("", (*string)(nil), "AES256"))
	ok(c.CopyObject(t.Context(), copyOf("l", func(in *s3.CopyObjectInput) {
		in.MetadataDirective, in.TaggingDirective, in.ChecksumAlgorithm, in.StorageClass = "REPLACE", "REPLACE", "CRC32C", "GLACIER_IR"
		in.WebsiteRedirectLocation = aws.String("/m")
	})))(t)
	head = ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("l"), ChecksumMode: "ENABLED"}))(t)
	equal(t, "replaced", fmt.Sprint(len(head.Metadata), head.TagCount, head.CacheControl, head.ChecksumCRC32C != nil, head.StorageClass, *head.WebsiteRedirectLocation), fmt.Sprint(0, (*int32)(nil), (*string)(nil), true, "GLACIER_IR", "/m"))
	_, err := c.CopyObject(t.Context(), copyOf("l", func(in *s3.CopyObjectInput) { in.StorageClass = "COLD" }))
	wantCode(t, "storage class", err, "InvalidStorageClass")
}

// The four conditions in pairs ("CopyObject", x-amz-copy-source-if-…).
func TestCopyConditions(t *testing.T) {
	w, c := begin(t)
	stored := time.Now().Add(-5 * time.Minute).Truncate(time.Second)
	w.at(stored)
	etag := put(t, c, "k", "x").ETag
	w.at(stored.Add(time.Minute))
	before, after, other := stored.Add(-time.Second), stored.Add(time.Second), aws.String(`"0"`)
	for i, test := range []struct {
		match, none          *string
		modified, unmodified *time.Time
		code                 string
	}{
		{match: etag, unmodified: &before},                             // true and false: copied
		{match: etag, unmodified: &after},                              // true and true
		{match: other, unmodified: &after, code: "PreconditionFailed"}, // false and true
		{none: etag, modified: &before, code: "PreconditionFailed"},    // false and true
		{none: other, modified: &before},                               // true and true
		{none: other, modified: &after},                                // true: the date does not count
		{modified: &after, code: "PreconditionFailed"},                 // not modified
		{unmodified: &before, code: "PreconditionFailed"},              // modified
		{match: etag, none: other},                                     // both true
		{match: etag, none: etag, code: "PreconditionFailed"},          // one false
	} {
		_, err := c.CopyObject(t.Context(), copyOf("l", func(in *s3.CopyObjectInput) {
			in.CopySourceIfMatch, in.CopySourceIfNoneMatch, in.CopySourceIfModifiedSince, in.CopySourceIfUnmodifiedSince = test.match, test.none, test.modified, test.unmodified
		}))
		wantCode(t, fmt.Sprint("case ", i), err, test.code)
	}
}

// More than 5 GB are copied in parts.
func TestCopyTooLarge(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "x")
	must(t, w.store.Update(t.Context(), func(tx *store.Tx) error {
		b, _, err := bucketTable.Get(tx, "reports")
		must(t, err)
		o, _, err := lookUp(tx, &b, "k", "")
		must(t, err)
		o.Size = maxBody + 1
		return replace(tx, &o)
	}))
	const message = "InvalidRequest: The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
	_, err := c.CopyObject(t.Context(), copyOf("l"))
	equal(t, "CopyObject", codeOf(err)+": "+messageOf(err), message)
	u := beginUpload(t, c, "l")
	_, err = c.UploadPartCopy(t.Context(), &s3.UploadPartCopyInput{Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumber: aws.Int32(1), CopySource: aws.String("reports/k")})
	equal(t, "UploadPartCopy", codeOf(err)+": "+messageOf(err), message)
}

// The condition keys of copies, both sides of each ("Amazon S3 condition key examples").
func TestCopyConditionKeys(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "x")
	put(t, c, "public/k", "x")
	from := func(source string) func(*s3.CopyObjectInput) {
		return func(in *s3.CopyObjectInput) { in.CopySource = &source }
	}
	directive := func(d types.MetadataDirective) func(*s3.CopyObjectInput) {
		return func(in *s3.CopyObjectInput) { in.MetadataDirective = d }
	}
	class := func(s types.StorageClass) func(*s3.CopyObjectInput) {
		return func(in *s3.CopyObjectInput) { in.StorageClass = s }
	}
	read := allow("*", "s3:GetObject")
	for i, test := range []struct {
		condition       string
		allowed, denied func(*s3.CopyObjectInput)
	}{
		{`"StringLike":{"s3:x-amz-copy-source":"reports/public/*"}`, from("reports/public/k"), from("reports/k")},
		{`"StringEquals":{"s3:x-amz-metadata-directive":"COPY"}`, directive("COPY"), directive("REPLACE")},
		{`"StringEquals":{"s3:x-amz-metadata-directive":"REPLACE"}`, directive("REPLACE"), directive("")},
		{`"StringEquals":{"s3:x-amz-storage-class":["STANDARD_IA"]}`, class("STANDARD_IA"), class("")},
		{`"StringNotEquals":{"s3:x-amz-storage-class":"GLACIER_IR"}`, class(""), class("GLACIER_IR")},
		{`"StringEquals":{"s3:x-amz-server-side-encryption":"AES256"}`, func(in *s3.CopyObjectInput) { in.ServerSideEncryption = "AES256" }, func(*s3.CopyObjectInput) {}},
	} {
		user := w.person(accountA, fmt.Sprint("user", i), read,
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{`+test.condition+`}}}`).client()
		_, err := user.CopyObject(t.Context(), copyOf("l", test.allowed))
		wantCode(t, test.condition, err, "")
		_, err = user.CopyObject(t.Context(), copyOf("l", test.denied))
		wantCode(t, test.condition, err, "AccessDenied")
	}
	// A storage class of an upload, not of a copy.
	user := w.person(accountA, "uploader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"StringEquals":{"s3:x-amz-storage-class":"STANDARD_IA"}}}}`).client()
	for class, code := range map[types.StorageClass]string{"STANDARD_IA": "", "": "AccessDenied", "ONEZONE_IA": "AccessDenied"} {
		_, err := user.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("u"), Body: strings.NewReader("x"), StorageClass: class})
		wantCode(t, "PutObject "+string(class), err, code)
	}
}
