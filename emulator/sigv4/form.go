package sigv4

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// VerifyForm checks the signature of a browser's upload to S3, which is one of the form's policy ("Authenticating Requests
// in Browser-Based Uploads Using POST", Amazon S3 API Reference; "HTML forms (AWS signature version 2)"). field returns a
// field of the form by its name in lower case. It returns nil and no error for a form without policy and signature. That the
// form keeps to the policy is not checked here.
func VerifyForm(ctx context.Context, field func(name string) (string, bool), o Options) (*Signature, error) {
	policy, found := field("policy")
	switch _, v2 := field("signature"); {
	case anyOf(field, formFields):
		if err := complete(field, formFields); err != nil {
			return nil, err
		}
		return verifyForm(ctx, field, policy, o)
	case v2, anyOf(field, formFieldsV2):
		if err := complete(field, formFieldsV2); err != nil {
			return nil, err
		}
		return verifyFormV2(ctx, field, policy, o)
	case found:
		return nil, awserr.AccessDenied.Errorf("Access Denied")
	}
	return nil, nil
}

// A formField is a field that a signed form must have, as it is looked up and as messages name it.
type formField struct{ name, shown string }

var (
	formFields = []formField{
		{"x-amz-signature", "X-Amz-Signature"}, {"x-amz-algorithm", "X-Amz-Algorithm"},
		{"x-amz-credential", "X-Amz-Credential"}, {"x-amz-date", "X-Amz-Date"}, {"policy", "policy"},
	}
	formFieldsV2 = []formField{{"awsaccesskeyid", "AWSAccessKeyId"}, {"signature", "Signature"}, {"policy", "policy"}}
)

// anyOf says whether the form has any of the fields but the policy.
func anyOf(field func(string) (string, bool), fields []formField) bool {
	for _, f := range fields[:len(fields)-1] {
		if _, ok := field(f.name); ok {
			return true
		}
	}
	return false
}

func complete(field func(string) (string, bool), fields []formField) error {
	for _, f := range fields {
		if _, ok := field(f.name); !ok {
			return MissingFormField(f.shown)
		}
	}
	return nil
}

// MissingFormField is the error of a form without a field that it needs.
func MissingFormField(name string) error {
	return invalidArgument("Bucket POST must contain a field named '"+name+"'.  If it is specified, please check the order of the fields.", name, "")
}

func verifyForm(ctx context.Context, field func(string) (string, bool), policy string, o Options) (*Signature, error) {
	value := func(name string) string { v, _ := field(name); return v }
	c := &claim{
		version: Version4, presigned: true, s3: true,
		signature: value("x-amz-signature"), token: value("x-amz-security-token"), timestamp: value("x-amz-date"),
	}
	if algorithm := value("x-amz-algorithm"); algorithm != Version4 {
		return nil, c.unsupportedAlgorithm(algorithm)
	}
	credential := value("x-amz-credential")
	if err := c.readCredential(credential); err != nil {
		c.s3 = true
		return nil, err
	}
	if c.service != "s3" {
		return nil, awserr.AuthorizationQueryParametersError.Errorf(
			`Error parsing the X-Amz-Credential parameter; incorrect service "%s". This endpoint belongs to "s3".`, c.service)
	}
	if err := c.readDate(); err != nil {
		return nil, err
	}
	secret, err := o.Keys(ctx, c.accessKeyID, c.token)
	if err != nil {
		return nil, err
	}
	if !signingKey(secret, c).signed([]byte(policy), c.signature) {
		return nil, signatureMismatch(c, policy, "")
	}
	return &Signature{
		SignatureVersion: Version4, AccessKeyID: c.accessKeyID, SecurityToken: c.token,
		Region: c.region, Service: c.service, Date: c.date,
	}, nil
}

func verifyFormV2(ctx context.Context, field func(string) (string, bool), policy string, o Options) (*Signature, error) {
	value := func(name string) string { v, _ := field(name); return v }
	c := &claim{
		version: Version2, s3: true, service: "s3", region: "us-east-1",
		accessKeyID: value("awsaccesskeyid"), signature: value("signature"), token: value("x-amz-security-token"),
	}
	secret, err := o.Keys(ctx, c.accessKeyID, c.token)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(policy))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(c.signature), []byte(want)) != 1 {
		return nil, signatureMismatch(c, policy, "")
	}
	return &Signature{
		SignatureVersion: Version2, AccessKeyID: c.accessKeyID, SecurityToken: c.token, Region: c.region, Service: c.service,
	}, nil
}
