package s3

import (
	"context"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sigv4"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// Rules of the object operations ("Required permissions for Amazon S3 API operations", Amazon S3 User Guide). Each finds
// the bucket (NoSuchBucket), checks the expected owner, and reads the object where its permissions or tags count; the
// operation finds both in its subject.

// A permission is an action's name, and its name when the request gives a version id.
type permission struct{ plain, version string }

func (p permission) of(version string) string {
	if version == "" {
		return p.plain
	}
	return p.version
}

var (
	getObject     = permission{"s3:GetObject", "s3:GetObjectVersion"}
	getAttributes = permission{"s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"}
	getACL        = permission{"s3:GetObjectAcl", "s3:GetObjectVersionAcl"}
	putACL        = permission{"s3:PutObjectAcl", "s3:PutObjectVersionAcl"}
	getTags       = permission{"s3:GetObjectTagging", "s3:GetObjectVersionTagging"}
	putTags       = permission{"s3:PutObjectTagging", "s3:PutObjectVersionTagging"}
	deleteTags    = permission{"s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"}
	getRetention  = permission{"s3:GetObjectRetention", "s3:GetObjectRetention"}
	putRetention  = permission{"s3:PutObjectRetention", "s3:PutObjectRetention"}
	getHold       = permission{"s3:GetObjectLegalHold", "s3:GetObjectLegalHold"}
	putHold       = permission{"s3:PutObjectLegalHold", "s3:PutObjectLegalHold"}
	deleteObject  = permission{"s3:DeleteObject", "s3:DeleteObjectVersion"}

	bypassGovernance = permission{"s3:BypassGovernanceRetention", "s3:BypassGovernanceRetention"}
)

// existing begins the subject of an operation on a version that should be there, and returns what it needs.
func (s *Service) existing(ctx context.Context, in any, bucket, owner, key, versionID *string, permissions ...permission) ([]wire.Need, error) {
	sub, err := s.on(ctx, in, bucket, owner)
	if err == nil {
		err = wellFormedKey(*key)
	}
	if err != nil {
		return nil, err
	}
	version := aws.ToString(versionID)
	if sub.object, err = s.find(ctx, sub.bucket, *key, version); err != nil {
		return nil, err
	}
	return sub.needsOf(sub.bucket, sub.object, *key, version, permissions...), nil
}

// decrypting adds kms:Decrypt where the object's key is a KMS key. A caller without a signature of Version 4 gets no further
// than the operation.
func (sub *subject) decrypting(needs []wire.Need, b *bucket, o *Object) []wire.Need {
	if o == nil || !o.Encryption.kms() || sub.request.Caller.SignatureVersion != sigv4.Version4 {
		return needs
	}
	return append(needs, sub.needKey(b, o.Key, "kms:Decrypt", &o.Encryption))
}

// reading is existing for what reads, if reads, the object's data or its checksum, which KMS keys encrypt too.
func (s *Service) reading(ctx context.Context, in any, bucket, owner, key, versionID *string, reads bool, permissions ...permission) ([]wire.Need, error) {
	needs, err := s.existing(ctx, in, bucket, owner, key, versionID, permissions...)
	if err != nil || !reads {
		return needs, err
	}
	sub := subjectOf(ctx)
	return sub.decrypting(needs, sub.bucket, sub.object), nil
}

// needsOf are the permissions for actions on a version. One that is not there needs s3:ListBucket as well, so that nobody
// learns from a 404 what is not theirs to list ("GetObject", Permissions).
func (sub *subject) needsOf(b *bucket, o *Object, key, version string, permissions ...permission) []wire.Need {
	needs := make([]wire.Need, 0, len(permissions)+1)
	there := o != nil && !o.DeleteMarker
	for _, p := range permissions {
		if there {
			needs = append(needs, sub.needOf(b, p.of(version), o, version))
			continue
		}
		n := sub.needFor(b, p.of(version), key)
		n.Keys.(*keys).version = version
		n.Policies = with(n.Policies, b.missingObjects)
		needs = append(needs, n)
	}
	if o == nil || o.DeleteMarker && version == "" {
		needs = append(needs, sub.needOn(b, "s3:ListBucket", b.arn, b.policies))
	}
	return needs
}

var (
	toGetObject = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectInput) ([]wire.Need, error) {
		return s.reading(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, true, getObject)
	})
	toHeadObject = wire.For(func(ctx context.Context, s *Service, in *s3.HeadObjectInput) ([]wire.Need, error) {
		return s.reading(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, in.ChecksumMode != "", getObject)
	})
	toGetObjectAttributes = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectAttributesInput) ([]wire.Need, error) {
		checksum := slices.Contains(in.ObjectAttributes, types.ObjectAttributesChecksum)
		return s.reading(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, checksum, getObject, getAttributes)
	})
	toGetObjectAcl = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectAclInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, getACL)
	})
	toPutObjectAcl = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectAclInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, putACL)
	})
	toGetObjectTagging = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectTaggingInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, getTags)
	})
	toPutObjectTagging = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectTaggingInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, putTags)
	})
	toDeleteObjectTagging = wire.For(func(ctx context.Context, s *Service, in *s3.DeleteObjectTaggingInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, deleteTags)
	})
)

