package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// requests compares small GETs and PUTs, signed and authorized, with the bare server's. The client is the same on both
// sides and sends a request that was signed once, so that what is compared is the servers.
func requests(binary, dir string, duration time.Duration) error {
	data := filepath.Join(dir, "requests")
	xemu, err := startXemu(binary, data)
	if err != nil {
		return err
	}
	defer xemu.stop()
	files := filepath.Join(dir, "bare")
	if err := os.Mkdir(files, 0o700); err != nil {
		return err
	}
	bare, err := startBare(files)
	if err != nil {
		return err
	}
	defer bare.stop()
	signer, err := newSigner(data)
	if err != nil {
		return err
	}
	if err := signer.once(http.MethodPut, xemu.url+"/bench", nil); err != nil {
		return err
	}
	body := bytes.Repeat([]byte("x"), 1<<10)
	if err := signer.once(http.MethodPut, xemu.url+"/bench/small", body); err != nil {
		return err
	}
	fmt.Println("\n                                      xemu/s    bare/s   ratio")
	for _, row := range []struct {
		name        string
		method      string
		body        []byte
		connections int
	}{
		{"GET 1 KiB, 8 connections", http.MethodGet, nil, 8},
		{"GET 1 KiB, 32 connections", http.MethodGet, nil, 32},
		{"PUT 1 KiB, 1 connection, durable", http.MethodPut, body, 1},
		{"PUT 1 KiB, 8 connections, durable", http.MethodPut, body, 8},
		{"PUT 1 KiB, 32 connections, durable", http.MethodPut, body, 32},
	} {
		ours, err := signer.load(row.method, xemu.url, row.body, row.connections, duration)
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		theirs, err := signer.load(row.method, bare.url, row.body, row.connections, duration)
		if err != nil {
			return fmt.Errorf("%s, bare: %w", row.name, err)
		}
		fmt.Printf("%-35s %9.0f %9.0f %6.2f\n", row.name, ours, theirs, ours/theirs)
	}
	return nil
}

// signer signs as production's administrator.
type signer struct {
	credentials aws.Credentials
	sign        *v4.Signer
	client      *http.Client
}

func newSigner(data string) (*signer, error) {
	c, err := config.LoadDefaultConfig(context.Background(),
		config.WithSharedConfigFiles([]string{filepath.Join(data, "aws", "config")}),
		config.WithSharedCredentialsFiles([]string{filepath.Join(data, "aws", "credentials")}),
		config.WithSharedConfigProfile("production"))
	if err != nil {
		return nil, err
	}
	credentials, err := c.Credentials.Retrieve(context.Background())
	return &signer{
		credentials: credentials,
		sign:        v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }),
		client:      &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}},
	}, err
}

func (s *signer) request(method, url string, body []byte) (*http.Request, error) {
	r, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	return r, s.sign.SignHTTP(context.Background(), s.credentials, r, hash, "s3", "us-east-1", time.Now())
}

func (s *signer) do(r *http.Request) error {
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	return err
}

func (s *signer) once(method, url string, body []byte) error {
	r, err := s.request(method, url, body)
	if err != nil {
		return err
	}
	return s.do(r)
}

// load returns the requests per second that a number of connections get answered.
func (s *signer) load(method, url string, body []byte, connections int, duration time.Duration) (float64, error) {
	var done atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, connections)
	begin := time.Now()
	for i := range connections {
		path := "/bench/small"
		if method == http.MethodPut {
			path = fmt.Sprintf("/bench/small-%d", i)
		}
		r, err := s.request(method, url+path, body)
		if err != nil {
			return 0, err
		}
		group.Go(func() {
			for time.Since(begin) < duration {
				again := r.Clone(r.Context())
				again.Body = io.NopCloser(bytes.NewReader(body))
				if err := s.do(again); err != nil {
					failures <- err
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return 0, err
	default:
		return float64(done.Load()) / time.Since(begin).Seconds(), nil
	}
}
