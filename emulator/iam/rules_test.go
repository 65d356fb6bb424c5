package iam

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var update = flag.Bool("update", false, "write the needs found to testdata/needs.json")

// needsCase is a request and what it must be authorized for.
type needsCase struct {
	Operation string          `json:"operation"`
	As        string          `json:"as,omitempty"` // "root" or "role"; the user admin without
	In        json.RawMessage `json:"in"`
	Needs     []needShown     `json:"needs,omitempty"`
	Error     string          `json:"error,omitempty"`
}

type needShown struct {
	Action   string              `json:"action"`
	Resource string              `json:"resource"`
	Account  string              `json:"account,omitempty"`
	Keys     map[string][]string `json:"keys,omitempty"`
}

// TestNeeds runs testdata/needs.json: at least one case for each operation. The world has user bob in /dev/ (tag team=x,
// boundary Limit), group ops in /dev/, role Reader in /dev/ (tag team=y), policy Limit, instance profile box (tag team=z),
// MFA device phone in /dev/ (tag team=m), server certificate site in /web/ (tag team=c), OpenID Connect provider
// idp.example.com/app (tag team=o), SAML provider corp (tag team=s).
func TestNeeds(t *testing.T) {
	w := newWorld(t)
	populate(w)
	text, err := os.ReadFile("testdata/needs.json")
	w.must(err)
	var cases []needsCase
	w.must(json.Unmarshal(text, &cases))
	ops := w.service.Operations()
	tested := map[string]bool{}
	for i, c := range cases {
		tested[c.Operation] = true
		t.Run(c.Operation, func(t *testing.T) {
			op, ok := ops[c.Operation]
			if !ok {
				t.Fatal("no such operation")
			}
			in := reflect.New(op.In)
			if err := json.Unmarshal(c.In, in.Interface()); err != nil {
				t.Fatal(err)
			}
			needs, err := op.Needs(w.as(c.As), in.Interface())
			got := needsCase{Operation: c.Operation, As: c.As, In: c.In}
			if err != nil {
				got.Error = err.Error()
			}
			for _, n := range needs {
				shown := needShown{Action: n.Action, Resource: n.Resource, Account: n.Account}
				if keys, ok := n.Keys.(authz.Keys); ok && len(keys) > 0 {
					shown.Keys = keys
				}
				got.Needs = append(got.Needs, shown)
			}
			if *update {
				cases[i] = got
				return
			}
			if !reflect.DeepEqual(got, c) {
				a, _ := json.Marshal(got)
				b, _ := json.Marshal(c)
				t.Errorf("\n got %s\nwant %s", a, b)
			}
		})
	}
	for name := range ops {
		if !tested[name] {
			t.Errorf("%s has no case", name)
		}
	}
	if *update {
		out, err := json.MarshalIndent(cases, "", "  ")
		w.must(err)
		w.must(os.WriteFile("testdata/needs.json", append(out, '\n'), 0o644))
	}
}

func populate(w *world) {
	c, ctx := w.admin(production), w.Context()
	_, err := c.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("Limit"), PolicyDocument: aws.String(allowAll), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("p")}},
	})
	w.must(err)
	_, err = c.CreateUser(ctx, &iam.CreateUserInput{
		UserName: aws.String("bob"), Path: aws.String("/dev/"), PermissionsBoundary: aws.String(limitARN),
		Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("x")}},
	})
	w.must(err)
	_, err = c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("ops"), Path: aws.String("/dev/")})
	w.must(err)
	_, err = c.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("Reader"), Path: aws.String("/dev/"), AssumeRolePolicyDocument: aws.String(trusts(development)),
		Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("y")}},
	})
	w.must(err)
	_, err = c.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{
		InstanceProfileName: aws.String("box"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("z")}},
	})
	w.must(err)
	_, err = c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{
		VirtualMFADeviceName: aws.String("phone"), Path: aws.String("/dev/"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("m")}},
	})
	w.must(err)
	_, err = c.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://idp.example.com/app"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("o")}},
	})
	w.must(err)
	_, err = c.CreateSAMLProvider(ctx, &iam.CreateSAMLProviderInput{
		Name: aws.String("corp"), SAMLMetadataDocument: aws.String(metadata(w)), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("s")}},
	})
	w.must(err)
	site := newCertificate(w, "site", nil)
	_, err = c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{
		ServerCertificateName: aws.String("site"), Path: aws.String("/web/"), CertificateBody: &site.body, PrivateKey: &site.key,
		Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("c")}},
	})
	w.must(err)
}

