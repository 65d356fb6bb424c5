package organizations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/xemutest"
)

const rcpDeny = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}`

func TestPolicies(t *testing.T) {
	w := newWorld(t, scp)
	id := w.policy(scp, "deny", xemutest.Deny("s3:*", "*"))
	p := must[*organizations.DescribePolicyOutput](t)(w.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: &id})).Policy
	if *p.PolicySummary.Arn != "arn:aws:organizations::111122223333:policy/"+w.org+"/service_control_policy/"+id || p.PolicySummary.AwsManaged ||
		*p.Content != xemutest.Deny("s3:*", "*") {
		t.Errorf("policy: %+v", p)
	}
	all := must[*organizations.DescribePolicyOutput](t)(w.DescribePolicy(ctx, &organizations.DescribePolicyInput{PolicyId: aws.String(fullAccess)})).Policy
	if *all.PolicySummary.Arn != "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess" || !all.PolicySummary.AwsManaged {
		t.Errorf("AWS's policy: %+v", all.PolicySummary)
	}

	create := func(kind types.PolicyType, name, content string) error {
		_, err := w.CreatePolicy(ctx, &organizations.CreatePolicyInput{Type: kind, Name: &name, Content: &content, Description: aws.String("")})
		return err
	}
	refused(t, create(scp, "deny", xemutest.Deny("s3:*", "*")), "DuplicatePolicyException: A policy with the same name and type already exists.")
	refused(t, create(scp, "FullAWSAccess", xemutest.Deny("s3:*", "*")), "DuplicatePolicyException: A policy with the same name and type already exists.")
	ok(t, create(rcp, "deny", rcpDeny)) // another type
	refused(t, create("TAG_POLICY", "tags", "{}"), "NotImplementedException: xemu does not implement policies of type TAG_POLICY.")

	list := must[*organizations.ListPoliciesOutput](t)(w.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: scp})).Policies
	if len(list) != 2 || *list[0].Id != fullAccess || *list[1].Id != id {
		t.Errorf("policies: %+v", list)
	}
	first := must[*organizations.ListPoliciesOutput](t)(w.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: scp, MaxResults: aws.Int32(1)}))
	second := must[*organizations.ListPoliciesOutput](t)(w.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: scp, MaxResults: aws.Int32(1), NextToken: first.NextToken}))
	if *first.Policies[0].Id != fullAccess || len(second.Policies) != 1 || *second.Policies[0].Id != id || second.NextToken != nil {
		t.Errorf("pages: %+v %+v", first, second)
	}

	updated := must[*organizations.UpdatePolicyOutput](t)(w.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: &id, Name: aws.String("renamed")}))
	if *updated.Policy.PolicySummary.Name != "renamed" || *updated.Policy.Content != xemutest.Deny("s3:*", "*") {
		t.Errorf("updated: %+v", updated.Policy)
	}
	_, err := w.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: aws.String(fullAccess), Name: aws.String("mine")})
	refused(t, err, "InvalidInputException: You specified a policy that is managed by AWS and can't be modified.")
	_, err = w.UpdatePolicy(ctx, &organizations.UpdatePolicyInput{PolicyId: &id, Content: aws.String("{}")})
	refused(t, err, malformed)

	w.attach(id, w.root)
	remove := func() error {
		_, err := w.DeletePolicy(ctx, &organizations.DeletePolicyInput{PolicyId: &id})
		return err
	}
	refused(t, remove(), "PolicyInUseException: The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.")
	w.detach(id, w.root)
	ok(t, remove())
	refused(t, remove(), "PolicyNotFoundException: You specified a policy that doesn't exist.")
}

const malformed = "MalformedPolicyDocumentException: The provided policy document does not meet the requirements of the specified policy type."

// What is no SCP or no RCP is not stored ("SCP syntax" and "RCP syntax", AWS Organizations User Guide).
func TestPolicyDocuments(t *testing.T) {
	w := newWorld(t)
	long := func(size int) string {
		text := xemutest.Deny("s3:*", "*")
		return text + strings.Repeat(" ", size-len(text))
	}
	for i, test := range []struct {
		kind          types.PolicyType
		content, want string // the error, "" for none
	}{
		{scp, xemutest.Allow("*", "*"), ""},
		{scp, long(10240), ""},
		{scp, long(10241), "ConstraintViolationException: You have exceeded the maximum policy size."},
		{scp, "{", malformed},
		{scp, rcpDeny, malformed},
		{scp, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*"}]}`, malformed},
		{rcp, rcpDeny, ""},
		{rcp, rcpDeny + strings.Repeat(" ", 5121-len(rcpDeny)), "ConstraintViolationException: You have exceeded the maximum policy size."},
		{rcp, xemutest.Deny("s3:*", "*"), malformed},
		{rcp, strings.Replace(rcpDeny, "Deny", "Allow", 1), malformed},
		{rcp, strings.Replace(rcpDeny, `"Principal":"*"`, `"Principal":{"AWS":"111122223333"}`, 1), malformed},
		{rcp, strings.Replace(rcpDeny, "Principal", "NotPrincipal", 1), malformed},
		{rcp, strings.Replace(rcpDeny, "2012-10-17", "2008-10-17", 1), malformed},
		{rcp, strings.Replace(rcpDeny, "Action", "NotAction", 1), malformed},
	} {
		_, err := w.CreatePolicy(ctx, &organizations.CreatePolicyInput{
			Type: test.kind, Name: aws.String(fmt.Sprint("p", i)), Content: &test.content, Description: aws.String(""),
		})
		if test.want == "" {
			// The name is this case's own: a duplicate is the policy itself, made before the client lost the answer and retried.
			if err != nil && !strings.Contains(err.Error(), "DuplicatePolicyException") {
				t.Errorf("%s %.100s: %v", test.kind, test.content, err)
			}
			continue
		}
		t.Run(fmt.Sprintf("%s %.100s", test.kind, test.content), func(t *testing.T) { refused(t, err, test.want) })
	}
}

