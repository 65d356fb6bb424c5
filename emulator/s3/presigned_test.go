package s3

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestPresigned uses URLs as somebody does who has nothing but them.
func TestPresigned(t *testing.T) {
	_, c := begin(t)
	signer := s3.NewPresignClient(c)
	for name, in := range map[string]*s3.PutObjectInput{
		"plain":    {},
		"headers":  {ContentType: aws.String("text/plain"), Metadata: map[string]string{"a": "b"}, Tagging: aws.String("k=v")},
		"checksum": {ChecksumSHA1: aws.String("qvTGHdzF6KLavt4PO0gs2a6pQ00=")},
	} {
		in.Bucket, in.Key = theBucket, &name
		url := ok(signer.PresignPutObject(t.Context(), in))(t)
		r := ok(http.NewRequestWithContext(t.Context(), url.Method, url.URL, strings.NewReader("hello")))(t)
		for header, values := range url.SignedHeader {
			if header != "Host" && header != "Content-Length" {
				r.Header[header] = values
			}
		}
		got := send(t, r)
		equal(t, "PUT "+name, got.err, errorDocument{})
		equal(t, "object "+name, read(t, c, name, ""), "hello")
		get := ok(signer.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: &name}))(t)
		equal(t, "GET "+name, send(t, ok(http.NewRequestWithContext(t.Context(), "GET", get.URL, nil))(t)).body, "hello")
	}
	head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("headers")}))(t)
	equal(t, "metadata", head.Metadata, map[string]string{"a": "b"})
	equal(t, "tags", aws.ToInt32(head.TagCount), int32(1))
	equal(t, "type", *head.ContentType, "text/plain")
}
