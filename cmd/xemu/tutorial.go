package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/tutorial"
)

func tutorialCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "tutorial",
		Short: "List the lessons, or see one carried out",
	}
	cmd.AddCommand(
		&cobra.Command{
			Use:   "list",
			Short: "List the lessons",
			Args:  arguments(0, 0),
			RunE: func(cmd *cobra.Command, args []string) error {
				for _, name := range tutorial.Names() {
					lesson, err := tutorial.Load(name)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", name, lesson.Title)
				}
				return nil
			},
		},
		&cobra.Command{
			Use:   "run LESSON",
			Short: "Carry a lesson out with the AWS CLI, in a world of its own",
			Long: `run starts an emulator in a temporary directory and carries out every step of a lesson in it with the real AWS CLI:
each command, its result and the checks, the usual mistakes included. Nothing of it stays.`,
			Example: "  xemu tutorial run cross-account-role",
			Args:    arguments(1, 1),
			RunE: func(cmd *cobra.Command, args []string) error {
				lesson, err := tutorial.Load(args[0])
				if err != nil {
					return err
				}
				return tutorial.RunWithAWSCLI(lesson, cmd.OutOrStdout())
			},
		},
		&cobra.Command{
			Use:   "script LESSON",
			Short: "Print a lesson as a shell script that runs against the server",
			Args:  arguments(1, 1),
			RunE: func(cmd *cobra.Command, args []string) error {
				lesson, err := tutorial.Load(args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprint(cmd.OutOrStdout(), tutorial.Script(lesson))
				return err
			},
		})
	return cmd
}
