package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/authz/lint"
)

// policyTypes are the values of --type.
var policyTypes = map[string]lint.Options{
	"identity": {Type: lint.Identity},
	"resource": {Type: lint.Resource},
	"bucket":   {Type: lint.Resource, ResourceType: lint.Bucket},
	"trust":    {Type: lint.Resource, ResourceType: lint.AssumeRolePolicy},
	"scp":      {Type: lint.SCP},
	"rcp":      {Type: lint.RCP},
}

func lintCommand() *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:     "lint FILE...",
		Short:   "Check policies as IAM Access Analyzer does",
		Example: "  xemu lint policy.json\n  xemu lint --type trust trust.json\n  aws iam get-role … | xemu lint --type trust -",
		Long: `lint prints the findings of IAM Access Analyzer's policy validation on policies in files, or of standard input for "-":
their place (line:column), weight, issue code and what to do. It needs no server.

Errors (a part of the policy does not work) make the exit code 1; security warnings, warnings and suggestions do not.
"aws accessanalyzer validate-policy" answers the same from a running server.`,
		Args: arguments(1, math.MaxInt),
		RunE: func(cmd *cobra.Command, files []string) error {
			options, ok := policyTypes[kind]
			if !ok {
				return usageError{fmt.Errorf("--type %s: it is one of identity, resource, bucket, trust, scp and rcp", kind)}
			}
			errors := 0
			for _, file := range files {
				text, err := readPolicy(cmd, file)
				if err != nil {
					return err
				}
				errors += printFindings(cmd.OutOrStdout(), file, lint.Validate(text, options))
			}
			switch errors {
			case 0:
				return nil
			case 1:
				return fmt.Errorf("1 error")
			}
			return fmt.Errorf("%d errors", errors)
		},
	}
	cmd.Flags().StringVar(&kind, "type", "identity", "what the policy is: identity, resource, bucket, trust, scp or rcp")
	return cmd
}

// readPolicy reads a file, or standard input for "-".
func readPolicy(cmd *cobra.Command, file string) (string, error) {
	if file != "-" {
		text, err := os.ReadFile(file)
		return string(text), err
	}
	text, err := io.ReadAll(cmd.InOrStdin())
	return string(text), err
}

// printFindings prints a line for each finding, in the form that editors follow, and counts the errors.
func printFindings(w io.Writer, file string, findings []lint.Finding) (errors int) {
	for _, f := range findings {
		if f.Type == lint.Error {
			errors++
		}
		at := f.Locations[0]
		place := ""
		if path := at.String(); path != "" {
			place = " (" + path + ")"
		}
		weight := strings.ToLower(strings.ReplaceAll(string(f.Type), "_", " "))
		fmt.Fprintf(w, "%s:%d:%d: %s: %s: %s%s\n", file, at.Span.Start.Line, at.Span.Start.Column+1, weight, f.Code, f.Details, place)
	}
	if len(findings) == 0 {
		fmt.Fprintf(w, "%s: no findings\n", file)
	}
	return errors
}
