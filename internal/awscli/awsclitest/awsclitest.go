// Package awsclitest gives tests the AWS CLI of this machine.
package awsclitest

import (
	"testing"

	"github.com/xemu-aws/xemu/internal/awscli"
)

// Find returns the path of aws, and skips the test where there is none that reads endpoint_url in its config file: an older
// one would go to AWS itself. Short tests do not start it either.
func Find(t *testing.T) string {
	t.Helper()
	cli, modern, err := awscli.Find()
	if !modern {
		t.Skip("no AWS CLI that knows endpoint_url in its config file: ", err)
	}
	if testing.Short() {
		t.Skip("starts the AWS CLI several times")
	}
	return cli
}
