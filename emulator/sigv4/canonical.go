package sigv4

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// param is a query parameter in canonical form.
type param struct{ name, value string }

// sentTarget returns the path and the query of r as they were sent. r.URL holds the path decoded, from which the sent form
// cannot always be told.
func sentTarget(r *http.Request) (path, query string) {
	target := r.RequestURI
	if _, rest, absolute := strings.Cut(target, "://"); absolute && !strings.HasPrefix(target, "/") {
		target = rest[strings.IndexByte(rest+"/", '/'):] // what clients send that take the server for their proxy
	}
	if strings.HasPrefix(target, "/") {
		path, query, _ = strings.Cut(target, "?")
		return path, query
	}
	return r.URL.EscapedPath(), r.URL.RawQuery
}

// canonicalParams brings a query into canonical form: names and values URI-encoded, in the order of the encoded names and
// then of the values. An absent value is an empty one.
func canonicalParams(query string) []param {
	params := make([]param, 0, strings.Count(query, "&")+1)
	for query != "" {
		var pair string
		if pair, query, _ = strings.Cut(query, "&"); pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		params = append(params, param{recode(name, true), recode(value, true)})
	}
	slices.SortFunc(params, func(a, b param) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value))
	})
	return params
}

// canonicalNames brings a list of signed headers into canonical form: in lower case, in order and none twice, so that a
// list cannot repeat a header a thousand times into the canonical request.
func canonicalNames(list string) string {
	list = strings.ToLower(list)
	previous, rest, more := strings.Cut(list, ";")
	for more {
		var name string
		if name, rest, more = strings.Cut(rest, ";"); name <= previous {
			names := strings.Split(list, ";")
			slices.Sort(names)
			return strings.Join(slices.Compact(names), ";")
		}
		previous = name
	}
	return list
}

// appendCanonicalRequest appends the canonical request ("Create a signed AWS API request", IAM User Guide).
func appendCanonicalRequest(b []byte, r *http.Request, c *claim, payloadHash string) []byte {
	b = append(append(b, r.Method...), '\n')
	if c.s3 {
		b = append(b, recode(c.path, false)...)
	} else {
		b = appendEncoded(b, normalize(c.path))
	}
	b = append(b, '\n')
	for i, p := range c.params {
		if i > 0 {
			b = append(b, '&')
		}
		b = append(append(append(b, p.name...), '='), p.value...)
	}
	b = append(b, '\n')
	for rest := c.signedHeaders; rest != ""; {
		var name string
		name, rest, _ = strings.Cut(rest, ";")
		b = append(append(b, name...), ':')
		b = append(appendHeader(b, r, name), '\n')
	}
	b = append(append(append(b, '\n'), c.signedHeaders...), '\n')
	return append(b, payloadHash...)
}

// appendHeader appends the value of a signed header: several are joined by commas, white space at the ends falls away and
// a run of it inside is one space.
func appendHeader(b []byte, r *http.Request, name string) []byte {
	switch name {
	case "host":
		return appendFolded(b, r.Host)
	case "transfer-encoding": // net/http takes it out of the header
		return append(b, strings.Join(r.TransferEncoding, ",")...)
	}
	values := r.Header[headerKey(name)]
	if name == "content-length" && values == nil {
		return strconv.AppendInt(b, r.ContentLength, 10)
	}
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFolded(b, value)
	}
	return b
}

// headerKey is http.CanonicalHeaderKey without its allocation for the names in nearly every request.
func headerKey(name string) string {
	switch name {
	case "x-amz-date":
		return "X-Amz-Date"
	case "x-amz-content-sha256":
		return "X-Amz-Content-Sha256"
	case "x-amz-security-token":
		return "X-Amz-Security-Token"
	}
	return http.CanonicalHeaderKey(name)
}

func appendFolded(b []byte, value string) []byte {
	value = strings.Trim(value, " \t")
	space := false
	for i := range len(value) {
		if value[i] == ' ' || value[i] == '\t' {
			space = true
			continue
		}
		if space {
			b, space = append(b, ' '), false
		}
		b = append(b, value[i])
	}
	return b
}

// appendStringToSign appends what the signature is of, given the canonical request.
func appendStringToSign(b []byte, c *claim, canonicalRequest []byte) []byte {
	sum := sha256.Sum256(canonicalRequest)
	b = append(append(b, Version4...), '\n')
	b = c.date.AppendFormat(b, timeFormat)
	b = append(b, '\n')
	b = append(append(b, c.scope...), '\n')
	return hex.AppendEncode(b, sum[:])
}

// recode brings text that was sent URI-encoded into the one encoding that signatures are made of: unreserved characters
// plain, all others as %XY in upper case. A slash of a path stays, and so does an encoded one. In a query a plus is a space.
func recode(s string, query bool) string {
	if !needsRecoding(s, query) {
		return s
	}
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
		} else if c == '/' && !query {
			b = append(b, c)
			continue
		} else if c == '+' && query {
			c = ' '
		}
		b = appendByte(b, c)
	}
	return string(b)
}

func needsRecoding(s string, query bool) bool {
	for i := range len(s) {
		if !unreserved(s[i]) && (query || s[i] != '/') {
			return true
		}
	}
	return false
}

// appendEncoded appends a path as it was sent, URI-encoded once more: all services but S3 sign it so.
func appendEncoded(b []byte, path string) []byte {
	for i := range len(path) {
		if path[i] == '/' {
			b = append(b, '/')
		} else {
			b = appendByte(b, path[i])
		}
	}
	return b
}

func appendByte(b []byte, c byte) []byte {
	if unreserved(c) {
		return append(b, c)
	}
	const digits = "0123456789ABCDEF"
	return append(b, '%', digits[c>>4], digits[c&15])
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// normalize removes empty, "." and ".." segments (RFC 3986, section 5.2.4), keeping a slash at the end.
func normalize(path string) string {
	if path == "" || path == "/" {
		return "/"
	}
	if !strings.Contains(path, "//") && !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	last := ""
	for segment := range strings.SplitSeq(path, "/") {
		last = segment
		switch segment {
		case "", ".":
		case "..":
			kept = kept[:max(0, len(kept)-1)]
		default:
			kept = append(kept, segment)
		}
	}
	clean := "/" + strings.Join(kept, "/")
	if (last == "" || last == "." || last == "..") && clean != "/" {
		clean += "/"
	}
	return clean
}
