package authz

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Change is something that would help to allow a request: what to do where, and the statement that results.
type Change struct {
	// Kind and To say which policy to change, and Policy and Statement (counted from 0) what in it; Statement is -1 for a
	// new one.
	Kind      PolicyKind `json:"kind"`
	To        string     `json:"to,omitempty"`
	Policy    string     `json:"policy,omitempty"`
	Statement int        `json:"statement"`
	What      string     `json:"what"`
	// JSON is the statement to have there, empty where one has to go.
	JSON string `json:"json,omitempty"`
}

func (c *Change) write(b *strings.Builder) {
	fmt.Fprintf(b, "  %s\n", c.What)
	for line := range strings.Lines(c.JSON) {
		fmt.Fprintf(b, "    %s", line)
	}
	if c.JSON != "" {
		b.WriteString("\n")
	}
}

// changes are those that together would allow the request: one for each policy that denies or whose allow is missing.
func (x *explainer) changes(t *Trace) []Change {
	var list []Change
	for i := range t.Steps {
		step := &t.Steps[i]
		switch {
		case step.Outcome == ExplicitDeny:
			list = append(list, denials(step)...)
		case step.missing:
			list = append(list, x.permission(step))
		}
	}
	return list
}

// denials are the statements that have to go or to be narrowed.
func denials(step *Step) []Change {
	var list []Change
	for i := range step.Policies {
		p := &step.Policies[i]
		for j := range p.Statements {
			if v := &p.Statements[j]; v.Matched && v.Effect == "Deny" {
				list = append(list, Change{Kind: step.Kind, To: p.To, Policy: p.Name, Statement: v.Index,
					What: fmt.Sprintf("Remove or narrow the Deny in %s.", statementWords(p, v))})
			}
		}
	}
	return list
}

// permission is the change that makes a step allow: of the statement that nearly does, else a new one.
func (x *explainer) permission(step *Step) Change {
	for i := range step.Policies {
		p := &step.Policies[i]
		for j := range p.Statements {
			v := &p.Statements[j]
			if c, ok := x.repair(step.Kind, p, v); ok {
				return c
			}
		}
	}
	c := Change{Kind: step.Kind, To: x.policyHolder(step), Statement: -1}
	if step.Kind == Resource && len(step.Policies) == 0 && slices.Contains(withoutPolicies, x.action.service) {
		c.What = fmt.Sprintf("Act as a principal of account %s, for example through a role there: resources of %s have no policies "+
			"of their own that could let other accounts in.", x.resourceAccount(), x.action.service)
		return c
	}
	c.JSON = indented(x.statementFor(step.Kind))
	c.What = fmt.Sprintf("Add this statement to %s:", x.placeFor(step))
	if p, v := nearest(step); v != nil {
		remedy := v.miss.remedy
		if v.Element == elementCondition && remedy == "" {
			remedy = fmt.Sprintf("Make the call so that the Condition of %s holds (%s; %s)", statementWords(p, v), v.InPolicy, v.InRequest)
		}
		if remedy != "" {
			c.What = fmt.Sprintf("%s, or add this statement to %s:", remedy, x.placeFor(step))
		}
	}
	return c
}

// withoutPolicies are services whose resources have no resource-based policies, roles aside.
var withoutPolicies = []string{"iam", "sts", "ec2"}

// nearest is a step's nearest miss, nil if there is none.
func nearest(step *Step) (*PolicyVerdict, *StatementVerdict) {
	if len(step.Policies) == 0 || len(step.Policies[0].Statements) == 0 {
		return nil, nil
	}
	p := &step.Policies[0]
	if v := &p.Statements[0]; v.Near {
		return p, v
	}
	return nil, nil
}

// repair corrects the one entry by which a statement misses, if that is what is plainly meant.
func (x *explainer) repair(kind PolicyKind, p *PolicyVerdict, v *StatementVerdict) (Change, bool) {
	const plain = 70 // nearer than this and there is little doubt what was meant
	if !v.Near || v.miss.closeness < plain || v.miss.fix == "" || v.miss.replaces == "" {
		return Change{}, false
	}
	fixed, ok := statementAt(p.at.Policy.Text, v.Index)
	if !ok {
		return Change{}, false
	}
	for i := range fixed {
		if fixed[i].key == v.Element {
			fixed[i].value = replaceText(fixed[i].value, v.miss.replaces, v.miss.fix, v.miss.beside)
		}
	}
	if !x.wouldAllow(fixed, p.at) {
		return Change{}, false
	}
	c := Change{Kind: kind, To: p.To, Policy: p.Name, Statement: v.Index, JSON: indented(fixed)}
	c.What = fmt.Sprintf("In %s, write %s %q instead of %q:", statementWords(p, v), v.Element, v.miss.fix, v.miss.replaces)
	if v.miss.beside {
		c.What = fmt.Sprintf("In %s, add the %s %q beside %q:", statementWords(p, v), v.Element, v.miss.fix, v.miss.replaces)
	}
	return c, true
}

