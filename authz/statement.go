package authz

// statement is one compiled statement.
type statement struct {
	index        int
	sid          string
	effect       string // "Allow" or "Deny"
	principals   *principals
	notPrincipal bool
	actions      actions
	resources    resources
	conditions   []condition
}

func (s *statement) denies() bool { return s.effect == "Deny" }

// Elements of a statement, as a mismatch is reported.
const (
	elementPrincipal = "Principal"
	elementAction    = "Action"
	elementResource  = "Resource"
	elementCondition = "Condition"
)

// match decides whether the statement of the policy at covers the request. If not, element names the first one that does
// not match, in the order in which a person would look at them. If so, grant says how its principal was named.
func (s *statement) match(e *evaluation, at *Attached) (granted grant, element string) {
	if !s.actions.matches(&e.action) {
		return notNamed, elementAction
	}
	return s.matchBeyondAction(e, at)
}

// matchBeyondAction is match for a statement whose action is known to match.
func (s *statement) matchBeyondAction(e *evaluation, at *Attached) (granted grant, element string) {
	granted = namedDirectly
	if namesPrincipals(at.Kind) {
		if granted = s.grantTo(e, at); granted == notNamed {
			return notNamed, elementPrincipal
		}
	}
	if !s.resourceMatches(e, at.Kind) {
		return notNamed, elementResource
	}
	for i := range s.conditions {
		if !s.conditions[i].holds(e) {
			return notNamed, elementCondition
		}
	}
	return granted, ""
}

// resourceMatches: a trust policy has no Resource, it stands on its role.
func (s *statement) resourceMatches(e *evaluation, kind PolicyKind) bool {
	if !s.resources.present {
		return kind == Trust
	}
	return s.resources.matches(e)
}

// namesPrincipals says whether policies of a kind have a Principal element. In the others the principal is the identity
// that the policy is attached to.
func namesPrincipals(kind PolicyKind) bool {
	switch kind {
	case Resource, Trust, ACL, Endpoint, RCP:
		return true
	}
	return false
}
