package iam

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// sshText returns an RSA key of that length in the form of authorized_keys.
func sshText(w *world, bits int) string {
	w.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	w.must(err)
	return "ssh-rsa " + base64.StdEncoding.EncodeToString(sshBlob(&key.PublicKey)) + " bob@host"
}

// TestSSHKeyEncodings holds a key of ssh-keygen, with its fingerprint and PEM form as ssh-keygen shows them, against ours.
func TestSSHKeyEncodings(t *testing.T) {
	w := newWorld(t)
	read := func(name string) string {
		text, err := os.ReadFile("testdata/ssh/" + name)
		w.must(err)
		return strings.TrimSpace(string(text))
	}
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	w.must(second(c.CreateUser(ctx, &iam.CreateUserInput{UserName: bob})))
	made, err := c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: bob, SSHPublicKeyBody: aws.String(read("key.pub"))})
	w.must(err)
	if got, want := *made.SSHPublicKey.Fingerprint, read("fingerprint"); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
	for encoding, want := range map[types.EncodingType]string{
		types.EncodingTypePem: read("key.pem"), types.EncodingTypeSsh: strings.Join(strings.Fields(read("key.pub"))[:2], " "),
	} {
		got, err := c.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: bob, SSHPublicKeyId: made.SSHPublicKey.SSHPublicKeyId, Encoding: encoding})
		w.must(err)
		if body := strings.TrimSpace(*got.SSHPublicKey.SSHPublicKeyBody); body != want {
			t.Errorf("%s:\n%s\nwant\n%s", encoding, body, want)
		}
	}
	_, err = c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: bob, SSHPublicKeyBody: aws.String(read("key.pem"))})
	w.check("the same key as PEM", err, "DuplicateSSHPublicKey: SSH public key already exists.")
}

func TestSSHPublicKeys(t *testing.T) {
	w := newWorld(t)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	w.must(second(c.CreateUser(ctx, &iam.CreateUserInput{UserName: bob})))
	upload := func(text string) (*iam.UploadSSHPublicKeyOutput, error) {
		return c.UploadSSHPublicKey(ctx, &iam.UploadSSHPublicKeyInput{UserName: bob, SSHPublicKeyBody: &text})
	}
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	der, err := x509.MarshalPKIXPublicKey(elliptical.Public())
	w.must(err)
	const short = "InvalidPublicKey: The public key is invalid: it must be an RSA key of at least 2048 bits."
	for name, test := range map[string]struct{ text, want string }{
		"no key":         {"hello", "UnrecognizedPublicKeyEncoding: Public key encoding is not recognized."},
		"another kind":   {"ssh-ed25519 AAAA", "UnrecognizedPublicKeyEncoding: Public key encoding is not recognized."},
		"short":          {sshText(w, 1024), short},
		"no base64":      {"ssh-rsa !!", short},
		"cut":            {sshText(w, 2048)[:200], short},
		"a huge length":  {"ssh-rsa " + base64.StdEncoding.EncodeToString([]byte{0xff, 0xff, 0xff, 0xff, 1}), short},
		"elliptic curve": {string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), short},
	} {
		_, err := upload(test.text)
		w.check(name, err, test.want)
	}
	made, err := upload(sshText(w, 2048))
	w.must(err)
	id := made.SSHPublicKey.SSHPublicKeyId
	blob, err := base64.StdEncoding.DecodeString(strings.Fields(*made.SSHPublicKey.SSHPublicKeyBody)[1])
	w.must(err)
	if got, want := strings.ReplaceAll(*made.SSHPublicKey.Fingerprint, ":", ""), fmt.Sprintf("%x", md5.Sum(blob)); got != want || !strings.HasPrefix(*id, "APKA") {
		t.Errorf("UploadSSHPublicKey: %+v", made.SSHPublicKey)
	}
	_, err = c.UpdateSSHPublicKey(ctx, &iam.UpdateSSHPublicKeyInput{UserName: bob, SSHPublicKeyId: id, Status: types.StatusTypeInactive})
	w.must(err)
	list, err := c.ListSSHPublicKeys(ctx, &iam.ListSSHPublicKeysInput{UserName: bob})
	w.must(err)
	if len(list.SSHPublicKeys) != 1 || list.SSHPublicKeys[0].Status != types.StatusTypeInactive {
		t.Errorf("ListSSHPublicKeys: %+v", list.SSHPublicKeys)
	}
	_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: bob})
	w.check("DeleteUser", err, "DeleteConflict: Cannot delete entity, must remove referenced objects first.")
	_, err = c.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: aws.String("admin"), SSHPublicKeyId: id})
	w.check("as somebody else's", err, "NoSuchEntity: The Public Key with id "+*id+" cannot be found.")
	for range maxSSHKeys - 1 {
		w.must(second(upload(sshText(w, 2048))))
	}
	_, err = upload(sshText(w, 2048))
	w.check("a sixth", err, "LimitExceeded: Cannot exceed quota for SSHPublicKeysPerUser: 5")
	w.must(second(c.DeleteSSHPublicKey(ctx, &iam.DeleteSSHPublicKeyInput{UserName: bob, SSHPublicKeyId: id})))
	_, err = c.GetSSHPublicKey(ctx, &iam.GetSSHPublicKeyInput{UserName: bob, SSHPublicKeyId: id, Encoding: types.EncodingTypePem})
	w.check("deleted", err, "NoSuchEntity: The Public Key with id "+*id+" cannot be found.")
}

