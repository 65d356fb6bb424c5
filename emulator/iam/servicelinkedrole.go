package iam

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var serviceLinkedRoleOps = wire.Ops(
	wire.Op((*Service).CreateServiceLinkedRole, onNewServiceLinkedRole),
	wire.Op((*Service).DeleteServiceLinkedRole, on(aRole, "RoleName")),
	wire.Op((*Service).GetServiceLinkedRoleDeletionStatus, onDeletionTask),
)

// serviceRolePath begins the path of service-linked roles, and of the policies that they alone may have.
const serviceRolePath = "/aws-service-role/"

// linkedName returns the path and the name of the service-linked role that a request asks for. An unknown service has no
// role name.
func linkedName(in *iam.CreateServiceLinkedRoleInput) (path, name string) {
	service := aws.ToString(in.AWSServiceName)
	if linked, ok := linkedServices[service]; ok {
		name = linked.role
		if in.CustomSuffix != nil {
			name += "_" + *in.CustomSuffix
		}
	}
	return serviceRolePath + service + "/", name
}

var onNewServiceLinkedRole = wire.For(func(ctx context.Context, s *Service, in *iam.CreateServiceLinkedRoleInput) ([]wire.Need, error) {
	path, name := linkedName(in)
	r := resource{arn: arn(callerAccount(ctx), "role", path, name)}
	return []wire.Need{r.need("iam:CreateServiceLinkedRole", authz.Keys{"iam:awsservicename": {aws.ToString(in.AWSServiceName)}})}, nil
})

// CreateServiceLinkedRole makes the role that a service acts with in the account. Nobody but AWS changes it.
func (s *Service) CreateServiceLinkedRole(ctx context.Context, in *iam.CreateServiceLinkedRoleInput) (*iam.CreateServiceLinkedRoleOutput, error) {
	account, service := callerAccount(ctx), aws.ToString(in.AWSServiceName)
	linked, ok := linkedServices[service]
	switch {
	case !ok:
		return nil, awserr.AccessDenied.Errorf("Cannot find Service Linked Role template for %s", service)
	case in.CustomSuffix != nil && !linked.suffix:
		return nil, awserr.InvalidInput.Errorf("Custom suffix is not allowed for %s", service)
	}
	path, name := linkedName(in)
	out := &iam.CreateServiceLinkedRoleOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := roles.Get(tx, nameKey(account, name)); err != nil {
			return err
		} else if taken {
			return awserr.InvalidInput.Errorf("Service role name %s has been taken in this account, please try a different suffix.", name)
		}
		r := role{
			identity:    identity{entity: entity{Account: account, Name: name, Path: path, ID: ids.New(ids.Role), Created: tx.Now}},
			Description: in.Description, MaxSession: defaultMaxSession, Service: service,
			Trust: `{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["` + service + `"]}}]}`,
		}
		policy := "arn:aws:iam::aws:policy" + serviceRolePath + linked.policy
		if _, ok := s.managed.ByARN(policy); ok {
			r.Attached = []string{policy}
			if err := use(tx, account, policy, 1, 0); err != nil {
				return err
			}
		}
		out.Role = ptr(s.briefRole(ctx, tx, &r))
		out.Role.Description = r.Description
		return roles.Put(tx, &r)
	})
	return answer(out, err)
}

// modifiable refuses changes of service-linked roles.
func (r *role) modifiable() error {
	if r.Service == "" {
		return nil
	}
	return awserr.UnmodifiableEntity.Errorf("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", r.Name)
}

// deletionTask is the deletion of a service-linked role.
type deletionTask struct {
	Account, ID string
	Started     time.Time
}

var deletionTasks = store.NewTable("iam.deletiontask", func(t *deletionTask) string { return store.Key(t.Account, t.ID) })

// taskPrefix begins the ids of deletion tasks: task/aws-service-role/SERVICE/ROLE/UUID (GetServiceLinkedRoleDeletionStatus,
// IAM API Reference).
const taskPrefix = "task" + serviceRolePath

// keepTasks is how long the state of a deletion can be asked for.
const keepTasks = 24 * time.Hour

// DeleteServiceLinkedRole deletes a role, which no service of xemu can be using, and returns the id of the deletion.
func (s *Service) DeleteServiceLinkedRole(ctx context.Context, in *iam.DeleteServiceLinkedRoleInput) (*iam.DeleteServiceLinkedRoleOutput, error) {
	account, uuid := callerAccount(ctx), ids.NewRequestID()
	out := &iam.DeleteServiceLinkedRoleOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		name := aws.ToString(in.RoleName)
		r, err := roleNamed(tx, account, name)
		if err != nil {
			return err
		}
		if r.Service == "" {
			return awserr.NoSuchEntity.Errorf("The service linked role with name %s cannot be found.", name)
		}
		for _, policy := range r.Attached {
			if err := use(tx, account, policy, -1, 0); err != nil {
				return err
			}
		}
		if err := forgetTasks(tx, account); err != nil {
			return err
		}
		task := deletionTask{Account: account, ID: taskPrefix + r.Service + "/" + r.Name + "/" + uuid, Started: tx.Now}
		out.DeletionTaskId = &task.ID
		if err := deletionTasks.Put(tx, &task); err != nil {
			return err
		}
		if err := forgetUses(tx, r.ID); err != nil {
			return err
		}
		return roles.Delete(tx, r.key())
	})
	return answer(out, err)
}

// forgetTasks deletes the tasks of an account that are too old to be asked for.
func forgetTasks(tx *store.Tx, account string) error {
	for task, err := range deletionTasks.Scan(tx, store.Key(account), "") {
		if err != nil {
			return err
		}
		if tx.Now.Sub(task.Started) > keepTasks {
			if err := deletionTasks.Delete(tx, store.Key(account, task.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// onDeletionTask is the rule of GetServiceLinkedRoleDeletionStatus: the resource is the role that the task's id names.
var onDeletionTask = wire.For(func(ctx context.Context, _ *Service, in *iam.GetServiceLinkedRoleDeletionStatusInput) ([]wire.Need, error) {
	r := resource{arn: "*"}
	parts := strings.Split(strings.TrimPrefix(aws.ToString(in.DeletionTaskId), taskPrefix), "/")
	if len(parts) == 3 {
		r.arn = arn(callerAccount(ctx), "role", serviceRolePath+parts[0]+"/", parts[1])
	}
	return []wire.Need{r.need("iam:GetServiceLinkedRoleDeletionStatus", nil)}, nil
})

// GetServiceLinkedRoleDeletionStatus says how a deletion went: what can be asked for has succeeded.
func (s *Service) GetServiceLinkedRoleDeletionStatus(ctx context.Context, in *iam.GetServiceLinkedRoleDeletionStatusInput) (*iam.GetServiceLinkedRoleDeletionStatusOutput, error) {
	id := aws.ToString(in.DeletionTaskId)
	err := s.store.View(ctx, func(tx *store.Tx) error {
		_, ok, err := deletionTasks.Get(tx, store.Key(callerAccount(ctx), id))
		if err == nil && !ok {
			err = awserr.NoSuchEntity.Errorf("The deletion task with id %s cannot be found.", id)
		}
		return err
	})
	return answer(&iam.GetServiceLinkedRoleDeletionStatusOutput{Status: types.DeletionTaskStatusTypeSucceeded}, err)
}
