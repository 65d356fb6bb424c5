package sigv4_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
)

// seen is what a server made of a request.
type seen struct {
	signature *sigv4.Signature
	body      string
	trailer   http.Header
	err       error
}

// serve verifies whatever it is sent; last returns what it saw last.
func serve(t *testing.T, tls bool) (server *httptest.Server, last func() seen) {
	t.Helper()
	calls := make(chan seen, 10)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := sigv4.Verify(r, sigv4.Options{Now: time.Now(), Keys: lookup})
		var body []byte
		if err == nil {
			body, err = io.ReadAll(r.Body)
		}
		if err != nil {
			w.WriteHeader(awserr.From(err).Status)
		}
		calls <- seen{s, string(body), r.Trailer, err}
	})
	if server = httptest.NewServer(handler); tls {
		server.Close()
		server = httptest.NewTLSServer(handler)
	}
	t.Cleanup(server.Close)
	return server, func() seen {
		select {
		case s := <-calls:
			return s
		default:
			return seen{}
		}
	}
}

// credentialsOf is a provider of the tests' key, as a session when it has a token.
func credentialsOf(token string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return call{token: token}.credentials(), nil })
}

// The S3 client's uploads: over HTTP it hashes the payload, over HTTPS it sends unsigned chunks with a checksum trailer.
func TestS3Client(t *testing.T) {
	for _, test := range []struct {
		tls   bool
		token string
		hash  string
	}{
		{false, "", hexSHA256("hello, world")},
		{false, "session", hexSHA256("hello, world")},
		{true, "", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
	} {
		server, last := serve(t, test.tls)
		client := s3.New(s3.Options{
			Region: "us-east-1", BaseEndpoint: aws.String(server.URL), UsePathStyle: true,
			Credentials: credentialsOf(test.token), HTTPClient: server.Client(), RetryMaxAttempts: 1,
		})
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("bucket"), Key: aws.String("a key/with ü+&?#%(1)*'!~//../x"), Body: strings.NewReader("hello, world"),
			ChecksumAlgorithm: types.ChecksumAlgorithmCrc32, Metadata: map[string]string{"a": "b  c"}, ContentType: aws.String("text/plain"),
		})
		got := last()
		if got.err != nil || got.signature == nil {
			t.Fatalf("%v: %v, %v", test, err, got.err)
		}
		if got.body != "hello, world" || got.signature.PayloadHash != test.hash || got.signature.SecurityToken != test.token {
			t.Errorf("%v: %+v", test, got)
		}
		if test.tls && got.trailer.Get("X-Amz-Checksum-Crc32") != "/6tyOg==" {
			t.Errorf("trailer %v", got.trailer)
		}
		if _, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("bucket"), Prefix: aws.String("a b+/ü")}); last().err != nil {
			t.Errorf("ListObjectsV2: %v", err)
		}
		presigned, err := s3.NewPresignClient(client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a +b")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := server.Client().Get(presigned.URL); err != nil {
			t.Fatal(err)
		}
		if got := last(); got.err != nil || got.signature == nil || !got.signature.Presigned || got.signature.Expires != 15*time.Minute {
			t.Errorf("presigned: %+v", got)
		}
	}
}

func TestSTSClient(t *testing.T) {
	server, last := serve(t, false)
	client := sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: credentialsOf("session"), RetryMaxAttempts: 1})
	client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}) // the answer is not STS's
	got := last()
	if got.err != nil || got.signature == nil || got.signature.Service != "sts" || got.signature.Region != "eu-west-1" || got.body != "Action=GetCallerIdentity&Version=2011-06-15" {
		t.Errorf("%+v", got)
	}
}
