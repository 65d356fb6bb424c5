package sigv4_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
)

// awsChunked is an example of "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks
// (Chunked Upload)" and of "… Including Trailing Headers (Chunked Upload)" (Amazon S3 API Reference): 65 KiB of the letter a
// in a chunk of 64 KiB, one of 1 KiB and the empty one.
type awsChunked struct {
	hash, signedHeaders, seed string
	header                    map[string]string
	chunks                    [3]string // signatures
	end                       string    // of the body
}

var chunkedUpload = awsChunked{
	hash:          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
	signedHeaders: "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
	seed:          "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
	header:        map[string]string{"Content-Length": "66824", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY"},
	chunks: [3]string{
		"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
	},
	end: "\r\n",
}

var trailerUpload = awsChunked{
	hash:          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
	signedHeaders: "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
	seed:          "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
	header:        map[string]string{"X-Amz-Trailer": "x-amz-checksum-crc32c", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY"},
	chunks: [3]string{
		"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
		"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
		"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
	},
	end: "x-amz-checksum-crc32c:sOO8/Q==\r\n" +
		"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
}

func (a awsChunked) encoded() string {
	big, small := strings.Repeat("a", 65536), strings.Repeat("a", 1024)
	return "10000;chunk-signature=" + a.chunks[0] + "\r\n" + big + "\r\n" +
		"400;chunk-signature=" + a.chunks[1] + "\r\n" + small + "\r\n" +
		"0;chunk-signature=" + a.chunks[2] + "\r\n" + a.end
}

// request is the example with body in place of its own.
func (a awsChunked) request(body io.Reader) *http.Request {
	r := httptest.NewRequest("PUT", "/examplebucket/chunkObject.txt", body)
	r.Host, r.ContentLength = "s3.amazonaws.com", 66824
	for name, value := range a.header {
		r.Header.Set(name, value)
	}
	r.Header.Set("Content-Encoding", "aws-chunked")
	r.Header.Set("X-Amz-Content-Sha256", a.hash)
	r.Header.Set("X-Amz-Date", "20130524T000000Z")
	r.Header.Set("X-Amz-Decoded-Content-Length", "66560")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"+
		"SignedHeaders="+a.signedHeaders+",Signature="+a.seed)
	return r
}

// read verifies r at the time of the examples and reads its body to the end.
func readExample(r *http.Request) (string, error) {
	at := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	if _, err := sigv4.Verify(r, sigv4.Options{Now: at, Keys: exampleKeys}); err != nil {
		return "", err
	}
	body, err := io.ReadAll(r.Body)
	return string(body), err
}

func TestPublishedChunkedUploads(t *testing.T) {
	for name, a := range map[string]awsChunked{"chunks": chunkedUpload, "trailer": trailerUpload} {
		for how, wrap := range map[string]func(io.Reader) io.Reader{
			"whole":        func(r io.Reader) io.Reader { return r },
			"byte by byte": iotest.OneByteReader,
			"with EOF":     iotest.DataErrReader,
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				r := a.request(wrap(strings.NewReader(a.encoded())))
				body, err := readExample(r)
				if err != nil {
					t.Fatal(err)
				}
				if body != strings.Repeat("a", 66560) {
					t.Errorf("body of %d bytes", len(body))
				}
				if r.ContentLength != 66560 || r.Header["Content-Encoding"] != nil {
					t.Errorf("ContentLength %d, Content-Encoding %q", r.ContentLength, r.Header["Content-Encoding"])
				}
				if want := a.header["X-Amz-Trailer"]; want != "" && r.Trailer.Get(want) != "sOO8/Q==" {
					t.Errorf("Trailer %v", r.Trailer)
				}
			})
		}
	}
}

// Wherever a body is cut off, reading it never ends in a clean io.EOF.
func TestChunkedUploadCutOff(t *testing.T) {
	for name, a := range map[string]awsChunked{"chunks": chunkedUpload, "trailer": trailerUpload} {
		whole := a.encoded()
		for at := range whole {
			if at > 200 && at < len(whole)-1500 && at%1999 != 0 {
				continue
			}
			_, err := readExample(a.request(strings.NewReader(whole[:at])))
			if name == "trailer" && at == len(whole)-2 {
				continue // the signature over the trailers is there: only the empty line after it is not
			}
			if !errors.Is(err, awserr.IncompleteBody) {
				t.Fatalf("%s cut to %d of %d bytes: %v", name, at, len(whole), err)
			}
		}
	}
}

