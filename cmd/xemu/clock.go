package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator/admin"
)

func clockCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clock [ADVANCE]",
		Short: "Show the running server's clock, or move it on",
		Long: "Sessions, presigned URLs, lifecycle rules, retention and everything else that expires follow the server's clock.\n" +
			"ADVANCE moves it on, and returns when what is due by then is done. It goes back to the real time with 'xemu reset'.",
		Example: "  xemu clock 90m\n  xemu clock 30d",
		Args:    arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			method, in := "GET", any(nil)
			if len(args) == 1 {
				by, err := advance(args[0])
				if err != nil {
					return err
				}
				method, in = "POST", map[string]string{"advance": by.String()}
			}
			var clock admin.Clock
			if err := c.Call(method, "/_xemu/clock", in, &clock); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s (%s ahead)\n", clock.Now.Format(time.RFC3339), clock.Ahead)
			return err
		},
	}
}

// advance reads a duration as time.ParseDuration does, or in days: "30d".
func advance(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n < 100*365 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	by, err := time.ParseDuration(text)
	if err != nil {
		return 0, usageError{fmt.Errorf("%q is not a duration: give it as 90m, 36h or 30d", text)}
	}
	return by, nil
}
