package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/emulator/admin"
)

func simulateCommand() *cobra.Command {
	var profile string
	var actions, resources, keys, policies []string
	var sim admin.Simulation
	cmd := &cobra.Command{
		Use:   "simulate --action SERVICE:ACTION [--resource ARN]",
		Short: "Decide a request without making it, and explain the decision",
		Long: `simulate says whether a request would be allowed, by the engine that decides real requests, and why: which policy of
which account decided, which statement nearly matched, and what would allow it. Nothing is changed.

As an identity of the running server, all of whose policies count: those of the user with its groups or of the role, its
permissions boundary, its organization's policies, and those of the bucket or the role that the request is for:

  xemu simulate --profile development --action s3:GetObject --resource arn:aws:s3:::reports/q1.csv
  xemu simulate --principal arn:aws:iam::111122223333:role/Reader --action s3:ListBucket --resource arn:aws:s3:::reports
  xemu simulate --profile development --action sts:AssumeRole --resource arn:aws:iam::111122223333:role/Reader

As somebody whom an identity provider vouches for, with what its token says:

  xemu simulate --principal arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com \
    --action sts:AssumeRoleWithWebIdentity --resource arn:aws:iam::111122223333:role/ci \
    --context token.actions.githubusercontent.com:sub=repo:org/app:ref:refs/heads/main

What if? Policies in files are tried out: --policy comes beside the identity's own policies, --boundary and
--resource-policy take the place of those that there are. (--resource-policy of an sts: action is a trust policy.)

  xemu simulate --profile development --action s3:PutObject --resource arn:aws:s3:::reports/new --policy draft.json

A policy file alone needs no server. The request is then that of a user of account 111122223333, who has nothing else:

  xemu simulate --policy draft.json --action s3:GetObject --resource arn:aws:s3:::reports/q1.csv

A request brings condition keys along. xemu supplies those of any request from this machine; tell the others with
--context, once for each value. Keys that a statement asked for in vain are listed below the decision.

  xemu simulate --policy draft.json --action s3:ListBucket --resource arn:aws:s3:::reports --context s3:prefix=home/

Several actions and resources are decided one by one. "aws iam simulate-principal-policy" and "simulate-custom-policy"
answer in AWS's form.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if sim.Policies, err = readFiles(policies); err != nil {
				return err
			}
			for _, file := range []*string{&sim.Boundary, &sim.ResourcePolicy} {
				if *file == "" {
					continue
				}
				texts, err := readFiles([]string{*file})
				if err != nil {
					return err
				}
				*file = texts[0]
			}
			if sim.Context, err = contextOf(keys); err != nil {
				return err
			}
			decide, err := decider(cmd, &sim, profile)
			if err != nil {
				return err
			}
			if len(resources) == 0 {
				resources = []string{"*"}
			}
			first := true
			for _, sim.Action = range actions {
				for _, sim.Resource = range resources {
					decided, err := decide(sim)
					if err != nil {
						return err
					}
					if !first {
						fmt.Fprintln(cmd.OutOrStdout())
					}
					first = false
					show(cmd, decided)
				}
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&actions, "action", nil, "the action, as s3:GetObject; may be repeated")
	flags.StringArrayVar(&resources, "resource", nil, `the ARN of what it is for (default "*"); may be repeated`)
	flags.StringVar(&profile, "profile", "", "who asks: the identity of a profile (see xemu env --profiles)")
	flags.StringVar(&sim.Principal, "principal", "", "who asks: the ARN of a user, a role or a root user")
	flags.StringVar(&sim.Owner, "owner", "", "the id of the account that owns the resource, where the server does not know it")
	flags.StringArrayVar(&keys, "context", nil, "a condition key of the request, as aws:SourceIp=10.0.0.1; may be repeated")
	flags.StringArrayVar(&policies, "policy", nil, "a file with an identity-based policy; may be repeated")
	flags.StringVar(&sim.Boundary, "boundary", "", "a file with a permissions boundary")
	flags.StringVar(&sim.ResourcePolicy, "resource-policy", "", "a file with the resource's policy")
	cmd.MarkFlagRequired("action")
	cmd.MarkFlagsMutuallyExclusive("profile", "principal")
	return cmd
}

// decider asks the server where somebody of its world is named, and the engine alone otherwise.
func decider(cmd *cobra.Command, sim *admin.Simulation, profile string) (func(admin.Simulation) (admin.Simulated, error), error) {
	if profile == "" && sim.Principal == "" {
		if len(sim.Policies) == 0 {
			return nil, fmt.Errorf("say who asks with --profile or --principal, or give policies with --policy")
		}
		return emulator.SimulateAlone, nil
	}
	if profile != "" {
		profiles, err := openProfiles(cmd)
		if err != nil {
			return nil, err
		}
		if sim.AccessKeyID, err = profiles.AccessKeyID(profile); err != nil {
			return nil, err
		}
	}
	client, err := admin.NewClient(dataDir(cmd))
	if err != nil {
		return nil, err
	}
	return func(s admin.Simulation) (decided admin.Simulated, err error) {
		err = client.Call("POST", "/_xemu/simulate", s, &decided)
		return decided, err
	}, nil
}

func show(cmd *cobra.Command, decided admin.Simulated) {
	fmt.Fprintln(cmd.OutOrStdout(), strings.TrimSpace(decided.Text))
	if len(decided.Missing) > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "\nnot in the request: %s (see --context)\n", strings.Join(decided.Missing, ", "))
	}
}

func readFiles(paths []string) ([]string, error) {
	var texts []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(text))
	}
	return texts, nil
}

// contextOf reads key=value pairs; a key that comes twice has two values.
func contextOf(pairs []string) (map[string][]string, error) {
	keys := map[string][]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || !strings.Contains(name, ":") {
			return nil, fmt.Errorf("--context %s: a condition key and its value are given as aws:SourceIp=10.0.0.1", pair)
		}
		keys[name] = append(keys[name], value)
	}
	return keys, nil
}
