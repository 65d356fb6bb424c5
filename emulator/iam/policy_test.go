package iam

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// sized returns a policy of exactly n characters that count, and some white space that does not.
func sized(n int) string {
	const head, tail = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::`, `"}]}`
	return " \n" + head + strings.Repeat("b", n-len(head)-len(tail)) + tail + "\n\t "
}

func TestPolicyVersions(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	text := "{ \"Version\": \"2012-10-17\",\n  \"Statement\": [ {\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"arn:aws:s3:::a+b/ü*\"} ] }"
	made, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("P"), Path: aws.String("/x/"), PolicyDocument: &text, Description: aws.String("why"),
	})
	w.must(err)
	arn := made.Policy.Arn
	if *arn != "arn:aws:iam::111122223333:policy/x/P" || *made.Policy.DefaultVersionId != "v1" || !made.Policy.IsAttachable {
		t.Errorf("CreatePolicy: %+v", made.Policy)
	}
	_, err = c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: &text})
	w.check("the same name", err, "EntityAlreadyExists: A policy called p already exists. Duplicate names are not allowed.")

	got, err := c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")})
	w.must(err)
	if raw := *got.PolicyVersion.Document; strings.ContainsAny(raw, " +\"{\n") || !strings.Contains(raw, "%2B") || !strings.Contains(raw, "%20") {
		t.Errorf("not encoded as RFC 3986 says: %s", raw)
	}
	if back, _ := url.PathUnescape(*got.PolicyVersion.Document); back != text {
		t.Errorf("the document comes back as %q", back)
	}
	for i := 2; i <= 5; i++ {
		v, err := c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(readS3), SetAsDefault: i == 3})
		w.must(err)
		if *v.PolicyVersion.VersionId != fmt.Sprintf("v%d", i) || v.PolicyVersion.IsDefaultVersion != (i == 3) {
			t.Errorf("version %d: %+v", i, v.PolicyVersion)
		}
	}
	_, err = c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(readS3)})
	w.check("a sixth version", err, "LimitExceeded: A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	_, err = c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v3")})
	w.check("the default version", err, "DeleteConflict: Cannot delete the default version of a policy.")
	_, err = c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: arn})
	w.check("versions left", err, "DeleteConflict: This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	_, err = c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v9")})
	w.check("no such version", err, "NoSuchEntity: Policy "+*arn+" version v9 does not exist or is not attachable.")
	_, err = c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v1")})
	w.must(err)
	for _, v := range []string{"v2", "v3", "v4", "v5"} {
		_, err := c.DeletePolicyVersion(ctx, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: &v})
		w.must(err)
	}
	v, err := c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(readS3)})
	w.must(err)
	if *v.PolicyVersion.VersionId != "v6" {
		t.Errorf("numbers come back: %s", *v.PolicyVersion.VersionId)
	}
	list, err := c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn, MaxItems: aws.Int32(1)})
	w.must(err)
	if len(list.Versions) != 1 || *list.Versions[0].VersionId != "v6" || !list.IsTruncated {
		t.Errorf("the newest comes first: %+v", list)
	}
	list, err = c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: arn, Marker: list.Marker})
	w.must(err)
	if len(list.Versions) != 1 || *list.Versions[0].VersionId != "v1" || !list.Versions[0].IsDefaultVersion || list.IsTruncated {
		t.Errorf("second page: %+v", list)
	}
	full, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: arn})
	w.must(err)
	if *full.Policy.Description != "why" || *full.Policy.AttachmentCount != 0 {
		t.Errorf("GetPolicy: %+v", full.Policy)
	}
}

