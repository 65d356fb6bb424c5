package iam

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var serverCertificateOps = wire.Ops(
	wire.Op((*Service).UploadServerCertificate, on(made("server-certificate"), "ServerCertificateName", createTags("iam:TagServerCertificate"))),
	wire.Op((*Service).GetServerCertificate, on(aServerCertificate, "ServerCertificateName")),
	wire.Op((*Service).ListServerCertificates, under("server-certificate")),
	wire.Op((*Service).UpdateServerCertificate, renamed(aServerCertificate, "ServerCertificateName", "NewServerCertificateName")),
	wire.Op((*Service).DeleteServerCertificate, on(aServerCertificate, "ServerCertificateName")),
	wire.Op((*Service).TagServerCertificate, on(aServerCertificate, "ServerCertificateName", requestTags)),
	wire.Op((*Service).UntagServerCertificate, on(aServerCertificate, "ServerCertificateName", tagKeys)),
	wire.Op((*Service).ListServerCertificateTags, on(aServerCertificate, "ServerCertificateName")),
)

// serverCertificate is a certificate for HTTPS. Its private key is checked and not kept: no operation returns it.
type serverCertificate struct {
	entity
	Body    string
	Chain   *string `json:",omitempty"`
	Expires time.Time
}

var serverCertificates = store.NewTable("iam.servercertificate", (*serverCertificate).key,
	store.Index[serverCertificate]{Name: "path", Keys: func(c *serverCertificate) []string { return c.pathKeys() }})

// maxServerCertificates is the number of server certificates of an account ("IAM and AWS STS quotas").
const maxServerCertificates = 20

func aServerCertificate(ctx context.Context, tx *store.Tx, _ any, name *string) (resource, error) {
	account, n := callerAccount(ctx), aws.ToString(name)
	c, ok, err := serverCertificates.Get(tx, nameKey(account, n))
	return found("server-certificate", "server certificate", account, n, &c.entity, "", ok), err
}

func serverCertificateNamed(tx *store.Tx, account, name string) (serverCertificate, error) {
	c, ok, err := serverCertificates.Get(tx, nameKey(account, name))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("The Server Certificate with name %s cannot be found.", name)
	}
	return c, err
}

func serverCertificateTaken(name string) error {
	return awserr.EntityAlreadyExists.Errorf("The Server Certificate with name %s already exists.", name)
}

// UploadServerCertificate keeps a certificate that its private key belongs to.
func (s *Service) UploadServerCertificate(ctx context.Context, in *iam.UploadServerCertificateInput) (*iam.UploadServerCertificateOutput, error) {
	parsed, err := parseCertificate(aws.ToString(in.CertificateBody))
	if err != nil {
		return nil, err
	}
	if err := checkPrivateKey(parsed, aws.ToString(in.PrivateKey)); err != nil {
		return nil, err
	}
	if err := checkChain(parsed, in.CertificateChain); err != nil {
		return nil, err
	}
	tags, err := newTags(exact, in.Tags)
	if err != nil {
		return nil, err
	}
	account := callerAccount(ctx)
	out := &iam.UploadServerCertificateOutput{Tags: showTags(tags)}
	err = s.update(ctx, func(tx *store.Tx) error {
		c := serverCertificate{
			entity: entity{
				Account: account, Name: aws.ToString(in.ServerCertificateName), Path: pathOf(in.Path), ID: ids.New(ids.Certificate),
				Created: tx.Now, Tags: tags,
			},
			Body: strings.TrimSpace(*in.CertificateBody), Chain: trimmed(in.CertificateChain), Expires: parsed.NotAfter.UTC(),
		}
		if _, taken, err := serverCertificates.Get(tx, c.key()); err != nil {
			return err
		} else if taken {
			return serverCertificateTaken(c.Name)
		}
		if n, err := count(tx, serverCertificates, account); err != nil {
			return err
		} else if n >= maxServerCertificates {
			return quotaExceeded("ServerCertificatesPerAccount", maxServerCertificates)
		}
		out.ServerCertificateMetadata = ptr(c.describe())
		return serverCertificates.Put(tx, &c)
	})
	return answer(out, err)
}

// checkPrivateKey wants an unencrypted private key in PEM that belongs to the certificate.
func checkPrivateKey(c *x509.Certificate, text string) error {
	block, _ := pem.Decode([]byte(text))
	if block != nil && block.Type == "EC PARAMETERS" { // which openssl writes before the key
		_, rest, _ := bytes.Cut([]byte(text), []byte("-----END EC PARAMETERS-----"))
		block, _ = pem.Decode(rest)
	}
	var key crypto.PrivateKey
	if block != nil {
		key = parsePrivateKey(block.Bytes)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return awserr.MalformedCertificate.Errorf("Unable to parse key; the body is encrypted or is not in PEM format.")
	}
	public, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(signer.Public()) {
		return awserr.KeyPairMismatch.Errorf("The public key of the certificate and the private key do not match.")
	}
	return nil
}

