package authz

import "strings"

// actions is the Action or NotAction element. Action names are case-insensitive.
type actions struct {
	present bool
	not     bool
	all     bool     // "*"
	texts   []string // as written
	// services and operations are the two sides of each text; a text whose service has a wildcard is an operation as a
	// whole, of the service "".
	services   []string // in lower case
	operations []pattern
}

func compileActions(list []string, not bool) actions {
	a := actions{present: true, not: not, texts: list, services: make([]string, len(list)), operations: make([]pattern, len(list))}
	for i, text := range list {
		service, operation, ok := strings.Cut(text, ":")
		switch {
		case text == "*":
			a.all = true
		case !ok || strings.ContainsAny(service, "*?"):
			a.operations[i] = newLikePattern(text)
		default:
			a.services[i], a.operations[i] = strings.ToLower(service), newLikePattern(operation)
		}
	}
	return a
}

// anyService reports whether the element can cover actions of services that it does not name.
func (a *actions) anyService() bool {
	if a.not || a.all {
		return true
	}
	for _, service := range a.services {
		if service == "" {
			return true
		}
	}
	return false
}

// matches reports whether the element covers an action.
func (a *actions) matches(action *action) bool {
	if !a.present {
		return false
	}
	if a.all {
		return !a.not
	}
	for i := range a.operations {
		text := action.operation
		if a.services[i] == "" {
			text = action.whole
		} else if a.services[i] != action.service {
			continue
		}
		if a.operations[i].matchesFold(text) {
			return !a.not
		}
	}
	return a.not
}

// action is the request's action.
type action struct {
	whole, operation string
	service          string // in lower case
}

func newAction(text string) action {
	service, operation, _ := strings.Cut(text, ":")
	return action{text, operation, strings.ToLower(service)}
}
