package integration

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/xemutest"
)

// TestTerraformFederation applies identity providers of both kinds and a role that trusts them, plans again without a change,
// changes what can be changed, and destroys all.
func TestTerraformFederation(t *testing.T) {
	x := xemutest.New(t)
	r := terraform(t, x, "federation")
	answer, err := http.Get(x.URL + "/_xemu/saml/metadata")
	must(t, err)
	defer answer.Body.Close()
	first, err := io.ReadAll(answer.Body)
	must(t, err)
	second := strings.Replace(string(first), "entityID=", `validUntil="2041-02-03T04:05:06Z" entityID=`, 1)
	must(t, os.WriteFile(filepath.Join(r.dir, "first.xml"), first, 0o600))
	must(t, os.WriteFile(filepath.Join(r.dir, "second.xml"), []byte(second), 0o600))
	r.apply()
	r.apply("stage=second")
	got, err := json.Marshal(r.output()["values"])
	must(t, err)
	const want = `{"arn":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com","clients":["second","sts.amazonaws.com"],` +
		`"saml":"arn:aws:iam::111122223333:saml-provider/corp","until":"2041-02-03T04:05:06Z","url":"token.actions.githubusercontent.com"}`
	if string(got) != want {
		t.Errorf("outputs:\n got %s\nwant %s", got, want)
	}
	r.destroy()
	left, err := iam.NewFromConfig(x.Account("production").Admin().Config()).GetAccountSummary(t.Context(), nil)
	must(t, err)
	if n := left.SummaryMap["Providers"]; n != 0 {
		t.Errorf("%d providers are left", n)
	}
}
