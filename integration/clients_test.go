package integration

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/xemutest"
)

// tool is a program that somebody uses S3 with, set up for production's administrator by its own configuration file.
type tool struct {
	t    *testing.T
	dir  string
	env  []string
	name string
	args []string // before those of a command
}

// newTool is skipped where the program is missing. config is the configuration file's text, which args name as CONFIG.
func newTool(t *testing.T, name, config string, args ...string) *tool {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("there is no %s", name)
	}
	p := &tool{t: t, dir: t.TempDir(), name: name}
	file := filepath.Join(p.dir, "config")
	must(t, os.WriteFile(file, []byte(config), 0o600))
	for _, arg := range args {
		p.args = append(p.args, strings.ReplaceAll(arg, "CONFIG", file))
	}
	for _, pair := range os.Environ() { // but for what would point it elsewhere
		if !strings.HasPrefix(pair, "AWS_") && !strings.HasPrefix(pair, "RCLONE_") && !strings.HasPrefix(pair, "S3CMD_") {
			p.env = append(p.env, pair)
		}
	}
	for name, text := range files {
		path := filepath.Join(p.dir, "src", name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return p
}

// files are what the tools bring into a bucket: names that need escaping, an empty one, one of several parts.
var files = map[string]string{
	"a b.txt": "a b", "sub/ü+%&?#.txt": "odd", "empty": "", "large": strings.Repeat("0123456789abcdef", 700_000),
}

// run runs a command and returns what it prints; it must succeed.
func (p *tool) run(args ...string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, p.name, append(p.args[:len(p.args):len(p.args)], args...)...)
	c.Dir, c.Env = p.dir, p.env
	var out, complaints bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaints
	if err := c.Run(); err != nil {
		p.t.Fatalf("%s %s: %v\n%s%s", p.name, strings.Join(args, " "), err, out.String(), complaints.String())
	}
	return out.String()
}

// same compares a directory with what was brought in.
func (p *tool) same(dir string) {
	p.t.Helper()
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(p.dir, dir, name)); err != nil || string(got) != want {
			p.t.Errorf("%s: %d bytes, want %d (%v)", name, len(got), len(want), err)
		}
	}
}

// wantAll checks that a listing has every word.
func (p *tool) wantAll(listing string, words ...string) {
	p.t.Helper()
	for _, word := range words {
		if !strings.Contains(listing, word) {
			p.t.Errorf("%q is not in\n%s", word, listing)
		}
	}
}

func TestS3cmd(t *testing.T) {
	x := xemutest.New(t)
	admin := x.Account("production").Admin()
	host := strings.TrimPrefix(x.URL, "http://")
	p := newTool(t, "s3cmd", fmt.Sprintf("[default]\naccess_key = %s\nsecret_key = %s\nhost_base = %s\nhost_bucket = %s\nuse_https = False\n",
		admin.AccessKeyID, admin.SecretKey, host, host), "-c", "CONFIG", "--no-progress")
	p.run("mb", "s3://with-s3cmd")
	p.run("sync", "--multipart-chunk-size-mb=5", "src/", "s3://with-s3cmd/tree/")
	p.wantAll(p.run("ls", "-r", "s3://with-s3cmd"), "s3://with-s3cmd/tree/a b.txt", "s3://with-s3cmd/tree/sub/ü+%&?#.txt", "s3://with-s3cmd/tree/empty")
	p.run("sync", "s3://with-s3cmd/tree/", "back/")
	p.same("back")
	p.run("cp", "s3://with-s3cmd/tree/large", "s3://with-s3cmd/copy")
	p.run("mv", "s3://with-s3cmd/copy", "s3://with-s3cmd/moved")
	p.run("modify", "--add-header=x-amz-meta-colour:green", "s3://with-s3cmd/moved")
	p.wantAll(p.run("info", "s3://with-s3cmd/moved"), "11200000", "x-amz-meta-colour: green")
	p.run("ws-create", "--ws-index=home.html", "s3://with-s3cmd")
	p.wantAll(p.run("ws-info", "s3://with-s3cmd"), "home.html")
	p.run("del", "-r", "-f", "s3://with-s3cmd")
	p.run("rb", "s3://with-s3cmd")
	p.run("--region", "eu-west-1", "mb", "s3://s3cmd-in-ireland")
	p.run("put", "src/empty", "s3://s3cmd-in-ireland/e") // it asks for the bucket's region
	p.wantAll(p.run("ls"), "s3://s3cmd-in-ireland")
}

