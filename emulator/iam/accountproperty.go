package iam

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var accountPropertyOps = wire.Ops(
	wire.Op((*Service).GetAccountProperties, anywhere),
	wire.Op((*Service).PutAccountProperties, onProperties),
)

// onProperties is the rule of PutAccountProperties, whose namespaces are a condition key.
var onProperties = wire.For(func(_ context.Context, _ *Service, in *iam.PutAccountPropertiesInput) ([]wire.Need, error) {
	var namespaces []string
	for key := range in.Properties {
		namespace, _, _ := strings.Cut(key, "/")
		if !slices.Contains(namespaces, namespace) {
			namespaces = append(namespaces, namespace)
		}
	}
	slices.Sort(namespaces)
	return []wire.Need{{
		Action: "iam:PutAccountProperties", Resource: "*", Keys: authz.Keys{"iam:accountpropertynamespaces": namespaces},
	}}, nil
})

// GetAccountProperties returns the properties of the account.
func (s *Service) GetAccountProperties(ctx context.Context, _ *iam.GetAccountPropertiesInput) (*iam.GetAccountPropertiesOutput, error) {
	out := &iam.GetAccountPropertiesOutput{Properties: map[string]string{}}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		p, _, err := accountPreferences.Get(tx, callerAccount(ctx))
		maps.Copy(out.Properties, p.Properties)
		return err
	})
	return answer(out, err)
}

// PutAccountProperties sets properties of one namespace. AWS knows the properties and the types of their values; they are not
// documented, and none has an effect here.
func (s *Service) PutAccountProperties(ctx context.Context, in *iam.PutAccountPropertiesInput) (*iam.PutAccountPropertiesOutput, error) {
	var common string
	for key := range in.Properties {
		namespace, name, ok := strings.Cut(key, "/")
		if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
			return nil, awserr.InvalidInput.Errorf("The property key %s is invalid. It must have the form Namespace/PropertyName.", key)
		}
		if common != "" && common != namespace {
			return nil, awserr.InvalidInput.Errorf("All properties must belong to the same namespace.")
		}
		common = namespace
	}
	if common == "" {
		return nil, awserr.InvalidInput.Errorf("At least one property is required.")
	}
	err := s.changePreferences(ctx, func(p *preferences) {
		all := maps.Clone(p.Properties)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, in.Properties)
		p.Properties = all
	})
	return answer(&iam.PutAccountPropertiesOutput{}, err)
}
