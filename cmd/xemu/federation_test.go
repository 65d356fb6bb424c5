package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/internal/awscli/awsclitest"
	"github.com/xemu-aws/xemu/xemutest"
)

// TestFederationAWSCLI goes the way that the help of oidc and saml shows: providers, roles that trust them, and sessions of
// GitHub Actions and of a SAML user.
func TestFederationAWSCLI(t *testing.T) {
	cli := awsclitest.Find(t)
	dir, work := t.TempDir(), t.TempDir()
	xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	xemu := func(file string, args ...string) {
		t.Helper()
		var out, errors strings.Builder
		if run(append(args, "--data", dir), &out, &errors) != 0 {
			t.Fatalf("xemu %v: %s", args, errors.String())
		}
		if err := os.WriteFile(filepath.Join(work, file), []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	aws := func(line string, more ...string) string {
		t.Helper()
		command := exec.Command(cli, append(strings.Fields(line), append(more, "--profile", "production", "--output", "text")...)...)
		command.Dir = work
		command.Env = append(os.Environ(), "AWS_CONFIG_FILE="+filepath.Join(dir, "aws", "config"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(dir, "aws", "credentials"), "AWS_PAGER=")
		out, _ := command.CombinedOutput() // an error shows in it
		return strings.TrimSpace(string(out))
	}
	want := func(got, part string) {
		t.Helper()
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in %s", part, got)
		}
	}
	trust := func(provider, action, condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":"` + action + `","Condition":` + condition + `}}`
	}

	oidc := aws("iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com")
	want(oidc, "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com")
	ci := aws("iam create-role --role-name ci --query Role.Arn --assume-role-policy-document",
		trust(oidc, "sts:AssumeRoleWithWebIdentity", `{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:org/app:ref:refs/heads/main","token.actions.githubusercontent.com:ref":"refs/heads/main"}}`))
	assume := "sts assume-role-with-web-identity --role-session-name run --query AssumedRoleUser.Arn --web-identity-token file://token --role-arn " + ci
	token := []string{"oidc", "token", "--iss", "https://token.actions.githubusercontent.com", "--sub", "repo:org/app:ref:refs/heads/main"}
	xemu("token", append(token, "--claim", "ref=refs/heads/main", "--ttl", "5m")...)
	want(aws(assume), "arn:aws:sts::111122223333:assumed-role/ci/run")
	xemu("token", token...)
	want(aws(assume), "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity")
	xemu("token", append(token, "--aud", "other")...)
	want(aws(assume), "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Incorrect token audience")

	xemu("metadata.xml", "saml", "metadata")
	saml := aws("iam create-saml-provider --name practice --saml-metadata-document file://metadata.xml --query SAMLProviderArn")
	want(saml, "arn:aws:iam::111122223333:saml-provider/practice")
	staff := aws("iam create-role --role-name staff --query Role.Arn --assume-role-policy-document",
		trust(saml, "sts:AssumeRoleWithSAML", `{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`))
	xemu("assertion", "saml", "assertion", "--role", staff, "--provider", saml, "--name", "ada", "--session", "ada@example.com", "--duration", "30m")
	login := "sts assume-role-with-saml --query AssumedRoleUser.Arn --saml-assertion file://assertion --role-arn " + staff + " --principal-arn " + saml
	want(aws(login), "arn:aws:sts::111122223333:assumed-role/staff/ada@example.com")
	xemu("assertion", "saml", "assertion", "--role", staff+"x", "--provider", saml, "--name", "ada")
	want(aws(login), "SAML Assertion doesn't contain the requested Role and Metadata in the attributes")
}

// TestFederationCommands: what is wrong with a command is said.
func TestFederationCommands(t *testing.T) {
	dir := t.TempDir()
	xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, []byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"k","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args string
		code int
		says string
	}{
		{"oidc token", 1, `required flag(s) "sub" not set`},
		{"oidc token --sub me --claim x", 1, `the claim "x" does not have the form NAME=VALUE`},
		{"oidc token --sub me --ttl 90000h", 1, "the lifetime"},
		{"oidc token --sub me", 0, "eyJ"},
		{"oidc issuer put https://idp.example.com --jwks " + keys, 0, ""},
		{"oidc issuer put https://idp.example.com --jwks " + os.DevNull, 1, "issuers: "},
		{"oidc issuer list", 0, "https://idp.example.com  1"},
		{"oidc issuer delete https://idp.example.com", 0, ""},
		{"oidc issuer delete https://idp.example.com", 1, `no keys were given for the issuer "https://idp.example.com"`},
		{"saml metadata", 0, "urn:xemu:saml:idp"},
		{"saml assertion --role r --provider p --name n --tag x", 1, `the tag "x" does not have the form KEY=VALUE`},
		{"saml assertion --role r --provider p", 1, `required flag(s) "name" not set`},
		{"saml assertion --role r --provider p --name n --tag a=b --transitive a", 0, ""},
	} {
		var out, errors strings.Builder
		code := run(append(strings.Fields(test.args), "--data", dir), &out, &errors)
		if code != test.code || !strings.Contains(out.String()+errors.String(), test.says) {
			t.Errorf("xemu %s: %d %s%s", test.args, code, out.String(), errors.String())
		}
	}
}
