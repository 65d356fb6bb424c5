package authz_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

// decisionFile is a rule of AWS's with cases on both sides of it. A case's fields replace those of the base.
type decisionFile struct {
	Rule   string
	Source string // the document of AWS's that says so
	Base   json.RawMessage
	Cases  []json.RawMessage
}

type decisionCase struct {
	Name            string
	Principal       string // a key of principals.json
	Action          string
	Resource        string
	ResourceAccount string
	Context         map[string][]string
	Policies        casePolicies
	Want            authz.Effect
	By              authz.PolicyKind
	Message         string
}

type casePolicies struct {
	Identity, Session, Resource []casePolicy
	Boundary, Endpoint          *casePolicy
	HasSession                  bool
	SCPs, RCPs                  [][]casePolicy
}

type casePolicy struct {
	Document json.RawMessage
	Name, To string
	Kind     string // of a resource's policy: Trust, ACL or, by default, Resource
	ARN      string
	Account  string
	Bound    map[string]string
}

// rewritings are forms of a document that mean the same.
var rewritings = map[string]func(t *testing.T, document string) string{
	"as written": func(_ *testing.T, document string) string { return document },
	"marshalled again": func(t *testing.T, document string) string {
		var value any
		if err := json.Unmarshal([]byte(document), &value); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(value) // sorts keys, drops white space
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	},
	"with lists and escapes": func(t *testing.T, document string) string {
		var value map[string]any
		if err := json.Unmarshal([]byte(document), &value); err != nil {
			t.Fatal(err)
		}
		statements, isList := value["Statement"].([]any)
		if !isList {
			statements = []any{value["Statement"]}
		}
		for _, s := range statements {
			withLists(s.(map[string]any))
		}
		value["Statement"] = statements
		text, err := json.MarshalIndent(value, " ", "\t")
		if err != nil {
			t.Fatal(err)
		}
		return strings.NewReplacer("/", `\/`, "S", `\u0053`, "A", `\u0041`).Replace(string(text))
	},
}

// withLists makes a list of each value of a statement that may be one.
func withLists(statement map[string]any) {
	list := func(in map[string]any) {
		for key, value := range in {
			if _, isList := value.([]any); !isList {
				in[key] = []any{value}
			}
		}
	}
	for element, value := range statement {
		switch v := value.(type) {
		case map[string]any: // Principal, NotPrincipal, Condition
			if element == "Condition" {
				for _, keys := range v {
					list(keys.(map[string]any))
				}
			} else {
				list(v)
			}
		case string:
			if strings.HasSuffix(element, "Action") || strings.HasSuffix(element, "Resource") {
				statement[element] = []any{v}
			}
		}
	}
}