func TestPolicyErrors(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	populate(w)
	names := 0
	create := func(text string) error {
		names++
		_, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(fmt.Sprintf("Q%d", names)), PolicyDocument: &text})
		return err
	}
	get := func(arn string) error {
		_, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		return err
	}
	w.check("not JSON", create(`{"Version":`), "MalformedPolicyDocument: Syntax errors in policy.")
	w.check("a principal", create(trusts(development)), "MalformedPolicyDocument: Policy document should not specify a principal.")
	w.check("too large", create(sized(6145)), "LimitExceeded: Cannot exceed quota for PolicySize: 6144")
	w.check("just not too large", create(sized(6144)), "")
	w.check("missing", get("arn:aws:iam::111122223333:policy/None"), "NoSuchEntity: Policy arn:aws:iam::111122223333:policy/None was not found.")
	w.check("another path", get("arn:aws:iam::111122223333:policy/x/Limit"), "NoSuchEntity: Policy arn:aws:iam::111122223333:policy/x/Limit was not found.")
	w.check("missing AWS policy", get("arn:aws:iam::aws:policy/None"), "NoSuchEntity: Policy arn:aws:iam::aws:policy/None was not found.")
	w.check("another ARN", get("arn:aws:iam::111122223333:role/Reader"), "InvalidInput: ARN arn:aws:iam::111122223333:role/Reader is not valid.")
	w.check("no ARN", get("AdministratorAccess!!"), "ValidationError: ARN AdministratorAccess!! is not valid.")
	_, err := c.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: aws.String(adminARN), VersionId: aws.String("v1")})
	w.check("an old version of AWS's", err, "NoSuchEntity: Policy "+adminARN+" version v1 does not exist or is not attachable.")
	// A refused document leaves the policy as it was.
	_, err = c.CreatePolicyVersion(ctx, &iam.CreatePolicyVersionInput{PolicyArn: aws.String(limitARN), PolicyDocument: aws.String("{}"), SetAsDefault: true})
	if err == nil {
		t.Error("an empty document was taken")
	}
	v, err := c.ListPolicyVersions(ctx, &iam.ListPolicyVersionsInput{PolicyArn: aws.String(limitARN)})
	w.must(err)
	if len(v.Versions) != 1 {
		t.Errorf("versions after a refused one: %+v", v.Versions)
	}
}

// TestAttachments attaches AWS's and own policies and counts.
func TestAttachments(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	readOnly := "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	for _, arn := range []string{limitARN, readOnly, limitARN} { // twice: no error, no second count
		_, err := c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String("reader"), PolicyArn: &arn})
		w.must(err)
		_, err = c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("ops"), PolicyArn: &arn})
		w.must(err)
	}
	attach := func(arn string) error {
		_, err := c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: &arn})
		return err
	}
	w.check("missing", attach("arn:aws:iam::111122223333:policy/None"), "NoSuchEntity: Policy arn:aws:iam::111122223333:policy/None does not exist or is not attachable.")
	w.check("another account's", attach("arn:aws:iam::444455556666:policy/Limit"), "NoSuchEntity: Policy arn:aws:iam::444455556666:policy/Limit does not exist or is not attachable.")
	w.check("a service-linked role's", attach("arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"), "PolicyNotAttachable: Cannot attach a Service Role Policy to a Customer Role.")
	_, err := c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: aws.String(limitARN)})
	w.check("not attached", err, "NoSuchEntity: Policy "+limitARN+" was not found.")

	limit, err := c.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: aws.String(limitARN)})
	w.must(err)
	if *limit.Policy.AttachmentCount != 2 || *limit.Policy.PermissionsBoundaryUsageCount != 1 {
		t.Errorf("counts: %d, %d", *limit.Policy.AttachmentCount, *limit.Policy.PermissionsBoundaryUsageCount)
	}
	list, err := c.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String("Reader")})
	w.must(err)
	if len(list.AttachedPolicies) != 2 || *list.AttachedPolicies[0].PolicyName != "AmazonS3ReadOnlyAccess" {
		t.Errorf("attached: %+v", list.AttachedPolicies)
	}
	_, err = c.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: aws.String(limitARN)})
	w.check("in use", err, "DeleteConflict: Cannot delete a policy attached to entities.")

	// Each entity once, also when it has the policy both ways; page by page.
	w.must(attach(limitARN))
	for _, test := range []struct {
		filter types.EntityType
		usage  types.PolicyUsageType
		want   string
	}{
		{"", "", "ops bob Reader"},
		{"", types.PolicyUsageTypePermissionsBoundary, "bob"},
		{"", types.PolicyUsageTypePermissionsPolicy, "ops bob Reader"},
		{types.EntityTypeRole, "", "Reader"},
		{types.EntityTypeGroup, types.PolicyUsageTypePermissionsBoundary, ""},
	} {
		var groups, users, roles []string
		pages := iam.NewListEntitiesForPolicyPaginator(c, &iam.ListEntitiesForPolicyInput{
			PolicyArn: aws.String(limitARN), EntityFilter: test.filter, PolicyUsageFilter: test.usage, MaxItems: aws.Int32(1),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			w.must(err)
			for _, g := range page.PolicyGroups {
				groups = append(groups, *g.GroupName)
			}
			for _, u := range page.PolicyUsers {
				users = append(users, *u.UserName)
			}
			for _, r := range page.PolicyRoles {
				roles = append(roles, *r.RoleName)
			}
		}
		if got := strings.Join(slices.Concat(groups, users, roles), " "); got != test.want {
			t.Errorf("entities %q %q: %q, want %q", test.filter, test.usage, got, test.want)
		}
	}
	// A renamed user keeps what is attached.
	_, err = c.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("bob"), NewUserName: aws.String("rob")})
	w.must(err)
	out, err := c.ListEntitiesForPolicy(ctx, &iam.ListEntitiesForPolicyInput{PolicyArn: aws.String(limitARN)})
	w.must(err)
	if len(out.PolicyUsers) != 1 || *out.PolicyUsers[0].UserName != "rob" {
		t.Errorf("after the rename: %+v", out.PolicyUsers)
	}
}

