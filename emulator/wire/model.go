package wire

import (
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./modelgen

// Model is an AWS service's API model: what the protocol needs to know of every operation and type. The tables are
// generated from botocore's model files by modelgen; they are data, nothing runs at start.
type Model struct {
	Service   string // "iam", "sts", "s3", "s3control", "organizations", "accessanalyzer"
	Protocol  string // "query", "rest-xml", "json" or "rest-json"
	Version   string // "2010-05-08"
	Namespace string // of the XML documents
	Target    string // the prefix of X-Amz-Target: "AWSOrganizationsV20161128"
	Ops       []ModelOp
	Shapes    []Shape
	Errors    []ModelError

	plans sync.Map // reflect.Type of an Input or Output → *plan
}

// ModelOp is an operation of a [Model].
type ModelOp struct {
	Name   string
	Method string
	// Path is the request path's shape: "/", "/{Bucket}", "/{Bucket}/{Key+}".
	Path string
	// Query are the constant query parameters that name the operation: "uploads", "list-type=2".
	Query []string
	// Input and Output are indices into Model.Shapes, -1 for none.
	Input, Output int
	// Status is that of a success.
	Status int
	// ChecksumRequired says that the body needs Content-MD5 or a checksum header.
	ChecksumRequired bool
}

// ModelError is an error code that the model documents, with its HTTP status.
type ModelError struct {
	Code   string
	Status int
}

// Shape is a type of a [Model].
type Shape struct {
	Name     string
	Type     Type
	Flags    Flags
	Time     TimeFormat
	Elem     int    // of a list: the element's shape; of a map: the value's
	ElemName string // of a list: the element's XML name, "" for "member"
	Min, Max int64  // of length or value; valid with HasMin and HasMax
	Pattern  string // as documented, in Java's syntax
	Regexp   string // the same in Go's, where that differs
	Enum     []string
	Members  []Member
}

// Member is a field of a structure.
type Member struct {
	Name  string // as in the model; Go's field name but for the case of its first letter
	Wire  string // XML element, header, header prefix or query parameter; "" for Name
	Shape int
	In    Location
	Flags Flags
}

// Type is the kind of a Shape.
type Type uint8

// The types of shapes.
const (
	String Type = iota
	Structure
	List
	Map
	Integer
	Long
	Double
	Boolean
	Timestamp
	Blob
)

// Location says where in an HTTP message a member stands.
type Location uint8

// The locations of members.
const (
	Body    Location = iota // an element of the document
	Header                  // a header
	Headers                 // all headers with a prefix
	Query                   // a query parameter
	URI                     // a label of the path
	Payload                 // the document, or the raw body
)

// Flags are yes-or-no properties of shapes and members.
type Flags uint8

// The flags of shapes and members.
const (
	Required Flags = 1 << iota
	Flattened
	Attribute // an XML attribute
	Union
	Sensitive // left out of messages
	HasMin
	HasMax
	Streaming
)

// TimeFormat is a timestamp's form; DefaultTime depends on the location.
type TimeFormat uint8

// The forms of timestamps.
const (
	DefaultTime TimeFormat = iota
	ISO8601
	RFC822
)

// IAM returns the model of IAM.
func IAM() *Model { return &iamModel }

// STS returns the model of STS.
func STS() *Model { return &stsModel }

// S3 returns the model of S3.
func S3() *Model { return &s3Model }

// S3Control returns the model of S3 Control.
func S3Control() *Model { return &s3controlModel }

// Organizations returns the model of AWS Organizations.
func Organizations() *Model { return &organizationsModel }

// AccessAnalyzer returns the model of IAM Access Analyzer.
func AccessAnalyzer() *Model { return &accessanalyzerModel }

// Op returns the operation of that name, or nil.
func (m *Model) Op(name string) *ModelOp {
	i, ok := slices.BinarySearchFunc(m.Ops, name, func(op ModelOp, name string) int { return strings.Compare(op.Name, name) })
	if !ok {
		return nil
	}
	return &m.Ops[i]
}

func (m *Model) shape(i int) *Shape { return &m.Shapes[i] }

func (m *Member) wire() string {
	if m.Wire != "" {
		return m.Wire
	}
	return m.Name
}

func (f Flags) has(g Flags) bool { return f&g != 0 }
