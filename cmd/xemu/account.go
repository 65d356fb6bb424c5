package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator/admin"
)

func accountCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account",
		Short: "List or create accounts on the running server",
	}
	cmd.AddCommand(accountListCommand(), accountCreateCommand())
	return cmd
}

func accountListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the accounts",
		Args:  arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			var accounts []admin.Account
			if err := c.Call("GET", "/_xemu/accounts", nil, &accounts); err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tNAME\tALIAS\tPROFILES")
			for _, a := range accounts {
				profiles := "none: it is entered by a role of its organization"
				if a.Profile != "" {
					profiles = a.Profile + ", " + a.Profile + "-root"
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.ID, a.Name, a.Alias, profiles)
			}
			return table.Flush()
		},
	}
}

func accountCreateCommand() *cobra.Command {
	var a admin.Account
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Create an account with a root user and an administrator",
		Example: "  xemu account create staging --id 777788889999",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			a.Name = args[0]
			var created admin.Account
			if err := c.Call("POST", "/_xemu/accounts", a, &created); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "account %s %s: profiles %s (user admin) and %s-root\n", created.ID, created.Name, created.Profile, created.Profile)
			return nil
		},
	}
	cmd.Flags().StringVar(&a.ID, "id", "", "the account id, 12 digits (default: random)")
	cmd.Flags().StringVar(&a.Alias, "alias", "", "the account alias")
	cmd.Flags().StringVar(&a.Email, "email", "", "the root user's email address")
	return cmd
}

func resetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Put the running server's world back to how it started; keys stay the same",
		Args:  arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			if err := c.Call("POST", "/_xemu/reset", nil, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "The world is as it was at the start; accounts and keys are the same, all else and the events are gone.")
			return err
		},
	}
}
