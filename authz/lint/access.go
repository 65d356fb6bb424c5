package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz"
)

// Result is the answer of a custom policy check. The checks compare texts symbolically and answer on the safe side: a pass
// is certain; a failure means that the access is granted or could not be shown not to be.
//
// What is symbolic: patterns of actions and resources are compared as sets, Not elements as what is left; a condition
// that narrows an Allow is taken to hold at some time, one that narrows a Deny to fail at some time; a single statement has
// to cover what several might cover together.
type Result struct {
	Pass    bool
	Message string // in AWS's words
	Reasons []Reason
}

// Reason names a statement that fails a check.
type Reason struct {
	Description string
	Index       int
	Sid         string // "" for none
}

// Access is what must not be granted: any of the actions on any of the resources. Without actions any action counts, without
// resources any resource. Both may have wildcards.
type Access struct{ Actions, Resources []string }

// PolicyError is a policy that cannot be checked.
type PolicyError struct{ Message string }

func (e *PolicyError) Error() string { return e.Message }

// CheckAccessNotGranted passes when an identity or resource policy grants none of the access. The error is a *PolicyError.
func CheckAccessNotGranted(text string, kind PolicyType, access []Access) (Result, error) {
	p, err := readPolicy(text, kind)
	if err != nil {
		return Result{}, err
	}
	r := Result{
		Pass:    true,
		Message: "The policy document does not grant access to perform one or more of the listed actions or resources.",
	}
	what := "actions or resources"
	if !slices.ContainsFunc(access, func(a Access) bool { return len(a.Resources) > 0 }) {
		what = "actions"
		r.Message = "The policy document does not grant access to perform one or more of the listed actions."
	}
	for _, s := range p {
		if s.allows && slices.ContainsFunc(access, func(a Access) bool { return p.grants(s, a) }) {
			r.fail("The policy document grants access to perform one or more of the listed "+what+".",
				"One or more of the listed "+what+" in the", s)
		}
	}
	return r, nil
}

// fail records a statement that is at fault.
func (r *Result) fail(message, what string, s *access) {
	r.Pass, r.Message = false, message
	reason := Reason{Index: s.index, Sid: s.sid, Description: fmt.Sprintf("%s statement with index: %d.", what, s.index)}
	if s.sid != "" {
		reason.Description = fmt.Sprintf("%s statement with sid: %s.", what, s.sid)
	}
	r.Reasons = append(r.Reasons, reason)
}

// CheckNoNewAccess passes when a new policy grants nothing that the existing one does not. The error is a *PolicyError.
func CheckNoNewAccess(newText, existingText string, kind PolicyType) (Result, error) {
	changed, err := readPolicy(newText, kind)
	if err != nil {
		return Result{}, err
	}
	existing, err := readPolicy(existingText, kind)
	if err != nil {
		return Result{}, err
	}
	r := Result{Pass: true, Message: "The modified permissions do not grant new access compared to your existing policy."}
	for _, s := range changed {
		if s.allows && !changed.denied(s) && !existing.allowsAll(s, changed) {
			r.fail("The modified permissions grant new access compared to your existing policy.", "New access in the", s)
		}
	}
	return r, nil
}

// CheckNoPublicAccess passes when no statement of a resource policy grants public access: to everybody, under no condition on a
// fixed value of a key that not everybody can have. The error is a *PolicyError.
func CheckNoPublicAccess(text string) (Result, error) {
	p, err := readPolicy(text, Resource)
	if err != nil {
		return Result{}, err
	}
	r := Result{Pass: true, Message: "The resource policy does not grant public access for the given resource type."}
	for _, s := range p {
		if s.public && !p.denied(s) {
			r.fail("The resource policy grants public access for the given resource type.", "Public access granted in the following", s)
		}
	}
	return r, nil
}

