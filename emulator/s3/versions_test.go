package s3

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func read(t *testing.T, c *s3.Client, key, version string) string {
	t.Helper()
	in := &s3.GetObjectInput{Bucket: theBucket, Key: &key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		return codeOf(err)
	}
	return string(ok(io.ReadAll(out.Body))(t))
}

// versionsOf lists a bucket's versions as "key=body" or "key=marker", with "*" on the newest.
func versionsOf(t *testing.T, c *s3.Client) string {
	t.Helper()
	out := ok(c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: theBucket}))(t)
	ids := map[string]string{}
	for _, v := range out.Versions {
		ids[*v.Key+*v.VersionId] = read(t, c, *v.Key, *v.VersionId)
	}
	var all []string
	latest := func(b *bool) string { return map[bool]string{true: "*"}[*b] }
	for _, v := range out.Versions {
		all = append(all, fmt.Sprintf("%s=%s%s", *v.Key, ids[*v.Key+*v.VersionId], latest(v.IsLatest)))
	}
	for _, m := range out.DeleteMarkers {
		all = append(all, fmt.Sprintf("%s=marker%s", *m.Key, latest(m.IsLatest)))
	}
	return strings.Join(all, " ")
}

func TestObjectVersions(t *testing.T) {
	w, c := begin(t)
	k := aws.String("k")
	if v := put(t, c, "k", "null1").VersionId; v != nil {
		t.Errorf("a bucket without versioning gives version id %q", *v)
	}
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	equal(t, "version of what was there before", aws.ToString(ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: k}))(t).VersionId), "null")
	v1, v2 := *put(t, c, "k", "one").VersionId, *put(t, c, "k", "two").VersionId
	if len(v1) != 32 || v1 == v2 {
		t.Errorf("version ids %q, %q", v1, v2)
	}
	equal(t, "versions", versionsOf(t, c), "k=two* k=one k=null1")
	equal(t, "reads", []string{read(t, c, "k", ""), read(t, c, "k", v1), read(t, c, "k", "null")}, []string{"two", "one", "null1"})

	// A delete puts a marker on top.
	gone := ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: k}))(t)
	equal(t, "is a marker", aws.ToBool(gone.DeleteMarker), true)
	equal(t, "versions", versionsOf(t, c), "k=two k=one k=null1 k=marker*")
	get := w.raw(t, "GET", "/reports/k", nil)
	equal(t, "read of the deleted", []string{fmt.Sprint(get.status), get.err.Code, get.header.Get("x-amz-delete-marker"), get.header.Get("x-amz-version-id")},
		[]string{"404", "NoSuchKey", "true", *gone.VersionId})
	head := w.raw(t, "HEAD", "/reports/k", nil)
	equal(t, "head of the deleted", []string{fmt.Sprint(head.status), head.header.Get("x-amz-delete-marker")}, []string{"404", "true"})
	for _, method := range []string{"GET", "HEAD"} {
		got := w.raw(t, method, "/reports/k?versionId="+*gone.VersionId, nil)
		equal(t, method+" of a marker", []string{fmt.Sprint(got.status), got.header.Get("Allow"), got.header.Get("x-amz-delete-marker")}, []string{"405", "DELETE", "true"})
	}
	equal(t, "error of GET of a marker", w.raw(t, "GET", "/reports/k?versionId="+*gone.VersionId, nil).err,
		errorDocument{Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource.", Method: "GET", ResourceType: "DeleteMarker"})

	// Deleting the marker brings the object back.
	back := ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: k, VersionId: gone.VersionId}))(t)
	equal(t, "deleted marker", []any{aws.ToBool(back.DeleteMarker), *back.VersionId}, []any{true, *gone.VersionId})
	equal(t, "versions", versionsOf(t, c), "k=two* k=one k=null1")
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: k, VersionId: &v2}))(t)
	equal(t, "versions", versionsOf(t, c), "k=one* k=null1")
	equal(t, "read", read(t, c, "k", ""), "one")
	equal(t, "read of the deleted version", read(t, c, "k", v2), "NoSuchVersion")

	// Suspended: there is one null version, the newest in its place.
	setVersioning(t, c, types.BucketVersioningStatusSuspended)
	if v := put(t, c, "k", "null2").VersionId; v != nil {
		t.Errorf("a write to a bucket with suspended versioning gives version id %q", *v)
	}
	equal(t, "version read", aws.ToString(ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: k}))(t).VersionId), "null")
	equal(t, "versions", versionsOf(t, c), "k=null2* k=one")
	put(t, c, "k", "null3")
	equal(t, "versions", versionsOf(t, c), "k=null3* k=one")
	gone = ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: k}))(t)
	equal(t, "null marker", []any{aws.ToBool(gone.DeleteMarker), *gone.VersionId}, []any{true, "null"})
	equal(t, "versions", versionsOf(t, c), "k=one k=marker*")
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	put(t, c, "k", "three")
	equal(t, "versions", versionsOf(t, c), "k=three* k=one k=marker")

	// A version that is not there is deleted with success, and a missing key gets a marker.
	_, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: k, VersionId: &v2})
	wantCode(t, "DeleteObject of a missing version", err, "")
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("never")}))(t)
	equal(t, "versions", versionsOf(t, c), "k=three* k=one k=marker never=marker*")
	equal(t, "listed", len(ok(c.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: theBucket}))(t).Contents), 1)
}