func TestDecisions(t *testing.T) {
	principals := readPrincipals(t)
	for _, name := range jsonFiles(t, "testdata/decisions") {
		var file decisionFile
		readJSONFile(t, name, &file)
		if file.Rule == "" || file.Source == "" || len(file.Cases) == 0 {
			t.Fatalf("%s: no rule, source or cases", name)
		}
		for _, raw := range file.Cases {
			var c decisionCase
			for _, layer := range []json.RawMessage{file.Base, raw} {
				if err := json.Unmarshal(layer, &c); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			who, ok := principals[c.Principal]
			if !ok {
				t.Fatalf("%s: %s: no principal %q", name, c.Name, c.Principal)
			}
			for form, rewrite := range rewritings {
				t.Run(strings.TrimSuffix(strings.TrimPrefix(name, "testdata/decisions/"), ".json")+"/"+c.Name+"/"+form, func(t *testing.T) {
					c.check(t, who, rewrite)
				})
			}
		}
	}
}

func (c *decisionCase) request(who authz.Principal) authz.Request {
	request := authz.Request{Principal: who, Action: c.Action, Resource: c.Resource, ResourceAccount: c.ResourceAccount}
	if c.Context != nil {
		keys := authz.Keys{}
		for key, values := range c.Context {
			keys[strings.ToLower(key)] = values
		}
		request.Context = keys
	}
	return request
}

func (c *decisionCase) check(t *testing.T, who authz.Principal, rewrite func(*testing.T, string) string) {
	request := c.request(who)
	policies := c.Policies.build(t, rewrite)
	d := authz.Evaluate(request, policies)
	if d.Effect != c.Want || c.By != "" && d.By != c.By {
		t.Fatalf("%s by %q, want %s by %q\n%s", d.Effect, d.By, c.Want, c.By, d)
	}
	if c.Message != "" && d.Message() != c.Message {
		t.Errorf("message\n%s\nwant\n%s", d.Message(), c.Message)
	}
	if (d.Message() == "") != d.Allowed() || (d.Policy != nil) != (d.Effect != authz.ImplicitDeny && !byRight(d)) {
		t.Errorf("message %q, policy %v of a decision that is %s", d.Message(), d.Policy, d.Effect)
	}
	checkTrace(t, d)
	if !d.Allowed() {
		checkChanges(t, request, policies, d)
	}
}

// byRight reports whether a root user is allowed without a policy.
func byRight(d authz.Decision) bool { return d.Allowed() && d.By == authz.Identity && d.Policy == nil }

func (p *casePolicies) build(t *testing.T, rewrite func(*testing.T, string) string) authz.Policies {
	number := 0
	one := func(c casePolicy, kind authz.PolicyKind) authz.Attached {
		switch c.Kind {
		case "Trust":
			kind = authz.Trust
		case "ACL":
			kind = authz.ACL
		}
		a := attached(t, kind, rewrite(t, string(c.Document)))
		number++
		a.Name, a.ARN, a.Account, a.To, a.Bound = c.Name, c.ARN, c.Account, c.To, c.Bound
		if a.Name == "" && a.To == "" {
			a.Name = "policy" + string(rune('A'+number-1))
		}
		return a
	}
	all := func(list []casePolicy, kind authz.PolicyKind) []authz.Attached {
		var built []authz.Attached
		for _, c := range list {
			built = append(built, one(c, kind))
		}
		return built
	}
	built := authz.Policies{
		Identity:   all(p.Identity, authz.Identity),
		Session:    all(p.Session, authz.Session),
		Resource:   all(p.Resource, authz.Resource),
		HasSession: p.HasSession || p.Session != nil,
	}
	if p.Boundary != nil {
		a := one(*p.Boundary, authz.Boundary)
		built.Boundary = &a
	}
	if p.Endpoint != nil {
		a := one(*p.Endpoint, authz.Endpoint)
		built.Endpoint = &a
	}
	for _, level := range p.SCPs {
		built.SCPs = append(built.SCPs, all(level, authz.SCP))
	}
	for _, level := range p.RCPs {
		built.RCPs = append(built.RCPs, all(level, authz.RCP))
	}
	return built
}

// checkTrace: the trace, which is made by other code than the decision, must agree with it.
func checkTrace(t *testing.T, d authz.Decision) {
	t.Helper()
	trace := d.Explain()
	denies := false
	for _, step := range trace.Steps {
		denies = denies || step.Outcome == authz.ExplicitDeny
	}
	if denies != (d.Effect == authz.ExplicitDeny) {
		t.Errorf("a step denies explicitly: %v, but the decision is %s\n%s", denies, d.Effect, d)
	}
	if d.Effect == authz.ImplicitDeny && !strings.Contains(trace.Summary, "no "+string(d.By)+" allows it") {
		t.Errorf("the summary does not say what the message says, that no %s allows it\n%s", d.By, d)
	}
	if (len(trace.Changes) == 0) != d.Allowed() {
		t.Errorf("%d changes for a decision that is %s\n%s", len(trace.Changes), d.Effect, d)
	}
	text, err := json.Marshal(trace)
	var again authz.Trace
	if err != nil || json.Unmarshal(text, &again) != nil || again.String() != d.String() {
		t.Errorf("the trace read back from JSON (%v) says\n%s\nnot\n%s", err, again.String(), d)
	}
}

// checkChanges: what the trace says would allow the request does allow it.
func checkChanges(t *testing.T, request authz.Request, policies authz.Policies, d authz.Decision) {
	t.Helper()
	for _, change := range d.Explain().Changes {
		if change.Statement < 0 && change.JSON == "" {
			return // something other than a policy has to change
		}
	}
	for range 3 { // a first change removes the denies, the next adds what else is missing
		policies = applyChanges(t, policies, d.Explain().Changes)
		d = authz.Evaluate(request, policies)
		if d.Allowed() {
			return
		}
	}
	t.Errorf("the changes do not allow the request:\n%s", d)
}

func applyChanges(t *testing.T, policies authz.Policies, changes []authz.Change) authz.Policies {
	t.Helper()
	for _, change := range changes {
		edit := func(list []authz.Attached) []authz.Attached {
			list = append([]authz.Attached(nil), list...)
			for i := range list {
				if change.Statement >= 0 && list[i].Name == change.Policy {
					list[i].Policy = withStatement(t, list[i].Policy, change.Statement, change.JSON)
				}
			}
			return list
		}
		added := func(list []authz.Attached) []authz.Attached {
			if list = edit(list); change.Statement < 0 {
				list = append(list, attached(t, change.Kind, `{"Version":"2012-10-17","Statement":`+change.JSON+`}`))
			}
			return list
		}
		levels := func(levels [][]authz.Attached) [][]authz.Attached {
			var all [][]authz.Attached
			for _, level := range levels {
				all = append(all, added(level))
			}
			return all
		}
		alone := func(a *authz.Attached) *authz.Attached {
			list := added([]authz.Attached{*a})
			list[0].Policy = merged(t, list)
			return &list[0]
		}
		switch change.Kind {
		case authz.Identity:
			policies.Identity = added(policies.Identity)
		case authz.Session:
			policies.Session, policies.HasSession = added(policies.Session), true
		case authz.Resource, authz.Trust, authz.ACL:
			policies.Resource = added(policies.Resource)
		case authz.SCP:
			policies.SCPs = levels(policies.SCPs)
		case authz.RCP:
			policies.RCPs = levels(policies.RCPs)
		case authz.Boundary:
			policies.Boundary = alone(policies.Boundary)
		case authz.Endpoint:
			policies.Endpoint = alone(policies.Endpoint)
		}
	}
	return policies
}

type document struct {
	Version   string `json:",omitempty"`
	Statement []json.RawMessage
}

func statementsOf(t *testing.T, p *authz.Policy) document {
	t.Helper()
	var d document
	if err := json.Unmarshal([]byte(p.Text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// withStatement replaces a statement, or takes it out if text is empty.
func withStatement(t *testing.T, p *authz.Policy, index int, text string) *authz.Policy {
	t.Helper()
	d := statementsOf(t, p)
	if text == "" {
		text = `{"Effect":"Deny","Action":"none:None","Resource":"*"}`
	}
	d.Statement[index] = json.RawMessage(text)
	return parseDocument(t, d)
}

// merged is one policy with the statements of all.
func merged(t *testing.T, list []authz.Attached) *authz.Policy {
	t.Helper()
	d := statementsOf(t, list[0].Policy)
	for _, a := range list[1:] {
		var one struct{ Statement json.RawMessage }
		if err := json.Unmarshal([]byte(a.Policy.Text), &one); err != nil {
			t.Fatal(err)
		}
		d.Statement = append(d.Statement, one.Statement)
	}
	return parseDocument(t, d)
}

func parseDocument(t *testing.T, d document) *authz.Policy {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	p, err := authz.Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func readPrincipals(t *testing.T) map[string]authz.Principal {
	t.Helper()
	var principals map[string]authz.Principal
	readJSONFile(t, "testdata/principals.json", &principals)
	return principals
}

func jsonFiles(t *testing.T, root string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".json") {
			names = append(names, path)
		}
		return err
	})
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases under %s: %v", root, err)
	}
	return names
}

func readJSONFile(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
