package tutorial

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Client makes calls as the identities of the AWS config files.
type Client interface {
	// Call returns the output in the AWS CLI's JSON names, or an *APIError. Any other error means that the call could not
	// be made.
	Call(ctx context.Context, profile, service, operation string, input map[string]any) (map[string]any, error)
	// Text is the call as the learner would type it.
	Text(profile, service, operation string, input map[string]any) string
}

// APIError is an error that AWS answered.
type APIError struct{ Code, Message string }

func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// World is the emulator that a lesson runs against.
type World interface {
	// WriteProfile adds a profile to the AWS config files: settings by name, the credentials among them.
	WriteProfile(name string, settings map[string]string) error
	// Explain returns the explanation of the last denial.
	Explain() (string, error)
	// Happened says whether a request was recorded: its name, the beginning of the caller's ARN, the error code.
	Happened(name, arnPrefix, errorCode string) (bool, error)
}

// Run carries out a lesson, printing each command, its result and the checks to out. It stops at the first thing that is
// not as the lesson says, and returns it. Every check is also run before its step, and must fail there.
func Run(lesson *Lesson, client Client, world World, out io.Writer) error {
	r := &run{ctx: context.Background(), client: client, world: world, out: out, variables: map[string]string{}}
	fmt.Fprintf(out, "%s\n\n%s", lesson.Title, lesson.Teaches)
	for i, step := range lesson.Steps {
		fmt.Fprintf(out, "\n== Step %d of %d. %s\n%s\n", i+1, len(lesson.Steps), step.Title, step.Goal)
		if err := r.step(step); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.Title, err)
		}
	}
	fmt.Fprintf(out, "\nThe lesson is done: %d steps, %d checks, each of which failed before its step and passed after it.\n", len(lesson.Steps), r.checks)
	return nil
}

type run struct {
	ctx       context.Context
	client    Client
	world     World
	out       io.Writer
	variables map[string]string
	checks    int
}

func (r *run) step(step Step) error {
	for _, check := range step.Checks {
		if err := r.check(check); err == nil {
			return fmt.Errorf("the check %q passes before the step: it proves nothing", check.Says)
		}
	}
	for _, action := range step.Do {
		if err := r.do(action); err != nil {
			return err
		}
	}
	fmt.Fprintln(r.out)
	for _, check := range step.Checks {
		if err := r.check(check); err != nil {
			return fmt.Errorf("check %q: %w", check.Says, err)
		}
		r.checks++
		fmt.Fprintf(r.out, "  check: %s: yes\n", check.Says)
	}
	fmt.Fprintf(r.out, "\n%s", step.Explanation)
	return nil
}

func (r *run) do(action Action) error {
	if action.Mistake != "" {
		fmt.Fprintf(r.out, "\nA mistake on purpose. %s\n", action.Mistake)
	}
	var output map[string]any
	if action.Call.Call != "" {
		service, operation, _ := strings.Cut(action.Call.Call, ":")
		fmt.Fprintf(r.out, "\n$ %s\n", r.client.Text(action.As, service, operation, r.fill(action.With)))
		var err error
		if output, err = r.call(action.Call); err != nil {
			return err
		}
	}
	for name, path := range action.Save {
		value, err := at(output, path)
		if err != nil {
			return err
		}
		r.variables[name] = fmt.Sprint(value)
	}
	if action.Profile != nil {
		return r.profile(*action.Profile, output)
	}
	return nil
}

// call makes a call, prints its result, and compares it with what it is to be.
func (r *run) call(c Call) (map[string]any, error) {
	service, operation, _ := strings.Cut(c.Call, ":")
	output, err := r.client.Call(r.ctx, c.As, service, operation, r.fill(c.With))
	var api *APIError
	switch {
	case errors.As(err, &api):
		fmt.Fprintf(r.out, "An error occurred (%s) when calling the %s operation: %s\n", api.Code, operation, api.Message)
	case err != nil:
		return nil, err
	case len(output) > 0:
		fmt.Fprintln(r.out, pretty(output))
	}
	if err := c.Want.match(output, err); err != nil {
		return nil, fmt.Errorf("%s as %s: %w", c.Call, c.As, err)
	}
	return output, r.why(c.Want.Why)
}

// why compares the explanation of the denial that was just met.
func (r *run) why(parts []string) error {
	if len(parts) == 0 {
		return nil
	}
	text, err := r.world.Explain()
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "\n$ xemu why\n%s\n", strings.TrimSpace(text))
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return fmt.Errorf("the explanation does not say %q", part)
		}
	}
	return nil
}

