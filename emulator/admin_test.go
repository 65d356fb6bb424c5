package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errors"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

// The admin API answers nobody without the token, nor a page of another site, nor a name that is not the server's.
func TestAdminGuard(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	token, err := os.ReadFile(filepath.Join(dir, "admin-token"))
	must(t, err)
	bearer := "Bearer " + strings.TrimSpace(string(token))
	for _, test := range []struct {
		method, path, token, host, origin string
		status                            int
	}{
		{"GET", "health", "", "", "", 200},
		{"GET", "health", "", "evil.example", "", 403},
		{"GET", "accounts", bearer, "", "", 200},
		{"GET", "accounts", bearer, "localhost", "", 200},
		{"GET", "accounts", "", "", "", 401},
		{"GET", "accounts", bearer + "x", "", "", 401},
		{"GET", "accounts", bearer, "evil.example", "", 403},
		{"GET", "accounts", bearer, "", "http://evil.example", 403},
		{"GET", "accounts", bearer, "", "null", 403},
		{"GET", "accounts", bearer, "", x.URL, 200},
		{"POST", "reset", "", "", "", 401},
		{"GET", "reset", bearer, "", "", 404},
		{"GET", "events", "", "", "", 401},
		{"GET", "events?limit=0", bearer, "", "", 400},
		{"GET", "events?limit=many", bearer, "", "", 400},
		{"GET", "explain/unknown", bearer, "", "", 404},
		{"POST", "accounts", bearer, "", "", 400},
		{"GET", "nothing", bearer, "", "", 404},
	} {
		r, err := http.NewRequest(test.method, x.URL+"/_xemu/"+test.path, nil)
		must(t, err)
		r.Host = test.host
		for name, value := range map[string]string{"Authorization": test.token, "Origin": test.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		answer.Body.Close()
		if answer.StatusCode != test.status {
			t.Errorf("%+v: %s", test, answer.Status)
		}
	}
}

func TestAccountsAndReset(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	client, err := admin.NewClient(dir)
	must(t, err)
	var created admin.Account
	must(t, client.Call("POST", "/_xemu/accounts", admin.Account{Name: "staging"}, &created))
	staging := x.Account("staging")
	who, err := sts.NewFromConfig(staging.Admin().Config()).GetCallerIdentity(ctx, nil)
	must(t, err)
	if *who.Account != created.ID {
		t.Errorf("staging's admin is of account %s, want %s", *who.Account, created.ID)
	}
	for _, taken := range []admin.Account{{Name: "staging"}, {ID: created.ID, Name: "other"}} {
		if err := client.Call("POST", "/_xemu/accounts", taken, nil); err == nil || !strings.Contains(err.Error(), "is taken") {
			t.Errorf("account %+v: %v", taken, err)
		}
	}
	if err := client.Call("POST", "/_xemu/accounts", admin.Account{ID: "12", Name: "short"}, nil); err == nil {
		t.Error("an account id of two digits was taken")
	}

	owner := s3Client(staging.Admin())
	_, err = owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("gone")})
	must(t, err)
	must(t, put(t, owner, "gone", "large", strings.Repeat("x", 1<<20)))
	user := staging.User("gone")
	must(t, client.Call("POST", "/_xemu/reset", nil, nil))

	if _, err := get(t, owner, "gone", "large"); err == nil {
		t.Error("the bucket outlived the reset")
	}
	_, err = sts.NewFromConfig(user.Config()).GetCallerIdentity(ctx, nil)
	wantError(t, err, "InvalidClientTokenId", "")
	users, err := iam.NewFromConfig(staging.Admin().Config()).ListUsers(ctx, nil)
	must(t, err)
	if len(users.Users) != 1 || *users.Users[0].UserName != "admin" {
		t.Errorf("after the reset: %+v", users.Users)
	}
}

// Every request leaves an event, with its decision and without its secrets.
func TestEvents(t *testing.T) {
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	client, err := admin.NewClient(dir)
	must(t, err)
	account := x.Account("development")
	_, err = iam.NewFromConfig(account.Admin().Config()).CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{
		UserName: aws.String("admin"), Password: aws.String("Very-Secret-1"),
	})
	wantError(t, err, "EntityAlreadyExists", "")
	_, err = iam.NewFromConfig(account.User("nobody").Config()).ListUsers(ctx, nil)
	var answer *awshttp.ResponseError
	if !errors.As(err, &answer) {
		t.Fatal(err)
	}
	var event emulator.Event
	must(t, client.Call("GET", "/_xemu/explain/"+answer.RequestID, nil, &event))
	if event.EventName != "ListUsers" || event.ErrorCode != "AccessDenied" || event.UserIdentity.ARN != "arn:aws:iam::444455556666:user/nobody" ||
		len(event.Decisions) != 1 || event.Decisions[0].Effect != authz.ImplicitDeny || event.Decisions[0].Trace == nil {
		text, _ := json.Marshal(event)
		t.Errorf("event %s", text)
	}
	if text := event.String(); !strings.Contains(text, "iam:ListUsers") || !strings.Contains(text, "arn:aws:iam::444455556666:user/nobody") {
		t.Errorf("explanation: %s", text)
	}
	r, err := http.NewRequest("GET", x.URL+"/_xemu/events?limit=1000", nil)
	must(t, err)
	token, err := os.ReadFile(filepath.Join(dir, "admin-token"))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	if !strings.Contains(string(text), "CreateLoginProfile") || strings.Contains(string(text), "Very-Secret-1") {
		t.Errorf("the log misses the request, or holds its password: %s", text)
	}
}
