package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/store"
)

// listing measures a page of 1,000 keys, versions, uploads or common prefixes, from the middle of buckets of different sizes.
func listing(o options) error {
	sizes := []int{10_000, 100_000}
	if o.long {
		sizes[1] = 1_000_000
	}
	data := filepath.Join(o.dir, "listing")
	if err := fillBuckets(data, sizes); err != nil {
		return err
	}
	p, err := startXemu(o.binary, data)
	if err != nil {
		return err
	}
	defer p.stop()
	credentials, err := administrator(data)
	if err != nil {
		return err
	}
	client := newSigner(credentials)
	fmt.Printf("\n%-32s %9d %9d  ratio\n", "a page of 1,000, ms, of keys:", sizes[0], sizes[1])
	for _, query := range []struct{ name, text string }{
		{"keys", "list-type=2&start-after=%08d"},
		{"keys, version 1, with an owner", "marker=%08d"},
		{"keys and common prefixes", "list-type=2&delimiter=%%2F&start-after=%08d"},
		{"common prefixes", "list-type=2&delimiter=%%2F&prefix=by&start-after=by%08d%%2F"},
		{"one prefix of half of the keys", "list-type=2&delimiter=y0&prefix=b&start-after=%08d"},
		{"versions", "versions&key-marker=%08d"},
		{"versions, common prefixes", "versions&delimiter=%%2F&prefix=by&key-marker=by%08d%%2F"},
		{"uploads", "uploads&key-marker=%08d"},
		{"uploads, common prefixes", "uploads&delimiter=%%2F&prefix=by&key-marker=by%08d%%2F"},
	} {
		var urls [2]string
		for i, size := range sizes {
			urls[i] = fmt.Sprintf("%s/list-%d?"+query.text, p.url, size, size/4)
		}
		took, err := medians(client, urls)
		if err != nil {
			return err
		}
		fmt.Printf("%-32s %9.2f %9.2f %6.2f\n", query.name, took[0].Seconds()*1e3, took[1].Seconds()*1e3, float64(took[1])/float64(took[0]))
	}
	return nil
}

// medians are those of 101 GETs of each URL, in turns.
func medians(client *signer, urls [2]string) (middle [2]time.Duration, err error) {
	var all [2][]time.Duration
	for range 101 {
		for i, url := range urls {
			r, err := client.request(http.MethodGet, url, nil)
			if err != nil {
				return middle, err
			}
			begin := time.Now()
			if err := client.do(r); err != nil {
				return middle, err
			}
			all[i] = append(all[i], time.Since(begin))
		}
	}
	for i := range all {
		slices.Sort(all[i])
		middle[i] = all[i][len(all[i])/2]
	}
	return middle, nil
}

// fillBuckets makes a bucket of each size, half of whose keys are plain and half under a prefix of their own, with an upload
// of each. The requests reach the server inside this process, which writes without fsync.
func fillBuckets(data string, sizes []int) error {
	server, err := emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: data, Durability: store.Relaxed})
	if err != nil {
		return err
	}
	defer server.Close()
	credentials, err := administrator(data)
	if err != nil {
		return err
	}
	client := newSigner(credentials)
	client.client.Transport = inProcess{server}
	for _, size := range sizes {
		bucket := fmt.Sprintf("%s/list-%d", server.URL, size)
		if err := client.once(http.MethodPut, bucket, nil); err != nil {
			return err
		}
		if err := fill(client, bucket, size); err != nil {
			return err
		}
	}
	return nil
}

func fill(client *signer, bucket string, size int) error {
	const workers = 64
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make(chan error, workers)
	for range workers {
		group.Go(func() {
			for n := next.Add(1) - 1; n < int64(size); n = next.Add(1) - 1 {
				key := fmt.Sprintf("/%08d", n/2)
				if n%2 == 1 {
					key = fmt.Sprintf("/by%08d/key", n/2)
				}
				if err := client.once(http.MethodPut, bucket+key, nil); err != nil {
					failures <- err
					return
				}
				if err := client.once(http.MethodPost, bucket+key+"?uploads", nil); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

// inProcess is a transport without a network.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI, r.RemoteAddr, r.Host = r.URL.RequestURI(), "127.0.0.1:1", r.URL.Host
	if r.ContentLength == 0 {
		r.Header.Set("Content-Length", "0")
	}
	w := httptest.NewRecorder()
	t.handler.ServeHTTP(w, r)
	return w.Result(), nil
}
