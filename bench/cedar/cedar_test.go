// Package cedar compares authz with cedar-go, an engine of another policy language, on policies that say the same.
//
//	cd bench/cedar && go test -bench .
//
// Both decide with policies that are compiled already. A Cedar principal is in the policy's scope where IAM attaches the
// policy to it; a resource's name and the keys of a request are compared in conditions, by like and in, as IAM's are by
// Resource and Condition.
package cedar

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"github.com/xemu-aws/xemu/authz"
)

// rule is a statement in neither language.
type rule struct {
	denies   bool
	actions  []string
	resource string // with stars
	network  string // CIDR, or none
}

func (r rule) iam() string {
	effect, condition := "Allow", ""
	if r.denies {
		effect = "Deny"
	}
	if r.network != "" {
		condition = fmt.Sprintf(`,"Condition":{"IpAddress":{"aws:SourceIp":%q}}`, r.network)
	}
	return fmt.Sprintf(`{"Effect":%q,"Action":["%s"],"Resource":%q%s}`, effect, strings.Join(r.actions, `","`), r.resource, condition)
}

func (r rule) cedar() string {
	effect, condition := "permit", ""
	if r.denies {
		effect = "forbid"
	}
	if r.network != "" {
		condition = fmt.Sprintf(` && context.sourceIp.isInRange(ip(%q))`, r.network)
	}
	var actions []string
	for _, action := range r.actions {
		actions = append(actions, fmt.Sprintf(`Action::%q`, action))
	}
	return fmt.Sprintf("%s (principal == User::\"alice\", action in [%s], resource) when { context.arn like %q%s };\n", effect,
		strings.Join(actions, ", "), r.resource, condition)
}

// attached are as many policies of five statements, of which the last one of the last allows.
func attached(policies int) [][]rule {
	var all [][]rule
	for i := range policies {
		all = append(all, []rule{
			{actions: []string{"ec2:StartInstances", "ec2:StopInstances", "ec2:RebootInstances"}, resource: "*"},
			{actions: []string{"iam:PassRole"}, resource: fmt.Sprintf("arn:aws:iam::111122223333:role/app-%d-*", i)},
			{actions: []string{"s3:GetObject", "s3:PutObject"}, resource: fmt.Sprintf("arn:aws:s3:::home-%d/*", i)},
			{denies: true, actions: []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, resource: "*", network: "198.51.100.0/24"},
			{actions: []string{"s3:GetObject"}, resource: fmt.Sprintf("arn:aws:s3:::team-%d/*", i), network: "203.0.113.0/24"},
		})
	}
	all[policies-1][4].resource = "arn:aws:s3:::reports/*"
	return all
}

const (
	asked = "s3:GetObject"
	on    = "arn:aws:s3:::reports/2026/11/summary.csv"
	from  = "203.0.113.7"
)

func iamSide(tb testing.TB, all [][]rule) (authz.Request, authz.Policies) {
	var policies authz.Policies
	for _, rules := range all {
		var statements []string
		for _, r := range rules {
			statements = append(statements, r.iam())
		}
		p, err := authz.Parse(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
		if err != nil {
			tb.Fatal(err)
		}
		policies.Identity = append(policies.Identity, authz.Attached{Policy: p, Kind: authz.Identity})
	}
	return authz.Request{
		Principal: authz.Principal{Type: authz.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice", ID: "AIDAALICE", Name: "alice"},
		Action:    asked,
		Resource:  on,
		Context:   authz.Keys{"aws:sourceip": {from}},
	}, policies
}

func cedarSide(tb testing.TB, all [][]rule) (cedar.Request, *cedar.PolicySet) {
	var text strings.Builder
	for _, rules := range all {
		for _, r := range rules {
			text.WriteString(r.cedar())
		}
	}
	policies, err := cedar.NewPolicySetFromBytes("policies", []byte(text.String()))
	if err != nil {
		tb.Fatal(err)
	}
	address, err := types.ParseIPAddr(from)
	if err != nil {
		tb.Fatal(err)
	}
	return cedar.Request{
		Principal: cedar.NewEntityUID("User", "alice"),
		Action:    cedar.NewEntityUID("Action", asked),
		Resource:  cedar.NewEntityUID("Object", on),
		Context:   cedar.NewRecord(cedar.RecordMap{"arn": cedar.String(on), "sourceIp": address}),
	}, policies
}

var sizes = []struct {
	name     string
	policies int
}{{"10 policies of 5", 10}, {"200 policies of 5", 200}}

// Both must say the same, or the benchmarks compare nothing.
func TestBothAllow(t *testing.T) {
	for _, size := range sizes {
		for _, change := range []struct {
			name    string
			make    func([][]rule)
			allowed bool
		}{
			{"as they are", func([][]rule) {}, true},
			{"without the last", func(all [][]rule) { all[len(all)-1][4].resource = "arn:aws:s3:::other/*" }, false},
			{"from another network", func(all [][]rule) { all[len(all)-1][4].network = "192.0.2.0/24" }, false},
			{"with a deny", func(all [][]rule) { all[0][3].network = "203.0.113.0/24" }, false},
		} {
			all := attached(size.policies)
			change.make(all)
			request, policies := iamSide(t, all)
			question, set := cedarSide(t, all)
			decision, _ := cedar.Authorize(set, nil, question)
			if ours, theirs := authz.Evaluate(request, policies).Allowed(), decision == cedar.Allow; ours != change.allowed || theirs != change.allowed {
				t.Errorf("%s %s: authz %v, cedar %v, want %v", size.name, change.name, ours, theirs, change.allowed)
			}
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name+"/authz", func(b *testing.B) {
			request, policies := iamSide(b, attached(size.policies))
			b.ReportAllocs()
			for b.Loop() {
				if !authz.Evaluate(request, policies).Allowed() {
					b.Fatal("denied")
				}
			}
		})
		b.Run(size.name+"/cedar-go", func(b *testing.B) {
			request, policies := cedarSide(b, attached(size.policies))
			b.ReportAllocs()
			for b.Loop() {
				if decision, _ := cedar.Authorize(policies, nil, request); decision != cedar.Allow {
					b.Fatal("denied")
				}
			}
		})
	}
}
