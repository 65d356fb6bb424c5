package authz

import "strings"

// actions is the Action or NotAction element. Action names are case-insensitive, so all is in lower case.
type actions struct {
	present bool
	not     bool
	texts   []string // as written
	all     bool     // "*"
	// byService holds the patterns of operations of each service; wild those whose service has a wildcard, whole.
	byService map[string][]pattern
	wild      []pattern
}

func compileActions(list []string, not bool) actions {
	a := actions{present: true, not: not, texts: list, byService: map[string][]pattern{}}
	for _, text := range list {
		service, operation, ok := strings.Cut(strings.ToLower(text), ":")
		switch {
		case text == "*":
			a.all = true
		case !ok || strings.ContainsAny(service, "*?"):
			a.wild = append(a.wild, newPattern(likePattern(strings.ToLower(text))))
		default:
			a.byService[service] = append(a.byService[service], newPattern(likePattern(operation)))
		}
	}
	return a
}

// anyService reports whether services that are not named can be matched.
func (a *actions) anyService() bool { return a.not || a.all || a.wild != nil }

// matches reports whether the element covers an action.
func (a *actions) matches(action *action) bool {
	return a.present && a.of(action.service).matches(action)
}

// of is what the element says of one service.
func (a *actions) of(service string) serviceActions {
	return serviceActions{all: a.all, not: a.not, operations: a.byService[service], wild: a.wild}
}

// serviceActions is the part of an Action or NotAction element that concerns one service.
type serviceActions struct {
	all, not   bool
	operations []pattern
	wild       []pattern
}

func (a serviceActions) matches(action *action) bool {
	if a.all {
		return !a.not
	}
	for i := range a.operations {
		if a.operations[i].matches(action.operation) {
			return !a.not
		}
	}
	for i := range a.wild {
		if a.wild[i].matches(action.whole) {
			return !a.not
		}
	}
	return a.not
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
