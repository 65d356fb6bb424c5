package s3

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"
)

// AppendBinary and UnmarshalBinary are the form in which a store.Table keeps an object's row: every request for an object
// reads one, and a page of a listing a thousand.

// AppendBinary implements encoding.BinaryAppender.
func (o *Object) AppendBinary(b []byte) ([]byte, error) {
	c := rowCoder{written: append(b, rowVersion)}
	c.object(o)
	return c.written, nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (o *Object) UnmarshalBinary(row []byte) error {
	if len(row) == 0 || row[0] != rowVersion {
		return errors.New("an object's row of an unknown version")
	}
	c := rowCoder{reading: true, rest: string(row[1:])}
	c.object(o)
	return c.err
}

// rowVersion begins a row. It is not a '{', with which rows begin that were written as JSON.
const rowVersion = 1

// object codes the fields of a row. A new field comes at the end: a row that was written before has nothing there, and the
// field then stays zero.
func (c *rowCoder) object(o *Object) {
	c.text(&o.BucketID)
	c.text(&o.Key)
	c.text(&o.VersionID)
	c.text(&o.Order)
	c.flag(&o.DeleteMarker)
	c.text(&o.Owner)
	c.time(&o.Modified)
	c.int(&o.Size)
	c.text(&o.ETag)
	c.acl(&o.ACL)
	list(c, &o.Tags, func(t *Tag) { c.text(&t.Key); c.text(&t.Value) })
	c.text((*string)(&o.Checksum.Algorithm))
	c.text((*string)(&o.Checksum.Type))
	c.text(&o.Checksum.Value)
	c.texts(&o.User)
	c.text(&o.ContentType)
	c.text(&o.CacheControl)
	c.text(&o.ContentDisposition)
	c.text(&o.ContentEncoding)
	c.text(&o.ContentLanguage)
	c.text(&o.Expires)
	c.text(&o.WebsiteRedirect)
	c.text((*string)(&o.StorageClass))
	c.text((*string)(&o.Blob))
	c.text(&o.Upload)
	n := int64(o.Parts)
	c.int(&n)
	o.Parts = int32(n)
	c.encryption(&o.Encryption)
	c.text((*string)(&o.Replication))
	c.text(&o.Lock.Mode)
	c.moment(&o.Lock.Until)
	c.text(&o.Lock.Hold)
	c.text((*string)(&o.Restore.Tier))
	c.moment(&o.Restore.Ready)
	c.moment(&o.Restore.Expires)
}

func (c *rowCoder) encryption(e *Encryption) {
	c.text((*string)(&e.Algorithm))
	c.text(&e.Key)
	c.flag(&e.BucketKey)
	c.text(&e.Context)
	locked := e.Lock != nil
	if c.flag(&locked); !locked {
		return
	}
	if e.Lock == nil {
		e.Lock = &CustomerLock{}
	}
	c.bytes(&e.Lock.Salt)
	c.bytes(&e.Lock.MAC)
	c.bytes(&e.Lock.Nonce)
}

func (c *rowCoder) acl(a *ACL) {
	granted := a.Grants != nil // a list without grants is not private
	if c.flag(&granted); !granted {
		return
	}
	list(c, &a.Grants, func(g *Grant) { c.text(&g.Account); c.text(&g.Group); c.text(&g.Permission) })
	if a.Grants == nil {
		a.Grants = []Grant{}
	}
}

// A rowCoder writes fields, or reads them in the same order. Texts have their length in front.
type rowCoder struct {
	written []byte
	reading bool
	rest    string // what is still to be read
	err     error
}

func (c *rowCoder) int(n *int64) {
	if !c.reading {
		c.written = binary.AppendVarint(c.written, *n)
		return
	}
	if c.rest == "" || c.err != nil {
		return
	}
	if b := c.rest[0]; b < 0x80 { // nearly every one
		*n, c.rest = int64(b>>1)^-int64(b&1), c.rest[1:]
		return
	}
	var digits [binary.MaxVarintLen64]byte
	v, size := binary.Varint(digits[:copy(digits[:], c.rest)])
	if size <= 0 {
		c.cut()
		return
	}
	*n, c.rest = v, c.rest[size:]
}

func (c *rowCoder) text(s *string) {
	n := int64(len(*s))
	c.int(&n)
	switch {
	case !c.reading:
		c.written = append(c.written, *s...)
	case n < 0 || n > int64(len(c.rest)):
		c.cut()
	default:
		*s, c.rest = c.rest[:n], c.rest[n:]
	}
}

func (c *rowCoder) bytes(b *[]byte) {
	s := string(*b)
	if c.text(&s); c.reading {
		*b = []byte(s)
	}
}

func (c *rowCoder) flag(b *bool) {
	var n int64
	if *b {
		n = 1
	}
	c.int(&n)
	*b = n != 0
}

func (c *rowCoder) time(t *time.Time) {
	n := t.Unix()
	c.int(&n)
	*t = time.Unix(n, 0).UTC()
}

// moment codes a time to the millisecond that is mostly absent.
func (c *rowCoder) moment(t *time.Time) {
	var n int64
	if !t.IsZero() {
		n = t.UnixMilli()
	}
	if c.int(&n); n != 0 {
		*t = time.UnixMilli(n).UTC()
	}
}

// list codes a list; each codes one of its elements.
func list[T any](c *rowCoder, l *[]T, each func(*T)) {
	n := int64(len(*l))
	c.int(&n)
	if c.reading && n > 0 && c.enough(n) {
		*l = make([]T, n)
	}
	for i := range *l {
		each(&(*l)[i])
	}
}

func (c *rowCoder) texts(m *map[string]string) {
	names := slices.Sorted(maps.Keys(*m))
	n := int64(len(names))
	c.int(&n)
	for _, name := range names {
		value := (*m)[name]
		c.text(&name)
		c.text(&value)
	}
	if !c.reading || n <= 0 || !c.enough(n) {
		return
	}
	*m = make(map[string]string, n)
	for range n {
		var name, value string
		c.text(&name)
		c.text(&value)
		(*m)[name] = value
	}
}

// enough says whether n elements can be in what is left, of which each has a byte at least.
func (c *rowCoder) enough(n int64) bool {
	if n > int64(len(c.rest)) {
		c.cut()
	}
	return c.err == nil
}

// cut notes that the row does not hold what it should.
func (c *rowCoder) cut() { c.err, c.rest = errors.New("an object's row is cut off"), "" }
