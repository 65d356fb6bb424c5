// Command mutate breaks authz in one place after another and runs the decision corpus on each: a break that no case
// notices is a rule that no case holds. It changes no file; the compiler reads the broken ones through an overlay. It takes
// some minutes, so it is run by hand:
//
//	go run ./authz/internal/mutate
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
)

// mutant is one break: in file, old becomes new.
type mutant struct{ file, old, new string }

func main() {
	dir := flag.String("dir", "authz", "the package's directory")
	only := flag.String("only", "", "run the mutants of this file alone")
	flag.Parse()
	survivors, err := run(*dir, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

func run(dir, only string) (survivors int, err error) {
	all := mutants
	operators, err := operatorMutants(dir)
	if err != nil {
		return 0, err
	}
	all = append(operators, all...)
	var (
		group sync.WaitGroup
		lock  sync.Mutex
		slots = make(chan struct{}, runtime.NumCPU())
		count int
	)
	for _, m := range all {
		if only != "" && m.file != only {
			continue
		}
		count++
		group.Go(func() {
			slots <- struct{}{}
			outcome, failed := try(dir, m)
			<-slots
			lock.Lock()
			defer lock.Unlock()
			if failed != nil {
				err = failed
			}
			if outcome != "caught" {
				survivors++
				fmt.Printf("%-9s %s: %s  →  %s\n", outcome, m.file, firstLine(m.old), firstLine(m.new))
			}
		})
	}
	group.Wait()
	fmt.Printf("%d of %d breaks are caught\n", count-survivors, count)
	return survivors, err
}

func firstLine(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\n", "⏎")) }

// try runs the corpus on one mutant: "caught", "SURVIVES", or "BROKEN" when it does not compile.
func try(dir string, m mutant) (outcome string, err error) {
	path, err := filepath.Abs(filepath.Join(dir, m.file))
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		return "BROKEN", fmt.Errorf("%s holds %d times: %s", m.file, n, m.old)
	}
	temporary, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	mutated := filepath.Join(temporary, m.file)
	if err := os.WriteFile(mutated, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o600); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: mutated}})
	if err != nil {
		return "", err
	}
	overlayFile := filepath.Join(temporary, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return "", err
	}
	test := exec.Command("go", "test", "-vet=off", "-failfast", "-overlay", overlayFile, "-run", "^TestDecisions$", "./"+filepath.ToSlash(dir))
	output, err := test.CombinedOutput()
	switch {
	case err == nil:
		return "SURVIVES", nil
	case strings.Contains(string(output), "[build failed]"):
		return "BROKEN", fmt.Errorf("%s: %s", m.file, output)
	}
	return "caught", nil
}

// operatorMutants turn each operator of the language into its opposite.
func operatorMutants(dir string) ([]mutant, error) {
	source, err := os.ReadFile(filepath.Join(dir, "operators.go"))
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, row := range regexp.MustCompile(`"\w+": +\{\w+, (?:true|false)\},`).FindAllString(string(source), -1) {
		flipped := strings.NewReplacer("true", "false", "false", "true").Replace(row)
		if !strings.Contains(row, "isNull") { // has no opposite; its own mutant is below
			all = append(all, mutant{"operators.go", row, flipped})
		}
	}
	return all, nil
}
