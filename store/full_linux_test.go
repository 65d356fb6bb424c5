package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"github.com/xemu-aws/xemu/store"
)

const diskFiller = "XEMU_TEST_DISK_FILLER"

func init() { children[diskFiller] = fillDisk }

// TestDiskFull runs fillDisk in a mount namespace of its own, where it can mount a small disk.
func TestDiskFull(t *testing.T) {
	cmd := child(t, diskFiller, t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.Output()
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOSPC), bytes.HasPrefix(out, []byte("skip")):
		t.Skipf("no small disk to be had here: %v %s", err, out)
	case err != nil || string(out) != "ok\n":
		t.Errorf("%v: %s", err, out)
	}
}

// fillDisk writes blobs and values until a disk of 2 MiB is full, and checks that nothing is lost. It prints ok, or what
// is wrong.
func fillDisk(dir string) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); err != nil {
		fmt.Println("skip:", err)
		return
	}
	if err := checkFullDisk(dir); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ok")
}

func checkFullDisk(dir string) error {
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	if err := writeWithBlob(s, "first"); err != nil {
		return err
	}
	w, err := s.NewBlob(ctx)
	if err != nil {
		return err
	}
	for range 64 {
		w.Write(make([]byte, 64<<10))
	}
	if _, err := w.Commit(); !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("4 MiB on a disk of 2: %v", err)
	}
	if err := writeWithBlob(s, "second"); err != nil { // there is room again
		return fmt.Errorf("after a blob too large: %w", err)
	}
	n, full := 0, error(nil)
	for ; full == nil && n < 100; n++ {
		full = s.Update(ctx, put("values", fmt.Sprintf("%03d", n), string(make([]byte, 64<<10))))
	}
	if !errors.Is(full, syscall.ENOSPC) {
		return fmt.Errorf("values on a full disk: %v", full)
	}
	if err := s.Check(); err != nil {
		return err
	}
	if err := s.Update(ctx, func(tx *store.Tx) error { return tx.Delete("values", "000") }); err != nil {
		return fmt.Errorf("delete on a full disk: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	if s, err = store.Open(dir, store.Options{}); err != nil {
		return fmt.Errorf("reopen: %w", err)
	}
	defer s.Close()
	found := 0
	err = s.View(ctx, func(tx *store.Tx) error {
		for range tx.Scan("values", "", "") {
			found++
		}
		for _, key := range []string{"first", "second"} {
			if b, err := s.OpenBlob(store.BlobID(tx.Get("written", key))); err != nil {
				return err
			} else {
				b.Close()
			}
		}
		return nil
	})
	if found != n-2 { // the last was refused, one deleted
		return fmt.Errorf("%d values of %d", found, n-2)
	}
	return errors.Join(err, s.Check())
}
