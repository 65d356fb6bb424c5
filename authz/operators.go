package authz

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// test is what an operator does, without its negation.
type test int

const (
	stringEquals test = iota
	stringEqualsIgnoreCase
	stringLike
	numericEquals
	numericLess
	numericLessEquals
	numericGreater
	numericGreaterEquals
	dateEquals
	dateLess
	dateLessEquals
	dateGreater
	dateGreaterEquals
	isBool
	binaryEquals
	inNetwork
	arnMatches
	isNull
)

// operators are all operators of the policy language. ArnEquals does what ArnLike does.
var operators = map[string]struct {
	test    test
	negated bool
}{
	"StringEquals":              {stringEquals, false},
	"StringNotEquals":           {stringEquals, true},
	"StringEqualsIgnoreCase":    {stringEqualsIgnoreCase, false},
	"StringNotEqualsIgnoreCase": {stringEqualsIgnoreCase, true},
	"StringLike":                {stringLike, false},
	"StringNotLike":             {stringLike, true},
	"NumericEquals":             {numericEquals, false},
	"NumericNotEquals":          {numericEquals, true},
	"NumericLessThan":           {numericLess, false},
	"NumericLessThanEquals":     {numericLessEquals, false},
	"NumericGreaterThan":        {numericGreater, false},
	"NumericGreaterThanEquals":  {numericGreaterEquals, false},
	"DateEquals":                {dateEquals, false},
	"DateNotEquals":             {dateEquals, true},
	"DateLessThan":              {dateLess, false},
	"DateLessThanEquals":        {dateLessEquals, false},
	"DateGreaterThan":           {dateGreater, false},
	"DateGreaterThanEquals":     {dateGreaterEquals, false},
	"Bool":                      {isBool, false},
	"BinaryEquals":              {binaryEquals, false},
	"IpAddress":                 {inNetwork, false},
	"NotIpAddress":              {inNetwork, true},
	"ArnEquals":                 {arnMatches, false},
	"ArnLike":                   {arnMatches, false},
	"ArnNotEquals":              {arnMatches, true},
	"ArnNotLike":                {arnMatches, true},
	"Null":                      {isNull, false},
}

// operand is a value of a condition, read as its operator needs it. One that cannot be read is not valid and accepts
// nothing.
type operand struct {
	text     string
	valid    bool
	boolean  bool
	template template
	*quantity
}

// quantity is an operand that is neither a text nor a boolean.
type quantity struct {
	number  float64
	integer int64
	whole   bool // integer holds the number exactly
	time    time.Time
	network netip.Prefix
	binary  []byte
}

func compileOperand(text string, t test, variables bool) operand {
	o := operand{text: text, valid: true}
	switch {
	case t == stringEquals || t == stringEqualsIgnoreCase:
		o.template = compileTemplate(text, literal, variables)
	case t == stringLike:
		o.template = compileTemplate(text, like, variables)
	case t == arnMatches && text == "*":
		o.template = compileTemplate(text, like, variables)
	case t == arnMatches:
		o.template = compileTemplate(text, arnLike, variables)
	case t == isBool || t == isNull:
		o.boolean, o.valid = readBool(text)
	default:
		o.quantity = &quantity{}
		o.valid = o.quantity.read(text, t)
	}
	return o
}

func (q *quantity) read(text string, t test) (ok bool) {
	switch {
	case t <= numericGreaterEquals:
		q.number, q.integer, q.whole, ok = readNumber(text)
	case t <= dateGreaterEquals:
		q.time, ok = readDate(text)
	case t == binaryEquals:
		q.binary, ok = readBinary(text)
	case t == inNetwork:
		q.network, ok = readNetwork(text)
	}
	return ok
}

// accepts decides whether a value of the request passes t against o.
func (o *operand) accepts(e *evaluation, t test, value string) bool {
	if !o.valid {
		return false
	}
	switch {
	case t == stringEqualsIgnoreCase:
		return o.template.equalsFold(e, value)
	case t == stringEquals || t == stringLike || t == arnMatches:
		return o.template.matches(e, value)
	case t <= numericGreaterEquals:
		order, ok := o.compareNumber(value)
		return ok && ordered(order, t-numericEquals)
	case t <= dateGreaterEquals:
		date, ok := readDate(value)
		return ok && ordered(date.Compare(o.time), t-dateEquals)
	case t == isBool:
		b, ok := readBool(value)
		return ok && b == o.boolean
	case t == binaryEquals:
		b, ok := readBinary(value)
		return ok && bytes.Equal(b, o.binary)
	case t == inNetwork:
		address, err := netip.ParseAddr(value)
		return err == nil && o.network.Contains(address.Unmap().WithZone(""))
	}
	return false
}

// ordered reports whether an order (-1, 0, 1) passes: relation is equal, less, less or equal, greater, greater or equal,
// in the order of the tests.
func ordered(order int, relation test) bool {
	switch relation {
	case 0:
		return order == 0
	case 1:
		return order < 0
	case 2:
		return order <= 0
	case 3:
		return order > 0
	}
	return order >= 0
}

// compareNumber orders value against o.
func (o *operand) compareNumber(value string) (order int, ok bool) {
	number, integer, whole, ok := readNumber(value)
	if whole && o.whole {
		return cmp.Compare(integer, o.integer), ok
	}
	return cmp.Compare(number, o.number), ok
}

// readNumber reads an integer or a decimal; integers are kept exactly.
func readNumber(text string) (number float64, integer int64, whole, ok bool) {
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, 0, false, false
	}
	if integer, err := strconv.ParseInt(text, 10, 64); err == nil {
		return float64(integer), integer, true, true
	}
	number, err := strconv.ParseFloat(text, 64)
	return number, 0, false, err == nil && !math.IsInf(number, 0)
}

// dateLayouts are the forms of ISO 8601 that the W3C note on date formats has.
var dateLayouts = []string{
	"2006-01-02T15:04:05Z07:00", // with a fraction of a second too
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
	"2006-01-02",
	"2006-01",
}

// readDate reads an ISO 8601 date or seconds since 1970.
func readDate(text string) (time.Time, bool) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if math.Abs(seconds) > 1e15 || seconds != seconds {
			return time.Time{}, false
		}
		whole, fraction := math.Modf(seconds)
		return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), true
	}
	upper := strings.ToUpper(text)
	for _, layout := range dateLayouts {
		if date, err := time.Parse(layout, upper); err == nil {
			return date.UTC(), true
		}
	}
	return time.Time{}, false
}

func readBool(text string) (value, ok bool) {
	switch {
	case strings.EqualFold(text, "true"):
		return true, true
	case strings.EqualFold(text, "false"):
		return false, true
	}
	return false, false
}

func readBinary(text string) ([]byte, bool) {
	b, err := base64.StdEncoding.DecodeString(text)
	return b, err == nil
}

// readNetwork reads a CIDR range; an address without a prefix length is a range of one.
func readNetwork(text string) (netip.Prefix, bool) {
	if network, err := netip.ParsePrefix(text); err == nil {
		return network.Masked(), true
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, false
	}
	address = address.Unmap()
	return netip.PrefixFrom(address, address.BitLen()), true
}
