package authz

import (
	"slices"
)

// Policy is a parsed, compiled policy document. It is immutable and safe for concurrent use.
type Policy struct {
	Text string // as given, byte for byte

	version    string
	statements []statement
	// byService are the statements that name actions of a service, by its prefix in lower case; anyService those that may
	// cover actions of any. A request looks at these alone.
	byService  map[string]*candidates
	anyService candidates
	hasDeny    bool
}

// candidates are statements by their effect.
type candidates struct {
	allow, deny []candidate
}

// candidate is a statement with the operations that it names of a service, nil if those have to be looked for.
type candidate struct {
	*statement
	operations []pattern
}

func (c *candidate) covers(action *action) bool {
	if c.operations == nil {
		return c.actions.matches(action)
	}
	for i := range c.operations {
		if c.operations[i].matchesFold(action.operation) {
			return true
		}
	}
	return false
}

// Version 2012-10-17 brought policy variables; a document without a Version is of the older one ("IAM JSON policy
// elements: Version").
const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// Parse compiles the text of a policy of any kind; it is lenient about which elements a kind may have ([Validate] is not).
// Compiled policies are cached by their text. The error is a *SyntaxError.
func Parse(text string) (*Policy, error) {
	if p := compiled.get(text); p != nil {
		return p, nil
	}
	p, err := compile(text)
	if err != nil {
		return nil, err.in(text)
	}
	compiled.put(text, p)
	return p, nil
}

// Principals returns the AWS principals that the policy's statements name (Principal and NotPrincipal): ARNs, 12-digit
// ids and unique ids as written, without "*". For binding to unique ids, and for refusing unknown ones.
func (p *Policy) Principals() []string {
	return p.named(func(pr *principals) []string { return pr.aws })
}

// FederatedPrincipals returns the identity providers that the policy's statements name, as written, without "*".
func (p *Policy) FederatedPrincipals() []string {
	return p.named(func(pr *principals) []string { return pr.federated })
}

func (p *Policy) named(list func(*principals) []string) []string {
	if p == nil {
		return nil
	}
	var named []string
	for i := range p.statements {
		if pr := p.statements[i].principals; pr != nil {
			for _, text := range list(pr) {
				if text != "*" && !slices.Contains(named, text) {
					named = append(named, text)
				}
			}
		}
	}
	return named
}

// index fills byService and anyService.
func (p *Policy) index() {
	p.byService = map[string]*candidates{}
	for i := range p.statements {
		s := &p.statements[i]
		p.hasDeny = p.hasDeny || s.denies()
		if s.actions.anyService() {
			p.anyService.add(s, nil)
			continue
		}
		for from, to := 0, 0; from < len(s.actions.services); from = to {
			service := s.actions.services[from]
			for to = from; to < len(s.actions.services) && s.actions.services[to] == service; to++ {
			}
			if p.byService[service] == nil {
				p.byService[service] = &candidates{}
			}
			p.byService[service].add(s, s.actions.operations[from:to])
		}
	}
}

func (c *candidates) add(s *statement, operations []pattern) {
	if s.denies() {
		c.deny = append(c.deny, candidate{s, operations})
	} else {
		c.allow = append(c.allow, candidate{s, operations})
	}
}

// Size returns the number of characters that count against IAM's quotas: white space outside strings does not.
func Size(text string) int {
	size, inString, escaped := 0, false, false
	for _, r := range text {
		switch {
		case inString:
			size++
			switch {
			case escaped:
				escaped = false
			case r == '\\':
				escaped = true
			case r == '"':
				inString = false
			}
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
		default:
			size++
			inString = r == '"'
		}
	}
	return size
}
