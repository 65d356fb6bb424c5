package s3

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// A formPolicy is what the signer of a form allows to be sent ("POST Policy", Amazon S3 API Reference).
type formPolicy struct {
	expires     time.Time
	conditions  []formCondition
	least, most int64 // of the file's size
}

// A formCondition is on one field: its value is, or begins with, the wanted one.
type formCondition struct {
	operator string // "eq" or "starts-with"
	field    string // as it was written: "$key"
	want     string
}

// parseFormPolicy reads a policy, which is JSON in base64. Errors: InvalidPolicyDocument.
func parseFormPolicy(text string) (*formPolicy, error) {
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, invalidFormPolicy("Invalid JSON.")
	}
	var document map[string]json.RawMessage
	if json.Unmarshal(plainJSON(decoded), &document) != nil || document == nil {
		return nil, invalidFormPolicy("Invalid JSON.")
	}
	for name := range document {
		if name != "expiration" && name != "conditions" {
			return nil, invalidFormPolicy("Unexpected: '" + name + "'")
		}
	}
	p := &formPolicy{most: math.MaxInt64}
	if p.expires, err = formExpiration(document["expiration"]); err != nil {
		return nil, err
	}
	if document["conditions"] == nil {
		return nil, invalidFormPolicy("Policy missing conditions.")
	}
	var conditions []json.RawMessage
	if json.Unmarshal(document["conditions"], &conditions) != nil {
		return nil, invalidFormPolicy("Invalid 'conditions' value: must be a List.")
	}
	if len(conditions) == 0 {
		return nil, invalidFormPolicy("Policy conditions must not be empty.")
	}
	for _, raw := range conditions {
		if err := p.add(raw); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// plainJSON turns the two escapes that a policy may have and JSON has not, \$ and \v, into JSON ("Character escaping").
func plainJSON(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\$`)) && !bytes.Contains(text, []byte(`\v`)) {
		return text
	}
	plain := make([]byte, 0, len(text)+8)
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			plain = append(plain, text[i])
			continue
		}
		i++
		switch text[i] {
		case '$':
			plain = append(plain, '$')
		case 'v':
			plain = append(plain, `\u000b`...)
		default:
			plain = append(plain, '\\', text[i])
		}
	}
	return plain
}

func formExpiration(raw json.RawMessage) (time.Time, error) {
	if raw == nil {
		return time.Time{}, invalidFormPolicy("Policy missing expiration.")
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return time.Time{}, invalidFormPolicy("Invalid 'expiration' value: '" + string(raw) + "'")
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || !strings.HasSuffix(text, "Z") {
		return time.Time{}, invalidFormPolicy("Invalid 'expiration' value: '" + text + "'")
	}
	return t, nil
}

// add reads a condition: {"acl": "private"}, ["eq", "$acl", "private"] or ["content-length-range", 1, 1024].
func (p *formPolicy) add(raw json.RawMessage) error {
	var simple map[string]json.RawMessage
	if json.Unmarshal(raw, &simple) == nil && simple != nil {
		if len(simple) != 1 {
			return invalidFormPolicy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.")
		}
		for name, value := range simple {
			var want string
			if json.Unmarshal(value, &want) != nil || string(value) == "null" {
				return invalidFormPolicy("Invalid Simple-Condition: value must be a string.")
			}
			p.conditions = append(p.conditions, formCondition{"eq", "$" + name, want})
		}
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || list == nil {
		return invalidFormPolicy("Invalid Condition: must be a List or an Object.")
	}
	if len(list) != 3 {
		return invalidFormPolicy("Invalid Condition: wrong number of arguments.")
	}
	var operator string
	if json.Unmarshal(list[0], &operator) != nil {
		return invalidFormPolicy("Invalid Condition: operation must be a string.")
	}
	switch operator = strings.ToLower(operator); operator {
	case "content-length-range":
		least, ok1 := formSize(list[1])
		most, ok2 := formSize(list[2])
		if !ok1 || !ok2 {
			return invalidFormPolicy("Invalid content-length-range: the sizes must be numbers.")
		}
		p.least, p.most = max(p.least, least), min(p.most, most)
		return nil
	case "eq", "starts-with":
		c := formCondition{operator: operator}
		if json.Unmarshal(list[1], &c.field) != nil || json.Unmarshal(list[2], &c.want) != nil || string(list[2]) == "null" {
			return invalidFormPolicy("Invalid Condition: arguments must be strings.")
		}
		p.conditions = append(p.conditions, c)
		return nil
	}
	return invalidFormPolicy("Invalid Condition: unknown operation '" + operator + "'.")
}

// formSize reads a size, which may be a number or a text.
func formSize(raw json.RawMessage) (int64, bool) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// check holds a form against the policy: it has not expired, every condition is met, and every field but those that sign the
// form has a condition. Errors: AccessDenied.
func (p *formPolicy) check(f *Form, now time.Time) error {
	if !now.Before(p.expires) {
		return againstFormPolicy("Policy expired.")
	}
	covered := map[string]bool{"policy": true, "signature": true, "awsaccesskeyid": true, "x-amz-signature": true, "file": true}
	for _, c := range p.conditions {
		if !c.met(f) {
			return againstFormPolicy("Policy Condition failed: " + c.String())
		}
		covered[strings.ToLower(strings.TrimPrefix(c.field, "$"))] = true
	}
	for _, name := range append([]string{"bucket"}, f.names...) {
		lower := strings.ToLower(name)
		if !covered[lower] && !strings.HasPrefix(lower, "x-ignore-") {
			return againstFormPolicy("Extra input fields: " + lower)
		}
	}
	return nil
}

// met says whether the form meets the condition. Names of fields have no case, values have.
func (c formCondition) met(f *Form) bool {
	name, ok := strings.CutPrefix(c.field, "$")
	if !ok {
		return false
	}
	name = strings.ToLower(name)
	value, sent := f.fields[name]
	if name == "bucket" {
		value, sent = f.bucket, true
	}
	switch {
	case c.operator == "eq":
		return sent && value == c.want
	case name == "content-type": // each of a list must begin so
		for part := range strings.SplitSeq(value, ",") {
			if !strings.HasPrefix(strings.TrimSpace(part), c.want) {
				return false
			}
		}
		return true
	}
	return strings.HasPrefix(value, c.want)
}

// String writes the condition as S3's messages do.
func (c formCondition) String() string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	words := make([]string, 0, 3)
	for _, word := range []string{c.operator, c.field, c.want} {
		b.Reset()
		_ = encoder.Encode(word) // a string always is JSON
		words = append(words, strings.TrimSuffix(b.String(), "\n"))
	}
	return "[" + strings.Join(words, ", ") + "]"
}

func invalidFormPolicy(detail string) error {
	return awserr.InvalidPolicyDocument.Errorf("Invalid Policy: %s", detail)
}

func againstFormPolicy(detail string) error {
	return awserr.AccessDenied.Errorf("Invalid according to Policy: %s", detail)
}
