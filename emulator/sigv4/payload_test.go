package sigv4_test

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
)

// withBody sends another body than the one that was signed.
func withBody(body string) edit {
	return func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		if body == "" {
			r.Body = http.NoBody
		}
	}
}

func md5Of(s string) string {
	sum := md5.Sum([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

var put = calls["S3 put"] // its body is "hello"

// A payload that is not the signed one is an error before the end of the body, with both hashes.
func TestPayloadHashMismatch(t *testing.T) {
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"with EOF": iotest.DataErrReader, "EOF alone": iotest.OneByteReader,
	} {
		t.Run(name, func(t *testing.T) {
			r := put.signed(t)
			r.Body = io.NopCloser(wrap(strings.NewReader("hellO")))
			if _, err := sigv4.Verify(r, options); err != nil {
				t.Fatal(err)
			}
			_, err := io.ReadAll(r.Body)
			e := awserr.From(err)
			if e.Code != "XAmzContentSHA256Mismatch" || e.Status != 400 || e.Message != "The provided 'x-amz-content-sha256' header does not match what was computed." ||
				len(e.Fields) != 2 || e.Fields[0] != (awserr.Field{Name: "ClientComputedContentSHA256", Value: hexSHA256("hello")}) ||
				e.Fields[1] != (awserr.Field{Name: "S3ComputedContentSHA256", Value: hexSHA256("hellO")}) {
				t.Errorf("%v %v", err, e.Fields)
			}
			if _, again := r.Body.Read(make([]byte, 1)); again != err {
				t.Errorf("the next Read: %v", again)
			}
		})
	}
}

// A body where none was signed, or none where one was, is a mismatch too.
func TestPayloadHashOfNoBody(t *testing.T) {
	r := put.signed(t)
	r.Body = http.NoBody
	if _, err := sigv4.Verify(r, options); !errors.Is(err, awserr.XAmzContentSHA256Mismatch) {
		t.Errorf("body left out: %v", err)
	}
	r = object.signed(t)
	withBody("more")(r)
	if _, err := sigv4.Verify(r, options); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r.Body); !errors.Is(err, awserr.XAmzContentSHA256Mismatch) {
		t.Errorf("body added: %v", err)
	}
}

func TestContentLength(t *testing.T) {
	for _, body := range []string{"hell", "hello!", ""} {
		r := put.signed(t)
		r.Body = io.NopCloser(strings.NewReader(body)) // of 5 bytes, it said
		if _, err := sigv4.Verify(r, options); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r.Body); !errors.Is(err, awserr.IncompleteBody) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestContentMD5(t *testing.T) {
	for name, test := range map[string]struct {
		md5, body string
		want      awserr.Kind
		fields    string
	}{
		"right":     {md5Of("hello"), "hello", awserr.Kind{}, ""},
		"wrong":     {md5Of("hellO"), "hello", awserr.BadDigest, "[{ExpectedDigest 06612c0d9c73d47a7042afd7024d7c82} {CalculatedDigest XUFAKrxLKna5cZ2REBfFkg==}]"},
		"no body":   {md5Of("hello"), "", awserr.BadDigest, "[{ExpectedDigest 5d41402abc4b2a76b9719d911017c592} {CalculatedDigest 1B2M2Y8AsgTpgAmY7PhCfg==}]"},
		"short":     {"XUFAKrxLKna5cZ2REBfF", "hello", awserr.InvalidDigest, "[{Content-MD5 XUFAKrxLKna5cZ2REBfF}]"},
		"hex":       {"5d41402abc4b2a76b9719d911017c592", "hello", awserr.InvalidDigest, "[{Content-MD5 5d41402abc4b2a76b9719d911017c592}]"},
		"not coded": {"?", "hello", awserr.InvalidDigest, "[{Content-MD5 ?}]"},
	} {
		for _, anonymous := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, anonymous %v", name, anonymous), func(t *testing.T) {
				c := put
				c.body, c.header = test.body, map[string]string{"Content-Md5": test.md5}
				r := c.signed(t)
				if anonymous {
					r.Header.Del("Authorization")
				}
				_, err := sigv4.Verify(r, options)
				if err == nil {
					_, err = io.ReadAll(r.Body)
				}
				if test.want.Code == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if e := awserr.From(err); !errors.Is(err, test.want) || fmt.Sprint(e.Fields) != test.fields {
					t.Errorf("%v %v", err, e.Fields)
				}
			})
		}
	}
}

