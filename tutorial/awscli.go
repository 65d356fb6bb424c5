package tutorial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/internal/awscli"
	"github.com/xemu-aws/xemu/internal/shell"
)

// AWSCLI is the client that runs the commands which a learner would type, with the aws on the PATH.
type AWSCLI struct {
	Dir string   // where files are written that commands take or make
	Env []string // NAME=value, with the AWS config files
	// Endpoint is given with each command to a CLI that does not find it in its config file; "" for one that does.
	Endpoint string
}

// Text implements Client: a shell command.
func (c *AWSCLI) Text(profile, service, operation string, input map[string]any) string {
	var before string
	command := []string{"aws", cliService(service), kebab(operation)}
	for _, name := range slices.Sorted(maps.Keys(input)) {
		value := input[name]
		switch v := value.(type) {
		case bool:
			if v {
				command = append(command, "--"+kebab(name))
			} else {
				command = append(command, "--no-"+kebab(name))
			}
		case string:
			if name == "Body" {
				file := filepath.Base(fmt.Sprint(input["Key"]))
				before = fmt.Sprintf("printf %%s %s > %s\n", shell.Quote(v), shell.Quote(file))
				v = file
			}
			command = append(command, "--"+kebab(name), shell.Quote(v))
		case int, int64, float64:
			command = append(command, "--"+kebab(name), fmt.Sprint(v))
		default:
			text, _ := json.Marshal(v) // it came from YAML
			command = append(command, "--"+kebab(name), shell.Quote(string(text)))
		}
	}
	if operation == "GetObject" {
		command = append(command, outfile)
	}
	command = append(command, "--profile", profile)
	if c.Endpoint != "" {
		command = append(command, "--endpoint-url", c.Endpoint)
	}
	return before + strings.Join(command, " ")
}

// AssumesByHand says that this CLI would look for the role of a profile with role_arn on AWS itself, since it does not know
// the endpoint: the lesson then does by hand what the profile is for.
func (c *AWSCLI) AssumesByHand() bool { return c.Endpoint != "" }

// outfile is where get-object puts the body.
const outfile = "downloaded"

// Call implements Client.
func (c *AWSCLI) Call(ctx context.Context, profile, service, operation string, input map[string]any) (map[string]any, error) {
	shell := exec.CommandContext(ctx, "sh", "-c", c.Text(profile, service, operation, input))
	shell.Dir, shell.Env = c.Dir, c.Env
	var stdout, stderr bytes.Buffer
	shell.Stdout, shell.Stderr = &stdout, &stderr
	if err := shell.Run(); err != nil {
		if m := answered.FindStringSubmatch(stderr.String()); m != nil {
			return nil, &APIError{Code: m[1], Message: strings.TrimSpace(m[2])}
		}
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	output := map[string]any{}
	if text := bytes.TrimSpace(stdout.Bytes()); len(text) > 0 {
		if err := json.Unmarshal(text, &output); err != nil {
			return nil, fmt.Errorf("the AWS CLI printed no JSON: %w", err)
		}
	}
	if operation == "GetObject" {
		body, err := os.ReadFile(filepath.Join(c.Dir, outfile))
		if err != nil {
			return nil, err
		}
		output["Body"] = string(body)
	}
	return output, nil
}

var answered = regexp.MustCompile(`(?s)An error occurred \(([^)]+)\) when calling the \w+ operation(?: \([^)]*\))?: (.*)`)

// NewAWSCLI returns the client of the aws on the PATH: dir is where it works, environment names the AWS config files, and
// endpoint is the server's. The error says what to do when there is none.
func NewAWSCLI(dir string, environment []string, endpoint string) (*AWSCLI, error) {
	_, modern, err := awscli.Find()
	if err != nil {
		return nil, err
	}
	c := &AWSCLI{Dir: dir, Env: append(environment, "AWS_PAGER=")}
	if !modern {
		c.Endpoint = endpoint
	}
	return c, nil
}

func cliService(service string) string {
	if service == "s3" {
		return "s3api"
	}
	return service
}

var words = regexp.MustCompile(`[A-Z]+[a-z0-9]*`)

// kebab turns an API name into the AWS CLI's: AssumeRolePolicyDocument is assume-role-policy-document.
func kebab(name string) string {
	return strings.ToLower(strings.Join(words.FindAllString(name, -1), "-"))
}
