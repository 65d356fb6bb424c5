package lint

import (
	"strings"
	"testing"
	"time"
)

// FuzzValidate: no text panics, and every place of a finding is in the text.
func FuzzValidate(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Sid":"é😀","Effect":"Allow","Principal":{"AWS":["*"]},"Action":"s3:Get*","Resource":"arn:aws:s3:::b/${aws:username, 'x'}","Condition":{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a*",1,true]}}}]}`, byte(0))
	f.Add(`{"Statement":{"NotPrincipal":"*","NotAction":[],"NotResource":["arn:aws:iam::1:role/x"],"Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.1/8"]}}}}`, byte(1))
	f.Add(`{"Statement":[{"Effect":"Deny","Action":["sts:*"],"Principal":{"Federated":"a.b","Service":"c"}}]}`, byte(2))
	f.Fuzz(func(t *testing.T, text string, kind byte) {
		options := []Options{
			{Type: Identity}, {Type: Resource}, {Type: Resource, ResourceType: Bucket}, {Type: Resource, ResourceType: AssumeRolePolicy},
			{Type: SCP}, {Type: RCP},
		}
		for _, finding := range Validate(text, options[int(kind)%len(options)]) {
			if len(finding.Locations) == 0 || strings.Contains(finding.Details, "%!") {
				t.Errorf("%+v", finding)
			}
			for _, l := range finding.Locations {
				if s := l.Span; s.Start.Offset > s.End.Offset || s.End.Offset > units(text) || s.Start.Line < 1 || s.Start.Column < 0 {
					t.Errorf("%s: %+v", finding.Code, s)
				}
			}
		}
		if r, err := CheckNoNewAccess(text, text, Resource); err == nil && !r.Pass {
			t.Errorf("new access compared to itself: %+v", r)
		}
	})
}

// TestLarge: a text of many mistakes, or of many wildcards, does not take long.
func TestLarge(t *testing.T) {
	list := func(item string, n int) string { return `["` + strings.Repeat(item+`","`, n-1) + item + `"]` }
	for name, policy := range map[string]string{
		"mistakes":    `{"Statement":{"Effect":"Allow","Action":` + list("nosuch:Thing", 8000) + `,"Resource":"*"}}`,
		"wildcards":   `{"Statement":{"Effect":"Allow","Action":` + list("s3:*a*b*c*d*e*f", 6000) + `,"Resource":` + list("arn:aws:s3:::*a*b*c*", 1000) + `}}`,
		"statements":  `{"Statement":[` + strings.Repeat(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"},`, 2000) + `{}]}`,
		"deep":        strings.Repeat(`{"a":`, 10000),
		"stars":       `{"Statement":{"Effect":"Allow","Action":"s3:` + strings.Repeat("*a", 40000) + `","Resource":"*"}}`,
		"star ranges": `{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + strings.Repeat("*?a", 30000) + `"}}`,
	} {
		start := time.Now()
		Validate(policy, Options{Type: Identity})
		CheckNoNewAccess(policy, policy, Identity)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %s for %d bytes", name, took, len(policy))
		} else {
			t.Logf("%s: %s for %d bytes", name, took, len(policy))
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	const policy = `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:List*"],
"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"],"Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}},
{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}`
	b.ReportAllocs()
	for b.Loop() {
		Validate(policy, Options{Type: Identity})
	}
}