func TestChunkedUploadTampered(t *testing.T) {
	tests := []struct {
		name     string
		upload   awsChunked
		old, new string
		want     awserr.Kind
	}{
		{"a byte of a chunk", chunkedUpload, "aaaa\r\n400", "aaab\r\n400", awserr.SignatureDoesNotMatch},
		{"a byte of the last chunk", chunkedUpload, "aaaa\r\n0;", "aaab\r\n0;", awserr.SignatureDoesNotMatch},
		{"the signature of a chunk", chunkedUpload, "signature=0055627c", "signature=1055627c", awserr.SignatureDoesNotMatch},
		{"the signature of the end", chunkedUpload, "signature=b6c6ea8a", "signature=c6c6ea8a", awserr.SignatureDoesNotMatch},
		{"no signature", chunkedUpload, ";chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "", awserr.IncompleteBody},
		{"another extension", chunkedUpload, ";chunk-signature=0055", ";signature=0055", awserr.IncompleteBody},
		{"a chunk left out", chunkedUpload, "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + strings.Repeat("a", 1024) + "\r\n", "", awserr.IncompleteBody},
		{"a longer chunk", chunkedUpload, "\r\n400;", "\r\n401;", awserr.IncompleteBody},
		{"a huge chunk", chunkedUpload, "10000;", "7fffffffffffffff;", awserr.IncompleteBody},
		{"a chunk beyond 63 bits", chunkedUpload, "10000;", "ffffffffffffffff;", awserr.IncompleteBody},
		{"a signed size", chunkedUpload, "10000;", "+10000;", awserr.IncompleteBody},
		{"a size of digits and more", chunkedUpload, "10000;", "0x10000;", awserr.IncompleteBody},
		{"an endless line", chunkedUpload, "10000;", strings.Repeat("0", 100000) + "10000;", awserr.IncompleteBody},
		{"more after the end", chunkedUpload, "9df9\r\n\r\n", "9df9\r\n\r\nmore\r\n", awserr.MalformedTrailerError},
		{"a trailer that is not announced", chunkedUpload, "9df9\r\n\r\n", "9df9\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n\r\n", awserr.MalformedTrailerError},
		{"trailer value", trailerUpload, "sOO8/Q==", "sOO9/Q==", awserr.SignatureDoesNotMatch},
		{"trailer name", trailerUpload, "crc32c:", "crc32:", awserr.MalformedTrailerError},
		{"trailer signature", trailerUpload, "d81f82fc", "e81f82fc", awserr.SignatureDoesNotMatch},
		{"trailer twice", trailerUpload, "x-amz-checksum-crc32c:sOO8/Q==\r\n", "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n", awserr.MalformedTrailerError},
		{"trailer missing", trailerUpload, "x-amz-checksum-crc32c:sOO8/Q==\r\n", "", awserr.MalformedTrailerError},
		{"trailer after its signature", trailerUpload, "e435\r\n", "e435\r\nx-amz-checksum-crc32:AAAAAA==\r\n", awserr.MalformedTrailerError},
		{"trailer signature missing", trailerUpload, "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n", "", awserr.SignatureDoesNotMatch},
		{"endless blank lines", trailerUpload, "e435\r\n", "e435\r\n" + strings.Repeat("\r\n", 100000), awserr.MalformedTrailerError},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := strings.Replace(test.upload.encoded(), test.old, test.new, 1)
			if body == test.upload.encoded() {
				t.Fatal("nothing is tampered with")
			}
			if _, err := readExample(test.upload.request(strings.NewReader(body))); !errors.Is(err, test.want) {
				t.Errorf("%v, want %s", err, test.want.Code)
			}
		})
	}
}

// chunkedCall is an upload whose chunks we sign ourselves.
type chunkedCall struct {
	hash    string
	chunks  []string
	trailer string // "x-amz-checksum-crc32:…"
	header  map[string]string
}

