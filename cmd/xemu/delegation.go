package main

import (
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator/admin"
)

func delegationCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delegation REQUEST-ID",
		Short: "Show the token that the partner of an IAM delegation request was sent",
		Long:  "AWS sends the token of SendDelegationToken to the partner's SNS topic. There is none here, so the partner finds it so.",
		Args:  arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			var sent struct{ Token string }
			if err := c.Call("GET", "/_xemu/delegations/"+url.PathEscape(args[0])+"/token", nil, &sent); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), sent.Token)
			return err
		},
	}
}
