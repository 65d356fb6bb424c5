package s3

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func TestRanges(t *testing.T) {
	_, c := begin(t)
	const text = "0123456789"
	large := string(randomBody(300 << 10))
	put(t, c, "small", text)
	put(t, c, "large", large)
	put(t, c, "empty", "")
	for _, test := range []struct {
		key, header string
		want        string // the body, or the error's code
		content     string // Content-Range, "" for 200
	}{
		{"small", "bytes=0-0", "0", "bytes 0-0/10"},
		{"small", "bytes=2-5", "2345", "bytes 2-5/10"},
		{"small", "bytes=0-9", text, "bytes 0-9/10"},
		{"small", "bytes=5-", "56789", "bytes 5-9/10"},
		{"small", "bytes=5-100", "56789", "bytes 5-9/10"},
		{"small", "bytes=-3", "789", "bytes 7-9/10"},
		{"small", "bytes=-100", text, "bytes 0-9/10"},
		{"small", "bytes=9-99999999999999999999", "9", "bytes 9-9/10"},
		{"small", "bytes=10-", "InvalidRange", ""},
		{"small", "bytes=10-20", "InvalidRange", ""},
		{"small", "bytes=-0", "InvalidRange", ""},
		{"small", "bytes=99999999999999999999-", "InvalidRange", ""},
		{"empty", "bytes=0-", "InvalidRange", ""},
		{"empty", "bytes=-1", "InvalidRange", ""},
		// What is malformed or asks for several ranges is ignored.
		{"small", "bytes=5-2", text, ""},
		{"small", "bytes=a-b", text, ""},
		{"small", "bytes=-", text, ""},
		{"small", "bytes=+1-2", text, ""},
		{"small", "bytes=0-1,3-4", text, ""},
		{"small", "characters=0-1", text, ""},
		{"large", "bytes=100000-250000", large[100000:250001], "bytes 100000-250000/307200"},
		{"large", "bytes=-70000", large[len(large)-70000:], "bytes 237200-307199/307200"},
	} {
		t.Run(test.key+" "+test.header, func(t *testing.T) {
			out, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: &test.key, Range: &test.header})
			if test.want == "InvalidRange" {
				wantCode(t, "GetObject", err, test.want)
				_, err = c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: &test.key, Range: &test.header})
				if err == nil {
					t.Error("HeadObject succeeds")
				}
				return
			}
			must(t, err)
			if got := string(ok(io.ReadAll(out.Body))(t)); got != test.want {
				t.Errorf("got %.40q, want %.40q", got, test.want)
			}
			equal(t, "Content-Range", aws.ToString(out.ContentRange), test.content)
			equal(t, "Content-Length", *out.ContentLength, int64(len(test.want)))
			head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: &test.key, Range: &test.header}))(t)
			equal(t, "Content-Length of HEAD", *head.ContentLength, int64(len(test.want)))
		})
	}
}

// TestReadConditions goes through the headers' combinations ("GetObject", Amazon S3 API Reference; RFC 7232, section 6).
func TestReadConditions(t *testing.T) {
	w, c := begin(t)
	stored := time.Now().Add(-5 * time.Minute).Truncate(time.Second) // signatures allow for 15 minutes
	w.at(stored)
	etag := *put(t, c, "k", "x").ETag
	w.at(stored.Add(time.Minute))
	earlier, same, later, future := stored.Add(-time.Second), stored, stored.Add(time.Second), stored.Add(time.Hour)
	other := `"00000000000000000000000000000000"`
	unquoted := strings.Trim(etag, `"`)
	list := other + ", " + etag
	for _, test := range []struct {
		name                string
		match, none         *string
		modified, unmodifed *time.Time
		want                int
	}{
		{"match", &etag, nil, nil, nil, 200},
		{"match unquoted", &unquoted, nil, nil, nil, 200},
		{"match of a list", &list, nil, nil, nil, 200},
		{"match *", aws.String("*"), nil, nil, nil, 200},
		{"no match", &other, nil, nil, nil, 412},
		{"none match", nil, &other, nil, nil, 200},
		{"none match fails", nil, &etag, nil, nil, 304},
		{"none match unquoted fails", nil, &unquoted, nil, nil, 304},
		{"none match * fails", nil, aws.String("*"), nil, nil, 304},
		{"modified", nil, nil, &earlier, nil, 200},
		{"not modified", nil, nil, &same, nil, 304},
		{"not modified later", nil, nil, &later, nil, 304},
		{"modified since a time to come is ignored", nil, nil, &future, nil, 200},
		{"unmodified", nil, nil, nil, &same, 200},
		{"unmodified later", nil, nil, nil, &later, 200},
		{"unmodified fails", nil, nil, nil, &earlier, 412},
		{"a match outweighs unmodified", &etag, nil, nil, &earlier, 200},
		{"no match, though unmodified", &other, nil, nil, &later, 412},
		{"none match fails, though modified", nil, &etag, &earlier, nil, 304},
		{"none match outweighs modified", nil, &other, &later, nil, 200},
		{"match and none match", &etag, &etag, nil, nil, 304},
		{"unmodified and not modified", nil, nil, &later, &later, 304},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k"),
				IfMatch: test.match, IfNoneMatch: test.none, IfModifiedSince: test.modified, IfUnmodifiedSince: test.unmodifed})
			want := map[int]string{200: "", 304: "NotModified", 412: "PreconditionFailed"}[test.want]
			wantCode(t, "GetObject", err, want)
			_, err = c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("k"),
				IfMatch: test.match, IfNoneMatch: test.none, IfModifiedSince: test.modified, IfUnmodifiedSince: test.unmodifed})
			if (err == nil) != (test.want == 200) {
				t.Errorf("HeadObject: %v", err)
			}
		})
	}

	t.Run("responses", func(t *testing.T) {
		get := w.raw(t, "GET", "/reports/k", nil, "If-None-Match", etag)
		equal(t, "304's ETag and body", get.header.Get("ETag")+get.body, etag)
		get = w.raw(t, "GET", "/reports/k", nil, "If-Match", other)
		equal(t, "412's condition", get.err.Condition, "If-Match")
		equal(t, "412's message", get.err.Message, "At least one of the pre-conditions you specified did not hold")
	})
}

