package wire

import (
	"net/http"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// resource is what a request's path names.
type resource string

const (
	onService resource = "SERVICE"
	onBucket  resource = "BUCKET"
	onObject  resource = "OBJECT"
)

// routes find the operation of a request: method, path shape, constant query parameters and required parameters; the
// most specific wins.
type routes struct {
	byPlace map[place][]route
	// subresources are the query parameters that name an operation, with the resources that have them.
	subresources map[string][]resource
	exact        map[string]*ModelOp // literal paths
}

type place struct {
	method string
	on     resource
}

type route struct {
	op       *ModelOp
	consts   []pair
	queries  []string // required
	headers  []string // required, canonical
	accepted map[string]bool
}

func newRoutes(m *Model) *routes {
	t := &routes{byPlace: map[place][]route{}, subresources: map[string][]resource{}, exact: map[string]*ModelOp{}}
	for i := range m.Ops {
		op := &m.Ops[i]
		on, ok := map[string]resource{"/": onService, "/{Bucket}": onBucket, "/{Bucket}/{Key+}": onObject}[op.Path]
		if !ok {
			t.exact[op.Method+" "+op.Path] = op
			continue
		}
		r := route{op: op, accepted: map[string]bool{}}
		for _, q := range op.Query {
			name, value, found := strings.Cut(q, "=")
			r.consts = append(r.consts, pair{name, value, !found})
			r.accepted[name] = true
			t.subresources[name] = append(t.subresources[name], on)
		}
		for _, f := range m.shape(op.Input).Members {
			required := f.Flags.has(Required)
			switch f.In {
			case Query:
				r.accepted[f.wire()] = true
				if required {
					r.queries = append(r.queries, f.wire())
					t.subresources[f.wire()] = append(t.subresources[f.wire()], on)
				}
			case Header:
				if required {
					r.headers = append(r.headers, http.CanonicalHeaderKey(f.wire()))
				}
			}
		}
		at := place{op.Method, on}
		t.byPlace[at] = append(t.byPlace[at], r)
	}
	return t
}

// Route finds the operation. A subresource that S3 does not have for this method and resource is an error, never the
// operation without it.
func (c *restXML) Route(r *http.Request) (string, error) {
	if op := c.routes.exact[r.Method+" "+r.URL.Path]; op != nil {
		return op.Name, nil
	}
	bucketName, key, err := SplitPath(r.URL)
	if err != nil {
		return "", err
	}
	on := onObject
	switch {
	case bucketName == "" && key != "":
		return "", invalidURI()
	case bucketName == "":
		on = onService
	case key == "":
		on = onBucket
	}
	query, err := queryPairs(r.URL.RawQuery)
	if err != nil {
		return "", err
	}
	best, rank := (*route)(nil), 0
	candidates := c.routes.byPlace[place{r.Method, on}]
	for i := range candidates {
		if n := candidates[i].rank(r, query); n > rank {
			best, rank = &candidates[i], n
		}
	}
	if err := c.routes.refuse(r, on, query, best); err != nil {
		return "", err
	}
	return best.op.Name, nil
}

// rank says how well the route fits: 0 not at all, more for every constant query parameter, then for every required
// parameter. A required one may be missing where constants have named the operation already: that is Decode's error.
func (r *route) rank(req *http.Request, query []pair) int {
	for _, c := range r.consts {
		if value, ok := valueOf(query, c.name); !ok || !c.bare && value != c.value {
			return 0
		}
	}
	n := 1000 * len(r.consts)
	for _, name := range r.queries {
		if _, ok := valueOf(query, name); !ok {
			return n
		}
	}
	for _, name := range r.headers {
		if req.Header[name] == nil {
			return n
		}
	}
	n += 10 + 10*(len(r.queries)+len(r.headers))
	// Two operations on the service differ by host alone; the SDKs add their name.
	if id, ok := valueOf(query, "x-id"); ok && id == r.op.Name {
		n++
	}
	return n
}

// refuse returns the error of a request that no route fits, or that has a query parameter which does not belong to the
// best route and may not be ignored.
func (t *routes) refuse(r *http.Request, on resource, query []pair, best *route) error {
	write := r.Method != http.MethodGet && r.Method != http.MethodHead
	for _, q := range query {
		if best != nil && best.accepted[q.name] || ignored(q.name) {
			continue
		}
		resources, known := t.subresources[q.name]
		switch {
		case q.name == "list-type":
			return awserr.InvalidArgument.Errorf("Invalid List Type specified in Request").
				With("ArgumentName", "list-type").With("ArgumentValue", q.value)
		case known && slices.Contains(resources, on):
			return methodNotAllowed(r.Method, resource(strings.ToUpper(q.name)))
		case known:
			return awserr.InvalidArgument.Errorf("There is no such thing as the ?%s sub-resource for a %s", q.name, kindName[on]).
				With("ArgumentName", "ResourceType").With("ArgumentValue", q.name)
		case write, q.bare && on == onBucket:
			// S3 ignores it; but what somebody means by DELETE /bucket?something is not to delete the bucket.
			return awserr.NotImplemented.Errorf("A query parameter you provided implies functionality that is not implemented: %s", q.name).
				With("Parameter", q.name)
		}
	}
	switch {
	case best != nil:
		return nil
	case r.Method == http.MethodPost && on == onBucket: // a form is not routed here
		return awserr.PreconditionFailed.Errorf("At least one of the pre-conditions you specified did not hold").
			With("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")
	}
	return methodNotAllowed(r.Method, on)
}

var kindName = map[resource]string{onService: "service", onBucket: "bucket", onObject: "key"}

// ignored says whether S3 takes no notice of a parameter or reads it elsewhere: signatures, and names that begin with
// x-, which are for the access log ("Amazon S3 server access log format", custom access log information).
func ignored(name string) bool {
	if len(name) > 2 && (name[0] == 'x' || name[0] == 'X') && name[1] == '-' {
		return true
	}
	return name == "AWSAccessKeyId" || name == "Signature" || name == "Expires"
}

func methodNotAllowed(method string, on resource) *awserr.Error {
	return awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.").
		With("Method", method).With("ResourceType", string(on))
}