func TestRclone(t *testing.T) {
	x := xemutest.New(t)
	admin := x.Account("production").Admin()
	p := newTool(t, "rclone", fmt.Sprintf("[x]\ntype = s3\nprovider = Other\naccess_key_id = %s\nsecret_access_key = %s\nendpoint = %s\nregion = us-east-1\nacl = bucket-owner-full-control\n",
		admin.AccessKeyID, admin.SecretKey, x.URL), "--config", "CONFIG", "--s3-chunk-size=5M", "--s3-upload-cutoff=5M", "--retries=1")
	p.run("mkdir", "x:with-rclone")
	p.run("copy", "src", "x:with-rclone/tree")
	p.run("check", "src", "x:with-rclone/tree")
	p.wantAll(p.run("lsf", "-R", "x:with-rclone"), "tree/a b.txt", "tree/sub/ü+%&?#.txt", "tree/empty")
	p.run("sync", "x:with-rclone/tree", "back")
	p.same("back")
	p.run("copyto", "x:with-rclone/tree/large", "x:with-rclone/copy")
	p.run("moveto", "x:with-rclone/copy", "x:with-rclone/moved")
	p.wantAll(p.run("link", "x:with-rclone/moved"), x.URL+"/with-rclone/moved?")
	p.run("sync", "src/sub", "x:with-rclone/tree")
	if got := p.run("lsf", "-R", "--files-only", "x:with-rclone/tree"); got != "ü+%&?#.txt\n" {
		t.Errorf("after the second sync: %q", got)
	}
	p.run("purge", "x:with-rclone")
	if got := p.run("lsd", "x:"); got != "" {
		t.Errorf("after purge: %q", got)
	}
}

// The AWS CLI's high-level commands.
func TestAWSCLIS3(t *testing.T) {
	x := xemutest.New(t)
	admin := x.Account("production").Admin()
	p := newTool(t, "aws", "[default]\nregion = us-east-1\n", "--endpoint-url", x.URL)
	p.env = append(p.env, "AWS_ACCESS_KEY_ID="+admin.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+admin.SecretKey,
		"AWS_CONFIG_FILE="+filepath.Join(p.dir, "config"), "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true", "AWS_CLI_AUTO_PROMPT=off")
	p.run("s3", "mb", "s3://with-aws")
	p.run("s3", "sync", "src", "s3://with-aws/tree", "--quiet")
	p.wantAll(p.run("s3", "ls", "--recursive", "s3://with-aws"), "tree/a b.txt", "tree/sub/ü+%&?#.txt", "tree/empty")
	p.run("s3", "sync", "s3://with-aws/tree", "back", "--quiet")
	p.same("back")
	p.run("s3", "mv", "s3://with-aws/tree/large", "s3://with-aws/moved", "--quiet")
	p.run("s3", "sync", "s3://with-aws/tree", "s3://with-aws/two", "--quiet")
	p.run("s3", "sync", "src/sub", "s3://with-aws/tree", "--delete", "--quiet")
	p.run("s3", "website", "s3://with-aws", "--index-document", "index.html")
	p.wantAll(p.run("s3", "presign", "s3://with-aws/moved"), "/with-aws/moved?")
	p.run("s3", "rm", "--recursive", "s3://with-aws/two", "--quiet")
	if got := p.run("s3", "ls", "--recursive", "s3://with-aws/tree"); strings.Count(got, "\n") != 1 {
		t.Errorf("after sync --delete:\n%s", got)
	}
	p.run("s3", "rb", "--force", "s3://with-aws")
	p.run("s3", "mb", "s3://aws-in-ireland", "--region", "eu-west-1")
	p.run("s3", "cp", "src/large", "s3://aws-in-ireland/large", "--quiet") // it follows to the bucket's region
	p.run("s3", "rb", "--force", "s3://aws-in-ireland")
}
