package iam

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
)

// simulation is what SimulateCustomPolicy and SimulatePrincipalPolicy evaluate.
type simulation struct {
	actions   []string
	resources []string // nil: "*"
	owner     string   // of resources whose ARN has no account
	principal authz.Principal
	policies  authz.Policies // but for the resource's
	resource  *authz.Policy
	rcps      map[string][][]authz.Attached // by the account of a resource
	keys      authz.Keys
}

// newSimulation checks the parameters. Without a CallerArn the caller is somebody of the account.
func newSimulation(in *iam.SimulateCustomPolicyInput, account string) (*simulation, error) {
	sim := &simulation{actions: in.ActionNames, resources: in.ResourceArns}
	if err := checkActions(in.ActionNames); err != nil {
		return nil, err
	}
	if err := checkResources(in.ResourceArns, in.ResourceHandlingOption); err != nil {
		return nil, err
	}
	if err := sim.setCaller(in, account); err != nil {
		return nil, err
	}
	if err := sim.setPolicies(in); err != nil {
		return nil, err
	}
	if err := sim.setContext(in.ContextEntries); err != nil {
		return nil, err
	}
	sim.yield()
	return sim, nil
}

func checkActions(names []string) error {
	for _, name := range names {
		service, operation, ok := strings.Cut(name, ":")
		if !ok || service == "" || operation == "" || strings.ContainsAny(name, "*?") {
			return awserr.InvalidInput.Errorf("Invalid Input Action: %s must name one action of a service, without wildcards.", name)
		}
	}
	return nil
}

// handlingOptions are the resources that the scenarios of Amazon EC2 need (ResourceHandlingOption, IAM API Reference).
var handlingOptions = map[string][]string{
	"EC2-Classic-InstanceStore":    {"instance", "image", "security-group"},
	"EC2-Classic-EBS":              {"instance", "image", "security-group", "volume"},
	"EC2-VPC-InstanceStore":        {"instance", "image", "security-group", "network-interface"},
	"EC2-VPC-InstanceStore-Subnet": {"instance", "image", "security-group", "network-interface", "subnet"},
	"EC2-VPC-EBS":                  {"instance", "image", "security-group", "network-interface", "volume"},
	"EC2-VPC-EBS-Subnet":           {"instance", "image", "security-group", "network-interface", "subnet", "volume"},
}

func checkResources(arns []string, option *string) error {
	var invalid []string
	for _, arn := range arns {
		if parts := strings.SplitN(arn, ":", 6); arn != "*" && (len(parts) != 6 || parts[0] != "arn" || parts[2] == "" || parts[5] == "") {
			invalid = append(invalid, arn)
		}
	}
	if invalid != nil {
		return awserr.InvalidInput.Errorf("ResourceNames are not in a valid ARN format: %s.", strings.Join(invalid, ", "))
	}
	if option == nil {
		return nil
	}
	needed, ok := handlingOptions[*option]
	if !ok {
		return awserr.InvalidInput.Errorf("Invalid Resource Handling Option: %s.", *option)
	}
	for _, kind := range needed {
		if !slices.ContainsFunc(arns, func(arn string) bool {
			parts := strings.SplitN(arn, ":", 6)
			return len(parts) == 6 && parts[2] == "ec2" && strings.HasPrefix(parts[5], kind+"/")
		}) {
			return awserr.InvalidInput.Errorf("The Resource Handling Option %s requires a resource of the type %s.", *option, kind)
		}
	}
	return nil
}

// setCaller sets who asks, and who owns what is asked for.
func (sim *simulation) setCaller(in *iam.SimulateCustomPolicyInput, account string) error {
	sim.principal = authz.Principal{Type: authz.User, Account: account}
	if in.CallerArn != nil {
		kind, account, name, err := entityOf(*in.CallerArn)
		if err != nil {
			return err
		}
		if kind == "group" && in.ResourcePolicy != nil {
			return awserr.InvalidInput.Errorf("Invalid caller - Caller must be an IAM user in this context.")
		}
		sim.principal = principalOf(kind, account, name, *in.CallerArn)
	}
	sim.owner = sim.principal.Account
	if in.ResourceOwner == nil {
		return nil
	}
	// The API Reference asks for an account's id, IAM for the ARN of its root user.
	sim.owner = strings.TrimSuffix(strings.TrimPrefix(*in.ResourceOwner, "arn:aws:iam::"), ":root")
	if !isAccountID(sim.owner) {
		return awserr.InvalidInput.Errorf("'%s' is not a valid as a Resource Owner.", *in.ResourceOwner)
	}
	return nil
}

