package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/xemutest"
)

// tf is Terraform's work on a copy of a configuration.
type tf struct {
	t   *testing.T
	dir string
	env []string
}

// terraform prepares testdata/terraform/NAME for an emulator, as production's administrator. It is skipped where there is no
// terraform, or no mirror of providers that has hashicorp/aws: nothing is downloaded.
func terraform(t *testing.T, x *xemutest.Emulator, name string) *tf {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("there is no terraform")
	}
	mirror := providerMirror()
	if mirror == "" {
		t.Skip("there is no mirror of Terraform's providers with hashicorp/aws; TERRAFORM_MIRROR may name its directory")
	}
	r := &tf{t: t, dir: t.TempDir()}
	files, err := filepath.Glob("testdata/terraform/" + name + "/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configuration %s: %v", name, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(filepath.Join(r.dir, filepath.Base(file)), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	config := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror { path = %q }\n}\n", mirror)
	rc := filepath.Join(r.dir, "terraformrc")
	if err := os.WriteFile(rc, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	admin := x.Account("production").Admin()
	for _, pair := range os.Environ() { // but for what would point Terraform elsewhere
		if !strings.HasPrefix(pair, "AWS_") && !strings.HasPrefix(pair, "TF_") {
			r.env = append(r.env, pair)
		}
	}
	r.env = append(r.env, "TF_CLI_CONFIG_FILE="+rc, "TF_IN_AUTOMATION=1", "AWS_ENDPOINT_URL="+x.URL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID="+admin.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+admin.SecretKey, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
	r.run(0, "init", "-input=false", "-no-color")
	return r
}

// providerMirror is the directory of a mirror of providers, "" for none.
func providerMirror() string {
	home, _ := os.UserHomeDir()
	for _, pattern := range []string{
		os.Getenv("TERRAFORM_MIRROR"), home + "/.terraform.d/plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins", "/opt/*",
	} {
		found, _ := filepath.Glob(pattern + "/registry.terraform.io/hashicorp/aws")
		if pattern != "" && len(found) > 0 {
			return strings.TrimSuffix(found[0], "/registry.terraform.io/hashicorp/aws")
		}
	}
	return ""
}

// run runs terraform and expects an exit status; it returns what was printed.
func (r *tf) run(status int, args ...string) string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "terraform", args...)
	c.Dir, c.Env = r.dir, r.env
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if got := c.ProcessState.ExitCode(); got != status {
		r.t.Fatalf("terraform %s: status %d, want %d (%v)\n%s", strings.Join(args, " "), got, status, err, out.String())
	}
	return out.String()
}

// apply applies the configuration with variables ("name=value"), and expects that a new plan has nothing to do.
func (r *tf) apply(vars ...string) {
	r.t.Helper()
	args := []string{"-input=false", "-no-color"}
	for _, v := range vars {
		args = append(args, "-var="+v)
	}
	r.run(0, append([]string{"apply", "-auto-approve"}, args...)...)
	r.run(0, append([]string{"plan", "-detailed-exitcode"}, args...)...)
}

// output returns the outputs' values.
func (r *tf) output() map[string]any {
	r.t.Helper()
	var all map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(r.run(0, "output", "-json")), &all); err != nil {
		r.t.Fatal(err)
	}
	values := map[string]any{}
	for name, o := range all {
		values[name] = o.Value
	}
	return values
}

func (r *tf) destroy() {
	r.t.Helper()
	r.run(0, "destroy", "-auto-approve", "-input=false", "-no-color")
}
