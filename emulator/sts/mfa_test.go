package sts_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	wrongCode = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	wrongMFA  = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
)

// TestAssumeRoleWithMFA: the trust policy asks for MFA, and for its age; the code of the request answers both, once.
func TestAssumeRoleWithMFA(t *testing.T) {
	w := newWorld(t)
	role := w.role(production, "/", "Admin", strings.TrimSuffix(trustAssume, "}")+
		`,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"60"}}}`)
	alice := w.user(development, "alice", allowAssume)
	phone := aws.String("arn:aws:iam::444455556666:mfa/alice")
	in := &api.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("s")}
	alice.refused("AssumeRole", in, "AccessDenied", "User: arn:aws:iam::444455556666:user/alice is not authorized to perform: sts:AssumeRole on resource: "+role)
	in.SerialNumber, in.TokenCode = phone, aws.String("123456")
	alice.refused("AssumeRole", in, "AccessDenied", wrongMFA)
	w.codes[mfaCode{alice.caller.ID, *phone, "123456"}] = true

	in.TokenCode = aws.String("654321")
	alice.refused("AssumeRole", in, "AccessDenied", wrongCode)
	in.TokenCode = aws.String("123456")
	out := do[api.AssumeRoleOutput](alice, "AssumeRole", in)
	if s := alice.session(out.Credentials).caller.Session; s.MFAAuthenticated {
		t.Error("the role's session carries MFA, as AWS's does not")
	}
	alice.refused("AssumeRole", in, "AccessDenied", wrongCode)
}

// TestRefusedCodeIsStillGood: a code is used up by the request that succeeds, not by one that is denied for another reason.
func TestRefusedCodeIsStillGood(t *testing.T) {
	w := newWorld(t)
	closed := w.role(production, "/", "Closed", strings.Replace(trustAssume, "444455556666", "999988887777", 1))
	open := w.role(production, "/", "Open", trustAssume)
	alice := w.user(development, "alice", allowAssume)
	phone := "arn:aws:iam::444455556666:mfa/alice"
	w.codes[mfaCode{alice.caller.ID, phone, "123456"}] = true
	in := &api.AssumeRoleInput{RoleArn: &closed, RoleSessionName: aws.String("s"), SerialNumber: &phone, TokenCode: aws.String("123456")}
	alice.refused("AssumeRole", in, "AccessDenied", "User: arn:aws:iam::444455556666:user/alice is not authorized to perform: sts:AssumeRole on resource: "+closed)
	in.RoleArn = &open
	do[api.AssumeRoleOutput](alice, "AssumeRole", in)
}

func TestGetSessionTokenWithMFA(t *testing.T) {
	w := newWorld(t)
	alice := w.user(development, "alice")
	phone := "arn:aws:iam::444455556666:mfa/alice"
	w.codes[mfaCode{alice.caller.ID, phone, "123456"}] = true
	in := &api.GetSessionTokenInput{SerialNumber: &phone, TokenCode: aws.String("123456")}
	out := do[api.GetSessionTokenOutput](alice, "GetSessionToken", in)
	if s := alice.session(out.Credentials).caller.Session; !s.MFAAuthenticated || !s.MFATime.Equal(now) {
		t.Errorf("session: %+v", s)
	}
	alice.refused("GetSessionToken", in, "AccessDenied", wrongCode)
	plain := do[api.GetSessionTokenOutput](alice, "GetSessionToken", &api.GetSessionTokenInput{})
	if s := alice.session(plain.Credentials).caller.Session; s.MFAAuthenticated || !s.MFATime.IsZero() {
		t.Errorf("session without MFA: %+v", s)
	}
}
