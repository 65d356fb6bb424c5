// Package tutorial holds the lessons and runs them. A lesson is a folder of data: [Load] reads it, [Run] carries it out
// with a client such as the AWS CLI, checking each step.
package tutorial

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"

	"go.yaml.in/yaml/v3"
)

//go:embed */lesson.yaml
var lessons embed.FS

// Lesson is a lesson.yaml.
type Lesson struct {
	Name    string `yaml:"-"` // the folder's
	Title   string
	Teaches string
	Steps   []Step
}

// Step is a part of a lesson with one goal.
type Step struct {
	Title, Goal string
	Console     string   // how it is done in the web console
	Do          []Action // how it is done with the AWS CLI
	// Checks tell whether the step has been done: each fails before it and passes after it.
	Checks      []Check
	Hints       []string // from a nudge to nearly the answer
	Explanation string   // shown after success
}

// Action is a call that the learner makes, or a profile that the learner writes, or a call with whose result a profile
// is written.
type Action struct {
	// Mistake introduces a call that goes wrong on purpose, or the calls that lead to one.
	Mistake string
	Call    `yaml:",inline"`
	Save    map[string]string // variables from the output, by path ("Role.Arn")
	Profile *Profile
}

// Call is an API call made as an identity, with what it is to answer. Its strings may hold variables: ${ROLE_ARN}.
type Call struct {
	As   string         // a profile
	Call string         // "iam:CreateRole"; "" for none
	With map[string]any // the parameters, in the AWS CLI's JSON names; a Body is text
	Want Want
}

// Check is a call, or an event that must have been recorded.
type Check struct {
	Says  string
	Call  `yaml:",inline"`
	Event *EventCheck
}

// EventCheck looks for a recorded request by the beginning of the caller's ARN; Error "" means that it succeeded.
type EventCheck struct{ Name, By, Error string }

// Want is what a call is to answer: the error, or parts of the output by path. The zero value is any success.
type Want struct {
	Error   string
	Message string // a part of the error's message
	Why     []string
	Output  map[string]any
}

// Profile is written to the AWS config files: with credentials from an output (From is their path), or with a role to
// assume.
type Profile struct {
	Name          string
	From          string
	RoleARN       string `yaml:"role_arn"`
	SourceProfile string `yaml:"source_profile"`
}

// Names returns the lessons' names.
func Names() []string {
	var names []string
	files, _ := fs.Glob(lessons, "*/lesson.yaml") // the pattern is sound
	for _, file := range files {
		names = append(names, path.Dir(file))
	}
	return names
}

// Load reads a lesson. The error names the lessons that there are.
func Load(name string) (*Lesson, error) {
	text, err := lessons.ReadFile(name + "/lesson.yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no lesson %q; there are %v", name, Names())
	}
	lesson := &Lesson{Name: name}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(lesson); err != nil {
		return nil, fmt.Errorf("lesson %s: %w", name, err)
	}
	return lesson, nil
}
