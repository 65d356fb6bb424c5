package emulator_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/xemu-aws/xemu/xemutest"
)

// TestConsoleInBrowser does things by clicks (console/web/test): the first lesson, and what the pages can do. setup.sh installs
// what it needs; where that has not run it is left out, unless XEMU_BROWSER=required.
func TestConsoleInBrowser(t *testing.T) {
	missing := t.Skipf
	if os.Getenv("XEMU_BROWSER") == "required" {
		missing = t.Fatalf
	}
	node, err := exec.LookPath("node")
	if err != nil {
		missing("node is not installed: run ./setup.sh first")
	}
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if chromium, err = exec.LookPath(name); err == nil {
			break
		}
	}
	if chromium == "" {
		missing("chromium is not installed: run ./setup.sh first")
	}
	if _, err := os.Stat(filepath.Join("console", "web", "node_modules", "playwright-core")); err != nil {
		missing("console/web/node_modules has no playwright-core: run ./setup.sh first")
	}

	for _, script := range []string{"lesson.mjs", "pages.mjs"} {
		t.Run(script, func(t *testing.T) {
			x := xemutest.New(t)
			who := func(name string) map[string]string {
				a := worldAccount(t, x, name)
				return map[string]string{"id": a.ID, "user": a.Admin.Name, "password": a.Admin.Password, "email": a.Root.Email, "root": a.Root.Password}
			}
			in, err := json.Marshal(map[string]any{
				"url": x.URL, "chromium": chromium, "production": who("production"), "development": who("development"),
				"shots": os.Getenv("XEMU_SHOTS"), // a directory for pictures of the steps
			})
			must(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, node, filepath.Join("console", "web", "test", script), string(in))
			cmd.WaitDelay = 5 * time.Second
			out, err := cmd.CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				t.Errorf("in the browser: %v", err)
			}
		})
	}
}
