package iam

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"math/big"
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

var sshKeyOps = wire.Ops(
	wire.Op((*Service).UploadSSHPublicKey, on(aUser, "UserName")),
	wire.Op((*Service).GetSSHPublicKey, on(aUser, "UserName")),
	wire.Op((*Service).ListSSHPublicKeys, on(aUser, "UserName")),
	wire.Op((*Service).UpdateSSHPublicKey, on(aUser, "UserName")),
	wire.Op((*Service).DeleteSSHPublicKey, on(aUser, "UserName")),
)

// sshKey is an SSH public key of a user, for CodeCommit.
type sshKey struct {
	ID, UserID string
	Blob       []byte // in the wire format of SSH (RFC 4253, section 6.6)
	Active     bool
	Uploaded   time.Time
}

var sshKeys = store.NewTable("iam.sshkey", func(k *sshKey) string { return store.Key(k.UserID, k.ID) })

const (
	// maxSSHKeys is the number of SSH public keys of a user ("IAM and AWS STS quotas").
	maxSSHKeys = 5
	// sshRSA is the one kind of key that IAM takes, and sshBits the shortest (UploadSSHPublicKey, IAM API Reference).
	sshRSA  = "ssh-rsa"
	sshBits = 2048
)

// parseSSHKey reads a public key in the form of authorized_keys or as PEM, and returns it in the wire format of SSH.
func parseSSHKey(text string) ([]byte, error) {
	var key *rsa.PublicKey
	if block, _ := pem.Decode([]byte(text)); block != nil {
		key = pemKey(block)
	} else {
		fields := strings.Fields(text)
		if len(fields) < 2 || fields[0] != sshRSA {
			return nil, awserr.UnrecognizedPublicKeyEncoding.Errorf("Public key encoding is not recognized.")
		}
		blob, err := base64.StdEncoding.DecodeString(fields[1])
		if err != nil {
			return nil, invalidPublicKey()
		}
		key = sshPublicKey(blob)
	}
	if key == nil || key.N.BitLen() < sshBits || key.E < 3 {
		return nil, invalidPublicKey()
	}
	return sshBlob(key), nil
}

func invalidPublicKey() error {
	return awserr.InvalidPublicKey.Errorf("The public key is invalid: it must be an RSA key of at least %d bits.", sshBits)
}

// pemKey returns the RSA key of a PEM block, nil when it has none.
func pemKey(block *pem.Block) *rsa.PublicKey {
	if key, err := x509.ParsePKCS1PublicKey(block.Bytes); err == nil {
		return key
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, ok := parsed.(*rsa.PublicKey)
	if err != nil || !ok {
		return nil
	}
	return key
}

// sshPublicKey reads the wire format: the strings "ssh-rsa", e and n, each after its length. It returns nil for all else.
func sshPublicKey(blob []byte) *rsa.PublicKey {
	var fields [3][]byte
	for i := range fields {
		if len(blob) < 4 || uint64(len(blob)-4) < uint64(binary.BigEndian.Uint32(blob)) {
			return nil
		}
		n := binary.BigEndian.Uint32(blob)
		fields[i], blob = blob[4:4+n], blob[4+n:]
	}
	e, n := new(big.Int).SetBytes(fields[1]), new(big.Int).SetBytes(fields[2])
	if len(blob) > 0 || string(fields[0]) != sshRSA || e.BitLen() > 31 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

func sshBlob(key *rsa.PublicKey) []byte {
	var out []byte
	for _, field := range [][]byte{[]byte(sshRSA), mpint(big.NewInt(int64(key.E))), mpint(key.N)} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(field)))
		out = append(out, field...)
	}
	return out
}

// mpint has a zero byte before a first bit that would be a sign.
func mpint(n *big.Int) []byte {
	return append(make([]byte, 1-min(1, n.BitLen()%8)), n.Bytes()...)
}

// fingerprint is the MD5 of the key as SSH has it, in pairs of digits.
func (k *sshKey) fingerprint() string {
	sum := md5.Sum(k.Blob)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = hex.EncodeToString([]byte{b})
	}
	return strings.Join(pairs, ":")
}

// body is the key as text.
func (k *sshKey) body(encoding types.EncodingType) (string, error) {
	if encoding == types.EncodingTypeSsh {
		return sshRSA + " " + base64.StdEncoding.EncodeToString(k.Blob), nil
	}
	der, err := x509.MarshalPKIXPublicKey(sshPublicKey(k.Blob))
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
}

func (k *sshKey) describe(user, body string) *types.SSHPublicKey {
	return &types.SSHPublicKey{
		Fingerprint: aws.String(k.fingerprint()), SSHPublicKeyBody: &body, SSHPublicKeyId: &k.ID, Status: status(k.Active),
		UserName: &user, UploadDate: &k.Uploaded,
	}
}

