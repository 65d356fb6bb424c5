// Package integration drives the emulator with clients that are not written in Go.
package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

// boto3 runs testdata/script in one Python process against a new emulator with the default world, and reports each of its
// tests as a subtest. It is skipped where there is no boto3. See testdata/boto3_run.py for what a script looks like.
func boto3(t *testing.T, script string) {
	if exec.Command("python3", "-c", "import boto3").Run() != nil {
		t.Skip("python3 has no boto3")
	}
	scripts, err := filepath.Glob("testdata/*.py")
	for _, path := range scripts {
		if err == nil {
			_, err = os.Stat(path) // so that go test runs again when a script has changed
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	token, err := os.ReadFile(filepath.Join(dir, "admin-token"))
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]map[string]string{}
	for _, name := range []string{"production", "development"} {
		account := x.Account(name)
		admin, root := account.Admin(), account.Root()
		keys[name] = map[string]string{
			"id":    account.ID,
			"admin": admin.AccessKeyID + ":" + admin.SecretKey,
			"root":  root.AccessKeyID + ":" + root.SecretKey,
		}
	}
	world, err := json.Marshal(map[string]any{"url": x.URL, "accounts": keys, "adminToken": strings.TrimSpace(string(token))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	python := exec.CommandContext(ctx, "python3", "-B", script)
	python.Dir = "testdata"
	python.Stdin = bytes.NewReader(world)
	var stderr bytes.Buffer
	python.Stderr = &stderr
	stdout, err := python.Output()
	results := json.NewDecoder(bytes.NewReader(stdout))
	for results.More() {
		var result struct{ Name, Error string }
		if err := results.Decode(&result); err != nil {
			t.Fatalf("%s printed what is no result: %v", script, err)
		}
		t.Run(result.Name, func(t *testing.T) {
			if result.Error != "" {
				t.Error(result.Error)
			}
		})
	}
	if err != nil || len(stdout) == 0 {
		t.Fatalf("%s did not come to its end: %v\n%s", script, err, stderr.Bytes())
	}
}
