package sts

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// A security token is the session itself: prefix, then base64 of a nonce and of the sealed (AES-256-GCM) form of the
// session as compressed JSON. The access key id is authenticated with it, so that a token goes with one key only, and the
// secret is derived from both. The server keeps nothing but the key.
const tokenPrefix = "IQoJb3JpZ2luX2Vj" // AWS's tokens begin so

// maxTokenSize is STS's limit for a session token, in bytes (AssumeRole, MinimumSessionTokenSize).
const maxTokenSize = 4096

// sealed is what a token carries.
type sealed struct {
	Principal authz.Principal
	Session   wire.Session
}

// Issue makes temporary credentials for p, with the session that they bring along. session.Issued and Expires are cut to
// seconds.
func (s *Service) Issue(ctx context.Context, p authz.Principal, session wire.Session) (*types.Credentials, error) {
	return s.sealer.issue(ctx, p, session, 0)
}

// Open reads the security token that came along with a temporary access key id, and returns the key's secret and the
// caller with its session, which is shared and not to be changed. Errors: InvalidClientTokenId when the token is not one
// of ours or not this key's, ExpiredToken when now is past its end.
func (s *Service) Open(token, accessKeyID string, now time.Time) (secret string, caller wire.Caller, err error) {
	o, err := s.sealer.open(context.Background(), token, accessKeyID)
	if err != nil {
		return "", wire.Caller{}, err
	}
	if !now.Before(o.caller.Session.Expires) {
		return "", wire.Caller{}, awserr.ExpiredToken.Errorf("The security token included in the request is expired")
	}
	return o.secret, o.caller, nil
}

// sealer makes and opens security tokens.
type sealer struct {
	store *store.Store
	keys  atomic.Pointer[keys]
	// opened holds the tokens opened lately, each in the slot of its hash: bounded, and without a lock.
	opened [1024]atomic.Pointer[opened]
}

// opened is a token that has been opened.
type opened struct {
	keys               *keys // that opened it: another key, as after a reset, opens it no more
	token, accessKeyID string
	secret             string
	caller             wire.Caller
}

// keys are made of the 32 random bytes in the store.
type keys struct {
	root    [32]byte
	sealing cipher.AEAD
	secrets []byte // HMAC key for deriving secret access keys
}

const (
	space   = "sts"
	rootKey = "sealing key"
)

func newKeys(root []byte) (*keys, error) {
	block, err := aes.NewCipher(mac(root, "token"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	k := &keys{sealing: aead, secrets: mac(root, "secret")}
	copy(k.root[:], root)
	return k, nil
}

func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// current returns the keys that are in the store now, nil if there are none. It asks the store each time, because a reset
// of the world takes the key away.
func (s *sealer) current(ctx context.Context) (*keys, error) {
	k := s.keys.Load()
	var root []byte
	err := s.store.View(ctx, func(tx *store.Tx) error {
		stored := tx.Get(space, rootKey)
		if k == nil || !bytes.Equal(stored, k.root[:]) {
			k, root = nil, bytes.Clone(stored)
		}
		return nil
	})
	if err != nil || k != nil || root == nil {
		return k, err
	}
	if k, err = newKeys(root); err == nil {
		s.keys.Store(k)
	}
	return k, err
}

// create returns the keys, made at the first use.
func (s *sealer) create(ctx context.Context) (*keys, error) {
	if k, err := s.current(ctx); k != nil || err != nil {
		return k, err
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if tx.Get(space, rootKey) != nil {
			return nil
		}
		var root [32]byte
		rand.Read(root[:])
		return tx.Put(space, rootKey, root[:])
	})
	if err != nil {
		return nil, err
	}
	k, err := s.current(ctx)
	if k == nil && err == nil {
		return nil, fmt.Errorf("sts: the sealing key was removed while it was made")
	}
	return k, err
}

// issue makes credentials whose token is at least size bytes long.
func (s *sealer) issue(ctx context.Context, p authz.Principal, session wire.Session, size int) (*types.Credentials, error) {
	session.Issued, session.Expires = session.Issued.UTC().Truncate(time.Second), session.Expires.UTC().Truncate(time.Second)
	k, err := s.create(ctx)
	if err != nil {
		return nil, err
	}
	plain, err := pack(sealed{p, session})
	if err != nil {
		return nil, err
	}
	if missing := size - len(tokenPrefix) - tokenEncoding.EncodedLen(k.sealing.NonceSize()+len(plain)+k.sealing.Overhead()); missing > 0 {
		plain = append(plain, make([]byte, missing)...) // after the compressed data's end, where unpack stops
	}
	accessKeyID := ids.NewAccessKeyID(ids.SessionKey, p.Account)
	nonce := make([]byte, k.sealing.NonceSize())
	rand.Read(nonce)
	token := tokenPrefix + tokenEncoding.EncodeToString(k.sealing.Seal(nonce, nonce, plain, []byte(accessKeyID)))
	secret := k.secret(accessKeyID, token)
	return &types.Credentials{
		AccessKeyId: &accessKeyID, SecretAccessKey: &secret, SessionToken: &token, Expiration: &session.Expires,
	}, nil
}

var tokenEncoding = base64.RawURLEncoding.Strict()

// secret derives a secret access key of 40 characters, as AWS's have.
func (k *keys) secret(accessKeyID, token string) string {
	return base64.StdEncoding.EncodeToString(mac(k.secrets, accessKeyID, token)[:30])
}

var seed = maphash.MakeSeed()

func (s *sealer) open(ctx context.Context, token, accessKeyID string) (*opened, error) {
	k, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, errInvalidToken()
	}
	slot := &s.opened[maphash.String(seed, token)%uint64(len(s.opened))]
	if o := slot.Load(); o != nil && o.keys == k && o.token == token && o.accessKeyID == accessKeyID {
		return o, nil
	}
	content, err := k.unseal(token, accessKeyID)
	if err != nil {
		return nil, errInvalidToken()
	}
	o := &opened{
		keys: k, token: token, accessKeyID: accessKeyID, secret: k.secret(accessKeyID, token),
		caller: wire.Caller{Principal: content.Principal, AccessKeyID: accessKeyID, Session: &content.Session},
	}
	slot.Store(o)
	return o, nil
}

