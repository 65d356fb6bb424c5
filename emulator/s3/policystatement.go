package s3

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/store"
)

// A policyStatement is what of a bucket policy's statement is S3's own to check: the grammar is authz's.
type policyStatement struct {
	Principal, NotPrincipal principalElement
	Action                  stringOrList
	Condition               map[string]map[string]json.RawMessage
}

// stringOrList is a string or a list of strings.
type stringOrList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *stringOrList) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*l = stringOrList{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(l))
}

// principalElement is a Principal element's map, nil for "*".
type principalElement map[string]stringOrList

// UnmarshalJSON implements json.Unmarshaler.
func (p *principalElement) UnmarshalJSON(text []byte) error {
	if strings.HasPrefix(string(text), `"`) {
		return nil
	}
	return json.Unmarshal(text, (*map[string]stringOrList)(p))
}

// statementsOf reads the statements of a policy whose grammar has been checked.
func statementsOf(text string) ([]policyStatement, error) {
	var document struct{ Statement json.RawMessage }
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, err
	}
	if strings.HasPrefix(string(document.Statement), "{") {
		document.Statement = slices.Concat([]byte("["), document.Statement, []byte("]"))
	}
	var statements []policyStatement
	return statements, json.Unmarshal(document.Statement, &statements)
}

// checkConditions refuses condition keys that S3 does not have, and those that no action of their statement can have
// ("Actions, resources, and condition keys for Amazon S3"). Errors: MalformedPolicy.
func checkConditions(statements []policyStatement) error {
	for _, s := range statements {
		for _, keys := range s.Condition {
			for key := range keys {
				if prefix, _, _ := strings.Cut(key, ":"); !strings.EqualFold(prefix, "s3") {
					continue
				}
				if _, known := reference.Key(key); !known {
					return awserr.MalformedPolicy.Errorf("Policy has an invalid condition key")
				}
				if !slices.ContainsFunc(s.Action, func(action string) bool { return canHave(action, key) }) && s.Action != nil {
					return awserr.MalformedPolicy.Errorf("Conditions do not apply to combination of actions and resources in statement")
				}
			}
		}
	}
	return nil
}

// canHave says whether requests for an action can have a condition key; one with wildcards may stand for any action.
func canHave(action, key string) bool {
	a, known := reference.Lookup(action)
	return !known || a.Supports(key)
}

// canonicalUsers returns the accounts of the canonical user ids that statements name as principals. Errors:
// MalformedPolicy for an id that is nobody's.
func canonicalUsers(tx *store.Tx, statements []policyStatement) (map[string]string, error) {
	var accounts map[string]string
	for _, s := range statements {
		for _, id := range slices.Concat(s.Principal["CanonicalUser"], s.NotPrincipal["CanonicalUser"]) {
			a, ok, err := account.ByCanonicalID(tx, id)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, awserr.MalformedPolicy.Errorf("Invalid principal in policy").With("Detail", `"CanonicalUser" : "`+id+`"`)
			}
			if accounts == nil {
				accounts = map[string]string{}
			}
			accounts[id] = a.ID
		}
	}
	return accounts, nil
}
