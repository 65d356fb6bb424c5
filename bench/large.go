package main

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// largeSize is the size of the large object in bytes.
const largeSize = 1 << 30

// large puts and gets 1 GiB with a signed payload, beside what hashing allows and what net/http does with a file, and
// shows the server's peak memory.
func large(o options) error {
	data, files := filepath.Join(o.dir, "large"), filepath.Join(o.dir, "files")
	p, err := startXemu(o.binary, data)
	if err != nil {
		return err
	}
	defer p.stop()
	if err := os.Mkdir(files, 0o700); err != nil {
		return err
	}
	bare, err := startBare(files)
	if err != nil {
		return err
	}
	defer bare.stop()
	credentials, err := administrator(data)
	if err != nil {
		return err
	}
	client := newSigner(credentials)
	if err := client.once(http.MethodPut, p.url+"/large", nil); err != nil {
		return err
	}
	var hashing, put, get, file time.Duration
	for range 3 { // in turns, the best counts: the machine may do other things too
		took, sum := hashBoth()
		best(&hashing, took, nil)
		if took, err = putLarge(client, p.url+"/large/object", sum); best(&put, took, err) != nil {
			return err
		}
		if _, err = putLarge(client, bare.url+"/large/file", sum); err != nil {
			return err
		}
		if took, err = getLarge(client, p.url+"/large/object"); best(&get, took, err) != nil {
			return err
		}
		if took, err = getLarge(client, bare.url+"/large/file"); best(&file, took, err) != nil {
			return err
		}
	}
	_, peak := p.memory()
	fmt.Printf("\nPUT 1 GiB, signed payload           %6.0f MB/s, %.2f of MD5 and SHA-256 side by side (%.0f MB/s)\n", rate(put), float64(hashing)/float64(put), rate(hashing))
	fmt.Printf("GET 1 GiB                           %6.0f MB/s, %.2f of net/http serving a file (%.0f MB/s)\n", rate(get), float64(file)/float64(get), rate(file))
	fmt.Printf("memory, peak of both                %6.1f MB\n", float64(peak)/1e6)
	return nil
}

// best keeps the least time in so far, unless there was an error, which it returns.
func best(soFar *time.Duration, took time.Duration, err error) error {
	if err == nil && (*soFar == 0 || took < *soFar) {
		*soFar = took
	}
	return err
}

func rate(d time.Duration) float64 { return largeSize / 1e6 / d.Seconds() }

// hashBoth returns how long MD5 and SHA-256 take side by side, and the SHA-256 of the large object.
func hashBoth() (took time.Duration, sum string) {
	begin := time.Now()
	hashes := []hash.Hash{md5.New(), sha256.New()}
	var group sync.WaitGroup
	for _, h := range hashes {
		group.Go(func() { io.Copy(h, zeros()) })
	}
	group.Wait()
	return time.Since(begin), hex.EncodeToString(hashes[1].Sum(nil))
}

func putLarge(client *signer, url, sum string) (time.Duration, error) {
	r, err := http.NewRequest(http.MethodPut, url, zeros())
	if err != nil {
		return 0, err
	}
	r.ContentLength = largeSize
	if err := client.signed(r, sum); err != nil {
		return 0, err
	}
	begin := time.Now()
	err = client.do(r)
	return time.Since(begin), err
}

func getLarge(client *signer, url string) (time.Duration, error) {
	r, err := client.request(http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	answer, err := client.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil || n != largeSize {
		return 0, fmt.Errorf("%s came back with %d bytes: %v", url, n, err)
	}
	return time.Since(begin), nil
}

// zeros reads largeSize zero bytes.
func zeros() io.Reader { return io.LimitReader(zeroReader{}, largeSize) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