func TestServiceSpecificCredentials(t *testing.T) {
	w := newWorld(t)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	w.must(second(c.CreateUser(ctx, &iam.CreateUserInput{UserName: bob})))
	create := func(service string, days *int32) (*types.ServiceSpecificCredential, error) {
		out, err := c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: bob, ServiceName: &service, CredentialAgeDays: days})
		if err != nil {
			return nil, err
		}
		return out.ServiceSpecificCredential, nil
	}
	_, err := create("s3.amazonaws.com", nil)
	w.check("another service", err, "NotSupportedService: No such service s3.amazonaws.com is supported for Service Specific Credentials")
	_, err = create("codecommit.amazonaws.com", aws.Int32(3))
	w.check("days of a password", err, "ValidationError: CredentialAgeDays 3 is not valid for codecommit.amazonaws.com.")
	git, err := create("codecommit.amazonaws.com", nil)
	w.must(err)
	if *git.ServiceUserName != "bob-at-111122223333" || len(*git.ServicePassword) != 44 || git.Status != "Active" || !strings.HasPrefix(*git.ServiceSpecificCredentialId, "ACCA") {
		t.Errorf("codecommit: %+v", git)
	}
	again, err := create("codecommit.amazonaws.com", nil)
	w.must(err)
	if *again.ServiceUserName != "bob+1-at-111122223333" {
		t.Errorf("the second: %s", *again.ServiceUserName)
	}
	_, err = create("codecommit.amazonaws.com", nil)
	w.check("a third", err, "LimitExceeded: Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
	key, err := create("bedrock.amazonaws.com", aws.Int32(3))
	w.must(err)
	if *key.ServiceCredentialAlias != "bob-at-111122223333" || !strings.HasPrefix(*key.ServiceCredentialSecret, "ABSK") || key.ServicePassword != nil || !key.ExpirationDate.Equal(day(13)) {
		t.Errorf("bedrock: %+v", key)
	}
	reset, err := c.ResetServiceSpecificCredential(ctx, &iam.ResetServiceSpecificCredentialInput{UserName: bob, ServiceSpecificCredentialId: git.ServiceSpecificCredentialId})
	w.must(err)
	if r := reset.ServiceSpecificCredential; *r.ServicePassword == *git.ServicePassword || *r.ServiceUserName != *git.ServiceUserName {
		t.Errorf("ResetServiceSpecificCredential: %+v", r)
	}
	_, err = c.UpdateServiceSpecificCredential(ctx, &iam.UpdateServiceSpecificCredentialInput{UserName: bob, ServiceSpecificCredentialId: git.ServiceSpecificCredentialId, Status: types.StatusTypeInactive})
	w.must(err)
	w.now = day(14)
	for name, test := range map[string]struct {
		in   iam.ListServiceSpecificCredentialsInput
		want map[string]types.StatusType
	}{
		"of a user":     {iam.ListServiceSpecificCredentialsInput{UserName: bob}, map[string]types.StatusType{*git.ServiceSpecificCredentialId: "Inactive", *again.ServiceSpecificCredentialId: "Active", *key.ServiceSpecificCredentialId: "Expired"}},
		"of a service":  {iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true), ServiceName: aws.String("bedrock.amazonaws.com")}, map[string]types.StatusType{*key.ServiceSpecificCredentialId: "Expired"}},
		"of the caller": {iam.ListServiceSpecificCredentialsInput{}, map[string]types.StatusType{}},
	} {
		list, err := c.ListServiceSpecificCredentials(ctx, &test.in)
		w.must(err)
		if len(list.ServiceSpecificCredentials) != len(test.want) {
			t.Errorf("%s: %d", name, len(list.ServiceSpecificCredentials))
		}
		for _, l := range list.ServiceSpecificCredentials {
			if l.Status != test.want[*l.ServiceSpecificCredentialId] || *l.UserName != "bob" {
				t.Errorf("%s: %+v", name, l)
			}
		}
	}
	_, err = c.ListServiceSpecificCredentials(ctx, &iam.ListServiceSpecificCredentialsInput{AllUsers: aws.Bool(true), UserName: bob})
	w.check("both", err, "InvalidInput: UserName and AllUsers cannot be specified together.")
	_, err = c.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{ServiceSpecificCredentialId: git.ServiceSpecificCredentialId})
	w.check("as somebody else's", err, "NoSuchEntity: No such credential "+*git.ServiceSpecificCredentialId+" exists")
	for _, id := range []*string{git.ServiceSpecificCredentialId, again.ServiceSpecificCredentialId, key.ServiceSpecificCredentialId} {
		w.must(second(c.DeleteServiceSpecificCredential(ctx, &iam.DeleteServiceSpecificCredentialInput{UserName: bob, ServiceSpecificCredentialId: id})))
	}
	w.must(second(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: bob})))
}
