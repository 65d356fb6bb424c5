package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
)

func consoleCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "console",
		Short: "Show where the web console is and who can sign in to it",
		Long: `console shows the web console's address, and the names and passwords that the world started with. Passwords that
were changed since are not known.`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			world, err := emulator.ReadWorld(filepath.Join(dataDir(cmd), "world.yaml"))
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%s/console/\n\n", strings.TrimSuffix(c.URL(), "/"))
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ACCOUNT\tNAME\tSIGN IN AS\tPASSWORD")
			for _, a := range world.Accounts {
				fmt.Fprintf(table, "%s\t%s\tIAM user %s\t%s\n", a.ID, a.Name, a.Admin.Name, a.Admin.Password)
				fmt.Fprintf(table, "\t\troot user %s\t%s\n", a.Root.Email, a.Root.Password)
			}
			return table.Flush()
		},
	}
}
