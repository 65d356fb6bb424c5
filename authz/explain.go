package authz

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Trace explains a decision as data (JSON) and, with String, as prose.
type Trace struct {
	Principal        string     `json:"principal"`
	PrincipalAccount string     `json:"principalAccount,omitempty"`
	Action           string     `json:"action"`
	Resource         string     `json:"resource"`
	ResourceAccount  string     `json:"resourceAccount,omitempty"`
	Effect           Effect     `json:"effect"`
	By               PolicyKind `json:"by,omitempty"`
	Summary          string     `json:"summary"` // the verdict in a sentence
	// Hints are the near misses of the policies whose allow is missing, nearest first.
	Hints []string `json:"hints,omitempty"`
	Steps []Step   `json:"steps"`
	// Changes are what would allow a denied request, together; smallest first.
	Changes []Change `json:"changes,omitempty"`
}

// Step is the part that one kind of policy played.
type Step struct {
	Kind     PolicyKind      `json:"kind"`
	Outcome  Effect          `json:"outcome"`
	Reason   string          `json:"reason,omitempty"` // a sentence, such as why this step is not needed
	Policies []PolicyVerdict `json:"policies"`

	missing bool // an allow that is needed and not there
}

// PolicyVerdict is what a policy said.
type PolicyVerdict struct {
	Kind       PolicyKind         `json:"kind"`
	Name       string             `json:"name,omitempty"`
	ARN        string             `json:"arn,omitempty"`
	Account    string             `json:"account,omitempty"`
	To         string             `json:"to,omitempty"`
	Statements []StatementVerdict `json:"statements"`

	at *Attached
}

// StatementVerdict is what a statement said. Element names the first element that did not match ("Resource",
// "Condition"), and Why is a sentence with both sides, a hint for near misses included.
type StatementVerdict struct {
	Sid     string `json:"sid,omitempty"`
	Index   int    `json:"index"`
	Effect  string `json:"effect"` // "Allow" or "Deny"
	Matched bool   `json:"matched"`
	Element string `json:"element,omitempty"`
	// InPolicy and InRequest are the two sides of the element that did not match.
	InPolicy  string `json:"inPolicy,omitempty"`
	InRequest string `json:"inRequest,omitempty"`
	Why       string `json:"why,omitempty"`
	// Near says that the statement nearly allowed: it is about this action, or about one of nearly its name.
	Near bool `json:"near,omitempty"`

	miss miss
}

// Explain returns the trace as data, near misses first.
func (d Decision) Explain() *Trace {
	e := newEvaluation(d.request, d.policies)
	x := explainer{evaluation: &e, decision: &d}
	t := &Trace{
		Principal:        who(&d.request.Principal),
		PrincipalAccount: d.request.Principal.Account,
		Action:           d.request.Action,
		Resource:         d.request.Resource,
		ResourceAccount:  e.resourceAccount(),
		Effect:           d.Effect,
		By:               d.By,
	}
	t.Steps = x.steps()
	t.Summary = x.summary(t)
	if d.Effect != Allowed {
		t.Hints = hints(t.Steps)
		t.Changes = x.changes(t)
	}
	return t
}

// String returns the decision for a human: what was asked, what decided, the near misses, and the smallest change that
// would allow it.
func (d Decision) String() string { return d.Explain().String() }

// explainer goes through a decision once more, with words.
type explainer struct {
	*evaluation
	decision *Decision
}

// steps are the kinds of policies that play a part, in AWS's order of evaluation.
func (x *explainer) steps() []Step {
	var steps []Step
	if x.policies.Endpoint != nil {
		steps = append(steps, x.limit(Endpoint, []Attached{*x.policies.Endpoint}))
	}
	for _, level := range x.policies.RCPs {
		steps = append(steps, x.limit(RCP, level))
	}
	if x.organizationApplies() {
		for _, level := range x.policies.SCPs {
			steps = append(steps, x.limit(SCP, level))
		}
	}
	_, granted := x.resourceGrant()
	if len(x.policies.Resource) > 0 || x.mustBeTrusted() || !x.hasPolicies() {
		steps = append(steps, x.resourceStep(granted))
	}
	if !x.hasPolicies() {
		return steps
	}
	settled := x.sameAccount() && granted >= namedIssuer
	steps = append(steps, x.identityStep(granted, settled))
	settled = x.sameAccount() && granted == namedDirectly
	if x.policies.Boundary != nil {
		steps = append(steps, x.limitUnless(settled, Boundary, []Attached{*x.policies.Boundary}))
	}
	if x.policies.HasSession || len(x.policies.Session) > 0 || x.request.Principal.Type == FederatedUser {
		steps = append(steps, x.limitUnless(settled, Session, x.policies.Session))
	}
	return steps
}

