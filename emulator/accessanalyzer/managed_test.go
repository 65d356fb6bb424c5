package accessanalyzer_test

import (
	"slices"
	"testing"

	"github.com/xemu-aws/xemu/authz/lint"
	"github.com/xemu-aws/xemu/emulator/iam/managed"
)

// TestManagedPolicies: what the check reference says of AWS's own policies is found in them, and they are valid but for what AWS
// has given up since.
func TestManagedPolicies(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the whole service reference")
	}
	policies, err := managed.Load("")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string][]string{
		"AdministratorAccess":             {"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE"},
		"IAMFullAccess":                   {"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE"},
		"PowerUserAccess":                 {"CREATE_SLR_WITH_STAR_IN_RESOURCE"},
		"ReadOnlyAccess":                  {"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"},
		"AWSSupportServiceRolePolicy":     {"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"},
		"AmazonSecurityLakeAdministrator": {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"},
		"AWSCodePipeline_FullAccess":      {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"},
		"AWSCodePipeline_ReadOnlyAccess":  {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"},
		"S3UnlockBucketPolicy":            {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"},
		"SQSUnlockQueuePolicy":            {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"},
	}
	total, wrong := 0, 0
	for _, p := range policies.All() {
		total++
		var codes []string
		hasError := false
		for _, f := range lint.Validate(p.Document(), lint.Options{Type: lint.Identity}) {
			codes = append(codes, f.Code)
			hasError = hasError || f.Type == lint.Error
		}
		if hasError {
			wrong++
		}
		for _, code := range documented[p.Name] {
			if !slices.Contains(codes, code) {
				t.Errorf("%s: %q, without %s", p.Name, codes, code)
			}
		}
		delete(documented, p.Name)
	}
	if len(documented) > 0 {
		t.Errorf("there are no %v", documented)
	}
	if wrong*100 > total*8 {
		t.Errorf("%d of %d policies of AWS have errors", wrong, total)
	}
	t.Logf("%d of %d policies of AWS have errors", wrong, total)
}