// signed returns the request and its encoded body.
func (c chunkedCall) signed(t testing.TB) (*http.Request, string) {
	t.Helper()
	length := len(strings.Join(c.chunks, ""))
	r, err := http.NewRequest("PUT", "http://127.0.0.1:4566/bucket/key", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Content-Sha256", c.hash)
	r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(length))
	r.Header.Set("Content-Encoding", "aws-chunked")
	if name, _, ok := strings.Cut(c.trailer, ":"); ok {
		r.Header.Set("X-Amz-Trailer", name)
	}
	for name, value := range c.header {
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if err := signer("s3").SignHTTP(t.Context(), call{}.credentials(), r, c.hash, "s3", "us-east-1", now); err != nil {
		t.Fatal(err)
	}
	_, previous, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	var body strings.Builder
	next := func(algorithm, hashes string) string {
		text := algorithm + "\n20260304T050607Z\n20260304/us-east-1/s3/aws4_request\n" + previous + "\n" + hashes
		previous = hex.EncodeToString(mac(signingKey(), text))
		return previous
	}
	for _, chunk := range append(c.chunks, "") {
		fmt.Fprintf(&body, "%x", len(chunk))
		if strings.HasPrefix(c.hash, "STREAMING-AWS4") {
			body.WriteString(";chunk-signature=" + next("AWS4-HMAC-SHA256-PAYLOAD", hexSHA256("")+"\n"+hexSHA256(chunk)))
		}
		body.WriteString("\r\n" + chunk)
		if chunk != "" {
			body.WriteString("\r\n")
		}
	}
	if c.trailer != "" {
		body.WriteString(c.trailer + "\r\n")
		if strings.HasPrefix(c.hash, "STREAMING-AWS4") {
			body.WriteString("x-amz-trailer-signature:" + next("AWS4-HMAC-SHA256-TRAILER", hexSHA256(c.trailer+"\n")) + "\r\n")
		}
	}
	body.WriteString("\r\n")
	r = asServed(t, r)
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body.String())), int64(body.Len())
	return r, body.String()
}

func hexSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func signingKey() []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{"20260304", "us-east-1", "s3", "aws4_request"} {
		key = mac(key, part)
	}
	return key
}

