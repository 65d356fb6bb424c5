package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// signer is a client that signs.
type signer struct {
	credentials aws.Credentials
	sign        *v4.Signer
	client      *http.Client
}

func newSigner(credentials aws.Credentials) *signer {
	return &signer{
		credentials: credentials,
		sign:        v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }),
		client:      &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}},
	}
}

// administrator returns the keys of production's administrator in a data directory.
func administrator(data string) (aws.Credentials, error) {
	c, err := config.LoadDefaultConfig(context.Background(),
		config.WithSharedConfigFiles([]string{filepath.Join(data, "aws", "config")}),
		config.WithSharedCredentialsFiles([]string{filepath.Join(data, "aws", "credentials")}),
		config.WithSharedConfigProfile("production"))
	if err != nil {
		return aws.Credentials{}, err
	}
	return c.Credentials.Retrieve(context.Background())
}

// request makes a request with a signed payload.
func (s *signer) request(method, url string, body []byte) (*http.Request, error) {
	r, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return r, s.signed(r, hashOf(body))
}

func (s *signer) signed(r *http.Request, hash string) error {
	r.Header.Set("X-Amz-Content-Sha256", hash)
	return s.signedFor(r, hash, "s3")
}

func (s *signer) signedFor(r *http.Request, hash, service string) error {
	return s.sign.SignHTTP(context.Background(), s.credentials, r, hash, service, "us-east-1", time.Now())
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// do sends a request and reads the answer, which is an error unless it is a success.
func (s *signer) do(r *http.Request) error {
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("%s %s: %s: %s", r.Method, r.URL, answer.Status, text)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func (s *signer) once(method, url string, body []byte) error {
	r, err := s.request(method, url, body)
	if err != nil {
		return err
	}
	return s.do(r)
}
