package s3

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/store"
)

// A clientKey is the three headers of a customer's key.
type clientKey struct{ algorithm, key, md5 *string }

func keyFrom(secret string) clientKey {
	sum := md5.Sum([]byte(secret))
	return clientKey{aws.String("AES256"), aws.String(base64.StdEncoding.EncodeToString([]byte(secret))), aws.String(base64.StdEncoding.EncodeToString(sum[:]))}
}

var (
	keyOne = keyFrom(strings.Repeat("1", 32))
	keyTwo = keyFrom(strings.Repeat("2", 32))
)

func (k clientKey) put(in *s3.PutObjectInput) {
	in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = k.algorithm, k.key, k.md5
}

func (k clientKey) begin(in *s3.CreateMultipartUploadInput) {
	in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = k.algorithm, k.key, k.md5
}

func (k clientKey) part(in *s3.UploadPartInput) {
	in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = k.algorithm, k.key, k.md5
}

// get reads an object, or a range of it, with the key; an error's code stands for the body.
func (k clientKey) get(t *testing.T, c *s3.Client, key, header string) string {
	t.Helper()
	in := &s3.GetObjectInput{Bucket: theBucket, Key: &key, Range: text(header), SSECustomerAlgorithm: k.algorithm, SSECustomerKey: k.key, SSECustomerKeyMD5: k.md5}
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		return codeOf(err) + ": " + messageOf(err)
	}
	return string(ok(io.ReadAll(out.Body))(t))
}

// allowCustomerKeys unblocks SSE-C in the bucket.
func allowCustomerKeys(t *testing.T, c *s3.Client) {
	t.Helper()
	setEncryption(t, c, types.ServerSideEncryptionRule{BlockedEncryptionTypes: &types.BlockedEncryptionTypes{EncryptionType: []types.EncryptionType{"NONE"}}})
}

func setEncryption(t *testing.T, c *s3.Client, rule types.ServerSideEncryptionRule) {
	t.Helper()
	ok(c.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: theBucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{rule}},
	}))(t)
}

const (
	needsKey  = "InvalidRequest: The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."
	wrongKey  = "AccessDenied: Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."
	needsNone = "InvalidRequest: The encryption parameters are not applicable to this object."
)

func TestCustomerKey(t *testing.T) {
	_, c := begin(t)
	allowCustomerKeys(t, c)
	for _, size := range []int{0, 1, 1000, inlineMax, inlineMax + 1, bufferSize, 3*bufferSize + 7} {
		body := string(randomBody(size))
		key := fmt.Sprint("k", size)
		out := put(t, c, key, body, keyOne.put)
		equal(t, "PutObject tells", fmt.Sprint(*out.SSECustomerAlgorithm, *out.SSECustomerKeyMD5, out.ServerSideEncryption), fmt.Sprint("AES256", *keyOne.md5, ""))
		if sum := md5.Sum([]byte(body)); strings.Trim(*out.ETag, `"`) == fmt.Sprintf("%x", sum) {
			t.Error("the ETag is the MD5 of the body")
		}
		if got := keyOne.get(t, c, key, ""); got != body {
			t.Errorf("%d bytes: other bytes came back: %.80q", size, got)
		}
		for _, r := range [][2]int{{0, 0}, {1, 15}, {15, 16}, {16, 40}, {17, size - 1}, {bufferSize - 3, bufferSize + 20}, {size - 1, size - 1}} {
			if r[0] > r[1] || r[0] < 0 || r[1] >= size {
				continue
			}
			header := fmt.Sprintf("bytes=%d-%d", r[0], r[1])
			if got := keyOne.get(t, c, key, header); got != body[r[0]:r[1]+1] {
				t.Errorf("%d bytes, %s: other bytes came back", size, header)
			}
		}
		equal(t, "without a key", clientKey{}.get(t, c, key, ""), needsKey)
		equal(t, "with another key", keyTwo.get(t, c, key, ""), wrongKey)
		equal(t, "with a key of another size", keyFrom("short").get(t, c, key, ""), wrongKey)
	}
	again := put(t, c, "k1", string(randomBody(1)), keyOne.put)
	if first := put(t, c, "k1", string(randomBody(1)), keyOne.put); *first.ETag == *again.ETag {
		t.Error("one body has one ETag, with a customer's key too")
	}
	put(t, c, "plain", "x")
	equal(t, "a key for an object without", keyOne.get(t, c, "plain", ""), needsNone)

	head := &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("k1000")}
	_, err := c.HeadObject(t.Context(), head)
	wantCode(t, "HEAD without a key", err, "BadRequest")
	head.SSECustomerAlgorithm, head.SSECustomerKey, head.SSECustomerKeyMD5 = keyOne.algorithm, keyOne.key, keyOne.md5
	shown := ok(c.HeadObject(t.Context(), head))(t)
	equal(t, "HEAD", fmt.Sprint(*shown.ContentLength, *shown.SSECustomerKeyMD5, shown.ServerSideEncryption), fmt.Sprint(1000, *keyOne.md5, ""))
	attributes := &s3.GetObjectAttributesInput{Bucket: theBucket, Key: aws.String("k1000"), ObjectAttributes: []types.ObjectAttributes{"ObjectSize"}}
	_, err = c.GetObjectAttributes(t.Context(), attributes)
	equal(t, "attributes without a key", codeOf(err)+": "+messageOf(err), needsKey)
	attributes.SSECustomerAlgorithm, attributes.SSECustomerKey, attributes.SSECustomerKeyMD5 = keyOne.algorithm, keyOne.key, keyOne.md5
	equal(t, "attributes", *ok(c.GetObjectAttributes(t.Context(), attributes))(t).ObjectSize, int64(1000))
	ok(c.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("k1000")}))(t)
}

