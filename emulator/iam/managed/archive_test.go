package managed

import (
	"strings"
	"testing"
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
	for _, bad := range []string{"one\ttwo\n", "N\t/\tID\tv1\tx\t1\t1\t\n", "N\t/\tID\tv1\t1\t1\t99\t\n"} {
		if _, err := readArchive(bad, "short"); err == nil {
			t.Errorf("%q was read", bad)
		}
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
