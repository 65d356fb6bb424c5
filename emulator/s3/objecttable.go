package s3

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/store"
)

// Object is a version of an object, or a delete marker, as it is stored.
type Object struct {
	BucketID  string // Bucket.ID
	Key       string
	VersionID string // "null" for one written while versioning was not enabled
	// Order sorts the versions of a key, the newest first. It is the version id unless that is "null".
	Order        string
	DeleteMarker bool      `json:",omitempty"`
	Owner        string    // account id; "" for an anonymous writer
	Modified     time.Time // whole seconds

	Size     int64
	ETag     string   `json:",omitempty"` // without quotes
	ACL      ACL      `json:",omitzero"`
	Tags     []Tag    `json:",omitempty"`
	Checksum Checksum `json:",omitzero"`
	Metadata
	Encryption Encryption `json:",omitzero"`
	// Replication is "" for what no rule replicates.
	Replication types.ReplicationStatus `json:",omitempty"`

	// The body is in one of three places: in the space bodies (up to inlineMax bytes; see inline), in the one Blob, or in
	// the parts that are stored under the id of the upload that brought them.
	Blob   store.BlobID `json:",omitempty"`
	Upload string       `json:",omitempty"`
	// Parts is how many parts a multipart upload was completed with; 0 for an object that was put or copied whole.
	Parts int32 `json:",omitempty"`

	Lock    Lock    `json:",omitzero"`
	Restore Restore `json:",omitzero"`

	inline []byte       // the body, when it is small; not part of the row
	key    *customerKey // what a locked object is read with (see unlock); not part of the row
}

// Part is a part of a multipart upload, and of the object that the upload was completed to: completing moves neither rows
// nor bytes.
type Part struct {
	Upload    string // the upload's id
	Number    int32
	Blob      store.BlobID `json:",omitempty"` // "" for an empty part
	Size      int64
	ETag      string
	Modified  time.Time
	Checksums []Checksum // CRC64NVME, and the algorithm of the upload or of the request
	Nonce     []byte     `json:",omitempty"` // of SSE-C
}

func (p *Part) checksum(a types.ChecksumAlgorithm) string {
	for _, c := range p.Checksums {
		if c.Algorithm == a {
			return c.Value
		}
	}
	return ""
}

// nullVersion is the version id of what was written while versioning was not enabled.
const nullVersion = "null"

// The newest version of each key is in one table, so that a GET is one look-up; those before it are in another.
var (
	current = store.NewTable("s3/object", func(o *Object) string { return store.Key(o.BucketID, o.Key) })
	older   = store.NewTable("s3/version", func(o *Object) string { return store.Key(o.BucketID, o.Key, o.Order) },
		store.Index[Object]{Name: "null", Keys: func(o *Object) []string {
			if o.VersionID != nullVersion {
				return nil
			}
			return []string{store.Key(o.BucketID, o.Key)}
		}})
	parts = store.NewTable("s3/part", func(p *Part) string { return partKey(p.Upload, p.Number) })
)

// bodies is the space of small bodies, outside the rows so that listings do not read them.
const bodies = "s3/body"

func bodyKey(o *Object) string { return store.Key(o.BucketID, o.Key, o.Order) }

func partKey(upload string, number int32) string {
	return store.Key(upload, string(binary.BigEndian.AppendUint32(nil, uint32(number))))
}

// lookUp returns a version of a key, "" meaning the newest, with its body if that is inline; delete markers are returned as
// they are. ok is false when there is none.
func lookUp(tx *store.Tx, b *Bucket, key, version string) (o Object, ok bool, err error) {
	o, ok, err = current.Get(tx, store.Key(b.ID, key))
	switch {
	case err != nil || !ok:
		return Object{}, false, err
	case version == "" || o.VersionID == version:
	case version == nullVersion:
		o, ok, err = first(older.ByIndex(tx, "null", store.Key(b.ID, key)))
	default:
		o, ok, err = older.Get(tx, store.Key(b.ID, key, version))
	}
	if err != nil || !ok || o.VersionID != version && version != "" { // a null version's order is nobody's version id
		return Object{}, false, err
	}
	if o.inlined() {
		o.inline = bytes.Clone(tx.Get(bodies, bodyKey(&o)))
	}
	return o, true, nil
}

func (o *Object) inlined() bool {
	return !o.DeleteMarker && o.Size > 0 && o.Blob == "" && o.Upload == ""
}

// insert makes o, whose body is stored or in o.inline, the newest version of its key, as the bucket's versioning says:
// it sets the version id and the order ("How S3 Versioning works", Amazon S3 User Guide).
func insert(tx *store.Tx, b *Bucket, o *Object) error {
	o.BucketID = b.ID
	previous, had, err := current.Get(tx, store.Key(b.ID, o.Key))
	if err != nil {
		return err
	}
	o.Order = newOrder(tx.Now, previous.Order)
	o.VersionID = nullVersion
	if b.Versioning == "Enabled" {
		o.VersionID = o.Order
	}
	switch {
	case had && o.VersionID == nullVersion && previous.VersionID == nullVersion:
		err = dropBody(tx, &previous) // its row is replaced
	case had:
		if err = older.Put(tx, &previous); err == nil && o.VersionID == nullVersion {
			err = removeOlderNull(tx, b, o.Key)
		}
	}
	if err != nil {
		return err
	}
	if o.inlined() {
		if err := tx.PutStable(bodies, bodyKey(o), o.inline); err != nil {
			return err
		}
	}
	return current.Put(tx, o)
}

