package authz_test

import (
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

// The mistake that a policy makes, and the words that name it.
func TestHintsNameTheMistake(t *testing.T) {
	principals := readPrincipals(t)
	const role = "arn:aws:iam::111122223333:role/team/app"
	for _, c := range []struct {
		name, principal, action, resource string
		version, action2, resource2       string // the policy's
		condition                         string
		context                           authz.Keys
		want                              string
	}{
		{name: "role without name", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::111122223333:role", want: `the ARN stops at ":role"`},
		{name: "role without path", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::111122223333:role/app", want: "The role has a path, which is part of its ARN: team/app."},
		{name: "no type", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::111122223333:team/app", want: `"role/" is missing before the name`},
		{name: "another type", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::111122223333:user/team/app", want: `It says "user" where the resource is a role`},
		{name: "session for role", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:sts::111122223333:assumed-role/app/x", want: "It names a session of the role"},
		{name: "case", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::111122223333:role/Team/App", want: "Names in ARNs are case-sensitive"},
		{name: "swapped digits", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::111122223333:role/team/app"[:13] + "111212223333" + ":role/team/app", want: "digits 4 and 5 are swapped"},
		{name: "eleven digits", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::11112222333:role/team/app", want: "the policy's has 11 digits instead of 12"},
		{name: "no account", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam:::role/team/app", want: "the policy's has no account id"},
		{name: "the name alone", action: "sts:AssumeRole", resource: role, resource2: "team/app", want: "a Resource is a whole ARN"},
		{name: "other role", action: "sts:AssumeRole", resource: role, resource2: "arn:aws:iam::111122223333:role/reader", want: "It names another role: reader, not team/app."},

		{name: "bucket for objects", resource2: "arn:aws:s3:::reports", want: "Objects are arn:aws:s3:::reports/*."},
		{name: "objects for bucket", action: "s3:ListBucket", resource: "arn:aws:s3:::reports", resource2: "arn:aws:s3:::reports/*", want: "The bucket is arn:aws:s3:::reports."},
		{name: "slash alone", resource2: "arn:aws:s3:::reports/", want: "write /* for all objects"},
		{name: "misspelt bucket", resource2: "arn:aws:s3:::report/*", want: "report looks like a misspelling of reports"},
		{name: "other bucket", resource2: "arn:aws:s3:::backups/*", want: "It names another bucket: backups, not reports."},
		{name: "other prefix", resource2: "arn:aws:s3:::reports/private/*", want: "It covers other keys of the bucket, not 2026.csv."},
		{name: "prefix without star", resource: "arn:aws:s3:::reports/a/b", resource2: "arn:aws:s3:::reports/a", want: "write * after it"},
		{name: "account in a bucket ARN", resource2: "arn:aws:s3:us-east-1:111122223333:reports/*", want: "neither a region nor an account id"},
		{name: "star needed", action: "s3:ListAllMyBuckets", resource: "*", resource2: "arn:aws:s3:::*", want: `only "Resource": "*" covers it`},

		{name: "operation", action2: "s3:HeadObject", want: "its permission is called s3:GetObject"},
		{name: "misspelt action", action2: "s3:GetObjcet", want: "s3:GetObjcet looks like a misspelling of s3:GetObject"},
		{name: "plural", action2: "s3:GetObjects", want: "looks like a misspelling of s3:GetObject"},
		{name: "no prefix", action2: "GetObject", want: "write s3:GetObject"},
		{name: "wrong prefix", action2: "s3api:GetObject", want: "The service's prefix is s3, not s3api."},

		{name: "old version", version: "2008-10-17", resource2: "arn:aws:s3:::reports/${aws:PrincipalTag/f}", context: authz.Keys{"aws:principaltag/f": {"2026.csv"}}, want: "With it, it would match."},
		{name: "no value", principal: "session", resource2: "arn:aws:s3:::reports/${aws:username}", want: "${aws:username} has no value in this request, and so matches nothing. Only IAM users have it"},
		{name: "value", resource2: "arn:aws:s3:::reports/${aws:username}/*", want: "With its variables replaced it reads arn:aws:s3:::reports/alice/*."},

		{name: "key absent", condition: `"StringEquals":{"aws:PrincipalTag/team":"blue"}`, want: "The request has no aws:PrincipalTag/team at all; this is not a wrong value. The requester has no such tag."},
		{name: "MFA", condition: `"Bool":{"aws:MultiFactorAuthPresent":"true"}`, want: "long-term access keys never carry it"},
		{name: "case of value", condition: `"StringEquals":{"aws:PrincipalTag/team":"Blue"}`, context: authz.Keys{"aws:principaltag/team": {"blue"}}, want: "The letters' case differs, and StringEquals is case-sensitive."},
		{name: "literal star", condition: `"StringEquals":{"s3:prefix":"home/*"}`, context: authz.Keys{"s3:prefix": {"home/x"}}, want: "StringLike reads them as wildcards"},
		{name: "bad number", condition: `"NumericLessThan":{"s3:max-keys":"ten"}`, context: authz.Keys{"s3:max-keys": {"5"}}, want: `"ten" cannot be read as NumericLessThan needs it`},
		{name: "negated", condition: `"StringNotEquals":{"k:x":"a"}`, context: authz.Keys{"k:x": {"a"}}, want: "StringNotEquals refuses this value."},
		{name: "Null", condition: `"Null":{"k:x":"true"}`, context: authz.Keys{"k:x": {"a"}}, want: "asks that the request has no k:x, and it has"},
		{name: "two conditions", condition: `"StringEquals":{"k:x":"a","k:y":"b"}`, want: "1 further condition does not hold either."},
	} {
		t.Run(c.name, func(t *testing.T) {
			orElse := func(text, otherwise string) string {
				if text == "" {
					return otherwise
				}
				return text
			}
			request := authz.Request{
				Principal: principals[orElse(c.principal, "alice")],
				Action:    orElse(c.action, "s3:GetObject"),
				Resource:  orElse(c.resource, "arn:aws:s3:::reports/2026.csv"),
				Context:   c.context,
			}
			policy := attached(t, authz.Identity, `{"Version":"`+orElse(c.version, "2012-10-17")+`","Statement":[{"Effect":"Allow","Action":"`+
				orElse(c.action2, request.Action)+`","Resource":"`+orElse(c.resource2, "*")+`","Condition":{`+c.condition+`}}]}`)
			d := authz.Evaluate(request, authz.Policies{Identity: []authz.Attached{policy}})
			if d.Allowed() {
				t.Fatal("allowed")
			}
			if hints := strings.Join(d.Explain().Hints, "\n"); !strings.Contains(hints, c.want) {
				t.Errorf("%s\nsays nothing of: %s\n%s", hints, c.want, d)
			}
			checkChanges(t, request, authz.Policies{Identity: []authz.Attached{policy}}, d)
		})
	}
}

// What is merely about something else is not called a mistake.
func TestOtherNamesAreNoMisspellings(t *testing.T) {
	principals := readPrincipals(t)
	for _, c := range []struct{ action, resource, policyAction, policyResource string }{
		{"s3:GetObject", "arn:aws:s3:::reports/a", "s3:PutObject", "*"},
		{"s3:GetObjectAcl", "arn:aws:s3:::reports/a", "s3:PutObjectAcl", "*"},
		{"iam:AttachRolePolicy", "arn:aws:iam::111122223333:role/app", "iam:DetachRolePolicy", "*"},
		{"iam:GetRole", "arn:aws:iam::111122223333:role/worker-1", "iam:GetRole", "arn:aws:iam::111122223333:role/worker-2"},
	} {
		policy := attached(t, authz.Identity, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+c.policyAction+`","Resource":"`+c.policyResource+`"}]}`)
		d := authz.Evaluate(authz.Request{Principal: principals["alice"], Action: c.action, Resource: c.resource}, authz.Policies{Identity: []authz.Attached{policy}})
		if d.Allowed() || strings.Contains(d.String(), "misspelling") || strings.Contains(d.String(), "instead of") {
			t.Errorf("%s on %s under %s on %s:\n%s", c.action, c.resource, c.policyAction, c.policyResource, d)
		}
	}
}

func TestHintsNameTheMistakeInPrincipals(t *testing.T) {
	principals := readPrincipals(t)
	for name, c := range map[string]struct{ requester, principal, want string }{
		"another account":         {"dev", `{"AWS":"arn:aws:iam::444455556667:root"}`, "the requester belongs to account 444455556666: digit 12 is 7 instead of 6"},
		"its own account":         {"dev", `{"AWS":"111122223333"}`, "which is the resource's own; the requester belongs to account 444455556666"},
		"short id":                {"dev", `{"AWS":"44445555666"}`, "has 11 digits instead of 12"},
		"another user":            {"dev", `{"AWS":"arn:aws:iam::444455556666:user/ops"}`, "It names user/ops of the same account, not user/dev."},
		"case":                    {"dev", `{"AWS":"arn:aws:iam::444455556666:user/Dev"}`, "case-sensitive"},
		"a role of a user's name": {"dev", `{"AWS":"arn:aws:iam::444455556666:role/dev"}`, `It says "role" where the requester is a user.`},
		"a group":                 {"dev", `{"AWS":"arn:aws:iam::444455556666:group/developers"}`, "groups are no principals"},
		"a wildcard":              {"dev", `{"AWS":"arn:aws:iam::444455556666:user/*"}`, "Wildcards have no meaning inside a principal's ARN"},
		"another session":         {"devsession", `{"AWS":"arn:aws:sts::444455556666:assumed-role/ops/other"}`, "to trust every session name the role"},
		"a deleted principal":     {"dev", `{"AWS":"AIDAGONEGONEGONEGONE"}`, "the unique id of a principal that was deleted"},
		"a service":               {"dev", `{"Service":"ec2.amazonaws.com"}`, `accounts, users and roles stand under "AWS"`},
		"nobody known":            {"dev", `{"AWS":"dev"}`, "neither an ARN nor an account id"},
		"a provider":              {"google", `{"Federated":"www.amazon.com"}`, "It does not name accounts.google.com."},
	} {
		t.Run(name, func(t *testing.T) {
			request := authz.Request{Principal: principals[c.requester], Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/app",
				ResourceAccount: "111122223333"}
			policies := authz.Policies{Resource: []authz.Attached{
				attached(t, authz.Trust, `{"Statement":[{"Effect":"Allow","Principal":`+c.principal+`,"Action":"sts:AssumeRole"}]}`),
			}}
			d := authz.Evaluate(request, policies)
			if hints := strings.Join(d.Explain().Hints, "\n"); d.Allowed() || !strings.Contains(hints, c.want) {
				t.Errorf("%s\nsays nothing of: %s\n%s", hints, c.want, d)
			}
			checkChanges(t, request, policies, d)
		})
	}
}
