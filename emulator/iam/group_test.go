package iam

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestGroupLife goes through the life of a group: members, inline and managed policies, deletion.
func TestGroupLife(t *testing.T) {
	w := newWorld(t)
	c, ctx, name := w.admin(production), t.Context(), aws.String("Ops")
	made, err := c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: name, Path: aws.String("/dev/")})
	w.must(err)
	if g := made.Group; *g.Arn != "arn:aws:iam::111122223333:group/dev/Ops" || *g.Path != "/dev/" || len(*g.GroupId) != 21 {
		t.Errorf("CreateGroup: %s %s %s", *g.Arn, *g.Path, *g.GroupId)
	}
	w.check("in other letters", second(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("OPS")})), "EntityAlreadyExists: Group with name OPS already exists.")
	for _, user := range []string{"carol", "alice", "bob"} {
		w.must(second(c.CreateUser(ctx, &iam.CreateUserInput{UserName: &user})))
		w.must(second(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: name, UserName: &user})))
	}
	var members []string
	for p := iam.NewGetGroupPaginator(c, &iam.GetGroupInput{GroupName: aws.String("ops"), MaxItems: aws.Int32(2)}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		w.must(err)
		for _, u := range page.Users {
			members = append(members, *u.UserName)
		}
	}
	if got := members; !slices.Equal(got, []string{"alice", "bob", "carol"}) {
		t.Errorf("members"+": %v", got)
	}

	w.must(second(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(readS3)})))
	w.must(second(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: aws.String(adminARN)})))
	inline, err := c.ListGroupPolicies(ctx, &iam.ListGroupPoliciesInput{GroupName: name})
	w.must(err)
	if got := inline.PolicyNames; !slices.Equal(got, []string{"p"}) {
		t.Errorf("inline policies"+": %v", got)
	}
	attached, err := c.ListAttachedGroupPolicies(ctx, &iam.ListAttachedGroupPoliciesInput{GroupName: name})
	w.must(err)
	if len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyArn != adminARN {
		t.Errorf("attached: %v", attached.AttachedPolicies)
	}
	all, err := c.ListGroups(ctx, &iam.ListGroupsInput{PathPrefix: aws.String("/dev")})
	w.must(err)
	other, err := c.ListGroups(ctx, &iam.ListGroupsInput{PathPrefix: aws.String("/x/")})
	w.must(err)
	if len(all.Groups) != 1 || len(other.Groups) != 0 {
		t.Errorf("ListGroups: %v, under another path %v", all.Groups, other.Groups)
	}

	remove := func() error { return second(c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: name})) }
	if err := remove(); err == nil {
		t.Fatal("a group in use was deleted")
	}
	for _, user := range members {
		w.must(second(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: name, UserName: &user})))
	}
	w.must(second(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: aws.String(adminARN)})))
	w.check("detached twice", second(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: aws.String(adminARN)})),
		"NoSuchEntity: Policy "+adminARN+" was not found.")
	w.check("with an inline policy", remove(), "DeleteConflict: Cannot delete entity, must delete policies first.")
	w.must(second(c.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: name, PolicyName: aws.String("p")})))
	w.must(remove())
	w.check("gone", second(c.GetGroup(ctx, &iam.GetGroupInput{GroupName: name})), "NoSuchEntity: The group with name Ops cannot be found.")
}

// TestListsOfPoliciesAndTags reads what users, roles and instance profiles have.
func TestListsOfPoliciesAndTags(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx, bob, reader := w.admin(production), t.Context(), aws.String("bob"), aws.String("Reader")
	w.must(second(c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: bob, PolicyArn: aws.String(limitARN)})))
	attached, err := c.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: bob})
	w.must(err)
	if len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyName != "Limit" {
		t.Errorf("attached: %v", attached.AttachedPolicies)
	}
	elsewhere, err := c.ListAttachedUserPolicies(ctx, &iam.ListAttachedUserPoliciesInput{UserName: bob, PathPrefix: aws.String("/x/")})
	w.must(err)
	if len(elsewhere.AttachedPolicies) != 0 {
		t.Errorf("attached under another path: %v", elsewhere.AttachedPolicies)
	}
	tags, err := c.ListUserTags(ctx, &iam.ListUserTagsInput{UserName: bob})
	w.must(err)
	if got := convert(tags.Tags, func(t *types.Tag) string { return *t.Key + "=" + *t.Value }); !slices.Equal(got, []string{"Team=x"}) {
		t.Errorf("tags"+": %v", got)
	}

	for _, name := range []string{"b", "A"} {
		w.must(second(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: reader, PolicyName: &name, PolicyDocument: aws.String(readS3)})))
	}
	inline, err := c.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: reader})
	w.must(err)
	if got := inline.PolicyNames; !slices.Equal(got, []string{"A", "b"}) {
		t.Errorf("inline policies"+": %v", got)
	}
	policy, err := c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: reader, PolicyName: aws.String("A")})
	w.must(err)
	if *policy.RoleName != "Reader" || *policy.PolicyDocument != *encodeDocument(readS3) {
		t.Errorf("GetRolePolicy: %s %s", *policy.RoleName, *policy.PolicyDocument)
	}
	w.check("no such policy", second(c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: reader, PolicyName: aws.String("c")})),
		"NoSuchEntity: The role policy with name c cannot be found.")
	profiles, err := c.ListInstanceProfiles(ctx, nil)
	w.must(err)
	if len(profiles.InstanceProfiles) != 1 || *profiles.InstanceProfiles[0].InstanceProfileName != "box" {
		t.Errorf("ListInstanceProfiles: %v", profiles.InstanceProfiles)
	}
}
