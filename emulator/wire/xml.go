package wire

import (
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"
)

// xmlWriter writes documents along plans.
type xmlWriter struct {
	b []byte
	// layout is that of times.
	layout string
	// lists says to write a required list that is nil as an empty element, as the query services do.
	lists bool
}

// open starts an element with a namespace, "" for none.
func (w *xmlWriter) open(name, namespace string) {
	w.b = append(w.b, '<')
	w.b = append(w.b, name...)
	if namespace != "" {
		w.b = append(w.b, ` xmlns="`...)
		w.b = append(w.b, namespace...)
		w.b = append(w.b, '"')
	}
	w.b = append(w.b, '>')
}

func (w *xmlWriter) close(name string) {
	w.b = append(w.b, '<', '/')
	w.b = append(w.b, name...)
	w.b = append(w.b, '>')
}

func (w *xmlWriter) text(name, value string) {
	w.open(name, "")
	w.b = appendEscaped(w.b, value)
	w.close(name)
}

// members writes the elements of structure or union v.
func (w *xmlWriter) members(p *plan, v reflect.Value) {
	for i := range p.fields {
		f := &p.fields[i]
		if f.In != Body || f.Flags.has(Attribute) {
			continue
		}
		value, ok := f.of(v)
		switch {
		case ok:
			w.field(f, value)
		case w.lists && f.plan.Type == List && f.Flags.has(Required):
			w.open(f.wire, "")
			w.close(f.wire)
		}
	}
}

func (w *xmlWriter) field(f *field, v reflect.Value) {
	if !f.flat() {
		w.element(f.wire, f.plan, v)
		return
	}
	for i := range v.Len() {
		w.element(f.wire, f.plan.elem, v.Index(i))
	}
}

// element writes v as an element with that name.
func (w *xmlWriter) element(name string, p *plan, v reflect.Value) {
	w.b = append(w.b, '<')
	w.b = append(w.b, name...)
	w.attributes(p, v)
	w.b = append(w.b, '>')
	w.content(p, v)
	w.close(name)
}

// attributes writes a structure's attributes: there is one, the xsi:type of a grantee.
func (w *xmlWriter) attributes(p *plan, v reflect.Value) {
	for i := range p.fields {
		f := &p.fields[i]
		if !f.Flags.has(Attribute) {
			continue
		}
		if value, ok := f.of(v); ok {
			w.b = append(w.b, ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" `...)
			w.b = append(w.b, f.wire...)
			w.b = append(w.b, `="`...)
			w.b = appendEscaped(w.b, value.String())
			w.b = append(w.b, '"')
		}
	}
}

func (w *xmlWriter) content(p *plan, v reflect.Value) {
	switch p.Type {
	case Structure:
		w.members(p, v)
	case List:
		name := p.ElemName
		if name == "" {
			name = "member"
		}
		for i := range v.Len() {
			w.element(name, p.elem, v.Index(i))
		}
	case Map:
		for _, key := range sortedKeys(v) {
			w.open("entry", "")
			w.text("key", key.String())
			value := reflect.New(p.elem.typ).Elem()
			value.Set(v.MapIndex(key))
			w.element("value", p.elem, value)
			w.close("entry")
		}
	default:
		if p.kind == String {
			w.b = appendEscaped(w.b, v.String())
			return
		}
		w.b = appendScalar(w.b, p, v, w.layout)
	}
}

func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		if a.String() < b.String() {
			return -1
		}
		return 1
	})
	return keys
}

// appendEscaped writes s as character data or attribute value. Control characters become references, which XML 1.0
// does not allow, as S3 does with object keys; bytes that are not UTF-8 become U+FFFD.
func appendEscaped(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < utf8.RuneSelf && c != '&' && c != '<' && c != '>' && c != '"' || c == '\n' || c == '\t' {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		b = append(b, s[start:i]...)
		switch {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '"':
			b = append(b, "&quot;"...)
		case c < 0x20:
			b = fmt.Appendf(b, "&#x%x;", c)
		default:
			b = append(b, "\uFFFD"...)
		}
		i += size
		start = i
	}
	return append(b, s[start:]...)
}
