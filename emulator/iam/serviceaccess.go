package iam

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var serviceAccessOps = wire.Ops(
	wire.Op((*Service).ListPoliciesGrantingServiceAccess, onNamedARN),
)

// onNamedARN is the rule of operations on the user, group, role or policy of an ARN. AWS's policies are everybody's.
var onNamedARN = wire.Any(func(ctx context.Context, _ *Service, in any) ([]wire.Need, error) {
	r := resource{arn: aws.ToString(text(in, "Arn"))}
	if parts := strings.SplitN(r.arn, ":", 6); len(parts) == 6 && parts[4] != "aws" && parts[4] != callerAccount(ctx) {
		r.account = parts[4]
	}
	return []wire.Need{r.need("iam:"+operation(in), nil)}, nil
})

// granting is a policy with those whose it is.
type granting struct {
	shown  types.PolicyGrantingServiceAccess
	allows []allowance
}

// allowance is what an Allow statement says of actions.
type allowance struct{ Action, NotAction oneOrMany[string] }

// newGranting reads the Allow statements of a policy. As in AWS's reports, only what a policy allows counts, not what others
// deny ("Refine permissions in AWS using last accessed information", IAM User Guide).
func newGranting(shown types.PolicyGrantingServiceAccess, document string) (granting, error) {
	var policy struct {
		Statement oneOrMany[struct {
			Effect string
			allowance
		}]
	}
	g := granting{shown: shown}
	err := json.Unmarshal([]byte(document), &policy)
	for _, statement := range policy.Statement {
		if statement.Effect == "Allow" {
			g.allows = append(g.allows, statement.allowance)
		}
	}
	return g, err
}

// grants reports whether the policy allows anything of a service.
func (g *granting) grants(service string) bool {
	for _, a := range g.allows {
		if names(a.Action, service, false) || len(a.NotAction) > 0 && !names(a.NotAction, service, true) {
			return true
		}
	}
	return false
}

// names reports whether a list of actions has one of the service, or with whole all of them.
func names(actions []string, service string, whole bool) bool {
	for _, action := range actions {
		prefix, name, _ := strings.Cut(action, ":")
		if action == "*" || strings.EqualFold(prefix, service) && (!whole || name == "*") {
			return true
		}
	}
	return false
}

// oneOrMany is an element of a policy that may be a list or its only member.
type oneOrMany[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMany[T]) UnmarshalJSON(text []byte) error {
	if json.Unmarshal(text, (*[]T)(o)) == nil {
		return nil
	}
	*o = make([]T, 1)
	return json.Unmarshal(text, &(*o)[0])
}

// accessor is a user or role that can use a service.
type accessor struct {
	kind types.PolicyOwnerEntityType
	*entity
}

func (a accessor) arn() string { return a.arnOf(strings.ToLower(string(a.kind))) }

// access is what the ARN of a user, group, role or policy stands for: the policies, and the users and roles that have them.
type access struct {
	policies []granting
	entities []accessor
	has      map[string]bool // the entities' unique ids, while they are gathered
}

// accessOf finds the access of an ARN of the caller's account.
func (s *Service) accessOf(ctx context.Context, tx *store.Tx, arn string) (a access, err error) {
	account := callerAccount(ctx)
	missing := awserr.NoSuchEntity.Errorf("ARN %s is not found.", arn)
	owner, _, name, isGroup := parseARN(arn, "group")
	switch {
	case isGroup:
		g, ok, err := groups.Get(tx, nameKey(account, name))
		if err != nil || !ok || owner != account || g.arnOf("group") != arn {
			return a, orElse(err, missing)
		}
		if err := s.addPolicies(tx, &a, &g.identity, types.PolicyOwnerEntityTypeGroup); err != nil {
			return a, err
		}
		return a, a.addMembers(tx, g.ID)
	case strings.Contains(arn, ":user/"):
		u, ok, err := userByARN(tx, arn)
		if err != nil || !ok || u.Account != account {
			return a, orElse(err, missing)
		}
		return s.userAccess(tx, &u)
	case strings.Contains(arn, ":role/"):
		r, ok, err := roleByARN(tx, arn)
		if err != nil || !ok || r.Account != account {
			return a, orElse(err, missing)
		}
		a.entities = []accessor{{types.PolicyOwnerEntityTypeRole, &r.entity}}
		return a, s.addPolicies(tx, &a, &r.identity, types.PolicyOwnerEntityTypeRole)
	}
	document, policyName, ok, err := s.managedDocument(tx, arn)
	if err != nil || !ok {
		return a, orElse(err, missing)
	}
	err = a.addPolicy(types.PolicyGrantingServiceAccess{PolicyName: &policyName, PolicyArn: &arn, PolicyType: types.PolicyTypeManaged}, document)
	if err != nil {
		return a, err
	}
	return a, a.addHolders(tx, store.Key(account, arn))
}