// grants reports whether an Allow statement of the policy grants some of the access.
func (p policy) grants(s *access, a Access) bool {
	for _, action := range orAny(a.Actions) {
		for _, resource := range orAny(a.Resources) {
			action, resource := newItem(strings.ToLower(action)), newItem(resource)
			if !s.actions.shares(action) || !s.resources.shares(resource) {
				continue
			}
			denied := slices.ContainsFunc(p, func(d *access) bool {
				return !d.allows && len(d.conditions) == 0 && d.principals.includesAll(s.principals) &&
					(d.actions.includes(action) || d.actions.includesAll(s.actions)) &&
					(d.resources.includes(resource) || d.resources.includesAll(s.resources))
			})
			if !denied {
				return true
			}
		}
	}
	return false
}

func orAny(list []string) []string {
	if len(list) == 0 {
		return []string{"*"}
	}
	return list
}

// denied reports whether a Deny statement takes away all that an Allow statement gives.
func (p policy) denied(s *access) bool {
	return slices.ContainsFunc(p, func(d *access) bool { return !d.allows && d.includes(s) })
}

// allowsAll reports whether the policy allows all that the Allow statement s of the policy changed allows: one of its
// statements must, for each principal, action and resource of s, and what it denies of that, changed must deny as well.
func (p policy) allowsAll(s *access, changed policy) bool {
	if len(s.actions.items)*len(s.resources.items)*len(s.principals.items)*len(p) > maxComparisons {
		return slices.ContainsFunc(p, func(e *access) bool { return e.allows && e.includes(s) })
	}
	for part := range s.parts() {
		if !slices.ContainsFunc(p, func(e *access) bool { return e.allows && e.includes(part) }) {
			return false
		}
	}
	for _, d := range p {
		if d.allows || !d.shares(s) {
			continue
		}
		if !slices.ContainsFunc(changed, func(n *access) bool { return !n.allows && n.includes(d) }) {
			return false
		}
	}
	return true
}

// policy is a document as statements of access.
type policy []*access

// access is a statement as sets.
type access struct {
	index                          int
	sid                            string
	allows                         bool
	public                         bool
	actions, resources, principals set
	conditions                     []*condition
}

// includes reports whether s applies to every request that other applies to.
func (s *access) includes(other *access) bool {
	return s.actions.includesAll(other.actions) && s.resources.includesAll(other.resources) &&
		s.principals.includesAll(other.principals) &&
		!slices.ContainsFunc(s.conditions, func(c *condition) bool { return !impliedBy(c, other.conditions) })
}

// shares reports whether some request could be one that both apply to.
func (s *access) shares(other *access) bool {
	return s.actions.sharesAny(other.actions) && s.resources.sharesAny(other.resources) && s.principals.sharesAny(other.principals)
}

// parts yields the statement split into one for each of its actions, resources and principals.
func (s *access) parts() func(yield func(*access) bool) {
	return func(yield func(*access) bool) {
		for _, action := range s.actions.split() {
			for _, resource := range s.resources.split() {
				for _, principal := range s.principals.split() {
					part := *s
					part.actions, part.resources, part.principals = action, resource, principal
					if !yield(&part) {
						return
					}
				}
			}
		}
	}
}

// impliedBy reports whether a condition holds whenever others hold: one of them is on the same key and operator, and leaves no
// more values.
func impliedBy(c *condition, others []*condition) bool {
	return slices.ContainsFunc(others, func(o *condition) bool {
		if !strings.EqualFold(c.key, o.key) || c.operator != o.operator && c.operator != o.operator+"IfExists" {
			return false
		}
		if slices.EqualFunc(c.values, o.values, func(a, b *node) bool { return a.text == b.text }) {
			return true
		}
		wide, narrow := c.values, o.values
		if c.negated() {
			wide, narrow = narrow, wide
		}
		return len(narrow) > 0 && !slices.ContainsFunc(narrow, func(n *node) bool {
			return !slices.ContainsFunc(wide, func(w *node) bool {
				return w.text == n.text || c.like() && strings.HasPrefix(c.base, "String") && !isVariable(w.text) && includes(w.text, asPattern(n.text))
			})
		})
	})
}

