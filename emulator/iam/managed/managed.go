// Package managed holds the AWS managed policies as AWS publishes them: about 1,500 real documents with ARNs, default
// version ids and dates. [Load] returns them, with those of a file or directory in addition.
//
// The documents are AWS's own. They were taken from the collection in the moto project (https://github.com/getmoto/moto,
// Apache License 2.0), which lists them with the AWS CLI; newer ones can be put in their place with the program in gen.
// That collection has no policy ids, so ids are derived from the ARNs, and no descriptions.
package managed

import (
	"slices"
	"strings"

	"github.com/xemu-aws/xemu/emulator/iam"
)

// set is a list of policies sorted by name without regard to case; names are unique so.
type set []iam.ManagedPolicy

func compareNames(a, b string) int {
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

// ByARN implements iam.ManagedPolicies.
func (s set) ByARN(arn string) (iam.ManagedPolicy, bool) {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	i, ok := slices.BinarySearchFunc(s, name, func(p iam.ManagedPolicy, name string) int { return compareNames(p.Name, name) })
	if !ok || s[i].ARN != arn {
		return iam.ManagedPolicy{}, false
	}
	return s[i], true
}

// All implements iam.ManagedPolicies.
func (s set) All() []iam.ManagedPolicy { return s }

// Load returns the policies of this package, replaced and completed by those that are found at path, if it is not "": a
// directory of policy documents, where NAME.json is the policy NAME, or a file with the output of "aws iam
// get-account-authorization-details". The error names the file and the policy that it is about.
func Load(path string) (iam.ManagedPolicies, error) {
	if path == "" {
		return builtIn(), nil
	}
	more, err := Read(path)
	if err != nil {
		return nil, err
	}
	return merge(builtIn(), more), nil
}

// merge returns the policies of both, those of more in the place of a namesake in base. What more does not say, as a
// document alone says nothing of its dates, stays as in base.
func merge(base set, more []iam.ManagedPolicy) set {
	merged := slices.Clone(base)
	for _, p := range more {
		i, ok := slices.BinarySearchFunc(merged, p.Name, func(q iam.ManagedPolicy, name string) int { return compareNames(q.Name, name) })
		if !ok {
			merged = slices.Insert(merged, i, complete(p, iam.ManagedPolicy{Path: "/", DefaultVersion: "v1"}))
			continue
		}
		p.Name = merged[i].Name // a file's name may be spelled otherwise
		merged[i] = complete(p, merged[i])
	}
	return merged
}

// complete fills what p lacks from other.
func complete(p, other iam.ManagedPolicy) iam.ManagedPolicy {
	fill(&p.Path, other.Path)
	fill(&p.ARN, arnPrefix+p.Path+p.Name)
	fill(&p.DefaultVersion, other.DefaultVersion)
	fill(&p.Description, other.Description)
	if p.ID == "" && p.ARN == other.ARN {
		p.ID = other.ID
	}
	fill(&p.ID, idOf(p.ARN))
	if p.Created.IsZero() {
		p.Created = other.Created
	}
	if p.Updated.IsZero() {
		p.Updated = other.Updated
	}
	return p
}

func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
