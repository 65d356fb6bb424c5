package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/xemu-aws/xemu/xemutest"
)

// keyed is a condition key that a request has: a policy with the value that holds allows the request, one with the value
// that does not denies it. A key that the request does not have is one that Null finds so.
type keyed struct {
	key, operator, holds, fails string
	action                      string // which alone is under the condition; "": every action
}

func is(key, holds, fails string) keyed {
	return keyed{key: key, operator: "StringLike", holds: holds, fails: fails}
}

func by(operator, key, holds, fails string) keyed {
	return keyed{key: key, operator: operator, holds: holds, fails: fails}
}

func absent(keys ...string) (all []keyed) {
	for _, key := range keys {
		all = append(all, keyed{key: key, operator: "Null", holds: "true", fails: "false"})
	}
	return all
}

func (k keyed) under(action string) keyed { k.action = action; return k }

func (k keyed) policy(t *testing.T, value string) string {
	t.Helper()
	statement := map[string]any{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": map[string]any{k.operator: map[string]string{k.key: value}}}
	statements := []any{statement}
	if k.action != "" {
		statement["Action"] = k.action
		statements = append(statements, map[string]any{"Effect": "Allow", "NotAction": k.action, "Resource": "*"})
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// keyWorld is a user and a role whose only policy is the one tried, and what they act on.
type keyWorld struct {
	t       *testing.T
	account *xemutest.Account
	admin   *iam.Client
	user    *xemutest.Identity
	session *xemutest.Identity
	version string // of the object reports/data.csv
}

// try decides a request under the condition, with the value that holds and the one that does not.
func (w *keyWorld) try(name string, who *xemutest.Identity, list []keyed, request func(aws.Config) error) {
	w.t.Helper()
	for _, k := range list {
		for value, allowed := range map[string]bool{k.holds: true, k.fails: false} {
			policy := k.policy(w.t, value)
			if who == w.user {
				w.must(w.admin.PutUserPolicy(w.t.Context(), &iam.PutUserPolicyInput{UserName: aws.String("probe"), PolicyName: aws.String("p"), PolicyDocument: &policy}))
			} else {
				w.must(w.admin.PutRolePolicy(w.t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("worker"), PolicyName: aws.String("p"), PolicyDocument: &policy}))
			}
			err := request(who.Config())
			if refused(err) == allowed {
				w.t.Errorf("%s under %s %s %q: %v", name, k.operator, k.key, value, err)
			}
		}
	}
}

func (w *keyWorld) must(_ any, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused says whether a request was denied. What fails otherwise was allowed.
func refused(err error) bool {
	var api smithy.APIError
	var response *smithyhttp.ResponseError
	return errors.As(err, &api) && (api.ErrorCode() == "AccessDenied" || api.ErrorCode() == "Forbidden") ||
		errors.As(err, &response) && response.HTTPStatusCode() == http.StatusForbidden
}

func newKeyWorld(t *testing.T) *keyWorld {
	x := xemutest.New(t)
	w := &keyWorld{t: t, account: x.Account("production")}
	w.admin = iam.NewFromConfig(w.account.Admin().Config())
	ctx := t.Context()
	w.user = w.account.User("probe")
	w.must(w.admin.TagUser(ctx, &iam.TagUserInput{UserName: aws.String("probe"), Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}}))
	w.must(w.admin.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("target"), Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}}))
	trust := strings.Replace(xemutest.Trust(w.account.ID), `"sts:AssumeRole"`, `["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]`, 1)
	worker := w.account.Role("worker", trust)
	w.account.Role("open", trust)
	w.must(w.admin.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String("open"), Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("green")}}}))
	w.must(w.admin.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("profile")}))
	out, err := sts.NewFromConfig(w.account.Admin().Config()).AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: &worker, RoleSessionName: aws.String("s1"), SourceIdentity: aws.String("somebody"),
		Tags: []ststypes.Tag{{Key: aws.String("Project"), Value: aws.String("x")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.session = x.Identity(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)

	buckets := pathStyle(w.account.Admin().Config())
	w.must(buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("reports")}))
	w.must(buckets.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: aws.String("reports"),
		VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}}))
	put, err := buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("reports"), Key: aws.String("data.csv"), Body: strings.NewReader("1"), Tagging: aws.String("class=secret")})
	if err != nil {
		t.Fatal(err)
	}
	w.version = *put.VersionId
	return w
}

