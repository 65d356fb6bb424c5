// Gen writes rest.tsv, the table of operations of services whose operations show in method and path only, from botocore's
// service models. Its argument is the folder of the models (botocore/data). Run it in the folder above: go run ./gen DIR.
package main

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// everyday are the services that a policy for daily work is likely to name.
var everyday = strings.Fields(`accessanalyzer account amp amplify appconfig appsync backup batch bedrock
bedrock-runtime cloudfront codeartifact detective dlm ebs efs eks emr-containers emr-serverless es fis glacier grafana
guardduty imagebuilder inspector2 kafka lambda macie2 mediaconvert mq opensearch osis outposts pipes polly
ram resource-explorer-2 resource-groups rolesanywhere route53 s3tables s3vectors scheduler schemas securityhub
serverlessrepo sesv2 signer sso synthetics vpc-lattice xray`)

type model struct {
	Metadata struct{ EndpointPrefix, SigningName, Protocol string }
	// Operations by name; Name ends in the API's date for CloudFront.
	Operations map[string]struct {
		HTTP struct{ Method, RequestURI string }
	}
}

var dated = regexp.MustCompile(`\d{4}_\d{2}_\d{2}$`)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./gen DIR, the folder of botocore's models (botocore/data)")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	var lines []string
	for _, name := range everyday {
		m, err := newest(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !strings.HasPrefix(m.Metadata.Protocol, "rest-") {
			return fmt.Errorf("%s: its protocol is %s", name, m.Metadata.Protocol)
		}
		signing := cmp.Or(m.Metadata.SigningName, m.Metadata.EndpointPrefix)
		for operation, o := range m.Operations {
			lines = append(lines, strings.Join([]string{
				signing, m.Metadata.Protocol, o.HTTP.Method, o.HTTP.RequestURI, dated.ReplaceAllString(operation, ""),
			}, "\t")+"\n")
		}
	}
	slices.Sort(lines)
	return os.WriteFile("rest.tsv", []byte(strings.Join(slices.Compact(lines), "")), 0o644)
}

// newest reads the model of the latest API version.
func newest(dir string) (*model, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "service-2.json*"))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(err, errors.New("no model"))
	}
	f, err := os.Open(slices.Max(files))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var m model
	return &m, json.NewDecoder(text).Decode(&m)
}
