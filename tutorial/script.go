package tutorial

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/internal/shell"
)

//go:generate sh -c "go run ../cmd/xemu tutorial script cross-account-role > cross-account-role/run.sh"

// Script returns the lesson as a POSIX shell script that does the same as [Run] against a running server.
func Script(lesson *Lesson) string {
	s := &script{client: &AWSCLI{}}
	s.line("#!/bin/sh")
	s.line("# The lesson %q against a running server, as Run does it. Start one with: xemu serve", lesson.Title)
	s.line("# Made from lesson.yaml by go generate; change it there.")
	s.text.WriteString(scriptHead)
	for i, step := range lesson.Steps {
		s.step(i+1, step)
	}
	s.line("\necho; echo 'The lesson is done.'")
	return s.text.String()
}

const scriptHead = `set -eu
eval "$(xemu env)"
endpoint=$(cat "${XEMU_DATA:-$HOME/.xemu}/url")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_PAGER=

fail() { echo "FAILED: $*" >&2; exit 1; }

case $(aws --version 2>&1) in
aws-cli/1.[0-9].* | aws-cli/1.1[0-9].* | aws-cli/1.2[0-8].* | aws-cli/2.[0-9].* | aws-cli/2.1[0-2].*)
	fail "this AWS CLI does not know endpoint_url in its config file: 1.29, 2.13 or newer is needed" ;;
esac

# run COMMAND: runs it, shows it, keeps its output in $out; it must succeed.
run() {
	echo; echo "\$ $1"
	out=$(eval "$1" 2>&1) || { echo "$out"; fail "it is to succeed"; }
	[ -z "$out" ] || echo "$out"
}

# refused CODE MESSAGE COMMAND: the command must answer this error, and its message must have this part.
refused() {
	echo; echo "\$ $3"
	if out=$(eval "$3" 2>&1); then fail "it is to answer $1, and succeeded"; fi
	echo "$out"
	answers "$1" "$2" || fail "it is to answer $1: $2"
}

# answers CODE MESSAGE: the error in $out is this one.
answers() {
	case "$out" in *"An error occurred ($1) "*"$2"*) ;; *) return 1 ;; esac
}

# why PART...: the explanation of the last denial must have these parts.
why() {
	explanation=$(xemu why)
	echo; echo '$ xemu why'; echo "$explanation"
	for part in "$@"; do
		case "$explanation" in *"$part"*) ;; *) fail "the explanation does not say: $part" ;; esac
	done
}

# value PATH COMMAND: prints a part of the command's output.
value() { eval "$2 --query '$1' --output text"; }

# is PATH VALUE COMMAND: the part of the output is this.
is() { [ "$(value "$1" "$3" 2>/dev/null)" = "$2" ]; }

# happened OPERATION CALLER RESULT: such a request has been recorded.
happened() { xemu events --limit 1000 | grep -q "$1 *$3 *$2"; }

before() { if "$1" >/dev/null 2>&1; then fail "the check passes before its step: $2"; fi; }
after() { if "$1" >/dev/null 2>&1; then echo "  check: $2: yes"; else fail "check: $2"; fi; }

# profile NAME SETTING VALUE...: writes a profile.
profile() {
	name=$1; shift
	set -- region us-east-1 endpoint_url "$endpoint" "$@"
	while [ $# -gt 0 ]; do aws configure set "$1" "$2" --profile "$name"; shift 2; done
}
`

type script struct {
	client *AWSCLI
	text   strings.Builder
}

func (s *script) line(format string, args ...any) { fmt.Fprintf(&s.text, format+"\n", args...) }

func (s *script) step(number int, step Step) {
	s.line("\necho; echo %s", shell.Quote(fmt.Sprintf("== Step %d. %s", number, step.Title)))
	for i, check := range step.Checks {
		s.check(fmt.Sprintf("check_%d_%d", number, i+1), check)
	}
	for i, check := range step.Checks {
		s.line("before check_%d_%d %s", number, i+1, shell.Quote(check.Says))
	}
	for _, action := range step.Do {
		s.action(action)
	}
	for i, check := range step.Checks {
		s.line("after check_%d_%d %s", number, i+1, shell.Quote(check.Says))
	}
}

