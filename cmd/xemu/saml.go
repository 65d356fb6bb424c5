package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/xemu-aws/xemu/emulator/admin"
)

func samlCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "saml",
		Short: "Practise SAML federation: metadata and assertions of the built-in identity provider",
		Example: "  xemu saml metadata > metadata.xml\n" +
			"  aws iam create-saml-provider --name practice --saml-metadata-document file://metadata.xml\n" +
			"  xemu saml assertion --role ROLE_ARN --provider PROVIDER_ARN --name ada > assertion\n" +
			"  aws sts assume-role-with-saml --role-arn ROLE_ARN --principal-arn PROVIDER_ARN --saml-assertion file://assertion",
	}
	cmd.AddCommand(samlMetadataCommand(), samlAssertionCommand())
	return cmd
}

func samlMetadataCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "metadata",
		Short: "Print the metadata document for create-saml-provider",
		Args:  arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			text, err := c.Text("/_xemu/saml/metadata")
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
}

func samlAssertionCommand() *cobra.Command {
	var l admin.SAMLLogin
	var duration time.Duration
	var tags, attributes []string
	cmd := &cobra.Command{
		Use:   "assertion",
		Short: "Print a SAML response, in base64, that is good for five minutes",
		Args:  arguments(0, 0),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c, err := admin.NewClient(dataDir(cmd))
			if err != nil {
				return err
			}
			l.Duration = int(duration.Seconds())
			if l.Tags, err = readPairs("tag", tags); err != nil {
				return err
			}
			if l.Attributes, err = readPairs("attribute", attributes); err != nil {
				return err
			}
			var out struct{ SAMLResponse string }
			if err := c.Call("POST", "/_xemu/saml/assertion", l, &out); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), out.SAMLResponse)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&l.Role, "role", "", "the ARN of the role (required)")
	flags.StringVar(&l.Provider, "provider", "", "the ARN of the SAML provider in IAM (required)")
	flags.StringVar(&l.Name, "name", "", "the user: the NameID (required)")
	flags.StringVar(&l.Session, "session", "", "the RoleSessionName (default: the name)")
	flags.DurationVar(&duration, "duration", 0, "the SessionDuration (default: none)")
	flags.StringVar(&l.SourceIdentity, "source-identity", "", "the SourceIdentity (default: none)")
	flags.StringArrayVar(&tags, "tag", nil, "a session tag as KEY=VALUE; may be given several times")
	flags.StringArrayVar(&l.Transitive, "transitive", nil, "the key of a tag that is transitive; may be given several times")
	flags.StringArrayVar(&attributes, "attribute", nil, "a further attribute as NAME=VALUE; may be given several times")
	for _, name := range []string{"role", "provider", "name"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flags are defined above
		}
	}
	return cmd
}

// readPairs reads KEY=VALUE.
func readPairs(what string, texts []string) (map[string]string, error) {
	pairs := map[string]string{}
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, usageError{fmt.Errorf("the %s %q does not have the form KEY=VALUE", what, text)}
		}
		pairs[key] = value
	}
	return pairs, nil
}