// check makes the call quietly.
func (r *run) check(c Check) error {
	if c.Event != nil {
		ok, err := r.world.Happened(c.Event.Name, c.Event.By, c.Event.Error)
		if err == nil && !ok {
			return fmt.Errorf("no such request has been recorded: %+v", *c.Event)
		}
		return err
	}
	quiet := *r
	quiet.out = io.Discard
	_, err := quiet.call(c.Call)
	return err
}

// profile writes a profile, and shows the commands that do.
func (r *run) profile(p Profile, output map[string]any) error {
	settings := map[string]string{}
	if c, ok := r.client.(interface{ AssumesByHand() bool }); ok && c.AssumesByHand() && p.RoleARN != "" {
		input := map[string]any{"RoleArn": r.expand(p.RoleARN), "RoleSessionName": p.Name}
		fmt.Fprintf(r.out, "\n$ %s\n", r.client.Text(p.SourceProfile, "sts", "AssumeRole", input))
		var err error
		if output, err = r.client.Call(r.ctx, p.SourceProfile, "sts", "AssumeRole", input); err != nil {
			return err
		}
		p = Profile{Name: p.Name, From: "Credentials"}
	}
	if p.From != "" {
		value, err := at(output, p.From)
		if err != nil {
			return err
		}
		credentials, _ := value.(map[string]any)
		for name, member := range map[string]string{
			"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey", "aws_session_token": "SessionToken",
		} {
			if v, ok := credentials[member].(string); ok {
				settings[name] = v
			}
		}
	}
	if p.RoleARN != "" {
		settings["role_arn"], settings["source_profile"] = r.expand(p.RoleARN), p.SourceProfile
		// The AWS CLI keeps a role's credentials in a cache by what its profile says; another run is another world.
		settings["role_session_name"] = "lesson-" + rand.Text()
	}
	fmt.Fprintln(r.out)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		shown := settings[name]
		if name == "aws_secret_access_key" || name == "aws_session_token" {
			shown = "..."
		}
		fmt.Fprintf(r.out, "$ aws configure set %s %s --profile %s\n", name, shown, p.Name)
	}
	return r.world.WriteProfile(p.Name, settings)
}

// fill puts variables into the strings of an input.
func (r *run) fill(input map[string]any) map[string]any {
	filled := map[string]any{}
	for name, value := range input {
		if text, ok := value.(string); ok {
			value = r.expand(text)
		}
		filled[name] = value
	}
	return filled
}

// expand leaves policy variables such as ${aws:username} alone.
func (r *run) expand(text string) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string { return r.variables[v[2:len(v)-1]] })
}

var variable = regexp.MustCompile(`\$\{[A-Z_]+\}`)

// match returns what is not as wanted.
func (w Want) match(output map[string]any, err error) error {
	var api *APIError
	switch {
	case err != nil && !errors.As(err, &api):
		return err
	case w.Error == "" && api != nil:
		return fmt.Errorf("it is to succeed, and answered %w", api)
	case w.Error != "" && api == nil:
		return fmt.Errorf("it is to answer %s, and succeeded", w.Error)
	case w.Error != "" && api.Code != w.Error:
		return fmt.Errorf("it is to answer %s, and answered %w", w.Error, api)
	case w.Error != "" && !strings.Contains(api.Message, w.Message):
		return fmt.Errorf("its message is to say %q, and says %q", w.Message, api.Message)
	}
	for path, want := range w.Output {
		got, err := at(output, path)
		if err != nil {
			return err
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("%s is to be %v, and is %v", path, want, got)
		}
	}
	return nil
}

// at returns the value at a path such as "Buckets.0.Name".
func at(output map[string]any, path string) (any, error) {
	var value any = output
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return nil, fmt.Errorf("the output has no %s", path)
			}
			value = v[i]
		default:
			value = nil
		}
		if value == nil {
			return nil, fmt.Errorf("the output has no %s", path)
		}
	}
	return value, nil
}

func pretty(output map[string]any) string {
	shown := map[string]any{}
	for name, value := range output {
		if name != "ResponseMetadata" {
			shown[name] = value
		}
	}
	text, err := json.MarshalIndent(shown, "", "    ")
	if err != nil {
		return fmt.Sprint(shown)
	}
	return string(text)
}
