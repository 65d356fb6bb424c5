package iam

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestServiceLinkedRole(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	create := func(service string, suffix *string) (*iam.CreateServiceLinkedRoleOutput, error) {
		return c.CreateServiceLinkedRole(ctx, &iam.CreateServiceLinkedRoleInput{AWSServiceName: &service, CustomSuffix: suffix, Description: aws.String("d")})
	}
	made, err := create("support.amazonaws.com", nil)
	w.must(err)
	const arn = "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"
	if r := made.Role; *r.Arn != arn || *r.Path != "/aws-service-role/support.amazonaws.com/" || !strings.Contains(*r.AssumeRolePolicyDocument, "support.amazonaws.com") {
		t.Errorf("CreateServiceLinkedRole: %+v", r)
	}
	name := made.Role.RoleName
	attached, err := c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: name})
	w.must(err)
	if len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyName != "AWSSupportServiceRolePolicy" {
		t.Errorf("its policies: %+v", attached.AttachedPolicies)
	}
	_, err = create("support.amazonaws.com", nil)
	w.check("again", err, "InvalidInput: Service role name AWSServiceRoleForSupport has been taken in this account, please try a different suffix.")
	_, err = create("support.amazonaws.com", aws.String("x"))
	w.check("a suffix", err, "InvalidInput: Custom suffix is not allowed for support.amazonaws.com")
	_, err = create("iam.amazonaws.com", nil)
	w.check("another service", err, "AccessDenied: Cannot find Service Linked Role template for iam.amazonaws.com")
	suffixed, err := create("autoscaling.amazonaws.com", aws.String("x"))
	w.must(err)
	if *suffixed.Role.RoleName != "AWSServiceRoleForAutoScaling_x" {
		t.Errorf("with suffix: %s", *suffixed.Role.RoleName)
	}

	const protected = "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForSupport' - this role is only modifiable by AWS"
	w.must(second(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("box")})))
	for operation, err := range map[string]error{
		"AttachRolePolicy":       second(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(adminARN)})),
		"DetachRolePolicy":       second(c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: attached.AttachedPolicies[0].PolicyArn})),
		"PutRolePolicy":          second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(readS3)})),
		"DeleteRolePolicy":       second(c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")})),
		"UpdateAssumeRolePolicy": second(c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(trusts(production))})),
		"PutRolePermissionsBoundary": second(c.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
			RoleName: name, PermissionsBoundary: aws.String(adminARN)})),
		"UpdateRole": second(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(7200)})),
		"DeleteRole": second(c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: name})),
		"AddRoleToInstanceProfile": second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{
			InstanceProfileName: aws.String("box"), RoleName: name})),
	} {
		w.check(operation, err, protected)
	}
	w.must(second(c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: name, Description: aws.String("new")})))
	w.must(second(c.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})))
	got, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	w.must(err)
	if r := got.Role; *r.Description != "new" || len(r.Tags) != 1 || *r.MaxSessionDuration != 3600 {
		t.Errorf("GetRole: %+v", r)
	}

	w.must(second(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("mine"), AssumeRolePolicyDocument: aws.String(trusts(production))})))
	_, err = c.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: aws.String("mine")})
	w.check("a role of ours", err, "NoSuchEntity: The service linked role with name mine cannot be found.")
	_, err = c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("x"), Path: aws.String("/aws-service-role/x/"), AssumeRolePolicyDocument: aws.String(trusts(production))})
	w.check("its path", err, "InvalidInput: The path /aws-service-role/ is reserved for service-linked roles.")

	deleted, err := c.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: name})
	w.must(err)
	if !strings.HasPrefix(*deleted.DeletionTaskId, "task/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport/") {
		t.Errorf("task %s", *deleted.DeletionTaskId)
	}
	status, err := c.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: deleted.DeletionTaskId})
	w.must(err)
	if status.Status != "SUCCEEDED" {
		t.Errorf("status %s", status.Status)
	}
	_, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	w.check("deleted", err, "NoSuchEntity: The role with name AWSServiceRoleForSupport cannot be found.")
	_, err = w.admin(development).GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: deleted.DeletionTaskId})
	w.check("another account's task", err, "NoSuchEntity: The deletion task with id "+*deleted.DeletionTaskId+" cannot be found.")
	w.now = w.now.Add(25 * time.Hour)
	_, err = c.DeleteServiceLinkedRole(ctx, &iam.DeleteServiceLinkedRoleInput{RoleName: suffixed.Role.RoleName})
	w.must(err)
	_, err = c.GetServiceLinkedRoleDeletionStatus(ctx, &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: deleted.DeletionTaskId})
	w.check("a task of yesterday", err, "NoSuchEntity: The deletion task with id "+*deleted.DeletionTaskId+" cannot be found.")
}
