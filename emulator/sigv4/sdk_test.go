package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
)

const (
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// lookup knows one key, and with the token "session" another secret for it.
func lookup(_ context.Context, id, token string) (string, error) {
	switch {
	case id != keyID:
		return "", awserr.InvalidClientTokenId.Errorf("The security token included in the request is invalid.")
	case token == "session":
		return "session secret", nil
	case token != "":
		return "", awserr.InvalidToken.Errorf("The provided token is malformed or otherwise invalid.")
	}
	return secret, nil
}

var options = sigv4.Options{Now: now, Keys: lookup}

// asServed is r as a server on 127.0.0.1 sees it.
func asServed(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	served := httptest.NewRequest(r.Method, r.URL.RequestURI(), bytes.NewReader(body))
	if len(body) == 0 {
		served.Body = http.NoBody
	}
	served.Header = r.Header.Clone()
	served.Host = r.URL.Host
	if r.Host != "" {
		served.Host = r.Host
	}
	return served
}

type call struct {
	method, url, service, body string
	header                     map[string]string
	token                      string
}

// signed makes a request and signs it as the Go SDK does.
func (c call) signed(t testing.TB) *http.Request {
	t.Helper()
	r, hash := c.request(t)
	if err := signer(c.service).SignHTTP(t.Context(), c.credentials(), r, hash, c.service, "us-east-1", now); err != nil {
		t.Fatal(err)
	}
	return asServed(t, r)
}

// presigned makes a URL as the Go SDK does, good for ten minutes, and the request that a client makes of it.
func (c call) presigned(t testing.TB) *http.Request {
	t.Helper()
	r, hash := c.request(t)
	if c.service == "s3" {
		hash = "UNSIGNED-PAYLOAD"
		r.Header.Del("X-Amz-Content-Sha256")
	}
	query := r.URL.Query()
	query.Set("X-Amz-Expires", "600")
	r.URL.RawQuery = query.Encode()
	url, header, err := signer(c.service).PresignHTTP(t.Context(), c.credentials(), r, hash, c.service, "us-east-1", now)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := http.NewRequest(c.method, url, bytes.NewReader([]byte(c.body)))
	if err != nil {
		t.Fatal(err)
	}
	sent.Header = header
	return asServed(t, sent)
}

func (c call) request(t testing.TB) (*http.Request, string) {
	t.Helper()
	r, err := http.NewRequest(c.method, c.url, bytes.NewReader([]byte(c.body)))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.header {
		r.Header.Set(name, value)
	}
	sum := sha256.Sum256([]byte(c.body))
	hash := hex.EncodeToString(sum[:])
	if c.service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	}
	return r, hash
}

func (c call) credentials() aws.Credentials {
	if c.token != "" {
		return aws.Credentials{AccessKeyID: keyID, SecretAccessKey: "session secret", SessionToken: c.token}
	}
	return aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret}
}

func signer(service string) *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
}

var calls = map[string]call{
	"IAM form":               {method: "POST", url: "http://127.0.0.1:4566/", service: "iam", body: "Action=ListUsers&Version=2010-05-08", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}},
	"STS with a token":       {method: "POST", url: "http://localhost:4566/", service: "sts", body: "Action=GetCallerIdentity&Version=2011-06-15", token: "session"},
	"STS in the query":       {method: "GET", url: "http://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", service: "sts"},
	"REST path, twice coded": {method: "GET", url: "http://localhost/2015-03-31/functions/arn%3Aaws%3Alambda%3A%20x/policy", service: "lambda"},
	"S3 list buckets":        {method: "GET", url: "http://127.0.0.1:4566/", service: "s3"},
	"S3 no path":             {method: "GET", url: "http://127.0.0.1:4566", service: "s3"},
	"S3 object":              {method: "GET", url: "http://127.0.0.1:4566/bucket/key", service: "s3"},
	"S3 token":               {method: "GET", url: "http://127.0.0.1:4566/bucket/key", service: "s3", token: "session"},
	"S3 odd key":             {method: "GET", url: "http://127.0.0.1:4566/bucket/a%20b%2Bc%3D%26%25%3F%23~-_.%C3%BC/%F0%9F%98%80%28%29%21%27%2A", service: "s3"},
	"S3 dots and slashes":    {method: "GET", url: "http://127.0.0.1:4566/bucket//a/../b/./c//", service: "s3"},
	"S3 encoded slash":       {method: "GET", url: "http://127.0.0.1:4566/bucket/a%2Fb", service: "s3"},
	"S3 query":               {method: "GET", url: "http://127.0.0.1:4566/bucket?list-type=2&prefix=a%20b%2F%2B&delimiter=%2F&x=&start-after=%C3%BC&prefix=A&a-b=1&a=2", service: "s3"},
	"S3 empty subresource":   {method: "GET", url: "http://127.0.0.1:4566/bucket?acl", service: "s3"},
	"S3 put":                 {method: "PUT", url: "http://127.0.0.1:4566/bucket/key", service: "s3", body: "hello", header: map[string]string{"Content-Type": "text/plain", "X-Amz-Meta-A": "  a   b  ", "X-Amz-Acl": "private"}},
	"S3 virtual host":        {method: "PUT", url: "http://bucket.localhost:4566/key", service: "s3", body: "hello"},
}

func TestSDKSignsHeader(t *testing.T) {
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			r := c.signed(t)
			s, err := sigv4.Verify(r, options)
			if err != nil {
				t.Fatal(err)
			}
			if s.AccessKeyID != keyID || s.Region != "us-east-1" || s.Service != c.service || s.SecurityToken != c.token ||
				s.SignatureVersion != sigv4.Version4 || s.Presigned || !s.Date.Equal(now) {
				t.Errorf("signature %+v", s)
			}
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != c.body {
				t.Errorf("body %q, %v", body, err)
			}
		})
	}
}

func TestSDKPresigns(t *testing.T) {
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			r := c.presigned(t)
			o := options
			o.Now = now.Add(2 * time.Minute)
			s, err := sigv4.Verify(r, o)
			if err != nil {
				t.Fatal(err)
			}
			if s.AccessKeyID != keyID || s.Service != c.service || s.SecurityToken != c.token ||
				!s.Presigned || s.Age != 2*time.Minute || s.Expires != 10*time.Minute {
				t.Errorf("signature %+v", s)
			}
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != c.body {
				t.Errorf("body %q, %v", body, err)
			}
		})
	}
}

func TestScope(t *testing.T) {
	service, region, ok := sigv4.Scope(calls["IAM form"].signed(t))
	if service != "iam" || region != "us-east-1" || !ok {
		t.Errorf("Scope of a header: %q, %q, %v", service, region, ok)
	}
	service, region, ok = sigv4.Scope(calls["S3 object"].presigned(t))
	if service != "s3" || region != "us-east-1" || !ok {
		t.Errorf("Scope of a URL: %q, %q, %v", service, region, ok)
	}
	if service, _, ok = sigv4.Scope(httptest.NewRequest("GET", "/bucket/key?X-Amz=1", nil)); ok {
		t.Errorf("Scope of an anonymous request: %q", service)
	}
}
