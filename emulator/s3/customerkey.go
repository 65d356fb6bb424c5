package s3

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Server-side encryption with customer-provided keys, SSE-C ("Using server-side encryption with customer-provided keys",
// Amazon S3 User Guide). What is stored of a key is a salted HMAC, which tells whether another one is the same. Bodies are
// encrypted with AES-256 in counter mode, so that a piece of a body can be read without the rest of it.

// A customerKey is a key that a request brings.
type customerKey struct {
	secret []byte
	md5    string // as the request has it, base64
}

const customerAlgorithm = "AES256"

// keyHeaders are the three headers of a key.
type keyHeaders struct{ algorithm, key, md5 *string }

// keyHeadersOf returns the headers of the key in an input that can have one.
func keyHeadersOf(in any) keyHeaders {
	switch in := in.(type) {
	case *s3.PutObjectInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	case *s3.GetObjectInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	case *s3.GetObjectAttributesInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	case *s3.CopyObjectInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	case *s3.CreateMultipartUploadInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	case *s3.UploadPartInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	case *s3.UploadPartCopyInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	case *s3.CompleteMultipartUploadInput:
		return keyHeaders{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}
	}
	panic(fmt.Sprintf("s3: the customer's key of %T", in))
}

// sourceKeyHeadersOf returns the headers of the key of a copy's source.
func sourceKeyHeadersOf(in any) keyHeaders {
	switch in := in.(type) {
	case *s3.CopyObjectInput:
		return keyHeaders{in.CopySourceSSECustomerAlgorithm, in.CopySourceSSECustomerKey, in.CopySourceSSECustomerKeyMD5}
	case *s3.UploadPartCopyInput:
		return keyHeaders{in.CopySourceSSECustomerAlgorithm, in.CopySourceSSECustomerKey, in.CopySourceSSECustomerKeyMD5}
	}
	panic(fmt.Sprintf("s3: the source's key of %T", in))
}

func (h keyHeaders) given() bool { return given(h.algorithm, h.key, h.md5) }

// read returns the key, nil when there is none. Errors: InvalidEncryptionAlgorithmError, InvalidArgument.
func (h keyHeaders) read() (*customerKey, error) {
	algorithm, key, digest := h.algorithm, h.key, h.md5
	switch {
	case !h.given():
		return nil, nil
	case aws.ToString(algorithm) == "":
		return nil, encryptionArgument("null", "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.")
	case *algorithm != customerAlgorithm:
		return nil, awserr.InvalidEncryptionAlgorithmError.Errorf("The Encryption request you specified is not valid. Supported value: AES256.").
			With("ArgumentName", encryptionHeader).With("ArgumentValue", *algorithm)
	case aws.ToString(key) == "":
		return nil, encryptionArgument("null", "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.")
	case aws.ToString(digest) == "":
		return nil, encryptionArgument("null", "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.")
	}
	secret, err := base64.StdEncoding.DecodeString(*key)
	if err != nil {
		return nil, invalidCustomerKey()
	}
	if sum := md5.Sum(secret); base64.StdEncoding.EncodeToString(sum[:]) != *digest {
		return nil, encryptionArgument("null", "The calculated MD5 hash of the key did not match the hash that was provided.")
	}
	return &customerKey{secret: secret, md5: *digest}, nil
}

func invalidCustomerKey() error {
	return encryptionArgument("null", "The secret key was invalid for the specified algorithm.")
}

// A CustomerLock is what is stored of the key of an object or upload.
type CustomerLock struct {
	Salt, MAC []byte
	// Nonce is where the counter of the whole body begins; the parts of a multipart object have their own.
	Nonce []byte `json:",omitempty"`
}

// newLock returns the lock that k opens. Errors: InvalidArgument.
func (k *customerKey) newLock() (*CustomerLock, error) {
	if len(k.secret) != 32 {
		return nil, invalidCustomerKey()
	}
	salt := newNonce()
	return &CustomerLock{Salt: salt, MAC: k.mac(salt), Nonce: newNonce()}, nil
}

func (k *customerKey) mac(salt []byte) []byte {
	h := hmac.New(sha256.New, k.secret)
	h.Write(salt)
	return h.Sum(nil)
}

func (k *customerKey) opens(l *CustomerLock) bool { return hmac.Equal(k.mac(l.Salt), l.MAC) }

func newNonce() []byte {
	nonce := make([]byte, aes.BlockSize)
	rand.Read(nonce)
	return nonce
}

// unlock checks that the object can be read with the key that the request has, nil for none, and keeps it for the reading.
// Errors: InvalidRequest, AccessDenied.
func (o *Object) unlock(k *customerKey) error {
	lock := o.Encryption.Lock
	switch {
	case lock == nil && k == nil:
		return nil
	case lock == nil:
		return awserr.InvalidRequest.Errorf("The encryption parameters are not applicable to this object.")
	case k == nil:
		return awserr.InvalidRequest.Errorf("The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.")
	case !k.opens(lock):
		return awserr.AccessDenied.Errorf("Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.")
	}
	o.key = k
	return nil
}

// unlockPart returns the key for a part of the upload. Errors: InvalidRequest.
func (u *Upload) unlockPart(in any) (*customerKey, error) {
	k, err := keyHeadersOf(in).read()
	lock := u.Object.Encryption.Lock
	switch {
	case err != nil:
		return nil, err
	case (lock == nil) != (k == nil):
		return nil, awserr.InvalidRequest.Errorf("The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.")
	case k != nil && !k.opens(lock):
		return nil, awserr.InvalidRequest.Errorf("The provided encryption parameters did not match the ones used originally.")
	}
	return k, nil
}

// A sealedPart is how a part of an upload is encrypted; without a key it is not.
type sealedPart struct {
	key   *customerKey
	nonce []byte
}

func (p sealedPart) stream() cipher.Stream { return p.key.stream(p.nonce, 0) }

// sealedPart returns how the part that in brings is encrypted. Errors: AccessDenied, InvalidArgument, those of unlockPart.
func (u *Upload) sealedPart(r *wire.Request, b *bucket, in any) (p sealedPart, err error) {
	if err := refuseEncryptionHeader(r); err != nil {
		return p, err
	}
	if err := allowsCustomerKey(r.Caller, b, in, u.Key); err != nil {
		return p, err
	}
	if u.Object.Encryption.kms() && r.Caller.SignatureVersion != sigv4.Version4 {
		return p, needsVersion4()
	}
	if p.key, err = u.unlockPart(in); err == nil && p.key != nil {
		p.nonce = newNonce()
	}
	return p, err
}

// allowsCustomerKey refuses a write with a key where the bucket blocks SSE-C, before anything of the key is looked at
// ("Blocking or unblocking SSE-C for a general purpose bucket").
func allowsCustomerKey(caller wire.Caller, b *bucket, in any, key string) error {
	if !b.blocksCustomerKeys() || !keyHeadersOf(in).given() {
		return nil
	}
	action := "s3:PutObject"
	if _, ok := in.(*s3.CopyObjectInput); ok {
		action = "s3:CopyObject"
	}
	return blocked(&b.Bucket, caller, action, b.arn+"/"+key,
		"this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type")
}

// seal encrypts the body that an object with a lock is given; nil for one without.
func (o *Object) seal() cipher.Stream {
	if o.Encryption.Lock == nil {
		return nil
	}
	return o.key.stream(o.Encryption.Lock.Nonce, 0)
}

// stream returns the key's keystream for a body that begins with nonce, from offset on; nil without a key.
func (k *customerKey) stream(nonce []byte, offset int64) cipher.Stream {
	if k == nil {
		return nil
	}
	block, err := aes.NewCipher(k.secret)
	if err != nil || len(nonce) != aes.BlockSize {
		panic("s3: a customer's key or nonce of a wrong size") // the lock that it opened says otherwise
	}
	at := make([]byte, aes.BlockSize)
	high, low := binary.BigEndian.Uint64(nonce), binary.BigEndian.Uint64(nonce[8:])
	sum := low + uint64(offset)/aes.BlockSize
	if sum < low {
		high++
	}
	binary.BigEndian.PutUint64(at, high)
	binary.BigEndian.PutUint64(at[8:], sum)
	s := cipher.NewCTR(block, at)
	skipped := make([]byte, offset%aes.BlockSize)
	s.XORKeyStream(skipped, skipped)
	return s
}

// A sealer encrypts what is written to it.
type sealer struct {
	to     io.Writer
	stream cipher.Stream
	buffer []byte
}

// Write implements io.Writer. p is others' to read and stays as it is.
func (s *sealer) Write(p []byte) (int, error) {
	if cap(s.buffer) < len(p) {
		s.buffer = make([]byte, len(p))
	}
	sealed := s.buffer[:len(p)]
	s.stream.XORKeyStream(sealed, p)
	return s.to.Write(sealed)
}
