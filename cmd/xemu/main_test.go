package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

// xemu runs the program and returns what it said, the exit code last when it is not 0.
func xemu(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

// says fails the test unless text contains all of want.
func says(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("it says\n%s\nwithout %q", text, w)
		}
	}
}

// world is a running server and its data directory.
func world(t *testing.T) (*xemutest.Emulator, string) {
	dir := t.TempDir()
	return xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir })), dir
}

func write(t *testing.T, name, text string) string {
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMistakesAreExplained: every error says what to do.
func TestMistakesAreExplained(t *testing.T) {
	x, dir := world(t)
	busy := strings.TrimPrefix(x.URL, "http://")
	empty := filepath.Join(t.TempDir(), "none")
	for _, test := range []struct {
		name string
		args []string
		want []string
	}{
		{"an unknown command", []string{"bogus"}, []string{`unknown command "bogus"`, "'xemu --help'"}},
		{"an unknown flag", []string{"serve", "--bogus"}, []string{"unknown flag: --bogus", "usage: xemu serve", "'xemu serve --help'"}},
		{"an argument too many", []string{"serve", "extra"}, []string{`"extra" is too much`, "usage: xemu serve"}},
		{"an argument missing", []string{"account", "create"}, []string{"something is missing", "usage: xemu account create NAME"}},
		{"a mode that is none", []string{"serve", "--data", empty, "--enforce", "maybe"}, []string{"strict, audit or off"}},
		{"the directory is in use", []string{"serve", "--data", dir, "--addr", "127.0.0.1:0"}, []string{dir, "in use by another xemu", "--data DIR"}},
		{"the port is in use", []string{"serve", "--data", t.TempDir(), "--addr", busy}, []string{busy, "in use", "--addr HOST:PORT"}},
		{"no world file", []string{"serve", "--data", empty, "--world", "none.yaml"}, []string{"world file", "none.yaml"}},
		{"an account id that is none", []string{"serve", "--data", empty, "--world", write(t, "w.yaml", "accounts: [{id: '12', name: a}]")},
			[]string{"w.yaml", `id "12"`}},
		{"no server", []string{"why", "--data", empty}, []string{"no server has run on " + empty, "xemu serve --data " + empty}},
		{"no profiles", []string{"env", "--data", empty}, []string{"xemu serve --data " + empty}},
		{"no such profile", []string{"env", "--data", dir, "--profile", "nobody"}, []string{`no profile "nobody"`, "production", "development-root"}},
		{"exec as nobody", []string{"exec", "--data", dir, "--", "true"}, []string{"--profile is missing", "usage: xemu exec --profile NAME -- COMMAND"}},
		{"an account that is there", []string{"account", "create", "production", "--data", dir}, []string{"is taken"}},
		{"no such lesson", []string{"tutorial", "run", "none"}, []string{`"none"`, "cross-account-role"}},
		{"no such request", []string{"why", "none", "--data", dir}, []string{`"none"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := xemu(t, test.args...)
			if code != 1 || !strings.HasPrefix(stderr, "xemu: ") {
				t.Errorf("exit code %d", code)
			}
			says(t, stderr, test.want...)
		})
	}
	if _, err := os.Stat(empty); err == nil {
		t.Error("a mistake left a data directory behind")
	}
}

// TestEveryCommandTeaches: each has a help text with its usage.
func TestEveryCommandTeaches(t *testing.T) {
	for _, command := range rootCommand().Commands() {
		if command.Name() == "help" || command.Name() == "completion" {
			continue
		}
		code, stdout, stderr := xemu(t, command.Name(), "--help")
		if code != 0 || stderr != "" {
			t.Errorf("%s --help: exit code %d, %s", command.Name(), code, stderr)
		}
		says(t, stdout, "Usage:\n  xemu "+command.Name(), "--data")
	}
}

func TestExec(t *testing.T) {
	_, dir := world(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAOFSOMEBODYELSE00")
	// Flags behind the command are the command's.
	code, stdout, _ := xemu(t, "exec", "--data", dir, "--profile", "development", "sh", "-c", `echo "$AWS_PROFILE $AWS_ACCESS_KEY_ID"; exit 7`)
	if code != 7 || stdout != "development \n" {
		t.Errorf("exit code %d, %q", code, stdout)
	}
}

func TestEnv(t *testing.T) {
	x, dir := world(t)
	code, stdout, stderr := xemu(t, "env", "--data", dir, "--profile", "production")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	says(t, stdout, "export AWS_CONFIG_FILE="+dir, "export AWS_PROFILE=production", "unset AWS_ACCESS_KEY_ID")
	x.Server.Close()
	_, stdout, stderr = xemu(t, "env", "--data", dir)
	says(t, stdout, "export AWS_CONFIG_FILE="+dir)
	says(t, stderr, "xemu: note: ", "xemu serve --data "+dir)
}

// TestAccountsAndReset: an account is there after a reset, what was made in it is not.
func TestAccountsAndReset(t *testing.T) {
	x, dir := world(t)
	_, stdout, _ := xemu(t, "account", "create", "staging", "--id", "777788889999", "--data", dir)
	says(t, stdout, "account 777788889999 staging: profiles staging (user admin) and staging-root")
	x.Account("production").User("alice")
	_, stdout, _ = xemu(t, "reset", "--data", dir)
	says(t, stdout, "as it was at the start")
	_, stdout, _ = xemu(t, "account", "list", "--data", dir)
	says(t, stdout, "777788889999  staging", "111122223333  production")
	_, err := iam.NewFromConfig(x.Account("production").Admin().Config()).GetUser(t.Context(), &iam.GetUserInput{UserName: aws.String("alice")})
	if err == nil {
		t.Error("alice is still there")
	}
}

// TestWhy explains the last refusal: of a policy, of a role that is not there, of a signature.
func TestWhy(t *testing.T) {
	x, dir := world(t)
	_, _, stderr := xemu(t, "why", "--data", dir)
	says(t, stderr, "was denied")
	_, stdout, _ := xemu(t, "events", "--data", dir)
	says(t, stdout, "No requests yet.")
	alice := x.Account("development").User("alice")
	assume := func(p *xemutest.Identity) {
		t.Helper()
		_, err := sts.NewFromConfig(p.Config()).AssumeRole(t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::111122223333:role/None"), RoleSessionName: aws.String("why"),
		})
		if err == nil {
			t.Fatal("AssumeRole went through")
		}
	}
	assume(alice)
	_, stdout, _ = xemu(t, "why", "--data", dir)
	says(t, stdout, "sts:AssumeRole", "answered AccessDenied: User: arn:aws:iam::444455556666:user/alice",
		"there is no role arn:aws:iam::111122223333:role/None", "no identity-based policies at all")
	if strings.Contains(stdout, "smallest change") {
		t.Errorf("no change of a policy makes a role:\n%s", stdout)
	}
	wrong := *alice
	wrong.SecretKey = "wrong"
	assume(&wrong)
	_, stdout, _ = xemu(t, "why", "--data", dir)
	says(t, stdout, "answered SignatureDoesNotMatch", "no policy was evaluated", "xemu env --profiles")
	_, stdout, _ = xemu(t, "events", "--data", dir)
	says(t, stdout, "REQUEST ID", "SignatureDoesNotMatch  anonymous", "AccessDenied", "arn:aws:iam::444455556666:user/alice")
}
