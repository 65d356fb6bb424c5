package authz

import "strings"

// actions is the Action or NotAction element. Action names are case-insensitive, so all is in lower case.
type actions struct {
	present bool
	not     bool
	texts   []string // as written
	all     bool     // "*"
	// byService holds the patterns of operations of each service; wild those whose service has a wildcard, whole.
	byService map[string][]string
	wild      []string
}

func compileActions(list []string, not bool) actions {
	a := actions{present: true, not: not, texts: list, byService: map[string][]string{}}
	for _, text := range list {
		service, operation, ok := strings.Cut(strings.ToLower(text), ":")
		switch {
		case text == "*":
			a.all = true
		case !ok || strings.ContainsAny(service, "*?"):
			a.wild = append(a.wild, likePattern(strings.ToLower(text)))
		default:
			a.byService[service] = append(a.byService[service], likePattern(operation))
		}
	}
	return a
}

// anyService reports whether services that are not named can be matched.
func (a *actions) anyService() bool { return a.not || a.all || a.wild != nil }

// matches reports whether the element covers an action.
func (a *actions) matches(action *action) bool {
	if !a.present {
		return false
	}
	return a.lists(action) != a.not
}

func (a *actions) lists(action *action) bool {
	if a.all {
		return true
	}
	for _, pattern := range a.byService[action.service] {
		if matchPattern(pattern, action.operation) {
			return true
		}
	}
	for _, pattern := range a.wild {
		if matchPattern(pattern, action.whole) {
			return true
		}
	}
	return false
}

// action is the request's action in lower case.
type action struct {
	whole, service, operation string
}

func newAction(text string) action {
	lower := strings.ToLower(text)
	service, operation, _ := strings.Cut(lower, ":")
	return action{lower, service, operation}
}