const limitARN = "arn:aws:iam::111122223333:policy/Limit"

// as returns the context of a request by admin of production, its root user or a role session.
func (w *world) as(who string) context.Context {
	w.Helper()
	key := adminKey(production)
	if who == "root" {
		key = rootKey(production)
	}
	c, ok, err := w.service.Credential(w.Context(), key)
	w.must(err)
	if !ok {
		w.Fatalf("no key %s", key)
	}
	if who == "role" {
		c.Principal = authz.Principal{
			Type: authz.AssumedRole, Account: production, ARN: "arn:aws:sts::111122223333:assumed-role/Reader/s", ID: "AROA:s",
		}
	}
	return wire.WithRequest(w.Context(), &wire.Request{Now: day(10), Caller: wire.Caller{Principal: c.Principal, AccessKeyID: key}})
}

// TestDenials reads the sentences of denials: AWS names users, groups, roles and policies in its own way.
func TestDenials(t *testing.T) {
	w := newWorld(t)
	populate(w)
	c := w.user("eve", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::*:user/${aws:username}"}}`)
	const eve = "AccessDenied: User: arn:aws:iam::111122223333:user/eve is not authorized to perform: "
	deny := func(action, resource string) string {
		return eve + action + " on resource: " + resource + " because no identity-based policy allows the " + action + " action"
	}
	_, err := c.GetUser(t.Context(), &iam.GetUserInput{})
	w.check("herself", err, "")
	_, err = c.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("bob")})
	w.check("another", err, deny("iam:GetUser", "user bob"))
	_, err = c.GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("nobody")})
	w.check("one that does not exist", err, deny("iam:GetUser", "user nobody"))
	_, err = c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("x"), Path: aws.String("/dev/")})
	w.check("CreateUser", err, deny("iam:CreateUser", "arn:aws:iam::111122223333:user/dev/x"))
	_, err = c.ListUsers(t.Context(), &iam.ListUsersInput{})
	w.check("ListUsers", err, deny("iam:ListUsers", "arn:aws:iam::111122223333:user/"))
	_, err = c.ListPolicies(t.Context(), &iam.ListPoliciesInput{})
	w.check("ListPolicies", err, deny("iam:ListPolicies", "policy path /"))
	_, err = c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Reader")})
	w.check("GetRole", err, deny("iam:GetRole", "role Reader"))
	_, err = c.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String(adminARN)})
	w.check("GetPolicy", err, deny("iam:GetPolicy", "policy "+adminARN))
	_, err = c.GetAccountSummary(t.Context(), &iam.GetAccountSummaryInput{})
	w.check("GetAccountSummary", err, deny("iam:GetAccountSummary", "*"))
}