// setPolicies parses the policies given.
func (sim *simulation) setPolicies(in *iam.SimulateCustomPolicyInput) (err error) {
	if sim.policies.Identity, err = given(in.PolicyInputList, authz.Identity, "PolicyInputList."); err != nil {
		return err
	}
	boundaries, err := given(in.PermissionsBoundaryPolicyInputList, authz.Boundary, "PermissionsBoundaryPolicyInputList.")
	switch {
	case err != nil:
		return err
	case len(boundaries) > 1:
		return awserr.InvalidInput.Errorf("Only one permissions boundary policy can be simulated.")
	case len(boundaries) == 1:
		sim.policies.Boundary = &boundaries[0]
	}
	if in.ResourcePolicy == nil {
		return nil
	}
	kind := authz.Resource
	if slices.ContainsFunc(in.ActionNames, isTrustAction) {
		kind = authz.Trust
	}
	sim.resource, err = parseGiven(*in.ResourcePolicy, kind)
	return err
}

// given parses a list of policies, named as AWS names them: PolicyInputList.1.
func given(texts []string, kind authz.PolicyKind, list string) ([]authz.Attached, error) {
	var policies []authz.Attached
	for i, text := range texts {
		p, err := parseGiven(text, kind)
		if err != nil {
			return nil, err
		}
		policies = append(policies, authz.Attached{Policy: p, Kind: kind, Name: fmt.Sprint(list, i+1)})
	}
	return policies, nil
}

func parseGiven(text string, kind authz.PolicyKind) (*authz.Policy, error) {
	p, err := authz.Validate(text, kind)
	if err != nil {
		return nil, awserr.InvalidInput.Errorf("%s", err)
	}
	return p, nil
}

// setContext reads the values of the condition keys.
func (sim *simulation) setContext(entries []types.ContextEntry) error {
	sim.keys = authz.Keys{}
	for i := range entries {
		e := &entries[i]
		name := fold(aws.ToString(e.ContextKeyName))
		if prefix, rest, ok := strings.Cut(name, ":"); !ok || prefix == "" || rest == "" {
			return awserr.InvalidInput.Errorf("Invalid Context Key Name: %s.", aws.ToString(e.ContextKeyName))
		}
		if _, twice := sim.keys[name]; twice {
			return awserr.InvalidInput.Errorf("The context key %s is specified more than once.", *e.ContextKeyName)
		}
		if err := checkContext(e); err != nil {
			return err
		}
		sim.keys[name] = e.ContextKeyValues
	}
	return nil
}

// checkContext holds the values of a context key to their type.
func checkContext(e *types.ContextEntry) error {
	kind, list := strings.CutSuffix(string(e.ContextKeyType), "List")
	if e.ContextKeyType != "" && !list && len(e.ContextKeyValues) != 1 {
		return awserr.InvalidInput.Errorf("The context key %s of type %s must have exactly one value.", *e.ContextKeyName, kind)
	}
	for _, value := range e.ContextKeyValues {
		if !isOfType(value, kind) {
			return awserr.InvalidInput.Errorf("The value %s of the context key %s is not of type %s.", value, *e.ContextKeyName, kind)
		}
	}
	return nil
}

func isOfType(value, kind string) bool {
	var err error
	switch kind {
	case "numeric":
		_, err = strconv.ParseFloat(value, 64)
	case "boolean":
		return strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case "ip":
		if _, err = netip.ParseAddr(value); err != nil {
			_, err = netip.ParsePrefix(value)
		}
	case "binary":
		_, err = base64.StdEncoding.DecodeString(value)
	case "date":
		return isDate(value)
	}
	return err == nil
}

// isDate accepts seconds since 1970 and the ISO 8601 forms of the date operators.
func isDate(value string) bool {
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if _, err := time.Parse(layout, value); err == nil {
			return true
		}
	}
	return false
}

// yield lets the context entries have their say on what is known of the caller without them.
func (sim *simulation) yield() {
	if _, ok := sim.keys["aws:username"]; ok {
		sim.principal.Name = ""
	}
	if _, ok := sim.keys["aws:userid"]; ok {
		sim.principal.ID = ""
	}
}