func (s *script) action(a Action) {
	if a.Mistake != "" {
		s.line("\necho; echo %s", shell.Quote("A mistake on purpose. "+strings.TrimSpace(a.Mistake)))
	}
	command := s.command(a.Call)
	switch {
	case command == "":
	case a.Want.Error != "":
		s.line("refused %s %s %s", a.Want.Error, shell.Quote(a.Want.Message), command)
	default:
		s.line("run %s", command)
		for _, path := range slices.Sorted(maps.Keys(a.Want.Output)) {
			if path == "Body" {
				s.line("[ \"$(cat %s)\" = %s ] || fail 'the body is another'", outfile, shell.Quote(strings.TrimSuffix(fmt.Sprint(a.Want.Output[path]), "\n")))
			} else {
				s.line("is %s %s %s || fail %s", shell.Quote(jmesPath(path)), shell.Quote(fmt.Sprint(a.Want.Output[path])), command, shell.Quote(path))
			}
		}
	}
	if len(a.Want.Why) > 0 {
		s.line("why %s", strings.Join(quoteAll(a.Want.Why), " "))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Save)) {
		s.line("%s=%s", name, s.part(a.Save[name]))
	}
	if a.Profile != nil {
		s.profile(*a.Profile)
	}
}

// part is a shell word: the string at path in the JSON that the last run printed.
func (s *script) part(path string) string {
	name := path[strings.LastIndex(path, ".")+1:]
	return fmt.Sprintf(`$(printf '%%s' "$out" | sed -n 's/.*"%s": "\(.*\)".*/\1/p' | head -n 1)`, name)
}

func (s *script) profile(p Profile) {
	words := []string{"profile", p.Name}
	if p.From != "" {
		words = append(words,
			"aws_access_key_id", `"`+s.part("AccessKeyId")+`"`,
			"aws_secret_access_key", `"`+s.part("SecretAccessKey")+`"`)
	}
	if p.From == "Credentials" {
		words = append(words, "aws_session_token", `"`+s.part("SessionToken")+`"`)
	}
	if p.RoleARN != "" {
		words = append(words, "role_arn", `"`+p.RoleARN+`"`, "source_profile", p.SourceProfile,
			"role_session_name", `"lesson-$(date +%s)-$$"`) // see run.profile
	}
	s.line("%s", strings.Join(words, " "))
}

// check defines a shell function that succeeds when the check passes.
func (s *script) check(name string, c Check) {
	s.line("%s() {", name)
	switch command := s.command(c.Call); {
	case c.Event != nil:
		result := c.Event.Error
		if result == "" {
			result = "ok"
		}
		s.line("\thappened %s %s %s", c.Event.Name, c.Event.By, result)
	case c.Want.Error != "":
		s.line("\tif out=$(eval %s 2>&1); then return 1; fi", command)
		s.line("\tanswers %s %s", c.Want.Error, shell.Quote(c.Want.Message))
	case len(c.Want.Output) == 0:
		s.line("\teval %s", command)
	default:
		var tests []string
		for _, path := range slices.Sorted(maps.Keys(c.Want.Output)) {
			tests = append(tests, fmt.Sprintf("is %s %s %s", shell.Quote(jmesPath(path)), shell.Quote(fmt.Sprint(c.Want.Output[path])), command))
		}
		s.line("\t%s", strings.Join(tests, " &&\n\t"))
	}
	s.line("}")
}

// command is the call as one shell word that eval runs; its variables are the shell's.
func (s *script) command(c Call) string {
	if c.Call == "" {
		return ""
	}
	service, operation, _ := strings.Cut(c.Call, ":")
	text := s.client.Text(c.As, service, operation, c.With)
	// Text has put '${NAME}' in quotes as a word of its own, where the shell would not see the variable.
	text = quotedVariable.ReplaceAllString(text, `"$1"`)
	return shell.Quote(text)
}

var quotedVariable = regexp.MustCompile(`'(\$\{[A-Z_]+\})'`)

// jmesPath turns "Buckets.0.Name" into "Buckets[0].Name".
func jmesPath(path string) string { return index.ReplaceAllString(path, "[$1]") }

var index = regexp.MustCompile(`\.(\d+)`)

func quoteAll(words []string) []string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = shell.Quote(word)
	}
	return quoted
}
