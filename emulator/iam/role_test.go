package iam

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/authz"
)

func TestRoleLife(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx := w.admin(production), t.Context()
	made, err := c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("R"), AssumeRolePolicyDocument: aws.String(trusts("arn:aws:iam::444455556666:root")),
		Description: aws.String("why"), MaxSessionDuration: aws.Int32(7200), PermissionsBoundary: aws.String(limitARN),
	})
	w.must(err)
	if made.Role.Description != nil || made.Role.MaxSessionDuration != nil || made.Role.RoleLastUsed != nil {
		t.Errorf("CreateRole returns more than AWS: %+v", made.Role)
	}
	_, err = c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(trusts(development))})
	w.check("the same name", err, "EntityAlreadyExists: Role with name r already exists.")
	list, err := c.ListRoles(ctx, &iam.ListRolesInput{PathPrefix: aws.String("/")})
	w.must(err)
	if len(list.Roles) != 2 || *list.Roles[0].RoleName != "R" {
		t.Fatalf("ListRoles: %+v", list.Roles)
	}
	if r := list.Roles[0]; r.PermissionsBoundary != nil || r.Tags != nil || r.RoleLastUsed != nil || *r.MaxSessionDuration != 7200 {
		t.Errorf("ListRoles: %+v", r)
	}
	_, err = c.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: aws.String("R"), MaxSessionDuration: aws.Int32(3600)})
	w.must(err)
	got, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("R")})
	w.must(err)
	if r := got.Role; *r.Description != "why" || *r.MaxSessionDuration != 3600 || *r.PermissionsBoundary.PermissionsBoundaryArn != limitARN || r.PermissionsBoundary.PermissionsBoundaryType != "Policy" || r.RoleLastUsed == nil {
		t.Errorf("GetRole: %+v", r)
	}
	desc, err := c.UpdateRoleDescription(ctx, &iam.UpdateRoleDescriptionInput{RoleName: aws.String("R"), Description: aws.String("")})
	w.must(err)
	if *desc.Role.Description != "" {
		t.Errorf("description %q", *desc.Role.Description)
	}
	_, err = c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("ip")})
	w.must(err)
	_, err = c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("IP"), RoleName: aws.String("R")})
	w.must(err)
	_, err = c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("ip"), RoleName: aws.String("Reader")})
	w.check("a second role", err, "LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	_, err = c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("R")})
	w.check("in a profile", err, "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.")
	_, err = c.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: aws.String("ip")})
	w.check("with a role", err, "DeleteConflict: Cannot delete entity, must remove roles from instance profile first.")
	of, err := c.ListInstanceProfilesForRole(ctx, &iam.ListInstanceProfilesForRoleInput{RoleName: aws.String("r")})
	w.must(err)
	if len(of.InstanceProfiles) != 1 || *of.InstanceProfiles[0].Roles[0].RoleName != "R" {
		t.Errorf("profiles of the role: %+v", of.InstanceProfiles)
	}
	_, err = c.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: aws.String("ip"), RoleName: aws.String("R")})
	w.must(err)
	_, err = c.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: aws.String("ip"), RoleName: aws.String("R")})
	w.check("twice", err, "NoSuchEntity: Role R in Instance Profile ip cannot be found.")
	_, err = c.DeleteInstanceProfile(ctx, &iam.DeleteInstanceProfileInput{InstanceProfileName: aws.String("ip")})
	w.must(err)
	_, err = c.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: aws.String("ip")})
	w.check("gone", err, "NoSuchEntity: Instance Profile ip cannot be found.")
	_, err = c.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String("R")})
	w.must(err)
	_, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("R")})
	w.check("gone", err, "NoSuchEntity: The role with name R cannot be found.")
}

