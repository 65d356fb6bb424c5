package authz_test

import (
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

const roleARN = "arn:aws:iam::111122223333:role/CrossAccountRoleS3"

var developer = authz.Principal{Type: authz.User, Account: "444455556666", ARN: "arn:aws:iam::444455556666:user/dev", ID: "AIDADEV", Name: "dev"}

func attached(t *testing.T, kind authz.PolicyKind, text string) authz.Attached {
	t.Helper()
	p, err := authz.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return authz.Attached{Policy: p, Kind: kind, Name: "p"}
}

// The flagship: a user of one account takes on a role of another only if both sides say so.
func TestCrossAccountRoleNeedsBothSides(t *testing.T) {
	trust := attached(t, authz.Trust, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole"}]}`)
	mayAssume := attached(t, authz.Identity, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"`+roleARN+`"}}`)
	request := authz.Request{Principal: developer, Action: "sts:AssumeRole", Resource: roleARN, ResourceAccount: "111122223333"}

	for _, c := range []struct {
		name     string
		policies authz.Policies
		allowed  bool
	}{
		{"both", authz.Policies{Identity: []authz.Attached{mayAssume}, Resource: []authz.Attached{trust}}, true},
		{"only the trust policy", authz.Policies{Resource: []authz.Attached{trust}}, false},
		{"only the identity policy", authz.Policies{Identity: []authz.Attached{mayAssume}}, false},
		{"none", authz.Policies{}, false},
	} {
		d := authz.Evaluate(request, c.policies)
		if d.Allowed() != c.allowed {
			t.Errorf("%s: %v by %v, want allowed %v", c.name, d.Effect, d.By, c.allowed)
		}
		if want := "User: arn:aws:iam::444455556666:user/dev is not authorized to perform: sts:AssumeRole on resource: " + roleARN; !c.allowed && d.Message() != want {
			t.Errorf("%s: message %q, want %q", c.name, d.Message(), want)
		}
	}
}
