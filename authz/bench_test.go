package authz_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

// benchPolicies are ten attached policies of the sizes that people attach: nine of other services or resources, and the
// one that allows last.
func benchPolicies(b *testing.B) []authz.Attached {
	var list []authz.Attached
	for i := range 9 {
		text := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
			{"Sid":"Compute","Effect":"Allow","Action":["ec2:Describe*","ec2:StartInstances","ec2:StopInstances","elasticloadbalancing:*","autoscaling:Describe*"],"Resource":"*"},
			{"Sid":"Metrics","Effect":"Allow","Action":["cloudwatch:*","logs:Get*","logs:Describe*","logs:FilterLogEvents"],"Resource":"*"},
			{"Sid":"Roles","Effect":"Allow","Action":["iam:PassRole"],"Resource":"arn:aws:iam::*:role/app-%[1]d-*","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}},
			{"Sid":"Home","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::home-%[1]d/${aws:username}/*"},
			{"Sid":"List","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::home-%[1]d","Condition":{"StringLike":{"s3:prefix":["","${aws:username}/*"]}}},
			{"Sid":"TLS","Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`, i)
		list = append(list, parsed(b, authz.Identity, text))
	}
	return append(list, parsed(b, authz.Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*"],"Resource":"*"}]}`))
}

func parsed(tb testing.TB, kind authz.PolicyKind, text string) authz.Attached {
	tb.Helper()
	p, err := authz.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return authz.Attached{Policy: p, Kind: kind}
}

func benchRequest() authz.Request {
	return authz.Request{
		Principal: authz.Principal{Type: authz.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice", ID: "AIDAALICE", Name: "alice"},
		Action:    "s3:GetObject",
		Resource:  "arn:aws:s3:::reports/2026/11/summary.csv",
		Context:   authz.Keys{"aws:securetransport": {"true"}, "aws:sourceip": {"203.0.113.7"}},
	}
}

func BenchmarkEvaluate(b *testing.B) {
	policies := authz.Policies{Identity: benchPolicies(b)}
	request := benchRequest()
	b.ReportAllocs()
	for b.Loop() {
		if !authz.Evaluate(request, policies).Allowed() {
			b.Fatal("denied")
		}
	}
}

// A thousand statements about the action, of which the last one allows.
func BenchmarkEvaluateThousandStatements(b *testing.B) {
	var statements []string
	for i := range 999 {
		statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::team-%d/*"}`, i))
	}
	statements = append(statements, `{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::reports/*"}`)
	policies := authz.Policies{Identity: []authz.Attached{parsed(b, authz.Identity, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)}}
	request := benchRequest()
	b.ReportAllocs()
	for b.Loop() {
		if !authz.Evaluate(request, policies).Allowed() {
			b.Fatal("denied")
		}
	}
}

func BenchmarkParseCached(b *testing.B) {
	text := benchPolicies(b)[0].Policy.Text
	b.ReportAllocs()
	for b.Loop() {
		if _, err := authz.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

// A policy of the size of AWS's ReadOnlyAccess, which denials have to be explained under too.
func BenchmarkExplainLargePolicy(b *testing.B) {
	var actions []string
	for i := range 1500 {
		actions = append(actions, fmt.Sprintf(`"service%d:Describe%dThings"`, i%150, i))
	}
	large := parsed(b, authz.Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[`+strings.Join(actions, ",")+`],"Resource":"*"}]}`)
	d := authz.Evaluate(benchRequest(), authz.Policies{Identity: []authz.Attached{large}})
	for b.Loop() {
		if d.Explain() == nil {
			b.Fatal("no trace")
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	request := benchRequest()
	request.Action = "s3:PutObject"
	d := authz.Evaluate(request, authz.Policies{Identity: benchPolicies(b)})
	for b.Loop() {
		if d.Explain() == nil {
			b.Fatal("no trace")
		}
	}
}
