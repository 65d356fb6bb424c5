package oidc

import (
	"context"
	"crypto/sha1" //nolint:gosec // thumbprints are SHA-1
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// errUnreachable is the error of an issuer that does not answer, errNoKeys of one that answers without its keys.
var (
	errUnreachable = errors.New("the issuer cannot be reached")
	errNoKeys      = errors.New("the issuer's keys cannot be read")
	errThumbprint  = errors.New("the issuer's certificate is not one of the thumbprints")
)

// keySet returns the public keys of an issuer: those that were given for it; those that it serves itself, if it is on this
// machine; and otherwise the emulator's own, whose [Issuer] stands for every issuer elsewhere. Nothing leaves the machine.
func (v *Verifier) keySet(ctx context.Context, issuer string, thumbprints []string) (jose.JSONWebKeySet, error) {
	if given, ok := (*v.given.Load())[Name(issuer)]; ok {
		return given, nil
	}
	u, err := url.Parse(issuer)
	if err != nil || !onThisMachine(u.Hostname()) || Name(issuer) == Name(v.issuer.URL) {
		return v.issuer.Keys.public()
	}
	return fetch(ctx, issuer, thumbprints)
}

// Name is the name of an issuer's provider in IAM: its URL without the scheme.
func Name(issuer string) string {
	if _, name, ok := strings.Cut(issuer, "://"); ok {
		return name
	}
	return issuer
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fetch reads an issuer's keys where its discovery document says they are.
func fetch(ctx context.Context, issuer string, thumbprints []string) (jose.JSONWebKeySet, error) {
	client := localClient(thumbprints)
	defer client.CloseIdleConnections()
	var d Discovery
	if err := get(ctx, client, strings.TrimSuffix(issuer, "/")+discoveryPath, &d); err != nil {
		return jose.JSONWebKeySet{}, err
	}
	if Name(d.Issuer) != Name(issuer) {
		return jose.JSONWebKeySet{}, errNoKeys
	}
	var set jose.JSONWebKeySet
	err := get(ctx, client, d.JWKSURI, &set)
	return set, err
}

const (
	fetchTimeout = 5 * time.Second
	maxDocument  = 1 << 20
)

// localClient is an HTTP client that connects to this machine alone. A certificate that the system does not trust is good if
// it, or one that it was signed with, has one of the thumbprints ("Obtain the thumbprint for an OpenID Connect identity
// provider", IAM User Guide).
func localClient(thumbprints []string) *http.Client {
	dialer := &net.Dialer{Timeout: fetchTimeout, Control: stayHere}
	return &http.Client{Timeout: fetchTimeout, Transport: &http.Transport{
		DialContext: dialer.DialContext,
		TLSClientConfig: &tls.Config{
			InsecureSkipVerify: true, // VerifyConnection verifies
			VerifyConnection:   func(c tls.ConnectionState) error { return verifyServer(c, thumbprints) },
		},
	}}
}

// stayHere refuses a connection to an address that is not this machine's.
func stayHere(_, address string, _ syscall.RawConn) error {
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not on this machine", address)
	}
	return nil
}

func verifyServer(c tls.ConnectionState, thumbprints []string) error {
	intermediates := x509.NewCertPool()
	for _, certificate := range c.PeerCertificates[1:] {
		intermediates.AddCert(certificate)
	}
	_, err := c.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: c.ServerName, Intermediates: intermediates})
	if err == nil {
		return nil
	}
	for _, certificate := range c.PeerCertificates {
		sum := sha1.Sum(certificate.Raw)
		for _, thumbprint := range thumbprints {
			if strings.EqualFold(thumbprint, hex.EncodeToString(sum[:])) {
				return nil
			}
		}
	}
	return errThumbprint
}

func get(ctx context.Context, client *http.Client, url string, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return errNoKeys
	}
	answer, err := client.Do(r)
	switch {
	case errors.Is(err, errThumbprint):
		return errThumbprint
	case err != nil:
		return errUnreachable
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxDocument))
	switch {
	case err != nil || answer.StatusCode >= 500:
		return errUnreachable
	case answer.StatusCode != http.StatusOK || json.Unmarshal(text, into) != nil:
		return errNoKeys
	}
	return nil
}
