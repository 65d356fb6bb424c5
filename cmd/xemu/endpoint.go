package main

import (
	"fmt"
	"net/url"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
)

func endpointCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "endpoint",
		Short: "Declare, list or delete VPC endpoints on the running server",
		Long: "A VPC endpoint exists by declaration. A request that has the header " + emulator.EndpointHeader + ": vpce-… comes through it:\n" +
			"the endpoint's policy must allow it too, and conditions see aws:SourceVpce, aws:SourceVpc and aws:VpcSourceIp\n" +
			"instead of aws:SourceIp.",
	}
	cmd.AddCommand(endpointCreateCommand(), endpointListCommand(), endpointDeleteCommand())
	return cmd
}

func endpointCreateCommand() *cobra.Command {
	var e admin.Endpoint
	var file string
	cmd := &cobra.Command{
		Use:     "create VPCE-ID",
		Short:   "Declare a VPC endpoint, or replace one",
		Example: "  xemu endpoint create vpce-1a2b3c4d --vpc vpc-111bbb22 --policy only-reports.json",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			e.ID = args[0]
			if file != "" {
				text, err := os.ReadFile(file)
				if err != nil {
					return err
				}
				e.Policy = string(text)
			}
			if err := c.Call("POST", "/_xemu/endpoints", e, nil); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "requests come through it with the header %s: %s\n", emulator.EndpointHeader, e.ID)
			return err
		},
	}
	cmd.Flags().StringVar(&e.VPC, "vpc", "", "the VPC that it is in (vpc-…)")
	cmd.Flags().StringVar(&e.Account, "account", "", "the account that owns it (aws:VpceAccount)")
	cmd.Flags().StringVar(&file, "policy", "", "the file of its policy (default: everything is allowed)")
	return cmd
}

func endpointListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the VPC endpoints",
		Args:  arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			var endpoints []admin.Endpoint
			if err := c.Call("GET", "/_xemu/endpoints", nil, &endpoints); err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tVPC\tACCOUNT\tPOLICY")
			for _, e := range endpoints {
				policy := "everything"
				if e.Policy != "" {
					policy = fmt.Sprintf("%d characters", len([]rune(e.Policy)))
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", e.ID, e.VPC, e.Account, policy)
			}
			return table.Flush()
		},
	}
}

func endpointDeleteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete VPCE-ID",
		Short: "Delete a VPC endpoint",
		Args:  arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			return c.Call("DELETE", "/_xemu/endpoints/"+url.PathEscape(args[0]), nil, nil)
		},
	}
}
