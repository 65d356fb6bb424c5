package main

import (
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator"
)

func whyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "why [REQUEST-ID]",
		Short: "Explain how a request was decided",
		Long: `why prints the decision on a request: which policy of which account decided, what the others said, which
statement nearly matched, and what would allow it. Without a request id it explains the last request that was denied.

The id is in every response (x-amzn-RequestId, x-amz-request-id); the AWS CLI shows it with --debug.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := newClient(cmd)
			if err != nil {
				return err
			}
			var event emulator.Event
			if len(args) == 1 {
				err = c.call("GET", "/_xemu/explain/"+url.PathEscape(args[0]), nil, &event)
			} else {
				event, err = lastDenial(c)
			}
			if err != nil {
				return err
			}
			explain(cmd.OutOrStdout(), event)
			return nil
		},
	}
}

func lastDenial(c *client) (emulator.Event, error) {
	var events []emulator.Event
	if err := c.call("GET", "/_xemu/events?limit=1000", nil, &events); err != nil {
		return emulator.Event{}, err
	}
	for _, e := range events {
		for _, d := range e.Decisions {
			if d.Effect != authz.Allowed {
				return e, nil
			}
		}
	}
	return emulator.Event{}, fmt.Errorf("none of the last %d requests was denied", len(events))
}

func explain(out io.Writer, e emulator.Event) {
	fmt.Fprintf(out, "%s  %s  %s:%s\n", e.EventTime.Local().Format("15:04:05"), e.RequestID, serviceOf(e), e.EventName)
	if e.ErrorCode != "" {
		fmt.Fprintf(out, "answered %s: %s\n", e.ErrorCode, e.ErrorMessage)
	}
	if e.Mode == emulator.Off {
		fmt.Fprintln(out, "enforcement was off: no policy was evaluated")
	} else if len(e.Decisions) == 0 {
		fmt.Fprintln(out, "no policy was evaluated for it")
	}
	for _, d := range e.Decisions {
		fmt.Fprintln(out)
		if d.Text != "" {
			fmt.Fprintln(out, d.Text)
			continue
		}
		fmt.Fprintf(out, "%s on %s: %s by %s %s\n", d.Action, d.Resource, d.Effect, d.By, d.Policy)
	}
}

func serviceOf(e emulator.Event) string {
	const suffix = ".amazonaws.com"
	return e.EventSource[:max(0, len(e.EventSource)-len(suffix))]
}
