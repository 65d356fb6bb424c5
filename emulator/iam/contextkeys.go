package iam

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/authz"
)

// GetContextKeysForCustomPolicy returns the condition keys that policies mention. InvalidInput for a policy with errors.
func (s *Service) GetContextKeysForCustomPolicy(_ context.Context, in *iam.GetContextKeysForCustomPolicyInput) (*iam.GetContextKeysForCustomPolicyOutput, error) {
	policies, err := given(in.PolicyInputList, authz.Identity, "PolicyInputList.")
	return answer(&iam.GetContextKeysForCustomPolicyOutput{ContextKeyNames: contextKeys(policies)}, err)
}

// GetContextKeysForPrincipalPolicy returns the condition keys that the policies of a user, with those of its groups, of a
// group or of a role mention, and those given besides. Errors as SimulatePrincipalPolicy.
func (s *Service) GetContextKeysForPrincipalPolicy(ctx context.Context, in *iam.GetContextKeysForPrincipalPolicyInput) (*iam.GetContextKeysForPrincipalPolicyOutput, error) {
	from, err := s.policySource(ctx, aws.ToString(in.PolicySourceArn))
	if err != nil {
		return nil, err
	}
	policies, err := given(in.PolicyInputList, authz.Identity, "PolicyInputList.")
	names := contextKeys(append(from.grants.Identity, policies...))
	return answer(&iam.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: names}, err)
}

// contextKeys are the keys that the policies mention, each once.
func contextKeys(policies []authz.Attached) []string {
	names, known := []string{}, map[string]bool{}
	for i := range policies {
		for _, name := range policies[i].Policy.ContextKeys() {
			if lower := strings.ToLower(name); !known[lower] {
				known[lower] = true
				names = append(names, name)
			}
		}
	}
	return names
}
