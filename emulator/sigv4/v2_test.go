package sigv4_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
)

// presignedV2 is a URL that boto3 1.43 presigned at the tests' time, to be good for ten minutes.
type presignedV2 struct {
	Name, Method, URL, Bucket string
}

func readPresignedV2(t testing.TB) []presignedV2 {
	t.Helper()
	text, err := os.ReadFile("testdata/presigned-v2.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []presignedV2
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (p presignedV2) request() *http.Request {
	u, _ := url.Parse(p.URL)
	r := httptest.NewRequest(p.Method, u.RequestURI(), nil)
	r.Host, r.Body = u.Host, http.NoBody
	return r
}

func TestVersion2(t *testing.T) {
	for _, p := range readPresignedV2(t) {
		t.Run(p.Name, func(t *testing.T) {
			o := options
			o.HostBucket = p.Bucket
			s, err := sigv4.Verify(p.request(), o)
			if err != nil {
				t.Fatal(err)
			}
			if s.SignatureVersion != sigv4.Version2 || !s.Presigned || s.AccessKeyID != keyID || s.Service != "s3" || s.Region != "us-east-1" {
				t.Errorf("signature %+v", s)
			}
			if service, region, ok := sigv4.Scope(p.request()); service != "s3" || region != "us-east-1" || !ok {
				t.Errorf("Scope: %q, %q, %v", service, region, ok)
			}
		})
	}
}

// The example of "Signing and authenticating REST requests (AWS signature version 2)", Amazon S3 User Guide.
func TestVersion2Published(t *testing.T) {
	r := httptest.NewRequest("GET", "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620", nil)
	r.Host, r.Body = "johnsmith.s3.amazonaws.com", http.NoBody
	o := sigv4.Options{Now: time.Unix(1175139600, 0), Keys: exampleKeys, HostBucket: "johnsmith"}
	if _, err := sigv4.Verify(r, o); err != nil {
		t.Fatal(err)
	}
	o.HostBucket = ""
	if _, err := sigv4.Verify(r, o); !errors.Is(err, awserr.SignatureDoesNotMatch) {
		t.Errorf("as a path without a bucket: %v", err)
	}
}

// A header that the URL holds already may be sent as well, but not with another value.
func TestVersion2HeaderInBothPlaces(t *testing.T) {
	for _, p := range readPresignedV2(t) {
		if p.Name != "put with headers" {
			continue
		}
		r := p.request()
		r.Header.Set("Content-Type", "text/plain")
		if _, err := sigv4.Verify(r, options); err != nil {
			t.Error(err)
		}
		r.Header.Set("Content-Type", "text/html")
		if _, err := sigv4.Verify(r, options); !errors.Is(err, awserr.SignatureDoesNotMatch) {
			t.Errorf("another Content-Type: %v", err)
		}
	}
}

func TestVersion2Refused(t *testing.T) {
	url := readPresignedV2(t)[0].URL
	for name, test := range map[string]struct {
		old, new, want string
	}{
		"another key":           {"/bucket/key", "/bucket/other", "SignatureDoesNotMatch"},
		"an added subresource":  {"/bucket/key?", "/bucket/key?acl&", "SignatureDoesNotMatch"},
		"an added new one":      {"/bucket/key?", "/bucket/key?retention&", "SignatureDoesNotMatch"},
		"an added version":      {"/bucket/key?", "/bucket/key?versionId=1&", "SignatureDoesNotMatch"},
		"an added header":       {"/bucket/key?", "/bucket/key?x-amz-acl=public-read&", "SignatureDoesNotMatch"},
		"a later end":           {"Expires=1772601367", "Expires=1772601368", "SignatureDoesNotMatch"},
		"another signature":     {"Signature=4", "Signature=5", "SignatureDoesNotMatch"},
		"another access key":    {"AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE", "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLF", "InvalidClientTokenId"},
		"a token that is not":   {"/bucket/key?", "/bucket/key?x-amz-security-token=x&", "InvalidToken"},
		"the end passed":        {"Expires=1772601367", "Expires=1772600767", "AccessDenied"},
		"an end that is a word": {"Expires=1772601367", "Expires=tomorrow", "AccessDenied"},
		"no end":                {"&Expires=1772601367", "", "AccessDenied"},
		"no signature":          {"&Signature=4euZ4YavZ%2FmK8bMZHQhMYb1lCmU%3D", "", "AccessDenied"},
		"another service":       {"/bucket/key?", "/?Action=ListUsers&", "IncompleteSignature"},
		"two signatures":        {"Signature=4", "Signature=4&Signature=4", "AuthorizationQueryParametersError"},
	} {
		t.Run(name, func(t *testing.T) {
			r := presignedV2{Method: "GET", URL: strings.Replace(url, test.old, test.new, 1)}.request()
			_, err := sigv4.Verify(r, options)
			if err == nil || awserr.From(err).Code != test.want {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}