// TestVersionsWhenTheClockGoesBack: the order of versions is that of the writes, whatever the clock says.
func TestVersionsWhenTheClockGoesBack(t *testing.T) {
	w, c := begin(t)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	now := time.Now()
	for i, ago := range []time.Duration{0, time.Minute, time.Minute, 5 * time.Minute, 0} {
		w.at(now.Add(-ago))
		put(t, c, "k", fmt.Sprint(i))
	}
	equal(t, "versions", versionsOf(t, c), "k=4* k=3 k=2 k=1 k=0")
}

func TestDeleteConditions(t *testing.T) {
	_, c := begin(t)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	etag := put(t, c, "k", "x").ETag
	put(t, c, "gone", "x")
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("gone")}))(t)
	for _, test := range []struct{ key, match, want string }{
		{"missing", "*", "NoSuchKey"},
		{"missing", `"abc"`, "NoSuchKey"},
		{"gone", "*", "PreconditionFailed"},
		{"k", `"abc"`, "PreconditionFailed"},
		{"k", *etag, ""},
		{"k", "*", "PreconditionFailed"}, // now a delete marker
	} {
		_, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: &test.key, IfMatch: &test.match})
		wantCode(t, "DeleteObject "+test.key+" "+test.match, err, test.want)
	}
	_, err := c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k"), IfMatchSize: aws.Int64(1)})
	wantCode(t, "a condition of directory buckets", err, "NotImplemented")
}