func TestChunkedForms(t *testing.T) {
	big := strings.Repeat("x", 8192)
	for name, c := range map[string]chunkedCall{
		"signed":               {hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", chunks: []string{big, "tail"}},
		"signed, empty":        {hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
		"signed with trailer":  {hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", chunks: []string{big, big}, trailer: "x-amz-checksum-crc32:AAAAAA=="},
		"unsigned":             {hash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", chunks: []string{"abc"}, trailer: "x-amz-checksum-sha256:abc="},
		"unsigned, no trailer": {hash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", chunks: []string{"abc"}},
		"gzip":                 {hash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", chunks: []string{"abc"}, header: map[string]string{"Content-Encoding": "aws-chunked, gzip"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := c.signed(t)
			s, err := sigv4.Verify(r, options)
			if err != nil {
				t.Fatal(err)
			}
			if s.PayloadHash != c.hash {
				t.Errorf("PayloadHash %q", s.PayloadHash)
			}
			want := strings.Join(c.chunks, "")
			if body, err := io.ReadAll(r.Body); err != nil || string(body) != want || r.ContentLength != int64(len(want)) {
				t.Errorf("%d bytes of %d, %v", len(body), r.ContentLength, err)
			}
			trailer, value, _ := strings.Cut(c.trailer, ":")
			if r.Trailer.Get(trailer) != value {
				t.Errorf("Trailer %v", r.Trailer)
			}
			encoding := ""
			if name == "gzip" {
				encoding = "gzip"
			}
			if r.Header.Get("Content-Encoding") != encoding {
				t.Errorf("Content-Encoding %q", r.Header.Get("Content-Encoding"))
			}
		})
	}
}

// The trailers of one upload, signature and all, do not fit another.
func TestChunkedTrailerReplayed(t *testing.T) {
	_, first := chunkedCall{hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", chunks: []string{"one"}, trailer: "x-amz-checksum-crc32:AAAAAA=="}.signed(t)
	r, second := chunkedCall{hash: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", chunks: []string{"two"}, trailer: "x-amz-checksum-crc32:BBBBBB=="}.signed(t)
	at := strings.Index(second, "x-amz-checksum")
	body := second[:at] + first[strings.Index(first, "x-amz-checksum"):]
	r.Body = io.NopCloser(strings.NewReader(body))
	if _, err := sigv4.Verify(r, options); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r.Body); !errors.Is(err, awserr.SignatureDoesNotMatch) {
		t.Errorf("replayed trailers: %v", err)
	}
}

func TestChunkedRefused(t *testing.T) {
	const signed, unsigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	small := []string{strings.Repeat("x", 8191), "tail"}
	for name, test := range map[string]struct {
		call chunkedCall
		want awserr.Kind
	}{
		"no decoded length":       {chunkedCall{hash: signed, header: map[string]string{"X-Amz-Decoded-Content-Length": ""}}, awserr.MissingContentLength},
		"decoded length a word":   {chunkedCall{hash: signed, header: map[string]string{"X-Amz-Decoded-Content-Length": "five"}}, awserr.InvalidArgument},
		"decoded length negative": {chunkedCall{hash: signed, header: map[string]string{"X-Amz-Decoded-Content-Length": "-1"}}, awserr.InvalidArgument},
		"decoded length too long": {chunkedCall{hash: signed, chunks: []string{"abc"}, header: map[string]string{"X-Amz-Decoded-Content-Length": "4"}}, awserr.IncompleteBody},
		"decoded length short":    {chunkedCall{hash: signed, chunks: []string{"abc"}, header: map[string]string{"X-Amz-Decoded-Content-Length": "2"}}, awserr.IncompleteBody},
		"small chunk":             {chunkedCall{hash: signed, chunks: small}, awserr.InvalidChunkSizeError},
		"small unsigned chunk":    {chunkedCall{hash: unsigned, chunks: small}, awserr.InvalidChunkSizeError},
		"trailer not a checksum":  {chunkedCall{hash: unsigned, trailer: "x-amz-acl:public-read"}, awserr.InvalidRequest},
		"trailer announced twice": {chunkedCall{hash: unsigned, trailer: "x-amz-checksum-crc32:AAAAAA==", header: map[string]string{"X-Amz-Trailer": "x-amz-checksum-crc32,x-amz-checksum-crc32"}}, awserr.InvalidRequest},
		"unsigned trailer absent": {chunkedCall{hash: unsigned, chunks: []string{"abc"}, header: map[string]string{"X-Amz-Trailer": "x-amz-checksum-crc32"}}, awserr.MalformedTrailerError},
		"ECDSA chunks":            {chunkedCall{hash: "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"}, awserr.NotImplemented},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := test.call.signed(t)
			_, err := sigv4.Verify(r, options)
			if err == nil {
				_, err = io.ReadAll(r.Body)
			}
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %s", err, test.want.Code)
			}
		})
	}
}

func TestChunkedAnonymous(t *testing.T) {
	const body = "3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"
	request := func(hash, body string) *http.Request {
		r := httptest.NewRequest("PUT", "/bucket/key", strings.NewReader(body))
		r.Header.Set("X-Amz-Content-Sha256", hash)
		r.Header.Set("X-Amz-Decoded-Content-Length", "3")
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		r.Header.Set("Content-Encoding", "aws-chunked")
		return r
	}
	r := request("STREAMING-UNSIGNED-PAYLOAD-TRAILER", body)
	s, err := sigv4.Verify(r, options)
	if s != nil || err != nil {
		t.Fatalf("%+v, %v", s, err)
	}
	if got, err := io.ReadAll(r.Body); err != nil || string(got) != "abc" || r.Trailer.Get("x-amz-checksum-crc32") != "NSRBwg==" {
		t.Errorf("%q, %v, %v", got, r.Trailer, err)
	}
	for at := range body {
		r := request("STREAMING-UNSIGNED-PAYLOAD-TRAILER", body[:at])
		if _, err := sigv4.Verify(r, options); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r.Body); err == nil {
			t.Errorf("cut to %q: a clean end", body[:at])
		}
	}
	if _, err := sigv4.Verify(request("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", body), options); !errors.Is(err, awserr.InvalidRequest) {
		t.Errorf("signed chunks without a signature: %v", err)
	}
}

func FuzzChunks(f *testing.F) {
	f.Add([]byte("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n"))
	f.Add([]byte("0\r\n\r\n"))
	f.Add([]byte("3;chunk-signature=00\r\nabc\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("PUT", "/bucket/key", bytes.NewReader(body))
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
		r.Header.Set("X-Amz-Decoded-Content-Length", "3")
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		if _, err := sigv4.Verify(r, options); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r.Body)
		if err == nil && (len(got) != 3 || r.Trailer.Get("x-amz-checksum-crc32") == "") {
			t.Errorf("%q was read as %q with %v", body, got, r.Trailer)
		}
		if err != nil && awserr.From(err).Status == 500 {
			t.Errorf("%q: %v", body, err)
		}
	})
}