// errorDocument is S3's error as a client sees it.
type errorDocument struct {
	Code, Message, Key, Condition, VersionId, Method, ResourceType       string
	ArgumentName, ArgumentValue, RangeRequested, ActualObjectSize        string
	ProposedSize, MinSizeAllowed, MaxSizeAllowed, PartNumber, ETag, Size string
	ActualPartCount, PartNumberRequested, UploadId, Header               string
}

type rawResponse struct {
	status int
	header http.Header
	body   string
	err    errorDocument
}

// raw sends a signed request of account A's root user as it is; headers are pairs.
func (w *world) raw(t *testing.T, method, path string, body io.Reader, headers ...string) rawResponse {
	t.Helper()
	r := w.signed(t, method, path, body, headers...)
	if s, sized := body.(*strings.Reader); sized {
		r.ContentLength = s.Size()
	} else if body == nil {
		r.ContentLength = 0
	}
	return send(t, r)
}

func send(t *testing.T, r *http.Request) rawResponse {
	t.Helper()
	resp := ok(http.DefaultClient.Do(r))(t)
	defer resp.Body.Close()
	text := ok(io.ReadAll(resp.Body))(t)
	out := rawResponse{status: resp.StatusCode, header: resp.Header, body: string(text)}
	if resp.StatusCode >= 400 && len(text) > 0 {
		must(t, xml.Unmarshal(text, &out.err))
	}
	return out
}

func TestGetErrors(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "0123456789")
	put(t, c, "archived", "x", func(in *s3.PutObjectInput) { in.StorageClass = types.StorageClassGlacier })
	for _, test := range []struct {
		name, method, path string
		header             []string
		status             int
		want               errorDocument
	}{
		{"missing key", "GET", "/reports/none/there", nil, 404,
			errorDocument{Code: "NoSuchKey", Message: "The specified key does not exist.", Key: "none/there"}},
		{"version that looks like none", "GET", "/reports/k?versionId=short", nil, 400,
			errorDocument{Code: "InvalidArgument", Message: "Invalid version id specified", ArgumentName: "versionId", ArgumentValue: "short"}},
		{"missing version", "GET", "/reports/k?versionId=0123456789abcdef0123456789abcdef", nil, 404,
			errorDocument{Code: "NoSuchVersion", Message: "The specified version does not exist.", Key: "k", VersionId: "0123456789abcdef0123456789abcdef"}},
		{"empty version", "GET", "/reports/k?versionId=", nil, 400,
			errorDocument{Code: "InvalidArgument", Message: "Version id cannot be the empty string", ArgumentName: "versionId"}},
		{"range", "GET", "/reports/k", []string{"Range", "bytes=10-"}, 416,
			errorDocument{Code: "InvalidRange", Message: "The requested range is not satisfiable", RangeRequested: "bytes=10-", ActualObjectSize: "10"}},
		{"part", "GET", "/reports/k?partNumber=2", nil, 416,
			errorDocument{Code: "InvalidPartNumber", Message: "The requested partnumber is not satisfiable", ActualPartCount: "1", PartNumberRequested: "2"}},
		{"part 0", "GET", "/reports/k?partNumber=0", nil, 400,
			errorDocument{Code: "InvalidArgument", Message: "Part number must be an integer between 1 and 10000, inclusive", ArgumentName: "partNumber", ArgumentValue: "0"}},
		{"range and part", "GET", "/reports/k?partNumber=1", []string{"Range", "bytes=0-1"}, 400,
			errorDocument{Code: "InvalidRequest", Message: "Cannot specify both Range header and partNumber query parameter"}},
		{"archived", "GET", "/reports/archived", nil, 403,
			errorDocument{Code: "InvalidObjectState", Message: "The operation is not valid for the object's storage class"}},
		{"SSE-C", "GET", "/reports/k", []string{"x-amz-server-side-encryption-customer-algorithm", "AES256"}, 400,
			errorDocument{Code: "InvalidArgument", Message: "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.",
				ArgumentName: "x-amz-server-side-encryption", ArgumentValue: "null"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := w.raw(t, test.method, test.path, nil, test.header...)
			equal(t, "status", got.status, test.status)
			equal(t, "error", got.err, test.want)
			head := w.raw(t, "HEAD", test.path, nil, test.header...)
			if test.name != "archived" { // whose metadata can be read
				equal(t, "status of HEAD", head.status, test.status)
			}
			equal(t, "body of HEAD", head.body, "")
		})
	}
}

