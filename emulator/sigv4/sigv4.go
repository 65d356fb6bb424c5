// Package sigv4 verifies AWS Signature Version 4 on incoming requests: [Verify] with a [Keys] function that looks up
// secrets. It follows "AWS Signature Version 4 for API requests" (IAM User Guide) and "Authenticating Requests (AWS
// Signature Version 4)" (S3 API Reference).
//
// S3's presigned URLs of Signature Version 2 are verified too, since boto3 and version 1 of the AWS CLI still make them.
package sigv4

import (
	"context"
	"net/http"
	"time"
)

// The names of the two signature versions, as the condition key s3:signatureversion has them.
const (
	Version4 = "AWS4-HMAC-SHA256"
	Version2 = "AWS"
)

// Keys looks up the secret of an access key id with the security token that came along ("" for none). Its error, such as
// InvalidClientTokenId, ExpiredToken or InvalidToken, is the answer to the request. Verify calls it before it computes the
// signature.
type Keys func(ctx context.Context, accessKeyID, securityToken string) (secret string, err error)

// Options for Verify.
type Options struct {
	Now  time.Time
	Keys Keys
	// Signed turns the time that a client's clock showed when it signed into the time of Now's clock. nil: they are the
	// same.
	Signed func(time.Time) time.Time
	// Region is the only region whose credential scopes are accepted. Empty: any.
	Region string
	// HostBucket is the bucket that the caller reads from the request's Host, empty for path-style requests. Only
	// Signature Version 2 needs it: it signs the bucket's name, where Version 4 signs the Host.
	HostBucket string
}

// Signature is what a verified request's signature says.
type Signature struct {
	SignatureVersion string // Version4 or Version2
	AccessKeyID      string
	SecurityToken    string
	Region           string
	Service          string    // signing name: "s3", "iam", "sts", "ec2", …
	Date             time.Time // zero with Version2
	// Presigned says that the signature is in the query; Age is how old it is and Expires how long it is good for. With
	// Version2 both are 0: such a URL tells only when it ends.
	Presigned bool
	Age       time.Duration
	Expires   time.Duration
	// PayloadHash is the value of x-amz-content-sha256, "" without it.
	PayloadHash string
}

// Scope returns the signing name and region of r's credential scope without verifying anything; ok is false when r is not
// signed (anonymous, or a form that carries no signature) or its scope cannot be read. A Version 2 signature has no scope:
// it is S3's, in us-east-1.
func Scope(r *http.Request) (service, region string, ok bool) {
	c, _ := readClaim(r)
	if c == nil || c.service == "" {
		return "", "", false
	}
	return c.service, c.region, true
}

// Verify checks the signature of r and returns what it says, or nil and no error when r carries no signature at all. It
// replaces r.Body by a reader that verifies the payload while it is read: the SHA-256 that was signed, the signatures of
// aws-chunked chunks and trailers, Content-MD5, x-amz-checksum-* trailers left for the service in r.Trailer. What is wrong
// with a payload is an error of Read before io.EOF, so a reader that stops before io.EOF has verified nothing. With
// aws-chunked r.ContentLength becomes the decoded length and Content-Encoding loses the coding. The errors, Read's
// included, are *awserr.Error in the words of the service that the scope names, or the error of o.Keys.
func Verify(r *http.Request, o Options) (*Signature, error) {
	c, err := readClaim(r)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, openUnchained(r)
	}
	if c.version == Version2 {
		return verifyV2(r, c, o)
	}
	if err := c.check(r, o); err != nil {
		return nil, err
	}
	secret, err := o.Keys(r.Context(), c.accessKeyID, c.token)
	if err != nil {
		return nil, err
	}
	if err := c.checkDay(); err != nil {
		return nil, err
	}
	declared, hash, err := payloadHash(r, c)
	if err != nil {
		return nil, err
	}

	var space [1024]byte
	request := appendCanonicalRequest(space[:0], r, c, hash)
	key := signingKey(secret, c)
	text := appendStringToSign(make([]byte, 0, 192), c, request)
	if !key.signed(text, c.signature) {
		return nil, signatureMismatch(c, string(text), string(request))
	}
	if c.s3 {
		var chunks *chain
		if declared == signedChunks || declared == signedChunksTrailer {
			chunks = newChain(c, key)
		}
		if err := openPayload(r, declared, chunks); err != nil {
			return nil, err
		}
	}
	return &Signature{
		SignatureVersion: Version4,
		AccessKeyID:      c.accessKeyID,
		SecurityToken:    c.token,
		Region:           c.region,
		Service:          c.service,
		Date:             c.date,
		Presigned:        c.presigned,
		Age:              c.age(o),
		Expires:          c.expires,
		PayloadHash:      declared,
	}, nil
}
