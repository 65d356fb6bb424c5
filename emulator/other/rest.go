package other

import (
	_ "embed"
	"net/http"
	"strings"
)

// rest has a line for each operation of the everyday services that show it in method and path: signing name, protocol,
// method, path with constant query parameters, operation. Sorted, so that a service's lines follow one another.
//
//go:embed rest.tsv
var rest string

//go:generate go run ./gen botocore/data

// route is a line of the table.
type route struct {
	protocol, method, path, query, operation string
}

// routes calls yield for each route of a service until it returns false.
func routes(signingName string, yield func(route) bool) {
	table := rest
	if !strings.HasPrefix(table, signingName+"\t") {
		i := strings.Index(table, "\n"+signingName+"\t")
		if i < 0 {
			return
		}
		table = table[i+1:]
	}
	for line := range strings.Lines(table) {
		line, ok := strings.CutPrefix(line, signingName+"\t")
		if !ok {
			return
		}
		var r route
		r.protocol, line, _ = strings.Cut(line, "\t")
		r.method, line, _ = strings.Cut(line, "\t")
		r.path, r.operation, _ = strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		r.path, r.query, _ = strings.Cut(r.path, "?")
		if !yield(r) {
			return
		}
	}
}

// findRoute returns the route that r takes: the one with the most constant parts of those that match.
func findRoute(signingName string, r *http.Request) (found route, ok bool) {
	segments := split(r.URL.EscapedPath())
	query := r.URL.Query()
	best := -1
	routes(signingName, func(c route) bool {
		if c.method != r.Method {
			return true
		}
		constants, ok := matchPath(split(c.path), segments)
		if !ok {
			return true
		}
		score := 2 * constants
		if c.query != "" {
			key, value, valued := strings.Cut(c.query, "=")
			if !query.Has(key) || valued && query.Get(key) != value {
				return true
			}
			score++
		}
		if score > best {
			found, best = c, score
		}
		return true
	})
	return found, best >= 0
}

func split(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// matchPath says whether a path has the shape of a template, whose {x} is one segment and {x+} one or more, and how many
// of its segments are constant.
func matchPath(template, path []string) (constants int, ok bool) {
	if len(template) == 0 || len(path) == 0 {
		return 0, len(template) == len(path)
	}
	head := template[0]
	switch {
	case strings.HasSuffix(head, "+}"):
		for n := len(path); n > 0; n-- {
			if constants, ok = matchPath(template[1:], path[n:]); ok {
				return constants, true
			}
		}
		return 0, false
	case strings.HasPrefix(head, "{"):
		if path[0] == "" {
			return 0, false
		}
		return matchPath(template[1:], path[1:])
	case head != path[0]:
		return 0, false
	}
	constants, ok = matchPath(template[1:], path[1:])
	return constants + 1, ok
}
