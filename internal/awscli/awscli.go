// Package awscli finds the AWS CLI of this machine.
package awscli

import (
	"errors"
	"fmt"
	"os/exec"
)

// Find returns the path of aws. modern says that it reads endpoint_url in its config file, as it does since 1.29 and 2.13;
// one that does not would go to AWS itself unless each command names the endpoint. The error says what to do.
func Find() (path string, modern bool, err error) {
	if path, err = exec.LookPath("aws"); err == nil {
		var version []byte
		if version, err = exec.Command(path, "--version").CombinedOutput(); err == nil {
			return path, isModern(string(version)), nil
		}
	}
	return "", false, errors.New("there is no AWS CLI: install it, so that 'aws --version' works (https://aws.amazon.com/cli/)")
}

func isModern(version string) bool {
	var major, minor int
	fmt.Sscanf(version, "aws-cli/%d.%d", &major, &minor)
	return major == 1 && minor >= 29 || major == 2 && minor >= 13 || major > 2
}
