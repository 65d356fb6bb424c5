package main

import (
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/internal/shell"
)

func instanceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "instance",
		Short: "Run programs as the role of an EC2 instance",
		Long: `An instance exists by declaration: it is an instance metadata service (IMDSv2) that hands out the role of an instance
profile, which must trust ec2.amazonaws.com. A program that finds its credentials as every SDK does then runs as that role.`,
	}
	cmd.AddCommand(
		runWorkload("run --profile ARN [-- COMMAND [ARGUMENT...]]", "profile", "the ARN of the instance profile",
			`  eval "$(xemu instance run --profile arn:aws:iam::111122223333:instance-profile/web)"
  xemu instance run --profile arn:aws:iam::111122223333:instance-profile/web -- python3 program.py`,
			func(w *admin.Workload) *string { return &w.InstanceProfile }),
		listWorkloads("instances", func(w admin.Workload) string { return w.InstanceProfile }),
		stopWorkload("terminate INSTANCE-ID", "Terminate an instance"))
	return cmd
}

func taskCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "task",
		Short: "Run programs as the role of an ECS task",
		Long: `A task exists by declaration: it is a container credentials endpoint that hands out a role, which must trust
ecs-tasks.amazonaws.com. A program that finds its credentials as every SDK does then runs as that role.`,
	}
	cmd.AddCommand(
		runWorkload("run --role ARN [-- COMMAND [ARGUMENT...]]", "role", "the ARN of the task's role",
			`  eval "$(xemu task run --role arn:aws:iam::111122223333:role/worker)"
  xemu task run --role arn:aws:iam::111122223333:role/worker -- node program.js`,
			func(w *admin.Workload) *string { return &w.TaskRole }),
		listWorkloads("tasks", func(w admin.Workload) string { return w.TaskRole }),
		stopWorkload("stop TASK-ID", "Stop a task"))
	return cmd
}

// runWorkload begins a workload, and runs a command in it until it ends, or prints what points a shell at it.
func runWorkload(use, flag, usage, example string, field func(*admin.Workload) *string) *cobra.Command {
	var w admin.Workload
	cmd := &cobra.Command{
		Use: use, Example: example, Args: arguments(0, math.MaxInt),
		Short: "Run a command as the role, or print what makes a shell do so",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			var running admin.Workload
			if err := c.Call("POST", "/_xemu/workloads", w, &running); err != nil {
				return err
			}
			variables := environment(running)
			if len(args) == 0 {
				for _, v := range variables {
					name, value, _ := strings.Cut(v, "=")
					fmt.Fprintf(cmd.OutOrStdout(), "export %s=%s\n", name, shell.Quote(value))
				}
				fmt.Fprintln(cmd.OutOrStdout(), "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE")
				fmt.Fprintln(cmd.ErrOrStderr(), running.ID, "is running")
				return nil
			}
			defer c.Call("DELETE", "/_xemu/workloads/"+url.PathEscape(running.ID), nil, nil)
			child := exec.Command(args[0], args[1:]...)
			child.Env = append(withoutCredentials(os.Environ()), variables...)
			child.Stdin, child.Stdout, child.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
			return child.Run()
		},
	}
	cmd.Flags().StringVar(field(&w), flag, "", usage)
	cmd.Flags().StringVar(&w.Region, "region", "", "the region that it is in (default us-east-1)")
	cmd.Flags().SetInterspersed(false)
	return cmd
}

// environment is what a workload's program finds. A machine of its own has no AWS config files, whose default profile would
// come before its role.
func environment(w admin.Workload) []string {
	variables := []string{"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull}
	for name, value := range w.Environment {
		variables = append(variables, name+"="+value)
	}
	slices.Sort(variables)
	return variables
}

func listWorkloads(what string, of func(admin.Workload) string) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the " + what,
		Args:  arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			var all []admin.Workload
			if err := c.Call("GET", "/_xemu/workloads", nil, &all); err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tREGION\tRUNS AS")
			for _, w := range all {
				if of(w) != "" {
					fmt.Fprintf(table, "%s\t%s\t%s\n", w.ID, w.Region, of(w))
				}
			}
			return table.Flush()
		},
	}
}

func stopWorkload(use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			return c.Call("DELETE", "/_xemu/workloads/"+url.PathEscape(args[0]), nil, nil)
		},
	}
}
