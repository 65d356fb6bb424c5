// Gen writes the archive of AWS managed policies anew. Its argument is a file with the output of
//
//	aws iam get-account-authorization-details --filter AWSManagedPolicy
//
// or several such outputs' policies in one. Run it in the folder above: go run ./gen FILE.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/xemu-aws/xemu/emulator/iam/managed"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./gen FILE, the output of: aws iam get-account-authorization-details --filter AWSManagedPolicy")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string) error {
	policies, err := managed.Read(file)
	if err != nil {
		return err
	}
	for i := range policies {
		text, err := layOut(policies[i].Document())
		if err != nil {
			return fmt.Errorf("%s: %w", policies[i].Name, err)
		}
		policies[i].Document = func() string { return text }
	}
	var index, blocks bytes.Buffer
	if err := managed.WriteArchive(&index, &blocks, policies); err != nil {
		return err
	}
	if err := os.WriteFile("policies.tsv", index.Bytes(), 0o644); err != nil {
		return err
	}
	return os.WriteFile("policies.flate", blocks.Bytes(), 0o644)
}

// order is the order of the elements of policies and statements in AWS's documents.
var order = []string{"Version", "Id", "Statement", "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}

// element is an object of a policy or a statement, its members in AWS's order.
type element map[string]json.RawMessage

// MarshalJSON implements json.Marshaler.
func (e element) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for _, name := range order {
		value, ok := e[name]
		if !ok {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%q:%s", name, value)
	}
	for name := range e {
		if !slices.Contains(order, name) {
			return nil, fmt.Errorf("unknown element %s", name)
		}
	}
	return slices.Concat([]byte{'{'}, out.Bytes(), []byte{'}'}), nil
}

// layOut returns a document in the layout of AWS's: elements in order, four spaces of indent.
func layOut(document string) (string, error) {
	var policy element
	if err := json.Unmarshal([]byte(document), &policy); err != nil {
		return "", err
	}
	var statements []element
	if raw := policy["Statement"]; len(raw) > 0 && raw[0] == '{' {
		statements = make([]element, 1)
		if err := json.Unmarshal(raw, &statements[0]); err != nil {
			return "", err
		}
	} else if err := json.Unmarshal(raw, &statements); err != nil {
		return "", err
	}
	var err error
	if policy["Statement"], err = encode(statements); err != nil {
		return "", err
	}
	text, err := encode(policy)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = json.Indent(&out, text, "", "    ")
	return out.String(), err
}

// encode is json.Marshal without escapes for HTML.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}
