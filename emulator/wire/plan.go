package wire

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// plan is a shape of the model as a Go type of the SDK, compiled once for each type. All codecs work along plans.
type plan struct {
	*Shape
	typ         reflect.Type // without pointer
	kind        Type         // of the Go type: the SDK has a few numbers and dates as strings, and the other way round
	op          *ModelOp     // of an Input or Output struct
	fields      []field      // of a structure or union, in the model's order
	elem        *plan        // of a list or map
	constraints []constraint
	http        *httpPlan // of an Input or Output of S3
}

// field is a member of a structure.
type field struct {
	*Member
	wire    string
	index   int    // in the Go struct; -1 in a union
	message string // the name that AWS's messages use: userName
	variant reflect.Type
	plan    *plan
}

// planOf returns the plan of t, an Input or Output struct of the model's service.
func (m *Model) planOf(t reflect.Type) (*plan, error) {
	if p, ok := m.plans.Load(t); ok {
		return p.(*plan), nil
	}
	name, input := strings.CutSuffix(t.Name(), "Input")
	if !input {
		name = strings.TrimSuffix(name, "Output")
	}
	op := m.Op(name)
	if op == nil || t.Kind() != reflect.Struct || !strings.HasSuffix(t.PkgPath(), "/service/"+m.Service) {
		return nil, fmt.Errorf("wire: %s is not an input or output of %s", t, m.Service)
	}
	shape := op.Output
	if input {
		shape = op.Input
	}
	p := &plan{Shape: &Shape{Type: Structure}, typ: t, op: op}
	if shape >= 0 {
		c := compiler{m, map[planKey]*plan{}}
		q := *c.compile(shape, t)
		p = &q
		p.op = op
	}
	if m.Protocol == "rest-xml" {
		p.http = httpPlanOf(p)
	}
	actual, _ := m.plans.LoadOrStore(t, p)
	return actual.(*plan), nil
}

type planKey struct {
	shape int
	typ   reflect.Type
}

// compiler makes plans; it knows those under way, so that a type may contain itself.
type compiler struct {
	model *Model
	done  map[planKey]*plan
}

func (c *compiler) compile(shape int, t reflect.Type) *plan {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	key := planKey{shape, t}
	if p, ok := c.done[key]; ok {
		return p
	}
	s := &c.model.Shapes[shape]
	p := &plan{Shape: s, typ: t, kind: kindOf(s, t)}
	c.done[key] = p
	switch s.Type {
	case Structure:
		if variants, ok := unions[t]; ok {
			c.union(p, variants)
		} else {
			c.structure(p)
		}
	case List:
		p.elem = c.compile(s.Elem, t.Elem())
	case Map:
		p.elem = c.compile(s.Elem, t.Elem())
	}
	if c.model.Protocol != "rest-xml" {
		p.constraints = constraintsOf(c.model, s)
	}
	return p
}

func (c *compiler) structure(p *plan) {
	for i := range p.Members {
		m := &p.Members[i]
		f, ok := p.typ.FieldByName(upperFirst(m.Name))
		if !ok {
			// The SDK spells a few names in another case.
			f, ok = p.typ.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, m.Name) })
		}
		if !ok {
			continue // an older member that the SDK does not have
		}
		p.fields = append(p.fields, c.field(m, f.Index[0], f.Type))
	}
}

func (c *compiler) union(p *plan, variants map[string]reflect.Type) {
	for i := range p.Members {
		m := &p.Members[i]
		variant, ok := variants[m.Name]
		if !ok {
			continue
		}
		value, _ := variant.FieldByName("Value")
		f := c.field(m, -1, value.Type)
		f.variant = variant
		p.fields = append(p.fields, f)
	}
}

func (c *compiler) field(m *Member, index int, t reflect.Type) field {
	f := field{Member: m, wire: m.wire(), index: index, message: lowerFirst(m.Name)}
	if m.Flags.has(Streaming) {
		f.plan = &plan{Shape: &c.model.Shapes[m.Shape], typ: t}
		return f
	}
	f.plan = c.compile(m.Shape, t)
	if m.In == Body && f.flat() && f.plan.ElemName != "" {
		f.wire = f.plan.ElemName
	}
	return f
}

func kindOf(s *Shape, t reflect.Type) Type {
	switch t.Kind() {
	case reflect.String:
		return String
	case reflect.Int32, reflect.Int64:
		return Integer
	case reflect.Float64:
		return Double
	case reflect.Bool:
		return Boolean
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return Timestamp
	case reflect.TypeFor[[]byte]():
		return Blob
	}
	return s.Type
}

// flat says whether a list or map stands in its parent without an element around it.
func (f *field) flat() bool { return f.Flags.has(Flattened) || f.plan.Shape.Flags.has(Flattened) }

// of returns the field's value in struct v with pointers and interfaces resolved; ok is false when it is absent.
// A field that is not a pointer is absent when it is an empty string; a number or bool is always there.
func (f *field) of(v reflect.Value) (value reflect.Value, ok bool) {
	if f.variant != nil {
		if v.IsNil() || v.Elem().Type() != reflect.PointerTo(f.variant) {
			return value, false
		}
		return v.Elem().Elem().FieldByName("Value"), true
	}
	value = v.Field(f.index)
	switch value.Kind() {
	case reflect.Pointer:
		if value.IsNil() {
			return value, false
		}
		return value.Elem(), true
	case reflect.Slice, reflect.Map, reflect.Interface:
		return value, !value.IsNil()
	case reflect.String:
		return value, value.Len() > 0
	}
	return value, true
}

// set makes the field of struct v settable and hands it to fill: a pointer's target is made anew, a union's variant
// too. Nothing is stored when fill fails.
func (f *field) set(v reflect.Value, fill func(reflect.Value) error) error {
	if f.variant != nil {
		variant := reflect.New(f.variant)
		if err := fill(variant.Elem().FieldByName("Value")); err != nil {
			return err
		}
		v.Set(variant)
		return nil
	}
	target := v.Field(f.index)
	if target.Kind() != reflect.Pointer {
		return fill(target)
	}
	value := reflect.New(target.Type().Elem())
	if err := fill(value.Elem()); err != nil {
		return err
	}
	target.Set(value)
	return nil
}

func upperFirst(s string) string { return changeFirst(s, unicode.ToUpper) }
func lowerFirst(s string) string { return changeFirst(s, unicode.ToLower) }

func changeFirst(s string, change func(rune) rune) string {
	if s == "" {
		return s
	}
	return string(change(rune(s[0]))) + s[1:]
}
