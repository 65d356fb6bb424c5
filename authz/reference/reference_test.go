package reference

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestKnownActions(t *testing.T) {
	tests := []struct {
		action string
		want   string
		level  AccessLevel
		types  []string
		key    string // supported
		notKey string
	}{
		{action: "s3:GetObject", want: "s3:GetObject", level: Read, types: []string{"accesspointobject", "object"}, key: "s3:ExistingObjectTag/team", notKey: "s3:prefix"},
		{action: "S3:getobject", want: "s3:GetObject", level: Read, types: []string{"accesspointobject", "object"}, key: "aws:SourceIp", notKey: "iam:PassedToService"},
		{action: "s3:ListAllMyBuckets", want: "s3:ListAllMyBuckets", level: List, key: "s3:authType", notKey: "aws:ResourceTag/team"},
		{action: "s3:PutBucketPolicy", want: "s3:PutBucketPolicy", level: PermissionsManagement, types: []string{"bucket"}, key: "s3:authType"},
		{action: "s3:PutObjectTagging", want: "s3:PutObjectTagging", level: Tagging, types: []string{"accesspointobject", "object"}, key: "s3:RequestObjectTagKeys"},
		{action: "iam:PassRole", want: "iam:PassRole", level: Write, types: []string{"role"}, key: "iam:PassedToService", notKey: "iam:PolicyARN"},
		{action: "iam:AttachRolePolicy", want: "iam:AttachRolePolicy", level: PermissionsManagement, types: []string{"role"}, key: "iam:PolicyARN"},
		{action: "sts:AssumeRole", want: "sts:AssumeRole", level: Write, types: []string{"role"}, key: "sts:ExternalId", notKey: "sts:AWSServiceName"},
		{action: "sts:GetCallerIdentity", want: "sts:GetCallerIdentity", level: Read},
		{action: "ec2:RunInstances", want: "ec2:RunInstances", level: Write, key: "ec2:InstanceType"},
	}
	for _, tt := range tests {
		a, ok := Lookup(tt.action)
		if !ok {
			t.Errorf("%s is unknown", tt.action)
			continue
		}
		if a.String() != tt.want || a.AccessLevel != tt.level {
			t.Errorf("%s: %s, %s; want %s, %s", tt.action, a, a.AccessLevel, tt.want, tt.level)
		}
		var types []string
		for _, r := range a.ResourceTypes {
			types = append(types, r.Name)
		}
		if tt.types != nil && !slices.Equal(types, tt.types) {
			t.Errorf("%s: resource types %q, want %q", tt.action, types, tt.types)
		}
		if tt.key != "" && !a.Supports(tt.key) {
			t.Errorf("%s does not have %s", tt.action, tt.key)
		}
		if tt.notKey != "" && a.Supports(tt.notKey) {
			t.Errorf("%s has %s", tt.action, tt.notKey)
		}
	}
	if a, _ := Lookup("s3:ListAllMyBuckets"); len(a.ResourceTypes) != 0 {
		t.Errorf("s3:ListAllMyBuckets has resource types: %v", a.ResourceTypes)
	}
	for _, unknown := range []string{"", "s3", "s3:", "s3:ListBuckets", "nosuch:Thing", ":GetObject", "s3:Get*"} {
		if a, ok := Lookup(unknown); ok {
			t.Errorf("Lookup(%q) = %v", unknown, a)
		}
	}
}

func TestResourceTypes(t *testing.T) {
	a, _ := Lookup("iam:PassRole")
	role := a.ResourceTypes[0]
	if !role.Required || !slices.Equal(role.ARNs, []string{"arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"}) {
		t.Errorf("iam:PassRole acts on %+v", role)
	}
	if len(ResourceTypes("s3")) < 10 || ResourceTypes("nosuch") != nil {
		t.Errorf("S3 has %d resource types", len(ResourceTypes("s3")))
	}
}

