package tutorial

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/emulator"
)

// lessonsWith carries out every lesson with a client in a world of its own.
func lessonsWith(t *testing.T, client func(t *testing.T, dir string, profiles *emulator.Profiles) Client) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			lesson, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = InTemporaryWorld(func(dir string, profiles *emulator.Profiles) error {
				world, err := NewServer(dir)
				if err != nil {
					return err
				}
				return Run(lesson, client(t, dir, profiles), world, &out)
			})
			if err != nil {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}

func environment(t *testing.T, profiles *emulator.Profiles) []string {
	t.Helper()
	variables, err := profiles.Environment("")
	if err != nil {
		t.Fatal(err)
	}
	return append(Environ(), variables...)
}

// awsCLI skips the test when this machine has none.
func awsCLI(t *testing.T, environment []string, endpoint string) *AWSCLI {
	t.Helper()
	c, err := NewAWSCLI(t.TempDir(), environment, endpoint)
	if err != nil {
		t.Skip(err)
	}
	return c
}

func TestLessonsWithAWSCLI(t *testing.T) {
	lessonsWith(t, func(t *testing.T, dir string, profiles *emulator.Profiles) Client {
		return awsCLI(t, environment(t, profiles), profiles.URL)
	})
}

func TestLessonsWithGoSDK(t *testing.T) {
	lessonsWith(t, func(t *testing.T, dir string, profiles *emulator.Profiles) Client { return &goSDK{profiles} })
}

func TestLessonsWithBoto3(t *testing.T) {
	lessonsWith(t, func(t *testing.T, dir string, profiles *emulator.Profiles) Client {
		c, err := startBoto3(environment(t, profiles))
		if err != nil {
			t.Fatal(err)
		}
		if c == nil {
			t.Skip("no Python with boto3 here")
		}
		t.Cleanup(c.stop)
		return c
	})
}

// The committed script is the lesson's, and it runs to its end against a running server.
func TestLessonScripts(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			lesson, err := Load(name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(name, "run.sh"))
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != Script(lesson) {
				t.Fatal("run.sh is not the lesson's any more: run go generate ./tutorial")
			}
			if awsCLI(t, nil, "old").Endpoint == "old" {
				t.Skip("the AWS CLI here is too old for the script: it does not know endpoint_url")
			}
			script, err := filepath.Abs(filepath.Join(name, "run.sh"))
			if err != nil {
				t.Fatal(err)
			}
			bin := t.TempDir()
			if out, err := exec.Command("go", "build", "-o", filepath.Join(bin, "xemu"), "../cmd/xemu").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			err = InTemporaryWorld(func(dir string, profiles *emulator.Profiles) error {
				cmd := exec.Command("sh", script)
				cmd.Env = append(Environ(), "XEMU_DATA="+dir, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Logf("%s", out)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// fake answers every call with the same.
type fake struct {
	output map[string]any
	err    error
}

func (f fake) Call(context.Context, string, string, string, map[string]any) (map[string]any, error) {
	return f.output, f.err
}
func (f fake) Text(string, string, string, map[string]any) string { return "" }

type noWorld struct{}

func (noWorld) WriteProfile(string, map[string]string) error  { return nil }
func (noWorld) Explain() (string, error)                      { return "because", nil }
func (noWorld) Happened(name, arn, code string) (bool, error) { return false, nil }

// What a lesson promises is really compared: each of these lessons must fail.
func TestRunFails(t *testing.T) {
	call := Call{Call: "iam:GetUser"}
	wanting := func(w Want) Step { return Step{Do: []Action{{Call: Call{Call: call.Call, Want: w}}}} }
	output := map[string]any{"User": map[string]any{"Name": "a"}, "List": []any{}}
	denied := &APIError{"AccessDenied", "no"}
	for _, test := range []struct {
		name    string
		client  fake
		step    Step
		problem string
	}{
		{"a check that passes before", fake{output: output}, Step{Checks: []Check{{Says: "x", Call: call}}}, "proves nothing"},
		{"an event that has not happened", fake{}, Step{Checks: []Check{{Says: "x", Event: &EventCheck{Name: "GetUser"}}}}, "recorded"},
		{"an error instead of success", fake{err: denied}, wanting(Want{}), "is to succeed"},
		{"success instead of an error", fake{output: output}, wanting(Want{Error: "AccessDenied"}), "succeeded"},
		{"another error", fake{err: denied}, wanting(Want{Error: "NoSuchEntity"}), "NoSuchEntity"},
		{"another message", fake{err: denied}, wanting(Want{Error: "AccessDenied", Message: "never"}), "never"},
		{"another explanation", fake{err: denied}, wanting(Want{Error: "AccessDenied", Why: []string{"never"}}), "explanation"},
		{"another value", fake{output: output}, wanting(Want{Output: map[string]any{"User.Name": "b"}}), "User.Name"},
		{"no value", fake{output: output}, wanting(Want{Output: map[string]any{"List.0": "b"}}), "List.0"},
		{"a client that cannot call", fake{err: errors.New("broken")}, wanting(Want{Error: "broken"}), "broken"},
	} {
		err := Run(&Lesson{Steps: []Step{test.step}}, test.client, noWorld{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestNames(t *testing.T) {
	if _, err := Load("no-such-lesson"); err == nil || !strings.Contains(err.Error(), "cross-account-role") {
		t.Errorf("error %v does not name the lessons", err)
	}
	for api, cli := range map[string]string{"AssumeRolePolicyDocument": "assume-role-policy-document", "UserName": "user-name"} {
		if got := kebab(api); got != cli {
			t.Errorf("kebab(%s) = %s", api, got)
		}
	}
}

// byHand is a client whose CLI does not assume roles for profiles.
type byHand struct{ fake }

func (byHand) AssumesByHand() bool { return true }

// profiles remembers what was written.
type profiles struct {
	noWorld
	written map[string]map[string]string
}

func (p profiles) WriteProfile(name string, settings map[string]string) error {
	p.written[name] = settings
	return nil
}

func TestRoleProfile(t *testing.T) {
	lesson := &Lesson{Steps: []Step{{Do: []Action{{Profile: &Profile{Name: "switched", RoleARN: "arn:role", SourceProfile: "u"}}}}}}
	output := map[string]any{"Credentials": map[string]any{"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t"}}
	for _, test := range []struct {
		client Client
		want   map[string]string
	}{
		{fake{output: output}, map[string]string{"role_arn": "arn:role", "source_profile": "u"}},
		{byHand{fake{output: output}}, map[string]string{"aws_access_key_id": "ASIA", "aws_session_token": "t", "role_arn": ""}},
	} {
		world := profiles{written: map[string]map[string]string{}}
		if err := Run(lesson, test.client, world, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		for name, want := range test.want {
			if got := world.written["switched"][name]; got != want {
				t.Errorf("%T: %s = %q, want %q", test.client, name, got, want)
			}
		}
	}
}
