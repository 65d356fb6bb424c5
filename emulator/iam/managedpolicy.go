package iam

import "time"

// ManagedPolicies are the AWS managed policies. They are read-only and the same in every account.
type ManagedPolicies interface {
	// ByARN returns the policy of an ARN in exactly this spelling; ok is false when there is none.
	ByARN(arn string) (p ManagedPolicy, ok bool)
	// All returns every policy, sorted by name without regard to case. The slice is not to be changed.
	All() []ManagedPolicy
}

// ManagedPolicy is an AWS managed policy: its metadata, and its default version's text on demand.
type ManagedPolicy struct {
	Name        string // "AmazonS3ReadOnlyAccess"
	ARN         string // "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	ID          string // "ANPA…"
	Path        string // "/", "/job-function/", "/service-role/" …
	Description string
	Created     time.Time // of the policy
	Updated     time.Time // of the default version

	// DefaultVersion is the id of the default version, "v3". It is the only one that has a text here: AWS's older
	// versions answer NoSuchEntity.
	DefaultVersion string
	// Document returns the default version's text. It may load it at the first call.
	Document func() string
}

// noManagedPolicies are none.
type noManagedPolicies struct{}

func (noManagedPolicies) ByARN(string) (ManagedPolicy, bool) { return ManagedPolicy{}, false }
func (noManagedPolicies) All() []ManagedPolicy               { return nil }
