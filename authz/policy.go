package authz

import (
	"slices"
)

// Policy is a parsed, compiled policy document. It is immutable and safe for concurrent use.
type Policy struct {
	Text string // as given, byte for byte

	version    string
	statements []statement
	// byService lists the statements that can match an action of a service (its prefix in lower case); services that are
	// not in it can only be matched by those in anyService. A request looks at these alone.
	byService  map[string]*candidates
	anyService *candidates
	hasDeny    bool
}

// candidates are the statements that can match an action of a service, by their effect.
type candidates struct {
	allow, deny []candidate
}

// candidate is a statement with what it says of the service's actions.
type candidate struct {
	*statement
	covers serviceActions
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
	if p == nil {
		return nil
	}
	var named []string
	for i := range p.statements {
		if pr := p.statements[i].principals; pr != nil {
			for _, text := range pr.aws {
				if text != "*" && !slices.Contains(named, text) {
					named = append(named, text)
				}
			}
		}
	}
	return named
}

// candidates are the statements that can match an action of service.
func (p *Policy) candidates(service string) *candidates {
	if c, ok := p.byService[service]; ok {
		return c
	}
	if p.anyService == nil {
		return &candidates{} // a Policy that Parse did not make
	}
	return p.anyService
}

// index fills byService and anyService.
func (p *Policy) index() {
	p.byService = map[string]*candidates{}
	p.anyService = p.candidatesFor("")
	for i := range p.statements {
		p.hasDeny = p.hasDeny || p.statements[i].denies()
		for service := range p.statements[i].actions.byService {
			if p.byService[service] == nil {
				p.byService[service] = p.candidatesFor(service)
			}
		}
	}
}

func (p *Policy) candidatesFor(service string) *candidates {
	c := &candidates{}
	for i := range p.statements {
		s := &p.statements[i]
		if _, named := s.actions.byService[service]; !named && !s.actions.anyService() {
			continue
		}
		if s.denies() {
			c.deny = append(c.deny, candidate{s, s.actions.of(service)})
		} else {
			c.allow = append(c.allow, candidate{s, s.actions.of(service)})
		}
	}
	return c
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
