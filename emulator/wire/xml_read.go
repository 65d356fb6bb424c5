package wire

import (
	"bytes"
	"encoding/xml"
	"io"
	"reflect"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Limits of a request's document. S3's own go down seven levels; the longest list, of a multipart upload's parts, has
// 10,000 items of up to fourteen elements. Without a limit a document of empty items takes a hundred times its size.
const (
	maxDepth    = 32
	maxItems    = 10_000
	maxElements = 200_000
)

func malformedXML() *awserr.Error {
	return awserr.MalformedXML.Errorf("The XML you provided was not well-formed or did not validate against our published schema")
}

// malformed is the error of a document that is not what root promises; those of ACLs have a code of their own.
func malformed(root string) *awserr.Error {
	err := malformedXML()
	if root == "AccessControlPolicy" {
		err.Code = awserr.MalformedACLError.Code
	}
	return err
}

// decodeDocument reads a document with that root into structure or union v. As S3 does it refuses what its schema does
// not have: unknown or repeated elements, missing ones, bad values. Namespaces are not looked at.
func decodeDocument(data []byte, root string, p *plan, v reflect.Value) error {
	data = bytes.TrimPrefix(data, []byte("\uFEFF")) // editors on Windows begin files with it
	x := xmlReader{d: xml.NewDecoder(bytes.NewReader(data))}
	start, err := x.next()
	if err != nil || start == nil || start.Name.Local != root {
		return malformed(root)
	}
	if err := x.structure(p, v, start); err != nil {
		return malformed(root)
	}
	if start, err := x.next(); start != nil || err != io.EOF {
		return malformed(root)
	}
	return nil
}

type xmlReader struct {
	d        *xml.Decoder
	depth    int
	elements int
}

// next returns the next child element, or nil at the end of the element it stands in. Text between elements is an error
// unless it is white space.
func (x *xmlReader) next() (*xml.StartElement, error) {
	for {
		token, err := x.d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			x.depth++
			x.elements++
			if x.depth > maxDepth || x.elements > maxElements {
				return nil, errDocument
			}
			return &t, nil
		case xml.EndElement:
			x.depth--
			return nil, nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, errDocument
			}
		case xml.Directive:
			return nil, errDocument // document types
		}
	}
}

// errDocument is any fault of a document; the client hears MalformedXML.
var errDocument = malformedXML()

// text returns the character data of the element it stands in.
func (x *xmlReader) text() (string, error) {
	var b strings.Builder
	for {
		token, err := x.d.Token()
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			x.depth--
			return b.String(), nil
		case xml.StartElement, xml.Directive:
			return "", errDocument
		}
	}
}

func (x *xmlReader) structure(p *plan, v reflect.Value, start *xml.StartElement) error {
	seen := make([]bool, len(p.fields))
	for _, a := range start.Attr {
		for i := range p.fields {
			f := &p.fields[i]
			if f.Flags.has(Attribute) && strings.HasSuffix(f.wire, ":"+a.Name.Local) {
				seen[i] = true
				if err := f.set(v, func(v reflect.Value) error { return setElement(f.plan, v, a.Value) }); err != nil {
					return err
				}
			}
		}
	}
	for {
		child, err := x.next()
		if err != nil {
			return err
		}
		if child == nil {
			break
		}
		i := elementField(p, child.Name.Local)
		if i < 0 {
			return errDocument
		}
		f := &p.fields[i]
		flat := f.plan.Type == List && f.flat()
		if seen[i] && !flat || f.variant != nil && !v.IsNil() {
			return errDocument
		}
		seen[i] = true
		fill := func(v reflect.Value) error { return x.value(f.plan, v, child) }
		if flat {
			fill = func(v reflect.Value) error { return x.item(f.plan.elem, v, child) }
		}
		if err := f.set(v, fill); err != nil {
			return err
		}
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.In == Body && f.Flags.has(Required) && !seen[i] {
			return errDocument
		}
	}
	return nil
}

func elementField(p *plan, name string) int {
	for i := range p.fields {
		if f := &p.fields[i]; f.wire == name && f.In == Body && !f.Flags.has(Attribute) {
			return i
		}
	}
	return -1
}

func (x *xmlReader) value(p *plan, v reflect.Value, start *xml.StartElement) error {
	switch p.Type {
	case Structure:
		return x.structure(p, v, start)
	case List:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		name := p.ElemName
		if name == "" {
			name = "member"
		}
		for {
			child, err := x.next()
			if err != nil || child == nil {
				return err
			}
			if child.Name.Local != name {
				return errDocument
			}
			if err := x.item(p.elem, v, child); err != nil {
				return err
			}
		}
	case Map:
		return errDocument // no document of S3 has one
	}
	s, err := x.text()
	if err != nil {
		return err
	}
	return setElement(p, v, s)
}

// item appends an element to list v.
func (x *xmlReader) item(p *plan, v reflect.Value, start *xml.StartElement) error {
	if v.Len() >= maxItems {
		return errDocument
	}
	element := reflect.New(v.Type().Elem()).Elem()
	if err := x.value(p, element, start); err != nil {
		return err
	}
	v.Set(reflect.Append(v, element))
	return nil
}

// unlisted are enumerations whose bad values have errors of their own, which the service gives.
var unlisted = map[string]bool{
	"BucketLocationConstraint": true, // InvalidLocationConstraint
	"Event":                    true, // InvalidArgument
}

func setElement(p *plan, v reflect.Value, s string) error {
	if p.kind != String {
		s = strings.TrimSpace(s)
	} else if !unlisted[p.Name] && !p.enumerates(s) {
		return errDocument
	}
	return setScalar(p, v, s)
}