// readPolicy reads a document; what the policy type does not allow, or what is no policy, is an error.
func readPolicy(text string, kind PolicyType) (policy, error) {
	if _, err := authz.Parse(text); err != nil {
		return nil, &PolicyError{"The policy document is not valid: " + err.Error()}
	}
	document, jsonErr := parseJSON(text)
	if jsonErr != nil {
		return nil, &PolicyError{jsonErr.Error()}
	}
	l := &linter{Options: Options{Type: kind}, text: text, places: newPlaces(text)}
	var p policy
	for i, n := range document.get("Statement").list() {
		s := l.newStatement(n)
		if kind == Resource && s.principal == nil {
			return nil, &PolicyError{"The policy document is not valid: Missing required field Principal"}
		}
		if kind == Identity && s.principal != nil {
			return nil, &PolicyError{"The policy document is not valid: Policy document should not specify a principal."}
		}
		p = append(p, newAccess(i, s))
	}
	return p, nil
}

func newAccess(i int, s *statement) *access {
	a := &access{index: i, allows: s.allows(), conditions: s.conditions}
	if sid := s.node.get("Sid"); sid != nil {
		a.sid = sid.text
	}
	a.actions = set{not: s.notAction, within: includes, overlap: overlap}
	for _, n := range s.actions {
		a.actions.items = append(a.actions.items, newItem(strings.ToLower(n.text)))
	}
	a.resources = set{not: s.notResource, within: includesARN, overlap: overlap}
	for _, n := range s.resources {
		a.resources.items = append(a.resources.items, newItem(n.text))
	}
	if s.resource == nil { // a policy without resources speaks of what it is attached to
		a.resources.items = []item{newItem("*")}
	}
	a.principals = principalSet(s)
	a.public = s.allows() && s.isPublic()
	return a
}

// isPublic asks [authz.Policy.IsPublic] of the statement alone.
func (s *statement) isPublic() bool {
	p, err := authz.Parse(`{"Version":"2012-10-17","Statement":` + s.text[s.node.start:s.node.end] + `}`)
	return err == nil && p.IsPublic()
}

// principalSet holds principals as KEY:NAME. An identity policy's is everybody that it is attached to.
func principalSet(s *statement) set {
	p := set{not: s.notPrincipal, within: includesPrincipal, overlap: func(a, b string) bool {
		return includesPrincipal(a, b) || includesPrincipal(b, a)
	}}
	if s.principal == nil || s.principal.kind == text {
		p.items = []item{newItem("*")}
		return p
	}
	for _, m := range s.principal.members {
		for _, n := range m.value.list() {
			name := m.key + ":" + n.text
			if m.key == "AWS" && n.text == "*" {
				name = "*"
			}
			p.items = append(p.items, newItem(name))
		}
	}
	return p
}

// includesPrincipal: everybody includes all, an account all its users and roles.
func includesPrincipal(a, b string) bool {
	if a == "*" || a == b {
		return true
	}
	account := accountOf(a)
	return account != "" && strings.HasPrefix(b, "AWS:") && account == accountIn(b)
}

// accountOf returns the account that a principal stands for, "" if it stands for something else.
func accountOf(principal string) string {
	name, ok := strings.CutPrefix(principal, "AWS:")
	if ok && isAccount(name) {
		return name
	}
	if parts := strings.Split(name, ":"); ok && len(parts) == 6 && parts[5] == "root" {
		return parts[4]
	}
	return ""
}

// accountIn returns the account of an AWS principal.
func accountIn(principal string) string {
	if account := accountOf(principal); account != "" {
		return account
	}
	if parts := strings.Split(principal, ":"); len(parts) == 7 {
		return parts[5]
	}
	return ""
}
