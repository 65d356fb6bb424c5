package managed

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/iam"
)

// Read returns the AWS managed policies of a directory or file, as [Load] takes them, sorted by name. Those of a directory
// have a name and a document only.
func Read(path string) ([]iam.ManagedPolicy, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("managed policies: %w", err)
	}
	var policies []iam.ManagedPolicy
	if info.IsDir() {
		policies, err = readDirectory(path)
	} else {
		policies, err = readDetails(path)
	}
	if err != nil {
		return nil, err
	}
	if len(policies) == 0 {
		return nil, fmt.Errorf("managed policies: %s has none: a directory needs files NAME.json, a file the output of aws iam get-account-authorization-details", path)
	}
	slices.SortFunc(policies, func(a, b iam.ManagedPolicy) int {
		return cmp.Or(compareNames(a.Name, b.Name), strings.Compare(a.Name, b.Name))
	})
	for i := 1; i < len(policies); i++ {
		if strings.EqualFold(policies[i-1].Name, policies[i].Name) {
			return nil, fmt.Errorf("managed policies: %s: %s is there twice", path, policies[i].Name)
		}
	}
	return policies, nil
}

func readDirectory(dir string) ([]iam.ManagedPolicy, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("managed policies: %w", err)
	}
	var policies []iam.ManagedPolicy
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("managed policies: %w", err)
		}
		p, err := newPolicy(strings.TrimSuffix(filepath.Base(file), ".json"), string(text))
		if err != nil {
			return nil, fmt.Errorf("managed policies: %s: %w", file, err)
		}
		policies = append(policies, p)
	}
	return policies, nil
}

// details is the output of aws iam get-account-authorization-details, as far as it concerns managed policies.
type details struct {
	Policies []struct {
		PolicyName, PolicyID, Arn, Path, DefaultVersionID, Description string
		CreateDate, UpdateDate                                         time.Time
		PolicyVersionList                                              []struct {
			Document         json.RawMessage
			VersionID        string
			IsDefaultVersion bool
		}
	}
}

// readDetails reads the default versions of the AWS managed policies; the account's own are left out.
func readDetails(file string) ([]iam.ManagedPolicy, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("managed policies: %w", err)
	}
	var d details
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("managed policies: %s: %w", file, err)
	}
	var policies []iam.ManagedPolicy
	for _, in := range d.Policies {
		if !strings.HasPrefix(in.Arn, arnPrefix+"/") {
			continue
		}
		for _, v := range in.PolicyVersionList {
			if !v.IsDefaultVersion && v.VersionID != in.DefaultVersionID {
				continue
			}
			document, err := documentText(v.Document)
			if err != nil {
				return nil, fmt.Errorf("managed policies: %s: %s: %w", file, in.PolicyName, err)
			}
			p, err := newPolicy(in.PolicyName, document)
			if err != nil {
				return nil, fmt.Errorf("managed policies: %s: %s: %w", file, in.PolicyName, err)
			}
			p.ARN, p.Path, p.Description = in.Arn, in.Path, in.Description
			p.DefaultVersion, p.Created, p.Updated = in.DefaultVersionID, in.CreateDate.UTC(), in.UpdateDate.UTC()
			if p.ID = in.PolicyID; p.ID == "" {
				p.ID = idOf(p.ARN)
			}
			policies = append(policies, p)
			break
		}
	}
	return policies, nil
}

// documentText returns a document that is a JSON object, as the CLI shows it, or a URL-encoded string, as the API sends it.
func documentText(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return string(raw), nil
	}
	var encoded string
	if err := json.Unmarshal(raw, &encoded); err != nil {
		return "", err
	}
	return url.QueryUnescape(encoded)
}

// newPolicy makes a policy of a name and a document that AWS would accept.
func newPolicy(name, document string) (iam.ManagedPolicy, error) {
	if name == "" {
		return iam.ManagedPolicy{}, errors.New("a policy without a name")
	}
	if _, err := authz.Validate(document, authz.Identity); err != nil {
		return iam.ManagedPolicy{}, err
	}
	return iam.ManagedPolicy{Name: name, Document: func() string { return document }}, nil
}