// parsePrivateKey returns nil for what is no private key.
func parsePrivateKey(der []byte) crypto.PrivateKey {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key
	}
	return nil
}

// checkChain wants certificates each of which has signed the one before it.
func checkChain(c *x509.Certificate, chain *string) error {
	if chain == nil {
		return nil
	}
	rest, signed := bytes.TrimSpace([]byte(*chain)), c
	for i := 0; i == 0 || len(rest) > 0; i++ {
		block, more := pem.Decode(rest)
		if block == nil {
			return malformedCertificate()
		}
		issuer, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return malformedCertificate()
		}
		if !bytes.Equal(signed.RawIssuer, issuer.RawSubject) || issuer.CheckSignature(signed.SignatureAlgorithm, signed.RawTBSCertificate, signed.Signature) != nil {
			return awserr.MalformedCertificate.Errorf("Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: %d", i)
		}
		signed, rest = issuer, bytes.TrimSpace(more)
	}
	return nil
}

func (c *serverCertificate) describe() types.ServerCertificateMetadata {
	return types.ServerCertificateMetadata{
		Arn: aws.String(c.arnOf("server-certificate")), Path: &c.Path, ServerCertificateId: &c.ID, ServerCertificateName: &c.Name,
		Expiration: &c.Expires, UploadDate: &c.Created,
	}
}

// GetServerCertificate returns a certificate with its chain and tags.
func (s *Service) GetServerCertificate(ctx context.Context, in *iam.GetServerCertificateInput) (*iam.GetServerCertificateOutput, error) {
	c, err := read(ctx, s, serverCertificateNamed, in.ServerCertificateName)
	return answer(&iam.GetServerCertificateOutput{ServerCertificate: &types.ServerCertificate{
		ServerCertificateMetadata: ptr(c.describe()), CertificateBody: &c.Body, CertificateChain: c.Chain, Tags: showTags(c.Tags),
	}}, err)
}

// ListServerCertificates returns certificates by name.
func (s *Service) ListServerCertificates(ctx context.Context, in *iam.ListServerCertificatesInput) (*iam.ListServerCertificatesOutput, error) {
	found, marker, err := listPage(ctx, s, serverCertificates, in.PathPrefix, in.Marker, in.MaxItems)
	return answer(&iam.ListServerCertificatesOutput{
		ServerCertificateMetadataList: convert(found, func(c *serverCertificate) types.ServerCertificateMetadata { return c.describe() }),
		Marker:                        marker, IsTruncated: marker != nil,
	}, err)
}

// UpdateServerCertificate renames or moves a certificate.
func (s *Service) UpdateServerCertificate(ctx context.Context, in *iam.UpdateServerCertificateInput) (*iam.UpdateServerCertificateOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		c, err := serverCertificateNamed(tx, callerAccount(ctx), aws.ToString(in.ServerCertificateName))
		if err != nil {
			return err
		}
		return move(tx, serverCertificates, &c, in.NewServerCertificateName, in.NewPath, serverCertificateTaken)
	})
	return answer(&iam.UpdateServerCertificateOutput{}, err)
}

// DeleteServerCertificate deletes a certificate.
func (s *Service) DeleteServerCertificate(ctx context.Context, in *iam.DeleteServerCertificateInput) (*iam.DeleteServerCertificateOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		c, err := serverCertificateNamed(tx, callerAccount(ctx), aws.ToString(in.ServerCertificateName))
		if err != nil {
			return err
		}
		return serverCertificates.Delete(tx, c.key())
	})
	return answer(&iam.DeleteServerCertificateOutput{}, err)
}

// TagServerCertificate adds tags to a certificate, or replaces their values.
func (s *Service) TagServerCertificate(ctx context.Context, in *iam.TagServerCertificateInput) (*iam.TagServerCertificateOutput, error) {
	err := change(ctx, s, serverCertificates, serverCertificateNamed, in.ServerCertificateName, adding[serverCertificate](exact, in.Tags))
	return answer(&iam.TagServerCertificateOutput{}, err)
}

// UntagServerCertificate removes tags from a certificate.
func (s *Service) UntagServerCertificate(ctx context.Context, in *iam.UntagServerCertificateInput) (*iam.UntagServerCertificateOutput, error) {
	err := change(ctx, s, serverCertificates, serverCertificateNamed, in.ServerCertificateName, removing[serverCertificate](exact, in.TagKeys))
	return answer(&iam.UntagServerCertificateOutput{}, err)
}

// ListServerCertificateTags returns the tags of a certificate by key.
func (s *Service) ListServerCertificateTags(ctx context.Context, in *iam.ListServerCertificateTagsInput) (*iam.ListServerCertificateTagsOutput, error) {
	c, err := read(ctx, s, serverCertificateNamed, in.ServerCertificateName)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(exact, in.Marker, in.MaxItems, c.Tags)
	return answer(&iam.ListServerCertificateTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}

// trimmed is a PEM text without the space around it, as IAM returns it.
func trimmed(text *string) *string {
	if text == nil {
		return nil
	}
	return aws.String(strings.TrimSpace(*text))
}