// Nothing on the disk tells the bodies or the keys: neither the blobs nor the database.
func TestCustomerKeyOnDisk(t *testing.T) {
	w, c := begin(t)
	allowCustomerKeys(t, c)
	secret := "a secret of thirty-two letters.."
	small, large := strings.Repeat("small body ", 50), strings.Repeat("large body ", 20_000)
	put(t, c, "small", small, keyFrom(secret).put)
	put(t, c, "large", large, keyFrom(secret).put)
	put(t, c, "plain", strings.Repeat("plain body ", 20_000))
	plain := 0
	must(t, w.store.View(t.Context(), func(tx *store.Tx) error {
		for id := range tx.Scan("store/blobs", "", "") {
			blob := ok(w.store.OpenBlob(store.BlobID(id)))(t)
			file := ok(io.ReadAll(blob))(t)
			blob.Close()
			if bytes.Contains(file, []byte("plain body plain body")) {
				plain++
			}
			if bytes.Contains(file, []byte("large body large body")) {
				t.Errorf("blob %s holds the body", id)
			}
		}
		return nil
	}))
	equal(t, "plain bodies found", plain, 1)
	must(t, w.store.View(t.Context(), func(tx *store.Tx) error {
		for _, space := range []string{"s3/object", bodies} {
			for key, value := range tx.Scan(space, "", "") {
				for _, leak := range []string{"small body small body", secret, *keyFrom(secret).key} {
					if bytes.Contains(value, []byte(leak)) {
						t.Errorf("%s %q holds %q", space, key, leak)
					}
				}
			}
		}
		return nil
	}))
}

func TestCustomerKeyErrors(t *testing.T) {
	_, c := begin(t)
	allowCustomerKeys(t, c)
	other := keyOne
	for _, test := range []struct {
		name          string
		key           clientKey
		sse           types.ServerSideEncryption
		code, message string
	}{
		{"algorithm", clientKey{aws.String("AES128"), other.key, other.md5}, "", "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256."},
		{"no algorithm", clientKey{nil, other.key, other.md5}, "", "InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm."},
		{"no key", clientKey{other.algorithm, nil, nil}, "", "InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key."},
		{"no MD5", clientKey{other.algorithm, other.key, aws.String("")}, "", "InvalidArgument", "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key."},
		{"MD5 of another", clientKey{other.algorithm, other.key, keyTwo.md5}, "", "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided."},
		{"short", keyFrom("0123456789"), "", "InvalidArgument", "The secret key was invalid for the specified algorithm."},
		{"not base64", clientKey{other.algorithm, aws.String("%"), other.md5}, "", "InvalidArgument", "The secret key was invalid for the specified algorithm."},
		{"and SSE-S3", other, types.ServerSideEncryptionAes256, "InvalidArgument", "Server Side Encryption with Customer provided key is incompatible with the encryption method specified"},
	} {
		in := &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("k"), Body: strings.NewReader("x"), ServerSideEncryption: test.sse}
		test.key.put(in)
		_, err := c.PutObject(t.Context(), in)
		equal(t, test.name, codeOf(err)+": "+messageOf(err), test.code+": "+test.message)
	}
	equal(t, "nothing was stored", read(t, c, "k", ""), "NoSuchKey")
}