func TestKeyTypes(t *testing.T) {
	tests := []struct {
		name string
		want KeyType
	}{
		{"aws:SourceIp", IPAddress},
		{"AWS:sourceip", IPAddress},
		{"aws:PrincipalTag/team", String},
		{"aws:ResourceTag/a/b", String},
		{"aws:TagKeys", "ArrayOfString"},
		{"aws:PrincipalArn", ARN},
		{"aws:MultiFactorAuthPresent", Bool},
		{"s3:prefix", String},
		{"s3:max-keys", Numeric},
		{"s3:ExistingObjectTag/team", String},
		{"s3:RequestObjectTagKeys", "ArrayOfString"},
		{"iam:PolicyARN", ARN},
		{"sts:ExternalId", String},
		{"sts:TransitiveTagKeys", "ArrayOfString"},
		{"ec2:SourceInstanceARN", ARN},
		{"token.actions.githubusercontent.com:sub", String},
		{"cognito-identity.amazonaws.com:aud", String},
		{"saml:aud", String},
		{"oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub", String},
		{"ec2:osuser", String},
		{"secretsmanager:ResourceTag/team", String},
		{"elasticloadbalancing:ResourceTag/team", String},
	}
	for _, tt := range tests {
		if got, ok := Key(tt.name); !ok || got != tt.want {
			t.Errorf("Key(%q) = %q, %v; want %q", tt.name, got, ok, tt.want)
		}
	}
	for _, unknown := range []string{"", "aws:", "aws:NoSuchKey", "aws:PrincipalTag", "aws:PrincipalTag/", "s3:nosuch", "nosuch:key", "prefix", "s3:ExistingObjectTag/"} {
		if got, ok := Key(unknown); ok {
			t.Errorf("Key(%q) = %q", unknown, got)
		}
	}
	if k := KeyType("ArrayOfARN"); !k.Multivalued() || k.Single() != ARN || ARN.Multivalued() {
		t.Error("ArrayOfARN is several ARNs")
	}
}

func TestARNTypes(t *testing.T) {
	for _, service := range []string{"s3", "iam", "catalog", "execute-api"} {
		if len(ARNTypes(service)) == 0 {
			t.Errorf("no ARNs of %s", service)
		}
	}
	if ARNTypes("nosuch") != nil || ARNTypes("S3") != nil {
		t.Error("ARNs of a service that does not exist")
	}
}

// TestWhole reads every service: levels are known, and what actions refer to exists.
func TestWhole(t *testing.T) {
	levels := []AccessLevel{List, Read, Write, PermissionsManagement, Tagging}
	actions, unknown := 0, map[string]bool{}
	for _, prefix := range Services() {
		if name, ok := ServiceName(prefix); !ok || name == "" {
			t.Errorf("%s has no name", prefix)
		}
		for _, a := range Actions(prefix) {
			actions++
			if !slices.Contains(levels, a.AccessLevel) {
				t.Errorf("%s: access level %q", a, a.AccessLevel)
			}
			if found, ok := Lookup(a.String()); !ok || found.Name != a.Name {
				t.Errorf("Lookup(%s) = %v, %v", a, found, ok)
			}
			for _, r := range a.ResourceTypes {
				if len(r.ARNs) == 0 || !strings.HasPrefix(r.ARNs[0], "arn:") && r.ARNs[0] != "*" {
					t.Errorf("%s acts on %s, which has the ARNs %q", a, r.Name, r.ARNs)
				}
			}
			for _, k := range a.ConditionKeys {
				if _, ok := Key(k); !ok {
					unknown[k] = true
				}
			}
		}
	}
	if len(Services()) < 400 || actions < 20000 {
		t.Errorf("%d services with %d actions", len(Services()), actions)
	}
	if len(unknown) > 0 {
		t.Errorf("keys of actions have no type: %v", unknown)
	}
	if n := len(loaded.byPrefix); n > maxLoaded || n != len(loaded.order) {
		t.Errorf("%d services are held, %d in order", n, len(loaded.order))
	}
}

func TestConcurrentLookups(t *testing.T) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, prefix := range Services()[:60] {
				Actions(prefix)
				Key(prefix + ":x")
			}
		})
	}
	all.Wait()
}

// TestSize keeps the committed file small: it is in every binary.
func TestSize(t *testing.T) {
	if info, err := os.Stat("reference.bin"); err != nil || info.Size() > 1_500_000 {
		t.Errorf("reference.bin: %v, %v", info, err)
	}
}

func BenchmarkLookup(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Lookup("s3:GetObject")
	}
}

// BenchmarkLoad is the first question about a large service.
func BenchmarkLoad(b *testing.B) {
	e := index().services["ec2"]
	for b.Loop() {
		parse("ec2", inflate(index().body[e.start:e.start+e.length]))
	}
}

// BenchmarkIndex is the first question at all; before it nothing is read.
func BenchmarkIndex(b *testing.B) {
	head, _, _ := strings.Cut(string(data), "\n\n")
	for b.Loop() {
		for line := range strings.Lines(head) {
			strings.Split(line, "\t")
		}
	}
}