// limit is the step of policies that cannot grant, but must allow.
func (x *explainer) limit(kind PolicyKind, list []Attached) Step {
	s := x.step(kind, list)
	switch {
	case s.Outcome == ImplicitDeny && kind == Session && len(list) == 0:
		s.missing = true
		s.Reason = "The session was made without a session policy, so it has none of its issuer's permissions " +
			"(GetFederationToken)."
	case s.Outcome == ImplicitDeny:
		s.missing = true
		s.Reason = x.limitMissing(kind, list)
	}
	return s
}

// limitMissing says what a limiting policy lacks.
func (x *explainer) limitMissing(kind PolicyKind, list []Attached) string {
	subject := upperFirst(article(kind) + " " + string(kind))
	switch {
	case len(list) == 0:
		return fmt.Sprintf("No %s is attached at this level, and each level must allow.", kind)
	case len(list) == 1:
		subject = upperFirst(place(&list[0]))
	}
	lacks := fmt.Sprintf("does not mention %s", x.request.Action)
	if x.mentioned(list) {
		lacks = fmt.Sprintf("mentions %s, but not for this request", x.request.Action)
	}
	return fmt.Sprintf("%s must allow too, whatever other policies grant, and %s.", subject, lacks)
}

// limitUnless is limit, where the resource's policy has not settled the matter by naming the requester itself.
func (x *explainer) limitUnless(settled bool, kind PolicyKind, list []Attached) Step {
	if !settled {
		return x.limit(kind, list)
	}
	s := x.step(kind, list)
	if s.Outcome == ImplicitDeny {
		s.Reason = fmt.Sprintf("Not needed: the resource's policy grants to the requester itself, which only an explicit deny "+
			"in a %s would stop.", kind)
	}
	return s
}

// resourceStep is that of the resource's own policies.
func (x *explainer) resourceStep(granted grant) Step {
	kind := x.resourceKind()
	s := x.step(kind, x.policies.Resource)
	account := x.resourceAccount()
	switch {
	case s.Outcome == ExplicitDeny:
	case granted == namedAccount:
		s.Reason = fmt.Sprintf("It allows, but by naming account %s as a whole: that delegates the decision to the account, "+
			"whose own policies must allow %s as well.", x.request.Principal.Account, x.request.Action)
	case granted > notNamed && !x.sameAccount() && x.hasPolicies() && x.request.Principal.Type != Account:
		s.Reason = fmt.Sprintf("It allows. The resource belongs to account %s and the requester to %s, so this is one of the "+
			"two sides that are needed.", account, x.request.Principal.Account)
	case granted > notNamed:
	case kind == Trust:
		s.missing = true
		s.Reason = fmt.Sprintf("The role's trust policy must allow %s by %s, and does not. An identity-based policy alone never "+
			"suffices.", x.request.Action, x.principalWords())
	case !x.hasPolicies():
		s.missing = true
		s.Reason = fmt.Sprintf("%s has no policies of its own, so only the resource's policy could allow.",
			upperFirst(x.principalWords()))
	case !x.sameAccount():
		s.missing = true
		s.Reason = fmt.Sprintf("The resource belongs to account %s and the requester to %s: access across accounts needs both "+
			"sides, and the resource's side does not allow.", account, x.request.Principal.Account)
	default:
		s.Reason = "Not needed: within an account an identity-based policy suffices."
	}
	return s
}

