package s3

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Encryption is the server-side encryption of an object ("Protecting data with encryption", Amazon S3 User Guide). Only
// SSE-C changes what is on the disk: there is no KMS, and a disk of this machine is not S3's.
type Encryption struct {
	Algorithm types.ServerSideEncryption `json:",omitempty"` // aws:kms, aws:kms:dsse; "" is AES256, or none but the Lock
	Key       string                     `json:",omitempty"` // the KMS key's ARN
	BucketKey bool                       `json:",omitempty"`
	Context   string                     `json:",omitempty"` // x-amz-server-side-encryption-context
	Lock      *CustomerLock              `json:",omitempty"` // SSE-C
}

const encryptionHeader = "x-amz-server-side-encryption"

// kms says that a KMS key encrypts the object.
func (e *Encryption) kms() bool { return e.Algorithm != "" }

// opaque says that the ETag is not the MD5 of the body ("Object", Amazon S3 API Reference).
func (e *Encryption) opaque() bool { return e.kms() || e.Lock != nil }

// etag is the ETag of a body with this encryption whose MD5 is given.
func (e *Encryption) etag(md5 string) string {
	if !e.opaque() {
		return md5
	}
	var tag [16]byte
	rand.Read(tag[:])
	return hex.EncodeToString(tag[:])
}

// show fills the encryption fields of an output struct, for which k is the key that the request brought.
func (e *Encryption) show(out any, k *customerKey) {
	fields := reflect.ValueOf(out).Elem()
	set := func(name string, value any) {
		if f := fields.FieldByName(name); f.IsValid() {
			f.Set(reflect.ValueOf(value))
		}
	}
	if k != nil {
		set("SSECustomerAlgorithm", aws.String(customerAlgorithm))
		set("SSECustomerKeyMD5", &k.md5)
	}
	switch {
	case e.Lock != nil:
	case !e.kms():
		set("ServerSideEncryption", types.ServerSideEncryptionAes256)
	default:
		set("ServerSideEncryption", e.Algorithm)
		set("SSEKMSKeyId", &e.Key)
		if e.Context != "" {
			set("SSEKMSEncryptionContext", &e.Context)
		}
		if e.BucketKey {
			set("BucketKeyEnabled", aws.Bool(true))
		}
	}
}

// encryption is requestedEncryption of a request that writes to key, worked out once: the rule needs it and the operation. It
// also checks that the bucket takes SSE-C, if that is asked for. Errors: AccessDenied, those of requestedEncryption.
func (sub *subject) encryption(key string) (Encryption, *customerKey, error) {
	if sub.encrypts == nil {
		a := &askedEncryption{}
		caller := sub.request.Caller
		if a.err = allowsCustomerKey(caller, sub.bucket, sub.in, key); a.err == nil {
			a.encryption, a.key, a.err = requestedEncryption(sub.bucket, caller, sub.in)
		}
		sub.encrypts = a
	}
	return sub.encrypts.encryption, sub.encrypts.key, sub.encrypts.err
}

type askedEncryption struct {
	encryption Encryption
	key        *customerKey
	err        error
}

// An encryptionRequest is what the headers of a write ask for.
type encryptionRequest struct {
	algorithm    types.ServerSideEncryption
	key, context *string
	bucketKey    *bool
}

func encryptionRequestOf(in any) encryptionRequest {
	switch in := in.(type) {
	case *s3.PutObjectInput:
		return encryptionRequest{in.ServerSideEncryption, in.SSEKMSKeyId, in.SSEKMSEncryptionContext, in.BucketKeyEnabled}
	case *s3.CopyObjectInput:
		return encryptionRequest{in.ServerSideEncryption, in.SSEKMSKeyId, in.SSEKMSEncryptionContext, in.BucketKeyEnabled}
	case *s3.CreateMultipartUploadInput:
		return encryptionRequest{in.ServerSideEncryption, in.SSEKMSKeyId, in.SSEKMSEncryptionContext, in.BucketKeyEnabled}
	}
	panic(fmt.Sprintf("s3: the encryption of %T", in))
}

