package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var policyVersionOps = wire.Ops(
	wire.Op((*Service).CreatePolicyVersion, on(aPolicy, "PolicyArn")),
	wire.Op((*Service).GetPolicyVersion, on(aPolicy, "PolicyArn")),
	wire.Op((*Service).ListPolicyVersions, on(aPolicy, "PolicyArn")),
	wire.Op((*Service).SetDefaultPolicyVersion, on(aPolicy, "PolicyArn")),
	wire.Op((*Service).DeletePolicyVersion, on(aPolicy, "PolicyArn")),
)

// policyVersion is a version of a customer managed policy.
type policyVersion struct {
	ID, Document string
	Created      time.Time
}

// maxVersions is the number of versions that a policy may have ("Versioning IAM policies").
const maxVersions = 5

// addVersion appends a version. Numbers of deleted versions do not come back.
func (p *policy) addVersion(text string, now time.Time, asDefault bool) policyVersion {
	v := policyVersion{ID: fmt.Sprintf("v%d", p.Next), Document: text, Created: now}
	p.Next++
	p.Versions = append(p.Versions, v)
	if asDefault {
		p.Default = v.ID
	}
	return v
}

func (p *policy) version(id string) (policyVersion, bool) {
	i := slices.IndexFunc(p.Versions, func(v policyVersion) bool { return v.ID == id })
	if i < 0 {
		return policyVersion{}, false
	}
	return p.Versions[i], true
}

func noSuchVersion(arn, version string) error {
	return awserr.NoSuchEntity.Errorf("Policy %s version %s does not exist or is not attachable.", arn, version)
}

// CreatePolicyVersion adds a version to a policy that has fewer than five.
func (s *Service) CreatePolicyVersion(ctx context.Context, in *iam.CreatePolicyVersionInput) (*iam.CreatePolicyVersionOutput, error) {
	text := aws.ToString(in.PolicyDocument)
	if err := checkManaged(text); err != nil {
		return nil, err
	}
	out := &iam.CreatePolicyVersionOutput{}
	err := s.changePolicy(ctx, in.PolicyArn, func(tx *store.Tx, p *policy) error {
		if len(p.Versions) == maxVersions {
			return awserr.LimitExceeded.Errorf("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
		}
		v := p.addVersion(text, tx.Now, in.SetAsDefault)
		p.Updated = tx.Now
		out.PolicyVersion = ptr(p.describeVersion(&v)) // without the document, as AWS's
		return nil
	})
	return answer(out, err)
}

// GetPolicyVersion returns a version with its document.
func (s *Service) GetPolicyVersion(ctx context.Context, in *iam.GetPolicyVersionInput) (*iam.GetPolicyVersionOutput, error) {
	arn, err := policyARN(in.PolicyArn)
	if err != nil {
		return nil, err
	}
	id, out := aws.ToString(in.VersionId), &iam.GetPolicyVersionOutput{}
	if m, ok := s.managed.ByARN(arn); ok {
		if id != m.DefaultVersion {
			return nil, noSuchVersion(arn, id)
		}
		out.PolicyVersion = ptr(m.describeVersion())
		out.PolicyVersion.Document = encodeDocument(m.Document())
		return out, nil
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		p, _, err := findPolicy(tx, callerAccount(ctx), arn)
		if err != nil {
			return err
		}
		v, ok := p.version(id)
		if !ok {
			return noSuchVersion(arn, id)
		}
		out.PolicyVersion = ptr(p.describeVersion(&v))
		out.PolicyVersion.Document = encodeDocument(v.Document)
		return nil
	})
	return answer(out, err)
}

// ListPolicyVersions returns the versions, the newest first, without their documents.
func (s *Service) ListPolicyVersions(ctx context.Context, in *iam.ListPolicyVersionsInput) (*iam.ListPolicyVersionsOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	arn, err := policyARN(in.PolicyArn)
	if err != nil {
		return nil, err
	}
	var all []types.PolicyVersion
	if m, ok := s.managed.ByARN(arn); ok {
		all = append(all, m.describeVersion())
	} else if err := s.store.View(ctx, func(tx *store.Tx) error {
		own, err := customerPolicy(tx, callerAccount(ctx), arn)
		all = convert(own.Versions, own.describeVersion)
		return err
	}); err != nil {
		return nil, err
	}
	// Versions have at most ten digits; the complement of the number sorts the newest first.
	found, marker, err := sorted(p, all, func(v types.PolicyVersion) string { return descending(*v.VersionId) })
	return answer(&iam.ListPolicyVersionsOutput{Versions: found, Marker: marker, IsTruncated: marker != nil}, err)
}

// descending is a key by which versions sort from the newest to the oldest.
func descending(versionID string) string {
	var n int64
	fmt.Sscanf(strings.TrimPrefix(versionID, "v"), "%d", &n)
	return fmt.Sprintf("%012d", 999_999_999_999-n)
}

// SetDefaultPolicyVersion makes a version the one that counts.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, in *iam.SetDefaultPolicyVersionInput) (*iam.SetDefaultPolicyVersionOutput, error) {
	id := aws.ToString(in.VersionId)
	err := s.changeVersion(ctx, in.PolicyArn, id, func(tx *store.Tx, p *policy) error {
		p.Default, p.Updated = id, tx.Now
		return nil
	})
	return answer(&iam.SetDefaultPolicyVersionOutput{}, err)
}

// DeletePolicyVersion deletes a version other than the default one.
func (s *Service) DeletePolicyVersion(ctx context.Context, in *iam.DeletePolicyVersionInput) (*iam.DeletePolicyVersionOutput, error) {
	id := aws.ToString(in.VersionId)
	err := s.changeVersion(ctx, in.PolicyArn, id, func(tx *store.Tx, p *policy) error {
		if id == p.Default {
			return awserr.DeleteConflict.Errorf("Cannot delete the default version of a policy.")
		}
		p.Versions = slices.DeleteFunc(p.Versions, func(v policyVersion) bool { return v.ID == id })
		p.Updated = tx.Now
		return nil
	})
	return answer(&iam.DeletePolicyVersionOutput{}, err)
}

// changeVersion lets fn change a policy that has the version. A policy that is not there is answered as a version that is
// not.
func (s *Service) changeVersion(ctx context.Context, arn *string, id string, fn func(*store.Tx, *policy) error) error {
	find := func(tx *store.Tx, account, arn string) (policy, error) {
		if _, err := policyARN(&arn); err != nil {
			return policy{}, err
		}
		p, _, err := findPolicy(tx, account, arn)
		if _, ok := p.version(id); err == nil && !ok {
			err = noSuchVersion(arn, id)
		}
		return p, err
	}
	return change(ctx, s, policies, find, arn, fn)
}

func (p *policy) describeVersion(v *policyVersion) types.PolicyVersion {
	return types.PolicyVersion{
		VersionId: aws.String(v.ID), CreateDate: aws.Time(v.Created), IsDefaultVersion: v.ID == p.Default,
	}
}

func (m *ManagedPolicy) describeVersion() types.PolicyVersion {
	return types.PolicyVersion{
		VersionId: aws.String(m.DefaultVersion), CreateDate: aws.Time(m.Updated), IsDefaultVersion: true,
	}
}
