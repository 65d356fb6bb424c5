package authz

import "strings"

// ContextKeys returns the condition keys that the policy mentions, in conditions and as variables, as they are first
// written, in the order of the statements. Their names differ by more than case.
func (p *Policy) ContextKeys() []string {
	if p == nil {
		return nil
	}
	var names keyNames
	for i := range p.statements {
		names.addStatement(&p.statements[i])
	}
	return names.list
}

// keyNames collects the names of condition keys as they are written.
type keyNames struct {
	list    []string
	written map[string]string // by the name in lower case
}

func (n *keyNames) add(name string) {
	lower := strings.ToLower(name)
	if _, known := n.written[lower]; known {
		return
	}
	if n.written == nil {
		n.written = map[string]string{}
	}
	n.written[lower] = name
	n.list = append(n.list, name)
}

func (n *keyNames) addStatement(s *statement) {
	for i := range s.resources.list {
		n.addVariables(&s.resources.list[i])
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		n.add(c.key)
		for j := range c.values {
			n.addVariables(&c.values[j].template)
		}
	}
}

// addVariables adds the variables of t in the order of its text, where compiling has found them to be variables.
func (n *keyNames) addVariables(t *template) {
	text := t.text
	for i := range t.pieces {
		key := t.pieces[i].key
		if key == "" {
			continue
		}
		for {
			start := strings.Index(text, "${")
			if start < 0 {
				return // never: the piece was compiled from the text
			}
			v, length, ok := readVariable(text[start:])
			if !ok || v.key != key {
				text = text[start+2:]
				continue
			}
			name, _, _ := strings.Cut(text[start+2:start+length-1], ",")
			n.add(strings.TrimSpace(name))
			text = text[start+length:]
			break
		}
	}
}
