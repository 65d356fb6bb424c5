package s3

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	aKey  = "arn:aws:kms:us-east-1:" + accountA + ":key/1234abcd-12ab-34cd-56ef-1234567890ab"
	theSE = types.ServerSideEncryptionAwsKms
)

func sse(algorithm types.ServerSideEncryption, key string) func(*s3.PutObjectInput) {
	return func(in *s3.PutObjectInput) { in.ServerSideEncryption, in.SSEKMSKeyId = algorithm, text(key) }
}

func TestKMSObject(t *testing.T) {
	_, c := begin(t)
	managed := aliasedKey("alias/aws/s3", accountA, usEast1)
	for _, test := range []struct {
		algorithm  types.ServerSideEncryption
		key, shown string
	}{
		{theSE, "", managed},
		{theSE, "alias/aws/s3", managed},
		{theSE, aKey, aKey},
		{theSE, "1234abcd-12ab-34cd-56ef-1234567890ab", aKey},
		{theSE, "mrk-1234abcd12ab34cd56ef1234567890ab", "arn:aws:kms:us-east-1:" + accountA + ":key/mrk-1234abcd12ab34cd56ef1234567890ab"},
		{theSE, "alias/mine", aliasedKey("alias/mine", accountA, usEast1)},
		{theSE, "arn:aws:kms:us-east-1:" + accountA + ":alias/mine", aliasedKey("alias/mine", accountA, usEast1)},
		{types.ServerSideEncryptionAwsKmsDsse, aKey, aKey},
	} {
		out := put(t, c, "k", "body", sse(test.algorithm, test.key), func(in *s3.PutObjectInput) { in.SSEKMSEncryptionContext = aws.String("eyJhIjoiYiJ9") })
		equal(t, test.key, fmt.Sprint(out.ServerSideEncryption, *out.SSEKMSKeyId, *out.SSEKMSEncryptionContext, out.BucketKeyEnabled), fmt.Sprint(test.algorithm, test.shown, "eyJhIjoiYiJ9", out.BucketKeyEnabled))
		get := ok(c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
		equal(t, test.key, fmt.Sprint(get.ServerSideEncryption, *get.SSEKMSKeyId, *get.ETag), fmt.Sprint(test.algorithm, test.shown, *out.ETag))
		if *out.ETag == fmt.Sprintf(`"%x"`, md5.Sum([]byte("body"))) {
			t.Error("the ETag is the MD5 of the body")
		}
	}
	copied := ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/k")}))(t)
	equal(t, "a copy has the bucket's encryption", fmt.Sprint(copied.ServerSideEncryption, *copied.CopyObjectResult.ETag), fmt.Sprintf(`AES256"%x"`, md5.Sum([]byte("body"))))

	for _, test := range []struct {
		name          string
		in            s3.PutObjectInput
		code, message string
	}{
		{"no such form", s3.PutObjectInput{ServerSideEncryption: theSE, SSEKMSKeyId: aws.String("fake-key-id")}, "KMS.NotFoundException", "Invalid keyId 'fake-key-id'"},
		{"elsewhere", s3.PutObjectInput{ServerSideEncryption: theSE, SSEKMSKeyId: aws.String(strings.Replace(aKey, "us-east-1", "us-west-2", 1))}, "KMS.NotFoundException", "Invalid arn us-west-2"},
		{"no algorithm", s3.PutObjectInput{SSEKMSKeyId: aws.String(aKey)}, "InvalidArgument", "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms"},
		{"SSE-S3 with a key", s3.PutObjectInput{ServerSideEncryption: "AES256", SSEKMSKeyId: aws.String(aKey)}, "InvalidArgument", "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms"},
		{"nonsense", s3.PutObjectInput{ServerSideEncryption: "AES512"}, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256."},
		{"of another kind of bucket", s3.PutObjectInput{ServerSideEncryption: "aws:fsx"}, "InvalidArgument", "The encryption method specified is not supported"},
		{"context", s3.PutObjectInput{ServerSideEncryption: theSE, SSEKMSEncryptionContext: aws.String("WzFd")}, "InvalidArgument", "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map"},
	} {
		in := test.in
		in.Bucket, in.Key, in.Body = theBucket, aws.String("refused"), strings.NewReader("x")
		_, err := c.PutObject(t.Context(), &in)
		equal(t, test.name, codeOf(err)+": "+messageOf(err), test.code+": "+test.message)
	}
	equal(t, "nothing was stored", read(t, c, "refused", ""), "NoSuchKey")
}

// Encryption with a KMS key needs Signature Version 4, and reads do not take the header of writes.
func TestEncryptionSignature(t *testing.T) {
	w, c := begin(t)
	ok(c.DeletePublicAccessBlock(t.Context(), &s3.DeletePublicAccessBlockInput{Bucket: theBucket}))(t)
	ok(c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: theBucket, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::reports/*"}}`)}))(t)
	put(t, c, "k", "x", sse(theSE, aKey))
	const message = "InvalidArgument: Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."
	_, err := w.anonymous().GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: aws.String("k")})
	equal(t, "an anonymous read", codeOf(err)+": "+messageOf(err), message)
	setEncryption(t, c, types.ServerSideEncryptionRule{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: theSE}})
	_, err = w.anonymous().PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("l"), Body: strings.NewReader("x")})
	equal(t, "an anonymous write", codeOf(err)+": "+messageOf(err), message)

	r := ok(http.NewRequest("GET", w.url+"/reports/k", nil))(t)
	r.Header.Set("X-Amz-Server-Side-Encryption", "AES256")
	answer := ok(http.DefaultClient.Do(r))(t)
	answer.Body.Close()
	equal(t, "a read with the header", answer.StatusCode, 400)
}

// Both sides of every permission of a KMS key.
func TestKMSPermissions(t *testing.T) {
	w, c := begin(t)
	put(t, c, "managed", "x", sse(theSE, ""))
	put(t, c, "own", "x", sse(theSE, aKey))
	putWith := func(key string) func(*s3.Client) error {
		return func(c *s3.Client) error {
			in := &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("new"), Body: strings.NewReader("x")}
			sse(theSE, key)(in)
			_, err := c.PutObject(t.Context(), in)
			return err
		}
	}
	get := func(key string) func(*s3.Client) error {
		return func(c *s3.Client) error {
			_, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: theBucket, Key: &key})
			return err
		}
	}
	copyTo := func(key string) func(*s3.Client) error {
		return func(c *s3.Client) error {
			_, err := c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/own"), ServerSideEncryption: theSE, SSEKMSKeyId: text(key)})
			return err
		}
	}
	upload := ok(c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("big"), ServerSideEncryption: theSE, SSEKMSKeyId: aws.String(aKey)}))(t)
	equal(t, "CreateMultipartUpload tells", *upload.SSEKMSKeyId, aKey)
	part := func(c *s3.Client) error {
		_, err := c.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: theBucket, Key: aws.String("big"), UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
		return err
	}
	head := func(mode types.ChecksumMode) func(*s3.Client) error {
		return func(c *s3.Client) error {
			_, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("own"), ChecksumMode: mode})
			return err
		}
	}
	update := func(c *s3.Client) error {
		_, err := c.UpdateObjectEncryption(t.Context(), &s3.UpdateObjectEncryptionInput{Bucket: theBucket, Key: aws.String("own"),
			ObjectEncryption: &types.ObjectEncryptionMemberSSEKMS{Value: types.SSEKMSEncryption{KMSKeyArn: aws.String(aKey)}}})
		return err
	}
	conditional := func(action, key, value string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"` + action + `","Resource":"*","Condition":{"StringEquals":{"` + key + `":"` + value + `"}}}}`
	}
	deny := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}`
	for i, test := range []struct {
		name  string
		more  []string
		do    func(*s3.Client) error
		wants string
	}{
		{"the AWS managed key needs nothing", nil, putWith(""), ""},
		{"nor to read", nil, get("managed"), ""},
		{"unless it is denied", []string{deny}, putWith(""), "AccessDenied"},
		{"another key needs its permission", nil, putWith(aKey), "AccessDenied"},
		{"another permission", []string{allow(aKey, "kms:Decrypt")}, putWith(aKey), "AccessDenied"},
		{"another key's", []string{allow(strings.Replace(aKey, "1234", "4321", 1), "kms:GenerateDataKey")}, putWith(aKey), "AccessDenied"},
		{"the permission", []string{allow(aKey, "kms:GenerateDataKey")}, putWith(aKey), ""},
		{"through S3", []string{conditional("kms:*", "kms:ViaService", "s3.us-east-1.amazonaws.com")}, putWith(aKey), ""},
		{"through another service", []string{conditional("kms:*", "kms:ViaService", "ec2.us-east-1.amazonaws.com")}, putWith(aKey), "AccessDenied"},
		{"for the object", []string{conditional("kms:*", "kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::reports/new")}, putWith(aKey), ""},
		{"for another object", []string{conditional("kms:*", "kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::reports")}, putWith(aKey), "AccessDenied"},
		{"read", nil, get("own"), "AccessDenied"},
		{"read with permission", []string{allow(aKey, "kms:Decrypt")}, get("own"), ""},
		{"HEAD needs none", nil, head(""), ""},
		{"but for checksums", nil, head("ENABLED"), "Forbidden"},
		{"with permission", []string{allow(aKey, "kms:Decrypt")}, head("ENABLED"), ""},
		{"copy", []string{allow(aKey, "kms:GenerateDataKey")}, copyTo(""), "AccessDenied"},
		{"copy to the managed key", []string{allow(aKey, "kms:Decrypt")}, copyTo(""), ""},
		{"copy to a key", []string{allow(aKey, "kms:Decrypt")}, copyTo(aKey), "AccessDenied"},
		{"copy with both", []string{allow(aKey, "kms:Decrypt", "kms:GenerateDataKey")}, copyTo(aKey), ""},
		{"a part", []string{allow(aKey, "kms:GenerateDataKey")}, part, "AccessDenied"},
		{"a part with permission", []string{allow(aKey, "kms:Decrypt")}, part, ""},
		{"update", []string{allow(aKey, "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey")}, update, "AccessDenied"},
		{"update with permission", []string{allow(aKey, "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncrypt*")}, update, ""},
	} {
		user := w.person(accountA, fmt.Sprint("user", i), append([]string{everything}, test.more...)...)
		wantCode(t, test.name, test.do(user.client()), test.wants)
	}
	// A key is its account's: another one gets nowhere near it, whatever its own policies say.
	ok(c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: theBucket, Policy: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + accountB + `"},"Action":"s3:*","Resource":"arn:aws:s3:::reports/*"}}`)}))(t)
	foreign := w.person(accountB, "foreign", everything, allow("*", "kms:*")).client()
	wantCode(t, "another account with the key of the owner", putWith(aKey)(foreign), "AccessDenied")
	wantCode(t, "the AWS managed key of the owner", get("managed")(foreign), "AccessDenied")
	wantCode(t, "its own key", putWith("")(foreign), "")
	get2 := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("new")}))(t)
	equal(t, "which is its own account's", *get2.SSEKMSKeyId, aliasedKey("alias/aws/s3", accountB, usEast1))
	wantCode(t, "so that the bucket's owner cannot read it", get("new")(w.person(accountA, "owner", everything, allow("*", "kms:*")).client()), "AccessDenied")
}

func TestBucketEncryption(t *testing.T) {
	_, c := begin(t)
	shown := func() string {
		r := ok(c.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: theBucket}))(t).ServerSideEncryptionConfiguration.Rules[0]
		d := r.ApplyServerSideEncryptionByDefault
		return fmt.Sprint(d.SSEAlgorithm, " ", aws.ToString(d.KMSMasterKeyID), " ", *r.BucketKeyEnabled, " ", r.BlockedEncryptionTypes.EncryptionType)
	}
	byDefault := func(algorithm types.ServerSideEncryption, key *string, bucketKey bool) types.ServerSideEncryptionRule {
		return types.ServerSideEncryptionRule{
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: algorithm, KMSMasterKeyID: key}, BucketKeyEnabled: &bucketKey,
		}
	}
	equal(t, "a new bucket", shown(), "AES256  false [SSE-C]")
	setEncryption(t, c, byDefault(theSE, aws.String("1234abcd-12ab-34cd-56ef-1234567890ab"), true))
	equal(t, "what is put comes back, and the block stays", shown(), "aws:kms 1234abcd-12ab-34cd-56ef-1234567890ab true [SSE-C]")
	out := put(t, c, "k", "x")
	equal(t, "an object gets it", fmt.Sprint(out.ServerSideEncryption, *out.SSEKMSKeyId, *out.BucketKeyEnabled), fmt.Sprint("aws:kms", aKey, true))
	out = put(t, c, "k", "x", sse(theSE, ""))
	equal(t, "a request for SSE-KMS without a key is for the AWS managed one", fmt.Sprint(*out.SSEKMSKeyId, *out.BucketKeyEnabled), fmt.Sprint(aliasedKey("alias/aws/s3", accountA, usEast1), true))
	out = put(t, c, "k", "x", func(in *s3.PutObjectInput) { in.BucketKeyEnabled = aws.Bool(false) })
	equal(t, "the request's word on the bucket key", fmt.Sprint(out.ServerSideEncryption, out.BucketKeyEnabled), "aws:kms<nil>")
	out = put(t, c, "k", "x", sse("AES256", ""))
	equal(t, "the request's word on the encryption", fmt.Sprint(out.ServerSideEncryption, out.SSEKMSKeyId), "AES256<nil>")
	u := beginUpload(t, c, "big")
	u.part(1, []byte("x"))
	done := ok(u.complete([]int32{1}))(t)
	equal(t, "an upload", fmt.Sprint(done.ServerSideEncryption, *done.SSEKMSKeyId, *done.BucketKeyEnabled), fmt.Sprint("aws:kms", aKey, true))
	copied := ok(c.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("copy"), CopySource: aws.String("reports/k")}))(t)
	equal(t, "a copy", fmt.Sprint(copied.ServerSideEncryption, *copied.SSEKMSKeyId, *copied.BucketKeyEnabled), fmt.Sprint("aws:kms", aKey, true))

	setEncryption(t, c, byDefault(theSE, aws.String("aws/s3"), false))
	_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("k"), Body: strings.NewReader("x")})
	equal(t, "a key that is none shows when it is used", codeOf(err)+": "+messageOf(err), "KMS.NotFoundException: Invalid keyId 'aws/s3'")
	allowCustomerKeys(t, c)
	equal(t, "unblocked", shown(), "AES256  false [NONE]")
	setEncryption(t, c, byDefault("AES256", nil, true))
	equal(t, "what is unblocked stays so", shown(), "AES256  true [NONE]")
	ok(c.DeleteBucketEncryption(t.Context(), &s3.DeleteBucketEncryptionInput{Bucket: theBucket}))(t)
	equal(t, "deleted", shown(), "AES256  false [NONE]")

	for _, test := range []struct {
		name  string
		rules []types.ServerSideEncryptionRule
		code  string
	}{
		{"none", []types.ServerSideEncryptionRule{}, "MalformedXML"},
		{"two", []types.ServerSideEncryptionRule{byDefault("AES256", nil, false), byDefault("AES256", nil, false)}, "MalformedXML"},
		{"a key for SSE-S3", []types.ServerSideEncryptionRule{byDefault("AES256", aws.String(aKey), false)}, "InvalidArgument"},
		{"nonsense", []types.ServerSideEncryptionRule{byDefault("AES512", nil, false)}, "MalformedXML"},
		{"blocks nonsense", []types.ServerSideEncryptionRule{{BlockedEncryptionTypes: &types.BlockedEncryptionTypes{EncryptionType: []types.EncryptionType{"SSE-X"}}}}, "MalformedXML"},
	} {
		_, err := c.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{Bucket: theBucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: test.rules}})
		wantCode(t, test.name, err, test.code)
	}
}

// The bucket policies of "Protecting data with server-side encryption" (Amazon S3 User Guide), both sides of each.
func TestEncryptionConditions(t *testing.T) {
	_, c := begin(t)
	allowCustomerKeys(t, c)
	for _, test := range []struct {
		name, condition string
		allowed, denied []func(*s3.PutObjectInput)
	}{
		{"SSE-KMS", `"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}`,
			[]func(*s3.PutObjectInput){sse(theSE, "")}, []func(*s3.PutObjectInput){sse("", ""), sse("AES256", ""), keyOne.put}},
		{"some encryption", `"Null":{"s3:x-amz-server-side-encryption":"true"}`,
			[]func(*s3.PutObjectInput){sse(theSE, ""), sse("AES256", "")}, []func(*s3.PutObjectInput){sse("", "")}},
		{"a key", `"StringNotEqualsIfExists":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"` + aKey + `"}`,
			[]func(*s3.PutObjectInput){sse(theSE, aKey)}, []func(*s3.PutObjectInput){sse(theSE, strings.Replace(aKey, "1234", "4321", 1)), sse("", "")}},
		{"SSE-C", `"Null":{"s3:x-amz-server-side-encryption-customer-algorithm":"true"}`,
			[]func(*s3.PutObjectInput){keyOne.put}, []func(*s3.PutObjectInput){sse("", ""), sse("AES256", "")}},
		{"no SSE-C", `"Null":{"s3:x-amz-server-side-encryption-customer-algorithm":"false"}`,
			[]func(*s3.PutObjectInput){sse("", "")}, []func(*s3.PutObjectInput){keyOne.put}},
	} {
		ok(c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: theBucket, Policy: aws.String(
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::reports/*","Condition":{` + test.condition + `}}}`)}))(t)
		for code, inputs := range map[string][]func(*s3.PutObjectInput){"": test.allowed, "AccessDenied": test.denied} {
			for i, option := range inputs {
				in := &s3.PutObjectInput{Bucket: theBucket, Key: aws.String("k"), Body: strings.NewReader("x")}
				option(in)
				_, err := c.PutObject(t.Context(), in)
				wantCode(t, fmt.Sprint(test.name, " ", i), err, code)
			}
		}
		if test.name == "SSE-KMS" { // the parts of an upload have what it was begun with
			u := beginUpload(t, c, "big", func(in *s3.CreateMultipartUploadInput) { in.ServerSideEncryption = theSE })
			u.part(1, []byte("x"))
			ok(u.complete([]int32{1}))(t)
			_, err := c.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("big")})
			wantCode(t, "an upload without", err, "AccessDenied")
		}
	}
}

func TestUpdateObjectEncryption(t *testing.T) {
	_, c := begin(t)
	allowCustomerKeys(t, c)
	before := put(t, c, "k", "x")
	put(t, c, "dsse", "x", sse("aws:kms:dsse", ""))
	put(t, c, "customer", "x", keyOne.put)
	update := func(key, arn string) error {
		_, err := c.UpdateObjectEncryption(t.Context(), &s3.UpdateObjectEncryptionInput{Bucket: theBucket, Key: &key,
			ObjectEncryption: &types.ObjectEncryptionMemberSSEKMS{Value: types.SSEKMSEncryption{KMSKeyArn: &arn, BucketKeyEnabled: aws.Bool(true)}}})
		return err
	}
	must(t, update("k", aKey))
	head := ok(c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: theBucket, Key: aws.String("k")}))(t)
	equal(t, "updated", fmt.Sprint(head.ServerSideEncryption, *head.SSEKMSKeyId, *head.BucketKeyEnabled, *head.ETag), fmt.Sprint("aws:kms", aKey, true, *before.ETag))
	setVersioning(t, c, "Enabled")
	ok(c.PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{Bucket: theBucket, ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: "Enabled"}}))(t)
	hold := func(status types.ObjectLockLegalHoldStatus) {
		ok(c.PutObjectLegalHold(t.Context(), &s3.PutObjectLegalHoldInput{Bucket: theBucket, Key: aws.String("k"), LegalHold: &types.ObjectLockLegalHold{Status: status}}))(t)
	}
	hold("ON")
	wantCode(t, "held", update("k", aKey), "AccessDenied")
	hold("OFF")
	must(t, update("k", aKey))
	wantCode(t, "DSSE-KMS", update("dsse", aKey), "InvalidRequest")
	wantCode(t, "SSE-C", update("customer", aKey), "InvalidRequest")
	wantCode(t, "an alias", update("k", "arn:aws:kms:us-east-1:"+accountA+":alias/mine"), "InvalidRequest")
	wantCode(t, "another account's key", update("k", strings.Replace(aKey, accountA, accountB, 1)), "AccessDenied")
	wantCode(t, "another region's key", update("k", strings.Replace(aKey, "us-east-1", "eu-west-1", 1)), "KMS.NotFoundException")
	wantCode(t, "no object", update("none", aKey), "NoSuchKey")
}

// FuzzKMSKey: a name that is taken is a key of the region, with a policy.
func FuzzKMSKey(f *testing.F) {
	for _, name := range []string{"", aKey, "alias/aws/s3", "alias/mine", "1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab",
		"arn:aws:kms:us-east-1:" + accountA + ":alias/mine", "arn:aws:kms:eu-west-1:" + accountA + ":key/x", "aws/s3", "alias/\n"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		arn, err := kmsKey(name, accountA, usEast1)
		if err != nil {
			return
		}
		if !newKeyForm.MatchString(arn) || !strings.HasPrefix(arn, "arn:aws:kms:us-east-1:") || keyPolicy(arn).Policy == nil {
			t.Errorf("%q is the key %q", name, arn)
		}
	})
}

// FuzzEncryptionContext: a context is strings by name, or refused.
func FuzzEncryptionContext(f *testing.F) {
	for _, header := range []string{"", "e30=", "eyJhIjoiYiJ9", "WzFd", "bnVsbA==", "eyJhIjoxfQ==", "%", "eyJBV1M6UzM6QVJOIjoiYSJ9"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		pairs, err := encryptionContext(header)
		if (pairs == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", header, pairs, err)
		}
		k := kmsKeys{encryption: &Encryption{Context: header}, source: "arn:aws:s3:::b/k"}
		if got, _ := k.Lookup("kms:encryptioncontext:aws:s3:arn"); err == nil && (len(got) != 1 || got[0] != k.source) {
			t.Errorf("%q: the object's name in the context is %q", header, got)
		}
	})
}
