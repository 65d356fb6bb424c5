package wire

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// NewRESTXML returns the codec of S3: parameters in path, query and headers, documents in XML. Requests are path style.
func NewRESTXML(m *Model) Codec { return &restXML{m, newRoutes(m)} }

type restXML struct {
	model  *Model
	routes *routes
}

// httpPlan is where the members of an S3 operation's input or output stand in the HTTP message.
type httpPlan struct {
	headers  map[string]*field // by canonical name
	ordered  []*field          // the same, in the model's order
	queries  map[string]*field
	prefix   *field // the headers x-amz-meta-*
	bucket   *field
	key      *field
	labels   []*field // all of the path's
	required []*field // headers and query parameters
	payload  *field
	length   *field // Content-Length
	document bool   // members stand in a document of their own
}

func httpPlanOf(p *plan) *httpPlan {
	h := &httpPlan{headers: map[string]*field{}, queries: map[string]*field{}}
	for i := range p.fields {
		f := &p.fields[i]
		switch f.In {
		case Header:
			h.headers[http.CanonicalHeaderKey(f.wire)] = f
			h.ordered = append(h.ordered, f)
			if f.wire == "Content-Length" {
				h.length = f
			}
		case Headers:
			h.prefix = f
		case Query:
			h.queries[f.wire] = f
		case URI:
			h.labels = append(h.labels, f)
			if f.Name == "Bucket" {
				h.bucket = f
			} else {
				h.key = f
			}
		case Payload:
			h.payload = f
		case Body:
			h.document = true
		}
		if f.Flags.has(Required) && (f.In == Header || f.In == Query) {
			h.required = append(h.required, f)
		}
	}
	return h
}

// SplitPath splits the path of a path-style request into the bucket's name and the key, which is everything after it:
// unescaped once, with "//" and ".." left as they are.
func SplitPath(u *url.URL) (bucket, key string, err error) {
	bucket, key, _ = strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	if bucket, err = url.PathUnescape(bucket); err == nil {
		key, err = url.PathUnescape(key)
	}
	if err != nil {
		return "", "", invalidURI()
	}
	return bucket, key, nil
}

func invalidURI() *awserr.Error {
	return awserr.Kind{Code: "InvalidURI", Status: http.StatusBadRequest}.Errorf("Couldn't parse the specified URI.")
}

// pair is a query parameter; bare says that it came without "=".
type pair struct {
	name, value string
	bare        bool
}

// queryPairs parses a query string in order. It allocates nothing for an empty one.
func queryPairs(raw string) ([]pair, error) {
	if raw == "" {
		return nil, nil
	}
	pairs := make([]pair, 0, 1+strings.Count(raw, "&"))
	for len(raw) > 0 {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		name, value, found := strings.Cut(part, "=")
		name, err1 := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, invalidURI()
		}
		pairs = append(pairs, pair{name, value, !found})
	}
	return pairs, nil
}

func valueOf(query []pair, name string) (string, bool) {
	for i := range query {
		if query[i].name == name {
			return query[i].value, true
		}
	}
	return "", false
}