// orElse is the first of two errors that is one.
func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (s *Service) userAccess(tx *store.Tx, u *user) (a access, err error) {
	a.entities = []accessor{{types.PolicyOwnerEntityTypeUser, &u.entity}}
	if err := s.addPolicies(tx, &a, &u.identity, types.PolicyOwnerEntityTypeUser); err != nil {
		return a, err
	}
	all, err := groupsOf(tx, u)
	for i := range all {
		if err == nil {
			err = s.addPolicies(tx, &a, &all[i].identity, types.PolicyOwnerEntityTypeGroup)
		}
	}
	return a, err
}

// addPolicies adds the inline and managed policies of an entity.
func (s *Service) addPolicies(tx *store.Tx, a *access, i *identity, kind types.PolicyOwnerEntityType) error {
	for _, p := range i.Inline {
		err := a.addPolicy(types.PolicyGrantingServiceAccess{
			PolicyName: aws.String(p.Name), PolicyType: types.PolicyTypeInline, EntityName: aws.String(i.Name), EntityType: kind,
		}, p.Document)
		if err != nil {
			return err
		}
	}
	for _, arn := range i.Attached {
		document, name, ok, err := s.managedDocument(tx, arn)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		err = a.addPolicy(types.PolicyGrantingServiceAccess{
			PolicyName: &name, PolicyType: types.PolicyTypeManaged, PolicyArn: aws.String(arn),
		}, document)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *access) addPolicy(shown types.PolicyGrantingServiceAccess, document string) error {
	g, err := newGranting(shown, document)
	a.policies = append(a.policies, g)
	return err
}

// addMembers adds the users of a group, each once.
func (a *access) addMembers(tx *store.Tx, groupID string) error {
	for u, err := range users.ByIndex(tx, "group", groupID) {
		if err != nil {
			return err
		}
		a.add(accessor{types.PolicyOwnerEntityTypeUser, &u.entity})
	}
	return nil
}

func (a *access) add(e accessor) {
	if !a.has[e.ID] {
		if a.has == nil {
			a.has = map[string]bool{}
		}
		a.has[e.ID] = true
		a.entities = append(a.entities, e)
	}
}

// addHolders adds the users and roles that a managed policy is attached to, by themselves or through a group.
func (a *access) addHolders(tx *store.Tx, key string) error {
	for r, err := range roles.ByIndex(tx, "attached", key) {
		if err != nil {
			return err
		}
		a.add(accessor{types.PolicyOwnerEntityTypeRole, &r.entity})
	}
	for u, err := range users.ByIndex(tx, "attached", key) {
		if err != nil {
			return err
		}
		a.add(accessor{types.PolicyOwnerEntityTypeUser, &u.entity})
	}
	for g, err := range groups.ByIndex(tx, "attached", key) {
		if err != nil {
			return err
		}
		if err := a.addMembers(tx, g.ID); err != nil {
			return err
		}
	}
	return nil
}

// grants reports whether any of the policies allows anything of a service.
func (a *access) grants(service string) bool {
	for i := range a.policies {
		if a.policies[i].grants(service) {
			return true
		}
	}
	return false
}

// ListPoliciesGrantingServiceAccess returns for each service the policies of a user, group or role that allow any of it.
func (s *Service) ListPoliciesGrantingServiceAccess(ctx context.Context, in *iam.ListPoliciesGrantingServiceAccessInput) (*iam.ListPoliciesGrantingServiceAccessOutput, error) {
	p, err := pageOf(in.Marker, nil)
	if err != nil {
		return nil, err
	}
	for _, service := range in.ServiceNamespaces {
		if !reference.IsService(service) {
			return nil, awserr.InvalidInput.Errorf("%s is not a valid service namespace.", service)
		}
	}
	out := &iam.ListPoliciesGrantingServiceAccessOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if _, _, _, isPolicy := parseARN(aws.ToString(in.Arn), "policy"); isPolicy {
			return awserr.InvalidInput.Errorf("ARN %s is not that of a user, group or role.", *in.Arn)
		}
		a, err := s.accessOf(ctx, tx, aws.ToString(in.Arn))
		if err != nil {
			return err
		}
		order := map[string]string{} // the answer has the order of the request
		entries := make([]types.ListPoliciesGrantingServiceAccessEntry, len(in.ServiceNamespaces))
		for i, service := range in.ServiceNamespaces {
			order[service] = fmt.Sprintf("%06d", i)
			entries[i] = types.ListPoliciesGrantingServiceAccessEntry{ServiceNamespace: &service, Policies: []types.PolicyGrantingServiceAccess{}}
			for j := range a.policies {
				if a.policies[j].grants(service) {
					entries[i].Policies = append(entries[i].Policies, a.policies[j].shown)
				}
			}
		}
		found, marker, err := sorted(p, entries, func(e types.ListPoliciesGrantingServiceAccessEntry) string { return order[*e.ServiceNamespace] })
		out.PoliciesGrantingServiceAccess, out.Marker, out.IsTruncated = found, marker, marker != nil
		return err
	})
	return answer(out, err)
}
