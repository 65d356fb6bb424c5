// Command xemu answers the AWS IAM, STS and S3 APIs on this machine. "xemu --help" tells the rest.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program, for tests too: it returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteC()
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode() // of the command that xemu exec ran, which has said why
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "xemu:", strings.TrimSpace(err.Error()))
	var usage usageError
	if errors.As(err, &usage) || cmd == root {
		fmt.Fprintf(stderr, "usage: %s\n'%s --help' tells more\n", cmd.UseLine(), cmd.CommandPath())
	}
	return 1
}

// usageError is an error of the command line itself.
type usageError struct{ error }

// arguments checks the number of a command's arguments.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return usageError{errors.New("something is missing")}
		case len(args) > most:
			return usageError{fmt.Errorf("%q is too much", args[most])}
		}
		return nil
	}
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "xemu",
		Short: "AWS IAM, STS and S3 on this machine, every signature verified and every policy evaluated",
		Long: `xemu answers the AWS IAM, STS and S3 APIs on this machine, in a world of several accounts, with every
signature verified and every policy evaluated. No AWS account is needed, and nothing leaves the machine.

Start here:
  xemu tutorial run cross-account-role   see the first lesson done, step by step
  xemu serve                             start the server
  eval "$(xemu env)"                     in another terminal: point the AWS CLI at it
  aws iam list-users --profile production
  xemu why                               why the last denied request was denied`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().String("data", defaultData(), "the data directory (or set XEMU_DATA)")
	root.AddCommand(serveCommand(), envCommand(), execCommand(), consoleCommand(), accountCommand(), endpointCommand(), instanceCommand(), taskCommand(), delegationCommand(), oidcCommand(), samlCommand(), clockCommand(), whyCommand(), simulateCommand(), lintCommand(), eventsCommand(), notificationsCommand(), resetCommand(), tutorialCommand(), versionCommand())
	return root
}

func defaultData() string {
	if dir := os.Getenv("XEMU_DATA"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".xemu"
	}
	return filepath.Join(home, ".xemu")
}

func dataDir(cmd *cobra.Command) string {
	dir, _ := cmd.Flags().GetString("data") // it is defined above
	return dir
}
