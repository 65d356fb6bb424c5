package iam

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var roleOps = wire.Ops(
	wire.Op((*Service).CreateRole, on(newRole, "RoleName", boundaryKey, createTags("iam:TagRole"))),
	wire.Op((*Service).GetRole, on(aRole, "RoleName")),
	wire.Op((*Service).ListRoles, under("role")),
	wire.Op((*Service).UpdateRole, on(aRole, "RoleName")),
	wire.Op((*Service).UpdateRoleDescription, on(aRole, "RoleName")),
	wire.Op((*Service).UpdateAssumeRolePolicy, on(aRole, "RoleName")),
	wire.Op((*Service).DeleteRole, on(aRole, "RoleName")),
)

// role is an IAM role.
type role struct {
	identity
	Description *string `json:",omitempty"`
	MaxSession  int32   // seconds
	Trust       string  // the trust policy's text
	// Bound holds the unique ids of the trust policy's principals by ARN.
	Bound map[string]string `json:",omitempty"`
	// Service is the principal of the service that a service-linked role is for, "" for other roles.
	Service string `json:",omitempty"`
}

const (
	defaultMaxSession = 3600
	// trustSize is the largest trust policy ("IAM and AWS STS quotas": role trust policy length).
	trustSize = 2048
)

func roleNamed(tx *store.Tx, account, name string) (role, error) {
	r, ok, err := roles.Get(tx, nameKey(account, name))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("The role with name %s cannot be found.", name)
	}
	return r, err
}

// CreateRole creates a role. The answer has neither description nor session duration, as AWS's.
func (s *Service) CreateRole(ctx context.Context, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	account, name := callerAccount(ctx), aws.ToString(in.RoleName)
	if strings.HasPrefix(pathOf(in.Path), serviceRolePath) {
		return nil, awserr.InvalidInput.Errorf("The path %s is reserved for service-linked roles.", serviceRolePath)
	}
	tags, err := newTags(fold, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &iam.CreateRoleOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := roles.Get(tx, nameKey(account, name)); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("Role with name %s already exists.", name)
		}
		r := role{
			identity: identity{entity: entity{
				Account: account, Name: name, Path: pathOf(in.Path), ID: ids.New(ids.Role), Created: tx.Now, Tags: tags,
			}},
			Description: in.Description,
			MaxSession:  defaultMaxSession,
		}
		if in.MaxSessionDuration != nil {
			r.MaxSession = *in.MaxSessionDuration
		}
		if err := s.setTrust(ctx, tx, &r, aws.ToString(in.AssumeRolePolicyDocument)); err != nil {
			return err
		}
		if err := s.setBoundary(tx, &r.identity, aws.ToString(in.PermissionsBoundary)); err != nil {
			return err
		}
		out.Role = &types.Role{
			Arn: aws.String(r.arn()), CreateDate: aws.Time(r.Created), Path: aws.String(r.Path),
			RoleId: aws.String(r.ID), RoleName: aws.String(r.Name),
			AssumeRolePolicyDocument: encodeDocument(r.Trust),
			PermissionsBoundary:      r.boundary(), Tags: showTags(r.Tags),
		}
		return roles.Put(tx, &r)
	})
	return answer(out, err)
}

// setTrust validates a trust policy and binds its principals, which must exist.
func (s *Service) setTrust(ctx context.Context, tx *store.Tx, r *role, text string) error {
	if !json.Valid([]byte(text)) { // said of trust policies alone; of others it is a syntax error like any
		return awserr.MalformedPolicyDocument.Errorf("This policy contains invalid Json")
	}
	p, err := validate(text, authz.Trust)
	if err != nil {
		return err
	}
	if authz.Size(text) > trustSize {
		return quotaExceeded("ACLSizePerRole", trustSize)
	}
	for _, provider := range p.FederatedPrincipals() {
		if !federatedPrincipal.MatchString(provider) {
			return awserr.MalformedPolicyDocument.Errorf("Federated principals must be valid domain names or SAML metadata ARNs")
		}
	}
	bound, invalid, err := s.BindPrincipals(ctx, tx, p)
	if err != nil {
		return err
	}
	if invalid != "" {
		return awserr.MalformedPolicyDocument.Errorf(`Invalid principal in policy: "AWS":"%s"`, invalid)
	}
	r.Trust, r.Bound = text, bound
	return nil
}

// federatedPrincipal is the form of an identity provider in a trust policy. IAM does not look whether the provider exists.
var federatedPrincipal = regexp.MustCompile(`^(arn:aws:iam::[0-9]{12}:(saml|oidc)-provider/.+|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/.*)?)$`)

// validate checks a policy document in IAM's words.
func validate(text string, kind authz.PolicyKind) (*authz.Policy, error) {
	p, err := authz.Validate(text, kind)
	var syntax *authz.SyntaxError
	if errors.As(err, &syntax) {
		err = awserr.MalformedPolicyDocument.Errorf("%s", syntax.Message)
	}
	return p, err
}

