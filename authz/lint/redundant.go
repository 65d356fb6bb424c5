package lint

import (
	"fmt"
	"slices"
	"strings"
)

// redundantStatements finds statements that say the same, whatever their Sids and the order of their lists.
func (l *linter) redundantStatements(statements []*statement) {
	first := map[string]*node{}
	for _, s := range statements {
		said := s.said()
		if earlier := first[said]; earlier != nil {
			l.report(redundantStatement, at(s.node, earlier))
			continue
		}
		first[said] = s.node
	}
}

// said is the statement in one form.
func (s *statement) said() string {
	var parts []string
	for _, m := range s.node.members {
		if m.key != "Sid" {
			parts = append(parts, fmt.Sprintf("%q=%s", m.key, canonical(m.value)))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

// canonical writes a value with its members and items sorted; a list of one is its item.
func canonical(n *node) string {
	var parts []string
	switch n.kind {
	case object:
		for _, m := range n.members {
			parts = append(parts, fmt.Sprintf("%q=%s", m.key, canonical(m.value)))
		}
	case array:
		for _, item := range n.items {
			parts = append(parts, canonical(item))
		}
		if len(parts) == 1 {
			return parts[0]
		}
	default:
		return fmt.Sprintf("%q", n.text)
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ";") + "}"
}
