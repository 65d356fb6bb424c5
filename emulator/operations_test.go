package emulator

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/wire"
)

var updateOperations = flag.Bool("operations", false, "write docs/operations.md")

const (
	operationsPage = "../docs/operations.md"
	honestParts    = "testdata/parts.txt"
)

const operationsHead = `# Operations

Every operation of the Go SDK's IAM, STS and S3 clients, and what xemu makes of it: *done* is as AWS documents it, with what
[fidelity.md](fidelity.md) says; *in part* is as far as one process can be honest, and says how far; *no* answers NotImplemented.
Each that is there has a test that calls it. This page is written by a test, which fails when it is stale:

    go test ./emulator -run TestOperationsTable -operations

What is done in part stands in ` + "`emulator/testdata/parts.txt`" + `, a line for each.
`

// TestOperationsTable holds docs/operations.md against the SDK's operations, the services' rows and the tests.
func TestOperationsTable(t *testing.T) {
	parts := readParts(t)
	calls := scanTests(t, "..")
	page, err := os.ReadFile(operationsPage)
	if err != nil && !*updateOperations {
		t.Fatal(err)
	}
	services := anyServices(t)
	var out bytes.Buffer
	out.WriteString(operationsHead)
	for _, s := range []struct {
		name, title string
		client      any
	}{{"iam", "IAM", (*iam.Client)(nil)}, {"sts", "STS", (*sts.Client)(nil)}, {"s3", "S3", (*s3.Client)(nil)}} {
		there := services[s.name]
		names := sdkOperations(reflect.TypeOf(s.client))
		var rows bytes.Buffer
		counts := map[string]int{}
		for _, name := range names {
			state, proof := "no", ""
			note := parts[s.name+":"+name]
			delete(parts, s.name+":"+name)
			_, ok := there[name]
			switch {
			case !ok && note != "":
				t.Errorf("%s says that %s:%s is done in part, and no row has it", honestParts, s.name, name)
			case ok:
				state = "done"
				if proof = calls.proof(name, "emulator/"+s.name, proved(page, name)); proof == "" {
					t.Errorf("no test calls %s:%s", s.name, name)
				}
				if note != "" {
					state = "in part: " + note
				}
			}
			kind, _, _ := strings.Cut(state, ":")
			counts[kind]++
			fmt.Fprintf(&rows, "| %s | %s | %s |\n", name, state, proof)
		}
		fmt.Fprintf(&out, "\n## %s\n\n%d operations: %d done, %d in part, %d not.\n\n| operation | state | test |\n| --- | --- | --- |\n%s",
			s.title, len(names), counts["done"], counts["in part"], counts["no"], rows.Bytes())
	}
	for name := range parts {
		t.Errorf("%s names %s, which no SDK client has", honestParts, name)
	}
	if *updateOperations {
		if err := os.WriteFile(operationsPage, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !bytes.Equal(page, out.Bytes()) {
		t.Errorf("%s is stale: go test ./emulator -run TestOperationsTable -operations", operationsPage)
	}
}

// anyServices returns the rows of each service of an emulator.
func anyServices(t *testing.T) map[string]map[string]wire.Operation {
	t.Helper()
	s, err := Listen(Config{Addr: "127.0.0.1:0", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	all := map[string]map[string]wire.Operation{}
	for name, service := range s.services.Load().byName {
		all[name] = service.operations
	}
	return all
}

// sdkOperations returns the names of a client's methods that are operations.
func sdkOperations(client reflect.Type) []string {
	var names []string
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() == 4 && m.Type.In(2).Kind() == reflect.Pointer && m.Type.In(2).Elem().Name() == m.Name+"Input" {
			names = append(names, m.Name)
		}
	}
	return names
}

// readParts reads what is done in part: lines "service:Operation how far".
func readParts(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(honestParts)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, note, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "" || strings.HasPrefix(name, "#") {
			continue
		}
		parts[name] = note
	}
	return parts
}

// testCalls are the test functions that call a method or name it in a string, by that name.
type testCalls map[string][]testFunc

// testFunc is a test: its package's directory, its name, and how many names it calls, the fewer the more it is about one.
type testFunc struct {
	dir, name string
	breadth   int
}

func (f testFunc) String() string { return "`" + f.dir + "` " + f.name }

// proof chooses the test that shows an operation: the one that the page has, as long as it still calls the operation, so that
// a new test does not make the page stale; else the most telling.
func (c testCalls) proof(operation, dir, old string) string {
	tests := c[operation]
	for _, f := range tests {
		if f.String() == old {
			return old
		}
	}
	if len(tests) == 0 {
		return ""
	}
	rank := func(f testFunc) int {
		score := f.breadth
		if strings.Contains(f.name, operation) {
			score -= 1000
		}
		if noun := nounOf(operation); strings.Contains(f.name, noun) {
			score -= 100 * len(noun)
		}
		if f.dir == dir {
			score -= 500
		}
		return score
	}
	return slices.MinFunc(tests, func(a, b testFunc) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.String(), b.String())
	}).String()
}