func TestAttachmentQuota(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	var err error
	for i := range 11 {
		made, e := c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String(fmt.Sprintf("P%d", i)), PolicyDocument: aws.String(readS3)})
		w.must(e)
		_, err = c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: aws.String("bob"), PolicyArn: made.Policy.Arn})
	}
	w.check("the eleventh", err, "LimitExceeded: Cannot exceed quota for PoliciesPerUser: 10")
}

func TestListPolicies(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	for _, test := range []struct {
		in   iam.ListPoliciesInput
		want string
	}{
		{iam.ListPoliciesInput{}, "Limit AdministratorAccess AmazonS3ReadOnlyAccess AWSSupportServiceRolePolicy ViewOnlyAccess"},
		{iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal}, "Limit"},
		{iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws, OnlyAttached: true}, "AdministratorAccess"},
		{iam.ListPoliciesInput{OnlyAttached: true}, "AdministratorAccess"},
		{iam.ListPoliciesInput{PathPrefix: aws.String("/job-function/")}, "ViewOnlyAccess"},
		{iam.ListPoliciesInput{PolicyUsageFilter: types.PolicyUsageTypePermissionsBoundary}, "Limit"},
		{iam.ListPoliciesInput{PolicyUsageFilter: types.PolicyUsageTypePermissionsPolicy}, "AdministratorAccess"},
	} {
		for _, size := range []int32{1, 1000} {
			in := test.in
			in.MaxItems = &size
			var got []string
			for pages := iam.NewListPoliciesPaginator(c, &in); pages.HasMorePages(); {
				page, err := pages.NextPage(ctx)
				w.must(err)
				for _, p := range page.Policies {
					got = append(got, *p.PolicyName)
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("%+v: %q, want %q", test.in, got, test.want)
			}
		}
	}
}

func TestInlinePolicies(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	put := func(name, text string) error {
		_, err := c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("bob"), PolicyName: &name, PolicyDocument: &text})
		return err
	}
	w.must(put("b", readS3))
	w.must(put("A", sized(1000)))
	w.must(put("a", sized(1100))) // the same policy
	names, err := c.ListUserPolicies(ctx, &iam.ListUserPoliciesInput{UserName: aws.String("bob")})
	w.must(err)
	if !slices.Equal(names.PolicyNames, []string{"A", "b"}) {
		t.Errorf("names %q", names.PolicyNames)
	}
	w.check("too much together", put("c", sized(1000)), "LimitExceeded: Maximum policy size of 2048 bytes exceeded for user bob")
	w.check("malformed", put("c", `{"Version":"2012-10-17","Statement":{"Effect":"Perhaps","Action":"*","Resource":"*"}}`), "MalformedPolicyDocument: Syntax errors in policy.")
	got, err := c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("A")})
	w.must(err)
	if text, _ := url.PathUnescape(*got.PolicyDocument); text != sized(1100) {
		t.Errorf("the text is %q", text)
	}
	_, err = c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: aws.String("bob"), PolicyName: aws.String("c")})
	w.check("missing", err, "NoSuchEntity: The user policy with name c cannot be found.")
	_, err = c.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: aws.String("ops"), PolicyName: aws.String("c")})
	w.check("missing", err, "NoSuchEntity: The group policy with name c cannot be found.")
	_, err = c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String("Reader"), PolicyName: aws.String("c")})
	w.check("missing", err, "NoSuchEntity: The role policy with name c cannot be found.")
	_, err = c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: aws.String("ops"), PolicyName: aws.String("c"), PolicyDocument: aws.String(sized(5121))})
	w.check("too large", err, "LimitExceeded: Maximum policy size of 5120 bytes exceeded for group ops")
	_, err = c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("Reader"), PolicyName: aws.String("c"), PolicyDocument: aws.String(sized(10241))})
	w.check("too large", err, "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role Reader")
}