func pathStyle(config aws.Config, more ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(config, append(more, func(o *s3.Options) { o.UsePathStyle = true })...)
}

func TestGlobalKeysOfRequests(t *testing.T) {
	w := newKeyWorld(t)
	listUsers := func(config aws.Config) error {
		_, err := iam.NewFromConfig(config).ListUsers(t.Context(), &iam.ListUsersInput{})
		return err
	}
	w.try("ListUsers of a user", w.user, append([]keyed{
		by("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::"+w.account.ID+":user/probe", "arn:aws:iam::"+w.account.ID+":user/other"),
		is("aws:PrincipalAccount", w.account.ID, "444455556666"),
		is("aws:ResourceAccount", w.account.ID, "444455556666"),
		is("aws:PrincipalType", "User", "AssumedRole"),
		is("aws:PrincipalTag/team", "red", "blue"),
		is("aws:userid", "AIDA*", "AROA*"),
		is("aws:username", "probe", "Probe"),
		by("IpAddress", "aws:SourceIp", "127.0.0.1/32", "10.0.0.0/8"),
		by("Bool", "aws:SecureTransport", "false", "true"),
		by("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"),
		by("NumericGreaterThan", "aws:EpochTime", "1577836800", "32472144000"),
		is("aws:UserAgent", "aws-sdk-go-v2/*", "curl/*"),
		is("aws:RequestedRegion", "us-east-1", "eu-west-1"),
		by("Bool", "aws:ViaAWSService", "false", "true"),
		by("Bool", "aws:PrincipalIsAWSService", "false", "true"),
	}, absent(
		"aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime", "aws:SourceIdentity", "aws:FederatedProvider", "aws:Referer",
		"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList",
		"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp",
		"aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths",
		"aws:PrincipalTag/project", "aws:RequestTag/team", "aws:ResourceTag/team", "aws:TagKeys", "sts:ExternalId", "s3:prefix",
	)...), listUsers)

	w.try("ListUsers of a session", w.session, append([]keyed{
		by("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::"+w.account.ID+":role/worker", "arn:aws:sts::"+w.account.ID+":assumed-role/worker/s1"),
		is("aws:PrincipalType", "AssumedRole", "User"),
		is("aws:userid", "AROA*:s1", "AROA*:s2"),
		is("aws:PrincipalTag/project", "x", "y"),
		is("aws:SourceIdentity", "somebody", "s1"),
		by("Bool", "aws:MultiFactorAuthPresent", "false", "true"),
		by("DateGreaterThan", "aws:TokenIssueTime", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"),
	}, absent("aws:username", "aws:MultiFactorAuthAge", "aws:FederatedProvider", "aws:TagKeys", "aws:RequestTag/project")...), listUsers)

	w.try("GetObject with a referer", w.user, []keyed{is("aws:Referer", "https://example.com/*", "https://example.org/*")}, func(config aws.Config) error {
		_, err := pathStyle(config, s3.WithAPIOptions(smithyhttp.AddHeaderValue("Referer", "https://example.com/page"))).
			GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("reports"), Key: aws.String("data.csv")})
		return err
	})
}

