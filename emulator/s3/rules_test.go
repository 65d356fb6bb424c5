package s3

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
)

type needsCase struct {
	line, operation, input string
	want                   []string // "action resource"
}

func needsCases(t *testing.T) []needsCase {
	t.Helper()
	f, err := os.Open("testdata/needs.txt")
	must(t, err)
	defer f.Close()
	resources := strings.NewReplacer(" bucket", " arn:aws:s3:::reports", " KEY", " arn:aws:s3:::reports/")
	var cases []needsCase
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		asked, needs, ok := strings.Cut(line, "=>")
		c := needsCase{line: line}
		if c.operation, c.input, _ = strings.Cut(strings.TrimSpace(asked), " "); !ok {
			t.Fatalf("testdata/needs.txt: no => in %q", line)
		}
		for need := range strings.SplitSeq(needs, ";") {
			if need = strings.TrimSpace(need); need != "" {
				c.want = append(c.want, resources.Replace(need))
			}
		}
		cases = append(cases, c)
	}
	return cases
}

// TestNeeds goes through testdata/needs.txt: the needs are those listed; policies that allow exactly them suffice, and
// without any one of them the request is denied.
func TestNeeds(t *testing.T) {
	w := newWorld(t)
	root := w.person(accountA, "root")
	client := root.client()
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("reports")})
	must(t, err)
	for key, tagging := range map[string]*string{"plain": nil, "tagged": aws.String("team=red")} {
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String("reports"), Key: aws.String(key), Tagging: tagging, Body: strings.NewReader("x"),
		})
		must(t, err)
	}

	operations := w.service.Operations()
	seen := map[string]bool{}
	for _, c := range needsCases(t) {
		seen[c.operation] = true
		t.Run(strings.ReplaceAll(c.line, "/", "|"), func(t *testing.T) {
			operation, ok := operations[c.operation]
			if !ok {
				t.Fatal("no such operation")
			}
			in := operation.NewInput()
			must(t, json.Unmarshal([]byte(c.input), in))
			caller := wire.Caller{Principal: authz.Principal{Type: authz.User, Account: accountA, ARN: "arn:aws:iam::" + accountA + ":user/carol", ID: "AIDACAROL"}}
			needs, err := operation.Needs(withCaller(t, caller), in)
			must(t, err)
			var got []string
			for _, n := range needs {
				if n.Account != accountA {
					t.Errorf("%s is decided in account %q", n.Action, n.Account)
				}
				got = append(got, n.Action+" "+n.Resource)
			}
			if !slices.Equal(got, c.want) {
				t.Fatalf("got  %s\nwant %s", strings.Join(got, "; "), strings.Join(c.want, "; "))
			}
			if err := decideAll(t, caller, needs, c.want); err != nil {
				t.Errorf("with all permissions: %v", err)
			}
			for i := range c.want {
				if decideAll(t, caller, needs, slices.Delete(slices.Clone(c.want), i, i+1)) == nil {
					t.Errorf("allowed without %s", c.want[i])
				}
			}
		})
	}
	for name := range operations {
		if !seen[name] {
			t.Errorf("testdata/needs.txt has nothing of %s", name)
		}
	}
}

// decideAll decides needs for a caller whose identity policy allows just the given actions on the given resources.
func decideAll(t *testing.T, caller wire.Caller, needs []wire.Need, allowed []string) error {
	t.Helper()
	who := &person{}
	for _, pair := range allowed {
		action, resource, _ := strings.Cut(pair, " ")
		policy, err := authz.Parse(allow(resource, action))
		must(t, err)
		who.identity = append(who.identity, authz.Attached{Policy: policy, Kind: authz.Identity, Account: accountA})
	}
	for _, need := range needs {
		if err := decide(who, caller, need); err != nil {
			return err
		}
	}
	return nil
}

// withCaller returns the context of a request of the caller.
func withCaller(t *testing.T, caller wire.Caller) context.Context {
	return wire.WithRequest(t.Context(), &wire.Request{
		HTTP: httptest.NewRequest("GET", "/", nil), Region: usEast1, Caller: caller, Service: "s3",
	})
}
