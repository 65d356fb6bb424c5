package sigv4_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/emulator/sigv4"
)

// published is an example of AWS's documentation, whose title is in document.
type published struct {
	Name, Document                       string
	Method, Target, Host, Body           string
	Headers                              [][2]string
	Credential, SignedHeaders, Signature string // empty when the target holds them
}

func readPublished(t testing.TB) []published {
	t.Helper()
	text, err := os.ReadFile("testdata/published.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []published
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (p published) request(t testing.TB) *http.Request {
	t.Helper()
	path, query, _ := strings.Cut(p.Target, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	r := &http.Request{
		Method: p.Method, RequestURI: p.Target, Host: p.Host, Header: http.Header{},
		URL:  &url.URL{Path: decoded, RawPath: path, RawQuery: query},
		Body: http.NoBody, ContentLength: int64(len(p.Body)),
	}
	if p.Body != "" {
		r.Body = io.NopCloser(strings.NewReader(p.Body))
	}
	for _, h := range p.Headers {
		r.Header.Add(h[0], h[1])
	}
	if p.Credential != "" {
		r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=%s, Signature=%s",
			p.Credential, p.SignedHeaders, p.Signature))
	}
	return r
}

// exampleKeys are the secrets of AWS's examples.
func exampleKeys(_ context.Context, id, _ string) (string, error) {
	if id == "AKIDEXAMPLE" {
		return "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", nil
	}
	return secret, nil
}

// at is when the examples were signed.
func (p published) at() time.Time {
	if p.Host == "examplebucket.s3.amazonaws.com" {
		return time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
}

func TestPublishedExamples(t *testing.T) {
	for _, p := range readPublished(t) {
		t.Run(p.Name, func(t *testing.T) {
			r := p.request(t)
			if _, err := sigv4.Verify(r, sigv4.Options{Now: p.at(), Keys: exampleKeys}); err != nil {
				t.Fatalf("%s: %v", p.Document, err)
			}
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != p.Body {
				t.Errorf("body %q, %v", body, err)
			}
		})
	}
}

// A signature is of its own request: with any of the others' it is refused.
func TestPublishedSignaturesSwapped(t *testing.T) {
	all := readPublished(t)
	for i, p := range all {
		other := all[(i+1)%len(all)].Signature
		if p.Signature == "" || other == "" || other == p.Signature {
			continue
		}
		p.Signature = other
		if _, err := sigv4.Verify(p.request(t), sigv4.Options{Now: p.at(), Keys: exampleKeys}); err == nil {
			t.Errorf("%s: accepted the signature of %s", p.Name, all[(i+1)%len(all)].Name)
		}
	}
}