func TestCustomerKeyBlocked(t *testing.T) {
	_, c := begin(t)
	allowCustomerKeys(t, c)
	put(t, c, "k", "x", keyOne.put)
	u := beginUpload(t, c, "u", keyOne.begin)
	setEncryption(t, c, types.ServerSideEncryptionRule{BlockedEncryptionTypes: &types.BlockedEncryptionTypes{EncryptionType: []types.EncryptionType{"SSE-C"}}})
	equal(t, "what is there can be read", keyOne.get(t, c, "k", ""), "x")

	in := &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("l"), Body: strings.NewReader("x")}
	clientKey{aws.String("nonsense"), nil, nil}.put(in) // the block comes before the headers are looked at
	_, err := c.PutObject(t.Context(), in)
	wantCode(t, "PutObject", err, "AccessDenied")
	begin := &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("l")}
	keyOne.begin(begin)
	_, err = c.CreateMultipartUpload(t.Context(), begin)
	wantCode(t, "CreateMultipartUpload", err, "AccessDenied")
	part := &s3.UploadPartInput{Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumber: aws.Int32(1), Body: strings.NewReader("x")}
	keyOne.part(part)
	_, err = c.UploadPart(t.Context(), part)
	wantCode(t, "UploadPart", err, "AccessDenied")
	_, err = c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("l"), CopySource: aws.String("reports/k"),
		SSECustomerAlgorithm: keyOne.algorithm, SSECustomerKey: keyOne.key, SSECustomerKeyMD5: keyOne.md5,
		CopySourceSSECustomerAlgorithm: keyOne.algorithm, CopySourceSSECustomerKey: keyOne.key, CopySourceSSECustomerKeyMD5: keyOne.md5})
	equal(t, "CopyObject", codeOf(err)+": "+messageOf(err), `AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: s3:CopyObject on resource: "arn:aws:s3:::reports/l" `+
		"because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type")
	ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("l"), CopySource: aws.String("reports/k"),
		CopySourceSSECustomerAlgorithm: keyOne.algorithm, CopySourceSSECustomerKey: keyOne.key, CopySourceSSECustomerKeyMD5: keyOne.md5}))(t)
	equal(t, "a copy without a key", read(t, c, "l", ""), "x")
}

