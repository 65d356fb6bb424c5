package iam

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// TestTagKeysOfPoliciesDifferByCase, and those of instance profiles, unlike those of users and roles.
func TestTagKeysOfPoliciesDifferByCase(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	both := []types.Tag{{Key: aws.String("a"), Value: aws.String("lower")}, {Key: aws.String("A"), Value: aws.String("upper")}}
	twice := []types.Tag{both[0], both[0]}
	made, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("P"), PolicyDocument: aws.String(readS3), Tags: both})
	w.must(err)
	if len(made.Policy.Tags) != 2 {
		t.Errorf("CreatePolicy's answer has the tags %v", made.Policy.Tags)
	}
	arn := made.Policy.Arn
	w.check("the same key twice", second(c.TagPolicy(ctx, &iam.TagPolicyInput{PolicyArn: arn, Tags: twice})), "InvalidInput: Duplicate tag keys found.")
	w.must(second(c.UntagPolicy(ctx, &iam.UntagPolicyInput{PolicyArn: arn, TagKeys: []string{"a"}})))
	left, err := c.ListPolicyTags(ctx, &iam.ListPolicyTagsInput{PolicyArn: arn})
	w.must(err)
	if len(left.Tags) != 1 || *left.Tags[0].Key != "A" {
		t.Errorf("after the removal of a: %+v", left.Tags)
	}
	_, err = c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("ip"), Tags: both})
	w.must(err)
	_, err = c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("R"), AssumeRolePolicyDocument: aws.String(trusts(production)), Tags: both})
	w.check("of a role", err, "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.")
}

// TestTagsElementWithoutTags: GetPolicy and GetInstanceProfile have an empty list, the others no list.
func TestTagsElementWithoutTags(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	made, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("P"), PolicyDocument: aws.String(readS3)})
	w.must(err)
	policy, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: made.Policy.Arn})
	w.must(err)
	managed, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(adminARN)})
	w.must(err)
	madeProfile, err := c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("ip")})
	w.must(err)
	profile, err := c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String("ip")})
	w.must(err)
	user, err := c.GetUser(ctx, &iam.GetUserInput{})
	w.must(err)
	details, err := c.GetAccountAuthorizationDetails(ctx, &iam.GetAccountAuthorizationDetailsInput{Filter: []types.EntityType{types.EntityTypeUser}})
	w.must(err)
	for what, test := range map[string]struct {
		tags []types.Tag
		want bool
	}{
		"CreatePolicy": {made.Policy.Tags, false}, "GetPolicy": {policy.Policy.Tags, true}, "GetPolicy of AWS's": {managed.Policy.Tags, true},
		"CreateInstanceProfile": {madeProfile.InstanceProfile.Tags, false}, "GetInstanceProfile": {profile.InstanceProfile.Tags, true},
		"GetUser": {user.User.Tags, false}, "GetAccountAuthorizationDetails": {details.UserDetailList[0].Tags, true},
	} {
		if (test.tags != nil) != test.want || len(test.tags) > 0 {
			t.Errorf("%s: Tags is %#v", what, test.tags)
		}
	}
	if details.UserDetailList[0].UserPolicyList != nil {
		t.Error("a user without inline policies has a UserPolicyList")
	}
}

// TestRoleInOtherAnswers: UpdateRoleDescription has the description alone, instance profiles have neither it nor the
// session duration.
func TestRoleInOtherAnswers(t *testing.T) {
	w := newWorld(t)
	c, ctx, name := w.admin(production), t.Context(), aws.String("R")
	_, err := c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trusts(production)), Description: aws.String("old")})
	w.must(err)
	updated, err := c.UpdateRoleDescription(ctx, &iam.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("new")})
	w.must(err)
	if r := updated.Role; *r.Description != "new" || r.MaxSessionDuration != nil || r.RoleLastUsed != nil {
		t.Errorf("UpdateRoleDescription: %+v", r)
	}
	w.must(second(c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: name})))
	w.must(second(c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name})))
	profile, err := c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: name})
	w.must(err)
	if r := profile.InstanceProfile.Roles[0]; r.Description != nil || r.MaxSessionDuration != nil || r.AssumeRolePolicyDocument == nil {
		t.Errorf("GetInstanceProfile: %+v", r)
	}
	list, err := c.ListRoles(ctx, &iam.ListRolesInput{})
	w.must(err)
	if r := list.Roles[0]; *r.Description != "new" || *r.MaxSessionDuration != 3600 {
		t.Errorf("ListRoles: %+v", r)
	}
}

// TestWhatIsMissing: each operation has its own words for it.
func TestWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	arn, v1, x := aws.String("arn:aws:iam::111122223333:policy/x"), aws.String("v1"), aws.String("x")
	version := "NoSuchEntity: Policy " + *arn + " version v1 does not exist or is not attachable."
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"GetPolicyVersion", second(c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: v1})), version},
		{"SetDefaultPolicyVersion", second(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: v1})), version},
		{"DeletePolicyVersion", second(c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: v1})), version},
		{"ListEntitiesForPolicy", second(c.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: arn})),
			"NoSuchEntity: Policy " + *arn + " does not exist or is not attachable."},
		{"DeletePolicy", second(c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})), "NoSuchEntity: Policy " + *arn + " was not found."},
		{"RemoveUserFromGroup", second(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: x, UserName: x})),
			"NoSuchEntity: The user with name x cannot be found."},
		{"GetAccountPasswordPolicy", second(c.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})),
			"NoSuchEntity: The Password Policy with domain name 111122223333 cannot be found."},
		{"DeleteAccountPasswordPolicy", second(c.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{})),
			"NoSuchEntity: The account policy with name PasswordPolicy cannot be found."},
		{"GetAccessKeyLastUsed", second(c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String("AKIAIOSFODNN7EXAMPLE")})),
			"AccessDenied: User: arn:aws:iam::111122223333:user/admin is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAIOSFODNN7EXAMPLE"},
	} {
		w.check(test.name, test.err, test.want)
	}
}

// TestMarkerOfAnotherList: what is no marker of ours is refused, not taken for the end of the list.
func TestMarkerOfAnotherList(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	for i := range 3 {
		w.must(second(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("u" + strings.Repeat("x", i))})))
	}
	page, err := c.ListUsers(ctx, &iam.ListUsersInput{MaxItems: aws.Int32(1)})
	w.must(err)
	for _, marker := range []string{"zzz", "next", "MTExMTIyMjIzMzMz", (*page.Marker)[:len(*page.Marker)-1], *page.Marker + "A"} {
		_, err := c.ListUsers(ctx, &iam.ListUsersInput{Marker: &marker})
		w.check("marker "+marker, err, "ValidationError: Invalid Marker.")
	}
}
