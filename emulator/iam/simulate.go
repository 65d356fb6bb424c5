package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var simulationOps = wire.Ops(
	wire.Op((*Service).SimulateCustomPolicy, anywhere),
	wire.Op((*Service).SimulatePrincipalPolicy, on(aPolicySource, "PolicySourceArn")),
	wire.Op((*Service).GetContextKeysForCustomPolicy, anywhere),
	wire.Op((*Service).GetContextKeysForPrincipalPolicy, on(aPolicySource, "PolicySourceArn")),
)

// Levels returns the service control and the resource control policies above an account, a list for each level of the
// organization, root first; nil when the account is in none.
type Levels func(ctx context.Context, account string) (scps, rcps [][]authz.Attached, err error)

// aPolicySource is the user, group or role whose policies are to be read.
func aPolicySource(ctx context.Context, tx *store.Tx, in any, name *string) (resource, error) {
	for kind, n := range map[string]noun{"user": aUser, "group": aGroup, "role": aRole} {
		account, _, entity, ok := parseARN(aws.ToString(name), kind)
		if !ok || account != callerAccount(ctx) {
			continue
		}
		r, err := n(ctx, tx, in, &entity)
		r.arn, r.shown = *name, ""
		return r, err
	}
	return resource{arn: aws.ToString(name)}, nil
}

// SimulateCustomPolicy decides requests under the policies given. Trust policies, and resource policies with a role as the
// caller, are evaluated as well, where AWS's own simulator stops. InvalidInput for policies and parameters that cannot be
// simulated.
func (s *Service) SimulateCustomPolicy(ctx context.Context, in *iam.SimulateCustomPolicyInput) (*iam.SimulateCustomPolicyOutput, error) {
	if in.ResourcePolicy != nil && in.CallerArn == nil {
		return nil, awserr.InvalidInput.Errorf("CallerArn must be specified when a ResourcePolicy is specified.")
	}
	sim, err := newSimulation(in, callerAccount(ctx))
	if err != nil {
		return nil, err
	}
	for i, level := range in.OrderedOrganizationPolicyInputList {
		attached, err := given(level.ServiceControlPolicyInputList, authz.SCP, fmt.Sprintf("OrderedOrganizationPolicyInputList.%d.", i+1))
		if err != nil {
			return nil, err
		}
		sim.policies.SCPs = append(sim.policies.SCPs, attached)
	}
	results, marker, err := sim.page(in.Marker, in.MaxItems)
	return answer(&iam.SimulateCustomPolicyOutput{EvaluationResults: results, IsTruncated: marker != nil, Marker: marker}, err)
}

// SimulatePrincipalPolicy decides requests under the policies of a user, with those of its groups, of a group or of a role,
// and those given besides. InvalidInput as SimulateCustomPolicy, and for a source that is none of these; NoSuchEntity for
// one that does not exist; PolicyEvaluation when a policy of it cannot be read.
func (s *Service) SimulatePrincipalPolicy(ctx context.Context, in *iam.SimulatePrincipalPolicyInput) (*iam.SimulatePrincipalPolicyOutput, error) {
	source, err := s.policySource(ctx, aws.ToString(in.PolicySourceArn))
	if err != nil {
		return nil, err
	}
	excluded, err := newExclusions(in.PolicyExclusionList)
	if err != nil {
		return nil, err
	}
	caller := in.CallerArn
	if caller == nil {
		caller = in.PolicySourceArn
	}
	sim, err := newSimulation(&iam.SimulateCustomPolicyInput{
		PolicyInputList: in.PolicyInputList, PermissionsBoundaryPolicyInputList: in.PermissionsBoundaryPolicyInputList,
		ActionNames: in.ActionNames, ResourceArns: in.ResourceArns, ResourcePolicy: in.ResourcePolicy,
		ResourceOwner: in.ResourceOwner, CallerArn: caller, ContextEntries: in.ContextEntries,
		ResourceHandlingOption: in.ResourceHandlingOption,
	}, callerAccount(ctx))
	if err != nil {
		return nil, err
	}
	if in.CallerArn == nil || *in.CallerArn == *in.PolicySourceArn {
		sim.become(source)
	}
	sim.policies.Identity = append(excluded.drop(source.grants.Identity), sim.policies.Identity...)
	if sim.policies.Boundary == nil && source.grants.Boundary != nil && !excluded.has(source.grants.Boundary) {
		sim.policies.Boundary = source.grants.Boundary
	}
	if err := s.addLevels(ctx, sim, excluded); err != nil {
		return nil, err
	}
	results, marker, err := sim.page(in.Marker, in.MaxItems)
	return answer(&iam.SimulatePrincipalPolicyOutput{EvaluationResults: results, IsTruncated: marker != nil, Marker: marker}, err)
}

// addLevels adds what the organizations limit the caller and the owners of the resources with. Nothing limits a
// service-linked role ("Service control policies" and "Resource control policies", AWS Organizations User Guide).
func (s *Service) addLevels(ctx context.Context, sim *simulation, excluded exclusions) error {
	if s.levels == nil || strings.Contains(sim.principal.RoleARN, ":role/aws-service-role/") {
		return nil
	}
	scps, _, err := s.levels(ctx, sim.principal.Account)
	if err != nil {
		return err
	}
	for _, level := range scps {
		if left := excluded.drop(level); len(left) > 0 || len(level) == 0 {
			sim.policies.SCPs = append(sim.policies.SCPs, left)
		}
	}
	sim.rcps = map[string][][]authz.Attached{}
	for _, resource := range slices.Concat(sim.resources, []string{"*"}) {
		owner := sim.ownerOf(resource)
		if _, known := sim.rcps[owner]; known {
			continue
		}
		if _, sim.rcps[owner], err = s.levels(ctx, owner); err != nil {
			return err
		}
	}
	return nil
}

