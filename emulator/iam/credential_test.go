package iam

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

func TestAccessKeys(t *testing.T) {
	w := newWorld(t)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	w.user("bob") // has one key
	second, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: bob})
	w.must(err)
	key := second.AccessKey
	if owner, ok := ids.AccountOf(*key.AccessKeyId); !ok || owner != production || len(*key.SecretAccessKey) != 40 || key.Status != "Active" {
		t.Errorf("CreateAccessKey: %+v", key)
	}
	_, err = c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: bob})
	w.check("a third key", err, "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2")

	as := w.client(*key.AccessKeyId)
	_, err = as.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})
	if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("bob has no policies: %v", err)
	}
	_, err = c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: bob, AccessKeyId: key.AccessKeyId, Status: types.StatusTypeInactive})
	w.must(err)
	_, err = as.GetUser(ctx, &iam.GetUserInput{})
	w.check("an inactive key", err, "InvalidClientTokenId: The security token included in the request is invalid.")
	if cred, ok, err := w.service.Credential(ctx, *key.AccessKeyId); err != nil || !ok || cred.Active || cred.Secret != *key.SecretAccessKey {
		t.Errorf("Credential of an inactive key: %+v %v %v", cred, ok, err)
	}
	for _, other := range []struct {
		as   *iam.Client
		user *string
	}{{c, aws.String("admin")}, {w.admin(development), aws.String("admin")}, {w.root(production), nil}} {
		_, err = other.as.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: other.user, AccessKeyId: key.AccessKeyId})
		w.check("as somebody else's", err, "NoSuchEntity: The Access Key with id "+*key.AccessKeyId+" cannot be found.")
	}
	_, err = c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: bob, AccessKeyId: key.AccessKeyId})
	w.must(err)
	if _, ok, err := w.service.Credential(ctx, *key.AccessKeyId); ok || err != nil {
		t.Errorf("a deleted key: %v %v", ok, err)
	}
	// The root user's own keys.
	root := w.root(production)
	made, err := root.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
	w.must(err)
	_, err = root.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
	w.check("a third key of root", err, "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2")
	cred, ok, err := w.service.Credential(ctx, *made.AccessKey.AccessKeyId)
	w.must(err)
	if !ok || cred.UserName != "" || cred.Principal.ARN != "arn:aws:iam::111122223333:root" || cred.Principal.ID != production {
		t.Errorf("root's credential: %+v", cred)
	}
}

func TestLastUsed(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c, ctx, key := w.admin(production), t.Context(), adminKey(production)
	read := func() string {
		out, err := c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &key})
		w.must(err)
		u := out.AccessKeyLastUsed
		when := "never"
		if u.LastUsedDate != nil {
			when = u.LastUsedDate.Format("2006-01-02")
		}
		return strings.Join([]string{*out.UserName, *u.ServiceName, *u.Region, when}, " ")
	}
	if got := read(); got != "admin N/A N/A never" {
		t.Errorf("at first: %s", got)
	}
	w.service.KeyUsed(key, "s3", "eu-west-1", day(3))
	if got := read(); got != "admin s3 eu-west-1 2024-05-03" {
		t.Errorf("from memory: %s", got)
	}
	role, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("Reader")})
	w.must(err)
	w.service.RoleUsed(*role.Role.RoleId, "us-east-1", day(4))
	w.service.RoleUsed("AROAGONE", "us-east-1", day(4))
	w.must(w.service.uses.flush())
	if n := len(w.service.uses.pending); n != 0 {
		t.Errorf("%d uses pending after a flush", n)
	}
	if got := read(); got != "admin s3 eu-west-1 2024-05-03" {
		t.Errorf("from the store: %s", got)
	}
	role, err = c.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("Reader")})
	w.must(err)
	if u := role.Role.RoleLastUsed; u.LastUsedDate == nil || !u.LastUsedDate.Equal(day(4)) || *u.Region != "us-east-1" {
		t.Errorf("RoleLastUsed: %+v", u)
	}
	w.must(w.store.View(ctx, func(tx *store.Tx) error {
		if _, ok, _ := lastUses.Get(tx, "AROAGONE"); ok {
			t.Error("the use of a role that is gone was written")
		}
		return nil
	}))
	_, err = c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: aws.String(adminKey(development))})
	w.check("another account's key", err, "AccessDenied: User: arn:aws:iam::111122223333:user/admin is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAADMN444455556666")
	// A new service on the same store: what Close wrote is there.
	w.service.KeyUsed(key, "iam", "us-east-1", day(5))
	w.must(w.service.Close())
	w.must(New(w.store, Options{}).store.View(ctx, func(tx *store.Tx) error {
		if u, ok, err := lastUses.Get(tx, key); err != nil || !ok || u.Service != "iam" {
			t.Errorf("after Close: %+v %v %v", u, ok, err)
		}
		return nil
	}))
}

