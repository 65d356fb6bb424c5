package emulator

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Profiles are the two files that the AWS CLI and the SDKs read ("Configuration and credential file settings", AWS CLI
// User Guide), with a profile for each identity of the world: NAME for an account's admin user, NAME-root for its root.
type Profiles struct {
	Dir string // the directory of both files
	URL string // what endpoint_url is to say
}

// ConfigFile and CredentialsFile are the files' paths (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE).
func (p *Profiles) ConfigFile() string { return filepath.Join(p.Dir, "config") }

// CredentialsFile is the path of the file with the keys.
func (p *Profiles) CredentialsFile() string { return filepath.Join(p.Dir, "credentials") }

// Region is the region that the profiles are for.
const Region = "us-east-1"

// Write writes both files for world. What a user has added to them, such as profiles with role_arn, stays: only the
// profiles of the world's accounts are replaced.
func (p *Profiles) Write(world World) error {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return err
	}
	var config, credentials strings.Builder
	names := map[string]bool{"services xemu": true}
	fmt.Fprintf(&config, "[services xemu]\nsts =\n  endpoint_url = %s\ns3_control =\n  endpoint_url = %s\n\n",
		p.URL, strings.Replace(p.URL, "127.0.0.1", "localhost", 1)) // whose host names begin with the account
	for _, a := range world.Accounts {
		for _, identity := range []struct{ profile, id, secret string }{
			{a.Name, a.Admin.AccessKeyID, a.Admin.SecretAccessKey},
			{a.Name + "-root", a.Root.AccessKeyID, a.Root.SecretAccessKey},
		} {
			names[identity.profile] = true
			config.WriteString(p.section(identity.profile) + "\n")
			fmt.Fprintf(&credentials, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n\n", identity.profile, identity.id, identity.secret)
		}
	}
	return errors.Join(
		replaceSections(p.ConfigFile(), config.String(), names),
		replaceSections(p.CredentialsFile(), credentials.String(), names))
}

// section is a profile of the config file. The Go SDK looks for the role of a profile with role_arn before it looks at
// endpoint_url, and so on AWS itself, unless services names an endpoint for STS.
func (p *Profiles) section(name string) string {
	return fmt.Sprintf("[profile %s]\nregion = %s\noutput = json\nendpoint_url = %s\nservices = xemu\n", name, Region, p.URL)
}

// Add writes one more profile: keys and tokens to the credentials file, the rest to the config file with this server's
// endpoint.
func (p *Profiles) Add(name string, settings map[string]string) error {
	config := p.section(name)
	credentials := fmt.Sprintf("[%s]\n", name)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		line := fmt.Sprintf("%s = %s\n", key, settings[key])
		if strings.HasPrefix(key, "aws_") {
			credentials += line
		} else {
			config += line
		}
	}
	names := map[string]bool{name: true}
	return errors.Join(
		replaceSections(p.ConfigFile(), config+"\n", names),
		replaceSections(p.CredentialsFile(), credentials+"\n", names))
}

// replaceSections writes text followed by those sections of the file at path that are not in names.
func replaceSections(path, text string, names map[string]bool) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var rest strings.Builder
	keep := false
	for line := range strings.Lines(string(old)) {
		if header := strings.TrimSpace(line); strings.HasPrefix(header, "[") && strings.HasSuffix(header, "]") {
			keep = !names[strings.TrimPrefix(strings.Trim(header, "[]"), "profile ")]
		}
		if keep {
			rest.WriteString(line)
		}
	}
	return writeSecret(path, []byte(text+rest.String()))
}

// Environment returns the variables (NAME=value) with which the AWS CLI and the SDKs use the profiles; profile is the one
// to be the default, "" for none. The error names the profiles that there are.
func (p *Profiles) Environment(profile string) ([]string, error) {
	variables := []string{"AWS_CONFIG_FILE=" + p.ConfigFile(), "AWS_SHARED_CREDENTIALS_FILE=" + p.CredentialsFile()}
	if profile == "" {
		return variables, nil
	}
	config, err := os.ReadFile(p.ConfigFile())
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(string(config)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "[profile "); ok {
			names = append(names, strings.TrimSuffix(name, "]"))
		}
	}
	if !slices.Contains(names, profile) {
		return nil, fmt.Errorf("there is no profile %q; there are %s", profile, strings.Join(names, ", "))
	}
	return append(variables, "AWS_PROFILE="+profile), nil
}

// AccessKeyID returns the access key id of a profile. The error says what a profile without one is for.
func (p *Profiles) AccessKeyID(profile string) (string, error) {
	if _, err := p.Environment(profile); err != nil {
		return "", err
	}
	text, err := os.ReadFile(p.CredentialsFile())
	if err != nil {
		return "", err
	}
	in := false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = line == "["+profile+"]"
		}
		if name, value, ok := strings.Cut(line, "="); in && ok && strings.TrimSpace(name) == "aws_access_key_id" {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("the profile %q has no access key of its own; name its role with --principal", profile)
}
