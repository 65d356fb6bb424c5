package iam

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// certificate is a certificate with its private key, in PEM.
type certificate struct {
	body, key string
	parsed    *x509.Certificate
	private   *ecdsa.PrivateKey
}

// newCertificate makes a certificate that the issuer signed (nil: itself), good until day 20.
func newCertificate(w *world, name string, issuer *certificate) certificate {
	w.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: day(1), NotAfter: day(20),
		IsCA: true, BasicConstraintsValid: true,
	}
	parent, signer := template, private
	if issuer != nil {
		parent, signer = issuer.parsed, issuer.private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, private.Public(), signer)
	w.must(err)
	parsed, err := x509.ParseCertificate(der)
	w.must(err)
	key, err := x509.MarshalPKCS8PrivateKey(private)
	w.must(err)
	return certificate{
		body:   string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		key:    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		parsed: parsed, private: private,
	}
}

const malformed = "MalformedCertificate: Unable to parse certificate. Please ensure the certificate is in PEM format."

func TestServerCertificates(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	root := newCertificate(w, "root", nil)
	middle := newCertificate(w, "middle", &root)
	leaf := newCertificate(w, "leaf", &middle)
	upload := func(name, body, key string, chain *string) (*iam.UploadServerCertificateOutput, error) {
		return c.UploadServerCertificate(ctx, &iam.UploadServerCertificateInput{
			ServerCertificateName: &name, Path: aws.String("/cloudfront/"), CertificateBody: &body, PrivateKey: &key, CertificateChain: chain,
			Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("web")}},
		})
	}
	chain := middle.body + root.body
	made, err := upload("site", leaf.body, leaf.key, &chain)
	w.must(err)
	m := made.ServerCertificateMetadata
	if *m.Arn != "arn:aws:iam::111122223333:server-certificate/cloudfront/site" || !strings.HasPrefix(*m.ServerCertificateId, "ASCA") ||
		!m.Expiration.Equal(day(20)) || !m.UploadDate.Equal(day(10)) || len(made.Tags) != 1 {
		t.Errorf("UploadServerCertificate: %+v", m)
	}
	const order = "MalformedCertificate: Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, followed by any intermediaries in order. The index within the chain of the invalid certificate is: "
	wrongOrder := root.body + middle.body
	broken := middle.body + "x"
	impostor := newCertificate(w, "middle", &root) // of the same name, with another key
	for _, test := range []struct {
		name, body, key string
		chain           *string
		want            string
	}{
		{"SITE", leaf.body, leaf.key, nil, "EntityAlreadyExists: The Server Certificate with name SITE already exists."},
		{"no PEM", "x", leaf.key, nil, malformed},
		{"a key for a certificate", leaf.key, leaf.key, nil, malformed},
		{"two certificates", leaf.body + root.body, leaf.key, nil, malformed},
		{"no key", leaf.body, "x", nil, "MalformedCertificate: Unable to parse key; the body is encrypted or is not in PEM format."},
		{"another key", leaf.body, root.key, nil, "KeyPairMismatch: The public key of the certificate and the private key do not match."},
		{"chain in wrong order", leaf.body, leaf.key, &wrongOrder, order + "0"},
		{"impostor in the chain", leaf.body, leaf.key, &impostor.body, order + "0"},
		{"broken chain", leaf.body, leaf.key, &broken, malformed},
	} {
		_, err := upload(strings.ReplaceAll(test.name, " ", ""), test.body, test.key, test.chain)
		w.check(test.name, err, test.want)
	}

	got, err := c.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: aws.String("Site")})
	w.must(err)
	if s := got.ServerCertificate; *s.CertificateBody != strings.TrimSpace(leaf.body) || *s.CertificateChain != strings.TrimSpace(chain) || len(s.Tags) != 1 {
		t.Errorf("GetServerCertificate: %+v", s)
	}
	_, err = upload("other", root.body, root.key, nil)
	w.must(err)
	_, err = c.UpdateServerCertificate(ctx, &iam.UpdateServerCertificateInput{ServerCertificateName: aws.String("other"), NewServerCertificateName: aws.String("site")})
	w.check("a name that is taken", err, "EntityAlreadyExists: The Server Certificate with name site already exists.")
	_, err = c.UpdateServerCertificate(ctx, &iam.UpdateServerCertificateInput{ServerCertificateName: aws.String("other"), NewServerCertificateName: aws.String("another"), NewPath: aws.String("/x/")})
	w.must(err)
	list, err := c.ListServerCertificates(ctx, &iam.ListServerCertificatesInput{PathPrefix: aws.String("/x/")})
	w.must(err)
	if l := list.ServerCertificateMetadataList; len(l) != 1 || *l[0].Arn != "arn:aws:iam::111122223333:server-certificate/x/another" {
		t.Errorf("ListServerCertificates: %+v", l)
	}
	page, err := c.ListServerCertificates(ctx, &iam.ListServerCertificatesInput{MaxItems: aws.Int32(1)})
	w.must(err)
	page, err = c.ListServerCertificates(ctx, &iam.ListServerCertificatesInput{Marker: page.Marker})
	w.must(err)
	if l := page.ServerCertificateMetadataList; len(l) != 1 || *l[0].ServerCertificateName != "site" || page.IsTruncated {
		t.Errorf("second page: %+v", page)
	}

	site := aws.String("site")
	_, err = c.TagServerCertificate(ctx, &iam.TagServerCertificateInput{ServerCertificateName: site, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("b")}}})
	w.must(err)
	_, err = c.UntagServerCertificate(ctx, &iam.UntagServerCertificateInput{ServerCertificateName: site, TagKeys: []string{"Team"}})
	w.must(err)
	tags, err := c.ListServerCertificateTags(ctx, &iam.ListServerCertificateTagsInput{ServerCertificateName: site})
	w.must(err)
	if len(tags.Tags) != 1 || *tags.Tags[0].Key != "team" {
		t.Errorf("tags: %+v", tags.Tags)
	}
	_, err = c.DeleteServerCertificate(ctx, &iam.DeleteServerCertificateInput{ServerCertificateName: site})
	w.must(err)
	_, err = c.GetServerCertificate(ctx, &iam.GetServerCertificateInput{ServerCertificateName: site})
	w.check("deleted", err, "NoSuchEntity: The Server Certificate with name site cannot be found.")
	for i := range maxServerCertificates - 1 {
		_, err = upload("c"+string(rune('a'+i)), leaf.body, leaf.key, nil)
		w.must(err)
	}
	_, err = upload("more", leaf.body, leaf.key, nil)
	w.check("one too many", err, "LimitExceeded: Cannot exceed quota for ServerCertificatesPerAccount: 20")
	summary, err := c.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	w.must(err)
	if n := summary.SummaryMap["ServerCertificates"]; n != 20 {
		t.Errorf("summary: %d", n)
	}
}

