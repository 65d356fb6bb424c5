package s3

import (
	"crypto/tls"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/xemu-aws/xemu/authz"
)

// keys supplies S3's condition keys of one need ("Actions, resources, and condition keys for Amazon S3", Service
// Authorization Reference). Nothing is computed before a policy asks.
type keys struct {
	subject *subject
	action  string
	account string       // the bucket's owner
	tags    []Tag        // of the existing object
	bucket  *Bucket      // nil: the request makes it
	version string       // that the request names
	point   *accessPoint // that the request comes through, or is about
}

var _ authz.Context = (*keys)(nil)

// Lookup implements authz.Context.
func (k *keys) Lookup(key string) ([]string, bool) {
	name, ok := strings.CutPrefix(key, "s3:")
	if !ok {
		return k.global(key)
	}
	r := k.subject.request
	switch name {
	case "authtype":
		return one(r.Caller.AuthType)
	case "signatureversion":
		return one(r.Caller.SignatureVersion)
	case "signatureage":
		if r.Caller.AuthType != "REST-QUERY-STRING" {
			return nil, false
		}
		return one(strconv.FormatInt(r.Caller.SignatureAge.Milliseconds(), 10))
	case "tlsversion":
		if r.HTTP.TLS == nil {
			return nil, false
		}
		return one(strings.TrimPrefix(tls.VersionName(r.HTTP.TLS.Version), "TLS "))
	case "resourceaccount":
		return one(k.account)
	case "x-amz-content-sha256":
		return one(r.HTTP.Header.Get("X-Amz-Content-Sha256"))
	case "versionid":
		return one(k.version)
	case "objectcreationoperation":
		return k.creation()
	case "dataaccesspointarn", "dataaccesspointaccount", "accesspointnetworkorigin":
		return k.accessPoint(name)
	case "locationconstraint":
		return k.location()
	case "requestobjecttagkeys":
		tags := k.requestTags()
		names := make([]string, len(tags))
		for i, t := range tags {
			names[i] = t.Key
		}
		return names, len(tags) > 0
	}
	if strings.HasPrefix(name, "object-lock-") {
		return k.lockKeys(name)
	}
	if tag, ok := strings.CutPrefix(name, "existingobjecttag/"); ok {
		return tagNamed(k.tags, tag)
	}
	if tag, ok := strings.CutPrefix(name, "accesspointtag/"); ok && k.point != nil {
		return tagNamed(k.point.Tags, tag)
	}
	if tag, ok := strings.CutPrefix(name, "buckettag/"); ok {
		return k.bucketTag(tag)
	}
	if tag, ok := strings.CutPrefix(name, "requestobjecttag/"); ok {
		return tagNamed(k.requestTags(), tag)
	}
	if strings.HasPrefix(name, encryptionHeader) && k.subject.upload != nil {
		return k.uploadEncryption(name)
	}
	if field, ok := requestKeys[k.action][name]; ok {
		return inputField(k.subject.in, field)
	}
	return nil, false
}

// global supplies the global keys of tags.
func (k *keys) global(key string) ([]string, bool) {
	if tag, ok := strings.CutPrefix(key, "aws:resourcetag/"); ok {
		return k.bucketTag(tag)
	}
	if in, ok := k.subject.in.(*s3control.UntagResourceInput); ok && key == "aws:tagkeys" {
		return in.TagKeys, len(in.TagKeys) > 0
	}
	tags := k.givenTags()
	if key == "aws:tagkeys" {
		names := make([]string, len(tags))
		for i, t := range tags {
			names[i] = t.Key
		}
		return names, len(tags) > 0
	}
	if tag, ok := strings.CutPrefix(key, "aws:requesttag/"); ok {
		for _, t := range tags {
			if strings.EqualFold(t.Key, tag) {
				return []string{t.Value}, true
			}
		}
	}
	return nil, false
}

// givenTags are the tags that the request gives to a bucket or access point. Malformed ones are the operation's to refuse.
func (k *keys) givenTags() []Tag {
	var tags []Tag
	switch in := k.subject.in.(type) {
	case *s3.CreateBucketInput:
		if in.CreateBucketConfiguration != nil {
			tags, _ = newTags(in.CreateBucketConfiguration.Tags, maxBucketTags)
		}
	case *s3control.CreateAccessPointInput:
		tags, _ = newControlTags(in.Tags)
	case *s3control.TagResourceInput:
		tags, _ = newControlTags(in.Tags)
	}
	return tags
}

// accessPoint supplies the keys of a request through an access point, or about one.
func (k *keys) accessPoint(name string) ([]string, bool) {
	if k.point == nil {
		return nil, false
	}
	switch name {
	case "dataaccesspointarn":
		return one(k.point.arn)
	case "dataaccesspointaccount":
		return one(k.point.Account)
	}
	return one(string(k.point.origin()))
}

// bucketTag returns a tag of the bucket, for itself and for its objects, if ABAC is enabled for it ("Using tags with S3
// general purpose buckets", Amazon S3 User Guide).
func (k *keys) bucketTag(tag string) ([]string, bool) {
	if k.point != nil && k.bucket == nil {
		return tagNamed(k.point.Tags, tag)
	}
	if k.bucket == nil || !k.bucket.ABAC {
		return nil, false
	}
	return tagNamed(k.bucket.Tags, tag)
}