func TestKeysOfIAMRequests(t *testing.T) {
	w := newKeyWorld(t)
	ctx := t.Context()
	const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	user, profile, role := aws.String("target"), aws.String("profile"), aws.String("open")
	tags := []iamtypes.Tag{{Key: aws.String("Cost"), Value: aws.String("1")}, {Key: aws.String("owner"), Value: aws.String("me")}}
	for name, c := range map[string]struct {
		keys    []keyed
		request func(*iam.Client) error
	}{
		"GetUser": {append([]keyed{is("aws:ResourceTag/team", "blue", "red"), is("iam:ResourceTag/team", "blue", "red")},
			absent("aws:ResourceTag/none", "aws:RequestTag/team", "iam:PermissionsBoundary")...), func(c *iam.Client) error {
			_, err := c.GetUser(ctx, &iam.GetUserInput{UserName: user})
			return err
		}},
		"TagUser": {[]keyed{is("aws:RequestTag/cost", "1", "2"), is("aws:RequestTag/OWNER", "me", "you")}, func(c *iam.Client) error {
			_, err := c.TagUser(ctx, &iam.TagUserInput{UserName: user, Tags: tags})
			return err
		}},
		"TagUser, its keys": {[]keyed{by("ForAnyValue:StringEquals", "aws:TagKeys", "owner", "cost"), by("ForAnyValue:StringEquals", "aws:TagKeys", "Cost", "team")},
			func(c *iam.Client) error {
				_, err := c.TagUser(ctx, &iam.TagUserInput{UserName: user, Tags: tags})
				return err
			}},
		"UntagUser": {append([]keyed{by("ForAllValues:StringEquals", "aws:TagKeys", "owner", "team")}, absent("aws:RequestTag/owner")...), func(c *iam.Client) error {
			_, err := c.UntagUser(ctx, &iam.UntagUserInput{UserName: user, TagKeys: []string{"owner"}})
			return err
		}},
		"CreateRole": {[]keyed{is("aws:RequestTag/cost", "1", "2"), is("iam:PermissionsBoundary", readOnly, "arn:aws:iam::aws:policy/AdministratorAccess")},
			func(c *iam.Client) error {
				_, err := c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("made"), AssumeRolePolicyDocument: aws.String(xemutest.Trust(w.account.ID)), Tags: tags, PermissionsBoundary: aws.String(readOnly)})
				return err
			}},
		"PutUserPermissionsBoundary": {[]keyed{is("iam:PermissionsBoundary", readOnly, "arn:aws:iam::aws:policy/AdministratorAccess")}, func(c *iam.Client) error {
			_, err := c.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: aws.String("probe2"), PermissionsBoundary: aws.String(readOnly)})
			return err
		}},
		"AttachRolePolicy": {[]keyed{by("ArnEquals", "iam:PolicyARN", readOnly, "arn:aws:iam::aws:policy/AdministratorAccess")}, func(c *iam.Client) error {
			_, err := c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role, PolicyArn: aws.String(readOnly)})
			return err
		}},
		"DetachRolePolicy": {[]keyed{by("ArnEquals", "iam:PolicyARN", readOnly, "arn:aws:iam::aws:policy/AdministratorAccess")}, func(c *iam.Client) error {
			_, err := c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: role, PolicyArn: aws.String(readOnly)})
			return err
		}},
		"AddRoleToInstanceProfile": {[]keyed{is("iam:PassedToService", "ec2.amazonaws.com", "lambda.amazonaws.com").under("iam:PassRole"),
			is("iam:ResourceTag/team", "green", "red").under("iam:PassRole"), absent("iam:AssociatedResourceArn")[0].under("iam:PassRole")}, func(c *iam.Client) error {
			_, err := c.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: profile, RoleName: role})
			return err
		}},
		"CreateServiceSpecificCredential": {[]keyed{is("iam:ServiceSpecificCredentialServiceName", "codecommit.amazonaws.com", "bedrock.amazonaws.com")}, func(c *iam.Client) error {
			_, err := c.CreateServiceSpecificCredential(ctx, &iam.CreateServiceSpecificCredentialInput{UserName: user, ServiceName: aws.String("codecommit.amazonaws.com")})
			return err
		}},
	} {
		w.try(name, w.user, c.keys, func(config aws.Config) error { return c.request(iam.NewFromConfig(config)) })
	}
}

