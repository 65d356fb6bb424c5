package iam

import (
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestSecurityTokenServicePreferences(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	version := func(c *iam.Client) int32 {
		out, err := c.GetAccountSummary(ctx, nil)
		w.must(err)
		return out.SummaryMap["GlobalEndpointTokenVersion"]
	}
	set := func(v types.GlobalEndpointTokenVersion) error {
		return second(c.SetSecurityTokenServicePreferences(ctx, &iam.SetSecurityTokenServicePreferencesInput{GlobalEndpointTokenVersion: v}))
	}
	if version(c) != 1 {
		t.Errorf("version %d at first", version(c))
	}
	w.must(set(types.GlobalEndpointTokenVersionV2Token))
	if version(c) != 2 || version(w.admin(development)) != 1 {
		t.Errorf("version %d, of the other account %d", version(c), version(w.admin(development)))
	}
	w.check("another version", set("v3Token"), "ValidationError: 1 validation error detected: Value at 'globalEndpointTokenVersion' failed to satisfy constraint: Member must satisfy enum value set: [v1Token, v2Token]")
	w.must(set(types.GlobalEndpointTokenVersionV1Token))
	if version(c) != 1 {
		t.Errorf("version %d after v1", version(c))
	}
}

func TestAccountProperties(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	put := func(p map[string]string) error {
		return second(c.PutAccountProperties(ctx, &iam.PutAccountPropertiesInput{Properties: p}))
	}
	w.must(put(map[string]string{"RoleManager/A": "true"}))
	w.must(put(map[string]string{"RoleManager/B": "false"}))
	w.check("two namespaces", put(map[string]string{"A/a": "1", "B/b": "1"}), "InvalidInput: All properties must belong to the same namespace.")
	for _, key := range []string{"A", "/A", "A/", "A/B/C", ""} {
		w.check("key "+key, put(map[string]string{key: "1"}), "InvalidInput: The property key "+key+" is invalid. It must have the form Namespace/PropertyName.")
	}
	out, err := c.GetAccountProperties(ctx, nil)
	w.must(err)
	if !maps.Equal(out.Properties, map[string]string{"RoleManager/A": "true", "RoleManager/B": "false"}) {
		t.Errorf("properties %v", out.Properties)
	}
}

// No service has made a role template.
func TestRoleTemplates(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	arn := aws.String("arn:aws:iam::aws:role-template/service.amazonaws.com/Template:1")
	missing := "NoSuchEntity: The role template with ARN " + *arn + " cannot be found."
	w.check("GetRoleTemplateVersion", second(c.GetRoleTemplateVersion(ctx, &iam.GetRoleTemplateVersionInput{TemplateArn: arn})), missing)
	w.check("AcquireRole", second(c.AcquireRole(ctx, &iam.AcquireRoleInput{TemplateArn: arn})), missing)
	w.check("an ARN of no template", second(c.AcquireRole(ctx, &iam.AcquireRoleInput{TemplateArn: aws.String("arn:aws:iam::aws:role/x-y-z")})),
		"InvalidInput: ARN arn:aws:iam::aws:role/x-y-z is not valid.")
}
