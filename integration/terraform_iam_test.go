package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"

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
	left, err := iam.NewFromConfig(x.Account("production").Admin().Config()).GetAccountSummary(t.Context(), nil)
	must(t, err)
	for name, want := range map[string]int32{"Users": 1, "Groups": 0, "Roles": 0, "Policies": 0, "InstanceProfiles": 0, "ServerCertificates": 0, "MFADevices": 0} {
		if got := left.SummaryMap[name]; got != want {
			t.Errorf("%d %s are left, want %d", got, name, want)
		}
	}
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
	login, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	public, err := x509.MarshalPKIXPublicKey(&login.PublicKey)
	must(t, err)
	text, err := json.Marshal(map[string]string{
		"certificate": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		"key":         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
		"pem_key":     strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))),
		"ssh_key":     sshKey(&login.PublicKey),
	})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "terraform.tfvars.json"), text, 0o600))
}

// sshKey writes a key as authorized_keys has it (RFC 4253, 6.6).
func sshKey(key *rsa.PublicKey) string {
	var text []byte
	for _, part := range [][]byte{[]byte("ssh-rsa"), big.NewInt(int64(key.E)).Bytes(), append([]byte{0}, key.N.Bytes()...)} {
		text = append(binary.BigEndian.AppendUint32(text, uint32(len(part))), part...)
	}
	return "ssh-rsa " + base64.StdEncoding.EncodeToString(text) + " reader@example.com"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
