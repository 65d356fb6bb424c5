package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestLint: the output on testdata/lint/NAME.json is testdata/lint/NAME.txt.
func TestLint(t *testing.T) {
	tests := []struct {
		name, kind string
		code       int
		stderr     string
	}{
		{"clean", "identity", 0, ""},
		{"mistakes", "identity", 1, "xemu: 5 errors\n"},
		{"trust", "trust", 1, "xemu: 1 error\n"},
		{"scp", "scp", 1, "xemu: 1 error\n"},
		{"broken", "identity", 1, "xemu: 1 error\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join("testdata", "lint", test.name+".json")
			code, out, stderr := xemu(t, "lint", "--type", test.kind, file)
			golden := filepath.Join("testdata", "lint", test.name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if out != string(want) || code != test.code || stderr != test.stderr {
				t.Errorf("exit code %d, %q\n%s\nwant %d, %q\n%s", code, stderr, out, test.code, test.stderr, want)
			}
		})
	}
}

func TestLintReadsStandardInput(t *testing.T) {
	var out bytes.Buffer
	root := rootCommand()
	root.SetArgs([]string{"lint", "-"})
	root.SetIn(strings.NewReader(`{"Version": "2012-10-17", "Statement": []}`))
	root.SetOut(&out)
	if err := root.Execute(); err == nil || !strings.HasPrefix(out.String(), "-:1:40: error: MISSING_STATEMENT") {
		t.Errorf("%v: %s", err, out.String())
	}
}

func TestLintErrors(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"lint"}, "something is missing"},
		{[]string{"lint", "--type", "thing", "testdata/lint/clean.json"}, "--type thing: it is one of"},
		{[]string{"lint", "testdata/lint/nothing.json"}, "no such file"},
	} {
		if code, _, stderr := xemu(t, test.args...); code != 1 || !strings.Contains(stderr, test.want) {
			t.Errorf("xemu %q: %d, %s", test.args, code, stderr)
		}
	}
}