func TestPartOfPlainObject(t *testing.T) {
	_, c := begin(t)
	put(t, c, "k", "0123456789")
	put(t, c, "empty", "")
	out := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k"), PartNumber: aws.Int32(1)}))(t)
	equal(t, "body", string(ok(io.ReadAll(out.Body))(t)), "0123456789")
	equal(t, "Content-Range", aws.ToString(out.ContentRange), "bytes 0-9/10")
	equal(t, "parts", out.PartsCount, (*int32)(nil))
	ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("empty"), PartNumber: aws.Int32(1)}))(t)
}

func TestAnonymousOverride(t *testing.T) {
	w, c := begin(t)
	put(t, c, "k", "x")
	ok(c.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{Bucket: theBucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{}}))(t)
	ok(c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: theBucket, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}}`)}))(t)
	_, err := w.anonymous().GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k")})
	wantCode(t, "GetObject", err, "")
	_, err = w.anonymous().GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k"), ResponseContentType: aws.String("text/html")})
	wantCode(t, "GetObject that overrides a header", err, "InvalidRequest")
	equal(t, "message", messageOf(err), "Request specific response headers cannot be used for anonymous GET requests.")
}

func TestGetObjectAttributes(t *testing.T) {
	_, c := begin(t)
	put(t, c, "k", "hello", func(in *s3.PutObjectInput) { in.ChecksumAlgorithm = types.ChecksumAlgorithmSha1 })
	out := ok(c.GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{Bucket: theBucket, Key: aws.String("k"),
		ObjectAttributes: types.ObjectAttributes("").Values()}))(t)
	equal(t, "ETag", *out.ETag, "5d41402abc4b2a76b9719d911017c592")
	equal(t, "SHA1", aws.ToString(out.Checksum.ChecksumSHA1), "qvTGHdzF6KLavt4PO0gs2a6pQ00=")
	equal(t, "size, class", fmt.Sprint(*out.ObjectSize, " ", out.StorageClass), "5 STANDARD")
	equal(t, "parts of an object that was put whole", out.ObjectParts, (*types.GetObjectAttributesParts)(nil))
	out = ok(c.GetObjectAttributes(t.Context(), &s3.GetObjectAttributesInput{Bucket: theBucket, Key: aws.String("k"),
		ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesObjectSize}}))(t)
	equal(t, "what was not asked for", fmt.Sprint(out.ETag, out.Checksum, out.StorageClass), fmt.Sprint((*string)(nil), (*types.Checksum)(nil), ""))
}

// FuzzRange: whatever the header, the span lies in the body.
func FuzzRange(f *testing.F) {
	for _, header := range []string{"bytes=0-0", "bytes=-1", "bytes=5-", "bytes=-", "bytes=9223372036854775807-9223372036854775807", "bytes=-9223372036854775808", "bytes= 1-2"} {
		f.Add(header, int64(10))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		r, ok, err := parseRange(header, size)
		if ok && err != nil || ok && (r.offset < 0 || r.length < 1 || r.offset+r.length > size) {
			t.Errorf("%q of %d: %v %v %v", header, size, r, ok, err)
		}
	})
}

// FuzzCopySource: a source that is taken has a bucket and a key, and is found again when it is written out.
func FuzzCopySource(f *testing.F) {
	for _, header := range []string{"b/k", "/b/k", "b%2Fk", "b/k?versionId=1", "b/k?versionId=", "b/%zz", "b", "/", "b/a%2Bb+c", "b/k?x=y", "arn:aws:s3:us-east-1:1:accesspoint/a/object/k"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		bucket, key, version, err := parseCopySource(header)
		if err != nil {
			return
		}
		between := "/"
		if strings.HasPrefix(bucket, "arn:") {
			between = "/object/"
		}
		again := url.QueryEscape(bucket) + between + url.QueryEscape(key)
		if version != "" {
			again += "?versionId=" + url.QueryEscape(version)
		}
		b, k, v, err := parseCopySource(again)
		if err != nil || bucket == "" || key == "" || b != bucket || k != key || v != version {
			t.Errorf("%q: %q %q %q, again %q %q %q %v", header, bucket, key, version, b, k, v, err)
		}
	})
}