func TestKeysOfSTSRequests(t *testing.T) {
	w := newKeyWorld(t)
	role := "arn:aws:iam::" + w.account.ID + ":role/open"
	w.try("AssumeRole", w.user, append([]keyed{
		is("sts:ExternalId", "e-1", "e-2"),
		is("sts:RoleSessionName", "night", "day"),
		is("sts:SourceIdentity", "somebody", "else"),
		is("aws:RequestTag/project", "x", "y"),
		is("aws:ResourceTag/team", "green", "red"),
		by("ForAllValues:StringEquals", "aws:TagKeys", "Project", "project"),
		by("ForAnyValue:StringEquals", "sts:TransitiveTagKeys", "Project", "team"),
	}, absent("sts:DurationSeconds", "aws:SourceIdentity", "aws:FederatedProvider")...), func(config aws.Config) error {
		_, err := sts.NewFromConfig(config).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: &role, RoleSessionName: aws.String("night"), ExternalId: aws.String("e-1"), SourceIdentity: aws.String("somebody"),
			Tags: []ststypes.Tag{{Key: aws.String("Project"), Value: aws.String("x")}}, TransitiveTagKeys: []string{"Project"},
		})
		return err
	})
	w.try("AssumeRole without anything", w.user, absent("sts:ExternalId", "sts:SourceIdentity", "sts:TransitiveTagKeys", "aws:TagKeys", "aws:RequestTag/project"),
		func(config aws.Config) error {
			_, err := sts.NewFromConfig(config).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("night")})
			return err
		})
}

