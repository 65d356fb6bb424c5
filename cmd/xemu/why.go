package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
)

func whyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "why [REQUEST-ID]",
		Short:   "Explain how a request was decided",
		Example: "  xemu why\n  xemu why 314a69ca-55d3-45be-9747-68b0242e6a1c",
		Long: `why prints the decision on a request: which policy of which account decided, what the others said, which
statement nearly matched, and what would allow it. Without a request id it explains the last request that was denied.

The id is in every response (x-amzn-RequestId, x-amz-request-id); 'xemu events' lists the last ones.`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			var event emulator.Event
			if len(args) == 1 {
				err = c.Call("GET", "/_xemu/explain/"+url.PathEscape(args[0]), nil, &event)
			} else {
				event, err = emulator.LastDenial(c)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), event)
			return err
		},
	}
}
