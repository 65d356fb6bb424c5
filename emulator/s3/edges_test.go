package s3

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Creating one's own bucket again in us-east-1 succeeds, and resets its ACL and nothing else ("Error responses",
// BucketAlreadyOwnedByYou).
func TestCreateBucketAgainResetsACL(t *testing.T) {
	w := newWorld(t)
	c, ctx, name := w.person(accountA, "alice", everything).client(), t.Context(), aws.String("again")
	create := func(acl types.BucketCannedACL) error {
		_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name, ACL: acl, ObjectOwnership: types.ObjectOwnershipObjectWriter})
		return err
	}
	grants := func() int {
		t.Helper()
		return len(ok(c.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: name}))(t).Grants)
	}
	must(t, create(""))
	ok(c.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: name}))(t)
	ok(c.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}))(t)
	ok(c.PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: name, ACL: "public-read"}))(t)
	equal(t, "grants", grants(), 2)
	must(t, create(""))
	equal(t, "grants after it was created again", grants(), 1)
	equal(t, "versioning", ok(c.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: name}))(t).Status, types.BucketVersioningStatusEnabled)
	must(t, create("public-read-write"))
	equal(t, "grants of the ACL that was asked for", grants(), 3)
	ok(c.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: name, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}}))(t)
	wantCode(t, "a public ACL under BlockPublicAcls", create("public-read"), "InvalidBucketAclWithBlockPublicAccessError")
	equal(t, "grants after a refusal", grants(), 3)
}

// A key is UTF-8 ("Naming Amazon S3 objects").
func TestKeysThatAreNotUTF8(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "text")
	for _, r := range []*http.Request{
		w.signed(t, "GET", "/reports/%FF", nil),
		w.signed(t, "DELETE", "/reports/%FF", nil),
		w.signed(t, "PUT", "/reports/%FF?tagging", strings.NewReader("<Tagging><TagSet></TagSet></Tagging>")),
		w.signed(t, "PUT", "/reports/%FF", http.NoBody, "X-Amz-Copy-Source", "reports/k"),
		w.signed(t, "PUT", "/reports/copy", http.NoBody, "X-Amz-Copy-Source", "reports/%FF"),
		w.signed(t, "POST", "/reports/%FF?uploads", http.NoBody),
	} {
		if r.Body == nil {
			r.ContentLength = 0
		}
		equal(t, r.Method+" "+r.URL.String(), send(t, r).err.Code, "InvalidURI")
	}
}

// A bucket is deleted only when it holds nothing: what was acknowledged before is not lost, and nothing is put after.
func TestDeleteBucketAgainstPuts(t *testing.T) {
	w, c := begin(t)
	for round := range 8 {
		name := aws.String(fmt.Sprint("contended-", round))
		ok(c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name}))(t)
		var all sync.WaitGroup
		var put, deleted atomic.Int32
		for i := range 9 {
			all.Go(func() {
				if i == round {
					_, err := c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: name})
					if err == nil {
						deleted.Add(1)
					} else {
						wantCode(t, "DeleteBucket", err, "BucketNotEmpty")
					}
					return
				}
				body := strings.NewReader(strings.Repeat("x", 1+i%2*inlineMax)) // a row, or a blob
				_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String(fmt.Sprint(i)), Body: body})
				if err == nil {
					put.Add(1)
				} else {
					wantCode(t, "PutObject", err, "NoSuchBucket")
				}
			})
		}
		all.Wait()
		listed, err := c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: name})
		if deleted.Load() == 1 {
			wantCode(t, "the deleted bucket", err, "NoSuchBucket")
			equal(t, "objects put into the deleted bucket", put.Load(), int32(0))
			continue
		}
		must(t, err)
		equal(t, "objects listed", *listed.KeyCount, put.Load())
		for _, o := range listed.Contents {
			ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: name, Key: o.Key}))(t)
		}
	}
	equal(t, "blobs left", w.blobs(t), 0)
}

// Whatever is public, anonymous callers neither copy nor begin multipart uploads ("Multipart upload API and permissions").
func TestAnonymousUploads(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "text")
	ok(c.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: theBucket}))(t)
	ok(c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: theBucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::reports/*"}]}`)}))(t)
	nobody := w.anonymous()
	put(t, nobody, "k", "theirs")
	_, err := nobody.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("k")})
	wantCode(t, "CreateMultipartUpload", err, "AccessDenied")
	equal(t, "message", messageOf(err), "Anonymous users cannot initiate multipart uploads.  Please authenticate.")
	_, err = nobody.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/k")})
	wantCode(t, "CopyObject", err, "AccessDenied")
	equal(t, "message", messageOf(err), "Anonymous users cannot copy objects.  Please authenticate.")
}

// DeleteObjects with a key that is none deletes nothing.
func TestDeleteObjectsWithoutKey(t *testing.T) {
	_, c := begin(t)
	put(t, c, "k", "text")
	_, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: theBucket, Delete: &types.Delete{
		Objects: []types.ObjectIdentifier{{Key: aws.String("k")}, {Key: aws.String("")}}}})
	wantCode(t, "DeleteObjects", err, "MalformedXML")
	equal(t, "what is there", read(t, c, "k", ""), "text")
}