func TestKeysOfS3Requests(t *testing.T) {
	w := newKeyWorld(t)
	ctx := t.Context()
	bucket, key := aws.String("reports"), aws.String("data.csv")
	until := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		keys    []keyed
		request func(*s3.Client) error
	}{
		"GetObject": {append([]keyed{
			is("s3:authType", "REST-HEADER", "REST-QUERY-STRING"), is("s3:signatureversion", "AWS4-HMAC-SHA256", "AWS"), is("s3:ResourceAccount", w.account.ID, "444455556666"),
			is("s3:ExistingObjectTag/class", "secret", "public"), is("s3:x-amz-content-sha256", "*", "UNSIGNED-PAYLOAD"),
		}, absent("s3:signatureAge", "s3:TlsVersion", "s3:AccessGrantsInstanceArn", "s3:DataAccessPointArn", "s3:DataAccessPointAccount", "s3:locationconstraint", "s3:if-match",
			"s3:if-none-match", "s3:RequestObjectTagKeys", "s3:ObjectCreationOperation", "aws:ResourceTag/team", "s3:BucketTag/team", "s3:VersionId", "s3:ExistingObjectTag/team", "s3:x-amz-acl", "s3:prefix")...), func(c *s3.Client) error {
			_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
			return err
		}},
		"GetObject of a version": {[]keyed{is("s3:VersionId", w.version, "other")}, func(c *s3.Client) error {
			_, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, VersionId: &w.version})
			return err
		}},
		"ListObjectsV2": {append([]keyed{is("s3:prefix", "home/*", "other/*"), is("s3:delimiter", "/", "-"), by("NumericLessThanEquals", "s3:max-keys", "10", "9")},
			absent("s3:VersionId", "s3:ExistingObjectTag/class")...), func(c *s3.Client) error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String("home/a"), Delimiter: aws.String("/"), MaxKeys: aws.Int32(10)})
			return err
		}},
		"ListObjectsV2 of all": {absent("s3:prefix", "s3:delimiter", "s3:max-keys"), func(c *s3.Client) error {
			_, err := c.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})
			return err
		}},
		"PutObject": {[]keyed{
			is("s3:x-amz-acl", "bucket-owner-full-control", "public-read").under("s3:PutObject"),
			is("s3:x-amz-server-side-encryption", "AES256", "aws:kms").under("s3:PutObject"),
			is("s3:x-amz-storage-class", "STANDARD_IA", "STANDARD").under("s3:PutObject"),
			is("s3:RequestObjectTag/class", "open", "secret").under("s3:PutObject"),
			by("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", "class", "team").under("s3:PutObject"),
			is("s3:object-lock-mode", "GOVERNANCE", "COMPLIANCE").under("s3:PutObject"),
			by("DateEquals", "s3:object-lock-retain-until-date", "2099-01-01T00:00:00Z", "2098-01-01T00:00:00Z").under("s3:PutObject"),
			is("s3:object-lock-legal-hold", "OFF", "ON").under("s3:PutObject"),
			by("Bool", "s3:ObjectCreationOperation", "true", "false").under("s3:PutObject"),
		}, func(c *s3.Client) error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("new"), Body: strings.NewReader("1"), ACL: s3types.ObjectCannedACLBucketOwnerFullControl,
				ServerSideEncryption: s3types.ServerSideEncryptionAes256, StorageClass: s3types.StorageClassStandardIa, Tagging: aws.String("class=open"),
				ObjectLockMode: s3types.ObjectLockModeGovernance, ObjectLockRetainUntilDate: &until, ObjectLockLegalHoldStatus: s3types.ObjectLockLegalHoldStatusOff})
			return err
		}},
		"PutObject with grants": {[]keyed{is("s3:x-amz-grant-read", `id=*`, "uri=*").under("s3:PutObject"), is("s3:x-amz-grant-full-control", `id=*`, "uri=*").under("s3:PutObject")},
			func(c *s3.Client) error {
				_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("granted"), Body: strings.NewReader("1"), GrantRead: aws.String(`id=abc`), GrantFullControl: aws.String(`id=abc`)})
				return err
			}},
		"PutObject if it matches": {append([]keyed{is("s3:if-match", "abc", "def")}, absent("s3:if-none-match", "s3:x-amz-acl", "s3:x-amz-storage-class",
			"s3:x-amz-server-side-encryption", "s3:x-amz-copy-source", "s3:x-amz-metadata-directive", "s3:RequestObjectTagKeys")...), func(c *s3.Client) error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("1"), IfMatch: aws.String("abc")})
			return err
		}},
		"UploadPart": {[]keyed{by("Bool", "s3:ObjectCreationOperation", "false", "true")}, func(c *s3.Client) error {
			_, err := c.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: aws.String("none"), PartNumber: aws.Int32(1), Body: strings.NewReader("1")})
			return err
		}},
		"PutObject if none matches": {[]keyed{by("StringEquals", "s3:if-none-match", "*", "x")}, func(c *s3.Client) error {
			_, err := c.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("once"), Body: strings.NewReader("1"), IfNoneMatch: aws.String("*")})
			return err
		}},
		"CopyObject": {[]keyed{is("s3:x-amz-copy-source", "*reports/data.csv", "*other/*").under("s3:PutObject"), is("s3:x-amz-metadata-directive", "REPLACE", "COPY").under("s3:PutObject")},
			func(c *s3.Client) error {
				_, err := c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: aws.String("copy"), CopySource: aws.String("reports/data.csv"), MetadataDirective: s3types.MetadataDirectiveReplace})
				return err
			}},
		"DeleteObject": {append([]keyed{is("s3:if-match", "abc", "def")}, absent("s3:VersionId")...), func(c *s3.Client) error {
			_, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("once"), IfMatch: aws.String("abc")})
			return err
		}},
		"PutObjectTagging": {[]keyed{is("s3:RequestObjectTag/class", "secret", "open"), is("s3:ExistingObjectTag/class", "secret", "open")}, func(c *s3.Client) error {
			_, err := c.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: bucket, Key: key, Tagging: &s3types.Tagging{TagSet: []s3types.Tag{{Key: aws.String("class"), Value: aws.String("secret")}}}})
			return err
		}},
	} {
		w.try(name, w.user, c.keys, func(config aws.Config) error { return c.request(pathStyle(config)) })
	}

	w.try("CreateBucket elsewhere", w.user, []keyed{is("s3:locationconstraint", "eu-west-1", "us-west-2").under("s3:CreateBucket"), is("aws:RequestedRegion", "eu-west-1", "us-east-1")},
		func(config aws.Config) error {
			config.Region = "eu-west-1"
			_, err := pathStyle(config).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("elsewhere"),
				CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraintEuWest1}})
			return err
		})
	w.try("a presigned GetObject", w.user, []keyed{
		is("s3:authType", "REST-QUERY-STRING", "REST-HEADER"), by("NumericLessThan", "s3:signatureAge", "600000", "-1"), is("s3:signatureversion", "AWS4-HMAC-SHA256", "AWS"),
	}, func(config aws.Config) error {
		signed, err := s3.NewPresignClient(pathStyle(config)).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
		if err != nil {
			return err
		}
		return fetch(ctx, signed.URL)
	})
}

