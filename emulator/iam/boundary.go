package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var boundaryOps = wire.Ops(
	wire.Op((*Service).PutUserPermissionsBoundary, on(aUser, "UserName", boundaryKey)),
	wire.Op((*Service).DeleteUserPermissionsBoundary, on(aUser, "UserName", boundaryKey)),
	wire.Op((*Service).PutRolePermissionsBoundary, on(aRole, "RoleName", boundaryKey)),
	wire.Op((*Service).DeleteRolePermissionsBoundary, on(aRole, "RoleName", boundaryKey)),
)

// setBoundary makes the policy of an ARN the permissions boundary, "" for none.
func (s *Service) setBoundary(tx *store.Tx, i *identity, arn string) error {
	if arn == i.Boundary {
		return nil
	}
	if arn != "" {
		if _, err := policyARN(&arn); err != nil {
			return err
		}
		_, aws := s.managed.ByARN(arn)
		if _, own, err := findPolicy(tx, i.Account, arn); err != nil {
			return err
		} else if !aws && !own {
			return awserr.NoSuchEntity.Errorf("Scope ARN: %s does not exist or is not attachable.", arn)
		}
		if err := use(tx, i.Account, arn, 0, 1); err != nil {
			return err
		}
	}
	if i.Boundary != "" {
		if err := use(tx, i.Account, i.Boundary, 0, -1); err != nil {
			return err
		}
	}
	i.Boundary = arn
	return nil
}

// PutUserPermissionsBoundary sets the boundary of a user.
func (s *Service) PutUserPermissionsBoundary(ctx context.Context, in *iam.PutUserPermissionsBoundaryInput) (*iam.PutUserPermissionsBoundaryOutput, error) {
	err := s.changeUser(ctx, in.UserName, func(tx *store.Tx, u *user) error {
		return s.setBoundary(tx, &u.identity, aws.ToString(in.PermissionsBoundary))
	})
	return answer(&iam.PutUserPermissionsBoundaryOutput{}, err)
}

// DeleteUserPermissionsBoundary removes the boundary of a user.
func (s *Service) DeleteUserPermissionsBoundary(ctx context.Context, in *iam.DeleteUserPermissionsBoundaryInput) (*iam.DeleteUserPermissionsBoundaryOutput, error) {
	err := s.changeUser(ctx, in.UserName, func(tx *store.Tx, u *user) error {
		if u.Boundary == "" {
			return awserr.NoSuchEntity.Errorf("The user with name %s does not have a permissions boundary.", u.Name)
		}
		return s.setBoundary(tx, &u.identity, "")
	})
	return answer(&iam.DeleteUserPermissionsBoundaryOutput{}, err)
}

// PutRolePermissionsBoundary sets the boundary of a role.
func (s *Service) PutRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryInput) (*iam.PutRolePermissionsBoundaryOutput, error) {
	err := s.changeRole(ctx, in.RoleName, func(tx *store.Tx, r *role) error {
		return s.setBoundary(tx, &r.identity, aws.ToString(in.PermissionsBoundary))
	})
	return answer(&iam.PutRolePermissionsBoundaryOutput{}, err)
}

// DeleteRolePermissionsBoundary removes the boundary of a role.
func (s *Service) DeleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryInput) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	err := s.changeRole(ctx, in.RoleName, func(tx *store.Tx, r *role) error {
		if r.Boundary == "" {
			return awserr.NoSuchEntity.Errorf("The role with name %s does not have a permissions boundary.", r.Name)
		}
		return s.setBoundary(tx, &r.identity, "")
	})
	return answer(&iam.DeleteRolePermissionsBoundaryOutput{}, err)
}