var (
	toGetObjectRetention = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectRetentionInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, getRetention)
	})
	toPutObjectRetention = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectRetentionInput) ([]wire.Need, error) {
		permissions := []permission{putRetention}
		if aws.ToBool(in.BypassGovernanceRetention) {
			permissions = append(permissions, bypassGovernance)
		}
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, permissions...)
	})
	toGetObjectLegalHold = wire.For(func(ctx context.Context, s *Service, in *s3.GetObjectLegalHoldInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, getHold)
	})
	toPutObjectLegalHold = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectLegalHoldInput) ([]wire.Need, error) {
		return s.existing(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, in.VersionId, putHold)
	})
)

// extras are what a request that makes an object asks for beside it; each needs an action of its own.
type extras struct{ acl, tags, retention, legalHold bool }

// writing are the permissions for making an object.
func (sub *subject) writing(key string, x extras) []wire.Need {
	needs := make([]wire.Need, 0, 2)
	needs = append(needs, sub.needFor(sub.bucket, "s3:PutObject", key))
	if e, _, err := sub.encryption(key); err == nil && e.kms() { // an error is the operation's to answer
		needs = append(needs, sub.needKey(sub.bucket, key, "kms:GenerateDataKey", &e))
	}
	if x.acl {
		n := sub.needFor(sub.bucket, putACL.plain, key)
		switch caller := sub.request.Caller; {
		case sub.bucket.ACLsDisabled(), caller.Account == sub.bucket.Account:
		case caller.Type == authz.Anonymous:
			n.Policies = with(n.Policies, sub.bucket.anonymousObjects)
		default:
			n.Account, n.Policies = caller.Account, sub.bucket.denials // the ACL of what will be the caller's own object
		}
		needs = append(needs, n)
	}
	if x.tags {
		needs = append(needs, sub.needFor(sub.bucket, putTags.plain, key))
	}
	if x.retention {
		needs = append(needs, sub.needFor(sub.bucket, "s3:PutObjectRetention", key))
	}
	if x.legalHold {
		needs = append(needs, sub.needFor(sub.bucket, "s3:PutObjectLegalHold", key))
	}
	return needs
}

