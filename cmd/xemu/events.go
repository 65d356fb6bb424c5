package main

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
)

func eventsCommand() *cobra.Command {
	limit := 20
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List the last requests, oldest first",
		Long: `events lists the last requests: when, the request id, the operation, "ok" or the error code, and the caller. A request id
is what 'xemu why' takes.`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			events, err := emulator.Events(c, limit)
			if err != nil {
				return err
			}
			if len(events) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "No requests yet.")
				return nil
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "TIME\tREQUEST ID\tOPERATION\tRESULT\tCALLER")
			for _, e := range slices.Backward(events) {
				result, caller := "ok", e.UserIdentity.ARN
				if e.ErrorCode != "" {
					result = e.ErrorCode
				}
				if caller == "" {
					caller = "anonymous"
					if id := e.UserIdentity; id.Provider != "" {
						caller = id.UserName + " of " + id.Provider
					}
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", e.EventTime.Local().Format("15:04:05"), e.RequestID, e.Operation(), result, caller)
			}
			return table.Flush()
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "how many, at most 1000")
	return cmd
}
