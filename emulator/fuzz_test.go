package emulator_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/store"
)

// FuzzRequest sends what an administrator may send to any service. Whatever it is, it is no failure of the server's, and
// writes no file but those that the data directory has.
func FuzzRequest(f *testing.F) {
	for _, seed := range requestSeeds {
		f.Add(seed.service, seed.method, seed.target, seed.headers, seed.body)
	}
	var s *emulator.Server
	dir := filepath.Join(f.TempDir(), "data")
	begin := func() {
		if s != nil {
			s.Close()
		}
		os.RemoveAll(dir)
		var err error
		if s, err = emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: dir, Durability: store.Relaxed}); err != nil {
			f.Fatal(err)
		}
		for _, seed := range requestSeeds[:2] { // a bucket and an object, for the others
			fuzzed(s, seed.service, seed.method, seed.target, seed.headers, seed.body)
		}
	}
	begin()
	defer func() { s.Close() }()
	files := directory(f, dir)
	runs := 0
	f.Fuzz(func(t *testing.T, service, method, target, headers, body string) {
		if runs++; runs%2000 == 0 { // what was done before may have taken the administrator's rights
			begin()
		}
		w := fuzzed(s, service, method, target, headers, body)
		if w == nil {
			t.Skip("net/http answers this itself")
		}
		if w.Code == http.StatusInternalServerError || w.Code == http.StatusServiceUnavailable {
			t.Errorf("%s: %s %q, %q, %q: %d %s", service, method, target, headers, body, w.Code, w.Body)
		}
		if now := directory(t, dir); now != files {
			t.Errorf("%s: %s %q made files: %s; before: %s", service, method, target, now, files)
		}
	})
}

