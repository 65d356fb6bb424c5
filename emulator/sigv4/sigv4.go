// Package sigv4 verifies AWS Signature Version 4 on incoming requests: [Verify] with a [Keys] function that looks up
// secrets. It follows "AWS Signature Version 4 for API requests" (IAM User Guide) and "Authenticating Requests (AWS
// Signature Version 4)" (S3 API Reference).
package sigv4

import (
	"context"
	"net/http"
	"time"
)

// Keys looks up the secret of an access key id with the security token that came along ("" for none). Its error, such as
// InvalidClientTokenId, ExpiredToken or InvalidToken, is the answer to the request. Verify calls it before it computes the
// signature.
type Keys func(ctx context.Context, accessKeyID, securityToken string) (secret string, err error)

// Options for Verify.
type Options struct {
	Now  time.Time
	Keys Keys
}

// Signature is what a verified request's signature says.
type Signature struct {
	AccessKeyID   string
	SecurityToken string
	Region        string
	Service       string // signing name: "s3", "iam", "sts", "ec2", …
	Date          time.Time
	// Presigned says that the signature is in the query; Age is how old it is and Expires how long it is good for.
	Presigned bool
	Age       time.Duration
	Expires   time.Duration
	// PayloadHash is the value of x-amz-content-sha256, "" without it.
	PayloadHash string
}

// Scope returns the signing name and region of r's credential scope without verifying anything; ok is false when r is not
// signed (anonymous, or a form that carries no signature).
func Scope(r *http.Request) (service, region string, ok bool) { panic("being written") }

// Verify checks the signature of r and returns what it says, or nil and no error when r carries no signature at all. It
// replaces r.Body by a reader that verifies the payload while it is read: the SHA-256 that was signed, the signatures of
// aws-chunked chunks and trailers, Content-MD5, x-amz-checksum-* trailers left for the service in r.Trailer. The errors
// are *awserr.Error in the words of the service that the scope names.
func Verify(r *http.Request, o Options) (*Signature, error) { panic("being written") }
