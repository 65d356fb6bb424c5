package emulator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// TestBadParameters gives every string of every operation of IAM and STS, those in lists and structures as well, values that
// the model does not allow: too long, too short, of other characters, none of the enumerated. Each is a ValidationError that
// names the parameter, and nothing is written.
func TestBadParameters(t *testing.T) {
	s, err := Listen(Config{Addr: "127.0.0.1:0", Dir: t.TempDir(), Durability: store.Memory})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		s.Close()
		<-served
	})
	root := s.World().Accounts[0].Root
	c := caller{t, s.URL, aws.Credentials{AccessKeyID: root.AccessKeyID, SecretAccessKey: root.SecretAccessKey}}
	before, tried := s.store.Stats(), 0
	for service, m := range map[string]*wire.Model{"iam": wire.IAM(), "sts": wire.STS()} {
		for _, op := range m.Ops {
			if op.Input < 0 {
				continue
			}
			good := url.Values{"Action": {op.Name}, "Version": {m.Version}}
			fill(m, op.Input, "", good, 0)
			for _, p := range parameters(m, op.Input, "", 0) {
				for _, bad := range violations(p.shape) {
					form := maps.Clone(good)
					fill(m, p.in, p.prefix, form, 0)
					form.Set(p.name, bad)
					status, body := c.call(service, form)
					tried++
					name := p.name[strings.LastIndexByte(p.name, '.')+1:]
					if regexp.MustCompile(`^[0-9]+$`).MatchString(name) { // an element of a list
						name = strings.Split(p.name, ".")[0]
					}
					if status != 400 || !strings.Contains(body, "<Code>ValidationError</Code>") || !strings.Contains(strings.ToLower(body), strings.ToLower(name)) {
						t.Errorf("%s:%s with %s=%.40q (%d characters): %d %s", service, op.Name, p.name, bad, utf8.RuneCountInString(bad), status, body)
					}
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d values were tried", tried)
	}
	if after := s.store.Stats(); after != before {
		t.Errorf("refused requests have written: %v, before %v", after, before)
	}
	status, body := c.call("iam", url.Values{"Action": {"ListUsers"}, "Version": {"2010-05-08"}, "Unheard.member.1.Of": {strings.Repeat("x", 5000)}})
	if status != 200 {
		t.Errorf("with an unknown parameter: %d %s", status, body)
	}
}

// parameter is a string of an operation's input, under its name in a form.
type parameter struct {
	name   string
	shape  *wire.Shape
	in     int // the structure that it is in, and how the names of its members begin
	prefix string
}

// parameters are the strings of a structure, down to the structures in its lists.
func parameters(m *wire.Model, shape int, prefix string, depth int) (all []parameter) {
	for _, member := range m.Shapes[shape].Members {
		name := prefix + member.Name
		s := &m.Shapes[member.Shape]
		if s.Type == wire.List {
			name += ".member.1"
			member.Shape = s.Elem
			s = &m.Shapes[s.Elem]
		}
		switch {
		case s.Type == wire.String:
			all = append(all, parameter{name, s, shape, prefix})
		case s.Type == wire.Structure && depth < 3:
			all = append(all, parameters(m, member.Shape, name+".", depth+1)...)
		}
	}
	return all
}

// fill sets what a structure must have to values that the model allows, so that nothing else is wrong with the request.
func fill(m *wire.Model, shape int, prefix string, form url.Values, depth int) {
	for _, member := range m.Shapes[shape].Members {
		if member.Flags&wire.Required == 0 {
			continue
		}
		name, s, at := prefix+member.Name, &m.Shapes[member.Shape], member.Shape
		if s.Type == wire.List {
			name, at, s = name+".member.1", s.Elem, &m.Shapes[s.Elem]
		}
		switch s.Type {
		case wire.String:
			form.Set(name, valid(s))
		case wire.Integer, wire.Long:
			form.Set(name, fmt.Sprint(max(1, s.Min)))
		case wire.Boolean:
			form.Set(name, "true")
		case wire.Structure:
			if depth < 3 {
				fill(m, at, name+".", form, depth+1)
			}
		}
	}
}

// valid returns a value that a shape allows, if one of some is.
func valid(s *wire.Shape) string {
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	for _, v := range []string{
		"value", "aaaaaaaaaaaaaaaaaaaaaaaa", "/path/", "111122223333", "123456", "arn:aws:iam::111122223333:role/name", "v1", "us-east-1",
		"https://example.com", "arn:aws:sns:us-east-1:111122223333:topic", strings.Repeat("a", int(s.Min)),
	} {
		if allows(s, v) {
			return v
		}
	}
	return strings.Repeat("a", int(s.Min))
}

// allows says whether a shape allows a value.
func allows(s *wire.Shape, v string) bool {
	n := int64(utf8.RuneCountInString(v))
	if s.Flags&wire.HasMin != 0 && n < s.Min || s.Flags&wire.HasMax != 0 && n > s.Max {
		return false
	}
	pattern := s.Regexp
	if pattern == "" {
		pattern = s.Pattern
	}
	return pattern == "" || regexp.MustCompile(`\A(?:`+pattern+`)\z`).MatchString(v)
}

// violations are values that a shape does not allow.
func violations(s *wire.Shape) (bad []string) {
	if len(s.Enum) > 0 {
		return []string{"NoSuchValue"}
	}
	candidates := []string{"", "\u0001", "é\u2603", strings.Repeat("\u2603", int(max(1, s.Min)))}
	if s.Flags&wire.HasMax != 0 && s.Max < 200_000 {
		candidates = append(candidates, strings.Repeat("a", int(s.Max)+1))
	}
	if s.Flags&wire.HasMin != 0 && s.Min > 1 {
		candidates = append(candidates, strings.Repeat("a", int(s.Min)-1))
	}
	for _, v := range candidates {
		if !allows(s, v) {
			bad = append(bad, v)
		}
	}
	return bad
}

// caller signs forms and sends them.
type caller struct {
	t   *testing.T
	url string
	aws.Credentials
}

func (c caller) call(service string, form url.Values) (int, string) {
	c.t.Helper()
	text := form.Encode()
	r, err := http.NewRequest(http.MethodPost, c.url+"/", strings.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	sum := sha256.Sum256([]byte(text))
	if err := v4.NewSigner().SignHTTP(context.Background(), c.Credentials, r, hex.EncodeToString(sum[:]), service, Region, time.Now()); err != nil {
		c.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}