// putting are the permissions for PutObject, and for a form that means the same.
func (s *Service) putting(ctx context.Context, in *s3.PutObjectInput) ([]wire.Need, error) {
	sub, err := s.on(ctx, in, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	return sub.writing(*in.Key, extras{
		acl:       in.ACL != "" || given(in.GrantFullControl, in.GrantRead, in.GrantReadACP, in.GrantWriteACP),
		tags:      in.Tagging != nil,
		retention: in.ObjectLockMode != "" || in.ObjectLockRetainUntilDate != nil,
		legalHold: in.ObjectLockLegalHoldStatus != "",
	}), nil
}

var (
	toPutObject = wire.For(func(ctx context.Context, s *Service, in *s3.PutObjectInput) ([]wire.Need, error) {
		return s.putting(ctx, in)
	})
	toCreateMultipartUpload = wire.For(func(ctx context.Context, s *Service, in *s3.CreateMultipartUploadInput) ([]wire.Need, error) {
		sub, err := s.on(ctx, in, in.Bucket, in.ExpectedBucketOwner)
		if err == nil {
			err = sub.notAnonymous("initiate multipart uploads")
		}
		if err != nil {
			return nil, err
		}
		return sub.writing(*in.Key, extras{
			acl:       in.ACL != "" || given(in.GrantFullControl, in.GrantRead, in.GrantReadACP, in.GrantWriteACP),
			tags:      in.Tagging != nil,
			retention: in.ObjectLockMode != "" || in.ObjectLockRetainUntilDate != nil,
			legalHold: in.ObjectLockLegalHoldStatus != "",
		}), nil
	})
	toUploadPart = wire.For(func(ctx context.Context, s *Service, in *s3.UploadPartInput) ([]wire.Need, error) {
		needs, err := s.onKey(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, "s3:PutObject")
		if err != nil {
			return nil, err
		}
		return subjectOf(ctx).uploading(ctx, needs, *in.Key, *in.UploadId, true)
	})
	toCompleteMultipartUpload = wire.For(func(ctx context.Context, s *Service, in *s3.CompleteMultipartUploadInput) ([]wire.Need, error) {
		needs, err := s.onKey(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, "s3:PutObject")
		if err != nil {
			return nil, err
		}
		return subjectOf(ctx).uploading(ctx, needs, *in.Key, *in.UploadId, bringsChecksum(in))
	})
	toAbortMultipartUpload = wire.For(func(ctx context.Context, s *Service, in *s3.AbortMultipartUploadInput) ([]wire.Need, error) {
		return s.onKey(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, "s3:AbortMultipartUpload")
	})
	toListParts = wire.For(func(ctx context.Context, s *Service, in *s3.ListPartsInput) ([]wire.Need, error) {
		return s.onKey(ctx, in, in.Bucket, in.ExpectedBucketOwner, in.Key, "s3:ListMultipartUploadParts")
	})
	toListMultipartUploads = toBucket("s3:ListBucketMultipartUploads")

	toListObjects        = toBucket("s3:ListBucket")
	toListObjectsV2      = toBucket("s3:ListBucket")
	toListObjectVersions = toBucket("s3:ListBucketVersions")
)

// notAnonymous refuses anonymous callers, whatever policies and ACLs allow ("Multipart upload API and permissions").
func (sub *subject) notAnonymous(to string) error {
	if sub.request.Caller.Type != authz.Anonymous {
		return nil
	}
	return awserr.AccessDenied.Errorf("Anonymous users cannot %s.  Please authenticate.", to)
}

// given says whether any of the headers is there.
func given(headers ...*string) bool {
	return slices.ContainsFunc(headers, func(h *string) bool { return h != nil })
}

// onKey is for operations that need one action on a key, there or not.
func (s *Service) onKey(ctx context.Context, in any, bucket, owner, key *string, action string) ([]wire.Need, error) {
	sub, err := s.on(ctx, in, bucket, owner)
	if err == nil {
		err = wellFormedKey(*key)
	}
	if err != nil {
		return nil, err
	}
	return []wire.Need{sub.needFor(sub.bucket, action, *key)}, nil
}

// from finds the source of a copy and returns what reading it needs.
func (s *Service) from(ctx context.Context, sub *subject, header, expectedOwner *string) ([]wire.Need, error) {
	name, key, version, err := parseCopySource(aws.ToString(header))
	if err == nil {
		err = wellFormedKey(key)
	}
	if err != nil {
		return nil, err
	}
	b, err := s.bucketOf(ctx, &name, expectedOwner)
	if err != nil {
		return nil, err
	}
	o, err := s.find(ctx, b, key, version)
	if err != nil {
		return nil, err
	}
	sub.source = &source{bucket: b, key: key, version: version, object: o}
	return sub.decrypting(sub.needsOf(b, o, key, version, getObject), b, o), nil
}

var (
	toCopyObject = wire.For(func(ctx context.Context, s *Service, in *s3.CopyObjectInput) ([]wire.Need, error) {
		sub, err := s.on(ctx, in, in.Bucket, in.ExpectedBucketOwner)
		if err != nil {
			return nil, err
		}
		if err := sub.notAnonymous("copy objects"); err != nil {
			return nil, err
		}
		needs, err := s.from(ctx, sub, in.CopySource, in.ExpectedSourceBucketOwner)
		if err != nil {
			return nil, err
		}
		from := sub.source
		replaces := in.TaggingDirective == types.TaggingDirectiveReplace
		tagged := from.object != nil && len(from.object.Tags) > 0
		if tagged && !replaces {
			needs = append(needs, sub.needOf(from.bucket, getTags.of(from.version), from.object, from.version))
		}
		return append(needs, sub.writing(*in.Key, extras{
			acl:       in.ACL != "" || given(in.GrantFullControl, in.GrantRead, in.GrantReadACP, in.GrantWriteACP),
			tags:      tagged && !replaces || replaces && in.Tagging != nil,
			retention: in.ObjectLockMode != "" || in.ObjectLockRetainUntilDate != nil,
			legalHold: in.ObjectLockLegalHoldStatus != "",
		})...), nil
	})
	toUploadPartCopy = wire.For(func(ctx context.Context, s *Service, in *s3.UploadPartCopyInput) ([]wire.Need, error) {
		sub, err := s.on(ctx, in, in.Bucket, in.ExpectedBucketOwner)
		if err != nil {
			return nil, err
		}
		if err := sub.notAnonymous("copy objects"); err != nil {
			return nil, err
		}
		needs, err := s.from(ctx, sub, in.CopySource, in.ExpectedSourceBucketOwner)
		if err != nil {
			return nil, err
		}
		return sub.uploading(ctx, append(needs, sub.needFor(sub.bucket, "s3:PutObject", *in.Key)), *in.Key, *in.UploadId, true)
	})
)

// uploading finds the upload that the request is about and, if the request needs its KMS key, adds the permission for that
// ("Multipart upload API and permissions").
func (sub *subject) uploading(ctx context.Context, needs []wire.Need, key, id string, decrypts bool) ([]wire.Need, error) {
	u, ok, err := sub.service.upload(ctx, sub.bucket, key, id)
	if err != nil || !ok {
		return needs, err
	}
	sub.upload = &u
	if decrypts && u.Object.Encryption.kms() && sub.request.Caller.SignatureVersion == sigv4.Version4 {
		needs = append(needs, sub.needKey(sub.bucket, key, "kms:Decrypt", &u.Object.Encryption))
	}
	return needs, nil
}

// bringsChecksum says whether a completion names checksums, which a KMS key encrypts ("CompleteMultipartUpload").
func bringsChecksum(in *s3.CompleteMultipartUploadInput) bool {
	fields := reflect.ValueOf(in).Elem()
	for _, a := range types.ChecksumAlgorithm("").Values() {
		if given, _ := fieldNamed(fields, "Checksum"+string(a)).Interface().(*string); given != nil {
			return true
		}
	}
	return false
}

var (
	toDeleteObject = wire.For(func(ctx context.Context, s *Service, in *s3.DeleteObjectInput) ([]wire.Need, error) {
		sub, err := s.on(ctx, in, in.Bucket, in.ExpectedBucketOwner)
		if err != nil {
			return nil, err
		}
		return s.deleting(ctx, sub, sub.bucket, *in.Key, aws.ToString(in.VersionId), in.BypassGovernanceRetention)
	})
	// toDeleteObjects has no needs: the operation asks mayDelete for each key.
	toDeleteObjects = wire.For(func(ctx context.Context, s *Service, in *s3.DeleteObjectsInput) ([]wire.Need, error) {
		_, err := s.on(ctx, in, in.Bucket, in.ExpectedBucketOwner)
		return nil, err
	})
)

// deleting are the permissions for deleting a key, there or not, or a version of it.
func (s *Service) deleting(ctx context.Context, sub *subject, b *bucket, key, version string, bypass *bool) ([]wire.Need, error) {
	n := sub.needFor(b, deleteObject.of(version), key)
	n.Keys.(*keys).version = version
	if own := b.ownObjects; own != nil && sub.request.Caller.Account != b.Account {
		o, err := s.find(ctx, b, key, version)
		if err != nil {
			return nil, err
		}
		if o != nil && o.Owner == sub.request.Caller.Account {
			n.Policies = with(n.Policies, own)
		}
	}
	needs := []wire.Need{n}
	if aws.ToBool(bypass) {
		needs = append(needs, sub.needFor(b, bypassGovernance.plain, key))
	}
	return needs, nil
}

// mayDelete decides the deletion of one key of DeleteObjects; the error is the denial.
func mayDelete(ctx context.Context, b *bucket, key, version string) error {
	sub := subjectOf(ctx)
	var bypass *bool
	if in, ok := sub.in.(*s3.DeleteObjectsInput); ok {
		bypass = in.BypassGovernanceRetention
	}
	needs, err := sub.service.deleting(ctx, sub, b, key, version, bypass)
	if err != nil {
		return err
	}
	for _, need := range needs {
		if err := sub.request.Authorize(ctx, need); err != nil {
			return err
		}
	}
	return nil
}
