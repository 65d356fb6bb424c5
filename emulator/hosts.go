package emulator

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// hosts are the domains under which buckets have host names of their own ("Virtual hosting of general purpose buckets" and
// "Website endpoints", Amazon S3 User Guide): bucket.s3.localhost, bucket.s3.eu-west-1.localhost, bucket.localhost.
type hosts []string

func newHosts(domains []string) hosts {
	h := hosts{"localhost"}
	for _, domain := range domains {
		h = append(h, strings.ToLower(strings.Trim(domain, ".")))
	}
	return h
}

// A host is what a Host header says.
type host struct {
	bucket string // "" for path style
	region string // "" when the name tells none
	// website says that it is a bucket's website endpoint, accelerate that it is that of transfer acceleration.
	website, accelerate bool
}

// hostForm is the form of a name without its domain: a bucket, perhaps, before one of S3's endpoints.
var hostForm = regexp.MustCompile(`^(?:(.+)\.)?` +
	`(?:(s3-website)(?:[.-]([a-z]{2,}(?:-[a-z]+)+-\d+))?` +
	`|s3(?:-fips)?(?:\.dualstack)?(?:[.-]([a-z]{2,}(?:-[a-z]+)+-\d+))?` +
	`|(s3-accelerate)(?:\.dualstack)?` +
	`|s3-external-1)$`)

// parse reads a Host header. A name that is under no domain, such as an address, is for path style.
func (h hosts) parse(header string) host {
	if name, _, err := net.SplitHostPort(header); err == nil {
		header = name
	}
	name := strings.TrimSuffix(strings.ToLower(header), ".")
	for _, domain := range h {
		if name == domain {
			return host{}
		}
	}
	// The longest domain that fits: one may be under another.
	best := ""
	for _, domain := range h {
		if strings.HasSuffix(name, "."+domain) && len(domain) > len(best) {
			best = domain
		}
	}
	if best == "" {
		return host{}
	}
	name = strings.TrimSuffix(name, "."+best)
	if m := hostForm.FindStringSubmatch(name); m != nil {
		return host{bucket: m[1], region: m[3] + m[4], website: m[2] != "", accelerate: m[5] != ""}
	}
	return host{bucket: name}
}

// controlHost is the form of S3 Control's names, which begin with an account.
var controlHost = regexp.MustCompile(`^(\d{12})?\.?(s3-control(-fips)?(\.dualstack)?(\.[a-z0-9-]+)?)?$`)

// control says whether r is for S3 Control: it has paths of its own, under names that are no bucket's.
func (h host) control(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/v20180820/") && controlHost.MatchString(h.bucket)
}

// pathStyle puts the bucket in front of r's path, which is how the S3 codec reads requests. The signature covers the path as
// it was sent, which r.RequestURI keeps.
func (h host) pathStyle(r *http.Request) {
	if h.bucket == "" {
		return
	}
	u := *r.URL
	u.RawPath = "/" + h.bucket + u.EscapedPath()
	u.Path, _ = url.PathUnescape(u.RawPath) // it was unescaped before
	r.URL = &u
}
