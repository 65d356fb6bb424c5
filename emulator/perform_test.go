package emulator

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// TestPerform carries out operations for a root user, who may, and for one of another account, who may not; both are
// recorded.
func TestPerform(t *testing.T) {
	s, err := Listen(Config{Addr: "127.0.0.1:0", Dir: t.TempDir(), Durability: store.Relaxed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	as := func(account, service, operation, input string) (string, string, error) {
		out, id, err := s.perform(t.Context(), performance{
			caller: wire.Caller{Principal: authz.Principal{
				Type: authz.Account, Account: account, ID: account, ARN: "arn:aws:iam::" + account + ":root",
			}},
			service: service, operation: operation, input: []byte(input), from: httptest.NewRequest("POST", "/", nil),
		})
		return string(out), id, err
	}
	const owner, stranger = "111122223333", "444455556666"
	must := func(service, operation, input, part string) {
		t.Helper()
		if out, _, err := as(owner, service, operation, input); err != nil || !strings.Contains(out, part) {
			t.Errorf("%s:%s: %s, %v; want %s", service, operation, out, err, part)
		}
	}
	must("s3", "CreateBucket", `{"Bucket": "reports"}`, `"Location":"/reports"`)
	must("s3", "PutBucketTagging", `{"Bucket": "reports", "Tagging": {"TagSet": [{"Key": "team", "Value": "a b"}]}}`, "")
	must("s3", "GetBucketTagging", `{"Bucket": "reports"}`, `"Value":"a b"`)
	must("s3", "PutObject", `{"Bucket": "reports", "Key": "a b", "Body": "aGVsbG8=", "Metadata": {"x": "y"}}`, "ETag")
	must("s3", "HeadObject", `{"Bucket": "reports", "Key": "a b"}`, `"ContentLength":5`)
	must("s3", "DeleteObjects", `{"Bucket": "reports", "Delete": {"Objects": [{"Key": "a b"}]}}`, `"Deleted"`)
	must("iam", "CreateUser", `{"UserName": "ada"}`, `user/ada`)
	must("sts", "GetCallerIdentity", `{}`, owner)

	var e *awserr.Error
	_, id, err := as(stranger, "s3", "ListObjectsV2", `{"Bucket": "reports"}`)
	if !errors.As(err, &e) || e.Code != "AccessDenied" {
		t.Errorf("a stranger lists the bucket: %v", err)
	}
	if event, ok, err := s.events.find(id); !ok || err != nil || !strings.Contains(string(event), `"eventName":"ListObjectsV2"`) {
		t.Errorf("its event: %s, %v", event, err)
	}
	for operation, code := range map[string]string{"GetObject": "NotImplemented", "FlyToTheMoon": "NotImplemented", "PutBucketTagging": "ValidationError"} {
		if _, _, err := as(owner, "s3", operation, `{"Bucket": 1}`); !errors.As(err, &e) || e.Code != code {
			t.Errorf("%s: %v, want %s", operation, err, code)
		}
	}
}