// wouldAllow reports whether a statement would allow the request if it stood in the policy at.
func (x *explainer) wouldAllow(o object, at *Attached) bool {
	s, err := compileStatement(o, at.Policy.version == version2012)
	if err != nil {
		return false
	}
	granted, _ := s.match(x.evaluation, at)
	return granted > notNamed
}

// statementAt reads a statement of a policy's text once more, as JSON.
func statementAt(text string, index int) (object, bool) {
	document, err := readJSON(text)
	if err != nil {
		return nil, false
	}
	value, _ := document.get("Statement")
	if list, isList := value.([]any); isList && index < len(list) {
		value = list[index]
	}
	o, isObject := value.(object)
	return o, isObject
}

// replaceText is value with each string that is old replaced, or, beside, with the replacement added to it.
func replaceText(value any, old, replacement string, beside bool) any {
	switch v := value.(type) {
	case string:
		switch {
		case v == old && beside:
			return []string{old, replacement}
		case v == old:
			return replacement
		}
	case []string:
		if beside && slices.Contains(v, old) {
			return append(v, replacement)
		}
		for i := range v {
			if v[i] == old {
				v[i] = replacement
			}
		}
	case []any:
		for i := range v {
			v[i] = replaceText(v[i], old, replacement, beside)
		}
	case object:
		for i := range v {
			v[i].value = replaceText(v[i].value, old, replacement, beside)
		}
	}
	return value
}

// MarshalJSON keeps the order of the members.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(unescaped(m.key))
		b.WriteByte(':')
		b.WriteString(unescaped(m.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// unescaped is value as JSON with <, > and & as they are.
func unescaped(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "null" // strings, numbers, booleans, lists and objects of them: none can fail
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func indented(value any) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(unescaped(value)), "", "  "); err != nil {
		return ""
	}
	return b.String()
}

// newStatement is a statement to write.
type newStatement struct {
	Effect    string
	Principal any `json:"Principal,omitempty"`
	Action    string
	Resource  string `json:"Resource,omitempty"`
}

// statementFor allows just this request, in a policy of a kind.
func (x *explainer) statementFor(kind PolicyKind) newStatement {
	s := newStatement{Effect: "Allow", Action: x.request.Action, Resource: x.request.Resource}
	if kind == Trust {
		s.Resource = ""
	}
	switch {
	case kind == RCP:
		s.Principal = "*"
	case !namesPrincipals(kind):
	case x.request.Principal.Type == Service:
		s.Principal = map[string]string{"Service": x.request.Principal.Service}
	case x.request.Principal.Type == Federated:
		s.Principal = map[string]string{"Federated": x.request.Principal.Federated}
	case x.request.Principal.Type == Anonymous:
		s.Principal = "*"
	default:
		s.Principal = map[string]string{"AWS": x.principalToName(&Attached{Kind: kind})}
	}
	return s
}

// policyHolder says what the policy of a step is attached to, if the trace shows it.
func (x *explainer) policyHolder(step *Step) string {
	for i := range step.Policies {
		if step.Policies[i].To != "" {
			return step.Policies[i].To
		}
	}
	return ""
}

// placeFor says where a new statement of a step's kind goes.
func (x *explainer) placeFor(step *Step) string {
	account := x.request.Principal.Account
	switch step.Kind {
	case Identity:
		return fmt.Sprintf("a policy of %s in account %s", x.principalWords(), account)
	case Session:
		return "the session policy, when the session is made"
	}
	if i := slices.IndexFunc(step.Policies, func(p PolicyVerdict) bool { return p.at.Kind == step.Kind }); i >= 0 {
		return place(step.Policies[i].at)
	}
	switch step.Kind {
	case Trust, Resource, ACL:
		if real, ok := parseARN(x.request.Resource); ok && real.service == "s3" {
			bucket, _, _ := strings.Cut(real.resource, "/")
			return fmt.Sprintf("the bucket policy of %s%s", bucket, inAccount(x.resourceAccount()))
		}
		return fmt.Sprintf("the %s of %s%s", step.Kind, x.request.Resource, inAccount(x.resourceAccount()))
	}
	return "a " + string(step.Kind)
}
