package emulator

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// hosts knows the names under which a bucket may be a host: bucket.s3.localhost ("Virtual hosting of buckets", S3 User
// Guide).
type hosts []string

func newHosts(domains []string) hosts {
	return append(hosts{"s3.localhost", "s3.us-east-1.localhost", "localhost"}, domains...)
}

// bucket returns the bucket that a Host header names, "" for none.
func (h hosts) bucket(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	for _, domain := range h {
		if host == domain {
			return ""
		}
	}
	for _, domain := range h {
		if bucket, ok := strings.CutSuffix(host, "."+domain); ok {
			return bucket
		}
	}
	return ""
}

// pathStyle puts the bucket of r's host in front of its path, which is how the S3 codec reads requests. The signature has
// been verified by then: it covers the path as it was sent.
func (h hosts) pathStyle(r *http.Request) {
	bucket := h.bucket(r.Host)
	if bucket == "" {
		return
	}
	u := *r.URL
	u.RawPath = "/" + bucket + u.EscapedPath()
	u.Path, _ = url.PathUnescape(u.RawPath) // it was unescaped before
	r.URL = &u
}
