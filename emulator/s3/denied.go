package s3

import (
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// What a denial says depends on who asks: the details are for callers of the bucket owner's account or organization,
// everybody else gets two words ("Troubleshoot access denied (403 Forbidden) errors in Amazon S3").

func accessDenied() *awserr.Error { return awserr.AccessDenied.Errorf("Access Denied") }

func deniedWithoutDetails(authz.Decision) error { return accessDenied() }

// deniedAccount is for s3:ListAllMyBuckets, whose message names no resource.
func deniedAccount(d authz.Decision) error {
	message := d.Message()
	if before, after, ok := strings.Cut(message, ` on resource: "arn:aws:s3:::*" `); ok {
		message = before + " " + after
	}
	return awserr.AccessDenied.Errorf("%s", message)
}

// denial returns the words for a caller who is denied something in a bucket of owner; nil is for the usual ones.
func denial(owner string, caller wire.Caller) func(authz.Decision) error {
	switch {
	case caller.Account == owner:
		return nil
	case related(caller, owner):
		return func(d authz.Decision) error { return awserr.AccessDenied.Errorf("%s", d.DetailedMessage()) }
	}
	return deniedWithoutDetails
}

// related says whether the caller's account and the bucket owner's are in one organization.
func related(caller wire.Caller, owner string) bool {
	return caller.Related != nil && caller.Related(owner)
}

// blocked is the AccessDenied of something that policies allow and a setting of the bucket does not.
func blocked(b *Bucket, caller wire.Caller, action, resource, because string) error {
	if caller.Account != b.Account && !related(caller, b.Account) {
		return accessDenied()
	}
	return awserr.AccessDenied.Errorf(`User: %s is not authorized to perform: %s on resource: "%s" because %s`,
		caller.ARN, action, resource, because)
}

func malformedXML() *awserr.Error {
	return awserr.MalformedXML.Errorf("The XML you provided was not well-formed or did not validate against our published schema")
}
