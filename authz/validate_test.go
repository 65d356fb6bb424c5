package authz_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/xemu-aws/xemu/authz"
)

// Texts are what AWS says of a document that it refuses; an empty one that it takes it.
func TestValidation(t *testing.T) {
	for _, name := range jsonFiles(t, "testdata/validation") {
		var file struct {
			Kind  authz.PolicyKind
			Cases []struct {
				Document json.RawMessage
				Text     *string
				Want     string
			}
		}
		readJSONFile(t, name, &file)
		for _, c := range file.Cases {
			text := string(c.Document)
			if c.Text != nil {
				text = *c.Text
			}
			got := ""
			p, err := validate(text, file.Kind)
			if err != nil {
				var syntax *authz.SyntaxError
				if !errors.As(err, &syntax) {
					t.Fatalf("%s: a %T", text, err)
				}
				got = syntax.Message
			} else if p.Text != text {
				t.Errorf("%s became %s", text, p.Text)
			}
			if got != c.Want {
				t.Errorf("%s: %s\ngot  %q\nwant %q", name, text, got, c.Want)
			}
		}
	}
}

func validate(text string, kind authz.PolicyKind) (*authz.Policy, error) {
	if kind == "bucket" {
		return authz.ValidateBucketPolicy(text, "reports")
	}
	return authz.Validate(text, kind)
}

func TestIsPublic(t *testing.T) {
	var cases []struct {
		Document json.RawMessage
		Public   bool
	}
	readJSONFile(t, "testdata/public.json", &cases)
	for _, c := range cases {
		p, err := authz.Parse(string(c.Document))
		if err != nil {
			t.Fatal(err)
		}
		if p.IsPublic() != c.Public {
			t.Errorf("%s: public %v, want %v", c.Document, p.IsPublic(), c.Public)
		}
	}
}

func TestPrincipals(t *testing.T) {
	p, err := authz.Parse(`{"Statement":[
		{"Effect":"Allow","Principal":{"AWS":["111122223333","*","arn:aws:iam::444455556666:user/dev"],"Service":"ec2.amazonaws.com"},"Action":"s3:*","Resource":"*"},
		{"Effect":"Deny","NotPrincipal":{"AWS":["AROAAPPAPPAPPAPPAPPA","111122223333"]},"Action":"s3:*","Resource":"*"},
		{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	got, want := p.Principals(), []string{"111122223333", "arn:aws:iam::444455556666:user/dev", "AROAAPPAPPAPPAPPAPPA"}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

func TestSizeLeavesOutWhiteSpaceBetweenTokens(t *testing.T) {
	for text, want := range map[string]int{
		"":                                0,
		" {\n\t\"a\" : [ ] }\r\n":         8,
		`{"a b":"c  d"}`:                  14,
		`{"a":"x\" y"}`:                   13,
		`{"a":"` + "é" + `"}`:             9,
		`{"Statement": "in \\" , "b": 1}`: 27,
	} {
		if got := authz.Size(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
