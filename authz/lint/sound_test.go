package lint

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

// The words of random policies, and requests that tell them apart.
var (
	someActions   = []string{"s3:GetObject", "s3:Get*", "s3:*Object", "s3:PutObject", "s3:*", "*", "iam:PassRole", "iam:*"}
	someResources = []string{
		"*", "arn:aws:s3:::*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/x", "arn:aws:s3:::?/x", "arn:aws:s3:::a/${aws:username}",
		"arn:aws:s3:::*/${aws:username}", "arn:aws:iam::*:role/x", "arn:aws:iam::1*3:role/*", "arn:aws:iam::111122223333:role/*",
	}
	someConditions = []string{
		`{}`, `{}`, `{"StringEquals":{"aws:PrincipalTag/team":"a"}}`, `{"StringEquals":{"aws:PrincipalTag/team":["a","b"]}}`,
		`{"StringNotEquals":{"aws:PrincipalTag/team":"a"}}`, `{"StringNotEquals":{"aws:PrincipalTag/team":["a","b"]}}`,
		`{"StringLike":{"aws:PrincipalTag/team":"a*"}}`, `{"StringLike":{"aws:PrincipalTag/team":["a?","${aws:username}*"]}}`,
		`{"StringNotLike":{"aws:PrincipalTag/team":"a*"}}`, `{"StringEqualsIfExists":{"aws:PrincipalTag/team":"a"}}`,
		`{"Null":{"aws:PrincipalTag/team":"true"}}`, `{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}`,
		`{"ForAnyValue:StringEquals":{"aws:TagKeys":"a"},"StringEquals":{"aws:PrincipalTag/team":"a"}}`,
		`{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}}`, `{"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}}`,
	}
	theActions   = []string{"s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "s3:DeleteObject", "iam:PassRole", "iam:GetRole", "sts:GetCallerIdentity"}
	theResources = []string{
		"arn:aws:s3:::a/x", "arn:aws:s3:::a/alice", "arn:aws:s3:::b/x", "arn:aws:s3:::bb/alice", "arn:aws:s3:::a",
		"arn:aws:iam::111122223333:role/x", "arn:aws:iam::444455556666:role/x", "arn:aws:iam::111122223333:role/y", "*",
	}
	theContexts = []authz.Keys{
		{"aws:username": {"alice"}},
		{"aws:username": {"alice"}, "aws:principaltag/team": {"a"}},
		{"aws:username": {"x"}, "aws:principaltag/team": {"ab"}, "aws:tagkeys": {"a"}},
		{"aws:username": {"bob"}, "aws:principaltag/team": {"b"}, "aws:tagkeys": {"a", "b"}},
		{"aws:username": {"alice"}, "aws:principaltag/team": {"c"}, "aws:tagkeys": {"c", "a"}},
	}
)

func randomPolicy(r *rand.Rand) string {
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	several := func(list []string) []string {
		some := make([]string, 1+r.IntN(2))
		for i := range some {
			some[i] = pick(list)
		}
		return some
	}
	var statements []map[string]any
	for range 1 + r.IntN(3) {
		s := map[string]any{"Effect": "Allow", "Condition": json.RawMessage(pick(someConditions))}
		if r.IntN(3) == 0 {
			s["Effect"] = "Deny"
		}
		for name, words := range map[string][]string{"Action": someActions, "Resource": someResources} {
			if r.IntN(5) == 0 {
				name = "Not" + name
			}
			s[name] = several(words)
		}
		statements = append(statements, s)
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// eachAllowed calls f with every request that the policy allows.
func eachAllowed(t *testing.T, policy string, f func(authz.Request)) {
	t.Helper()
	p, err := authz.Parse(policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range theActions {
		for _, resource := range theResources {
			for _, context := range theContexts {
				request := authz.Request{
					Principal: authz.Principal{Type: authz.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice", ID: "AIDAALICE", Name: "alice"},
					Action:    action, Resource: resource, ResourceAccount: "111122223333", Context: context,
				}
				if allowed(p, request) {
					f(request)
				}
			}
		}
	}
}

func allowed(p *authz.Policy, request authz.Request) bool {
	return authz.Evaluate(request, authz.Policies{
		Identity: []authz.Attached{{Policy: p, Kind: authz.Identity, Account: "111122223333"}},
	}).Allowed()
}

// TestPassesAreCertain compares the checks with the engine: of random policies that pass, none grants a request that it should
// not.
func TestPassesAreCertain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	passes := 0
	for range 6000 {
		changed, existing := randomPolicy(r), randomPolicy(r)
		result, err := CheckNoNewAccess(changed, existing, Identity)
		if err != nil {
			t.Fatal(err)
		}
		if !result.Pass {
			continue
		}
		passes++
		p, err := authz.Parse(existing)
		if err != nil {
			t.Fatal(err)
		}
		eachAllowed(t, changed, func(request authz.Request) {
			if !allowed(p, request) {
				t.Fatalf("new access: %s on %s with %v\nnew: %s\nexisting: %s", request.Action, request.Resource, request.Context, changed, existing)
			}
		})
	}
	if passes < 100 {
		t.Errorf("only %d pairs pass", passes)
	}
	t.Logf("%d pairs pass", passes)
}

// TestNothingIsGranted is the same for [CheckAccessNotGranted].
func TestNothingIsGranted(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	passes := 0
	for range 1500 {
		policy := randomPolicy(r)
		access := Access{Actions: []string{someActions[r.IntN(len(someActions))]}, Resources: []string{"*"}}
		if r.IntN(2) == 0 {
			access.Resources = []string{"arn:aws:s3:::a/*"}
		}
		result, err := CheckAccessNotGranted(policy, Identity, []Access{access})
		if err != nil {
			t.Fatal(err)
		}
		if !result.Pass {
			continue
		}
		passes++
		named, err := authz.Parse(fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":%q,"Resource":%q}}`, access.Actions[0], access.Resources[0]))
		if err != nil {
			t.Fatal(err)
		}
		eachAllowed(t, policy, func(request authz.Request) {
			if allowed(named, request) {
				t.Fatalf("%s on %s is granted, which is in %v\n%s", request.Action, request.Resource, access, policy)
			}
		})
	}
	if passes < 100 {
		t.Errorf("only %d policies pass", passes)
	}
	t.Logf("%d policies pass", passes)
}
