package tutorial

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
)

// Server is the World of a running emulator.
type Server struct {
	profiles *emulator.Profiles
	admin    *admin.Client
}

// NewServer returns the world of the server that runs on the data directory dir.
func NewServer(dir string) (*Server, error) {
	c, err := admin.NewClient(dir)
	if err != nil {
		return nil, err
	}
	return &Server{profiles: &emulator.Profiles{Dir: filepath.Join(dir, "aws"), URL: c.URL()}, admin: c}, nil
}

// WriteProfile implements World.
func (s *Server) WriteProfile(name string, settings map[string]string) error {
	return s.profiles.Add(name, settings)
}

// Explain implements World.
func (s *Server) Explain() (string, error) {
	event, err := emulator.LastDenial(s.admin)
	return event.String(), err
}

// Happened implements World.
func (s *Server) Happened(name, arnPrefix, errorCode string) (bool, error) {
	events, err := emulator.Events(s.admin, 1000)
	return slices.ContainsFunc(events, func(e emulator.Event) bool {
		return e.EventName == name && strings.HasPrefix(e.UserIdentity.ARN, arnPrefix) && e.ErrorCode == errorCode
	}), err
}

// RunWithAWSCLI starts an emulator in a temporary directory and carries a lesson out in it with the real AWS CLI.
func RunWithAWSCLI(lesson *Lesson, out io.Writer) error {
	return InTemporaryWorld(func(dir string, profiles *emulator.Profiles) error {
		world, err := NewServer(dir)
		if err != nil {
			return err
		}
		work := filepath.Join(dir, "work")
		if err := os.Mkdir(work, 0o700); err != nil {
			return err
		}
		environment, err := profiles.Environment("")
		if err != nil {
			return err
		}
		client, err := NewAWSCLI(work, append(Environ(), environment...), profiles.URL)
		if err != nil {
			return err
		}
		return Run(lesson, client, world, out)
	})
}

// InTemporaryWorld runs fn beside a new emulator with the default world; nothing of it stays.
func InTemporaryWorld(fn func(dir string, profiles *emulator.Profiles) error) (err error) {
	dir, err := os.MkdirTemp("", "xemu-lesson-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	srv, err := emulator.Listen(emulator.Config{Addr: "127.0.0.1:0", Dir: dir})
	if err != nil {
		return err
	}
	defer srv.Close()
	go srv.Serve()
	return fn(dir, srv.Profile)
}

// Environ is the process's environment without what would come before the AWS config files.
func Environ() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(name, "AWS_") && name != "AWS_CA_BUNDLE"
	})
}
