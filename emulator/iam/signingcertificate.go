package iam

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base32"
	"encoding/pem"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var signingCertificateOps = wire.Ops(
	wire.Op((*Service).UploadSigningCertificate, on(aUser, "UserName")),
	wire.Op((*Service).ListSigningCertificates, on(aUser, "UserName")),
	wire.Op((*Service).UpdateSigningCertificate, on(aUser, "UserName")),
	wire.Op((*Service).DeleteSigningCertificate, on(aUser, "UserName")),
)

// signingCertificate is an X.509 certificate of a user. The root user may have some as well.
type signingCertificate struct {
	ID, UserID string // as of access keys
	Body       string
	Active     bool
	Uploaded   time.Time
}

var signingCertificates = store.NewTable("iam.signingcertificate",
	func(c *signingCertificate) string { return store.Key(c.UserID, c.ID) })

// maxSigningCertificates is the number of signing certificates of a user ("IAM and AWS STS quotas").
const maxSigningCertificates = 2

// parseCertificate reads one certificate in PEM.
func parseCertificate(text string) (*x509.Certificate, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		return nil, malformedCertificate()
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, malformedCertificate()
	}
	return c, nil
}

func malformedCertificate() error {
	return awserr.MalformedCertificate.Errorf("Unable to parse certificate. Please ensure the certificate is in PEM format.")
}

// newCertificateID returns a certificate id in AWS's form: 32 capital letters and digits.
func newCertificateID() string {
	var b [20]byte
	rand.Read(b[:])
	return base32.StdEncoding.EncodeToString(b[:])
}

// UploadSigningCertificate keeps a certificate of a user, of the caller when none is named.
func (s *Service) UploadSigningCertificate(ctx context.Context, in *iam.UploadSigningCertificateInput) (*iam.UploadSigningCertificateOutput, error) {
	c, err := parseCertificate(aws.ToString(in.CertificateBody))
	if err != nil {
		return nil, err
	}
	out := &iam.UploadSigningCertificateOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		if tx.Now.After(c.NotAfter) {
			return awserr.InvalidCertificate.Errorf("The certificate has expired.")
		}
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		have, err := collect(signingCertificates.Scan(tx, store.Key(who.id()), ""))
		if err != nil {
			return err
		}
		for _, h := range have {
			if other, err := parseCertificate(h.Body); err == nil && other.Equal(c) {
				return awserr.DuplicateCertificate.Errorf("Certificate already exists.")
			}
		}
		if len(have) >= maxSigningCertificates {
			return quotaExceeded("SigningCertificatesPerUser", maxSigningCertificates)
		}
		made := signingCertificate{ID: newCertificateID(), UserID: who.id(), Body: *in.CertificateBody, Active: true, Uploaded: tx.Now}
		out.Certificate = ptr(made.describe(&who))
		return signingCertificates.Put(tx, &made)
	})
	return answer(out, err)
}

func (c *signingCertificate) describe(who *subject) types.SigningCertificate {
	return types.SigningCertificate{
		CertificateId: &c.ID, CertificateBody: &c.Body, Status: status(c.Active), UploadDate: &c.Uploaded,
		UserName: aws.String(who.user.Name),
	}
}

// ListSigningCertificates returns the certificates of a user, of the caller when none is named.
func (s *Service) ListSigningCertificates(ctx context.Context, in *iam.ListSigningCertificatesInput) (*iam.ListSigningCertificatesOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListSigningCertificatesOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		all, err := collect(signingCertificates.Scan(tx, store.Key(who.id()), ""))
		if err != nil {
			return err
		}
		found, marker, err := sorted(p, all, func(c signingCertificate) string { return c.ID })
		out.Marker, out.IsTruncated = marker, marker != nil
		out.Certificates = convert(found, func(c *signingCertificate) types.SigningCertificate { return c.describe(&who) })
		return err
	})
	return answer(out, err)
}

// signingCertificateOf returns the certificate of that id of a user, of the caller when none is named.
func signingCertificateOf(ctx context.Context, tx *store.Tx, userName, id *string) (signingCertificate, error) {
	who, err := subjectOf(ctx, tx, userName)
	if err != nil {
		return signingCertificate{}, err
	}
	c, ok, err := signingCertificates.Get(tx, store.Key(who.id(), aws.ToString(id)))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("The Certificate with id %s cannot be found.", aws.ToString(id))
	}
	return c, err
}

// UpdateSigningCertificate activates or deactivates a certificate.
func (s *Service) UpdateSigningCertificate(ctx context.Context, in *iam.UpdateSigningCertificateInput) (*iam.UpdateSigningCertificateOutput, error) {
	active, err := activates(in.Status)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		c, err := signingCertificateOf(ctx, tx, in.UserName, in.CertificateId)
		if err != nil {
			return err
		}
		c.Active = active
		return signingCertificates.Put(tx, &c)
	})
	return answer(&iam.UpdateSigningCertificateOutput{}, err)
}

// DeleteSigningCertificate deletes a certificate.
func (s *Service) DeleteSigningCertificate(ctx context.Context, in *iam.DeleteSigningCertificateInput) (*iam.DeleteSigningCertificateOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		c, err := signingCertificateOf(ctx, tx, in.UserName, in.CertificateId)
		if err != nil {
			return err
		}
		return signingCertificates.Delete(tx, store.Key(c.UserID, c.ID))
	})
	return answer(&iam.DeleteSigningCertificateOutput{}, err)
}