// fuzzed sends a signed request; nil for what never comes to the handler.
func fuzzed(s *emulator.Server, service, method, target, headers, body string) *httptest.ResponseRecorder {
	u, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(target, "/") || strings.HasPrefix(u.Path, "/_xemu/") {
		return nil
	}
	u.Scheme, u.Host = "http", strings.TrimPrefix(s.URL, "http://")
	r, err := http.NewRequest(method, u.String(), strings.NewReader(body))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(headers) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.ContainsAny(name, " \t") {
			r.Header.Add(name, value)
		}
	}
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	if service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", hash)
	}
	admin := s.World().Accounts[0].Admin
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	if err := signer.SignHTTP(ctx, aws.Credentials{AccessKeyID: admin.AccessKeyID, SecretAccessKey: admin.SecretAccessKey}, r, hash, service, "us-east-1", time.Now()); err != nil {
		return nil
	}
	if r, err = received(r); err != nil {
		return nil
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// received is a request as a server reads it.
func received(r *http.Request) (*http.Request, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	again := httptest.NewRequestWithContext(r.Context(), "GET", "/", strings.NewReader(string(body)))
	again.Method, again.URL, again.RequestURI, again.Host, again.Header = r.Method, r.URL, r.URL.RequestURI(), r.URL.Host, r.Header
	again.URL.Scheme, again.URL.Host = "", ""
	return again, nil
}

// directory lists what is in a data directory, the store's blobs and the events left out, and around it.
func directory(t testing.TB, dir string) string {
	var names []string
	for _, d := range []string{filepath.Dir(dir), dir, filepath.Join(dir, "store"), filepath.Join(dir, "aws")} {
		entries, err := os.ReadDir(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

var requestSeeds = []struct{ service, method, target, headers, body string }{
	{"s3", "PUT", "/fuzz", "", ""},
	{"s3", "PUT", "/fuzz/key", "x-amz-tagging: a=b&c=d\nx-amz-meta-a: b\ncontent-type: text/plain", "body"},
	{"s3", "GET", "/fuzz/key", "range: bytes=1-2\nif-match: \"x\", *\nif-modified-since: Wed, 21 Oct 2015 07:28:00 GMT", ""},
	{"s3", "HEAD", "/fuzz/key?partNumber=1", "if-none-match: *\nx-amz-checksum-mode: ENABLED", ""},
	{"s3", "PUT", "/fuzz/copy", "x-amz-copy-source: /fuzz/key?versionId=null\nx-amz-metadata-directive: REPLACE\nx-amz-copy-source-if-match: *", ""},
	{"s3", "PUT", "/fuzz/..%2F..%2F../x/%00", "x-amz-acl: private\nx-amz-grant-read: id=\"a\", uri=\"b\"", ""},
	{"s3", "GET", "/fuzz?list-type=2&delimiter=%2F&prefix=a&max-keys=3&encoding-type=url&start-after=b&continuation-token=MQ==", "", ""},
	{"s3", "GET", "/fuzz?versions&key-marker=a&version-id-marker=null&delimiter=e", "", ""},
	{"s3", "GET", "/fuzz?uploads&key-marker=a&upload-id-marker=b&max-uploads=1", "", ""},
	{"s3", "GET", "/fuzz?marker=a&delimiter=", "", ""},
	{"s3", "POST", "/fuzz/key?uploads", "x-amz-checksum-algorithm: SHA256", ""},
	{"s3", "PUT", "/fuzz/key?partNumber=1&uploadId=x", "x-amz-copy-source: fuzz/key\nx-amz-copy-source-range: bytes=0-1", ""},
	{"s3", "POST", "/fuzz/key?uploadId=x", "", "<CompleteMultipartUpload><Part><ETag>\"a\"</ETag><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>"},
	{"s3", "POST", "/fuzz?delete", "content-md5: 1B2M2Y8AsgTpgAmY7PhCfg==", "<Delete><Quiet>true</Quiet><Object><Key>a</Key><VersionId>null</VersionId></Object></Delete>"},
	{"s3", "PUT", "/fuzz?versioning", "", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"},
	{"s3", "PUT", "/fuzz?tagging", "", "<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag></TagSet></Tagging>"},
	{"s3", "PUT", "/fuzz/key?tagging&versionId=null", "", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"},
	{"s3", "PUT", "/fuzz?policy", "", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":["arn:aws:s3:::fuzz/*","arn:aws:s3:::fuzz"],"Condition":{"StringLike":{"s3:prefix":"a*"}}}]}`},
	{"s3", "PUT", "/fuzz?acl", "", `<AccessControlPolicy><Owner><ID>1</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`},
	{"s3", "PUT", "/fuzz?ownershipControls", "", "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>"},
	{"s3", "PUT", "/fuzz?publicAccessBlock", "", "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"},
	{"s3", "PUT", "/fuzz?cors", "", "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"},
	{"s3", "PUT", "/fuzz?lifecycle", "", "<LifecycleConfiguration><Rule><ID>1</ID><Filter><Prefix>p</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"},
	{"s3", "PUT", "/fuzz?encryption", "", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"},
	{"s3", "PUT", "/fuzz?notification", "", "<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>"},
	{"s3", "PUT", "/fuzz?website", "", "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>"},
	{"s3", "PUT", "/fuzz?logging", "", "<BucketLoggingStatus/>"},
	{"s3", "PUT", "/fuzz?object-lock", "", "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"},
	{"s3", "PUT", "/fuzz?replication", "", "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::b</Bucket></Destination></Rule></ReplicationConfiguration>"},
	{"s3", "PUT", "/fuzz/key?retention", "x-amz-bypass-governance-retention: true", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>"},
	{"s3", "GET", "/fuzz/key?attributes", "x-amz-object-attributes: ETag,ObjectParts\nx-amz-max-parts: 1", ""},
	{"s3", "PUT", "/fuzz/key", "if-none-match: *\nx-amz-checksum-crc32: AAAAAA==\nx-amz-server-side-encryption: aws:kms\nx-amz-storage-class: GLACIER", "b"},
	{"s3", "OPTIONS", "/fuzz/key", "origin: http://a\naccess-control-request-method: GET", ""},
	{"s3", "DELETE", "/fuzz/key?versionId=null", "if-match: *", ""},
	{"s3", "GET", "/?max-buckets=1&prefix=f&continuation-token=x", "", ""},
	{"s3", "GET", "/v20180820/bucket/fuzz", "x-amz-account-id: 111122223333", ""},
	{"iam", "POST", "/", form, "Action=CreateUser&Version=2010-05-08&UserName=u&Path=/p/&Tags.member.1.Key=a&Tags.member.1.Value=b"},
	{"iam", "POST", "/", form, "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22*%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D"},
	{"iam", "POST", "/", form, "Action=ListUsers&Version=2010-05-08&MaxItems=1&Marker=x"},
	{"iam", "POST", "/", form, "Action=SimulateCustomPolicy&Version=2010-05-08&PolicyInputList.member.1=%7B%7D&ActionNames.member.1=s3%3AGetObject"},
	{"sts", "POST", "/", form, "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=s&Policy=%7B%7D&TransitiveTagKeys.member.1=a"},
	{"sts", "GET", "/?Action=GetCallerIdentity&Version=2011-06-15", "", ""},
	{"organizations", "POST", "/", "content-type: application/x-amz-json-1.1\nx-amz-target: AWSOrganizationsV20161128.CreatePolicy", `{"Content":"{}","Description":"d","Name":"n","Type":"SERVICE_CONTROL_POLICY"}`},
	{"access-analyzer", "POST", "/policy/validation?maxResults=1", "content-type: application/json", `{"policyDocument":"{}","policyType":"IDENTITY_POLICY"}`},
	{"ec2", "POST", "/", form, "Action=DescribeInstances&Version=2016-11-15"},
}

const form = "content-type: application/x-www-form-urlencoded"