// TestConditions has for each condition key a request on both sides of it.
func TestConditions(t *testing.T) {
	w := newWorld(t)
	populate(w)
	readARN := "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	policy := func(action, condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"*","Condition":` + condition + `}}`
	}
	tags := func(kv ...string) (ts []types.Tag) {
		for i := 0; i < len(kv); i += 2 {
			ts = append(ts, types.Tag{Key: &kv[i], Value: &kv[i+1]})
		}
		return ts
	}
	bob, admin := aws.String("bob"), aws.String("admin")
	for i, test := range []struct {
		name     string
		policies []string
		yes, no  func(*iam.Client) error
	}{
		{"iam:PolicyARN", []string{policy("iam:AttachUserPolicy", `{"ArnEquals":{"iam:PolicyARN":"`+readARN+`"}}`)},
			func(c *iam.Client) error {
				_, err := c.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: bob, PolicyArn: &readARN})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: bob, PolicyArn: aws.String(adminARN)})
				return err
			}},
		{"iam:PermissionsBoundary of the request", []string{policy("iam:CreateUser", `{"StringEquals":{"iam:PermissionsBoundary":"`+limitARN+`"}}`)},
			func(c *iam.Client) error {
				_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("u1"), PermissionsBoundary: aws.String(limitARN)})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("u2")})
				return err
			}},
		{"iam:PermissionsBoundary of the user", []string{policy("iam:PutUserPolicy", `{"StringEquals":{"iam:PermissionsBoundary":"`+limitARN+`"}}`)},
			func(c *iam.Client) error {
				_, err := c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: bob, PolicyName: aws.String("x"), PolicyDocument: aws.String(readS3)})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: admin, PolicyName: aws.String("x"), PolicyDocument: aws.String(readS3)})
				return err
			}},
		{"iam:ResourceTag", []string{policy("iam:GetRole", `{"StringEquals":{"iam:ResourceTag/team":"y"}}`), policy("iam:GetUser", `{"StringEquals":{"iam:ResourceTag/team":"y"}}`)},
			func(c *iam.Client) error {
				_, err := c.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Reader")})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.GetUser(t.Context(), &iam.GetUserInput{UserName: bob})
				return err
			}},
		{"aws:ResourceTag of a policy", []string{policy("iam:GetPolicy", `{"StringEquals":{"aws:ResourceTag/Team":"p"}}`)},
			func(c *iam.Client) error {
				_, err := c.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String(limitARN)})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String(adminARN)})
				return err
			}},
		{"aws:RequestTag", []string{policy("iam:Tag*", `{"StringEquals":{"aws:RequestTag/stage":"test"}}`)},
			func(c *iam.Client) error {
				_, err := c.TagUser(t.Context(), &iam.TagUserInput{UserName: bob, Tags: tags("Stage", "test")})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.TagUser(t.Context(), &iam.TagUserInput{UserName: bob, Tags: tags("Stage", "live")})
				return err
			}},
		{"aws:TagKeys", []string{policy("iam:UntagUser", `{"ForAllValues:StringEquals":{"aws:TagKeys":["Stage"]}}`)},
			func(c *iam.Client) error {
				_, err := c.UntagUser(t.Context(), &iam.UntagUserInput{UserName: bob, TagKeys: []string{"Stage"}})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.UntagUser(t.Context(), &iam.UntagUserInput{UserName: bob, TagKeys: []string{"Stage", "Team"}})
				return err
			}},
		{"tags at creation need iam:TagUser", []string{policy("iam:CreateUser", `{}`)},
			func(c *iam.Client) error {
				_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("u3")})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("u4"), Tags: tags("a", "b")})
				return err
			}},
		{"iam:PassedToService", []string{policy("iam:AddRoleToInstanceProfile", `{}`), policy("iam:PassRole", `{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com","iam:ResourceTag/Team":"y"}}`)},
			func(c *iam.Client) error {
				_, err := c.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("box"), RoleName: aws.String("Reader")})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.AddRoleToInstanceProfile(t.Context(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String("box"), RoleName: aws.String("Other")})
				return err
			}},
		{"a rename needs both names", []string{
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:UpdateGroup","Resource":["arn:aws:iam::*:group/dev/ops","arn:aws:iam::*:group/dev/ops2"]}}`},
			func(c *iam.Client) error {
				_, err := c.UpdateGroup(t.Context(), &iam.UpdateGroupInput{GroupName: aws.String("ops"), NewGroupName: aws.String("ops2")})
				return err
			},
			func(c *iam.Client) error {
				_, err := c.UpdateGroup(t.Context(), &iam.UpdateGroupInput{GroupName: aws.String("ops2"), NewPath: aws.String("/live/")})
				return err
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := w.user("tester"+string(rune('a'+i)), test.policies...)
			if err := test.yes(c); err != nil {
				t.Errorf("must be allowed: %v", err)
			}
			if err := test.no(c); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
				t.Errorf("must be denied: %v", err)
			}
		})
	}
}

// TestAWSPoliciesAreReadOnly asks as root, whom no policy of the account limits.
func TestAWSPoliciesAreReadOnly(t *testing.T) {
	w := newWorld(t)
	for _, c := range []*iam.Client{w.root(production), w.admin(production)} {
		_, err := c.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: aws.String(adminARN)})
		if got := show(err); !strings.HasPrefix(got, "AccessDenied: ") || !strings.Contains(got, "iam:DeletePolicy on resource: policy "+adminARN) {
			t.Errorf("DeletePolicy: %s", got)
		}
		_, err = c.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::444455556666:policy/Other")})
		if got := show(err); !strings.HasPrefix(got, "AccessDenied: ") {
			t.Errorf("GetPolicy of another account: %s", got)
		}
	}
	if !slices.ContainsFunc(w.service.managed.All(), func(m ManagedPolicy) bool { return m.ARN == adminARN }) {
		t.Error("AdministratorAccess is gone")
	}
}
