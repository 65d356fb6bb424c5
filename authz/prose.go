package authz

import (
	"fmt"
	"strings"
)

// maxMisses is how many statements of a step are printed that did not match.
const maxMisses = 4

// String returns the trace for a human.
func (t *Trace) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "asked    %s\n", t.Action)
	fmt.Fprintf(&b, "on       %s%s\n", t.Resource, inAccount(t.ResourceAccount))
	fmt.Fprintf(&b, "by       %s%s\n", t.Principal, inAccount(t.PrincipalAccount))
	fmt.Fprintf(&b, "verdict  %s\n", t.Summary)
	for _, hint := range t.Hints {
		fmt.Fprintf(&b, "hint     %s\n", hint)
	}
	for i := range t.Steps {
		t.Steps[i].write(&b)
	}
	if len(t.Changes) > 0 {
		b.WriteString("\nsmallest change that would allow it\n")
		for _, c := range t.Changes {
			c.write(&b)
		}
	}
	return b.String()
}

func inAccount(account string) string {
	if account == "" {
		return ""
	}
	return " (account " + account + ")"
}

func (s *Step) write(b *strings.Builder) {
	outcome := "does not allow"
	switch s.Outcome {
	case Allowed:
		outcome = "allows"
	case ExplicitDeny:
		outcome = "denies explicitly"
	}
	fmt.Fprintf(b, "\n%s: %s\n", s.Kind, outcome)
	if s.Reason != "" {
		fmt.Fprintf(b, "  %s\n", s.Reason)
	}
	rest, misses := 0, 0
	for i := range s.Policies {
		p := &s.Policies[i]
		for j := range p.Statements {
			v := &p.Statements[j]
			switch {
			case v.Matched:
				fmt.Fprintf(b, "  %s: %s this request\n", statementWords(p, v), effectVerb(v.Effect))
				writeIndented(b, v.Why)
			case v.Near && misses < maxMisses && s.Outcome == ImplicitDeny:
				misses++
				fmt.Fprintf(b, "  near miss: %s: its %s does not match\n", statementWords(p, v), v.Element)
				fmt.Fprintf(b, "      policy   %s\n      request  %s\n", v.InPolicy, v.InRequest)
				writeIndented(b, v.Why)
			default:
				rest++
			}
		}
	}
	if rest > 0 {
		fmt.Fprintf(b, "  %s not apply to this request\n", count(rest, "statement does", "statements do"))
	}
}

func effectVerb(effect string) string {
	if effect == "Deny" {
		return "denies"
	}
	return "allows"
}

func writeIndented(b *strings.Builder, text string) {
	if text != "" {
		fmt.Fprintf(b, "      %s\n", text)
	}
}

// statementWords names a statement as a person would look for it.
func statementWords(p *PolicyVerdict, v *StatementVerdict) string {
	text := fmt.Sprintf("%s, statement %d", p.place(), v.Index+1)
	if v.Sid != "" {
		text += fmt.Sprintf(" (%s)", v.Sid)
	}
	return text
}

// place says where a policy is to be found.
func place(at *Attached) string {
	p := verdictOn(at)
	return p.place()
}

func (p *PolicyVerdict) place() string {
	text := string(p.Kind) + " " + p.Name
	switch {
	case p.Name == "" && p.ARN != "":
		text = string(p.Kind) + " " + p.ARN
	case p.Name == "":
		text = "the " + string(p.Kind)
	case p.Name == "ACL" || strings.HasSuffix(p.Name, " policy"): // a kind by its own name, such as "bucket policy"
		text = "the " + p.Name
	}
	if p.To != "" {
		text += " of " + p.To
	}
	return text + inAccount(p.Account)
}

// names lists policies by name, five at most. It is empty if one has none.
func names(list []Attached) string {
	const most = 5
	var all []string
	for i := range list {
		name := list[i].Name
		if name == "" {
			name = afterLast(list[i].ARN, "/")
		}
		if name == "" {
			return ""
		}
		all = append(all, name)
	}
	switch n := len(all); {
	case n == 1:
		return all[0]
	case n > most:
		return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), n-most)
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}

// between is text, if there is any, with what goes before and after it.
func between(before, text, after string) string {
	if text == "" {
		return ""
	}
	return before + text + after
}

// who names a principal.
func who(p *Principal) string {
	switch p.Type {
	case Anonymous:
		return "anonymous"
	case Service:
		return p.Service
	case Federated:
		return p.Federated
	}
	return p.ARN
}

// principalWords names the requester inside a sentence.
func (x *explainer) principalWords() string {
	p := &x.request.Principal
	switch p.Type {
	case Anonymous:
		return "an anonymous requester"
	case Account:
		return "the root user of account " + p.Account
	case User:
		if p.Name != "" {
			return "user " + p.Name
		}
	case AssumedRole:
		if a, ok := parseARN(p.RoleARN); ok {
			return strings.Replace(a.resource, "/", " ", 1)
		}
	case FederatedUser:
		return "federated user " + afterLast(p.ARN, "/")
	case Service:
		return "the service " + p.Service
	case Federated:
		return "the identity provider " + p.Federated
	}
	return p.ARN
}

func afterLast(text, separator string) string {
	return text[strings.LastIndex(text, separator)+1:]
}

func upperFirst(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func count(n int, one, many string) string {
	return fmt.Sprintf("%d %s", n, verb(n, one, many))
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// capitalCount says how many of how many identity-based policies.
func capitalCount(some, all int) string {
	if all == 1 {
		return "The identity-based policy"
	}
	return fmt.Sprintf("%d of the %d identity-based policies", some, all)
}
