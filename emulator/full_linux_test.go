package emulator_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func init() { children[fullDisk] = serveOnSmallDisk }

const fullDisk = "XEMU_TEST_FULL_DISK"

// serveOnSmallDisk is a server whose directory is a disk of 24 MiB.
func serveOnSmallDisk(dir string) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		fmt.Println("skip:", err)
		return
	}
	for i := range 2 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("other-", i)), make([]byte, 2<<20), 0o600); err != nil {
			fmt.Println("skip:", err)
			return
		}
	}
	serve(dir)
}

// A full disk is an error that says so. What was acknowledged stays readable, and with room again all works again.
func TestFullDisk(t *testing.T) {
	own := func(cmd *exec.Cmd) { // a mount namespace in which the test may mount
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
	}
	dir := t.TempDir()
	cmd, line, err := startChild(t, fullDisk, dir, own)
	if err != nil || strings.HasPrefix(line, "skip") {
		t.Skipf("no small disk to be had here: %v %s", err, line)
	}
	defer cmd.Process.Kill()
	client := clientOf(t, line)
	for round, size := range []int{60 << 10, 1 << 20} { // in the store's file, in files
		name := fmt.Sprintf("bodies of %d bytes", size)
		bucket := aws.String(fmt.Sprintf("full-%d", size))
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
		must(t, err)
		body := string(bytes.Repeat([]byte(name), size/len(name)))
		kept := 0
		for err = nil; err == nil && kept < 1000; kept++ {
			_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprint(kept)), Body: strings.NewReader(body)})
		}
		kept-- // the last was refused
		wantError(t, err, "InternalError", "full")
		if kept == 0 {
			t.Fatalf("%s: no room at all", name)
		}
		for i := range kept {
			if text, err := get(t, client, *bucket, fmt.Sprint(i)); err != nil || text != body {
				t.Errorf("%s: object %d of %d: %d bytes, %v", name, i, kept, len(text), err)
			}
		}
		var missing error
		if _, missing = get(t, client, *bucket, fmt.Sprint(kept)); missing == nil {
			t.Errorf("%s: the refused object is there", name)
		}
		must(t, os.Remove(fmt.Sprintf("/proc/%d/root%s/other-%d", cmd.Process.Pid, dir, round)))
		for i := range kept {
			_, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String(fmt.Sprint(i))})
			must(t, err)
		}
		_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("again"), Body: strings.NewReader(body)})
		if err != nil {
			t.Errorf("%s: with room again: %v", name, err)
		}
	}
	if errors.Is(cmd.Process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
		t.Error("the server has gone")
	}
}
