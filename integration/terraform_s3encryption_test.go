package integration

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// Encryption, replication, objects and copies of S3 through Terraform.
func TestTerraformS3Encryption(t *testing.T) {
	x := xemutest.New(t)
	r := terraform(t, x, "s3encryption")
	for _, test := range []struct{ stage, want string }{
		{"first", `{"copy":"the first text","encryption":"aws:kms","etag":"ac7938d40cfc2307e2bf325d28e7884e","key":"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}`},
		{"second", `{"copy":"the second text","encryption":"aws:kms","etag":"ac7938d40cfc2307e2bf325d28e7884e","key":"arn:aws:kms:us-east-1:111122223333:key/4321abcd-12ab-34cd-56ef-4321567890ab"}`},
	} {
		r.apply("stage=" + test.stage)
		got, err := json.Marshal(r.output()["values"])
		must(t, err)
		if string(got) != test.want {
			t.Errorf("outputs:\n got %s\nwant %s", got, test.want)
		}
	}
	r.destroy()
	left, err := s3.NewFromConfig(x.Account("production").Admin().Config()).ListBuckets(t.Context(), nil)
	must(t, err)
	if len(left.Buckets) > 0 {
		t.Errorf("%d buckets are left", len(left.Buckets))
	}
}
