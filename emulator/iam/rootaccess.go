package iam

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Centralized root access ("Centrally manage root access for member accounts", IAM User Guide).
var rootAccessOps = wire.Ops(
	wire.Op((*Service).EnableOrganizationsRootCredentialsManagement, anywhere),
	wire.Op((*Service).DisableOrganizationsRootCredentialsManagement, anywhere),
	wire.Op((*Service).EnableOrganizationsRootSessions, anywhere),
	wire.Op((*Service).DisableOrganizationsRootSessions, anywhere),
	wire.Op((*Service).ListOrganizationsFeatures, anywhere),
)

// Organization is what IAM needs to know of the organization that an account is in.
type Organization struct {
	ID            string // "" for none
	Management    bool   // the account is the management account
	AllFeatures   bool
	Trusted       bool // trusted access is enabled for IAM
	Administrator bool // the account is the delegated administrator for IAM
}

// organizationFeatures are the features that an organization has enabled.
type organizationFeatures struct {
	Organization string
	Features     []types.FeatureType
}

var features = store.NewTable("iam.organizationfeatures", func(f *organizationFeatures) string { return f.Organization })

// centralRoot returns the caller's organization, which it must be able to manage root access of.
func (s *Service) centralRoot(ctx context.Context) (Organization, error) {
	o, err := s.organization(ctx, callerAccount(ctx))
	switch {
	case err != nil:
		return o, err
	case o.ID == "":
		return o, awserr.OrganizationNotFoundException.Errorf("No organization is associated with your account.")
	case !o.Management && !o.Administrator:
		return o, awserr.AccountNotManagementOrDelegatedAdministratorException.Errorf("The account making the request is not the management account or delegated administrator account for centralized root access.")
	case !o.AllFeatures:
		return o, awserr.OrganizationNotInAllFeaturesModeException.Errorf("Your organization does not have all features enabled.")
	case !o.Trusted:
		return o, awserr.ServiceAccessNotEnabledException.Errorf("Trusted access is not enabled for IAM in Organizations.")
	}
	return o, nil
}

// setFeature enables or disables a feature, and returns the organization with what is enabled then.
func (s *Service) setFeature(ctx context.Context, feature types.FeatureType, on bool) (id *string, enabled []types.FeatureType, err error) {
	o, err := s.centralRoot(ctx)
	if err != nil {
		return nil, nil, err
	}
	if on && !o.Management {
		return nil, nil, awserr.CallerIsNotManagementAccountException.Errorf("The account making the request is not the management account for the organization.")
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		f, _, err := features.Get(tx, o.ID)
		if err != nil {
			return err
		}
		f.Organization = o.ID
		f.Features = slices.DeleteFunc(f.Features, func(t types.FeatureType) bool { return t == feature })
		if on {
			f.Features = append(f.Features, feature)
			slices.Sort(f.Features)
		}
		enabled = append([]types.FeatureType{}, f.Features...)
		return features.Put(tx, &f)
	})
	return &o.ID, enabled, err
}

// EnableOrganizationsRootCredentialsManagement lets the management account manage the root credentials of its members.
func (s *Service) EnableOrganizationsRootCredentialsManagement(ctx context.Context, _ *iam.EnableOrganizationsRootCredentialsManagementInput) (*iam.EnableOrganizationsRootCredentialsManagementOutput, error) {
	id, enabled, err := s.setFeature(ctx, types.FeatureTypeRootCredentialsManagement, true)
	return answer(&iam.EnableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: enabled}, err)
}

// DisableOrganizationsRootCredentialsManagement takes the management of the members' root credentials back.
func (s *Service) DisableOrganizationsRootCredentialsManagement(ctx context.Context, _ *iam.DisableOrganizationsRootCredentialsManagementInput) (*iam.DisableOrganizationsRootCredentialsManagementOutput, error) {
	id, enabled, err := s.setFeature(ctx, types.FeatureTypeRootCredentialsManagement, false)
	return answer(&iam.DisableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: enabled}, err)
}

// EnableOrganizationsRootSessions lets the management account act as the root users of its members, for single tasks.
func (s *Service) EnableOrganizationsRootSessions(ctx context.Context, _ *iam.EnableOrganizationsRootSessionsInput) (*iam.EnableOrganizationsRootSessionsOutput, error) {
	id, enabled, err := s.setFeature(ctx, types.FeatureTypeRootSessions, true)
	return answer(&iam.EnableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: enabled}, err)
}

// DisableOrganizationsRootSessions ends that. Sessions that exist go on to their end.
func (s *Service) DisableOrganizationsRootSessions(ctx context.Context, _ *iam.DisableOrganizationsRootSessionsInput) (*iam.DisableOrganizationsRootSessionsOutput, error) {
	id, enabled, err := s.setFeature(ctx, types.FeatureTypeRootSessions, false)
	return answer(&iam.DisableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: enabled}, err)
}

// ListOrganizationsFeatures returns what is enabled of centralized root access.
func (s *Service) ListOrganizationsFeatures(ctx context.Context, _ *iam.ListOrganizationsFeaturesInput) (*iam.ListOrganizationsFeaturesOutput, error) {
	o, err := s.centralRoot(ctx)
	if err != nil {
		return nil, err
	}
	out := &iam.ListOrganizationsFeaturesOutput{OrganizationId: &o.ID, EnabledFeatures: []types.FeatureType{}}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		f, _, err := features.Get(tx, o.ID)
		out.EnabledFeatures = append(out.EnabledFeatures, f.Features...)
		return err
	})
	return answer(out, err)
}

// rootTasks are the features that the task policies of AssumeRoot stand under: what deletes, creates or audits root
// credentials is their management, what unlocks a resource needs root sessions.
var rootTasks = map[string]types.FeatureType{
	"IAMAuditRootUserCredentials":  types.FeatureTypeRootCredentialsManagement,
	"IAMCreateRootUserPassword":    types.FeatureTypeRootCredentialsManagement,
	"IAMDeleteRootUserCredentials": types.FeatureTypeRootCredentialsManagement,
	"S3UnlockBucketPolicy":         types.FeatureTypeRootSessions,
	"SQSUnlockQueuePolicy":         types.FeatureTypeRootSessions,
}

// RootTask says why the account caller may not act as the root user of member for a task, "" if it may; the task is the name
// of an AWS managed policy, and ok is false for one that is none.
func (s *Service) RootTask(ctx context.Context, caller, member, task string) (refused string, ok bool, err error) {
	feature, ok := rootTasks[task]
	if !ok {
		return "", false, nil
	}
	own, err := s.organization(ctx, caller)
	if err != nil {
		return "", true, err
	}
	other, err := s.organization(ctx, member)
	if err != nil {
		return "", true, err
	}
	var f organizationFeatures
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		f, _, err = features.Get(tx, own.ID)
		return err
	})
	switch {
	case own.ID == "":
		refused = "account " + caller + " is in no organization"
	case !own.Management && !own.Administrator:
		refused = "account " + caller + " is neither the management account nor the delegated administrator for iam.amazonaws.com"
	case other.ID != own.ID || other.Management:
		refused = "account " + member + " is not a member account of the organization " + own.ID
	case !own.Trusted:
		refused = "trusted access for iam.amazonaws.com is not enabled in the organization (EnableAWSServiceAccess)"
	case !slices.Contains(f.Features, feature):
		refused = "the organization has not enabled " + string(feature) + ", which " + task + " stands under (EnableOrganizations" + string(feature) + ")"
	}
	return refused, true, err
}
