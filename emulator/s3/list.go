package s3

import (
	"context"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var listings = wire.Ops(
	wire.Op((*Service).ListObjects, toListObjects),
	wire.Op((*Service).ListObjectsV2, toListObjectsV2),
	wire.Op((*Service).ListObjectVersions, toListObjectVersions),
)

// pageMax is how many keys and common prefixes a page of a listing has at most.
const pageMax = 1000

// A listing is a page of keys in UTF-8 binary order, those that have the delimiter behind the prefix rolled up ("Organizing
// objects using prefixes", Amazon S3 User Guide).
type listing struct {
	prefix, delimiter string
	from              string // the least key that may be on the page
	over              bool   // no key can be
	most              int
	encode            bool      // encoding-type=url
	restores          time.Time // when restores are to be shown as of; zero: they are not

	count     int
	prefixes  []types.CommonPrefix
	last      string // the last key or common prefix of the page
	truncated bool
}

// newListing begins a page behind after, a key or a common prefix of the page before ("" for the first).
// Errors: InvalidArgument.
func newListing(prefix, delimiter, after *string, most *int32, encoding types.EncodingType) (*listing, error) {
	l := &listing{prefix: aws.ToString(prefix), delimiter: aws.ToString(delimiter), most: pageMax, encode: encoding == types.EncodingTypeUrl}
	if encoding != "" && !l.encode {
		return nil, invalidArgument("encoding-type", string(encoding), "Invalid Encoding Method specified in Request")
	}
	if most != nil {
		if *most < 0 {
			return nil, invalidArgument("maxKeys", strconv.Itoa(int(*most)), "Argument maxKeys must be an integer between 0 and 2147483647")
		}
		l.most = min(int(*most), pageMax)
	}
	l.begin(aws.ToString(after))
	return l, nil
}

// begin sets where the page begins: behind what was listed last, and if that was a common prefix, behind all that begin
// with it.
func (l *listing) begin(last string) {
	l.from = l.prefix
	if last == "" {
		return
	}
	behind := store.After(last)
	if common, ok := l.common(last); ok && common == last {
		behind = store.PrefixEnd(common)
		l.over = behind == ""
	}
	l.from = max(l.prefix, behind)
}

// common returns the common prefix that a key is rolled up into.
func (l *listing) common(key string) (string, bool) {
	rest, ok := strings.CutPrefix(key, l.prefix)
	if !ok || l.delimiter == "" {
		return "", false
	}
	i := strings.Index(rest, l.delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(l.prefix)+i+len(l.delimiter)], true
}

// take decides about the next key, in order. listed says that the key itself belongs on the page. more says whether to go
// on: if jump is not "", from there, as all keys before it are rolled up.
func (l *listing) take(key string) (listed bool, jump string, more bool) {
	if !strings.HasPrefix(key, l.prefix) {
		return false, "", false // keys come from the prefix on, so this is behind it
	}
	if l.count == l.most {
		l.truncated = l.most > 0
		return false, "", false
	}
	l.count++
	common, ok := l.common(key)
	if !ok {
		l.last = key
		return true, "", true
	}
	l.last = common
	l.prefixes = append(l.prefixes, types.CommonPrefix{Prefix: l.shown(common)})
	jump = store.PrefixEnd(common)
	return false, jump, jump != ""
}

// walk goes through the current objects of a bucket, and calls add with those to list.
func (l *listing) walk(tx *store.Tx, b *Bucket, add func(*Object)) error {
	return l.scan(func(from string) (jump string, err error) {
		for o, err := range current.Scan(tx, store.Key(b.ID), store.Key(b.ID, from)) {
			if err != nil {
				return "", err
			}
			if o.DeleteMarker && strings.HasPrefix(o.Key, l.prefix) {
				continue
			}
			listed, jump, more := l.take(o.Key)
			if listed {
				add(&o)
			}
			if !more || jump != "" {
				return jump, nil
			}
		}
		return "", nil
	})
}

// scan calls pass with where to begin, and again with where the pass before jumped to.
func (l *listing) scan(pass func(from string) (jump string, err error)) error {
	from := l.from
	for more := !l.over; more; more = from != "" {
		var err error
		if from, err = pass(from); err != nil {
			return err
		}
	}
	return nil
}

// shown is a key or prefix as the answer has it: encoded if the request asks for that, space as "+".
func (l *listing) shown(s string) *string {
	if l.encode {
		s = strings.ReplaceAll(url.QueryEscape(s), "%2F", "/")
	}
	return &s
}

// shownIf is shown for an element that is absent when the request has no such parameter.
func (l *listing) shownIf(s *string) *string {
	if s == nil || *s == "" {
		return nil
	}
	return l.shown(*s)
}

// ListObjects is version 1 of the listing.
func (s *Service) ListObjects(ctx context.Context, in *s3.ListObjectsInput) (*s3.ListObjectsOutput, error) {
	b := subjectOf(ctx).bucket
	l, err := newListing(in.Prefix, in.Delimiter, in.Marker, in.MaxKeys, in.EncodingType)
	if err != nil {
		return nil, err
	}
	out := &s3.ListObjectsOutput{
		Name: in.Bucket, Prefix: l.shown(l.prefix), Marker: l.shown(aws.ToString(in.Marker)), Delimiter: l.shownIf(in.Delimiter),
		MaxKeys: aws.Int32(int32(l.most)), EncodingType: in.EncodingType,
	}
	if showsRestores(in.OptionalObjectAttributes) {
		l.restores = wire.RequestFrom(ctx).Now
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		return l.walk(tx, &b.Bucket, func(o *Object) { out.Contents = append(out.Contents, l.entry(o, true)) })
	})
	if err != nil {
		return nil, err
	}
	out.CommonPrefixes, out.IsTruncated = l.prefixes, aws.Bool(l.truncated)
	if l.truncated && l.delimiter != "" { // without a delimiter the last key is the next marker
		out.NextMarker = l.shown(l.last)
	}
	return out, nil
}