func TestCustomerKeyMultipart(t *testing.T) {
	_, c := begin(t)
	allowCustomerKeys(t, c)
	body := randomBody(2*partSize + 1000)
	put(t, c, "source", string(body[partSize:2*partSize+100]), keyTwo.put)
	u := beginUpload(t, c, "big", keyOne.begin)
	u.part(1, body[:partSize], keyOne.part)
	equal(t, "parts", u.tryPart(2, keyTwo), "InvalidRequest: The provided encryption parameters did not match the ones used originally.")
	const needed = "InvalidRequest: The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters."
	equal(t, "parts", u.tryPart(2, clientKey{}), needed)
	equal(t, "parts", beginUpload(t, c, "other").tryPart(1, keyOne), needed)
	copied := ok(c.UploadPartCopy(t.Context(), &s3.UploadPartCopyInput{
		Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumber: aws.Int32(2), CopySource: aws.String("reports/source"), CopySourceRange: aws.String(fmt.Sprintf("bytes=0-%d", partSize-1)),
		SSECustomerAlgorithm: keyOne.algorithm, SSECustomerKey: keyOne.key, SSECustomerKeyMD5: keyOne.md5,
		CopySourceSSECustomerAlgorithm: keyTwo.algorithm, CopySourceSSECustomerKey: keyTwo.key, CopySourceSSECustomerKeyMD5: keyTwo.md5,
	}))(t)
	equal(t, "UploadPartCopy tells", *copied.SSECustomerKeyMD5, *keyOne.md5)
	two := int32(2)
	u.done[2] = types.CompletedPart{PartNumber: &two, ETag: copied.CopyPartResult.ETag}
	u.part(3, body[2*partSize:], keyOne.part)
	_, err := u.complete([]int32{1, 2, 3}, func(in *s3.CompleteMultipartUploadInput) {
		in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5 = keyTwo.algorithm, keyTwo.key, keyTwo.md5
	})
	wantCode(t, "completion with another key", err, "InvalidRequest")
	out := ok(u.complete([]int32{1, 2, 3}))(t)
	equal(t, "ETag", strings.HasSuffix(*out.ETag, `-3"`), true)
	if keyOne.get(t, c, "big", "") != string(body) {
		t.Error("other bytes came back")
	}
	for _, r := range [][2]int{{partSize - 5, partSize + 5}, {0, 2 * partSize}, {2*partSize + 1, 2*partSize + 998}} {
		if keyOne.get(t, c, "big", fmt.Sprintf("bytes=%d-%d", r[0], r[1])) != string(body[r[0]:r[1]+1]) {
			t.Errorf("bytes %v: other bytes came back", r)
		}
	}
	equal(t, "another key", keyTwo.get(t, c, "big", ""), wrongKey)

	// A copy under another key, and one without.
	ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/big"),
		SSECustomerAlgorithm: keyTwo.algorithm, SSECustomerKey: keyTwo.key, SSECustomerKeyMD5: keyTwo.md5,
		CopySourceSSECustomerAlgorithm: keyOne.algorithm, CopySourceSSECustomerKey: keyOne.key, CopySourceSSECustomerKeyMD5: keyOne.md5}))(t)
	plain := ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("plain"), CopySource: aws.String("reports/copy"),
		CopySourceSSECustomerAlgorithm: keyTwo.algorithm, CopySourceSSECustomerKey: keyTwo.key, CopySourceSSECustomerKeyMD5: keyTwo.md5}))(t)
	equal(t, "the plain copy's ETag is an MD5", *plain.CopyObjectResult.ETag, fmt.Sprintf(`"%x"`, md5.Sum(body)))
	if keyTwo.get(t, c, "copy", "") != string(body) || read(t, c, "plain", "") != string(body) {
		t.Error("the copies are not their source")
	}
	for name, k := range map[string]clientKey{needsKey: {}, wrongKey: keyTwo} {
		_, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("no"), CopySource: aws.String("reports/big"),
			CopySourceSSECustomerAlgorithm: k.algorithm, CopySourceSSECustomerKey: k.key, CopySourceSSECustomerKeyMD5: k.md5})
		equal(t, "copy", codeOf(err)+": "+messageOf(err), name)
	}
}

// tryPart uploads a part that is refused.
func (u *upload) tryPart(number int32, k clientKey) string {
	u.t.Helper()
	in := &s3.UploadPartInput{Bucket: theBucket, Key: u.key, UploadId: u.id, PartNumber: &number, Body: strings.NewReader("x")}
	k.part(in)
	_, err := u.c.UploadPart(u.t.Context(), in)
	return codeOf(err) + ": " + messageOf(err)
}

// FuzzCustomerKey: what is taken for a key is one in base64 with its MD5, and opens what it locked and nothing else.
func FuzzCustomerKey(f *testing.F) {
	f.Add(*keyOne.algorithm, *keyOne.key, *keyOne.md5)
	f.Add("AES256", "", "")
	f.Add("aes256", *keyOne.key, *keyOne.md5)
	short := keyFrom("short")
	f.Add(*short.algorithm, *short.key, *short.md5)
	f.Fuzz(func(t *testing.T, algorithm, key, digest string) {
		k, err := keyHeaders{&algorithm, &key, &digest}.read()
		if err != nil {
			return
		}
		lock, err := k.newLock()
		if err != nil {
			return
		}
		one, _ := keyHeaders(keyOne).read()
		if algorithm != "AES256" || !k.opens(lock) || one.opens(lock) != bytes.Equal(one.secret, k.secret) {
			t.Errorf("%q %q %q", algorithm, key, digest)
		}
		k.stream(lock.Nonce, 12345)
	})
}
