package wire

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3control"
)

func TestRoute(t *testing.T) {
	tests := []struct {
		request string   // method and URI
		headers []string // "Name: value"
		want    string   // the operation, or the error's code
	}{
		{"GET /", nil, "ListBuckets"},
		{"GET /?x-id=ListBuckets", nil, "ListBuckets"},
		{"GET /?x-id=ListDirectoryBuckets", nil, "ListDirectoryBuckets"},
		{"GET /?max-buckets=10", nil, "ListBuckets"},
		{"GET /b", nil, "ListObjects"},
		{"GET /b/", nil, "ListObjects"},
		{"GET /b?prefix=a&delimiter=/&encoding-type=url", nil, "ListObjects"},
		{"GET /b?list-type=2&prefix=a", nil, "ListObjectsV2"},
		{"GET /b?list-type=3", nil, "InvalidArgument"},
		{"GET /b?versions", nil, "ListObjectVersions"},
		{"GET /b?versions=&prefix=x", nil, "ListObjectVersions"},
		{"GET /b?uploads", nil, "ListMultipartUploads"},
		{"GET /b?location", nil, "GetBucketLocation"},
		{"GET /b?lifecycle", nil, "GetBucketLifecycleConfiguration"},
		{"GET /b?notification", nil, "GetBucketNotificationConfiguration"},
		{"GET /b?analytics", nil, "ListBucketAnalyticsConfigurations"},
		{"GET /b?analytics&id=1", nil, "GetBucketAnalyticsConfiguration"},
		{"GET /b?inventory&continuation-token=t", nil, "ListBucketInventoryConfigurations"},
		{"GET /b?policy", nil, "GetBucketPolicy"},
		{"GET /b?policyStatus", nil, "GetBucketPolicyStatus"},
		{"PUT /b", nil, "CreateBucket"},
		{"PUT /b?policy", nil, "PutBucketPolicy"},
		{"DELETE /b", nil, "DeleteBucket"},
		{"DELETE /b?policy", nil, "DeleteBucketPolicy"},
		{"DELETE /b?analytics", nil, "DeleteBucketAnalyticsConfiguration"},
		{"POST /b?delete", nil, "DeleteObjects"},
		{"HEAD /b", nil, "HeadBucket"},

		{"GET /b/k", nil, "GetObject"},
		{"GET /b//", nil, "GetObject"},
		{"GET /b/k?versionId=1&partNumber=2&response-content-type=text/plain", nil, "GetObject"},
		{"GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=s&X-Amz-Expires=1", nil, "GetObject"},
		{"GET /b/k?AWSAccessKeyId=AKIA&Signature=s&Expires=1", nil, "GetObject"},
		{"GET /b/k?x-id=GetObjectAcl", nil, "GetObject"},
		{"GET /b/k?v123", nil, "GetObject"},
		{"GET /b/k?acl", nil, "GetObjectAcl"},
		{"GET /b/k?uploadId=u", nil, "ListParts"},
		{"GET /b/k?attributes", nil, "GetObjectAttributes"},
		{"GET /b/k?tagging&versionId=1", nil, "GetObjectTagging"},
		{"HEAD /b/k?partNumber=1", nil, "HeadObject"},
		{"PUT /b/k", nil, "PutObject"},
		{"PUT /b/k", []string{"x-amz-copy-source: /a/b"}, "CopyObject"},
		{"PUT /b/k?partNumber=1&uploadId=u", nil, "UploadPart"},
		{"PUT /b/k?partNumber=1&uploadId=u", []string{"x-amz-copy-source: /a/b"}, "UploadPartCopy"},
		{"PUT /b/k?acl", nil, "PutObjectAcl"},
		{"PUT /b/k?legal-hold", nil, "PutObjectLegalHold"},
		{"POST /b/k?uploads", nil, "CreateMultipartUpload"},
		{"POST /b/k?uploadId=u", nil, "CompleteMultipartUpload"},
		{"POST /b/k?restore&versionId=1", nil, "RestoreObject"},
		{"POST /b/k?select&select-type=2", nil, "SelectObjectContent"},
		{"DELETE /b/k", nil, "DeleteObject"},
		{"DELETE /b/k?versionId=1", nil, "DeleteObject"},
		{"DELETE /b/k?uploadId=u", nil, "AbortMultipartUpload"},
		{"POST /WriteGetObjectResponse", nil, "WriteGetObjectResponse"},

		// Never the nearest operation.
		{"PUT /b/k?uploadId=u", nil, "MethodNotAllowed"},
		{"PUT /b/k?partNumber=1", nil, "MethodNotAllowed"},
		{"DELETE /b?location", nil, "MethodNotAllowed"},
		{"DELETE /b?versioning", nil, "MethodNotAllowed"},
		{"DELETE /b?acl", nil, "MethodNotAllowed"},
		{"DELETE /b?uploads", nil, "MethodNotAllowed"},
		{"PUT /b?location", nil, "MethodNotAllowed"},
		{"PUT /b?policyStatus", nil, "MethodNotAllowed"},
		{"POST /b?policy", nil, "MethodNotAllowed"},
		{"DELETE /b/k?acl", nil, "MethodNotAllowed"},
		{"PUT /b/k?attributes", nil, "MethodNotAllowed"},
		{"HEAD /b/k?tagging", nil, "MethodNotAllowed"},
		{"HEAD /b?policy", nil, "MethodNotAllowed"},
		{"PUT /b/k?policy", nil, "InvalidArgument"},
		{"GET /b/k?uploads", nil, "MethodNotAllowed"},
		{"GET /b/k?versioning", nil, "InvalidArgument"},
		{"DELETE /b?tagging&policy", nil, "MethodNotAllowed"},
		{"DELETE /b?cloudfront", nil, "NotImplemented"},
		{"DELETE /b?frobnicate=1", nil, "NotImplemented"},
		{"DELETE /b?prefix=x", nil, "NotImplemented"},
		{"PUT /b?frobnicate", nil, "NotImplemented"},
		{"PUT /b/k?frobnicate=", nil, "NotImplemented"},
		{"PUT /b/k?versionId=1", nil, "NotImplemented"},
		{"GET /b?frobnicate", nil, "NotImplemented"},
		{"GET /b?frobnicate=1", nil, "ListObjects"},
		{"POST /b/k", nil, "MethodNotAllowed"},
		{"POST /b", nil, "PreconditionFailed"},
		{"POST /b?x-id=a", []string{"Content-Type: multipart/form-data; boundary=x"}, "PreconditionFailed"},
		{"PUT /", nil, "MethodNotAllowed"},
		{"DELETE /", nil, "MethodNotAllowed"},
		{"PATCH /b/k", nil, "MethodNotAllowed"},
		{"GET //k", nil, "InvalidURI"},
		{"OPTIONS /b/k", nil, "MethodNotAllowed"},
	}
	c := NewRESTXML(S3())
	for _, test := range tests {
		t.Run(test.request+strings.Join(test.headers, ","), func(t *testing.T) {
			method, uri, _ := strings.Cut(test.request, " ")
			r := httptest.NewRequest(method, uri, nil)
			for _, h := range test.headers {
				name, value, _ := strings.Cut(h, ": ")
				r.Header.Set(name, value)
			}
			got, err := c.Route(r)
			if err != nil {
				got, _, _ = strings.Cut(message(err), ":")
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestRouteErrors: the errors' documents.
func TestRouteErrors(t *testing.T) {
	c := NewRESTXML(S3())
	for _, test := range []struct{ method, uri, want string }{
		{"POST", "/b/k", "<Code>MethodNotAllowed</Code><Message>The specified method is not allowed against this resource.</Message><Method>POST</Method><ResourceType>OBJECT</ResourceType>"},
		{"DELETE", "/b?acl", "<Method>DELETE</Method><ResourceType>ACL</ResourceType>"},
		{"GET", "/b/k?versioning", "<Code>InvalidArgument</Code><Message>There is no such thing as the ?versioning sub-resource for a key</Message>" +
			"<ArgumentName>ResourceType</ArgumentName><ArgumentValue>versioning</ArgumentValue>"},
	} {
		r := httptest.NewRequest(test.method, test.uri, nil)
		_, err := c.Route(r)
		got := s3Error(t, c, r, err)
		if !strings.Contains(got, test.want) {
			t.Errorf("%s %s: got %s, want %s", test.method, test.uri, got, test.want)
		}
	}
}

func FuzzRoute(f *testing.F) {
	for _, uri := range []string{"/", "/b?list-type=2", "/b/k?uploadId=u&partNumber=1", "/b//..%2F%00?versionId&x-id=GetObject", "/%", "/b/%zz?a=%"} {
		f.Add("GET", uri)
		f.Add("PUT", uri)
	}
	c := NewRESTXML(S3())
	f.Fuzz(func(t *testing.T, method, uri string) {
		r, err := http.NewRequest(method, "http://s3"+uri, nil)
		if err != nil {
			t.Skip()
		}
		op, err := c.Route(r)
		if err == nil && S3().Op(op) == nil {
			t.Errorf("%s %s: %q is no operation", method, uri, op)
		}
		if err == nil && S3().Op(op).Method != r.Method {
			t.Errorf("%s %s is routed to %s", method, uri, op)
		}
	})
}

// FuzzRouteS3Control: a path that is routed has labels that decode, and nothing panics.
func FuzzRouteS3Control(f *testing.F) {
	c := NewS3Control(S3Control())
	for i := range S3Control().Ops {
		f.Add(S3Control().Ops[i].Method, strings.NewReplacer("{", "", "}", "", "+", "/x").Replace(S3Control().Ops[i].Path))
	}
	f.Add("GET", "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab")
	f.Add("GET", "/v20180820/tags/")
	f.Fuzz(func(t *testing.T, method, path string) {
		u, err := url.ParseRequestURI(path)
		if err != nil || u.Path == "" || u.Path[0] != '/' {
			return
		}
		r := &http.Request{Method: method, URL: u, Header: http.Header{"X-Amz-Account-Id": {"111122223333"}}}
		name, err := c.Route(r)
		if err != nil {
			return
		}
		if op := S3Control().Op(name); op == nil || op.Method != method {
			t.Fatalf("%s %s is routed to %s", method, path, name)
		}
		if name == "ListTagsForResource" {
			in := new(s3control.ListTagsForResourceInput)
			if err := c.Decode(r, name, in); err == nil && *in.ResourceArn == "" {
				t.Errorf("%s: no ARN", path)
			}
		}
	})
}
