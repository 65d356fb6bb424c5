// Package accessanalyzer emulates IAM Access Analyzer's checks of policies: policy validation and the custom policy checks.
// They need no analyzer and keep no state; package lint decides them.
package accessanalyzer

import (
	"context"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

var checkOps = wire.Ops(
	wire.Op((*Service).ValidatePolicy, allowed("ValidatePolicy")),
	wire.Op((*Service).CheckAccessNotGranted, allowed("CheckAccessNotGranted")),
	wire.Op((*Service).CheckNoNewAccess, allowed("CheckNoNewAccess")),
	wire.Op((*Service).CheckNoPublicAccess, allowed("CheckNoPublicAccess")),
)

// Service is IAM Access Analyzer. Its methods are safe for concurrent use.
type Service struct{}

// New returns Access Analyzer.
func New() *Service { return &Service{} }

// Operations returns the operations by name.
func (s *Service) Operations() map[string]wire.Operation { return wire.Bind(s, checkOps) }

// allowed is the rule of the checks: their actions have no resource types ("Actions, resources, and condition keys for AWS IAM
// Access Analyzer", Service Authorization Reference).
func allowed(operation string) wire.Rule {
	return wire.Any(func(context.Context, *Service, any) ([]wire.Need, error) {
		return []wire.Need{{Action: "access-analyzer:" + operation, Resource: "*"}}, nil
	})
}

// maxPolicy bounds policies, in bytes. The largest quota of a policy is a quarter of it.
const maxPolicy = 128 << 10

// policy is a policy document of an input.
func policy(text *string) (string, error) {
	if len(*text) > maxPolicy {
		return "", invalid("The policy document is too large.")
	}
	return *text, nil
}

// invalid is the answer to an input that the model cannot refuse.
func invalid(message string) error {
	return awserr.ValidationException.Errorf("%s", message).With("reason", "fieldValidationFailed")
}
