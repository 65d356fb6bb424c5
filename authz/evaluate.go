package authz

// evaluation is one request being decided.
type evaluation struct {
	request  Request
	policies Policies
	action   action
	// derived are the condition keys that the principal and the request themselves supply.
	derived struct {
		principalARN, principalAccount, principalType, userID, userName, resourceAccount [1]string
	}
}

// Evaluate decides request under policies. A deny may end it early; [Decision.Explain] goes through every statement again.
func Evaluate(request Request, policies Policies) Decision {
	e := newEvaluation(request, policies)
	effect, by, policy := e.decide()
	return Decision{Effect: effect, By: by, Policy: policy, request: request, policies: policies}
}

// newEvaluation returns a value that holds values, so that all of it can stay on the stack.
func newEvaluation(request Request, policies Policies) evaluation {
	e := evaluation{request: request, policies: policies, action: newAction(request.Action)}
	who := &request.Principal
	e.derived.principalARN[0] = who.ARN
	if who.Type == AssumedRole {
		e.derived.principalARN[0] = who.RoleARN // "AWS global condition context keys": the role, not the session
	}
	e.derived.principalAccount[0] = who.Account
	e.derived.principalType[0] = string(who.Type)
	e.derived.userID[0] = who.ID
	if who.Type == Service || who.Type == Federated {
		e.derived.principalARN[0], e.derived.principalType[0], e.derived.userID[0] = "", "", ""
	}
	if who.Type == Anonymous {
		e.derived.principalAccount[0], e.derived.userID[0] = "anonymous", "anonymous"
	}
	if who.Type == User {
		e.derived.userName[0] = who.Name
	}
	e.derived.resourceAccount[0] = e.resourceAccount()
	return e
}

// resourceAccount is the account that owns the resource.
func (e *evaluation) resourceAccount() string {
	if e.request.ResourceAccount == "" {
		return e.request.Principal.Account
	}
	return e.request.ResourceAccount
}

func (e *evaluation) sameAccount() bool { return e.resourceAccount() == e.request.Principal.Account }

// lookup finds the values of a condition key, given in lower case.
func (e *evaluation) lookup(key string) (values []string, present bool) {
	var own *[1]string
	switch key {
	case "aws:principalarn":
		own = &e.derived.principalARN
	case "aws:principalaccount":
		own = &e.derived.principalAccount
	case "aws:principaltype":
		own = &e.derived.principalType
	case "aws:userid":
		own = &e.derived.userID
	case "aws:username":
		own = &e.derived.userName
	case "aws:resourceaccount":
		own = &e.derived.resourceAccount
	}
	if own != nil && own[0] != "" {
		return own[:], true
	}
	if e.request.Context == nil {
		return nil, false
	}
	return e.request.Context.Lookup(key)
}

// decide goes through the kinds of policies in AWS's order: an explicit deny in any of them, then each that limits, then
// those that grant ("Policy evaluation logic").
func (e *evaluation) decide() (Effect, PolicyKind, *Attached) {
	if denying := e.explicitDeny(); denying != nil {
		return ExplicitDeny, denying.Kind, denying
	}
	switch {
	case !e.endpointAllows():
		return ImplicitDeny, Endpoint, nil
	case !e.rcpsAllow():
		return ImplicitDeny, RCP, nil
	case !e.scpsAllow():
		return ImplicitDeny, SCP, nil
	}
	granting, granted := e.resourceGrant()
	if by := e.missing(granted); by != "" {
		return ImplicitDeny, by, nil
	}
	if granting == nil {
		if granting = e.firstAllow(e.policies.Identity); granting == nil {
			return Allowed, Identity, nil // a root user, or who was federated by one
		}
	}
	return Allowed, granting.Kind, granting
}

// explicitDeny is the policy that a denial is put down to when several deny. AWS names one kind only and documents no
// order; this is the order of its "Troubleshoot access denied error messages", in which identity-based policies are seen
// to come before resource-based ones.
func (e *evaluation) explicitDeny() *Attached {
	if e.organizationApplies() {
		for _, level := range e.policies.SCPs {
			if a := e.firstDeny(level); a != nil {
				return a
			}
		}
	}
	for _, level := range e.policies.RCPs {
		if a := e.firstDeny(level); a != nil {
			return a
		}
	}
	if a := e.policies.Endpoint; a != nil && e.denies(a) {
		return a
	}
	if a := e.policies.Boundary; a != nil && e.denies(a) {
		return a
	}
	if a := e.firstDeny(e.policies.Session); a != nil {
		return a
	}
	if a := e.firstDeny(e.policies.Identity); a != nil {
		return a
	}
	return e.firstDeny(e.policies.Resource)
}

// hasPolicies says whether the requester is an IAM principal, which policies can be attached to and SCPs apply to.
func (e *evaluation) hasPolicies() bool {
	switch e.request.Principal.Type {
	case Account, User, AssumedRole, FederatedUser:
		return true
	}
	return false
}