// ListObjectsV2 is version 2 of the listing.
func (s *Service) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input) (*s3.ListObjectsV2Output, error) {
	b := subjectOf(ctx).bucket
	l, err := newListing(in.Prefix, in.Delimiter, in.StartAfter, in.MaxKeys, in.EncodingType)
	if err != nil {
		return nil, err
	}
	if in.ContinuationToken != nil {
		last, ok := readToken(*in.ContinuationToken)
		if !ok {
			return nil, invalidArgument("continuation-token", *in.ContinuationToken, "The continuation token provided is incorrect")
		}
		l.begin(last)
	}
	out := &s3.ListObjectsV2Output{
		Name: in.Bucket, Prefix: l.shown(l.prefix), Delimiter: l.shownIf(in.Delimiter), StartAfter: l.shownIf(in.StartAfter),
		MaxKeys: aws.Int32(int32(l.most)), EncodingType: in.EncodingType, ContinuationToken: in.ContinuationToken,
	}
	if showsRestores(in.OptionalObjectAttributes) {
		l.restores = wire.RequestFrom(ctx).Now
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		return l.walk(tx, &b.Bucket, func(o *Object) {
			out.Contents = append(out.Contents, l.entry(o, aws.ToBool(in.FetchOwner)))
		})
	})
	if err != nil {
		return nil, err
	}
	out.CommonPrefixes, out.IsTruncated, out.KeyCount = l.prefixes, aws.Bool(l.truncated), aws.Int32(int32(l.count))
	if l.truncated {
		out.NextContinuationToken = aws.String(newToken(l.last))
	}
	return out, nil
}

// entry is an object as a listing has it.
func (l *listing) entry(o *Object, owner bool) types.Object {
	e := types.Object{
		Key: l.shown(o.Key), LastModified: &o.Modified, ETag: aws.String(entityTag(o.ETag)), Size: &o.Size,
		StorageClass: types.ObjectStorageClass(o.listedClass()),
	}
	if o.Checksum.Algorithm != "" {
		e.ChecksumAlgorithm, e.ChecksumType = []types.ChecksumAlgorithm{o.Checksum.Algorithm}, o.Checksum.Type
	}
	if o.archived() && !l.restores.IsZero() {
		e.RestoreStatus = o.Restore.status(l.restores)
	}
	if owner {
		e.Owner = ownerOf(o.Owner)
	}
	return e
}

// A continuation token is opaque to clients: "1" and the last key, in base64.
func newToken(last string) string { return base64.StdEncoding.EncodeToString([]byte("1" + last)) }

func readToken(token string) (last string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(string(raw), "1")
}