// nounOf is what an operation is about: "UserPolicy" of PutUserPolicy, in the singular.
func nounOf(operation string) string {
	noun := strings.TrimLeftFunc(operation[1:], func(r rune) bool { return r >= 'a' && r <= 'z' })
	return strings.TrimSuffix(strings.TrimSuffix(noun, "s"), "ie")
}

// proved returns the test that a page names for an operation.
func proved(page []byte, operation string) string {
	m := regexp.MustCompile(`(?m)^\| ` + operation + ` \| .* \| (.*) \|$`).FindSubmatch(page)
	if m == nil {
		return ""
	}
	return string(m[1])
}

// scanTests reads the test files under root.
func scanTests(t *testing.T, root string) testCalls {
	t.Helper()
	byDir := map[string][]*ast.File{}
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err == nil {
			dir, _ := filepath.Rel(root, filepath.Dir(path))
			byDir[filepath.ToSlash(dir)] = append(byDir[filepath.ToSlash(dir)], f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	calls := testCalls{}
	calls.addPython(t, root, "integration/testdata")
	for dir, all := range byDir {
		calls.add(dir, all)
	}
	return calls
}

// add adds the tests of a package, each with what its helpers call.
func (c testCalls) add(dir string, files []*ast.File) {
	names := map[string]map[string]bool{} // what each function of the package names
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				if names[fn.Name.Name] == nil {
					names[fn.Name.Name] = map[string]bool{}
				}
				namesIn(fn.Body, names[fn.Name.Name])
			}
		}
	}
	for test := range names {
		if !strings.HasPrefix(test, "Test") || test == "TestMain" {
			continue
		}
		all := map[string]bool{}
		reach(names, test, all)
		for name := range all {
			c[name] = append(c[name], testFunc{dir, test, len(names[test])})
		}
	}
}

// addPython adds the scripts of a directory, which call operations by boto3's names: list_users.
func (c testCalls) addPython(t *testing.T, root, dir string) {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(root, dir, "*.py"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		calls := pythonCall.FindAllSubmatch(text, -1)
		seen := map[string]bool{}
		for _, call := range calls {
			name := ""
			for word := range strings.SplitSeq(string(call[1]), "_") {
				name += strings.ToUpper(word[:min(1, len(word))]) + word[min(1, len(word)):]
			}
			if !seen[name] {
				seen[name] = true
				c[name] = append(c[name], testFunc{dir, filepath.Base(script), 400 + len(calls)})
			}
		}
	}
}

var pythonCall = regexp.MustCompile(`\.([a-z]+(?:_[a-z0-9]+)+)\(`)

// reach collects what a function names, with what the functions of the package do that it calls.
func reach(names map[string]map[string]bool, from string, all map[string]bool) {
	for name := range names[from] {
		if !all[name] {
			all[name] = true
			reach(names, name, all)
		}
	}
}

// namesIn collects the functions and methods that are called, and the strings that could be an operation's name.
func namesIn(body ast.Node, names map[string]bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch fn := n.Fun.(type) {
			case *ast.SelectorExpr:
				names[fn.Sel.Name] = true
			case *ast.Ident:
				names[fn.Name] = true
			case *ast.IndexExpr: // a generic function
				if id, ok := fn.X.(*ast.Ident); ok {
					names[id.Name] = true
				}
			}
		case *ast.BasicLit:
			if text := strings.Trim(n.Value, "\"`"); n.Kind == token.STRING && operationName.MatchString(text) {
				names[text] = true
			}
		}
		return true
	})
}

var operationName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)
