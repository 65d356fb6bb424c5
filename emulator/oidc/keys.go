// Package oidc is OpenID Connect as STS needs it: a [Verifier] checks ID tokens with the public keys of their issuers, and
// an [Issuer] signs tokens, for practice and for outbound identity federation.
package oidc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// Keys are the emulator's own signing keys: one of RSA and one of ECDSA. They are made when they are first needed, and kept
// in a file.
type Keys struct {
	load func() (*keyPair, error)
}

type keyPair struct {
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey
}

// NewKeys returns the keys of the file path, which write writes when there is none.
func NewKeys(path string, write func(path string, text []byte) error) *Keys {
	return &Keys{load: sync.OnceValues(func() (*keyPair, error) {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			if text, err = generate(); err == nil {
				err = write(path, text)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("signing keys: %w", err)
		}
		pair, err := readKeys(text)
		if err != nil {
			return nil, fmt.Errorf("signing keys in %s: %w", path, err)
		}
		return pair, nil
	})}
}

func generate() ([]byte, error) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, err
	}
	var text []byte
	for _, key := range []any{rsaKey, ecKey} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
	}
	return text, nil
}

func readKeys(text []byte) (*keyPair, error) {
	var pair keyPair
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		switch key := key.(type) {
		case *rsa.PrivateKey:
			pair.rsa = key
		case *ecdsa.PrivateKey:
			pair.ec = key
		}
	}
	if pair.rsa == nil || pair.ec == nil {
		return nil, errors.New("a key is missing: delete the file to have new ones made")
	}
	return &pair, nil
}

// RSA returns the RSA key.
func (k *Keys) RSA() (*rsa.PrivateKey, error) {
	pair, err := k.load()
	if err != nil {
		return nil, err
	}
	return pair.rsa, nil
}

// public returns the public keys as a JSON Web Key Set (RFC 7517).
func (k *Keys) public() (jose.JSONWebKeySet, error) {
	pair, err := k.load()
	if err != nil {
		return jose.JSONWebKeySet{}, err
	}
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: pair.rsa.Public(), KeyID: keyID(pair.rsa.Public()), Algorithm: string(jose.RS256), Use: "sig"},
		{Key: pair.ec.Public(), KeyID: keyID(pair.ec.Public()), Algorithm: string(jose.ES384), Use: "sig"},
	}}, nil
}

// signer returns what signs with an algorithm, RS256 or ES384.
func (k *Keys) signer(algorithm jose.SignatureAlgorithm) (jose.Signer, error) {
	pair, err := k.load()
	if err != nil {
		return nil, err
	}
	var key crypto.Signer = pair.rsa
	if algorithm == jose.ES384 {
		key = pair.ec
	}
	signing := jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: keyID(key.Public())}}
	return jose.NewSigner(signing, (&jose.SignerOptions{}).WithType("JWT"))
}

// keyID is the thumbprint of a key (RFC 7638).
func keyID(public crypto.PublicKey) string {
	sum, _ := (&jose.JSONWebKey{Key: public}).Thumbprint(crypto.SHA256) // of these kinds of keys it never fails
	return base64.RawURLEncoding.EncodeToString(sum)
}
