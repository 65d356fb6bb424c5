package authz_test

import (
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/xemu-aws/xemu/authz"
)

// seeds are the documents of the decision corpus.
func seeds(f *testing.F) []string {
	var t testing.T
	var texts []string
	for _, name := range jsonFiles(&t, "testdata/decisions") {
		var file struct{ Cases []decisionCase }
		readJSONFile(&t, name, &file)
		for _, c := range file.Cases {
			for _, list := range [][]casePolicy{c.Policies.Identity, c.Policies.Resource} {
				for _, p := range list {
					texts = append(texts, string(p.Document))
				}
			}
		}
	}
	if len(texts) == 0 {
		f.Fatal("no seeds")
	}
	return texts
}

// No text makes Parse or a validation panic, refuse without a message, or take what is not JSON.
func FuzzParse(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := authz.Parse(text)
		if (p == nil) == (err == nil) {
			t.Fatalf("%v, %v", p, err)
		}
		var syntax *authz.SyntaxError
		if err != nil && (!errors.As(err, &syntax) || syntax.Message == "") {
			t.Fatalf("%T %v", err, err)
		}
		if err != nil && (syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Line < 1 || syntax.Column < 1) {
			t.Fatalf("%q: a fault at %+v", text, syntax)
		}
		if err == nil && (!json.Valid([]byte(text)) || p.Text != text) {
			t.Fatalf("took %q as %q", text, p.Text)
		}
		for _, kind := range []authz.PolicyKind{authz.Identity, authz.Trust, authz.Resource, authz.SCP} {
			if _, invalid := authz.Validate(text, kind); invalid == nil && err != nil {
				t.Fatalf("Validate takes as %s what Parse refuses: %q", kind, text)
			}
		}
		if _, invalid := authz.ValidateBucketPolicy(text, "reports"); invalid == nil && err != nil {
			t.Fatalf("ValidateBucketPolicy takes what Parse refuses: %q", text)
		}
		p.IsPublic()
		p.Principals()
		if authz.Size(text) > len(text) {
			t.Fatalf("more characters count than there are: %q", text)
		}
	})
}

// A pattern and a text of any kind take no panic, and a pattern matches itself with its wildcards as text.
func FuzzMatch(f *testing.F) {
	for _, pattern := range []string{"*", "a*b?c", "arn:aws:s3:::*/x", "*:*:é?", "${aws:username}/*", "${*}${", "\xff\xfe"} {
		f.Add(pattern, "arn:aws:s3:::reports/2026.csv")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern + text) {
			t.Skip("policies are UTF-8")
		}
		document := func(element string, value any) string {
			quoted, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			return `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","` + element + `":` + string(quoted) + `}}`
		}
		request := authz.Request{Principal: developer, Action: "s3:GetObject", Resource: text, Context: authz.Keys{"k:x": {text}}}
		for _, operator := range []string{"StringLike", "ArnLike", "StringEquals", "StringEqualsIgnoreCase"} {
			at := attached(t, authz.Identity, document("Condition", map[string]any{operator: map[string]string{"k:x": pattern}}))
			allowed := authz.Evaluate(request, authz.Policies{Identity: []authz.Attached{at}}).Allowed()
			if pattern == text && !allowed || operator == "StringEquals" && allowed != (pattern == text) {
				t.Errorf("%s %q of %q: %v", operator, pattern, text, allowed)
			}
		}
	})
}

// For any policies the trace agrees with the decision, and a deny of everything wins.
func FuzzEvaluate(f *testing.F) {
	for i, text := range seeds(f) {
		f.Add(text, text, "s3:GetObject", "arn:aws:s3:::reports/2026.csv", "k", i%3 == 0)
	}
	denyAll, err := authz.Parse(`{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, identity, resource, action, on, value string, foreign bool) {
		if !utf8.ValidString(action + on + value) {
			t.Skip("the trace as JSON holds UTF-8 only")
		}
		request := authz.Request{
			Principal: authz.Principal{Type: authz.AssumedRole, Account: "111122223333", ARN: "arn:aws:sts::111122223333:assumed-role/app/s1",
				ID: "AROAAPPAPPAPPAPPAPPA:s1", RoleARN: "arn:aws:iam::111122223333:role/app", RoleID: "AROAAPPAPPAPPAPPAPPA"},
			Action:   action,
			Resource: on,
			Context:  authz.Keys{"k:x": {value}, "aws:sourceip": {value}, "aws:tagkeys": {value, "a"}, "aws:currenttime": {value}},
		}
		if foreign {
			request.ResourceAccount = "444455556666"
		}
		var policies authz.Policies
		if p, err := authz.Parse(identity); err == nil {
			policies.Identity = []authz.Attached{{Policy: p, Kind: authz.Identity, Name: "identity"}}
		}
		if p, err := authz.Parse(resource); err == nil {
			policies.Resource = []authz.Attached{{Policy: p, Kind: authz.Resource, Name: "resource"}}
		}
		d := authz.Evaluate(request, policies)
		checkTrace(t, d)
		if d.Allowed() && foreign && (policies.Identity == nil || policies.Resource == nil) {
			t.Fatalf("allowed across accounts by one side\n%s", d)
		}
		if d.Allowed() && policies.Identity == nil && policies.Resource == nil {
			t.Fatal("allowed without policies")
		}
		policies.Session = []authz.Attached{{Policy: denyAll, Kind: authz.Session}}
		if d := authz.Evaluate(request, policies); action != "" && d.Effect != authz.ExplicitDeny {
			t.Fatalf("%s although a session policy denies everything", d.Effect)
		}
	})
}
