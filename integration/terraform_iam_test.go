package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/xemutest"
)

// TestTerraformIAM applies every kind of IAM resource and data source of Terraform's AWS provider, plans again without a
// change, changes what can be changed, and destroys all.
func TestTerraformIAM(t *testing.T) {
	x := xemutest.New(t)
	r := terraform(t, x, "iam")
	writeCertificate(t, r.dir)
	r.apply()
	check := func(want string) {
		t.Helper()
		got, err := json.Marshal(r.output()["values"])
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("outputs:\n got %s\nwant %s", got, want)
		}
	}
	check(`{"account":"111122223333","alias":"xemu-first","allowed":{"s3:GetObject":"allowed","s3:PutObject":"implicitDeny"},"issuer":"arn:aws:iam::111122223333:user/admin","key":["Active"],"members":["alice"],"policy":"arn:aws:iam::111122223333:policy/dev/read","profile":"arn:aws:iam::111122223333:role/service/app","profiles":["app"],"roles":["app"],"ssh":"Active","users":["alice"]}`)
	r.apply("stage=second")
	check(`{"account":"111122223333","alias":"xemu-second","allowed":{"s3:GetObject":"allowed","s3:PutObject":"implicitDeny"},"issuer":"arn:aws:iam::111122223333:user/admin","key":["Inactive"],"members":["alicia"],"policy":"arn:aws:iam::111122223333:policy/dev/read","profile":"arn:aws:iam::111122223333:role/service/app","profiles":["app"],"roles":["app"],"ssh":"Inactive","users":["alicia"]}`)
	r.destroy()
}

// writeCertificate writes the configuration's variables: a certificate with its key, and an SSH key.
func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "site.example.com"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	ssh, err := os.ReadFile("testdata/terraform/rsa.pub")
	must(t, err)
	text, err := json.Marshal(map[string]string{
		"certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		"key":         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
		"ssh_key":     string(ssh),
	})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "terraform.tfvars.json"), text, 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
