package emulator

import (
	"context"
	"errors"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/s3"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// authenticate verifies the signature and finds whose it is. Only S3 has anonymous callers; STS's operations for web
// identities and SAML bring their own proof.
func (s *Server) authenticate(c *call) error {
	c.Caller = wire.Caller{Principal: authz.Principal{Type: authz.Anonymous}}
	options := sigv4.Options{
		Now:        c.Now,
		Signed:     s.clock.at,
		HostBucket: c.host.bucket,
		Keys: func(ctx context.Context, id, token string) (string, error) {
			secret, caller, err := c.services.credential(c, id, token)
			c.Caller = caller
			return secret, err
		},
	}
	signature, err := sigv4.Verify(c.HTTP, options)
	authType := "REST-HEADER"
	if err == nil && c.service.name == "s3" && s3.IsForm(c.HTTP) {
		if signature == nil {
			authType = "POST"
		}
		signature, err = c.form(signature, options)
	}
	if err != nil {
		c.Caller.AccessKeyID = "" // nothing that an unverified request says is recorded as its caller
		c.Caller.Principal = authz.Principal{Type: authz.Anonymous}
		return err
	}
	if signature == nil {
		return c.unsigned()
	}
	c.used()
	c.Caller.Related = c.related
	c.Caller.AuthType, c.Caller.SignatureVersion = authType, signature.SignatureVersion
	if signature.Presigned {
		c.Caller.AuthType, c.Caller.SignatureAge = "REST-QUERY-STRING", signature.Age
	}
	return nil
}

// form reads a browser's upload up to its file, and verifies its policy's signature unless the request itself is signed. The
// form is the request's codec from then on.
func (c *call) form(signature *sigv4.Signature, options sigv4.Options) (*sigv4.Signature, error) {
	form, err := s3.ReadForm(c.HTTP, c.service.codec)
	if err != nil {
		return nil, err
	}
	c.service = &service{name: c.service.name, codec: form, operations: c.service.operations}
	if signature == nil {
		if signature, err = sigv4.VerifyForm(c.ctx, form.Field, options); err != nil {
			return nil, err
		}
		if signature != nil {
			c.Region = signature.Region
		}
	}
	now := c.Now
	if signature != nil && !signature.Date.IsZero() { // the policy's expiration is by the clock of its signer
		now = now.Add(-options.Signed(signature.Date).Sub(signature.Date))
	}
	return signature, form.Check(now)
}

// used notes that the caller's credentials were used. As on AWS, a request counts that is denied afterwards.
func (c *call) used() {
	if c.Caller.Session == nil {
		c.services.iam.KeyUsed(c.Caller.AccessKeyID, c.service.name, c.Region, c.Now)
	} else if c.Caller.RoleID != "" {
		c.services.iam.RoleUsed(c.Caller.RoleID, c.Region, c.Now)
	}
	if id := c.Caller.RoleID; id != "" {
		c.services.iam.ServiceUsed(id, c.service.name, c.Region, c.Now)
	} else if c.Caller.Type == authz.User || c.Caller.Type == authz.Account {
		c.services.iam.ServiceUsed(c.Caller.ID, c.service.name, c.Region, c.Now)
	}
}

// unsigned decides whether a request may come without a signature. Of STS's operations that is known once they are decoded.
func (c *call) unsigned() error {
	if c.service.name == "s3" || c.service.name == "sts" {
		return nil
	}
	return sigv4.MissingAuthenticationToken()
}

// bringsProof says whether an operation of STS proves its caller with a token in its parameters instead of a signature.
func bringsProof(operation string) bool {
	return operation == "AssumeRoleWithWebIdentity" || operation == "AssumeRoleWithSAML"
}

// credential finds the secret of an access key id, and whose it is. A long-term key stands alone, a temporary one is in
// its token.
func (v *services) credential(c *call, id, token string) (string, wire.Caller, error) {
	if token != "" {
		secret, caller, err := v.sts.Open(token, id, c.Now)
		if err == nil {
			err = v.open(c.ctx, caller.Account)
		}
		return secret, caller, c.wording(err, id)
	}
	key, ok, err := v.iam.Credential(c.ctx, id)
	if err != nil {
		return "", wire.Caller{}, err
	}
	if !ok || !key.Active {
		return "", wire.Caller{}, c.wording(invalidToken(), id)
	}
	if err := v.open(c.ctx, key.Account); err != nil {
		return "", wire.Caller{}, c.wording(err, id)
	}
	return key.Secret, wire.Caller{Principal: key.Principal, AccessKeyID: id}, nil
}

func invalidToken() *awserr.Error {
	return awserr.InvalidClientTokenId.Errorf("The security token included in the request is invalid.")
}

// open refuses the credentials of an account that its organization has closed.
func (v *services) open(ctx context.Context, account string) error {
	place, err := v.organizations.Place(ctx, account)
	if err == nil && place.Closed {
		return invalidToken()
	}
	return err
}

// related says whether an account is in one organization with the caller's.
func (c *call) related(account string) bool {
	own, err := c.services.organizations.Place(c.ctx, c.Caller.Account)
	if err != nil || own.Organization == "" {
		return false
	}
	other, err := c.services.organizations.Place(c.ctx, account)
	return err == nil && other.Organization == own.Organization
}

// wording turns STS's words for bad credentials into S3's where S3 answers ("Error responses", S3 API Reference).
func (c *call) wording(err error, id string) error {
	if err == nil || c.service.name != "s3" {
		return err
	}
	switch {
	case errors.Is(err, awserr.ExpiredToken):
		return awserr.Kind{Code: awserr.ExpiredToken.Code, Status: 400}.Errorf("The provided token has expired.").
			With("Token-0", c.HTTP.Header.Get("X-Amz-Security-Token"))
	case errors.Is(err, awserr.InvalidClientTokenId) && c.HTTP.Header.Get("X-Amz-Security-Token") != "":
		return awserr.InvalidToken.Errorf("The provided token is malformed or otherwise invalid.").
			With("Token-0", c.HTTP.Header.Get("X-Amz-Security-Token"))
	case errors.Is(err, awserr.InvalidClientTokenId):
		return awserr.InvalidAccessKeyId.Errorf("The AWS Access Key Id you provided does not exist in our records.").
			With("AWSAccessKeyId", id)
	}
	return err
}