// attached returns the policies of a type on a target.
func (w *world) attached(target string, kind types.PolicyType) string {
	w.t.Helper()
	out, err := w.ListPoliciesForTarget(ctx, &organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: kind})
	ok(w.t, err)
	var names []string
	for _, p := range out.Policies {
		names = append(names, *p.Name)
	}
	return strings.Join(names, " ")
}

func TestAttachments(t *testing.T) {
	w := newWorld(t)
	before := w.unit(w.root, "before")
	id := w.policy(scp, "deny", xemutest.Deny("s3:*", "*"))
	attach := func(policy, target string) error {
		_, err := w.AttachPolicy(ctx, &organizations.AttachPolicyInput{PolicyId: &policy, TargetId: &target})
		return err
	}
	detach := func(policy, target string) error {
		_, err := w.DetachPolicy(ctx, &organizations.DetachPolicyInput{PolicyId: &policy, TargetId: &target})
		return err
	}
	enable := func(kind types.PolicyType) error {
		_, err := w.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: &w.root, PolicyType: kind})
		return err
	}
	refused(t, attach(id, w.root), "PolicyTypeNotEnabledException: This operation can be performed only for enabled policy types.")
	ok(t, enable(scp))
	ok(t, enable(rcp))
	refused(t, enable(scp), "PolicyTypeAlreadyEnabledException: The specified policy type is already enabled.")
	_, err := w.EnablePolicyType(ctx, &organizations.EnablePolicyTypeInput{RootId: aws.String("r-none"), PolicyType: scp})
	refused(t, err, "RootNotFoundException: You specified a root that doesn't exist.")

	// Everything has the policies that allow all, what comes later too.
	after := w.unit(before, "after")
	for _, target := range []string{w.root, before, after, w.development.ID, w.production.ID} {
		if s, r := w.attached(target, scp), w.attached(target, rcp); s != "FullAWSAccess" || r != "RCPFullAWSAccess" {
			t.Errorf("%s has %q and %q", target, s, r)
		}
	}

	ok(t, attach(id, before))
	refused(t, attach(id, before), "DuplicatePolicyAttachmentException: A policy with the same name and type is already attached to the specified target.")
	refused(t, attach("p-12345678", before), "PolicyNotFoundException: You specified a policy that doesn't exist.")
	refused(t, attach(id, "ou-abcd-12345678"), "TargetNotFoundException: You specified a target that doesn't exist.")
	ok(t, attach(id, w.development.ID))
	targets := must[*organizations.ListTargetsForPolicyOutput](t)(w.ListTargetsForPolicy(ctx, &organizations.ListTargetsForPolicyInput{PolicyId: &id})).Targets
	if len(targets) != 2 || *targets[0].Name != "development" || targets[0].Type != "ACCOUNT" || *targets[1].Name != "before" || targets[1].Type != "ORGANIZATIONAL_UNIT" {
		t.Errorf("targets: %+v", targets)
	}

	ok(t, detach(fullAccess, before))
	refused(t, detach(fullAccess, before), "PolicyNotAttachedException: The specified policy isn't attached to the specified target.")
	refused(t, detach(id, before), "ConstraintViolationException: You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.")
	refused(t, detach("p-RCPFullAWSAccess", before), "InvalidInputException: You can't detach this AWS managed policy.")

	for i := range 9 {
		ok(t, attach(w.policy(scp, fmt.Sprint("p", i), xemutest.Allow("*", "*")), after))
	}
	refused(t, attach(id, after), "ConstraintViolationException: You have attached the maximum number of policies to the specified target.")

	// A disabled type detaches all, and begins anew.
	_, err = w.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &w.root, PolicyType: scp})
	ok(t, err)
	if s, r := w.attached(before, scp), w.attached(before, rcp); s != "" || r != "RCPFullAWSAccess" {
		t.Errorf("after disabling: %q and %q", s, r)
	}
	_, err = w.DisablePolicyType(ctx, &organizations.DisablePolicyTypeInput{RootId: &w.root, PolicyType: scp})
	refused(t, err, "PolicyTypeNotEnabledException: This operation can be performed only for enabled policy types.")
	ok(t, enable(scp))
	if s := w.attached(before, scp); s != "FullAWSAccess" {
		t.Errorf("after enabling again: %q", s)
	}
	roots := must[*organizations.ListRootsOutput](t)(w.ListRoots(ctx, nil)).Roots
	if len(roots) != 1 || len(roots[0].PolicyTypes) != 2 || roots[0].PolicyTypes[1].Type != scp || roots[0].PolicyTypes[1].Status != "ENABLED" {
		t.Errorf("roots: %+v", roots)
	}

	// organizations:PolicyType tells policies apart.
	clerk := client(w.production.User("clerk", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:*","Resource":"*","Condition":{"StringEquals":{"organizations:PolicyType":"SERVICE_CONTROL_POLICY"}}}}`))
	must[*organizations.ListPoliciesOutput](t)(clerk.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: scp}))
	if _, err := clerk.ListPolicies(ctx, &organizations.ListPoliciesInput{Filter: rcp}); err == nil {
		t.Error("the clerk lists RCPs")
	}
}