// UploadSSHPublicKey keeps a public key of a user.
func (s *Service) UploadSSHPublicKey(ctx context.Context, in *iam.UploadSSHPublicKeyInput) (*iam.UploadSSHPublicKeyOutput, error) {
	blob, err := parseSSHKey(aws.ToString(in.SSHPublicKeyBody))
	if err != nil {
		return nil, err
	}
	out := &iam.UploadSSHPublicKeyOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		u, err := userNamed(tx, callerAccount(ctx), aws.ToString(in.UserName))
		if err != nil {
			return err
		}
		have, err := collect(sshKeys.Scan(tx, store.Key(u.ID), ""))
		if err != nil {
			return err
		}
		for _, k := range have {
			if bytes.Equal(k.Blob, blob) {
				return awserr.DuplicateSSHPublicKey.Errorf("SSH public key already exists.")
			}
		}
		if len(have) >= maxSSHKeys {
			return quotaExceeded("SSHPublicKeysPerUser", maxSSHKeys)
		}
		k := sshKey{ID: ids.New(ids.PublicKey), UserID: u.ID, Blob: blob, Active: true, Uploaded: tx.Now}
		body, err := k.body(types.EncodingTypeSsh)
		if err != nil {
			return err
		}
		out.SSHPublicKey = k.describe(u.Name, body)
		return sshKeys.Put(tx, &k)
	})
	return answer(out, err)
}

// sshKeyOf returns the user and its key of that id.
func sshKeyOf(ctx context.Context, tx *store.Tx, userName, id *string) (u user, k sshKey, err error) {
	if u, err = userNamed(tx, callerAccount(ctx), aws.ToString(userName)); err != nil {
		return u, k, err
	}
	k, ok, err := sshKeys.Get(tx, store.Key(u.ID, aws.ToString(id)))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("The Public Key with id %s cannot be found.", aws.ToString(id))
	}
	return u, k, err
}

// GetSSHPublicKey returns a key of a user, in the encoding asked for.
func (s *Service) GetSSHPublicKey(ctx context.Context, in *iam.GetSSHPublicKeyInput) (*iam.GetSSHPublicKeyOutput, error) {
	out := &iam.GetSSHPublicKeyOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		u, k, err := sshKeyOf(ctx, tx, in.UserName, in.SSHPublicKeyId)
		if err != nil {
			return err
		}
		body, err := k.body(in.Encoding)
		out.SSHPublicKey = k.describe(u.Name, body)
		return err
	})
	return answer(out, err)
}

// ListSSHPublicKeys returns the keys of a user, of the caller when none is named.
func (s *Service) ListSSHPublicKeys(ctx context.Context, in *iam.ListSSHPublicKeysInput) (*iam.ListSSHPublicKeysOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListSSHPublicKeysOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		all, err := collect(sshKeys.Scan(tx, store.Key(who.id()), ""))
		if err != nil {
			return err
		}
		found, marker, err := sorted(p, all, func(k sshKey) string { return k.ID })
		out.Marker, out.IsTruncated = marker, marker != nil
		out.SSHPublicKeys = convert(found, func(k *sshKey) types.SSHPublicKeyMetadata {
			return types.SSHPublicKeyMetadata{
				SSHPublicKeyId: &k.ID, Status: status(k.Active), UploadDate: &k.Uploaded, UserName: aws.String(who.user.Name),
			}
		})
		return err
	})
	return answer(out, err)
}

// UpdateSSHPublicKey activates or deactivates a key.
func (s *Service) UpdateSSHPublicKey(ctx context.Context, in *iam.UpdateSSHPublicKeyInput) (*iam.UpdateSSHPublicKeyOutput, error) {
	active, err := activates(in.Status)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		_, k, err := sshKeyOf(ctx, tx, in.UserName, in.SSHPublicKeyId)
		if err != nil {
			return err
		}
		k.Active = active
		return sshKeys.Put(tx, &k)
	})
	return answer(&iam.UpdateSSHPublicKeyOutput{}, err)
}

// DeleteSSHPublicKey deletes a key.
func (s *Service) DeleteSSHPublicKey(ctx context.Context, in *iam.DeleteSSHPublicKeyInput) (*iam.DeleteSSHPublicKeyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		u, k, err := sshKeyOf(ctx, tx, in.UserName, in.SSHPublicKeyId)
		if err != nil {
			return err
		}
		return sshKeys.Delete(tx, store.Key(u.ID, k.ID))
	})
	return answer(&iam.DeleteSSHPublicKeyOutput{}, err)
}
