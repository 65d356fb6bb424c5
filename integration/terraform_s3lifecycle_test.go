package integration

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// TestTerraformLifecycle applies lifecycle rules of every form and Object Lock, plans again without a change, changes what
// can be changed, and destroys all, a locked object included.
func TestTerraformLifecycle(t *testing.T) {
	x := xemutest.New(t)
	r := terraform(t, x, "s3lifecycle")
	r.apply()
	r.apply("stage=second")
	r.destroy()
	left, err := s3.NewFromConfig(x.Account("production").Admin().Config()).ListBuckets(t.Context(), &s3.ListBucketsInput{})
	must(t, err)
	if len(left.Buckets) > 0 {
		t.Errorf("%d buckets are left", len(left.Buckets))
	}
}