// identityStep is that of the requester's own policies. settled: the resource's policy needs no help from them.
func (x *explainer) identityStep(granted grant, settled bool) Step {
	s := x.step(Identity, x.policies.Identity)
	switch {
	case s.Outcome == ExplicitDeny || s.Outcome == Allowed:
	case x.isRoot():
		s.Outcome = Allowed
		s.Reason = "Not needed: a root user has every permission within its account."
	case settled:
		s.Reason = "Not needed: the resource's policy, of the same account, names the requester."
	case x.mustBeTrusted() && x.sameAccount() && granted == notNamed:
		s.Reason = fmt.Sprintf("Not needed when the trust policy, of the same account, names %s itself.", x.principalWords())
	default:
		s.missing = true
		s.Reason = x.identityMissing(granted)
	}
	return s
}

// identityMissing says what the requester's side lacks.
func (x *explainer) identityMissing(granted grant) string {
	subject := "the requester"
	if x.request.Principal.ARN != "" {
		subject = x.principalWords()
	}
	var text string
	switch n := len(x.policies.Identity); {
	case n == 1 && !x.mentioned(x.policies.Identity):
		text = fmt.Sprintf("The only identity-based policy of %s%s does not mention %s.", subject,
			between(", ", names(x.policies.Identity), ","), x.request.Action)
	case n == 0:
		text = fmt.Sprintf("%s has no identity-based policies at all.", upperFirst(subject))
	case !x.mentioned(x.policies.Identity):
		text = fmt.Sprintf("None of the %d identity-based policies of %s mentions %s%s.", n, subject, x.request.Action,
			between(": ", names(x.policies.Identity), ""))
	default:
		text = fmt.Sprintf("%s of %s %s %s, but not for this request.", capitalCount(x.mentioning(x.policies.Identity), n),
			subject, verb(x.mentioning(x.policies.Identity), "mentions", "mention"), x.request.Action)
	}
	switch {
	case x.sameAccount() && granted == namedAccount:
		return text + " The resource's policy names the account as a whole, which only delegates to policies such as these."
	case x.sameAccount():
		return text
	}
	other := fmt.Sprintf("account %s does not allow either", x.resourceAccount())
	if granted > notNamed {
		other = fmt.Sprintf("account %s, which owns the resource, already allows", x.resourceAccount())
	}
	return fmt.Sprintf("%s Access across accounts needs both sides: %s, and account %s must allow it in a policy of the "+
		"requester.", text, other, x.request.Principal.Account)
}

// mentioned reports whether an Allow statement of the list covers the action, whatever its other elements say.
func (x *explainer) mentioned(list []Attached) bool { return x.mentioning(list) > 0 }

func (x *explainer) mentioning(list []Attached) int {
	n := 0
	for i := range list {
		if list[i].Policy != nil && slices.ContainsFunc(list[i].Policy.statements, func(s statement) bool {
			return !s.denies() && s.actions.matches(&x.action)
		}) {
			n++
		}
	}
	return n
}

// step judges a list of policies, near misses first.
func (x *explainer) step(kind PolicyKind, list []Attached) Step {
	s := Step{Kind: kind, Outcome: ImplicitDeny, Policies: []PolicyVerdict{}}
	for i := range list {
		at := &list[i]
		verdict := verdictOn(at)
		if at.Policy != nil {
			for j := range at.Policy.statements {
				verdict.Statements = append(verdict.Statements, x.judge(&at.Policy.statements[j], at))
			}
		}
		slices.SortStableFunc(verdict.Statements, func(a, b StatementVerdict) int { return cmp.Compare(b.rank(), a.rank()) })
		s.Policies = append(s.Policies, verdict)
		for k := range verdict.Statements {
			switch v := &verdict.Statements[k]; {
			case v.Matched && v.Effect == "Deny":
				s.Outcome = ExplicitDeny
			case v.Matched && s.Outcome == ImplicitDeny:
				s.Outcome = Allowed
			}
		}
	}
	slices.SortStableFunc(s.Policies, func(a, b PolicyVerdict) int { return cmp.Compare(b.rank(), a.rank()) })
	return s
}

