package authz

import "testing"

// A condition of an operator, a value in the policy, one in the request, and whether it holds.
func TestOperators(t *testing.T) {
	for _, c := range []struct {
		operator, policy, request string
		want                      bool
	}{
		{"StringEquals", "a", "a", true},
		{"StringEquals", "a", "A", false},
		{"StringEquals", "a*", "ab", false},
		{"StringEquals", "a*", "a*", true},
		{"StringEquals", "", "", true},
		{"StringNotEquals", "a", "b", true},
		{"StringNotEquals", "a", "a", false},
		{"StringEqualsIgnoreCase", "Straße", "sTRASSE", false},
		{"StringEqualsIgnoreCase", "Team", "tEAM", true},
		{"StringNotEqualsIgnoreCase", "Team", "tEAM", false},
		{"StringLike", "home/*", "home/a/b", true},
		{"StringLike", "home/*", "Home/a", false},
		{"StringLike", "h?me", "höme", true},
		{"StringLike", "*", "", true},
		{"StringLike", "?*", "", false},
		{"StringNotLike", "a*", "ab", false},
		{"StringNotLike", "a*", "b", true},

		{"NumericEquals", "10", "10", true},
		{"NumericEquals", "10", "10.0", true},
		{"NumericEquals", "9007199254740993", "9007199254740992", false},
		{"NumericNotEquals", "10", "11", true},
		{"NumericNotEquals", "10", "10", false},
		{"NumericLessThan", "10", "9.5", true},
		{"NumericLessThan", "10", "10", false},
		{"NumericLessThanEquals", "10", "10", true},
		{"NumericLessThanEquals", "10", "11", false},
		{"NumericGreaterThan", "-5", "-4", true},
		{"NumericGreaterThan", "10", "10", false},
		{"NumericGreaterThanEquals", "10", "10", true},
		{"NumericGreaterThanEquals", "10", "9", false},
		{"NumericEquals", "0x10", "16", false},
		{"NumericLessThan", "10", "Inf", false},
		{"NumericEquals", "ten", "ten", false},
		{"NumericEquals", "10", "", false},
		{"NumericNotEquals", "10", "ten", true},

		{"DateEquals", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00+01:00", true},
		{"DateNotEquals", "2026-11-23T10:00:00Z", "2026-11-23T10:00:01Z", true},
		{"DateLessThan", "2026-11-23T10:00:00Z", "2026-11-23T09:59:59.999Z", true},
		{"DateLessThan", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", false},
		{"DateLessThanEquals", "2026-11-23", "2026-11-23T00:00:00Z", true},
		{"DateGreaterThan", "2026-11", "2026-11-02T00:00:00Z", true},
		{"DateGreaterThanEquals", "2026-11-23T10:00Z", "2026-11-23T10:00:00Z", true},
		{"DateGreaterThan", "2026-11-23T10:00:00Z", "2026-11-23T09:00:00Z", false},
		{"DateGreaterThan", "1700000000", "2026-11-23T09:00:00Z", true},
		{"DateEquals", "2023-11-14T22:13:20Z", "1700000000", true},
		{"DateLessThan", "tomorrow", "2020-01-01T00:00:00Z", false},
		{"DateEquals", "NaN", "NaN", false},

		{"Bool", "true", "true", true},
		{"Bool", "True", "TRUE", true},
		{"Bool", "true", "false", false},
		{"Bool", "false", "false", true},
		{"Bool", "yes", "yes", false},

		{"BinaryEquals", "QmluYXJ5", "QmluYXJ5", true},
		{"BinaryEquals", "QmluYXJ5", "QmluYXJ6", false},
		{"BinaryEquals", "not base64", "not base64", false},

		{"IpAddress", "203.0.113.0/24", "203.0.113.7", true},
		{"IpAddress", "203.0.113.7/24", "203.0.113.9", true},
		{"IpAddress", "203.0.113.0/24", "203.0.114.7", false},
		{"IpAddress", "203.0.113.7", "203.0.113.7", true},
		{"IpAddress", "203.0.113.7", "203.0.113.8", false},
		{"IpAddress", "203.0.113.0/24", "::ffff:203.0.113.7", true},
		{"IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1", true},
		{"IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1", false},
		{"IpAddress", "0.0.0.0/0", "2001:db8::1", false},
		{"IpAddress", "203.0.113.0/33", "203.0.113.7", false},
		{"IpAddress", "203.0.113.0/24", "unknown", false},
		{"NotIpAddress", "203.0.113.0/24", "203.0.114.7", true},
		{"NotIpAddress", "203.0.113.0/24", "203.0.113.7", false},

		{"ArnLike", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/a/b", true},
		{"ArnLike", "arn:aws:iam::*:role/?", "arn:aws:iam::111122223333:role/ab", false},
		{"ArnLike", "arn:*:role/x", "arn:aws:iam::1:role/x", false},
		{"ArnLike", "*", "arn:aws:iam::111122223333:role/a", true},
		{"ArnEquals", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y", true},
		{"ArnNotEquals", "arn:aws:s3:::b/*", "arn:aws:s3:::c/x", true},
		{"ArnNotLike", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x", false},
	} {
		condition, err := compileCondition(c.operator, "k:x", []string{c.policy}, true)
		if err != nil {
			t.Fatal(err)
		}
		e := newTestEvaluation(Keys{"k:x": {c.request}})
		if got := condition.holds(e); got != c.want {
			t.Errorf("%s %q of %q: %v, want %v", c.operator, c.policy, c.request, got, c.want)
		}
	}
}

func newTestEvaluation(keys Keys) *evaluation {
	e := newEvaluation(Request{Principal: Principal{Type: User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/u", Name: "u"},
		Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", Context: keys}, Policies{})
	return &e
}

func TestUnknownOperatorsAreRefused(t *testing.T) {
	for _, operator := range []string{"StringEqual", "stringequals", "NullIfExists", "ForSomeValues:StringEquals", "IfExists", ""} {
		if _, err := compileCondition(operator, "k:x", []string{"v"}, true); err == nil {
			t.Errorf("%q was taken", operator)
		}
	}
}

// A key that is there without values is as good as absent, but only an absent one takes a variable's default.
func TestKeyWithoutValues(t *testing.T) {
	e := newTestEvaluation(Keys{"k:empty": {}})
	for operator, want := range map[string]bool{
		"StringEquals": false, "StringNotEquals": true, "ForAllValues:StringEquals": true, "ForAnyValue:StringEquals": false,
		"StringEqualsIfExists": true,
	} {
		condition, err := compileCondition(operator, "k:empty", []string{"v"}, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := condition.holds(e); got != want {
			t.Errorf("%s: %v, want %v", operator, got, want)
		}
	}
	tmpl := compileTemplate("${k:empty, 'd'}", like, true)
	if tmpl.matches(e, "d") {
		t.Error("a key without values took the default of an absent one")
	}
	tmpl = compileTemplate("${k:none, 'd'}", like, true)
	if !tmpl.matches(e, "d") {
		t.Error("an absent key did not take its default")
	}
}

// A value with bytes that patterns use as wildcards must not become one.
func TestVariableValuesAreNoWildcards(t *testing.T) {
	for _, value := range []string{"*", "?", "\xff", "\xfe", "a\xff", "${aws:username}"} {
		e := newTestEvaluation(Keys{"k:x": {value}})
		tmpl := compileTemplate("p/${k:x}", like, true)
		if tmpl.matches(e, "p/secret") || tmpl.matches(e, "p/u") || tmpl.matches(e, "p/ab") {
			t.Errorf("the value %q works as a wildcard", value)
		}
	}
}

func TestReadVariable(t *testing.T) {
	for text, want := range map[string]piece{
		"${aws:username}":         {key: "aws:username"},
		"${ AWS:UserName }":       {key: "aws:username"},
		"${k:x, 'a, }b'}rest":     {key: "k:x", fallback: "a, }b", hasDefault: true},
		"${k:x,''}":               {key: "k:x", hasDefault: true},
		"${aws:PrincipalTag/A b}": {key: "aws:principaltag/a b"},
		"${*}":                    {pattern: "*"},
		"${$}":                    {pattern: "$"},
	} {
		v, _, ok := readVariable(text)
		if !ok || v != want {
			t.Errorf("%s: %+v %v, want %+v", text, v, ok, want)
		}
	}
	for _, text := range []string{"${", "${}", "${ }", "$x", "${k:x, a}", "${k:x, 'a}", "${k:x, 'a' b}"} {
		if v, _, ok := readVariable(text); ok {
			t.Errorf("%s was read as %+v", text, v)
		}
	}
}
