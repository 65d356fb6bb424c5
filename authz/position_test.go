package authz

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
)

// TestSpans runs testdata/positions.json: the statements' places, and what AWS's simulator says of them.
func TestSpans(t *testing.T) {
	text, err := os.ReadFile("testdata/positions.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Policy string
		Spans        []string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			p, err := Parse(c.Policy)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range p.Spans() {
				got = append(got, fmt.Sprintf("%d:%d-%d:%d simulator %d:%d",
					s.Start.Line, s.Start.Column, s.End.Line, s.End.Column, s.Simulator.Line, s.Simulator.Column))
				statement := c.Policy[s.Start.Offset:s.End.Offset]
				if !json.Valid([]byte(statement)) || statement[0] != '{' {
					t.Errorf("the span is not of a statement: %q", statement)
				}
			}
			if !slices.Equal(got, c.Spans) {
				t.Errorf("got  %q\nwant %q", got, c.Spans)
			}
		})
	}
}

func TestContextKeys(t *testing.T) {
	for _, c := range []struct {
		name, policy string
		want         []string
	}{
		{"variable and condition (AWS CLI's example)",
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2015-08-16T12:00:00Z"}}}}`,
			[]string{"aws:username", "aws:CurrentTime"}},
		{"each once, whatever the case, as first written",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringLike":{"aws:SourceIP":"x","s3:prefix":["${aws:userName}/*","${ aws:PrincipalTag/Team , 'none'}"]}}},` +
				`{"Effect":"Deny","Action":"a:c","NotResource":"arn:aws:s3:::${AWS:Username}","Condition":{"Bool":{"aws:sourceip":"true"}}}]}`,
			[]string{"aws:SourceIP", "s3:prefix", "aws:userName", "aws:PrincipalTag/Team"}},
		{"no variables in the older language, and none that are characters",
			`{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::${aws:username}","Condition":{"StringEquals":{"aws:UserId":"${*}"}}}}`,
			[]string{"aws:UserId"}},
		{"none before the ARN's fifth colon",
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:${aws:Region}::b/${$}${aws:x}"}}`,
			[]string{"aws:x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Parse(c.policy)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.ContextKeys(); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestMatches has a request that statements of several policies cover, and conditions on keys that it lacks.
func TestMatches(t *testing.T) {
	parse := func(text string) *Policy {
		p, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	identity := parse(`{"Version":"2012-10-17","Statement":[
		{"Sid":"Other","Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"Bool":{"aws:Unasked":"true"}}},
		{"Sid":"Elsewhere","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::c/*","Condition":{"Bool":{"aws:Unasked":"true"}}},
		{"Sid":"Home","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/${aws:PrincipalTag/Home}"},
		{"Sid":"MFA","Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}},
		{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:username":"alice"}}}]}`)
	boundary := &Attached{Kind: Boundary, Policy: parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}`)}
	scp := Attached{Kind: SCP, Policy: parse(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"Guard","Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/*"}]}`)}
	d := Evaluate(Request{
		Principal: Principal{Type: User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice", ID: "AIDA", Name: "alice"},
		Action:    "s3:GetObject", Resource: "arn:aws:s3:::b/k",
	}, Policies{Identity: []Attached{{Kind: Identity, Policy: identity}}, Boundary: boundary, SCPs: [][]Attached{{scp}}})
	var got []string
	for _, m := range d.Matches() {
		got = append(got, fmt.Sprintf("%s %d %s %s", m.In.Kind, m.Index, m.Effect, m.Sid))
	}
	want := []string{"service control policy 0 Allow ", "service control policy 1 Deny Guard", "identity-based policy 4 Allow Read"}
	if !slices.Equal(got, want) {
		t.Errorf("matches\n got %q\nwant %q", got, want)
	}
	if got, want := d.MissingKeys(), []string{"aws:PrincipalTag/Home", "aws:MultiFactorAuthPresent"}; !slices.Equal(got, want) {
		t.Errorf("missing keys %q, want %q", got, want)
	}
	for kind, want := range map[PolicyKind]string{
		SCP: "explicitDeny true", Identity: "allowed true", Boundary: "implicitDeny true", Resource: "implicitDeny false",
		RCP: "allowed false", Session: "implicitDeny false", Endpoint: "implicitDeny false",
	} {
		effect, ok := d.Verdict(kind)
		if got := fmt.Sprint(effect, " ", ok); got != want {
			t.Errorf("verdict of the %s: %s, want %s", kind, got, want)
		}
	}
}

// FuzzSpans: each statement of a policy that parses has a place, in which it stands.
func FuzzSpans(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*"} ,{"Sid":"é","Effect":"Deny","Action":"a:b","Resource":"*"}]}`)
	f.Add("{\"Statement\":\r\n{\"Effect\":\"Allow\"},\"Id\":\"Statement\"}")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		spans := p.Spans()
		if len(spans) != len(p.statements) {
			t.Fatalf("%d places for %d statements in %q", len(spans), len(p.statements), text)
		}
		last := 0
		for i, s := range spans {
			alone, err := Parse(`{"Statement":` + text[s.Start.Offset:s.End.Offset] + `}`)
			if err != nil || alone.statements[0].sid != p.statements[i].sid || alone.statements[0].effect != p.statements[i].effect {
				t.Errorf("statement %d is not in its place: %q of %q", i, text[s.Start.Offset:s.End.Offset], text)
			}
			if s.Simulator.Offset < last || s.End.Offset <= s.Start.Offset || s.Start.Line < 1 || s.End.Line < s.Start.Line {
				t.Errorf("statement %d: %+v", i, s)
			}
			last = s.End.Offset
		}
	})
}
