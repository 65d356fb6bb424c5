package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// A bucket policy may have 20 KB, white space included ("Bucket policies for Amazon S3"); of a larger one, or of one with a
// fault, nothing is stored.
func TestBucketPoliciesThatAreRefusedAreNotStored(t *testing.T) {
	c := pathStyle(xemutest.New(t).Account("production").Admin().Config())
	bucket := aws.String("reports")
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	sized := func(n int) string {
		text := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}]}`
		return text[:len(text)-1] + strings.Repeat(" ", n-len(text)) + "}"
	}
	largest := sized(20 << 10)
	if _, err := c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: &largest}); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"one byte more": sized(20<<10 + 1), "a fault": largest[1:], "a comma": strings.Replace(largest, "}]", "},]", 1)} {
		if _, err := c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: bucket, Policy: &text}); err == nil || !strings.Contains(err.Error(), "MalformedPolicy") {
			t.Errorf("%s: %v", name, err)
		}
	}
	out, err := c.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: bucket})
	if err != nil || *out.Policy != largest {
		t.Errorf("the policy is another one (%v)", err)
	}
}
