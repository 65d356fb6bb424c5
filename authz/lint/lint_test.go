package lint

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFindings: texts, links and places have the form that the AWS CLI's reference of validate-policy shows.
func TestFindings(t *testing.T) {
	const policy = `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Allow",
            "Principal": {"Federated": "accounts.google.com"},
            "Action": [
                "sts:AssumeRole",
                "sts:TagSession"
            ],
            "Condition": {
                "StringEquals": {"accounts.google.com:aud": "app"}
            }
        }
    ]
}`
	const guide = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-"
	type location struct {
		path string
		span Span
	}
	want := []struct {
		kind                FindingType
		code, details, link string
		at                  []location
	}{
		{
			Suggestion, "EMPTY_SID_VALUE", "Add a value to the empty string in the Sid element.", guide + "suggestion-empty-sid-value",
			[]location{{"Statement[0].Sid", Span{Position{5, 19, 79}, Position{5, 21, 81}}}},
		},
		{
			Error, "MISMATCHED_ACTION_FOR_PRINCIPAL",
			"The sts:AssumeRole action is invalid with the following principal(s): accounts.google.com. Use a SAML provider principal with the sts:AssumeRoleWithSAML action or use an OIDC provider principal with the sts:AssumeRoleWithWebIdentity action. Ensure the provider is Federated if you use either of the two options.",
			guide + "error-mismatched-action-for-principal",
			[]location{
				{"Statement[0].Action[0]", Span{Position{9, 16, 217}, Position{9, 32, 233}}},
				{"Statement[0].Principal.Federated", Span{Position{7, 39, 153}, Position{7, 60, 174}}},
			},
		},
		{
			Error, "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
			"The following actions: sts:TagSession are not supported by the condition key accounts.google.com:aud. The condition will not be evaluated for these actions. We recommend that you move these actions to a different statement without this condition key.",
			guide + "error-unsupported-action-for-condition-key",
			[]location{
				{"Statement[0].Action[1]", Span{Position{10, 16, 251}, Position{10, 32, 267}}},
				{"Statement[0].Condition.StringEquals.accounts.google.com:aud", Span{Position{13, 60, 370}, Position{13, 65, 375}}},
			},
		},
	}
	got := Validate(policy, Options{Type: Resource})
	if len(got) != len(want) {
		t.Fatalf("%q, want %d findings", got, len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.Type != w.kind || g.Code != w.code || g.Details != w.details || g.Link != w.link {
			t.Errorf("finding %d:\n%+v\nwant\n%+v", i, g, w)
		}
		var at []location
		for _, l := range g.Locations {
			at = append(at, location{l.String(), l.Span})
		}
		if !slices.Equal(at, w.at) {
			t.Errorf("%s:\n%+v\nwant\n%+v", g.Code, at, w.at)
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// check is a case of testdata/checks: a policy, or one statement of it, and the codes of its findings.
type check struct {
	Name     string
	Type     PolicyType
	Resource string
	// Policy is the document, as an object or, when it is no JSON or its text matters, as a string; Statement stands for a
	// document of version 2012-10-17 with this statement alone; the elements that its type needs are added.
	Policy    json.RawMessage
	Statement map[string]json.RawMessage
	Condition json.RawMessage
	// Want are the findings: code, place and, where it matters, a part of the details, each behind a space.
	Want []string
}

// text is the document of a case.
func (c check) text(t *testing.T) string {
	t.Helper()
	if c.Policy != nil {
		var text string
		if json.Unmarshal(c.Policy, &text) == nil {
			return text
		}
		return string(c.Policy)
	}
	s := c.Statement
	if s == nil {
		s = map[string]json.RawMessage{}
	}
	set := func(name, value string) {
		if s[name] == nil && s["Not"+name] == nil {
			s[name] = json.RawMessage(value)
		}
		if string(s[name]) == "null" {
			delete(s, name)
		}
	}
	set("Effect", `"Allow"`)
	switch {
	case c.Resource == AssumeRolePolicy:
		set("Action", `"sts:AssumeRole"`)
		set("Principal", `{"AWS":"111122223333"}`)
	case c.Type == Resource || c.Type == RCP:
		set("Action", `"s3:GetObject"`)
		set("Resource", `"arn:aws:s3:::examplebucket/*"`)
		set("Principal", `{"AWS":"111122223333"}`)
	default:
		set("Action", `"s3:GetObject"`)
		set("Resource", `"arn:aws:s3:::examplebucket/*"`)
	}
	if c.Condition != nil {
		s["Condition"] = c.Condition
	}
	statement, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return `{"Version":"2012-10-17","Statement":[` + string(statement) + `]}`
}

func (f Finding) String() string {
	return fmt.Sprintf("%s %s %s", f.Code, f.Locations[0], f.Details)
}

func readChecks(t *testing.T) []check {
	t.Helper()
	var all []check
	files, _ := filepath.Glob("testdata/checks/*.json")
	for _, file := range files {
		var checks []check
		if err := json.Unmarshal([]byte(readFile(t, file)), &checks); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for i := range checks {
			checks[i].Name = strings.TrimSuffix(filepath.Base(file), ".json") + "/" + checks[i].Name
			if checks[i].Type == "" {
				checks[i].Type = Identity
			}
		}
		all = append(all, checks...)
	}
	return all
}

func TestChecks(t *testing.T) {
	for _, c := range readChecks(t) {
		t.Run(c.Name, func(t *testing.T) {
			text := c.text(t)
			got := Validate(text, Options{Type: c.Type, ResourceType: c.Resource})
			ok := len(got) == len(c.Want)
			for i := range got {
				ok = ok && i < len(c.Want) && matchesFinding(got[i], c.Want[i])
			}
			if !ok {
				t.Errorf("%s\n got %q\nwant %q", text, got, c.Want)
			}
		})
	}
}

func TestEveryCheckHasACase(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range readChecks(t) {
		for _, want := range c.Want {
			code, _, _ := strings.Cut(want, " ")
			seen[code] = true
		}
	}
	for code := range sizes {
		seen[code] = true
	}
	source := readFile(t, "issues.go")
	for _, m := range regexp.MustCompile(`issue\{"([A-Z0-9_]+)"`).FindAllStringSubmatch(source, -1) {
		if !seen[m[1]] {
			t.Errorf("no case of %s", m[1])
		}
	}
}

// sizes are the quotas' issues with the texts that pass their quota by one character.
var sizes = map[string]struct {
	options Options
	quota   int
	details string
}{
	"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA":   {Options{Type: Identity}, identityQuota, "The 6145 characters in the identity policy, excluding whitespace, exceed the 6144 character"},
	"POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA":   {Options{Type: Resource, ResourceType: Bucket}, bucketQuota, "The 20481 characters in the resource policy exceed the 20480 character"},
	"POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA": {Options{Type: Resource, ResourceType: AssumeRolePolicy}, trustQuota, "The characters in the role trust policy"},
	"POLICY_SIZE_EXCEEDS_SCP_QUOTA":               {Options{Type: SCP}, scpQuota, "characters in the service control policy (SCP) exceed the"},
	"POLICY_SIZE_EXCEEDS_RCP_QUOTA":               {Options{Type: RCP}, rcpQuota, "The 5121 characters in the resource control policy (RCP) exceed the 5120 character"},
}

func TestSizes(t *testing.T) {
	for code, test := range sizes {
		const before, after = `{"Version":"2012-10-17","Id":"`, `","Statement":{}}`
		of := func(n int) string { return before + strings.Repeat("x", n-len(before)-len(after)) + after }
		has := func(text string) bool {
			return slices.ContainsFunc(Validate(text, test.options), func(f Finding) bool {
				return f.Code == code && strings.Contains(f.Details, test.details)
			})
		}
		if has(of(test.quota)) || !has(of(test.quota+1)) {
			t.Errorf("%s does not begin above %d characters", code, test.quota)
		}
		spaces := of(test.quota) + " "
		if counts := test.options.Type == SCP || test.options.Type == RCP || test.options.ResourceType == Bucket; has(spaces) != counts {
			t.Errorf("%s: white space counts: %v", code, has(spaces))
		}
	}
}

// matchesFinding: the code, then perhaps the place, then perhaps a part of the details.
func matchesFinding(f Finding, want string) bool {
	code, rest, _ := strings.Cut(want, " ")
	place, details, _ := strings.Cut(rest, " ")
	return f.Code == code && (place == "" || f.Locations[0].String() == place) && strings.Contains(f.Details, details)
}

// TestPositions: lines from 1, columns and offsets from 0, in UTF-16 code units.
func TestPositions(t *testing.T) {
	policy := "{\"Version\": \"2012-10-17\",\n \"Id\": \"😀é\", \"Statement\": []}"
	f := Validate(policy, Options{Type: Identity})
	want := Span{Start: Position{2, 27, 53}, End: Position{2, 29, 55}}
	if len(f) != 1 || f[0].Locations[0].Span != want {
		t.Errorf("%+v, want %+v", f[0].Locations[0].Span, want)
	}
	// Positions far into a text are counted from steps on the way.
	long := `{"Id":"` + strings.Repeat("é😀", 3000) + `","Statement":[]}`
	f = Validate(long, Options{Type: Identity})
	at := slices.IndexFunc(f, func(f Finding) bool { return f.Code == "MISSING_STATEMENT" })
	if at < 0 || f[at].Locations[0].Span.Start.Offset != units(long[:strings.Index(long, "[]")]) {
		t.Errorf("%+v", f)
	}
}

// TestSubstring: a variable is a part of its string.
func TestSubstring(t *testing.T) {
	policy := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::é/${}x"}}`
	f := Validate(policy, Options{Type: Identity})
	if len(f) != 1 || f[0].Code != "EMPTY_VARIABLE" {
		t.Fatalf("%v", f)
	}
	path := f[0].Locations[0].Path
	if part := path[len(path)-1].Substring; part == nil || *part != (Substring{Start: 15, Length: 3}) {
		t.Errorf("substring %+v", part)
	}
	span := f[0].Locations[0].Span
	if got := string([]rune(policy)[span.Start.Offset:span.End.Offset]); got != "${}" {
		t.Errorf("the place is %q", got)
	}
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		a, b             string
		includes, shares bool
	}{
		{"*", "anything*", true, true},
		{"s3:*", "s3:Get*", true, true},
		{"s3:Get*", "s3:*", false, true},
		{"s3:Get*", "s3:*Object", false, true},
		{"s3:Get*", "s3:Put*", false, false},
		{"a?c", "abc", true, true},
		{"a?c", "a*c", false, true},
		{"a*c", "a?c", true, true},
		{"*?", "?*", true, true},
		{"?*", "*?", true, true},
		{"a**b", "a*b", true, true},
		{"", "", true, true},
		{"", "*", false, true},
		{"*a*b", "*ab", true, true},
		{"x*y*z", "x*z", false, true},
		{"ab*", "*cd", false, true},
		{"ab", "abc", false, false},
	}
	for _, tt := range tests {
		if got := includes(tt.a, tt.b); got != tt.includes {
			t.Errorf("includes(%q, %q) = %v", tt.a, tt.b, got)
		}
		if got := overlap(tt.a, tt.b); got != tt.shares {
			t.Errorf("overlap(%q, %q) = %v", tt.a, tt.b, got)
		}
		if got := overlap(tt.b, tt.a); got != tt.shares {
			t.Errorf("overlap(%q, %q) = %v", tt.b, tt.a, got)
		}
	}
	if includesARN("arn:aws:iam::*:role/x", "arn:aws:iam::1:role/y") || !includesARN("arn:aws:s3:::b*", "arn:aws:s3:::bucket/*") ||
		includesARN("arn:*:role/x", "arn:aws:iam::1:role/x") || !includesARN("*", "arn:aws:s3:::*") {
		t.Error("ARNs are compared part by part")
	}
}
