package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// ListObjectVersions lists all versions and delete markers of a bucket, by key and the newest first.
func (s *Service) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput) (*s3.ListObjectVersionsOutput, error) {
	b := subjectOf(ctx).bucket
	l, err := newListing(in.Prefix, in.Delimiter, in.KeyMarker, in.MaxKeys, in.EncodingType)
	if err != nil {
		return nil, err
	}
	versionMarker := aws.ToString(in.VersionIdMarker)
	switch {
	case versionMarker != "" && aws.ToString(in.KeyMarker) == "":
		return nil, invalidArgument("version-id-marker", versionMarker, "A version-id marker cannot be specified without a key marker.")
	case in.VersionIdMarker != nil && in.KeyMarker != nil && versionMarker == "":
		return nil, invalidArgument("version-id-marker", "", "A version-id marker cannot be empty.")
	case versionMarker != "" && !wellFormedVersion(versionMarker):
		return nil, invalidArgument("version-id-marker", versionMarker, "Invalid version id specified")
	}
	out := &s3.ListObjectVersionsOutput{
		Name: in.Bucket, Prefix: l.shown(l.prefix), Delimiter: l.shownIf(in.Delimiter), EncodingType: in.EncodingType,
		KeyMarker: l.shown(aws.ToString(in.KeyMarker)), VersionIdMarker: aws.String(versionMarker), MaxKeys: aws.Int32(int32(l.most)),
	}
	if showsRestores(in.OptionalObjectAttributes) {
		l.restores = wire.RequestFrom(ctx).Now
	}
	lastVersion := ""
	err = s.store.View(ctx, func(tx *store.Tx) error {
		return l.walkVersions(tx, &b.Bucket, aws.ToString(in.KeyMarker), versionMarker, func(o *Object, latest bool) {
			lastVersion = o.VersionID
			if o.DeleteMarker {
				out.DeleteMarkers = append(out.DeleteMarkers, types.DeleteMarkerEntry{
					Key: l.shown(o.Key), VersionId: &o.VersionID, IsLatest: &latest, LastModified: &o.Modified, Owner: ownerOf(o.Owner),
				})
				return
			}
			out.Versions = append(out.Versions, l.version(o, latest))
		})
	})
	if err != nil {
		return nil, err
	}
	out.CommonPrefixes, out.IsTruncated = l.prefixes, aws.Bool(l.truncated)
	if l.truncated {
		out.NextKeyMarker = l.shown(l.last)
		if common, ok := l.common(l.last); !ok || common != l.last {
			out.NextVersionIdMarker = &lastVersion
		}
	}
	return out, nil
}

func (l *listing) version(o *Object, latest bool) types.ObjectVersion {
	e := l.entry(o, true)
	return types.ObjectVersion{
		Key: e.Key, VersionId: &o.VersionID, IsLatest: &latest, LastModified: e.LastModified, ETag: e.ETag, Size: e.Size,
		StorageClass: types.ObjectVersionStorageClass(e.StorageClass), Owner: e.Owner,
		RestoreStatus:     e.RestoreStatus,
		ChecksumAlgorithm: e.ChecksumAlgorithm, ChecksumType: e.ChecksumType,
	}
}

// walkVersions calls add with the versions to list. With a version marker it begins among the versions of the marked key.
func (l *listing) walkVersions(tx *store.Tx, b *Bucket, keyMarker, versionMarker string, add func(o *Object, latest bool)) error {
	if _, rolled := l.common(keyMarker); versionMarker != "" && strings.HasPrefix(keyMarker, l.prefix) && !rolled {
		more, err := l.rest(tx, b, keyMarker, versionMarker, add)
		if err != nil || !more {
			return err
		}
	}
	return l.scan(func(from string) (jump string, err error) {
		for o, err := range current.Scan(tx, store.Key(b.ID), store.Key(b.ID, from)) {
			if err != nil {
				return "", err
			}
			if _, rolled := l.common(o.Key); rolled || !strings.HasPrefix(o.Key, l.prefix) {
				_, jump, _ := l.take(o.Key)
				return jump, nil
			}
			if more, err := l.versions(tx, &o, "", add); err != nil || !more {
				return "", err
			}
		}
		return "", nil
	})
}

// rest lists the versions of the marked key behind the marked one, which may have been deleted since.
func (l *listing) rest(tx *store.Tx, b *Bucket, key, version string, add func(o *Object, latest bool)) (more bool, err error) {
	newest, ok, err := lookUp(tx, b, key, "")
	if err != nil || !ok {
		return true, err
	}
	after := version
	if version == nullVersion {
		null, ok, err := lookUp(tx, b, key, nullVersion)
		if err != nil || !ok {
			return true, err
		}
		after = null.Order
	}
	return l.versions(tx, &newest, after, add)
}

// versions lists the versions of a key, given its newest, whose order is behind after.
func (l *listing) versions(tx *store.Tx, newest *Object, after string, add func(o *Object, latest bool)) (more bool, err error) {
	one := func(o *Object, latest bool) bool {
		if l.count == l.most {
			l.truncated = l.most > 0
			return false
		}
		l.count++
		l.last = o.Key
		add(o, latest)
		return true
	}
	if newest.Order > after && !one(newest, true) {
		return false, nil
	}
	key := store.Key(newest.BucketID, newest.Key)
	for o, err := range older.Scan(tx, key, store.Key(newest.BucketID, newest.Key, after)) {
		if err != nil {
			return false, err
		}
		if o.Order > after && !one(&o, false) {
			return false, nil
		}
	}
	return true, nil
}
