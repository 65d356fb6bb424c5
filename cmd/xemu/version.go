package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print xemu's version",
		Args:  arguments(0, 0),
		Run: func(cmd *cobra.Command, args []string) {
			fmt.Fprintf(cmd.OutOrStdout(), "xemu %s %s/%s %s\n", emulator.Version, runtime.GOOS, runtime.GOARCH, runtime.Version())
		},
	}
}