// GetRole returns a role.
func (s *Service) GetRole(ctx context.Context, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	out := &iam.GetRoleOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		r, err := roleNamed(tx, callerAccount(ctx), aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		out.Role, err = s.describeRole(ctx, tx, &r)
		return err
	})
	return answer(out, err)
}

// ListRoles returns roles by name, without their boundaries, tags and last use, as AWS does.
func (s *Service) ListRoles(ctx context.Context, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	found, marker, err := listPage(ctx, s, roles, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListRolesOutput{Marker: marker, IsTruncated: marker != nil}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out.Roles = convert(found, func(r *role) types.Role { return s.listedRole(ctx, tx, r) })
		return nil
	})
	return answer(out, err)
}

// UpdateRole changes description and session duration; what is absent stays.
func (s *Service) UpdateRole(ctx context.Context, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
	err := change(ctx, s, roles, roleNamed, in.RoleName, func(tx *store.Tx, r *role) error {
		if in.Description != nil { // which a service-linked role may get as well
			r.Description = in.Description
		}
		if in.MaxSessionDuration != nil {
			if err := r.modifiable(); err != nil {
				return err
			}
			r.MaxSession = *in.MaxSessionDuration
		}
		return nil
	})
	return answer(&iam.UpdateRoleOutput{}, err)
}

// UpdateRoleDescription changes the description and returns the role.
func (s *Service) UpdateRoleDescription(ctx context.Context, in *iam.UpdateRoleDescriptionInput) (*iam.UpdateRoleDescriptionOutput, error) {
	out := &iam.UpdateRoleDescriptionOutput{}
	err := change(ctx, s, roles, roleNamed, in.RoleName, func(tx *store.Tx, r *role) error {
		r.Description = in.Description
		out.Role = ptr(s.briefRole(ctx, tx, r))
		out.Role.Description = r.Description
		out.Role.PermissionsBoundary, out.Role.Tags = r.boundary(), showTags(r.Tags)
		return nil
	})
	return answer(out, err)
}

// UpdateAssumeRolePolicy replaces the trust policy.
func (s *Service) UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
	err := s.changeRole(ctx, in.RoleName, func(tx *store.Tx, r *role) error {
		return s.setTrust(ctx, tx, r, aws.ToString(in.PolicyDocument))
	})
	return answer(&iam.UpdateAssumeRolePolicyOutput{}, err)
}

// DeleteRole deletes a role that is in no instance profile and has no policies: DeleteConflict otherwise.
func (s *Service) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	account := callerAccount(ctx)
	err := s.update(ctx, func(tx *store.Tx) error {
		r, err := roleNamed(tx, account, aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		if err := r.modifiable(); err != nil {
			return err
		}
		if _, has, err := first(profiles.ByIndex(tx, "role", r.key())); err != nil {
			return err
		} else if has {
			return awserr.DeleteConflict.Errorf("Cannot delete entity, must remove roles from instance profile first.")
		}
		if err := r.mayDelete(); err != nil {
			return err
		}
		if err := s.setBoundary(tx, &r.identity, ""); err != nil {
			return err
		}
		if err := forgetUses(tx, r.ID); err != nil {
			return err
		}
		return roles.Delete(tx, r.key())
	})
	return answer(&iam.DeleteRoleOutput{}, err)
}

func (r *role) arn() string { return r.arnOf("role") }

// briefRole is a role as instance profiles show it.
func (s *Service) briefRole(ctx context.Context, tx *store.Tx, r *role) types.Role {
	return types.Role{
		Arn: aws.String(r.arn()), CreateDate: aws.Time(r.Created), Path: aws.String(r.Path),
		RoleId: aws.String(r.ID), RoleName: aws.String(r.Name),
		AssumeRolePolicyDocument: encodeDocument(s.ShowPrincipals(ctx, tx, r.Trust, r.Bound)),
	}
}

// listedRole is a role as ListRoles shows it.
func (s *Service) listedRole(ctx context.Context, tx *store.Tx, r *role) types.Role {
	listed := s.briefRole(ctx, tx, r)
	listed.Description, listed.MaxSessionDuration = r.Description, aws.Int32(r.MaxSession)
	return listed
}

func (s *Service) describeRole(ctx context.Context, tx *store.Tx, r *role) (*types.Role, error) {
	full := s.listedRole(ctx, tx, r)
	full.PermissionsBoundary = r.boundary()
	full.Tags = showTags(r.Tags)
	used, err := s.roleLastUsed(tx, r)
	full.RoleLastUsed = used
	return &full, err
}

// roleLastUsed is an empty element for a role that has never been used.
func (s *Service) roleLastUsed(tx *store.Tx, r *role) (*types.RoleLastUsed, error) {
	use, ok, err := s.uses.get(tx, r.ID)
	if err != nil || !ok {
		return &types.RoleLastUsed{}, err
	}
	return &types.RoleLastUsed{LastUsedDate: aws.Time(use.At), Region: aws.String(use.Region)}, nil
}
