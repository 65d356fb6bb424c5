package tutorial

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// boto3 is the Client of AWS's SDK for Python: a process that makes the calls it reads, one JSON document a line.
type boto3 struct {
	in  io.WriteCloser
	out *bufio.Scanner
	cmd *exec.Cmd
}

const boto3Program = `
import json, sys, boto3, botocore.exceptions
for line in sys.stdin:
    call = json.loads(line)
    try:
        # A new session each time: the profiles change while the lesson runs.
        client = boto3.Session(profile_name=call["profile"]).client(call["service"])
        names = {api: python for python, api in client.meta.method_to_api_mapping.items()}
        output = getattr(client, names[call["operation"]])(**call["input"])
        output.pop("ResponseMetadata", None)
        if "Body" in output:
            output["Body"] = output["Body"].read().decode()
        answer = {"output": output}
    except botocore.exceptions.ClientError as e:
        answer = {"code": e.response["Error"]["Code"], "message": e.response["Error"].get("Message", "")}
    except Exception as e:
        answer = {"failed": str(e)}
    print(json.dumps(answer, default=str), flush=True)
`

// startBoto3 returns nil when this machine has no Python with boto3.
func startBoto3(environment []string) (*boto3, error) {
	if exec.Command("python3", "-c", "import boto3").Run() != nil {
		return nil, nil
	}
	c := &boto3{cmd: exec.Command("python3", "-c", boto3Program)}
	c.cmd.Env, c.cmd.Stderr = environment, os.Stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewScanner(out)
	c.out.Buffer(nil, 1<<20)
	return c, c.cmd.Start()
}

func (c *boto3) stop() {
	c.in.Close()
	c.cmd.Wait()
}

func (c *boto3) Text(profile, service, operation string, input map[string]any) string {
	text, _ := json.Marshal(input)
	return fmt.Sprintf("%s: %s.%s(%s)", profile, service, operation, text)
}

func (c *boto3) Call(_ context.Context, profile, service, operation string, input map[string]any) (map[string]any, error) {
	line, err := json.Marshal(map[string]any{"profile": profile, "service": service, "operation": operation, "input": input})
	if err != nil {
		return nil, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	if !c.out.Scan() {
		return nil, errors.Join(errors.New("python ended"), c.out.Err())
	}
	var answer struct {
		Output                map[string]any
		Code, Message, Failed string
	}
	if err := json.Unmarshal(c.out.Bytes(), &answer); err != nil {
		return nil, err
	}
	switch {
	case answer.Failed != "":
		return nil, errors.New(answer.Failed)
	case answer.Code != "":
		return nil, &APIError{Code: answer.Code, Message: answer.Message}
	}
	return answer.Output, nil
}