func TestDeleteObjects(t *testing.T) {
	w, c := begin(t)
	for _, k := range []string{"a", "b", "c", "secret/d"} {
		put(t, c, k, k)
	}
	reader := w.person(accountA, "deleter", allow("arn:aws:s3:::reports/*", "s3:DeleteObject"),
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::reports/secret/*"}}`)
	object := func(keys ...string) *types.Delete {
		d := &types.Delete{}
		for _, k := range keys {
			d.Objects = append(d.Objects, types.ObjectIdentifier{Key: &k})
		}
		return d
	}
	changed := object("a", "missing", "secret/d", "b")
	changed.Objects[3].ETag = aws.String(`"abc"`)
	out := ok(reader.client().DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: theBucket, Delete: changed}))(t)
	var deleted, failed []string
	for _, d := range out.Deleted {
		deleted = append(deleted, *d.Key)
	}
	for _, e := range out.Errors {
		failed = append(failed, *e.Key+": "+*e.Code)
	}
	equal(t, "deleted", deleted, []string{"a", "missing"})
	equal(t, "failed", failed, []string{"secret/d: AccessDenied", "b: PreconditionFailed"})

	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	quiet := object("b")
	quiet.Quiet = aws.Bool(true)
	equal(t, "quiet", len(ok(c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: theBucket, Delete: quiet}))(t).Deleted), 0)
	out = ok(c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: theBucket, Delete: object("c")}))(t)
	marker := out.Deleted[0]
	equal(t, "new marker", []any{aws.ToBool(marker.DeleteMarker), len(*marker.DeleteMarkerVersionId), marker.VersionId}, []any{true, 32, (*string)(nil)})
	byVersion := object("c")
	byVersion.Objects[0].VersionId = marker.DeleteMarkerVersionId
	out = ok(c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: theBucket, Delete: byVersion}))(t)
	equal(t, "deleted marker", []any{aws.ToBool(out.Deleted[0].DeleteMarker), *out.Deleted[0].VersionId, *out.Deleted[0].DeleteMarkerVersionId},
		[]any{true, *marker.DeleteMarkerVersionId, *marker.DeleteMarkerVersionId})
	equal(t, "c is back", read(t, c, "c", ""), "c")

	for _, test := range []struct {
		name string
		d    *types.Delete
		want string
	}{
		{"1,001 keys", object(make([]string, 1001)...), "MalformedXML"},
		{"no key", &types.Delete{Objects: []types.ObjectIdentifier{}}, "MalformedXML"},
		{"1,000 keys", func() *types.Delete {
			d := object()
			for i := range 1000 {
				d.Objects = append(d.Objects, types.ObjectIdentifier{Key: aws.String(fmt.Sprint(i))})
			}
			return d
		}(), ""},
	} {
		_, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: theBucket, Delete: test.d})
		wantCode(t, test.name, err, test.want)
	}
	got := w.raw(t, http.MethodPost, "/reports?delete", strings.NewReader("<Delete><Object><Key>a</Key></Object></Delete>"))
	equal(t, "without Content-MD5", got.err, errorDocument{Code: "InvalidRequest", Message: "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"})
}

func TestObjectTagging(t *testing.T) {
	_, c := begin(t)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	first := put(t, c, "k", "1", func(in *s3.PutObjectInput) { in.Tagging = aws.String("team=red+one&empty=") }).VersionId
	put(t, c, "k", "2")
	tags := func(version *string) string {
		out := ok(c.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: theBucket, Key: aws.String("k"), VersionId: version}))(t)
		var all []string
		for _, tag := range out.TagSet {
			all = append(all, *tag.Key+"="+*tag.Value)
		}
		return strings.Join(all, " & ")
	}
	equal(t, "of the first version", tags(first), "team=red one & empty=")
	equal(t, "of the newest", tags(nil), "")
	ok(c.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: theBucket, Key: aws.String("k"), VersionId: first,
		Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}}))(t)
	equal(t, "replaced", tags(first), "a=b")
	out := ok(c.DeleteObjectTagging(t.Context(), &s3.DeleteObjectTaggingInput{Bucket: theBucket, Key: aws.String("k"), VersionId: first}))(t)
	equal(t, "version id", *out.VersionId, *first)
	equal(t, "deleted", tags(first), "")
	equal(t, "the other version's body", read(t, c, "k", ""), "2")
	_, err := c.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: theBucket, Key: aws.String("none"), Tagging: &types.Tagging{TagSet: []types.Tag{}}})
	wantCode(t, "tags of nothing", err, "NoSuchKey")
}

func TestObjectACL(t *testing.T) {
	w, c := begin(t)
	ok(c.PutBucketOwnershipControls(t.Context(), &s3.PutBucketOwnershipControlsInput{Bucket: theBucket, OwnershipControls: &types.OwnershipControls{
		Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipObjectWriter}}}}))(t)
	ok(c.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{Bucket: theBucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{}}))(t)
	put(t, c, "k", "x")
	equal(t, "anonymous", func() string {
		_, err := w.anonymous().GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k")})
		return codeOf(err)
	}(), "AccessDenied")
	ok(c.PutObjectAcl(t.Context(), &s3.PutObjectAclInput{Bucket: theBucket, Key: aws.String("k"), ACL: types.ObjectCannedACLPublicRead}))(t)
	equal(t, "body", read(t, w.anonymous(), "k", ""), "x")
	acl := ok(c.GetObjectAcl(t.Context(), &s3.GetObjectAclInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	equal(t, "grants", len(acl.Grants), 2)
	put(t, c, "k", "y") // a new object has a new ACL
	equal(t, "anonymous", read(t, w.anonymous(), "k", ""), "AccessDenied")
}
