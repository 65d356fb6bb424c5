package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var summaryOps = wire.Ops(
	wire.Op((*Service).GetAccountSummary, anywhere),
)

// GetAccountSummary counts the entities of the account and names the quotas.
func (s *Service) GetAccountSummary(ctx context.Context, _ *iam.GetAccountSummaryInput) (*iam.GetAccountSummaryOutput, error) {
	// The quotas are AWS's defaults ("IAM and AWS STS quotas").
	m := map[string]int32{
		"UsersQuota": 5000, "GroupsQuota": 300, "RolesQuota": 1000, "InstanceProfilesQuota": 1000, "PoliciesQuota": 1500,
		"ServerCertificatesQuota": 20, "PolicyVersionsInUseQuota": 10000, "VersionsPerPolicyQuota": maxVersions,
		"GroupsPerUserQuota": groupsPerUser, "AccessKeysPerUserQuota": maxAccessKeys, "SigningCertificatesPerUserQuota": 2,
		"AttachedPoliciesPerUserQuota": maxAttached, "AttachedPoliciesPerGroupQuota": maxAttached,
		"AttachedPoliciesPerRoleQuota": maxAttached, "UserPolicySizeQuota": userInlineSize,
		"GroupPolicySizeQuota": groupInlineSize, "RolePolicySizeQuota": roleInlineSize,
		"AssumeRolePolicySizeQuota": trustSize, "PolicySizeQuota": policySize, "GlobalEndpointTokenVersion": 1,
		// Kinds that xemu cannot make.
		"ServerCertificates": 0, "MFADevices": 0, "MFADevicesInUse": 0, "AccountMFAEnabled": 0, "Providers": 0,
		"AccountSigningCertificatesPresent": 0,
	}
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		account := callerAccount(ctx)
		if m["Users"], err = count(tx, users, account); err != nil {
			return err
		}
		if m["Groups"], err = count(tx, groups, account); err != nil {
			return err
		}
		if m["Roles"], err = count(tx, roles, account); err != nil {
			return err
		}
		if m["InstanceProfiles"], err = count(tx, profiles, account); err != nil {
			return err
		}
		if m["Policies"], err = count(tx, policies, account); err != nil {
			return err
		}
		if m["PolicyVersionsInUse"], err = count(tx, usages, account); err != nil {
			return err
		}
		if _, has, err := first(accessKeys.ByIndex(tx, "user", account)); err != nil {
			return err
		} else if has {
			m["AccountAccessKeysPresent"] = 1
		} else {
			m["AccountAccessKeysPresent"] = 0
		}
		a, err := ownAccount(ctx, tx)
		m["AccountPasswordPresent"] = 0
		if a.PasswordHash != "" {
			m["AccountPasswordPresent"] = 1
		}
		return err
	})
	return answer(&iam.GetAccountSummaryOutput{SummaryMap: m}, err)
}

// count returns how many rows of a table an account has.
func count[T any](tx *store.Tx, t *store.Table[T], account string) (n int32, err error) {
	for _, err := range t.Scan(tx, store.Key(account), "") {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