func TestQueryBodyTooLarge(t *testing.T) {
	c := iamForm
	c.body = strings.Repeat("a", 1<<20)
	if _, err := sigv4.Verify(c.signed(t), options); err != nil {
		t.Errorf("1 MiB: %v", err)
	}
	c.body += "a"
	if _, err := sigv4.Verify(c.signed(t), options); !errors.Is(err, awserr.RequestEntityTooLarge) {
		t.Errorf("more than 1 MiB: %v", err)
	}
}

// overHTTP serves one request, which it sends as raw bytes, and returns what reading its body came to.
func overHTTP(t *testing.T, raw []byte, o sigv4.Options) (r *http.Request, body string, err error) {
	t.Helper()
	type result struct {
		r    *http.Request
		body []byte
		err  error
	}
	done := make(chan result, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := sigv4.Verify(r, o)
		var body []byte
		if err == nil {
			body, err = io.ReadAll(r.Body)
		}
		done <- result{r, body, err}
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got := <-done
	return got.r, string(got.body), got.err
}

// wire writes r as it goes over the network.
func wire(t *testing.T, r *http.Request) []byte {
	t.Helper()
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	r.URL.Scheme, r.URL.Host = "http", r.Host
	if err := r.Write(out); err != nil {
		t.Fatal(err)
	}
	out.Flush()
	return b.Bytes()
}

// A connection that breaks off in the midst of a body is IncompleteBody, as net/http serves it.
func TestConnectionCut(t *testing.T) {
	chunked, _ := chunkedCall{hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", chunks: []string{"hello"}}.signed(t)
	unsigned, _ := chunkedCall{hash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", chunks: []string{"hello"}}.signed(t)
	transfer, _ := chunkedCall{hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", chunks: []string{"hello"}}.signed(t)
	transfer.ContentLength, transfer.TransferEncoding = -1, []string{"chunked"}
	for name, r := range map[string]*http.Request{
		"hash": put.signed(t), "presigned": put.presigned(t), "form": iamForm.signed(t),
		"chunks": chunked, "unsigned chunks": unsigned, "Transfer-Encoding": transfer,
	} {
		t.Run(name, func(t *testing.T) {
			raw := wire(t, r)
			if _, _, err := overHTTP(t, raw, options); err != nil {
				t.Fatalf("whole: %v", err)
			}
			if _, _, err := overHTTP(t, raw[:len(raw)-1], options); !errors.Is(err, awserr.IncompleteBody) {
				t.Errorf("cut: %v", err)
			}
		})
	}
}

// Trailers of HTTP's own are not the announced ones, and nobody signed them.
func TestHTTPTrailersIgnored(t *testing.T) {
	r, encoded := chunkedCall{hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", chunks: []string{"hello"}, trailer: "x-amz-checksum-crc32:AAAAAA=="}.signed(t)
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(strings.NewReader(encoded)), -1, []string{"chunked"}
	r.Trailer = http.Header{"X-Amz-Checksum-Crc32": {"BBBBBB=="}, "X-Amz-Checksum-Sha1": {"forged"}}
	served, body, err := overHTTP(t, wire(t, r), options)
	if err != nil || body != "hello" {
		t.Fatalf("%q, %v", body, err)
	}
	if len(served.Trailer) != 1 || served.Trailer.Get("X-Amz-Checksum-Crc32") != "AAAAAA==" {
		t.Errorf("Trailer %v", served.Trailer)
	}
}

// Who takes the hashes off a body gets the verdict from them; the length is still the reader's to check.
func TestApart(t *testing.T) {
	for sent, want := range map[string]string{"hello": "", "hellO": "XAmzContentSHA256Mismatch", "hell": "IncompleteBody"} {
		r := put.signed(t)
		r.Body = io.NopCloser(strings.NewReader(sent))
		if _, err := sigv4.Verify(r, options); err != nil {
			t.Fatal(err)
		}
		raw, hashes, verified := sigv4.Apart(r.Body)
		var to bytes.Buffer
		_, err := io.Copy(io.MultiWriter(append(hashes, &to)...), raw)
		if err == nil {
			err = verified()
		}
		code := ""
		if err != nil {
			code = awserr.From(err).Code
		}
		if to.String() != sent || code != want {
			t.Errorf("%q came as %q: %v", sent, to.String(), err)
		}
	}
	if raw, hashes, verified := sigv4.Apart(http.NoBody); raw != http.NoBody || len(hashes) > 0 || verified() != nil {
		t.Error("a reader that verifies nothing has hashes")
	}
}
