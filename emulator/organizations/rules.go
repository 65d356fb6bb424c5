package organizations

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// on is the rule of operations on the resources that the fields name, none for operations without resource types
// ("Actions, resources, and condition keys for AWS Organizations", Service Authorization Reference). A need is made for each
// resource; who tags what is created needs organizations:TagResource as well.
func on(fields ...string) wire.Rule {
	return wire.Any(func(ctx context.Context, s *Service, in any) ([]wire.Need, error) {
		v := reflect.ValueOf(in).Elem()
		operation := strings.TrimSuffix(v.Type().Name(), "Input")
		keys := requestKeys(v)
		var needs []wire.Need
		err := s.store.View(ctx, func(tx *store.Tx) error {
			resources, err := namedBy(ctx, tx, v, fields)
			for _, r := range resources {
				needs = append(needs, wire.Need{Action: "organizations:" + operation, Resource: r.arn, Keys: r.keys(keys)})
			}
			return err
		})
		if tagged := v.FieldByName("Tags"); tagged.IsValid() && tagged.Len() > 0 && operation != "TagResource" {
			needs = append(needs, wire.Need{Action: "organizations:TagResource", Resource: "*", Keys: keys})
		}
		return needs, err
	})
}

// resource is what a request acts on.
type resource struct {
	arn    string
	tags   []tag
	policy types.PolicyType // of a policy
}

func (r resource) keys(request authz.Keys) authz.Keys {
	keys := authz.Keys{}
	for name, values := range request {
		keys[name] = values
	}
	for _, t := range r.tags {
		keys["aws:resourcetag/"+strings.ToLower(t.Key)] = []string{t.Value}
	}
	if r.policy != "" {
		keys["organizations:policytype"] = []string{string(r.policy)}
	}
	return keys
}

// namedBy returns the resources of a request, "*" alone if it has none or the caller is in no organization.
func namedBy(ctx context.Context, tx *store.Tx, in reflect.Value, fields []string) ([]resource, error) {
	m, ok, err := members.Get(tx, callerAccount(ctx))
	if err != nil || !ok || len(fields) == 0 {
		return []resource{{arn: "*"}}, err
	}
	o, _, err := orgs.Get(tx, m.Organization)
	if err != nil {
		return nil, err
	}
	var all []resource
	for _, field := range fields {
		r, err := o.resource(tx, in.FieldByName(field).Interface().(*string))
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// resource returns what an id names, by its form: who may not ask does not learn whether it is there.
func (o *organization) resource(tx *store.Tx, id *string) (r resource, err error) {
	switch name := aws.ToString(id); {
	case strings.HasPrefix(name, "p-"):
		p, known := awsManaged(name)
		if !known {
			if p, known, err = policies.Get(tx, store.Key(o.ID, name)); err != nil {
				return r, err
			}
		}
		if !known {
			return resource{arn: o.arn("policy", "service_control_policy/"+name)}, nil
		}
		return resource{arn: o.policyARN(&p), tags: p.Tags, policy: p.Type}, nil
	case strings.HasPrefix(name, "r-"):
		r.arn = o.arn("root", name)
	case strings.HasPrefix(name, "ou-"):
		r.arn = o.arn("ou", name)
	default:
		r.arn = o.arn("account", name)
	}
	r.tags, err = o.tagsOf(tx, aws.ToString(id))
	return r, err
}

// requestKeys are the condition keys that stand in the request itself.
func requestKeys(in reflect.Value) authz.Keys {
	keys := authz.Keys{}
	for i := range in.NumField() {
		if !in.Type().Field(i).IsExported() {
			continue // the SDK's own
		}
		switch value := in.Field(i).Interface().(type) {
		case types.PolicyType:
			if value != "" {
				keys["organizations:policytype"] = []string{string(value)}
			}
		case []types.Tag:
			addTagKeys(keys, value)
		}
	}
	if service := in.FieldByName("ServicePrincipal"); service.IsValid() && !service.IsNil() {
		keys["organizations:serviceprincipal"] = []string{service.Elem().String()}
	}
	if untagged := in.FieldByName("TagKeys"); untagged.IsValid() {
		keys["aws:tagkeys"] = untagged.Interface().([]string)
	}
	return keys
}

// addTagKeys sets aws:RequestTag/… and aws:TagKeys.
func addTagKeys(keys authz.Keys, tags []types.Tag) {
	for _, t := range tags {
		keys["aws:requesttag/"+strings.ToLower(aws.ToString(t.Key))] = []string{aws.ToString(t.Value)}
		keys["aws:tagkeys"] = append(keys["aws:tagkeys"], aws.ToString(t.Key))
	}
}
