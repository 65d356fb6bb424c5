package console

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBuild: the front end that is served was built of the sources that are there (seal.mjs hashes them the same way).
func TestBuild(t *testing.T) {
	var paths []string
	entries, err := os.ReadDir("web")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			paths = append(paths, e.Name())
		}
	}
	for _, dir := range []string{"public", "src"} {
		err := filepath.WalkDir(filepath.Join("web", dir), func(path string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				paths = append(paths, strings.TrimPrefix(filepath.ToSlash(path), "web/"))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(paths)
	hash := sha256.New()
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join("web", path))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(hash, "%s\n%d\n%s", path, len(text), text)
	}
	built, err := dist.ReadFile("dist/sources.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != strings.TrimSpace(string(built)) {
		t.Errorf("the console in dist/ was not built of the sources in web/: run make console, and commit dist/")
	}
}