// requestedEncryption returns the encryption that a write gets, in being the input of PutObject, CopyObject or
// CreateMultipartUpload, and the customer's key if it brings one. What the request leaves open, the bucket says. Errors:
// InvalidArgument, InvalidEncryptionAlgorithmError, KMS.NotFoundException.
func requestedEncryption(b *bucket, caller wire.Caller, in any) (Encryption, *customerKey, error) {
	r, customer := encryptionRequestOf(in), keyHeadersOf(in)
	if customer.given() {
		if r.algorithm != "" {
			return Encryption{}, nil, encryptionArgument(string(r.algorithm), "Server Side Encryption with Customer provided key is incompatible with the encryption method specified")
		}
		k, err := customer.read()
		if err != nil {
			return Encryption{}, nil, err
		}
		lock, err := k.newLock()
		return Encryption{Lock: lock}, k, err
	}
	e, err := r.encryption(b, caller)
	return e, nil, err
}

func (r *encryptionRequest) encryption(b *bucket, caller wire.Caller) (e Encryption, err error) {
	key := aws.ToString(r.key)
	switch r.algorithm {
	case "", types.ServerSideEncryptionAes256:
		if given(r.key, r.context) {
			return e, encryptionArgument(orNull(string(r.algorithm)), "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")
		}
		if r.algorithm != "" || b.Encryption == nil || !b.Encryption.kms() {
			return e, nil
		}
		e.Algorithm, key = b.Encryption.Algorithm, b.Encryption.Key
	case types.ServerSideEncryptionAwsKms, types.ServerSideEncryptionAwsKmsDsse:
		e.Algorithm = r.algorithm
	default:
		return e, encryptionArgument(string(r.algorithm), "The encryption method specified is not supported")
	}
	if caller.SignatureVersion != sigv4.Version4 {
		return e, needsVersion4()
	}
	if e.Key, err = kmsKey(key, caller.Account, b.Region); err != nil {
		return e, err
	}
	if r.context != nil {
		if _, err := encryptionContext(*r.context); err != nil {
			return e, err
		}
		e.Context = *r.context
	}
	if e.Algorithm == types.ServerSideEncryptionAwsKms { // a bucket key does not go with DSSE-KMS
		e.BucketKey = b.Encryption != nil && b.Encryption.BucketKey
		if r.bucketKey != nil {
			e.BucketKey = *r.bucketKey
		}
	}
	return e, nil
}

// needsVersion4 is the answer to anonymous callers and to signatures of Version 2 ("Specifying server-side encryption with
// AWS KMS").
func needsVersion4() error {
	return awserr.InvalidArgument.Errorf("Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.").
		With("ArgumentName", "Authorization").With("ArgumentValue", "null")
}

// encryptionContext reads x-amz-server-side-encryption-context: JSON of strings in base64.
func encryptionContext(header string) (map[string]string, error) {
	var pairs map[string]string
	text, err := base64.StdEncoding.DecodeString(header)
	if err == nil {
		err = json.Unmarshal(text, &pairs)
	}
	if err != nil || pairs == nil {
		return nil, invalidArgument(encryptionHeader+"-context", header,
			"The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map")
	}
	return pairs, nil
}

func encryptionArgument(value, message string) error {
	return invalidArgument(encryptionHeader, value, message)
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

// unlocked checks that a version can be read by the request with the headers that it has, in being its input. Errors:
// InvalidArgument, those of unlock.
func unlocked(ctx context.Context, o *Object, in any) error {
	r := wire.RequestFrom(ctx)
	if err := refuseEncryptionHeader(r); err != nil {
		return err
	}
	k, err := keyHeadersOf(in).read()
	if err != nil {
		return err
	}
	return readableBy(o, r.Caller, k)
}

// readableBy is the part of unlocked that a copy's source has in common.
func readableBy(o *Object, caller wire.Caller, k *customerKey) error {
	if o.Encryption.kms() && caller.SignatureVersion != sigv4.Version4 {
		return needsVersion4()
	}
	return o.unlock(k)
}

// refuseEncryptionHeader is for requests in which the header has no place: reads, and parts of an upload ("GetObject",
// Amazon S3 API Reference, "Encryption").
func refuseEncryptionHeader(r *wire.Request) error {
	if asked := r.HTTP.Header.Get(encryptionHeader); asked != "" {
		return encryptionArgument(asked, "x-amz-server-side-encryption header is not supported for this operation.")
	}
	return nil
}