// source is whose policies are simulated.
type source struct {
	kind   string // "user", "group" or "role"
	id     string
	grants Grants
}

// policySource reads the policies of a user, group or role of the caller's account.
func (s *Service) policySource(ctx context.Context, arn string) (from source, err error) {
	kind, account, name, err := entityOf(arn)
	if err != nil {
		return from, err
	}
	if own := callerAccount(ctx); account != own {
		return from, awserr.InvalidInput.Errorf("Invalid Policy Source Arn: caller's account %s does not have access to policies in account %s", own, account)
	}
	from.kind = kind
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		switch kind {
		case "user":
			var u user
			if u, err = userNamed(tx, account, name); err == nil && u.arn() != arn {
				err = awserr.NoSuchEntity.Errorf("The user with name %s cannot be found.", name)
			}
			if err == nil {
				from.id = u.ID
				from.grants, _, err = s.userGrants(tx, &u)
			}
		case "role":
			var r role
			if r, err = roleNamed(tx, account, name); err == nil && r.arn() != arn {
				err = awserr.NoSuchEntity.Errorf("The role with name %s cannot be found.", name)
			}
			if err == nil {
				from.id = r.ID
				from.grants, _, err = s.identityGrants(tx, &r.identity, "role "+r.Name)
			}
		default:
			var g group
			if g, err = groupNamed(tx, account, name); err == nil && g.arnOf(kind) != arn {
				err = awserr.NoSuchEntity.Errorf("The group with name %s cannot be found.", name)
			}
			if err == nil {
				from.grants.Identity, err = s.policiesOf(tx, nil, &g.identity, "group "+g.Name)
			}
		}
		return err
	})
	if missing, ok := err.(missingPolicyError); ok {
		err = awserr.PolicyEvaluation.Errorf("%s", strings.TrimPrefix(missing.Error(), "iam: "))
	}
	return from, err
}

// entityOf takes the ARN of a user, group or role apart.
func entityOf(arn string) (kind, account, name string, err error) {
	for _, kind := range []string{"user", "group", "role"} {
		if account, _, name, ok := parseARN(arn, kind); ok && isAccountID(account) {
			return kind, account, name, nil
		}
	}
	return "", "", "", awserr.InvalidInput.Errorf("Invalid Entity Arn: %s does not clearly define entity type and name.", arn)
}

func isAccountID(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789") == ""
}

// simulatedSession is the name of the role session as which a simulated role acts.
const simulatedSession = "simulation"

// principalOf is the principal that acts as an entity. A group does not act; its members do.
func principalOf(kind, account, name, arn string) authz.Principal {
	switch kind {
	case "user":
		return authz.Principal{Type: authz.User, Account: account, ARN: arn, Name: name}
	case "role":
		return authz.Principal{
			Type: authz.AssumedRole, Account: account, RoleARN: arn,
			ARN: "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + simulatedSession,
		}
	}
	return authz.Principal{Type: authz.User, Account: account}
}

// PrincipalByARN returns who acts as a user, a role or a root user of the world; for a role that is a session of it. ok is
// false when there is none.
func (s *Service) PrincipalByARN(ctx context.Context, arn string) (p authz.Principal, ok bool, err error) {
	if _, id, _, isARN := splitARN(arn); isARN && arn == rootARN(id) {
		return authz.Principal{Type: authz.Account, Account: id, ARN: arn, ID: id}, true, nil
	}
	kind, account, name, err := entityOf(arn)
	if err != nil || kind == "group" {
		return p, false, nil
	}
	p = principalOf(kind, account, name, arn)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if kind == "user" {
			u, found, err := userByARN(tx, arn)
			p.ID, ok = u.ID, found
			return err
		}
		r, found, err := roleByARN(tx, arn)
		p.RoleID, p.ID, ok = r.ID, r.ID+":"+simulatedSession, found
		return err
	})
	return p, ok && err == nil, err
}

// become gives the simulated caller what only the source itself has: its unique id and its tags.
func (sim *simulation) become(from source) {
	switch from.kind {
	case "user":
		sim.principal.ID = from.id
	case "role":
		sim.principal.RoleID, sim.principal.ID = from.id, from.id+":"+simulatedSession
	}
	for key, value := range from.grants.Tags {
		name := "aws:principaltag/" + fold(key)
		if _, ok := sim.keys[name]; !ok {
			sim.keys[name] = []string{value}
		}
	}
	sim.yield()
}

// resourcePolicy attaches the resource policy of the request: for an operation of STS on a role its trust policy.
func (sim *simulation) resourcePolicy(action, owner string) []authz.Attached {
	if sim.resource == nil {
		return nil
	}
	at := authz.Attached{Policy: sim.resource, Kind: authz.Resource, Name: "ResourcePolicy", Account: owner, To: "the resource",
		Bound: map[string]string{ids.CanonicalID(sim.principal.Account): sim.principal.Account}}
	if isTrustAction(action) {
		at.Kind = authz.Trust
	}
	return []authz.Attached{at}
}

// isTrustAction reports whether the policy that an action is decided by is a role's trust policy.
func isTrustAction(action string) bool {
	switch strings.ToLower(action) {
	case "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity":
		return true
	}
	return false
}
