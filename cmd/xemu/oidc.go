package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator/admin"
)

func oidcCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "oidc",
		Short: "Practise web identity federation: sign ID tokens, give issuers' keys",
		Long: `The running server has an OpenID Connect issuer of its own at URL/_xemu/oidc. Its key stands for every issuer elsewhere,
so a trust policy for GitHub Actions, EKS or any other provider can be practised as it is:

  aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com
  xemu oidc token --iss https://token.actions.githubusercontent.com --sub repo:org/app:ref:refs/heads/main > token
  aws sts assume-role-with-web-identity --role-arn ARN --role-session-name ci --web-identity-token file://token

An issuer on this machine is asked for its keys itself, and 'xemu oidc issuer put' gives the keys of any other.`,
	}
	issuer := &cobra.Command{Use: "issuer", Short: "Give the keys of issuers, which then replace the built-in issuer's for them"}
	issuer.AddCommand(issuerPutCommand(), issuerListCommand(), issuerDeleteCommand())
	cmd.AddCommand(tokenCommand(), issuer)
	return cmd
}

func tokenCommand() *cobra.Command {
	var r admin.TokenRequest
	var ttl time.Duration
	var claims []string
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print an ID token signed by the built-in issuer",
		Example: "  xemu oidc token --sub repo:org/app:ref:refs/heads/main --aud sts.amazonaws.com\n" +
			"  xemu oidc token --iss https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE --sub system:serviceaccount:default:app\n" +
			"  xemu oidc token --sub ada --claim amr='[\"mfa\"]' --ttl 15m",
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			r.Lifetime = ttl.String()
			if r.Claims, err = readClaims(claims); err != nil {
				return err
			}
			var out struct{ Token string }
			if err := c.Call("POST", "/_xemu/oidc/token", r, &out); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), out.Token)
			return err
		},
	}
	cmd.Flags().StringVar(&r.Subject, "sub", "", "the subject (required)")
	cmd.Flags().StringArrayVar(&r.Audience, "aud", []string{"sts.amazonaws.com"}, "the audience; may be given several times")
	cmd.Flags().StringVar(&r.Issuer, "iss", "", "the issuer's URL (default: the built-in issuer's own)")
	cmd.Flags().DurationVar(&ttl, "ttl", time.Hour, "how long the token is good")
	cmd.Flags().StringArrayVar(&claims, "claim", nil, "a further claim as NAME=VALUE, where VALUE is JSON or a plain string; may be given several times")
	if err := cmd.MarkFlagRequired("sub"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

// readClaims reads NAME=VALUE. What is JSON stands for itself, all else is a string.
func readClaims(texts []string) (map[string]json.RawMessage, error) {
	claims := map[string]json.RawMessage{}
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usageError{fmt.Errorf("the claim %q does not have the form NAME=VALUE", text)}
		}
		claims[name] = json.RawMessage(value)
		if !json.Valid(claims[name]) {
			claims[name], _ = json.Marshal(value) // a string never fails
		}
	}
	return claims, nil
}

func issuerPutCommand() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:     "put URL",
		Short:   "Give the keys of an issuer, or replace them",
		Example: "  xemu oidc issuer put https://idp.example.com --jwks keys.json",
		Args:    arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			return c.Call("POST", "/_xemu/oidc/issuers", admin.OIDCIssuer{URL: args[0], JWKS: string(text)}, nil)
		},
	}
	cmd.Flags().StringVar(&file, "jwks", "", "the file of its JSON Web Key Set (required)")
	if err := cmd.MarkFlagRequired("jwks"); err != nil {
		panic(err) // the flag is defined above
	}
	return cmd
}

func issuerListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the issuers whose keys were given",
		Args:  arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			var issuers []admin.OIDCIssuer
			if err := c.Call("GET", "/_xemu/oidc/issuers", nil, &issuers); err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "URL\tKEYS")
			for _, i := range issuers {
				var set struct{ Keys []json.RawMessage }
				if err := json.Unmarshal([]byte(i.JWKS), &set); err != nil {
					return err
				}
				fmt.Fprintf(table, "%s\t%d\n", i.URL, len(set.Keys))
			}
			return table.Flush()
		},
	}
}

func issuerDeleteCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "delete URL",
		Short: "Forget the keys of an issuer: the built-in issuer stands for it again",
		Args:  arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			return c.Call("DELETE", "/_xemu/oidc/issuers?url="+url.QueryEscape(args[0]), nil, nil)
		},
	}
}