func (k *keys) unseal(token, accessKeyID string) (*sealed, error) {
	encoded, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || strings.ContainsAny(token, "\r\n") { // which base64 would skip
		return nil, fmt.Errorf("not a session token")
	}
	data, err := tokenEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	if len(data) < k.sealing.NonceSize() {
		return nil, fmt.Errorf("token too short")
	}
	nonce, data := data[:k.sealing.NonceSize()], data[k.sealing.NonceSize():]
	plain, err := k.sealing.Open(nil, nonce, data, []byte(accessKeyID))
	if err != nil {
		return nil, err
	}
	return unpack(plain)
}

// typical is what the sessions' JSON has in common; the compressor refers to it instead of repeating it.
var typical = []byte(`{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Deny","Action":["s3:ListBucket","s3:PutObject"],` +
	`"Resource":["arn:aws:s3:::"]},{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::*","Condition":{"StringEquals":{` +
	`arn:aws:iam::aws:policy/ ` +
	`{"Principal":{"Type":"AssumedRole","Account":"111122223333","ARN":"arn:aws:sts::111122223333:assumed-role/",` +
	`"ID":"AROA","Name":"","RoleARN":"arn:aws:iam::111122223333:role/","RoleID":"AROA","IssuerARN":"","Service":"","Federated":""},` +
	`"Session":{"Issued":"2026-01-01T00:00:00Z","Expires":"2026-01-01T00:00:00Z","Policy":"","PolicyARNs":null,"Tags":null,` +
	`"TransitiveTagKeys":null,"SourceIdentity":"","MFAAuthenticated":false,"MFATime":"0001-01-01T00:00:00Z","Chained":false,"Console":false}}`)

func pack(content any) ([]byte, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	return compress(text), nil
}

// compress deflates text against the typical session.
func compress(text []byte) []byte {
	w := compressors.Get().(*flate.Writer)
	defer compressors.Put(w)
	var out bytes.Buffer
	w.Reset(&out) // keeps the dictionary
	w.Write(text) // a bytes.Buffer takes everything
	w.Close()
	return out.Bytes()
}

// compressors are kept, since one takes longer to make than to use.
var compressors = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(nil, flate.BestCompression, typical)
	if err != nil {
		panic(err) // only a wrong level is an error
	}
	return w
}}

func unpack(plain []byte) (*sealed, error) {
	var content sealed
	err := json.NewDecoder(flate.NewReaderDict(bytes.NewReader(plain), typical)).Decode(&content)
	return &content, err
}
