package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/internal/shell"
	"github.com/xemu-aws/xemu/store"
)

func serveCommand() *cobra.Command {
	var config emulator.Config
	var world, mode, durability string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start the server",
		Long: `serve answers IAM, STS and S3 requests until it is stopped with Ctrl-C.

A new data directory starts with two accounts, production (111122223333) and development (444455556666), each with a
root user and an administrator; --world FILE starts with others. State is kept in the data directory; delete it, or run
"xemu reset", to begin again.

A world file (YAML); what is absent is made at random:
  accounts:
    - id: "111122223333"
      name: production
      alias: production
      root:  {accessKeyId: AKIA..., secretAccessKey: ..., email: ..., password: ...}
      admin: {name: admin, accessKeyId: AKIA..., secretAccessKey: ..., password: ...}
  endpoints:
    - {id: vpce-1a2b3c4d, vpc: vpc-111bbb22, policy: '{"Version": "2012-10-17", ...}'}`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			config.Dir = dataDir(cmd)
			config.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			if config.Mode, err = modeOf(mode); err != nil {
				return err
			}
			if config.Durability, err = durabilityOf(durability); err != nil {
				return err
			}
			if world != "" {
				if config.World, err = emulator.ReadWorld(world); err != nil {
					return err
				}
			}
			return serve(cmd.Context(), config, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&config.Addr, "addr", "127.0.0.1:4566", "HOST:PORT to listen on; port 0 takes any free one")
	flags.StringVar(&world, "world", "", "a world file for a new data directory")
	flags.StringVar(&mode, "enforce", string(emulator.Strict), "strict: deny what policies do not allow; audit: record it and let it pass; off: do not decide")
	flags.DurationVar(&config.Eventual, "eventual", 0, "how late new keys, roles, trust and policies take effect, as on AWS: 2s")
	flags.StringVar(&durability, "durability", "fsync", "of an acknowledged write: fsync, relaxed (survives a killed process) or memory")
	flags.StringVar(&config.Managed, "managed-policies", "", "more AWS managed policies: a directory of JSON documents, or the output of 'aws iam get-account-authorization-details'")
	flags.StringSliceVar(&config.Domains, "domain", nil, "further domains under which buckets have host names, as under localhost: BUCKET.NAME, BUCKET.s3.NAME, BUCKET.s3-website.NAME")
	return cmd
}

func modeOf(name string) (emulator.Mode, error) {
	switch mode := emulator.Mode(name); mode {
	case emulator.Strict, emulator.Audit, emulator.Off:
		return mode, nil
	}
	return "", fmt.Errorf("--enforce %q: it is strict, audit or off", name)
}

func durabilityOf(name string) (store.Durability, error) {
	switch name {
	case "fsync":
		return store.Fsync, nil
	case "relaxed":
		return store.Relaxed, nil
	case "memory":
		return store.Memory, nil
	}
	return 0, fmt.Errorf("--durability %q: it is fsync, relaxed or memory", name)
}

// serve runs a server until a signal stops it.
func serve(ctx context.Context, config emulator.Config, out io.Writer) error {
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400) // the heap is a few MB, so that collecting it less often costs little memory
	}
	if os.Getenv("GOMEMLIMIT") == "" && config.Durability != store.Memory { // which keeps everything on the heap
		debug.SetMemoryLimit(100 << 20) // where it is not, as often as it takes
	}
	srv, err := emulator.Listen(config)
	if errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("%w: stop that one, or choose another directory with --data DIR", err)
	}
	if err != nil {
		return err
	}
	banner(out, srv, config)
	served := make(chan error, 1)
	go func() { served <- srv.Serve() }()
	select {
	case err := <-served:
		srv.Close()
		return err
	case <-ctx.Done():
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return srv.Shutdown(ctx)
	}
}

// banner says what a user needs next: where the server is, whether it enforces, who there is, what to paste.
func banner(out io.Writer, srv *emulator.Server, config emulator.Config) {
	fmt.Fprintf(out, "xemu %s answers IAM, STS and S3 at %s\n", emulator.Version, srv.URL)
	fmt.Fprintf(out, "console:     %s/console/ ('xemu console' shows who can sign in)\n", srv.URL)
	fmt.Fprintf(out, "enforcement: %s\n", enforcement[config.Mode])
	fmt.Fprintf(out, "data:        %s\n", config.Dir)
	for _, a := range srv.World().Accounts {
		fmt.Fprintf(out, "account:     %s %s (profiles %s and %s-root)\n", a.ID, a.Name, a.Name, a.Name)
	}
	if host, _, err := net.SplitHostPort(config.Addr); err == nil && host != "localhost" && !net.ParseIP(host).IsLoopback() {
		fmt.Fprintf(out, "WARNING:     %s is not a loopback address: other machines can reach this server\n", config.Addr)
	}
	fmt.Fprintf(out, "\nIn another terminal:\n  eval \"$(xemu env --data %s)\"\n  aws sts get-caller-identity --profile %s\n\n",
		shell.Quote(config.Dir), srv.World().Accounts[0].Name)
}

var enforcement = map[emulator.Mode]string{
	emulator.Strict: "strict (every request's policies are evaluated; what they do not allow is denied)",
	emulator.Audit:  "AUDIT (policies are evaluated and recorded, but nothing is denied)",
	emulator.Off:    "OFF (signatures are verified, policies are ignored)",
}
