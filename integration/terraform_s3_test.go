package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// TestTerraformS3 applies buckets, access to them, access points and what buckets report with Terraform's AWS provider, plans
// again without a change, changes what can be changed, and destroys all. Other S3 resources have tests of their own.
func TestTerraformS3(t *testing.T) {
	x := xemutest.New(t)
	r := terraform(t, x, "s3")
	// S3 Control's host names begin with the account. The emulator is its own proxy, so that they need not resolve.
	port := x.URL[strings.LastIndexByte(x.URL, ':'):]
	r.env = append(r.env, "AWS_ENDPOINT_URL=http://s3.localhost"+port, "HTTP_PROXY="+x.URL, "http_proxy="+x.URL, "NO_PROXY=", "no_proxy=")
	r.apply()
	check := func(want string) {
		t.Helper()
		got, err := json.Marshal(r.output()["values"])
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("outputs:\n got %s\nwant %s", got, want)
		}
	}
	check(`{"buckets":["tf-acl","tf-app","tf-logs"],"keys":["copy.txt","dir/hello.txt"],"object":"f8d2dca7875be9bd174d69eff7d9ee06","point":"arn:aws:s3:us-east-1:111122223333:accesspoint/tf-point","public":false,"read":"hello first","region":"us-east-1"}`)
	r.apply("stage=second")
	check(`{"buckets":["tf-acl","tf-app","tf-logs"],"keys":["copy.txt","dir/hello.txt"],"object":"d3769b7ba1bead04899922ede359764b","point":"arn:aws:s3:us-east-1:111122223333:accesspoint/tf-point","public":false,"read":"hello second","region":"us-east-1"}`)
	r.destroy()
	left, err := s3.NewFromConfig(x.Account("production").Admin().Config(), func(o *s3.Options) { o.UsePathStyle = true }).ListBuckets(t.Context(), nil)
	must(t, err)
	if len(left.Buckets) != 0 {
		t.Errorf("buckets are left: %+v", left.Buckets)
	}
}
