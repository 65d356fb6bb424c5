package managed

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/emulator/iam"
)

func TestArchiveRoundTrip(t *testing.T) {
	var newIndex, newBlocks strings.Builder
	if err := WriteArchive(&newIndex, &newBlocks, builtIn()); err != nil {
		t.Fatal(err)
	}
	if newIndex.String() != index || newBlocks.String() != blocks {
		t.Error("the archive written anew differs")
	}
}

func TestReadArchiveErrors(t *testing.T) {
	for _, bad := range []string{"one\ttwo\n", "N\t/\tID\tv1\t1\t1\t1\tD\tmore\n", "N\t/\tID\tv1\tx\t1\t1\t\n", "N\t/\tID\tv1\t1\t1\t99\t\n"} {
		if _, err := readArchive(bad, "short"); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// TestMergeKeepsWhatIsKnown: a document alone replaces a document alone.
func TestMergeKeepsWhatIsKnown(t *testing.T) {
	created := time.Date(2015, 2, 6, 0, 0, 0, 0, time.UTC)
	base := set{{Name: "P", Path: "/job-function/", ARN: arnPrefix + "/job-function/P", ID: "ANPAIWMBCKSKIEE64ZLYK", DefaultVersion: "v3",
		Description: "What it is for", Created: created, Updated: created}}
	p := merge(base, []iam.ManagedPolicy{{Name: "p", Document: func() string { return "new" }}})[0]
	if p.Document() != "new" {
		t.Error("the document is the old one")
	}
	p.Document = nil
	if got, want := fmt.Sprint(p), fmt.Sprint(base[0]); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// BenchmarkIndex is what the first use costs.
func BenchmarkIndex(b *testing.B) {
	for b.Loop() {
		if _, err := readArchive(index, blocks); err != nil {
			b.Fatal(err)
		}
	}
}
