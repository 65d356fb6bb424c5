package emulator_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

// slowly is a world whose server has little patience, with a bucket.
func slowly(t *testing.T, patience time.Duration) (*xemutest.Emulator, *s3.Client, *admin.Client) {
	t.Helper()
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir, c.Patience = dir, patience }))
	log, err := admin.NewClient(dir)
	must(t, err)
	client := s3Client(x.Account("production").Admin())
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("slow")})
	must(t, err)
	return x, client, log
}

// dial sends the head of a signed request whose body has size bytes.
func dial(t *testing.T, x *xemutest.Emulator, method, path string, size int) (net.Conn, *http.Request) {
	t.Helper()
	r, err := http.NewRequest(method, x.URL+path, nil)
	must(t, err)
	r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	admin := x.Account("production").Admin()
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	must(t, signer.SignHTTP(ctx, aws.Credentials{AccessKeyID: admin.AccessKeyID, SecretAccessKey: admin.SecretKey}, r, "UNSIGNED-PAYLOAD", "s3", "us-east-1", time.Now()))
	conn, err := net.Dial("tcp", strings.TrimPrefix(x.URL, "http://"))
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", method, path, r.Host, size)
	must(t, r.Header.Write(conn))
	fmt.Fprint(conn, "\r\n")
	return conn, r
}

// A client that stops in a body, or sends a byte now and then, is answered RequestTimeout, and its connection is closed.
func TestSlowBody(t *testing.T) {
	x, client, _ := slowly(t, 100*time.Millisecond)
	must(t, put(t, client, "slow", "kept", "before"))
	for _, size := range []int{100, 1 << 20} {
		for name, send := range map[string]func(net.Conn) error{
			"nothing": func(net.Conn) error { return nil },
			"a half": func(c net.Conn) error {
				_, err := c.Write(make([]byte, size/2))
				return err
			},
			"drops": func(c net.Conn) error {
				go func() { // until the connection is closed
					for err := error(nil); err == nil; _, err = c.Write([]byte("x")) {
						time.Sleep(5 * time.Millisecond)
					}
				}()
				return nil
			},
		} {
			conn, r := dial(t, x, http.MethodPut, "/slow/kept", size)
			must(t, send(conn))
			resp, err := http.ReadResponse(bufio.NewReader(conn), r)
			if err != nil {
				t.Fatalf("%s of %d bytes: %v", name, size, err)
			}
			text, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != 400 || !bytes.Contains(text, []byte("<Code>RequestTimeout</Code>")) || !resp.Close {
				t.Errorf("%s of %d bytes: %d %s", name, size, resp.StatusCode, text)
			}
		}
	}
	if text, err := get(t, client, "slow", "kept"); err != nil || text != "before" {
		t.Errorf("the object is %q: %v", text, err)
	}
}

// Who keeps sending and taking is waited for, however long all of it takes.
func TestSteadyClient(t *testing.T) {
	const patience = time.Second
	x, _, _ := slowly(t, patience)
	body := bytes.Repeat([]byte("0123456789abcdef"), 20<<10)
	conn, r := dial(t, x, http.MethodPut, "/slow/steady", len(body))
	begin := time.Now()
	for i := 0; i < len(body); i += 32 << 10 {
		conn.Write(body[i : i+32<<10])
		time.Sleep(patience / 8)
	}
	if time.Since(begin) < patience {
		t.Fatal("not slow")
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), r)
	must(t, err)
	if resp.StatusCode != 200 {
		t.Errorf("PUT: %s", resp.Status)
	}
}

// Who takes no more of an answer does not hold the request for ever: it ends, and the answer is cut.
func TestSlowReader(t *testing.T) {
	const size = 64 << 20 // more than the buffers of a connection hold
	x, client, log := slowly(t, 300*time.Millisecond)
	must(t, put(t, client, "slow", "large", strings.Repeat("x", size)))
	conn, r := dial(t, x, http.MethodGet, "/slow/large", 0)
	resp, err := http.ReadResponse(bufio.NewReader(conn), r)
	must(t, err)
	ended := func() bool { // an event is written when its request has ended
		return log.Call("GET", "/_xemu/explain/"+resp.Header.Get("X-Amz-Request-Id"), nil, nil) == nil
	}
	for deadline := time.Now().Add(20 * time.Second); !ended(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request goes on")
		}
	}
	if n, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Errorf("%d bytes came of %d, and no error", n, size)
	}
	// Another reader, who is slower than that in all but does not stop, gets everything.
	conn, r = dial(t, x, http.MethodGet, "/slow/large", 0)
	resp, err = http.ReadResponse(bufio.NewReader(conn), r)
	must(t, err)
	sum, piece := sha256.New(), make([]byte, 2<<20)
	for n := 0; err == nil; time.Sleep(10 * time.Millisecond) {
		n, err = io.ReadFull(resp.Body, piece)
		sum.Write(piece[:n])
	}
	if want := sha256.Sum256(bytes.Repeat([]byte("x"), size)); hex.EncodeToString(sum.Sum(nil)) != hex.EncodeToString(want[:]) {
		t.Errorf("the answer is not whole: %v", err)
	}
}