func TestLoginProfiles(t *testing.T) {
	w := newWorld(t)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	as := w.user("bob", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"arn:aws:iam::*:user/${aws:username}"}}`)
	_, err := c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: bob})
	w.check("none yet", err, "NoSuchEntity: Login Profile for User bob cannot be found.")
	const refused = "PasswordPolicyViolation: Password does not conform to the account password policy."
	for _, weak := range []string{"Ab1!xyz", "onlylowercase", "lower1case"} {
		_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: bob, Password: &weak})
		w.check(weak, err, refused)
	}
	_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: bob, Password: aws.String("Sesame-open1"), PasswordResetRequired: true})
	w.must(err)
	_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: bob, Password: aws.String("Sesame-open1")})
	w.check("twice", err, "EntityAlreadyExists: Login Profile for user bob already exists.")
	got, err := c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: bob})
	w.must(err)
	if !got.LoginProfile.PasswordResetRequired || *got.LoginProfile.UserName != "bob" {
		t.Errorf("GetLoginProfile: %+v", got.LoginProfile)
	}
	change := func(as *iam.Client, old, new string) error {
		_, err := as.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: &old, NewPassword: &new})
		return err
	}
	w.check("a wrong password", change(as, "Sesame-open2", "Sesame-open3"), "AccessDenied: The old password was incorrect.")
	w.check("as root", change(w.root(production), "x", "Sesame-open3"), "InvalidUserType: Only IAM Users can change their own password.")
	w.must(change(as, "Sesame-open1", "Sesame-open3"))
	got, err = c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: bob})
	w.must(err)
	if got.LoginProfile.PasswordResetRequired {
		t.Error("a reset is still required after the change")
	}
	// The account's own rules.
	_, err = c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{
		MinimumPasswordLength: aws.Int32(10), RequireSymbols: true, PasswordReusePrevention: aws.Int32(2), AllowUsersToChangePassword: true,
	})
	w.must(err)
	set := func(password string) error {
		_, err := c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: bob, Password: &password})
		return err
	}
	w.check("short", set("Ab1!Ab1!"), refused)
	w.check("no symbol", set("Abcdefghij1"), refused)
	w.check("the last but one", set("Sesame-open1"), refused)
	w.must(set("onlylower-case"))
	w.must(set("Sesame-open1"))
	eve := w.user("eve")
	_, err = c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("eve"), Password: aws.String("Sesame-open1")})
	w.must(err)
	w.check("without a policy, since the account allows it", change(eve, "Sesame-open1", "Sesame-open2"), "")
	_, err = c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("eve"), PolicyName: aws.String("no"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}}`)})
	w.must(err)
	if got := show(change(eve, "Sesame-open2", "Sesame-open4")); !strings.HasPrefix(got, "AccessDenied: ") || !strings.Contains(got, "explicit deny") {
		t.Errorf("a deny counts: %s", got)
	}
	_, err = c.DeleteAccountPasswordPolicy(ctx, &iam.DeleteAccountPasswordPolicyInput{})
	w.must(err)
	_, err = c.GetAccountPasswordPolicy(ctx, &iam.GetAccountPasswordPolicyInput{})
	w.check("no policy", err, "NoSuchEntity: The Password Policy with domain name 111122223333 cannot be found.")
	_, err = c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: bob})
	w.must(err)
	w.check("no profile", set("Sesame-open9"), "NoSuchEntity: Login Profile for User bob cannot be found.")
}

func TestPasswordHash(t *testing.T) {
	one, two := HashPassword("secret"), HashPassword("secret")
	if one == two || strings.Contains(one, "secret") {
		t.Errorf("hashes: %s %s", one, two)
	}
	for _, test := range []struct {
		hash, password string
		want           bool
	}{
		{one, "secret", true}, {two, "secret", true}, {one, "Secret", false}, {one, "", false},
		{"", "", false}, {"pbkdf2-sha256$0$$", "", false}, {"pbkdf2-sha256$x$$", "", false}, {"plain", "plain", false}, {one[:len(one)-1], "secret", false},
	} {
		if got := CheckPassword(test.hash, test.password); got != test.want {
			t.Errorf("CheckPassword(%q, %q) = %v", test.hash, test.password, got)
		}
	}
}

// TestProvision runs it twice, as a start with a data directory does.
func TestProvision(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	p := ProvisionUser{
		Account: production, Path: "/ops/", Name: "carol", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "s", Password: "x",
		ManagedPolicyARNs: []string{adminARN},
	}
	var before user
	for range 2 {
		w.must(w.service.Provision(ctx, p))
		w.must(w.store.View(ctx, func(tx *store.Tx) error {
			u, err := userNamed(tx, production, "carol")
			if before.ID != "" && (u.ID != before.ID || u.Login.Hash != before.Login.Hash) {
				t.Error("the second time changed the user")
			}
			before = u
			return err
		}))
	}
	if before.arn() != "arn:aws:iam::111122223333:user/ops/carol" || !CheckPassword(before.Login.Hash, "x") || len(before.Attached) != 1 {
		t.Errorf("provisioned: %+v", before)
	}
	w.must(w.service.Provision(ctx, ProvisionUser{Account: production, Password: "root's"}))
	w.must(w.store.View(ctx, func(tx *store.Tx) error {
		a, _, err := account.Get(tx, production)
		if !CheckPassword(a.PasswordHash, "root's") {
			t.Error("root's password is not in the account")
		}
		return err
	}))
	for _, bad := range []ProvisionUser{
		{Account: production, Name: "dave", AccessKeyID: p.AccessKeyID, SecretAccessKey: "s"},
		{Account: production, Name: "carol", AccessKeyID: p.AccessKeyID, SecretAccessKey: "another"},
		{Account: "999999999999", Password: "x"},
		{Account: production, Name: "dave", ManagedPolicyARNs: []string{"arn:aws:iam::aws:policy/None"}},
	} {
		if err := w.service.Provision(ctx, bad); err == nil {
			t.Errorf("%+v was provisioned", bad)
		}
	}
	_, err := w.admin(production).GetUser(ctx, &iam.GetUserInput{UserName: aws.String("dave")})
	w.check("nothing of a failed one stays", err, "NoSuchEntity: The user with name dave cannot be found.")
}
