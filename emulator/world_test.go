package emulator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadWorld(t *testing.T) {
	const account = `accounts:
- {id: "111122223333", name: a`
	for _, test := range []struct{ name, text, problem string }{
		{"whole", account + `, alias: prod-a, root: {accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: s, email: r@e.com, password: p}, admin: {name: boss, accessKeyId: AKIAI44QH8DHBEXAMPLE, secretAccessKey: s, password: p}}`, ""},
		{"sparse", account + "}", ""},
		{"empty", "", "no accounts"},
		{"unknown field", account + ", nam: b}", "nam"},
		{"bad id", `accounts: [{id: "12", name: a}]`, "id"},
		{"no name", `accounts: [{id: "111122223333"}]`, "name is missing"},
		{"half a key", account + ", admin: {accessKeyId: AKIAIOSFODNN7EXAMPLE}}", "both"},
		{"bad key", account + ", admin: {accessKeyId: short, secretAccessKey: s}}", "accessKeyId"},
		{"bad alias", account + ", alias: A_B}", "alias"},
		{"twice the id", account + "}\n- {id: \"111122223333\", name: b}", "two accounts have the id"},
		{"twice the key", account + `, root: {accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: s}, admin: {accessKeyId: AKIAIOSFODNN7EXAMPLE, secretAccessKey: s}}`, "two"},
		{"not YAML", "accounts: [", "world file"},
	} {
		path := filepath.Join(t.TempDir(), "world.yaml")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadWorld(path)
		if test.problem == "" && err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)) {
			t.Errorf("%s: error %v does not say %q", test.name, err, test.problem)
		}
	}
}

func TestResolveWorld(t *testing.T) {
	dir := t.TempDir()
	first, err := resolveWorld(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range first.Accounts {
		if a.Root.AccessKeyID == "" || a.Root.Password == "" || a.Admin.SecretAccessKey == "" || a.Admin.Name != "admin" {
			t.Errorf("account %s is not complete: %+v", a.ID, a)
		}
	}
	again, err := resolveWorld(dir, &World{Accounts: []WorldAccount{{ID: "777788889999", Name: "third"}, {ID: "111122223333", Name: "other"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Accounts) != 3 || again.Accounts[0] != first.Accounts[0] {
		t.Errorf("the kept world became %+v", again)
	}
}
