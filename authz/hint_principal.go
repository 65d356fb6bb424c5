package authz

import (
	"fmt"
	"strings"
)

// principalMiss explains a Principal or NotPrincipal that does not name the requester, by the entry nearest to it.
func (x *explainer) principalMiss(s *statement, at *Attached) miss {
	request := who(&x.request.Principal)
	switch {
	case s.principals == nil:
		return miss{policy: "(none)", request: request, why: "The statement has no Principal, so it is about nobody.", closeness: 30}
	case s.notPrincipal:
		return miss{policy: "NotPrincipal " + s.principals.words(), request: request,
			why: "NotPrincipal leaves this requester out.", closeness: 10}
	}
	nearest := miss{policy: s.principals.words(), request: request, fix: x.principalToName(at), closeness: 20}
	switch x.request.Principal.Type {
	case Service, Federated:
		nearest.why = fmt.Sprintf("It does not name %s.", request)
		return nearest
	}
	if len(s.principals.aws) == 0 {
		nearest.why = "It names no AWS principal: accounts, users and roles stand under \"AWS\"."
		return nearest
	}
	nearest.closeness = -1
	for _, text := range s.principals.aws {
		m := x.principalEntryMiss(text, at)
		if m.closeness > nearest.closeness {
			m.policy, m.request, m.replaces = text, request, text
			if m.fix == "" && m.remedy == "" {
				m.fix = x.principalToName(at)
			}
			nearest = m
		}
	}
	return nearest
}

// principalToName is what a statement would name the requester by: in a trust policy its account, which is what most
// people mean, else itself.
func (x *explainer) principalToName(at *Attached) string {
	p := &x.request.Principal
	switch {
	case at != nil && at.Kind == Trust && p.Account != "" && !x.sameAccount():
		return accountARN(p)
	case p.Type == AssumedRole:
		return p.RoleARN
	case p.Type == Anonymous:
		return "*"
	}
	return p.ARN
}

func accountARN(p *Principal) string {
	partition := "aws"
	if a, ok := parseARN(p.ARN); ok {
		partition = a.partition
	}
	return "arn:" + partition + ":iam::" + p.Account + ":root"
}

// words lists the principals.
func (p *principals) words() string {
	if p.everyone {
		return "*"
	}
	var all []string
	all = append(all, p.aws...)
	all = append(all, p.service...)
	all = append(all, p.federated...)
	all = append(all, p.canonical...)
	return quoted(all)
}

// principalEntryMiss compares one AWS principal with the requester.
func (x *explainer) principalEntryMiss(text string, at *Attached) miss {
	p := &x.request.Principal
	if p.Type == Anonymous {
		return miss{closeness: 30, why: "The request is anonymous (it carries no signature), and only \"*\" names anonymous requesters."}
	}
	if account := accountOf(text); account != "" {
		return x.otherAccount(account)
	}
	if bound, ok := at.Bound[text]; ok && (text == p.ARN || text == p.RoleARN) {
		return miss{closeness: 95, remedy: fmt.Sprintf("Store %s again, which binds it to the present id", place(at)),
			why: fmt.Sprintf("The name is the same, but the policy was stored for the principal with the unique "+
				"id %s, and this one's is %s: it was deleted and made again. Store the policy again to trust it.", orNothing(bound), idOf(p))}
	}
	named, ok := parseARN(text)
	switch {
	case !ok && (strings.HasPrefix(text, "AIDA") || strings.HasPrefix(text, "AROA")):
		return miss{closeness: 40, why: "It is the unique id of a principal that was deleted."}
	case !ok && strings.Trim(text, "0123456789") == "":
		return x.otherAccount(text)
	case !ok:
		return miss{closeness: 20, why: "It is neither an ARN nor an account id."}
	case strings.ContainsAny(text, "*?"):
		return miss{closeness: 70, why: "Wildcards have no meaning inside a principal's ARN: name it exactly, or name its account and " +
			"use a condition on aws:PrincipalArn."}
	case named.account != p.Account:
		m := x.otherAccount(named.account)
		m.why = fmt.Sprintf("It names %s of account %s. %s", named.resource, named.account, m.why)
		return m
	}
	return x.otherName(named)
}

func idOf(p *Principal) string {
	if p.Type == AssumedRole {
		return p.RoleID
	}
	return p.ID
}

// otherAccount explains a principal of an account that is not the requester's.
func (x *explainer) otherAccount(account string) miss {
	p := &x.request.Principal
	m := miss{closeness: 50, why: fmt.Sprintf("It names account %s, and the requester belongs to account %s: %s.", account, p.Account,
		differingDigits(account, p.Account))}
	if account == x.resourceAccount() && account != p.Account {
		m.closeness = 60
		m.why = fmt.Sprintf("It names account %s, which is the resource's own; the requester belongs to account %s.", account, p.Account)
	} else if distance(account, p.Account, 2) <= 2 {
		m.closeness = 80
	}
	return m
}

// otherName explains an ARN of the requester's account that names somebody else.
func (x *explainer) otherName(named arn) miss {
	p := &x.request.Principal
	own := p.ARN
	if p.Type == AssumedRole && named.service == "iam" {
		own = p.RoleARN
	}
	real, _ := parseARN(own)
	kind, name, _ := strings.Cut(real.resource, "/")
	namedKind, namedName, _ := strings.Cut(named.resource, "/")
	switch {
	case namedKind == "group":
		return miss{closeness: 65, why: "It names a group; groups are no principals, only users and roles are."}
	case p.Type == AssumedRole && namedKind == "assumed-role":
		return miss{closeness: 60, why: fmt.Sprintf("It names the session %s, and this one is %s: to trust every session name the role.",
			namedName, name)}
	case namedKind == kind && namedName == afterLast(name, "/"):
		return miss{closeness: 90, fix: own, why: fmt.Sprintf("The %s has a path, which is part of its ARN: %s.", kind, name)}
	case namedKind != kind && namedName == name:
		return miss{closeness: 80, fix: own, why: fmt.Sprintf("It says %q where the requester is a %s.", namedKind, kind)}
	}
	m := nameMiss(named.resource, real.resource, own, fmt.Sprintf("It names %s of the same account, not %s.", named.resource,
		real.resource))
	m.closeness -= 5
	return m
}