// organizationApplies: SCPs limit the principals of member accounts, root users included, nobody else.
func (e *evaluation) organizationApplies() bool { return e.hasPolicies() }

func (e *evaluation) endpointAllows() bool {
	return e.policies.Endpoint == nil || e.allows(e.policies.Endpoint) > notNamed
}

func (e *evaluation) rcpsAllow() bool { return e.everyLevelAllows(e.policies.RCPs) }

func (e *evaluation) scpsAllow() bool {
	return !e.organizationApplies() || e.everyLevelAllows(e.policies.SCPs)
}

func (e *evaluation) everyLevelAllows(levels [][]Attached) bool {
	for _, level := range levels {
		if e.firstAllow(level) == nil {
			return false
		}
	}
	return true
}

// resourceGrant is the strongest grant of the resource-based policies, and the policy that gives it if it needs no other.
func (e *evaluation) resourceGrant() (*Attached, grant) {
	var granting *Attached
	strongest := notNamed
	for i := range e.policies.Resource {
		if g := e.allows(&e.policies.Resource[i]); g > strongest {
			granting, strongest = &e.policies.Resource[i], g
		}
	}
	if strongest == namedAccount && !e.mustBeTrusted() {
		granting = nil // delegation: the identity-based policy is what allows
	}
	return granting, strongest
}

// missing names the kind of policy whose allow is missing, "" if none is.
func (e *evaluation) missing(granted grant) PolicyKind {
	switch {
	case !e.hasPolicies():
		if granted == notNamed {
			return e.resourceKind()
		}
		return ""
	case e.mustBeTrusted() && granted == notNamed:
		return e.resourceKind()
	case e.sameAccount() && granted == namedDirectly:
		return ""
	case e.sameAccount() && granted == namedIssuer:
		return e.missingLimit()
	case !e.identityAllows():
		return Identity
	}
	return e.missingLimit()
}

// mustBeTrusted says whether a resource-based policy has to allow: of another account's resource, and of a role.
func (e *evaluation) mustBeTrusted() bool {
	if !e.sameAccount() {
		return true
	}
	return e.resourceKind() == Trust
}

// resourceKind is the kind of resource-based policy that a missing grant is put down to.
func (e *evaluation) resourceKind() PolicyKind {
	for i := range e.policies.Resource {
		if e.policies.Resource[i].Kind == Trust {
			return Trust
		}
	}
	return Resource
}

// identityAllows: a root user needs no policies within its rights, nor does who it federated.
func (e *evaluation) identityAllows() bool {
	return e.isRoot() || e.firstAllow(e.policies.Identity) != nil
}

func (e *evaluation) isRoot() bool {
	who := &e.request.Principal
	return who.Type == Account || who.Type == FederatedUser && accountOf(who.IssuerARN) != ""
}

// missingLimit names the permissions boundary or the session policy, if one does not allow.
func (e *evaluation) missingLimit() PolicyKind {
	if b := e.policies.Boundary; b != nil && e.allows(b) == notNamed {
		return Boundary
	}
	// GetFederationToken: a session made without policies has no permissions but those that resources grant to itself.
	limited := e.policies.HasSession || len(e.policies.Session) > 0 || e.request.Principal.Type == FederatedUser
	if limited && e.firstAllow(e.policies.Session) == nil {
		return Session
	}
	return ""
}

func (e *evaluation) firstAllow(list []Attached) *Attached {
	for i := range list {
		if e.allows(&list[i]) > notNamed {
			return &list[i]
		}
	}
	return nil
}

func (e *evaluation) firstDeny(list []Attached) *Attached {
	for i := range list {
		if e.denies(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// allows is the strongest grant of a policy's Allow statements.
func (e *evaluation) allows(at *Attached) grant {
	if at.Policy == nil {
		return notNamed
	}
	strongest := notNamed
	if named := at.Policy.byService[e.action.service]; named != nil {
		strongest = e.strongest(named.allow, at)
	}
	if strongest < namedDirectly {
		strongest = max(strongest, e.strongest(at.Policy.anyService.allow, at))
	}
	return strongest
}

// denies reports whether a Deny statement of a policy covers the request.
func (e *evaluation) denies(at *Attached) bool {
	if at.Policy == nil || !at.Policy.hasDeny {
		return false
	}
	if named := at.Policy.byService[e.action.service]; named != nil && e.strongest(named.deny, at) > notNamed {
		return true
	}
	return e.strongest(at.Policy.anyService.deny, at) > notNamed
}

// strongest is the strongest grant of the statements that match.
func (e *evaluation) strongest(list []candidate, at *Attached) grant {
	strongest := notNamed
	for i := range list {
		if !list[i].covers(&e.action) {
			continue
		}
		granted, _ := list[i].matchBeyondAction(e, at)
		if strongest = max(strongest, granted); strongest == namedDirectly {
			break
		}
	}
	return strongest
}