// fetch is a plain GET, with the answer's status as an SDK's error.
func fetch(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: answer}, Err: errors.New(answer.Status)}
}

// TestKeysOfBucketTags: a bucket's tags are condition keys, for itself and its objects, once ABAC is enabled for it.
func TestKeysOfBucketTags(t *testing.T) {
	w := newKeyWorld(t)
	ctx := t.Context()
	admin, bucket := pathStyle(w.account.Admin().Config()), aws.String("tagged")
	tags := []s3types.Tag{{Key: aws.String("team"), Value: aws.String("red")}}
	w.must(admin.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket, CreateBucketConfiguration: &s3types.CreateBucketConfiguration{Tags: tags}}))
	w.must(admin.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("a"), Body: strings.NewReader("1")}))
	list := func(config aws.Config) error {
		_, err := pathStyle(config).ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})
		return err
	}
	w.try("ListObjectsV2 without ABAC", w.user, absent("aws:ResourceTag/team", "s3:BucketTag/team"), list)

	w.must(admin.PutBucketAbac(ctx, &s3.PutBucketAbacInput{Bucket: bucket, AbacStatus: &s3types.AbacStatus{Status: s3types.BucketAbacStatusEnabled}}))
	out, err := admin.GetBucketAbac(ctx, &s3.GetBucketAbacInput{Bucket: bucket})
	if err != nil || out.AbacStatus.Status != s3types.BucketAbacStatusEnabled {
		t.Errorf("GetBucketAbac: %v, %v", out, err)
	}
	count := append([]keyed{is("aws:ResourceTag/team", "red", "blue"), is("s3:BucketTag/TEAM", "red", "blue")}, absent("s3:BucketTag/cost", "aws:RequestTag/team")...)
	w.try("ListObjectsV2 with ABAC", w.user, count, list)
	w.try("GetObject with ABAC", w.user, count, func(config aws.Config) error {
		_, err := pathStyle(config).GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("a")})
		return err
	})
	w.try("CreateBucket with tags", w.user, []keyed{
		is("aws:RequestTag/team", "red", "blue"), by("ForAllValues:StringEquals", "aws:TagKeys", "team", "cost"),
		is("aws:RequestTag/team", "red", "blue").under("s3:TagResource"), is("s3:x-amz-bucket-namespace", "global", "account-regional").under("s3:CreateBucket"),
	}, func(config aws.Config) error {
		_, err := pathStyle(config).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("made-with-tags"), BucketNamespace: s3types.BucketNamespaceGlobal,
			CreateBucketConfiguration: &s3types.CreateBucketConfiguration{Tags: tags}})
		return err
	})

	_, err = admin.DeleteBucketTagging(ctx, &s3.DeleteBucketTaggingInput{Bucket: bucket})
	if after, _ := admin.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: bucket}); err == nil || after == nil || len(after.TagSet) != 1 {
		t.Errorf("DeleteBucketTagging with ABAC: %v, then %v", err, after)
	}
	if _, err := admin.PutBucketAbac(ctx, &s3.PutBucketAbacInput{Bucket: bucket, AbacStatus: &s3types.AbacStatus{Status: "Perhaps"}}); err == nil {
		t.Error("PutBucketAbac took a status that there is not")
	}
	w.must(w.admin.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("probe"), PolicyName: aws.String("p")}))
	if _, err := pathStyle(w.user.Config()).PutBucketAbac(ctx, &s3.PutBucketAbacInput{Bucket: bucket, AbacStatus: &s3types.AbacStatus{Status: s3types.BucketAbacStatusDisabled}}); !refused(err) {
		t.Errorf("PutBucketAbac without permission: %v", err)
	}
}
