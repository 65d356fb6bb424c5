package sts

import (
	"context"
	"errors"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/iam"
)

// verifyMFA checks the MFA parameters of a request with check, which is one of the directory's two. present is false when
// the request has none.
func verifyMFA(ctx context.Context, check func(context.Context, authz.Principal, string, string) error, p authz.Principal, serial, code *string) (present bool, err error) {
	switch {
	case serial == nil && code == nil:
		return false, nil
	case serial == nil || code == nil:
		return false, awserr.AccessDenied.Errorf("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	err = check(ctx, p, *serial, *code)
	switch {
	case errors.Is(err, iam.ErrNotTheirDevice):
		err = awserr.AccessDenied.Errorf("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	case errors.Is(err, iam.ErrWrongCode):
		err = awserr.AccessDenied.Errorf("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	return err == nil, err
}

// addMFAKeys sets the keys that a request with MFA parameters has in its own authorization. The session that it makes does
// not have them: the credentials of AssumeRole carry no MFA information ("Secure API access with MFA", IAM User Guide).
func addMFAKeys(keys authz.Keys) {
	keys["aws:multifactorauthpresent"] = []string{"true"}
	keys["aws:multifactorauthage"] = []string{"0"}
}
