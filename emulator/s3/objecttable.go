package s3

import (
	"time"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Object is a version of an object, or a delete marker, as it is stored.
type Object struct {
	BucketID  string // Bucket.ID
	Key       string
	VersionID string // "null" for one written while versioning was not enabled
	// Order sorts the versions of a key, the newest first.
	Order        string
	DeleteMarker bool      `json:",omitempty"`
	Owner        string    // account id; "" for an anonymous writer
	Modified     time.Time // whole seconds

	Size     int64
	ETag     string // without quotes
	ACL      ACL
	Tags     []Tag             `json:",omitempty"`
	Metadata map[string]string `json:",omitempty"` // x-amz-meta-*, keys in lower case

	ContentType        string     `json:",omitempty"`
	CacheControl       string     `json:",omitempty"`
	ContentDisposition string     `json:",omitempty"`
	ContentEncoding    string     `json:",omitempty"`
	ContentLanguage    string     `json:",omitempty"`
	Expires            *time.Time `json:",omitempty"`
	WebsiteRedirect    string     `json:",omitempty"`
	StorageClass       string     `json:",omitempty"` // "" is STANDARD

	Checksums    map[string]string `json:",omitempty"` // by algorithm: CRC32, CRC32C, CRC64NVME, SHA1, SHA256
	ChecksumType string            `json:",omitempty"` // COMPOSITE or FULL_OBJECT

	// The body is Inline, or the Parts one after the other; an object that was put whole has one part and Multipart false.
	Inline    []byte `json:",omitempty"`
	Parts     []Part `json:",omitempty"`
	Multipart bool   `json:",omitempty"`
}

// Part is a piece of a body.
type Part struct {
	Number    int32
	Blob      store.BlobID
	Size      int64
	ETag      string
	Checksums map[string]string `json:",omitempty"`
}

// The newest version of each key is in one table, so that a GET is one look-up; those before it are in another.
var (
	current = store.NewTable("s3/object", func(o *Object) string { return store.Key(o.BucketID, o.Key) })
	older   = store.NewTable("s3/version", func(o *Object) string { return store.Key(o.BucketID, o.Key, o.Order) },
		store.Index[Object]{Name: "id", Keys: func(o *Object) []string {
			return []string{store.Key(o.BucketID, o.Key, o.VersionID)}
		}})
)

// lookUp returns a version of a key, "" meaning the newest; delete markers are returned as they are. ok is false when there
// is none.
func lookUp(tx *store.Tx, b *Bucket, key, version string) (o Object, ok bool, err error) {
	o, ok, err = current.Get(tx, store.Key(b.ID, key))
	if err != nil || !ok || version == "" || o.VersionID == version {
		return o, ok, err
	}
	for o, err := range older.ByIndex(tx, "id", store.Key(b.ID, key, version)) {
		return o, err == nil, err
	}
	return Object{}, false, nil
}

// empty says that the bucket has no object, version or delete marker.
func empty(tx *store.Tx, b *Bucket) (bool, error) {
	for _, err := range current.Scan(tx, store.Key(b.ID), "") {
		return false, err
	}
	for _, err := range older.Scan(tx, store.Key(b.ID), "") {
		return false, err
	}
	return true, nil
}

// forgetUploads removes the multipart uploads of a bucket that is being deleted, with their parts.
func forgetUploads(tx *store.Tx, b *Bucket) error { panic("being written") }

var (
	objects    = wire.Ops[Service]()
	copies     = wire.Ops[Service]()
	deletions  = wire.Ops[Service]()
	listings   = wire.Ops[Service]()
	multipart  = wire.Ops[Service]()
	objectACLs = wire.Ops[Service]()
	objectTags = wire.Ops[Service]()
)