func TestTrustPolicyErrors(t *testing.T) {
	w := newWorld(t)
	c := w.admin(production)
	for _, test := range []struct{ name, text, want string }{
		{"no JSON", "file://trust.json", "MalformedPolicyDocument: This policy contains invalid Json"},
		{"an account that does not exist", trusts("arn:aws:iam::999999999999:root"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::999999999999:root"`},
		{"by its id", trusts("999999999999"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"999999999999"`},
		{"a user that does not exist", trusts("arn:aws:iam::444455556666:user/bob"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::444455556666:user/bob"`},
		{"a user in capitals", trusts("arn:aws:iam::444455556666:user/ADMIN"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::444455556666:user/ADMIN"`},
		{"a role that does not exist", trusts("arn:aws:iam::444455556666:role/x"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::444455556666:role/x"`},
		{"part of an ARN", trusts("arn:aws:iam::444455556666:user/adm*"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::444455556666:user/adm*"`},
		{"a unique id of nobody", trusts("AIDAAAAAAAAAAAAAAAAAA"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"AIDAAAAAAAAAAAAAAAAAA"`},
		{"a group", trusts("arn:aws:iam::444455556666:group/x"), `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::444455556666:group/x"`},
		{"a user", trusts("arn:aws:iam::444455556666:user/admin"), ""},
		{"everybody", trusts("*"), ""},
		{"an account", trusts(development), ""},
		{"too large", strings.Replace(trusts(development), "2012-10-17", "2012-10-17\",\"Id\":\""+strings.Repeat("x", 2048), 1), "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("R"), AssumeRolePolicyDocument: &test.text})
			if got := show(err); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
			if err == nil {
				_, err = c.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("R")})
				w.must(err)
			}
		})
	}
}

// TestTrustIsBound: a user that is created again under its name is not the one that was trusted, and the policy shows the
// unique id of the one that is gone ("IAM JSON policy elements: Principal").
func TestTrustIsBound(t *testing.T) {
	w := newWorld(t)
	c, other, ctx := w.admin(production), w.admin(development), t.Context()
	bob, err := other.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})
	w.must(err)
	text := "{ \"Version\":\"2012-10-17\", \"Statement\":[ {\"Sid\":\"Principal\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::444455556666:user/bob\", \"444455556666\"]},\n" +
		"\"Action\":\"sts:AssumeRole\",\"Condition\":{\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::444455556666:user/bob\"}}} ] }"
	_, err = c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("R"), AssumeRolePolicyDocument: &text})
	w.must(err)
	shown := func() string {
		r, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("R")})
		w.must(err)
		doc, err := url.PathUnescape(*r.Role.AssumeRolePolicyDocument)
		w.must(err)
		return doc
	}
	if got := shown(); got != text {
		t.Errorf("not verbatim: %s", got)
	}
	const arn = "arn:aws:iam::111122223333:role/R"
	r, ok, err := w.service.RoleByARN(ctx, arn)
	w.must(err)
	if !ok || r.Trust.Bound["arn:aws:iam::444455556666:user/bob"] != *bob.User.UserId || r.Trust.Kind != authz.Trust || r.MaxSessionDuration != time.Hour {
		t.Errorf("RoleByARN: %v %+v", ok, r)
	}
	// A rename takes the trust along.
	_, err = other.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("bob"), NewUserName: aws.String("rob"), NewPath: aws.String("/x/")})
	w.must(err)
	const rob = "arn:aws:iam::444455556666:user/x/rob"
	if got := shown(); !strings.Contains(got, `{"AWS":["`+rob+`", "444455556666"]}`) {
		t.Errorf("bob is rob: %s", got)
	}
	r, _, err = w.service.RoleByARN(ctx, arn)
	w.must(err)
	if len(r.Trust.Bound) != 1 || r.Trust.Bound[rob] != *bob.User.UserId || !slices.Contains(r.Trust.Policy.Principals(), rob) {
		t.Errorf("trust of a renamed user: %v %v", r.Trust.Bound, r.Trust.Policy.Principals())
	}
	_, err = other.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("rob"), NewUserName: aws.String("bob"), NewPath: aws.String("/")})
	w.must(err)
	_, err = other.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("bob")})
	w.must(err)
	want := strings.Replace(text, `"arn:aws:iam::444455556666:user/bob"`, `"`+*bob.User.UserId+`"`, 1) // not the one in the condition
	if got := shown(); got != want {
		t.Errorf("bob is gone:\n got %s\nwant %s", got, want)
	}
	_, err = other.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("bob")})
	w.must(err)
	if got := shown(); got != want {
		t.Errorf("another bob:\n got %s\nwant %s", got, want)
	}
	_, err = c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("R"), PolicyDocument: &want})
	w.check("stored again as shown", err, `MalformedPolicyDocument: Invalid principal in policy: "AWS":"`+*bob.User.UserId+`"`)
	_, err = c.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("R"), PolicyDocument: &text})
	w.must(err)
	if got := shown(); got != text {
		t.Errorf("trusting the new bob: %s", got)
	}
	for _, arn := range []string{"arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:role/x/R", "arn:aws:iam::444455556666:role/R", "R", ""} {
		if _, ok, err := w.service.RoleByARN(ctx, arn); ok || err != nil {
			t.Errorf("RoleByARN(%q): %v %v", arn, ok, err)
		}
	}
}

func TestReplacePrincipals(t *testing.T) {
	by := map[string]string{"arn:u": "AIDA1", "arn:\\q": "AIDA2"}
	for _, test := range []struct{ text, want string }{
		{`{}`, `{}`},
		{`{"Statement":{"Principal":{"AWS":"arn:u"}}}`, `{"Statement":{"Principal":{"AWS":"AIDA1"}}}`},
		{`{"Statement":[{"NotPrincipal" : {"AWS": [ "arn:v","arn:u" , "arn:u"]},"Action":"arn:u"}]}`,
			`{"Statement":[{"NotPrincipal" : {"AWS": [ "arn:v","AIDA1" , "AIDA1"]},"Action":"arn:u"}]}`},
		{`{"Sid":"Principal","Id":"arn:u","Statement":{"principal":"arn:u","Resource":"arn:u"}}`,
			`{"Sid":"Principal","Id":"arn:u","Statement":{"principal":"AIDA1","Resource":"arn:u"}}`},
		{`{"Principal":{"AWS":"arn:\u0075"},"x":"\"arn:u\""}`, `{"Principal":{"AWS":"AIDA1"},"x":"\"arn:u\""}`},
		{`{"Principal":{"AWS":"arn:\\q"}}`, `{"Principal":{"AWS":"AIDA2"}}`},
		{`{"Principal":{"AWS":"arn:u"`, `{"Principal":{"AWS":"AIDA1"`},
		{``, ``},
		{`"Principal"`, `"Principal"`},
	} {
		if got := replacePrincipals(test.text, by); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}