// uploadEncryption returns the keys of encryption for a part and for the completion of an upload, which say nothing of it
// but the customer's key: they are what the upload was begun with.
func (k *keys) uploadEncryption(name string) ([]string, bool) {
	e := &k.subject.upload.Object.Encryption
	switch name {
	case encryptionHeader + "-customer-algorithm":
		return inputField(k.subject.in, "SSECustomerAlgorithm")
	case encryptionHeader + "-aws-kms-key-id":
		return one(e.Key)
	case encryptionHeader:
		switch {
		case e.kms():
			return one(string(e.Algorithm))
		case e.Lock == nil:
			return one(string(types.ServerSideEncryptionAes256))
		}
	}
	return nil, false
}

func one(value string) ([]string, bool) {
	if value == "" {
		return nil, false
	}
	return []string{value}, true
}

// tagNamed returns a tag's value; key is in lower case, as the names of condition keys have none.
func tagNamed(tags []Tag, key string) ([]string, bool) {
	for _, t := range tags {
		if strings.EqualFold(t.Key, key) {
			return []string{t.Value}, true
		}
	}
	return nil, false
}

// creation is s3:ObjectCreationOperation: whether a s3:PutObject makes an object, or a step of a multipart upload only
// ("Enforce conditional writes on Amazon S3 buckets").
func (k *keys) creation() ([]string, bool) {
	if k.action != "s3:PutObject" {
		return nil, false
	}
	switch k.subject.in.(type) {
	case *s3.CreateMultipartUploadInput, *s3.UploadPartInput, *s3.UploadPartCopyInput:
		return one("false")
	}
	return one("true")
}

func (k *keys) location() ([]string, bool) {
	if in, ok := k.subject.in.(*s3.CreateBucketInput); ok && in.CreateBucketConfiguration != nil {
		return one(string(in.CreateBucketConfiguration.LocationConstraint))
	}
	return nil, false
}

// requestTags are the tags that the request gives to an object. Malformed ones are the operation's to refuse.
func (k *keys) requestTags() []Tag {
	switch k.action {
	case "s3:PutObject", putTags.plain, putTags.version:
	default:
		return nil
	}
	if in, ok := k.subject.in.(*s3.PutObjectTaggingInput); ok {
		if in.Tagging == nil {
			return nil
		}
		tags, _ := newTags(in.Tagging.TagSet, maxObjectTags)
		return tags
	}
	header, _ := inputField(k.subject.in, "Tagging")
	if len(header) == 0 {
		return nil
	}
	tags, _ := headerTags(header[0])
	return tags
}

// requestKeys are, by action, the condition keys whose value is a field of the request, without their "s3:".
var requestKeys = func() map[string]map[string]string {
	list := map[string]string{"prefix": "Prefix", "delimiter": "Delimiter", "max-keys": "MaxKeys"}
	acl := map[string]string{
		"x-amz-acl":                "ACL",
		"x-amz-grant-full-control": "GrantFullControl",
		"x-amz-grant-read":         "GrantRead",
		"x-amz-grant-read-acp":     "GrantReadACP",
		"x-amz-grant-write":        "GrantWrite",
		"x-amz-grant-write-acp":    "GrantWriteACP",
	}
	with := func(base, more map[string]string) map[string]string {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	return map[string]map[string]string{
		"s3:ListBucket":          list,
		"s3:ListBucketVersions":  list,
		"s3:CreateBucket":        with(acl, map[string]string{"x-amz-object-ownership": "ObjectOwnership", "x-amz-bucket-namespace": "BucketNamespace"}),
		"s3:PutBucketAcl":        acl,
		"s3:PutObjectAcl":        acl,
		"s3:PutObjectVersionAcl": acl,
		"s3:DeleteObject":        {"if-match": "IfMatch"},
		"s3:PutObject": with(acl, map[string]string{
			"x-amz-copy-source":                               "CopySource",
			"x-amz-metadata-directive":                        "MetadataDirective",
			"x-amz-server-side-encryption":                    "ServerSideEncryption",
			"x-amz-server-side-encryption-aws-kms-key-id":     "SSEKMSKeyId",
			"x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
			"x-amz-storage-class":                             "StorageClass",
			"x-amz-website-redirect-location":                 "WebsiteRedirectLocation",
			"if-match":                                        "IfMatch",
			"if-none-match":                                   "IfNoneMatch",
		}),
	}
}()

// inputField returns the value of a field of an Input struct as text; ok is false when the request does not give it.
func inputField(in any, name string) ([]string, bool) {
	if in == nil { // S3's own doing, such as a replica
		return nil, false
	}
	v := fieldNamed(reflect.ValueOf(in).Elem(), name)
	if !v.IsValid() {
		return nil, false
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil, false
		}
		v = v.Elem()
		if t, ok := v.Interface().(time.Time); ok {
			return one(t.UTC().Format(time.RFC3339))
		}
		if v.Kind() == reflect.String {
			return []string{v.String()}, true // "" too: prefix= is a prefix
		}
	}
	switch v.Kind() {
	case reflect.String:
		return one(v.String())
	case reflect.Int32, reflect.Int64:
		return one(strconv.FormatInt(v.Int(), 10))
	}
	return nil, false
}
