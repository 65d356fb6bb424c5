package store_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/store"
)

// The test binary runs itself with one of these variables set to be a process that the test can kill or confine.
var children = map[string]func(value string){crashWriter: writeUntilKilled}

const crashWriter = "XEMU_TEST_CRASH_WRITER"

func TestMain(m *testing.M) {
	for variable, run := range children {
		if value := os.Getenv(variable); value != "" {
			run(value)
			return
		}
	}
	os.Exit(m.Run())
}

// child is this test binary with an environment variable set.
func child(t *testing.T, variable, value string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), variable+"="+value)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestKilled kills a process in the middle of 8 writers, several times on the same directory. What it acknowledged is there,
// and nothing is left of what it did not.
func TestKilled(t *testing.T) {
	for name, d := range map[string]store.Durability{"fsync": store.Fsync, "relaxed": store.Relaxed} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var acknowledged []string
			for round := range 3 {
				lines := killAfter(t, dir, d, round, 150)
				if len(lines) < 150 {
					t.Fatalf("round %d: only %d writes", round, len(lines))
				}
				acknowledged = append(acknowledged, lines...)
			}
			s := open(t, dir, store.Options{Durability: d})
			for _, key := range acknowledged {
				id := value(t, s, "written", key)
				if got := body(t, s, store.BlobID(id)); got != "body of "+key {
					t.Fatalf("%s was acknowledged; its blob %s holds %q", key, id, got)
				}
			}
			var kept []string
			for _, p := range pairs(t, s, "store/blobs", "", "") {
				kept = append(kept, strings.TrimSuffix(p, "=1"))
			}
			deadline := time.Now().Add(5 * time.Second)
			for len(blobFiles(t, dir)) > len(kept) && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			files := blobFiles(t, dir)
			slices.Sort(files)
			if !slices.Equal(files, kept) {
				t.Errorf("%d files for %d kept blobs", len(files), len(kept))
			}
		})
	}
}

// killAfter starts the writers, kills them after some acknowledgements, and returns all that came.
func killAfter(t *testing.T, dir string, d store.Durability, round, acknowledgements int) (lines []string) {
	t.Helper()
	cmd := child(t, crashWriter, fmt.Sprintf("%d %d %s", d, round, dir))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if lines = append(lines, strings.TrimSuffix(line, "\n")); len(lines) == acknowledgements {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	return lines
}

// writeUntilKilled is the process that TestKilled kills: it prints each key after its update has returned.
func writeUntilKilled(arguments string) {
	var d store.Durability
	var round int
	var dir string
	fmt.Sscan(arguments, &d, &round, &dir)
	s, err := store.Open(dir, store.Options{Durability: d})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var wg sync.WaitGroup
	for writer := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d-%d-%d", round, writer, i)
				if err := writeWithBlob(s, key); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				os.Stdout.WriteString(key + "\n") // one system call, so that no line is cut
			}
		})
	}
	wg.Wait()
}

func writeWithBlob(s *store.Store, key string) error {
	w, err := s.NewBlob(ctx)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.WriteString(w, "body of "+key); err != nil {
		return err
	}
	id, err := w.Commit()
	if err != nil {
		return err
	}
	return s.Update(ctx, func(tx *store.Tx) error {
		if err := tx.KeepBlob(id); err != nil {
			return err
		}
		return tx.Put("written", key, []byte(id))
	})
}
