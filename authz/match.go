package authz

// Match is a statement that covers a request.
type Match struct {
	In     *Attached // the policy
	Index  int       // of the statement in the policy
	Sid    string
	Effect string // "Allow" or "Deny"
}

// Matches returns every statement that covers the request, in policies of all kinds that apply to it.
func (d Decision) Matches() []Match {
	e := newEvaluation(d.request, d.policies)
	var found []Match
	e.eachStatement(func(at *Attached, s *statement) {
		if _, mismatch := s.match(&e, at); mismatch == "" {
			found = append(found, Match{In: at, Index: s.index, Sid: s.sid, Effect: s.effect})
		}
	})
	return found
}

// eachStatement goes through the statements of all policies that apply to the request.
func (e *evaluation) eachStatement(do func(*Attached, *statement)) {
	through := func(list []Attached) {
		for i := range list {
			if list[i].Policy == nil {
				continue
			}
			for j := range list[i].Policy.statements {
				do(&list[i], &list[i].Policy.statements[j])
			}
		}
	}
	if e.organizationApplies() {
		for _, level := range e.policies.SCPs {
			through(level)
		}
	}
	for _, level := range e.policies.RCPs {
		through(level)
	}
	if e.policies.Endpoint != nil {
		through([]Attached{*e.policies.Endpoint})
	}
	through(e.policies.Resource)
	through(e.policies.Identity)
	if e.policies.Boundary != nil {
		through([]Attached{*e.policies.Boundary})
	}
	through(e.policies.Session)
}

// Verdict returns what the policies of one kind say by themselves, whatever the others do. ok is false when none of that
// kind applies to the request.
func (d Decision) Verdict(kind PolicyKind) (effect Effect, ok bool) {
	e := newEvaluation(d.request, d.policies)
	switch kind {
	case SCP:
		return e.verdictOf(e.policies.SCPs), len(e.policies.SCPs) > 0 && e.organizationApplies()
	case RCP:
		return e.verdictOf(e.policies.RCPs), len(e.policies.RCPs) > 0
	case Endpoint:
		return e.verdictOfOne(e.policies.Endpoint)
	case Boundary:
		return e.verdictOfOne(e.policies.Boundary)
	case Session:
		limited := e.policies.HasSession || len(e.policies.Session) > 0
		return e.verdictOf([][]Attached{e.policies.Session}), limited
	case Identity:
		effect := e.verdictOf([][]Attached{e.policies.Identity})
		if effect == ImplicitDeny && e.isRoot() {
			effect = Allowed
		}
		return effect, e.hasPolicies()
	}
	return e.verdictOf([][]Attached{e.policies.Resource}), len(e.policies.Resource) > 0
}

func (e *evaluation) verdictOfOne(at *Attached) (Effect, bool) {
	if at == nil {
		return ImplicitDeny, false
	}
	return e.verdictOf([][]Attached{{*at}}), true
}

// verdictOf is what levels of policies say together: each must allow, and none deny.
func (e *evaluation) verdictOf(levels [][]Attached) Effect {
	for _, level := range levels {
		if e.firstDeny(level) != nil {
			return ExplicitDeny
		}
	}
	if !e.everyLevelAllows(levels) {
		return ImplicitDeny
	}
	return Allowed
}

// MissingKeys returns the condition keys that statements about the request's action and resource asked for and that the
// request does not have, as the policies write them.
func (d Decision) MissingKeys() []string {
	asked := &missing{Context: d.request.Context}
	request := d.request
	request.Context = asked
	e := newEvaluation(request, d.policies)
	var names keyNames
	e.eachStatement(func(at *Attached, s *statement) {
		if !s.actions.matches(&e.action) {
			return
		}
		names.addStatement(s)
		if s.resourceMatches(&e, at.Kind) {
			for i := range s.conditions {
				s.conditions[i].holds(&e)
			}
		}
	})
	var list []string
	for _, key := range asked.keys {
		list = append(list, names.written[key])
	}
	return list
}

// missing is a Context that remembers what it was asked for in vain.
type missing struct {
	Context
	keys []string
}

func (m *missing) Lookup(key string) ([]string, bool) {
	if m.Context != nil {
		if values, ok := m.Context.Lookup(key); ok {
			return values, true
		}
	}
	for _, known := range m.keys {
		if known == key {
			return nil, false
		}
	}
	m.keys = append(m.keys, key)
	return nil, false
}
