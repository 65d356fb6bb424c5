package organizations_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

// TestSimulation: the policy simulator, and xemu's own, know what the organization denies.
func TestSimulation(t *testing.T) {
	dir := t.TempDir()
	w := newWorldIn(t, dir, scp, rcp)
	bucket(t, w.development.Admin(), "notes", "")
	w.attach(w.policy(scp, "no-users", xemutest.Deny("iam:ListUsers", "*")), w.development.ID)
	w.attach(w.policy(rcp, "frozen", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`), w.root)
	own, err := admin.NewClient(dir)
	ok(t, err)
	const who = "arn:aws:iam::444455556666:user/admin"
	for _, test := range []struct {
		action, resource, effect string
		member                   bool // the SCPs allow
		live                     func() error
	}{
		{"iam:ListUsers", "arn:aws:iam::444455556666:user/", "explicitDeny", false, func() error { return listUsers(w.development.Admin()) }},
		{"s3:GetObject", "arn:aws:s3:::notes/key", "explicitDeny", true, func() error { return read(w.development.Admin(), "notes") }},
		{"iam:ListAccountAliases", "*", "allowed", true, func() error {
			_, err := iam.NewFromConfig(w.development.Admin().Config()).ListAccountAliases(ctx, nil)
			return err
		}},
	} {
		out, err := iam.NewFromConfig(w.development.Root().Config()).SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
			PolicySourceArn: aws.String(who), ActionNames: []string{test.action}, ResourceArns: []string{test.resource},
		})
		ok(t, err)
		r := out.EvaluationResults[0]
		if string(r.EvalDecision) != test.effect || r.OrganizationsDecisionDetail == nil || r.OrganizationsDecisionDetail.AllowedByOrganizations != test.member {
			t.Errorf("%s: %s, organization %+v", test.action, r.EvalDecision, r.OrganizationsDecisionDetail)
		}
		var decided admin.Simulated
		ok(t, own.Call("POST", "/_xemu/simulate", admin.Simulation{Principal: who, Action: test.action, Resource: test.resource}, &decided))
		if decided.Effect != test.effect {
			t.Errorf("%s by xemu simulate: %s\n%s", test.action, decided.Effect, decided.Text)
		}
		if live := test.live(); (live == nil) != (test.effect == "allowed") {
			t.Errorf("%s, live: %v", test.action, live)
		}
	}
}