// insertAt puts a version, which has its order and version id already, where it belongs among those of its key.
func insertAt(tx *store.Tx, o *Object) error {
	newest, ok, err := current.Get(tx, store.Key(o.BucketID, o.Key))
	if err != nil {
		return err
	}
	if o.inlined() {
		if err := tx.PutStable(bodies, bodyKey(o), o.inline); err != nil {
			return err
		}
	}
	switch {
	case ok && newest.Order < o.Order: // the newest sorts first
		return older.Put(tx, o)
	case ok:
		if err := older.Put(tx, &newest); err != nil {
			return err
		}
	}
	return current.Put(tx, o)
}

// removeOlderNull removes the null version below the newest version: there is never more than one.
func removeOlderNull(tx *store.Tx, b *Bucket, key string) error {
	null, ok, err := first(older.ByIndex(tx, "null", store.Key(b.ID, key)))
	if err != nil || !ok {
		return err
	}
	return remove(tx, &null)
}

// remove takes a version away for good. If it was the newest, the one before it becomes the newest.
func remove(tx *store.Tx, o *Object) error {
	if err := dropBody(tx, o); err != nil {
		return err
	}
	key := store.Key(o.BucketID, o.Key)
	newest, ok, err := current.Get(tx, key)
	if err != nil {
		return err
	}
	if !ok || newest.Order != o.Order {
		return older.Delete(tx, store.Key(o.BucketID, o.Key, o.Order))
	}
	next, ok, err := first(older.Scan(tx, key, ""))
	switch {
	case err != nil:
		return err
	case !ok:
		return current.Delete(tx, key)
	}
	if err := older.Delete(tx, store.Key(next.BucketID, next.Key, next.Order)); err != nil {
		return err
	}
	return current.Put(tx, &next)
}

// replace writes a changed row (tags, ACL) of a version that is stored.
func replace(tx *store.Tx, o *Object) error {
	newest, ok, err := current.Get(tx, store.Key(o.BucketID, o.Key))
	if err != nil {
		return err
	}
	if ok && newest.Order == o.Order {
		return current.Put(tx, o)
	}
	return older.Put(tx, o)
}

func dropBody(tx *store.Tx, o *Object) error {
	switch {
	case o.Blob != "":
		return tx.DropBlob(o.Blob)
	case o.Upload != "":
		return dropParts(tx, o.Upload)
	case o.inlined():
		return tx.Delete(bodies, bodyKey(o))
	}
	return nil
}

// dropParts removes all parts of an upload, or of the object that it became.
func dropParts(tx *store.Tx, upload string) error {
	all, err := partsOf(tx, upload)
	for i := range all {
		if err == nil {
			err = dropPart(tx, &all[i])
		}
	}
	return err
}

func dropPart(tx *store.Tx, p *Part) error {
	if p.Blob != "" {
		if err := tx.DropBlob(p.Blob); err != nil {
			return err
		}
	}
	return parts.Delete(tx, partKey(p.Upload, p.Number))
}

// partsOf returns the parts of an upload by number.
func partsOf(tx *store.Tx, upload string) ([]Part, error) {
	var all []Part
	for p, err := range parts.Scan(tx, store.Key(upload), "") {
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// empty says that the bucket has no object, version or delete marker.
func empty(tx *store.Tx, b *Bucket) (bool, error) {
	_, some, err := first(current.Scan(tx, store.Key(b.ID), "")) // what is older than something has that above it
	return !some, err
}

// ordered is base64 with digits that sort by their value.
var ordered = base64.NewEncoding("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz").WithPadding(base64.NoPadding)

// newOrder returns a version id: 32 characters that sort before those made earlier, and before previous whatever the clock
// says.
func newOrder(now time.Time, previous string) string {
	age := ^uint64(now.UnixNano())
	if b, err := ordered.DecodeString(previous); err == nil && len(b) == 24 {
		age = min(age, binary.BigEndian.Uint64(b)-1)
	}
	return stamped(age)
}

// newUploadID returns an id that sorts after those of uploads begun earlier.
func newUploadID(now time.Time) string { return stamped(uint64(now.UnixNano())) }

// first returns the first value that a scan yields; ok is false when there is none.
func first[T any](found iter.Seq2[T, error]) (v T, ok bool, err error) {
	for v, err := range found {
		return v, err == nil, err
	}
	return v, false, nil
}

func stamped(n uint64) string {
	var b [24]byte
	rand.Read(b[8:])
	binary.BigEndian.PutUint64(b[:], n)
	return ordered.EncodeToString(b[:])
}

// wellFormedVersion says whether a version id looks like one: an unknown id that does is NoSuchVersion, another one
// InvalidArgument.
func wellFormedVersion(id string) bool {
	return id == nullVersion || len(id) == 32 && strings.Trim(id, "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz") == ""
}