// verdictOn is the heading of what is said of a policy.
func verdictOn(at *Attached) PolicyVerdict {
	return PolicyVerdict{Kind: at.Kind, Name: at.Name, ARN: at.ARN, Account: at.Account, To: at.To, Statements: []StatementVerdict{}, at: at}
}

// judge says whether a statement matches, and if not, why.
func (x *explainer) judge(s *statement, at *Attached) StatementVerdict {
	granted, element := s.match(x.evaluation, at)
	v := StatementVerdict{Sid: s.sid, Index: s.index, Effect: s.effect, Matched: element == "", Element: element}
	if v.Matched {
		if granted == namedAccount && !s.denies() {
			v.Why = fmt.Sprintf("It names account %s, not the requester itself: a delegation to that account.",
				x.request.Principal.Account)
		}
		return v
	}
	switch element {
	case elementAction:
		v.miss = x.actionMiss(s)
	case elementPrincipal:
		v.miss = x.principalMiss(s, at)
	case elementResource:
		v.miss = x.resourceMiss(s, at)
	case elementCondition:
		v.miss = x.conditionMiss(s, at)
	}
	v.InPolicy, v.InRequest, v.Why = v.miss.policy, v.miss.request, v.miss.why
	if element == elementAction && v.miss.closeness > 0 && !x.elsewhereMatches(s, at) {
		v.miss.closeness /= 2
	}
	v.Near = !s.denies() && (element != elementAction || v.miss.closeness > 0)
	return v
}

// elsewhereMatches reports whether all but the action of a statement fits the request.
func (x *explainer) elsewhereMatches(s *statement, at *Attached) bool {
	other := *s
	other.actions = actions{present: true, all: true}
	_, element := other.match(x.evaluation, at)
	return element == ""
}

// rank orders statements: what decided, then near misses by how near they are.
func (v *StatementVerdict) rank() int {
	rank := v.miss.closeness
	switch {
	case v.Matched && v.Effect == "Deny":
		return 2000
	case v.Matched:
		return 1000
	case v.Element == elementCondition:
		rank += 300
	case v.Element == elementResource:
		rank += 200
	case v.Element == elementPrincipal:
		rank += 100
	}
	if v.Effect == "Deny" {
		return 0 // a Deny that does not match is no near miss
	}
	return rank
}

func (p *PolicyVerdict) rank() int {
	if len(p.Statements) == 0 {
		return 0
	}
	return p.Statements[0].rank()
}

// hints say of each step whose allow is missing what its nearest miss is, or, without one, why nothing allows.
func hints(steps []Step) []string {
	var list []string
	for i := range steps {
		s := &steps[i]
		if !s.missing {
			continue
		}
		if p, v := nearest(s); v != nil {
			list = append(list, fmt.Sprintf("%s, %s: %s", statementWords(p, v), v.Element, v.Why))
			continue
		}
		list = append(list, s.Reason)
	}
	return list
}

// allowedBy names the policy that allows, and the second of two that are needed.
func (x *explainer) allowedBy() string {
	text := "allowed by " + place(x.decision.Policy)
	if _, granted := x.resourceGrant(); x.decision.By == Identity || x.sameAccount() && granted > namedAccount || !x.hasPolicies() {
		return text
	}
	if own := x.firstAllow(x.policies.Identity); own != nil {
		text += " and by " + place(own)
	}
	return text
}

// summary is the verdict in a sentence.
func (x *explainer) summary(t *Trace) string {
	switch d := x.decision; d.Effect {
	case Allowed:
		if d.Policy == nil {
			return "allowed: a root user has every permission within its account"
		}
		return x.allowedBy()
	case ExplicitDeny:
		return fmt.Sprintf("denied: %s has a statement that denies it, which no allow outweighs", place(d.Policy))
	}
	var kinds []string
	for _, s := range t.Steps {
		if text := "no " + string(s.Kind) + " allows it"; s.missing && !slices.Contains(kinds, text) {
			kinds = append(kinds, text)
		}
	}
	return "denied: " + strings.Join(kinds, ", and ")
}
