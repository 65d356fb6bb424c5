package authz_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

var update = flag.Bool("update", false, "write the golden files of explanations anew")

// Each explanation is read by a learner as it stands in its golden file.
func TestExplanations(t *testing.T) {
	principals := readPrincipals(t)
	for _, name := range jsonFiles(t, "testdata/explanations") {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(name, "testdata/explanations/"), ".json"), func(t *testing.T) {
			var c decisionCase
			readJSONFile(t, name, &c)
			request := c.request(principals[c.Principal])
			policies := c.Policies.build(t, rewritings["as written"])
			d := authz.Evaluate(request, policies)
			if d.Effect != c.Want {
				t.Fatalf("%s, want %s", d.Effect, c.Want)
			}
			golden := strings.TrimSuffix(name, ".json") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(d.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s", d, want)
			}
			checkTrace(t, d)
			if !d.Allowed() {
				checkChanges(t, request, policies, d)
			}
		})
	}
}
