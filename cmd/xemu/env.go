package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/internal/shell"
)

func envCommand() *cobra.Command {
	var profile string
	var show bool
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print what points the AWS CLI and SDKs at xemu",
		Long: `env prints export lines for a shell, so that the AWS CLI and every SDK use xemu's profiles:

  eval "$(xemu env)"                       all profiles; choose one with --profile or AWS_PROFILE
  eval "$(xemu env --profile production)"  and choose that one
  xemu env --profiles                      print the profiles themselves, keys included`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			profiles, err := openProfiles(cmd)
			if err != nil {
				return err
			}
			if show {
				for _, path := range []string{profiles.ConfigFile(), profiles.CredentialsFile()} {
					text, err := os.ReadFile(path)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "# %s\n%s", path, text)
				}
				return nil
			}
			variables, err := profiles.Environment(profile)
			if err != nil {
				return err
			}
			for _, v := range variables {
				name, value, _ := strings.Cut(v, "=")
				fmt.Fprintf(cmd.OutOrStdout(), "export %s=%s\n", name, shell.Quote(value))
			}
			notRunning(cmd)
			// Keys in the environment would come before the profile's.
			fmt.Fprintln(cmd.OutOrStdout(), "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN")
			return nil
		},
	}
	cmd.Flags().StringVar(&profile, "profile", "", "set AWS_PROFILE to this profile")
	cmd.Flags().BoolVar(&show, "profiles", false, "print the profiles instead")
	return cmd
}

func execCommand() *cobra.Command {
	var profile string
	cmd := &cobra.Command{
		Use:   "exec --profile NAME -- COMMAND [ARGUMENT...]",
		Short: "Run a command as an identity of xemu",
		Long: `exec runs any program with the environment that makes the AWS CLI and every SDK use one of xemu's identities. Its exit
code is the program's.`,
		Example: "  xemu exec --profile development -- aws iam list-users",
		Args:    arguments(1, math.MaxInt),
		RunE: func(cmd *cobra.Command, args []string) error {
			profiles, err := openProfiles(cmd)
			if err != nil {
				return err
			}
			if profile == "" {
				return usageError{errors.New("--profile is missing: as whom?")}
			}
			variables, err := profiles.Environment(profile)
			if err != nil {
				return err
			}
			child := exec.Command(args[0], args[1:]...)
			child.Env = append(withoutCredentials(os.Environ()), variables...)
			child.Stdin, child.Stdout, child.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
			return child.Run()
		},
	}
	cmd.Flags().StringVar(&profile, "profile", "", "the profile to run as (see xemu env --profiles)")
	cmd.Flags().SetInterspersed(false) // flags behind the command are the command's, with or without --
	return cmd
}

// openProfiles returns the profiles of the data directory. The error says how to get one.
func openProfiles(cmd *cobra.Command) (*emulator.Profiles, error) {
	dir, err := filepath.Abs(dataDir(cmd))
	if err != nil {
		return nil, err
	}
	profiles := &emulator.Profiles{Dir: filepath.Join(dir, "aws")}
	if _, err := os.Stat(profiles.CredentialsFile()); err != nil {
		return nil, fmt.Errorf("%s has no profiles yet: start the server once with 'xemu serve --data %s'", dir, dir)
	}
	return profiles, nil
}

// notRunning tells a user who points clients at a server that does not run. It goes to stderr, since stdout is for eval.
func notRunning(cmd *cobra.Command) {
	c, err := admin.NewClient(dataDir(cmd))
	if err == nil {
		err = c.Call("GET", "/_xemu/health", nil, nil)
	}
	if err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "xemu: note:", err)
	}
}

// withoutCredentials drops the variables that would come before a profile.
func withoutCredentials(environment []string) []string {
	var kept []string
	for _, v := range environment {
		switch name, _, _ := strings.Cut(v, "="); name {
		case "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE":
		default:
			kept = append(kept, v)
		}
	}
	return kept
}