func TestSigningCertificates(t *testing.T) {
	w := newWorld(t)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	w.must(second(c.CreateUser(ctx, &iam.CreateUserInput{UserName: bob})))
	one := newCertificate(w, "one", nil)
	made, err := c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: bob, CertificateBody: &one.body})
	w.must(err)
	id := made.Certificate.CertificateId
	if made.Certificate.Status != "Active" || len(*id) != 32 || *made.Certificate.UserName != "bob" {
		t.Errorf("UploadSigningCertificate: %+v", made.Certificate)
	}
	_, err = c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: bob, CertificateBody: &one.body})
	w.check("the same", err, "DuplicateCertificate: Certificate already exists.")
	_, err = c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: bob, CertificateBody: aws.String("x")})
	w.check("no certificate", err, malformed)
	old := newCertificate(w, "old", nil)
	w.now = day(21)
	_, err = c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: bob, CertificateBody: &old.body})
	w.check("expired", err, "InvalidCertificate: The certificate has expired.")
	w.now = day(10)
	two := newCertificate(w, "two", nil)
	w.must(second(c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: bob, CertificateBody: &two.body})))
	_, err = c.UploadSigningCertificate(ctx, &iam.UploadSigningCertificateInput{UserName: bob, CertificateBody: &old.body})
	w.check("a third", err, "LimitExceeded: Cannot exceed quota for SigningCertificatesPerUser: 2")

	_, err = c.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{UserName: bob, CertificateId: id, Status: types.StatusTypeInactive})
	w.must(err)
	list, err := c.ListSigningCertificates(ctx, &iam.ListSigningCertificatesInput{UserName: bob})
	w.must(err)
	for _, l := range list.Certificates {
		if inactive := l.Status == types.StatusTypeInactive; len(list.Certificates) != 2 || inactive != (*l.CertificateId == *id) {
			t.Errorf("ListSigningCertificates: %+v", l)
		}
	}
	_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: bob})
	w.check("DeleteUser", err, "DeleteConflict: Cannot delete entity, must delete signing certificates first.")
	_, err = c.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{CertificateId: id})
	w.check("as somebody else's", err, "NoSuchEntity: The Certificate with id "+*id+" cannot be found.")
	_, err = c.DeleteSigningCertificate(ctx, &iam.DeleteSigningCertificateInput{UserName: bob, CertificateId: id})
	w.must(err)
	_, err = c.UpdateSigningCertificate(ctx, &iam.UpdateSigningCertificateInput{UserName: bob, CertificateId: id, Status: types.StatusTypeActive})
	w.check("deleted", err, "NoSuchEntity: The Certificate with id "+*id+" cannot be found.")
}
