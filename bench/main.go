// Command bench prints xemu's performance as ratios, each measured in one run with one client on one machine: against a
// bare net/http server and, where its program is given, against MinIO for requests; as sizes and times for starting, for
// large objects and for listings; against moto's server, where python3 has it, for IAM and STS. "go run ./bench" builds the server it measures.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// options are the command's flags, and what is the same for all that is measured.
type options struct {
	binary   string // xemu's program
	minio    string // MinIO's, "" for none
	dir      string // for data, removed at the end
	duration time.Duration
	rows     *regexp.Regexp
	long     bool
}

func main() {
	var o options
	bare := flag.String("bare", "", "be the bare server: a directory to write to (for the bench's own use)")
	rows := flag.String("run", "", "only the rows whose names match this regular expression")
	flag.StringVar(&o.binary, "xemu", "", "the server's program (default: built from ./cmd/xemu)")
	flag.StringVar(&o.minio, "minio", "", "MinIO's program, to compare with it as well")
	flag.DurationVar(&o.duration, "time", 2*time.Second, "how long each row is measured")
	flag.BoolVar(&o.long, "long", false, "list a bucket of a million keys, not of a hundred thousand")
	flag.Parse()
	if *bare != "" {
		serveBare(*bare)
		return
	}
	var err error
	if o.rows, err = regexp.Compile(*rows); err == nil {
		err = o.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o options) run() (err error) {
	if o.dir, err = os.MkdirTemp("", "xemu-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.dir)
	if o.binary == "" {
		if o.binary, err = build(o.dir); err != nil {
			return err
		}
	}
	for _, group := range []struct {
		name    string
		measure func(options) error
	}{{"start", start}, {"requests", requests}, {"identity", identity}, {"large", large}, {"listing", listing}} {
		if group.name == "requests" || o.rows.MatchString(group.name) {
			if err := group.measure(o); err != nil {
				return fmt.Errorf("%s: %w", group.name, err)
			}
		}
	}
	return nil
}

// build builds xemu as it is released.
func build(dir string) (string, error) {
	binary := filepath.Join(dir, "xemu")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./cmd/xemu")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("building xemu: %w", err)
	}
	return binary, nil
}
