package iam

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

// BindPrincipals looks up the AWS principals of a resource policy that is about to be stored. bound holds the unique ids
// of its users and roles by ARN, for authz.Attached.Bound; invalid is the first principal that does not exist, "" if all
// do. Accounts, users and roles must exist; a unique id is accepted while its user or role exists.
func (s *Service) BindPrincipals(ctx context.Context, tx *store.Tx, p *authz.Policy) (bound map[string]string, invalid string, err error) {
	bound = map[string]string{}
	for _, principal := range p.Principals() {
		id, ok, err := principalID(tx, principal)
		if err != nil {
			return nil, "", err
		}
		if !ok {
			return nil, principal, nil
		}
		if id != "" {
			bound[principal] = id
		}
	}
	return bound, "", nil
}

// principalID looks up an AWS principal as a policy names it. ok is false when there is none. The id is the unique id that
// a user or role is bound to, "" for an account or a session ("IAM JSON policy elements: Principal").
func principalID(tx *store.Tx, principal string) (id string, ok bool, err error) {
	switch {
	case len(principal) == 12 && strings.Trim(principal, "0123456789") == "":
		_, ok, err = account.Get(tx, principal)
		return "", ok, err
	case strings.HasPrefix(principal, ids.User):
		_, ok, err = userByID(tx, principal)
		return "", ok, err
	case strings.HasPrefix(principal, ids.Role):
		_, ok, err = first(roles.ByIndex(tx, "id", principal))
		return "", ok, err
	}
	service, owner, resource, ok := splitARN(principal)
	if !ok {
		return "", false, nil
	}
	if _, ok, err := account.Get(tx, owner); err != nil || !ok {
		return "", false, err
	}
	kind, name, _ := strings.Cut(resource, "/")
	switch {
	case service == "iam" && resource == "root":
		return "", true, nil
	case service == "iam" && kind == "user":
		u, ok, err := userByARN(tx, principal)
		return u.ID, ok, err
	case service == "iam" && kind == "role":
		r, ok, err := roleByARN(tx, principal)
		return r.ID, ok, err
	case service == "sts" && kind == "assumed-role":
		role, session, _ := strings.Cut(name, "/")
		_, ok, err := roles.Get(tx, nameKey(owner, role))
		return "", ok && session != "", err
	case service == "sts" && kind == "federated-user":
		return "", name != "", nil
	}
	return "", false, nil
}

// splitARN splits an ARN of the aws partition.
func splitARN(arn string) (service, account, resource string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] != "aws" || parts[3] != "" {
		return "", "", "", false
	}
	return parts[2], parts[4], parts[5], true
}

// ShowPrincipals returns the text of a stored resource policy as AWS shows it: a principal that is gone, or was created
// again under its old name, appears as the unique id it was bound to, one that was renamed or moved under its new ARN. The
// rest of the text is verbatim.
func (s *Service) ShowPrincipals(ctx context.Context, tx *store.Tx, text string, bound map[string]string) string {
	changed := map[string]string{}
	for principal, id := range bound {
		if now, ok, err := principalID(tx, principal); err != nil || ok && now == id {
			continue
		}
		changed[principal] = id
		if arn, ok := arnOfID(tx, id); ok {
			changed[principal] = arn
		}
	}
	if len(changed) == 0 {
		return text
	}
	return replacePrincipals(text, changed)
}

// FollowPrincipals returns a stored resource policy for an evaluation: a user that was renamed or moved since is named by
// its new ARN, in text and bound. One that is gone stays as it is, bound to an id that nobody has.
func (s *Service) FollowPrincipals(ctx context.Context, tx *store.Tx, text string, bound map[string]string) (string, map[string]string) {
	moved := map[string]string{}
	for principal, id := range bound {
		if now, ok, err := principalID(tx, principal); err != nil || ok && now == id {
			continue
		}
		if arn, ok := arnOfID(tx, id); ok {
			moved[principal] = arn
		}
	}
	if len(moved) == 0 {
		return text, bound
	}
	bound = maps.Clone(bound)
	for old, arn := range moved {
		bound[arn] = bound[old]
		delete(bound, old)
	}
	return replacePrincipals(text, moved), bound
}

// Generation moves on with every committed change of IAM: what was read of users and roles is good while it stands still.
func (s *Service) Generation() uint64 { return s.generation.Load() }

// arnOfID returns the ARN that the user of a unique id has now; roles are never renamed.
func arnOfID(tx *store.Tx, id string) (arn string, ok bool) {
	u, ok, err := userByID(tx, id)
	return u.arn(), ok && err == nil
}

// replacePrincipals replaces strings inside Principal and NotPrincipal elements and leaves every other byte as it is.
func replacePrincipals(text string, by map[string]string) string {
	var out strings.Builder
	dec := json.NewDecoder(strings.NewReader(text))
	copied := 0
	replace := func() bool { // the value that comes next, if it is a principal; it ends at a whole value
		depth := 0
		for {
			t, err := dec.Token()
			if err != nil {
				return false
			}
			switch v := t.(type) {
			case json.Delim:
				if v == '{' || v == '[' {
					depth++
				} else {
					depth--
				}
			case string:
				if name, ok := by[v]; ok {
					end := int(dec.InputOffset())
					start := literalStart(text, end)
					out.WriteString(text[copied:start])
					out.WriteString(`"` + name + `"`)
					copied = end
				}
			}
			if depth == 0 {
				return true
			}
		}
	}
	for {
		t, err := dec.Token()
		if err != nil {
			break
		}
		if name, ok := t.(string); ok && isPrincipalElement(dec, text, name) && !replace() {
			break
		}
	}
	return out.String() + text[copied:]
}

// isPrincipalElement reports whether the string just read is the key of a Principal or NotPrincipal element: a colon
// follows it.
func isPrincipalElement(dec *json.Decoder, text, name string) bool {
	if !strings.EqualFold(name, "Principal") && !strings.EqualFold(name, "NotPrincipal") {
		return false
	}
	return strings.HasPrefix(strings.TrimLeft(text[dec.InputOffset():], " \t\r\n"), ":")
}

// literalStart returns where the string literal starts that ends before the offset end.
func literalStart(text string, end int) int {
	for i := end - 2; i >= 0; i-- {
		if text[i] != '"' {
			continue
		}
		backslashes := 0
		for i-backslashes > 0 && text[i-backslashes-1] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i
		}
	}
	return 0
}
