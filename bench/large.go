package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"
)

// largeSize is the size of the large object in bytes.
const largeSize = 1 << 30

// large puts and gets 1 GiB with a signed payload, and shows the server's peak memory.
func large(binary, dir string, _ time.Duration) error {
	data := filepath.Join(dir, "large")
	p, err := startXemu(binary, data)
	if err != nil {
		return err
	}
	defer p.stop()
	s, err := newSigner(data)
	if err != nil {
		return err
	}
	if err := s.once(http.MethodPut, p.url+"/large", nil); err != nil {
		return err
	}
	sum := sha256.New()
	begin := time.Now()
	io.Copy(sum, zeros())
	hash := hex.EncodeToString(sum.Sum(nil))
	hashing := time.Since(begin)

	r, err := http.NewRequest(http.MethodPut, p.url+"/large/object", zeros())
	if err != nil {
		return err
	}
	r.ContentLength = largeSize
	r.Header.Set("X-Amz-Content-Sha256", hash)
	if err := s.sign.SignHTTP(context.Background(), s.credentials, r, hash, "s3", "us-east-1", time.Now()); err != nil {
		return err
	}
	begin = time.Now()
	if err := s.do(r); err != nil {
		return err
	}
	put := time.Since(begin)
	if r, err = s.request(http.MethodGet, p.url+"/large/object", nil); err != nil {
		return err
	}
	begin = time.Now()
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil || n != largeSize {
		return fmt.Errorf("the large object came back with %d bytes: %v", n, err)
	}
	_, peak := p.memory()
	fmt.Printf("\nPUT 1 GiB, signed payload           %6.0f MB/s (SHA-256 alone: %.0f MB/s)\n", rate(put), rate(hashing))
	fmt.Printf("GET 1 GiB                           %6.0f MB/s\n", rate(time.Since(begin)))
	fmt.Printf("memory, peak of both                %6.1f MB\n", float64(peak)/1e6)
	return nil
}

func rate(d time.Duration) float64 { return largeSize / 1e6 / d.Seconds() }

// zeros reads largeSize zero bytes.
func zeros() io.Reader { return io.LimitReader(zeroReader{}, largeSize) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
