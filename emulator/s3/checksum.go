package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/minio/crc64nvme"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Checksum is the additional checksum that S3 keeps with an object ("Checking object integrity", Amazon S3 User Guide).
type Checksum struct {
	Algorithm types.ChecksumAlgorithm
	Type      types.ChecksumType
	Value     string // base64, with "-N" for a composite of N parts
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// algorithms are the checksum algorithms that xemu computes. Their name is the end of the SDK's field names and, in lower
// case, of the header x-amz-checksum-….
var algorithms = []struct {
	name types.ChecksumAlgorithm
	size int
	new  func() hash.Hash
}{
	{types.ChecksumAlgorithmCrc32, 4, func() hash.Hash { return crc32.NewIEEE() }},
	{types.ChecksumAlgorithmCrc32c, 4, func() hash.Hash { return crc32.New(castagnoli) }},
	{types.ChecksumAlgorithmCrc64nvme, 8, func() hash.Hash { return crc64nvme.New() }},
	{types.ChecksumAlgorithmSha1, 20, sha1.New},
	{types.ChecksumAlgorithmSha256, 32, sha256.New},
	{types.ChecksumAlgorithmSha512, 64, sha512.New},
	{types.ChecksumAlgorithmMd5, 16, md5.New},
}

// newHash returns the hash of an algorithm in any case; ok is false for one that S3 does not have.
func newHash(name types.ChecksumAlgorithm) (h hash.Hash, size int, ok bool) {
	for _, a := range algorithms {
		if strings.EqualFold(string(a.name), string(name)) {
			return a.new(), a.size, true
		}
	}
	return nil, 0, false
}

// knownAlgorithm returns the algorithm's name in AWS's spelling. An algorithm that AWS has and xemu has not is
// NotImplemented.
func knownAlgorithm(name, header string) (types.ChecksumAlgorithm, error) {
	for _, a := range algorithms {
		if strings.EqualFold(string(a.name), name) {
			return a.name, nil
		}
	}
	for _, a := range types.ChecksumAlgorithm("").Values() {
		if strings.EqualFold(string(a), name) {
			return "", awserr.NotImplemented.Errorf("xemu does not implement the checksum algorithm %s.", a)
		}
	}
	if header == "x-amz-checksum-algorithm" {
		return "", awserr.InvalidRequest.Errorf("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5]")
	}
	return "", awserr.InvalidRequest.Errorf("Value for %s header is invalid.", header)
}

// claim is the checksum that a request says its body has.
type claim struct {
	algorithm types.ChecksumAlgorithm
	value     string // base64; empty when it comes in the trailer
	trailer   bool
}

// claimOf reads the claim of an upload, in being its input struct; a claim without an algorithm means that there is none.
func claimOf(r *http.Request, in any) (claim, error) {
	var c claim
	fields := reflect.ValueOf(in).Elem()
	n := 0
	for _, a := range types.ChecksumAlgorithm("").Values() {
		given, _ := fieldNamed(fields, "Checksum"+string(a)).Interface().(*string)
		if given == nil {
			continue
		}
		n++
		name, err := knownAlgorithm(string(a), "")
		if err != nil {
			return c, err
		}
		c = claim{algorithm: name, value: *given}
	}
	for _, name := range strings.Split(r.Header.Get("X-Amz-Trailer"), ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		alg, ok := strings.CutPrefix(name, "x-amz-checksum-")
		if !ok {
			continue
		}
		n++
		known, err := knownAlgorithm(alg, "x-amz-trailer")
		if err != nil {
			return c, err
		}
		c = claim{algorithm: known, trailer: true}
	}
	if n > 1 {
		return c, awserr.InvalidRequest.Errorf("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	}
	if asked, _ := fieldNamed(fields, "ChecksumAlgorithm").Interface().(types.ChecksumAlgorithm); asked != "" {
		known, err := knownAlgorithm(string(asked), "x-amz-sdk-checksum-algorithm")
		switch {
		case err != nil:
			return c, err
		case n == 0:
			return c, awserr.InvalidRequest.Errorf("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
		case known != c.algorithm:
			return c, awserr.InvalidRequest.Errorf("Value for x-amz-sdk-checksum-algorithm header is invalid.")
		}
	}
	if c.algorithm != "" && !c.trailer {
		if err := c.wellFormed(); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c claim) header() string { return "x-amz-checksum-" + strings.ToLower(string(c.algorithm)) }

func (c claim) wellFormed() error {
	_, size, _ := newHash(c.algorithm)
	if raw, err := base64.StdEncoding.DecodeString(c.value); err != nil || len(raw) != size {
		return awserr.InvalidRequest.Errorf("Value for %s header is invalid.", c.header())
	}
	return nil
}

// check compares the claim with what the body hashed to. A trailer's value is known once the body has been read.
func (c claim) check(r *http.Request, computed string) error {
	if c.trailer {
		c.value = r.Trailer.Get(c.header())
		if c.value == "" {
			return awserr.MalformedTrailerError.Errorf("The request contained trailing data that was not well-formed or did not conform to our published schema.")
		}
		if err := c.wellFormed(); err != nil {
			return err
		}
	}
	if c.value != computed {
		return badDigest(c.algorithm)
	}
	return nil
}

func badDigest(a types.ChecksumAlgorithm) error {
	return awserr.BadDigest.Errorf("The %s you specified did not match the calculated checksum.", a)
}

// setChecksum fills the checksum fields of an output struct or of one of the SDK's types.
func setChecksum(out any, c Checksum) {
	if c.Algorithm == "" {
		return
	}
	fields := reflect.ValueOf(out).Elem()
	value := c.Value
	fieldNamed(fields, "Checksum"+string(c.Algorithm)).Set(reflect.ValueOf(&value))
	if t := fieldNamed(fields, "ChecksumType"); t.IsValid() {
		t.Set(reflect.ValueOf(c.Type))
	}
}

// typeFor returns the checksum type of a multipart upload, given what the request asks for.
func typeFor(a types.ChecksumAlgorithm, asked types.ChecksumType) (types.ChecksumType, error) {
	full, composite := false, false
	switch a {
	case types.ChecksumAlgorithmCrc64nvme:
		full = true
	case types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c:
		full, composite = true, true
	default:
		composite = true
	}
	switch {
	case asked == "" && composite, asked == types.ChecksumTypeComposite && composite:
		return types.ChecksumTypeComposite, nil
	case asked == "", asked == types.ChecksumTypeFullObject && full:
		return types.ChecksumTypeFullObject, nil
	}
	return "", awserr.InvalidRequest.Errorf("The %s checksum type cannot be used with the %s checksum algorithm.", asked, strings.ToLower(string(a)))
}

// combined is the checksum of parts joined: of the parts' checksums (COMPOSITE), or of their bytes (FULL_OBJECT).
func combined(a types.ChecksumAlgorithm, t types.ChecksumType, parts []Part) (Checksum, error) {
	c := Checksum{Algorithm: a, Type: t}
	h, size, _ := newHash(a)
	sum := make([]byte, size) // the CRC of nothing is zero
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.checksum(a))
		if err != nil || len(raw) != size {
			return c, awserr.InvalidPart.Errorf("The part %d has no %s checksum.", p.Number, a)
		}
		h.Write(raw)
		if t == types.ChecksumTypeFullObject {
			sum = joinCRC(a, sum, raw, p.Size)
		}
	}
	if t == types.ChecksumTypeFullObject {
		c.Value = base64.StdEncoding.EncodeToString(sum)
		return c, nil
	}
	c.Value = base64.StdEncoding.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(parts))
	return c, nil
}

// joinCRC returns the CRC of two byte strings joined, from the CRC of each and the second one's length.
func joinCRC(a types.ChecksumAlgorithm, first, second []byte, length int64) []byte {
	switch a {
	case types.ChecksumAlgorithmCrc64nvme:
		joined := shiftCRC(binary.BigEndian.Uint64(first), 0x9a6c9329ac4bc9b5, length) ^ binary.BigEndian.Uint64(second)
		return binary.BigEndian.AppendUint64(nil, joined)
	case types.ChecksumAlgorithmCrc32c:
		joined := uint32(shiftCRC(uint64(binary.BigEndian.Uint32(first)), crc32.Castagnoli, length)) ^ binary.BigEndian.Uint32(second)
		return binary.BigEndian.AppendUint32(nil, joined)
	default:
		joined := uint32(shiftCRC(uint64(binary.BigEndian.Uint32(first)), crc32.IEEE, length)) ^ binary.BigEndian.Uint32(second)
		return binary.BigEndian.AppendUint32(nil, joined)
	}
}

// shiftCRC advances a reflected CRC over length zero bytes: it multiplies by a matrix over GF(2) that is squared for each
// bit of the length, so the cost is in the length's logarithm.
func shiftCRC(crc, poly uint64, length int64) uint64 {
	var m matrix // one zero bit
	m[0] = poly
	for i := 1; i < 64; i++ {
		m[i] = 1 << (i - 1)
	}
	for range 3 { // one zero byte
		m = m.squared()
	}
	for ; length > 0; length >>= 1 {
		if length&1 == 1 {
			crc = m.times(crc)
		}
		m = m.squared()
	}
	return crc
}

type matrix [64]uint64

func (m *matrix) times(v uint64) (sum uint64) {
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 == 1 {
			sum ^= m[i]
		}
	}
	return sum
}

func (m *matrix) squared() (s matrix) {
	for i := range m {
		s[i] = m.times(m[i])
	}
	return s
}
