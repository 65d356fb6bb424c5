package iam

import (
	"context"
	"iter"

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
		"ServerCertificatesQuota": maxServerCertificates, "PolicyVersionsInUseQuota": 10000, "VersionsPerPolicyQuota": maxVersions,
		"GroupsPerUserQuota": groupsPerUser, "AccessKeysPerUserQuota": maxAccessKeys, "SigningCertificatesPerUserQuota": maxSigningCertificates,
		"AttachedPoliciesPerUserQuota": maxAttached, "AttachedPoliciesPerGroupQuota": maxAttached,
		"AttachedPoliciesPerRoleQuota": maxAttached, "UserPolicySizeQuota": userInlineSize,
		"GroupPolicySizeQuota": groupInlineSize, "RolePolicySizeQuota": roleInlineSize,
		"AssumeRolePolicySizeQuota": trustSize, "PolicySizeQuota": policySize,
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
		if m["ServerCertificates"], err = count(tx, serverCertificates, account); err != nil {
			return err
		}
		oidc, err := count(tx, oidcProviders, account)
		if err != nil {
			return err
		}
		saml, err := count(tx, samlProviders, account)
		if err != nil {
			return err
		}
		m["Providers"] = oidc + saml
		if m["AccountAccessKeysPresent"], err = present(accessKeys.ByIndex(tx, "user", account)); err != nil {
			return err
		}
		if m["AccountSigningCertificatesPresent"], err = present(signingCertificates.Scan(tx, store.Key(account), "")); err != nil {
			return err
		}
		if m["AccountMFAEnabled"], err = present(mfaDevices.ByIndex(tx, "owner", account)); err != nil {
			return err
		}
		if m["MFADevices"], m["MFADevicesInUse"], err = countMFADevices(tx, account); err != nil {
			return err
		}
		chosen, _, err := accountPreferences.Get(tx, account)
		if err != nil {
			return err
		}
		m["GlobalEndpointTokenVersion"] = max(1, chosen.TokenVersion)
		a, err := ownAccount(ctx, tx)
		m["AccountPasswordPresent"] = 0
		if a.PasswordHash != "" {
			m["AccountPasswordPresent"] = 1
		}
		return err
	})
	return answer(&iam.GetAccountSummaryOutput{SummaryMap: m}, err)
}

// present is 1 when a scan has anything, else 0.
func present[T any](values iter.Seq2[T, error]) (int32, error) {
	_, has, err := first(values)
	if has {
		return 1, err
	}
	return 0, err
}

func countMFADevices(tx *store.Tx, account string) (all, inUse int32, err error) {
	for d, err := range mfaDevices.Scan(tx, store.Key(account), "") {
		if err != nil {
			return 0, 0, err
		}
		all++
		if d.Owner != "" {
			inUse++
		}
	}
	return all, inUse, nil
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
