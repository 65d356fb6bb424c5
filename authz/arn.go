package authz

import "strings"

// resources is the Resource or NotResource element.
type resources struct {
	present bool
	not     bool
	list    []template
}

func compileResources(list []string, not, variables bool) resources {
	r := resources{present: true, not: not, list: make([]template, len(list))}
	for i, text := range list {
		r.list[i] = compileTemplate(text, resource, variables)
	}
	return r
}

// matches reports whether the element covers the request's resource. A request for an action without resource types has
// the resource "*", which only "*" covers.
func (r *resources) matches(e *evaluation) bool {
	for i := range r.list {
		if r.list[i].matches(e, e.request.Resource) {
			return !r.not
		}
	}
	return r.not
}

// arn is an ARN in its six parts.
type arn struct {
	partition, service, region, account, resource string
}

// parseARN splits text at its first five colons.
func parseARN(text string) (a arn, ok bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" {
		return a, false
	}
	return arn{parts[1], parts[2], parts[3], parts[4], parts[5]}, true
}
