package integration

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// A public website with all that Terraform sets up around one: access, versions, CORS, payment, acceleration, objects.
func TestTerraformS3Website(t *testing.T) {
	x := xemutest.New(t)
	r := terraform(t, x, "s3web")
	visit := func(path string) *http.Response {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), "GET", x.URL+path, nil)
		must(t, err)
		// The name that Terraform tells, with the domain that is this machine's.
		request.Host = strings.Replace(r.output()["endpoint"].(string), "amazonaws.com", "localhost", 1)
		response, err := http.DefaultTransport.RoundTrip(request)
		must(t, err)
		return response
	}
	r.apply()
	home := visit("/")
	text, err := io.ReadAll(home.Body)
	must(t, err)
	if home.StatusCode != 200 || string(text) != "stage first" {
		t.Errorf("the site: %d %s", home.StatusCode, text)
	}
	r.apply("stage=second")
	if home := visit("/"); home.StatusCode != 301 || home.Header.Get("Location") != "/elsewhere" {
		t.Errorf("the changed site: %d %v", home.StatusCode, home.Header)
	}
	if old := visit("/old/x"); old.StatusCode != 301 || !strings.HasSuffix(old.Header.Get("Location"), "/newer/x") {
		t.Errorf("the rule: %d %v", old.StatusCode, old.Header)
	}
	r.destroy()
	left, err := s3.NewFromConfig(x.Account("production").Admin().Config()).ListBuckets(t.Context(), nil)
	must(t, err)
	if len(left.Buckets) > 0 {
		t.Errorf("%d buckets are left", len(left.Buckets))
	}
}
