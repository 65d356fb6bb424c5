package s3

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// Metadata is what a writer says of an object and a reader gets back ("Working with object metadata", Amazon S3 User
// Guide): the user's x-amz-meta- headers and the system's.
type Metadata struct {
	User map[string]string `json:",omitempty"` // keys in lower case

	ContentType        string             `json:",omitempty"`
	CacheControl       string             `json:",omitempty"`
	ContentDisposition string             `json:",omitempty"`
	ContentEncoding    string             `json:",omitempty"`
	ContentLanguage    string             `json:",omitempty"`
	Expires            string             `json:",omitempty"` // as it was given
	WebsiteRedirect    string             `json:",omitempty"`
	StorageClass       types.StorageClass `json:",omitempty"` // "" is STANDARD
}

// The most that S3 takes ("Working with object metadata", "Uploading objects", "Object key naming guidelines").
const (
	maxUserMetadata = 2 << 10
	maxKey          = 1024
	maxBody         = 5 << 30
)

// storageClasses are those that an object of a general purpose bucket can be put into.
var storageClasses = []types.StorageClass{
	types.StorageClassStandard, types.StorageClassReducedRedundancy, types.StorageClassStandardIa,
	types.StorageClassOnezoneIa, types.StorageClassIntelligentTiering, types.StorageClassGlacier,
	types.StorageClassDeepArchive, types.StorageClassGlacierIr,
}

// metadataOf reads the metadata that in, the input of PutObject, CopyObject or CreateMultipartUpload, gives.
// Errors: MetadataTooLarge, InvalidStorageClass, InvalidArgument.
func metadataOf(r *http.Request, in any) (Metadata, error) {
	fields := reflect.ValueOf(in).Elem()
	given := func(name string) string {
		s, _ := fieldNamed(fields, name).Interface().(*string)
		return aws.ToString(s)
	}
	m := Metadata{
		ContentType:        given("ContentType"),
		CacheControl:       given("CacheControl"),
		ContentDisposition: given("ContentDisposition"),
		ContentEncoding:    withoutChunked(given("ContentEncoding")),
		ContentLanguage:    given("ContentLanguage"),
		Expires:            r.Header.Get("Expires"),
		WebsiteRedirect:    given("WebsiteRedirectLocation"),
	}
	if e, _ := fieldNamed(fields, "Expires").Interface().(*time.Time); e != nil && m.Expires == "" {
		m.Expires = httpTime(*e) // the request is not one of HTTP headers
	}
	if m.ContentType == "" {
		m.ContentType = "binary/octet-stream"
	}
	if w := m.WebsiteRedirect; w != "" && !strings.HasPrefix(w, "/") && !strings.HasPrefix(w, "http://") && !strings.HasPrefix(w, "https://") {
		return m, awserr.InvalidArgument.Errorf("The website redirect location must have a prefix of 'http://' or 'https://' or '/'.")
	}
	class := fieldNamed(fields, "StorageClass").Interface().(types.StorageClass)
	if class != "" && !slices.Contains(storageClasses, class) {
		return m, awserr.InvalidStorageClass.Errorf("The storage class you specified is not valid").With("StorageClassRequested", string(class))
	}
	if class != types.StorageClassStandard {
		m.StorageClass = class
	}
	size := 0
	for name, value := range fieldNamed(fields, "Metadata").Interface().(map[string]string) {
		if m.User == nil {
			m.User = map[string]string{}
		}
		value = metadataText(value)
		m.User[strings.ToLower(name)] = value
		size += len(name) + len(value)
	}
	if size > maxUserMetadata {
		return m, awserr.MetadataTooLarge.Errorf("Your metadata headers exceed the maximum allowed metadata size").
			With("Size", strconv.Itoa(size)).With("MaxSizeAllowed", strconv.Itoa(maxUserMetadata))
	}
	return m, nil
}

// withoutChunked removes aws-chunked, which is the transfer's encoding and not the object's ("Signature calculations for
// the authorization header: transferring payload in multiple chunks", Amazon S3 API Reference).
func withoutChunked(encoding string) string {
	var kept []string
	for _, e := range strings.Split(encoding, ",") {
		if e = strings.TrimSpace(e); e != "" && !strings.EqualFold(e, "aws-chunked") {
			kept = append(kept, e)
		}
	}
	return strings.Join(kept, ",")
}

// listedClass is the storage class as listings have it.
func (m *Metadata) listedClass() types.StorageClass {
	if m.StorageClass == "" {
		return types.StorageClassStandard
	}
	return m.StorageClass
}

// archived says that the object must be restored before it can be read.
func (m *Metadata) archived() bool {
	return m.StorageClass == types.StorageClassGlacier || m.StorageClass == types.StorageClassDeepArchive
}

// expiresTime is Expires as a time, nil when it is absent or not a date.
func (m *Metadata) expiresTime() *time.Time {
	if m.Expires == "" {
		return nil
	}
	t, err := http.ParseTime(m.Expires)
	if err != nil {
		return nil
	}
	return &t
}

// unsupported refuses what an upload asks for and xemu, or the bucket, does not have, rather than to store an object
// without it. in is the input struct.
func unsupported(in any) error {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		switch name := v.Type().Field(i).Name; {
		case name == "WriteOffsetBytes": // of directory buckets
			return headerNotImplemented("x-amz-write-offset-bytes")
		}
	}
	return nil
}

func headerNotImplemented(name string) error {
	return awserr.NotImplemented.Errorf("A header you provided implies functionality that is not implemented").With("Header", name)
}

// wellFormedKey checks a key ("Naming Amazon S3 objects"). Errors: KeyTooLongError, InvalidURI.
func wellFormedKey(key string) error {
	switch {
	case !utf8.ValidString(key):
		return awserr.InvalidURI.Errorf("Couldn't parse the specified URI.")
	case len(key) <= maxKey:
		return nil
	}
	return awserr.KeyTooLongError.Errorf("Your key is too long").
		With("Size", strconv.Itoa(len(key))).With("MaxSizeAllowed", strconv.Itoa(maxKey))
}
