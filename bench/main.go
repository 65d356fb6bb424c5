// Command bench prints xemu's performance as ratios, each measured in one run with one client on one machine: against a
// bare net/http server for requests, and as sizes and times for starting and for large objects. "go run ./bench" builds
// the server it measures.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func main() {
	bare := flag.String("bare", "", "be the bare server: a directory to write to (for the bench's own use)")
	duration := flag.Duration("time", 3*time.Second, "how long each row is measured")
	flag.Parse()
	if *bare != "" {
		serveBare(*bare)
		return
	}
	if err := run(*duration); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(duration time.Duration) error {
	dir, err := os.MkdirTemp("", "xemu-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "xemu")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "./cmd/xemu")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building xemu: %w", err)
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	fmt.Printf("binary                              %6.1f MB\n", float64(info.Size())/1e6)
	for _, measure := range []func(binary, dir string, duration time.Duration) error{start, requests, large} {
		if err := measure(binary, dir, duration); err != nil {
			return err
		}
	}
	return nil
}
