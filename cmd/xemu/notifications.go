package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator/admin"
)

func notificationsCommand() *cobra.Command {
	var destination, after string
	var limit int
	cmd := &cobra.Command{
		Use:   "notifications",
		Short: "Show what buckets' notifications delivered, or post it to a URL",
		Long: "xemu has no queues, topics, functions and event buses. What a bucket's notifications deliver to them is kept, the newest\n" +
			"10,000 messages, and shown here as lines of JSON, the oldest first. A destination that is mapped to a URL of this machine\n" +
			"gets its messages posted there, too.",
		Example: "  xemu notifications --destination arn:aws:sqs:us-east-1:111122223333:jobs",
		Args:    arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			query := url.Values{"destination": {destination}, "after": {after}, "limit": {strconv.Itoa(limit)}}
			var all []admin.Notification
			if err := c.Call("GET", "/_xemu/notifications?"+query.Encode(), nil, &all); err != nil {
				return err
			}
			for _, n := range all {
				line, err := json.Marshal(n)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s\n", line); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&destination, "destination", "", "only what was delivered to this ARN")
	cmd.Flags().StringVar(&after, "after", "", "only what is newer than the message of this id")
	cmd.Flags().IntVar(&limit, "limit", 1000, "how many messages to show")
	cmd.AddCommand(webhookCommand())
	return cmd
}

func webhookCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "webhook [DESTINATION-ARN [URL]]",
		Short:   "List webhooks, or post a destination's messages to a URL; without a URL, no longer",
		Example: "  xemu notifications webhook arn:aws:sqs:us-east-1:111122223333:jobs http://127.0.0.1:8080/events",
		Args:    arguments(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			if len(args) == 0 {
				var all []admin.Webhook
				if err := c.Call("GET", "/_xemu/webhooks", nil, &all); err != nil {
					return err
				}
				for _, w := range all {
					if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", w.Destination, w.URL); err != nil {
						return err
					}
				}
				return nil
			}
			return c.Call("PUT", "/_xemu/webhooks", admin.Webhook{Destination: args[0], URL: append(args, "")[1]}, nil)
		},
	}
}
