package wire

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

var modified = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// received returns the header as a client reads it, whatever its spelling.
func received(w *httptest.ResponseRecorder) http.Header {
	h := http.Header{}
	for name, values := range w.Result().Header {
		for _, value := range values {
			h.Add(name, value)
		}
	}
	return h
}

func TestEncodeDocuments(t *testing.T) {
	tests := []struct {
		op     string
		out    any
		status int
		want   string // after the prolog; %ns is the namespace
	}{
		{"ListBuckets", &s3.ListBucketsOutput{Owner: &types.Owner{ID: aws.String("1")}, Buckets: []types.Bucket{{Name: aws.String("b"), CreationDate: &modified}}}, 200,
			`<ListAllMyBucketsResult%ns><Buckets><Bucket><Name>b</Name><CreationDate>2026-02-03T04:05:06.000Z</CreationDate></Bucket></Buckets><Owner><ID>1</ID></Owner></ListAllMyBucketsResult>`},
		{"ListBuckets", &s3.ListBucketsOutput{Buckets: []types.Bucket{}}, 200, `<ListAllMyBucketsResult%ns><Buckets></Buckets></ListAllMyBucketsResult>`},
		{"ListObjects", &s3.ListObjectsOutput{Name: aws.String("b"), Prefix: aws.String(""), Marker: aws.String(""), MaxKeys: aws.Int32(1000), IsTruncated: aws.Bool(false),
			Contents:       []types.Object{{Key: aws.String("a&b\x01\r"), ETag: aws.String(`"e"`), Size: aws.Int64(0), LastModified: &modified, StorageClass: types.ObjectStorageClassStandard}, {Key: aws.String("c")}},
			CommonPrefixes: []types.CommonPrefix{{Prefix: aws.String("d/")}}}, 200,
			`<ListBucketResult%ns><IsTruncated>false</IsTruncated><Marker></Marker><Contents><Key>a&amp;b&#x1;&#xd;</Key><LastModified>2026-02-03T04:05:06.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>0</Size>` +
				`<StorageClass>STANDARD</StorageClass></Contents><Contents><Key>c</Key></Contents><Name>b</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes></ListBucketResult>`},
		{"ListObjectVersions", &s3.ListObjectVersionsOutput{Versions: []types.ObjectVersion{{Key: aws.String("k")}}, DeleteMarkers: []types.DeleteMarkerEntry{{Key: aws.String("d")}}}, 200,
			`<ListVersionsResult%ns><Version><Key>k</Key></Version><DeleteMarker><Key>d</Key></DeleteMarker></ListVersionsResult>`},
		{"GetBucketLocation", &s3.GetBucketLocationOutput{LocationConstraint: types.BucketLocationConstraintEuWest1}, 200, `<LocationConstraint%ns>eu-west-1</LocationConstraint>`},
		{"GetBucketLocation", &s3.GetBucketLocationOutput{}, 200, `<LocationConstraint%ns></LocationConstraint>`},
		{"GetBucketVersioning", &s3.GetBucketVersioningOutput{}, 200, `<VersioningConfiguration%ns></VersioningConfiguration>`},
		{"GetBucketTagging", &s3.GetBucketTaggingOutput{TagSet: []types.Tag{{Key: aws.String("k"), Value: aws.String("")}}}, 200,
			`<Tagging%ns><TagSet><Tag><Key>k</Key><Value></Value></Tag></TagSet></Tagging>`},
		{"GetBucketAcl", &s3.GetBucketAclOutput{Grants: []types.Grant{{Grantee: &types.Grantee{Type: types.TypeCanonicalUser, ID: aws.String("1")}, Permission: types.PermissionRead}}}, 200,
			`<AccessControlPolicy%ns><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID></Grantee>` +
				`<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`},
		{"CopyObject", &s3.CopyObjectOutput{CopyObjectResult: &types.CopyObjectResult{ETag: aws.String(`"e"`), LastModified: &modified}}, 200,
			`<CopyObjectResult%ns><ETag>&quot;e&quot;</ETag><LastModified>2026-02-03T04:05:06.000Z</LastModified></CopyObjectResult>`},
		{"UploadPartCopy", &s3.UploadPartCopyOutput{CopyPartResult: &types.CopyPartResult{ETag: aws.String("e")}}, 200, `<CopyPartResult%ns><ETag>e</ETag></CopyPartResult>`},
		{"CreateMultipartUpload", &s3.CreateMultipartUploadOutput{UploadId: aws.String("u")}, 200, `<InitiateMultipartUploadResult%ns><UploadId>u</UploadId></InitiateMultipartUploadResult>`},
		{"CompleteMultipartUpload", &s3.CompleteMultipartUploadOutput{ETag: aws.String("e")}, 200, `<CompleteMultipartUploadResult%ns><ETag>e</ETag></CompleteMultipartUploadResult>`},
		{"DeleteObjects", &s3.DeleteObjectsOutput{Errors: []types.Error{{Code: aws.String("AccessDenied")}}}, 200, `<DeleteResult%ns><Error><Code>AccessDenied</Code></Error></DeleteResult>`},
		{"GetPublicAccessBlock", &s3.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}}, 200,
			`<PublicAccessBlockConfiguration%ns><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>`},
	}
	for _, test := range tests {
		t.Run(test.op, func(t *testing.T) {
			w := httptest.NewRecorder()
			if err := NewRESTXML(S3()).Encode(w, request, test.op, test.out); err != nil {
				t.Fatal(err)
			}
			want := xmlProlog + strings.ReplaceAll(test.want, "%ns", ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`)
			if got := w.Body.String(); got != want || w.Code != test.status {
				t.Errorf("%d\ngot  %s\nwant %s", w.Code, got, want)
			}
			if h := received(w); h.Get("Content-Type") != "application/xml" || h.Get("x-amz-request-id") != request.ID || h.Get("x-amz-id-2") == "" {
				t.Errorf("header %v", h)
			}
		})
	}
}

func TestEncodeEmpty(t *testing.T) {
	for _, test := range []struct {
		op     string
		out    any
		status int
		length string
	}{
		{"DeleteObject", &s3.DeleteObjectOutput{DeleteMarker: aws.Bool(true)}, 204, ""},
		{"DeleteBucket", &s3.DeleteBucketOutput{}, 204, ""},
		{"PutBucketPolicy", &s3.PutBucketPolicyOutput{}, 204, ""},
		{"PutBucketTagging", &s3.PutBucketTaggingOutput{}, 204, ""},
		{"PutBucketVersioning", &s3.PutBucketVersioningOutput{}, 200, "0"},
		{"CreateBucket", &s3.CreateBucketOutput{Location: aws.String("/b")}, 200, "0"},
		{"PutObject", &s3.PutObjectOutput{ETag: aws.String(`"e"`)}, 200, "0"},
		{"AbortMultipartUpload", &s3.AbortMultipartUploadOutput{}, 204, ""},
		{"HeadObject", &s3.HeadObjectOutput{ContentLength: aws.Int64(7)}, 200, "7"},
		{"HeadObject", &s3.HeadObjectOutput{ContentLength: aws.Int64(7), ContentRange: aws.String("bytes 0-6/9")}, 206, "7"},
	} {
		w := httptest.NewRecorder()
		if err := NewRESTXML(S3()).Encode(w, request, test.op, test.out); err != nil {
			t.Fatal(err)
		}
		if got := received(w).Get("Content-Length"); w.Code != test.status || w.Body.Len() != 0 || got != test.length {
			t.Errorf("%s: status %d, body %q, length %q", test.op, w.Code, w.Body, got)
		}
	}
}

// TestHeaderSpelling: some clients, boto3 with user-defined metadata for one, take the names of headers as they are sent.
func TestHeaderSpelling(t *testing.T) {
	w := httptest.NewRecorder()
	out := &s3.GetObjectOutput{ETag: aws.String(`"e"`), Metadata: map[string]string{"colour": "blue"}, LastModified: &modified,
		ObjectLockRetainUntilDate: &modified, VersionId: aws.String("1")}
	if err := NewRESTXML(S3()).Encode(w, request, "GetObject", out); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ETag": `"e"`, "x-amz-meta-colour": "blue", "Last-Modified": "Tue, 03 Feb 2026 04:05:06 GMT", "x-amz-version-id": "1",
		"x-amz-object-lock-retain-until-date": "2026-02-03T04:05:06.000Z", "x-amz-request-id": request.ID, "Content-Type": "binary/octet-stream",
	} {
		if got := w.Header()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// closing says whether a body has been closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestEncodeBody(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 64<<10)
	file := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(file, []byte(large), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{"empty": "", "small": "hello", "large": large} {
		t.Run(name, func(t *testing.T) {
			b := &closing{Reader: strings.NewReader(body)}
			got, resp := serveBody(t, "GET", &s3.GetObjectOutput{Body: b, ContentLength: aws.Int64(int64(len(body)))})
			if got != body || resp.ContentLength != int64(len(body)) || !b.closed {
				t.Errorf("%d bytes, length %d, closed %v", len(got), resp.ContentLength, b.closed)
			}
		})
	}
	t.Run("file", func(t *testing.T) {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := serveBody(t, "GET", &s3.GetObjectOutput{Body: f, ContentLength: aws.Int64(int64(len(large)))}); got != large {
			t.Errorf("%d bytes", len(got))
		}
	})
	t.Run("part", func(t *testing.T) {
		b := &closing{Reader: strings.NewReader("ell")}
		out := &s3.GetObjectOutput{Body: b, ContentLength: aws.Int64(3), ContentRange: aws.String("bytes 1-3/5")}
		if got, resp := serveBody(t, "GET", out); got != "ell" || resp.StatusCode != 206 {
			t.Errorf("%q %d", got, resp.StatusCode)
		}
	})
}

func serveBody(t *testing.T, method string, out *s3.GetObjectOutput) (string, *http.Response) {
	t.Helper()
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := NewRESTXML(S3()).Encode(w, &Request{ID: "1", HTTP: r}, "GetObject", out); err != nil {
			t.Error(err)
		}
	}))
	defer ts.Close()
	req, _ := http.NewRequest(method, ts.URL, nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), resp
}

// TestUnreadableBody: a small body that cannot be read is an error to the client, with nothing of the object in it.
func TestUnreadableBody(t *testing.T) {
	c, w := NewRESTXML(S3()), httptest.NewRecorder()
	b := &closing{Reader: io.MultiReader(strings.NewReader("he"), failing{errors.New("disk")})}
	err := c.Encode(w, request, "GetObject", &s3.GetObjectOutput{Body: b, ContentLength: aws.Int64(5), ETag: aws.String("e"), ContentType: aws.String("text/plain"), ContentRange: aws.String("bytes 0-4/9")})
	if err == nil || !b.closed {
		t.Fatalf("error %v, closed %v", err, b.closed)
	}
	c.EncodeError(w, request, awserr.From(err))
	h := received(w)
	if w.Code != 500 || !strings.Contains(w.Body.String(), "<Code>InternalError</Code>") || strings.Contains(w.Body.String(), "disk") ||
		h.Get("ETag") != "" || h.Get("Content-Range") != "" || h.Get("Content-Type") != "application/xml" {
		t.Errorf("%d %v %s", w.Code, h, w.Body)
	}
}

func TestEncodeErrorWithoutBody(t *testing.T) {
	c := NewRESTXML(S3())
	head := &Request{ID: "1", HTTP: httptest.NewRequest("HEAD", "/b/k", nil)}
	w := httptest.NewRecorder()
	c.EncodeError(w, head, awserr.NoSuchKey.Errorf("The specified key does not exist.").WithHeader("x-amz-delete-marker", "true"))
	if h := received(w); w.Code != 404 || w.Body.Len() != 0 || h.Get("x-amz-delete-marker") != "true" || h.Get("x-amz-request-id") != "1" {
		t.Errorf("HEAD: %d %q %v", w.Code, w.Body, h)
	}
	w = httptest.NewRecorder()
	c.EncodeError(w, request, awserr.Kind{Code: "NotModified", Status: 304}.Errorf("").WithHeader("ETag", `"e"`))
	if h := received(w); w.Code != 304 || w.Body.Len() != 0 || h.Get("ETag") != `"e"` || h.Get("Content-Type") != "" {
		t.Errorf("304: %d %q %v", w.Code, w.Body, h)
	}
	w = httptest.NewRecorder()
	c.EncodeError(w, request, awserr.PreconditionFailed.Errorf("At least one of the pre-conditions you specified did not hold").With("Condition", "If-Match"))
	want := xmlProlog + `<Error><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message>` +
		`<Condition>If-Match</Condition><RequestId>4442587F-EXAMPLE</RequestId><HostId>` + HostID(request) + `</HostId></Error>`
	if got := w.Body.String(); w.Code != 412 || got != want {
		t.Errorf("412: %d\ngot  %s\nwant %s", w.Code, got, want)
	}
}

// TestFurtherHeaders: what an operation adds to the request's headers goes out with the answer, in place of the answer's own.
func TestFurtherHeaders(t *testing.T) {
	w := httptest.NewRecorder()
	req := &Request{ID: "1", HTTP: request.HTTP, Header: http.Header{"X-Amz-Bucket-Region": {"eu-west-1"}, "Etag": {"e"}}}
	if err := NewRESTXML(S3()).Encode(w, req, "HeadBucket", &s3.HeadBucketOutput{BucketRegion: aws.String("us-east-1")}); err != nil {
		t.Fatal(err)
	}
	if h := received(w); len(h["X-Amz-Bucket-Region"]) != 1 || h.Get("X-Amz-Bucket-Region") != "eu-west-1" || h.Get("ETag") != "e" {
		t.Errorf("got %v", w.Header())
	}
}
