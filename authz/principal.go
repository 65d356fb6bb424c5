package authz

import (
	"slices"
	"strings"
)

// principals is the Principal or NotPrincipal element.
type principals struct {
	everyone  bool // "*"
	aws       []string
	service   []string
	federated []string
	canonical []string
}

func compilePrincipals(value any) (*principals, error) {
	if value == "*" {
		return &principals{everyone: true}, nil
	}
	types, isObject := value.(object)
	if !isObject {
		return nil, errSyntax
	}
	p := &principals{}
	for _, m := range types {
		list, err := stringList(m.value)
		if err != nil {
			return nil, at(err, m.at)
		}
		switch m.key {
		case "AWS":
			p.aws = list
		case "Service":
			p.service = list
		case "Federated":
			p.federated = list
		case "CanonicalUser":
			p.canonical = list
		default:
			return nil, syntaxErrorAt(m.keyAt)
		}
	}
	return p, nil
}

// grant is how a statement's principals name the requester, weakest first. In the same account it decides which implicit
// denies still limit what a resource-based policy allows ("Policy evaluation logic").
type grant int

const (
	notNamed grant = iota
	// namedAccount: through its account, which delegates only: the account's own policies must allow too.
	namedAccount
	// namedIssuer: through its role's ARN, or that of the user it was federated by: boundary and session policies limit it.
	namedIssuer
	// namedDirectly: itself, or everyone: no implicit deny limits it.
	namedDirectly
)

// grantTo says how the statement names the requester. Denying statements name it too, with any grant above notNamed.
func (s *statement) grantTo(e *evaluation, at *Attached) grant {
	switch {
	case s.principals == nil:
		return notNamed
	case !s.notPrincipal && s.denies() && slices.Contains(s.principals.aws, "*"):
		return namedDirectly // denies services and providers too, though it does not allow them
	case !s.notPrincipal:
		return s.principals.name(e, at)
	case s.denies():
		if s.principals.spare(e, at) {
			return notNamed
		}
		return namedDirectly
	case s.principals.name(e, at) > notNamed:
		return notNamed
	}
	return namedDirectly
}

// name says how p names the requester, by the strongest of its entries.
func (p *principals) name(e *evaluation, at *Attached) grant {
	who := &e.request.Principal
	if p.everyone {
		return namedDirectly
	}
	switch who.Type {
	case Service:
		return directlyIf(slices.Contains(p.service, who.Service))
	case Federated:
		return directlyIf(slices.Contains(p.federated, who.Federated))
	}
	strongest := notNamed
	for _, text := range p.aws {
		strongest = max(strongest, nameAWS(text, who, at))
	}
	for _, id := range p.canonical {
		// Bound maps a canonical user id to the account it stands for.
		if who.Account != "" && at.Bound[id] == who.Account {
			strongest = max(strongest, namedAccountOf(who))
		}
	}
	return strongest
}

func directlyIf(named bool) grant {
	if named {
		return namedDirectly
	}
	return notNamed
}

// nameAWS says how one AWS principal names who.
func nameAWS(text string, who *Principal, at *Attached) grant {
	switch {
	case text == "*":
		return namedDirectly
	case who.Type == Anonymous || text == "":
		return notNamed
	case accountOf(text) != "":
		if accountOf(text) != who.Account {
			return notNamed
		}
		return namedAccountOf(who)
	case text == who.ARN, text == who.ID:
		return directlyIf(boundTo(at, text, who.ID))
	case who.Type == AssumedRole && (text == who.RoleARN || text == who.RoleID):
		if boundTo(at, text, who.RoleID) {
			return namedIssuer
		}
	case who.Type == FederatedUser && text == who.IssuerARN:
		return namedIssuer
	}
	return notNamed
}

// namedAccountOf: a root user is its account; its other principals are delegated to.
func namedAccountOf(who *Principal) grant {
	if who.Type == Account {
		return namedDirectly
	}
	return namedAccount
}

// boundTo reports whether the principal that text named when the policy was stored is still the one with this id.
func boundTo(at *Attached, text, id string) bool {
	bound, known := at.Bound[text]
	return !known || bound == id
}

// accountOf is the account that text names, a 12-digit id or the ARN of a root user, else "".
func accountOf(text string) string {
	if isAccountID(text) {
		return text
	}
	if a, ok := parseARN(text); ok && a.service == "iam" && a.resource == "root" && isAccountID(a.account) {
		return a.account
	}
	return ""
}

func isAccountID(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789") == ""
}

// spare reports whether a Deny with NotPrincipal leaves the requester alone. It spares exact ARNs only, not the other
// principals of an account that it lists, and nobody who has a permissions boundary ("AWS JSON policy elements:
// NotPrincipal").
func (p *principals) spare(e *evaluation, at *Attached) bool {
	if e.policies.Boundary != nil {
		return false
	}
	return p.name(e, at) == namedDirectly
}
