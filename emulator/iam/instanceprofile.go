package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var instanceProfileOps = wire.Ops(
	wire.Op((*Service).CreateInstanceProfile, on(newProfile, "InstanceProfileName", createTags("iam:TagInstanceProfile"))),
	wire.Op((*Service).GetInstanceProfile, on(aProfile, "InstanceProfileName")),
	wire.Op((*Service).ListInstanceProfiles, under("instance-profile")),
	wire.Op((*Service).ListInstanceProfilesForRole, on(aRole, "RoleName")),
	wire.Op((*Service).AddRoleToInstanceProfile, onProfileAndRole),
	wire.Op((*Service).RemoveRoleFromInstanceProfile, on(aProfile, "InstanceProfileName")),
	wire.Op((*Service).DeleteInstanceProfile, on(aProfile, "InstanceProfileName")),
)

// instanceProfile is the container that hands a role to EC2 instances.
type instanceProfile struct {
	entity
	Role string // the name of its role, "" for none; roles are never renamed
}

// roleKeys are the keys of the index "role".
func (p *instanceProfile) roleKeys() []string {
	if p.Role == "" {
		return nil
	}
	return []string{nameKey(p.Account, p.Role)}
}

// InstanceProfile is an instance profile as EC2 needs it.
type InstanceProfile struct {
	ID, ARN string
	Role    string // the ARN of its role, "" for none
}

// InstanceProfile returns the instance profile of an ARN; ok is false when there is none.
func (s *Service) InstanceProfile(ctx context.Context, arn string) (found InstanceProfile, ok bool, err error) {
	account, _, name, ok := parseARN(arn, "instance-profile")
	if !ok {
		return found, false, nil
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		p, there, err := profiles.Get(tx, nameKey(account, name))
		if ok = there && p.arnOf("instance-profile") == arn; err != nil || !ok {
			return err
		}
		found = InstanceProfile{ID: p.ID, ARN: arn}
		if p.Role == "" {
			return nil
		}
		r, err := roleNamed(tx, account, p.Role)
		found.Role = r.arn()
		return err
	})
	return found, ok && err == nil, err
}

// onProfileAndRole is the rule of AddRoleToInstanceProfile, which passes the role to EC2.
var onProfileAndRole = wire.For(func(ctx context.Context, s *Service, in *iam.AddRoleToInstanceProfileInput) ([]wire.Need, error) {
	needs, err := s.needs(ctx, aProfile, "InstanceProfileName", in, nil)
	if err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		role, err := aRole(ctx, tx, in, in.RoleName)
		role.shown = ""
		keys := authz.Keys{"iam:passedtoservice": {"ec2.amazonaws.com"}}
		for _, t := range role.tags {
			keys["aws:resourcetag/"+fold(t.Key)] = []string{t.Value}
			keys["iam:resourcetag/"+fold(t.Key)] = []string{t.Value}
		}
		needs = append(needs, role.need("iam:PassRole", keys))
		return err
	})
	return needs, err
})

func profileNamed(tx *store.Tx, account, name string) (instanceProfile, error) {
	p, ok, err := profiles.Get(tx, nameKey(account, name))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("Instance Profile %s cannot be found.", name)
	}
	return p, err
}

// CreateInstanceProfile creates an instance profile without a role.
func (s *Service) CreateInstanceProfile(ctx context.Context, in *iam.CreateInstanceProfileInput) (*iam.CreateInstanceProfileOutput, error) {
	account, name := callerAccount(ctx), aws.ToString(in.InstanceProfileName)
	tags, err := newTags(exact, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &iam.CreateInstanceProfileOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := profiles.Get(tx, nameKey(account, name)); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("Instance Profile %s already exists.", name)
		}
		p := instanceProfile{entity: entity{
			Account: account, Name: name, Path: pathOf(in.Path), ID: ids.New(ids.InstanceProfile), Created: tx.Now, Tags: tags,
		}}
		described, err := s.briefProfile(ctx, tx, &p)
		if err != nil {
			return err
		}
		described.Tags = showTags(p.Tags)
		out.InstanceProfile = &described
		return profiles.Put(tx, &p)
	})
	return answer(out, err)
}

// GetInstanceProfile returns an instance profile with its role.
func (s *Service) GetInstanceProfile(ctx context.Context, in *iam.GetInstanceProfileInput) (*iam.GetInstanceProfileOutput, error) {
	out := &iam.GetInstanceProfileOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		p, err := profileNamed(tx, callerAccount(ctx), aws.ToString(in.InstanceProfileName))
		if err != nil {
			return err
		}
		described, err := s.describeProfile(ctx, tx, &p)
		out.InstanceProfile = &described
		return err
	})
	return answer(out, err)
}

// ListInstanceProfiles returns instance profiles by name, without tags.
func (s *Service) ListInstanceProfiles(ctx context.Context, in *iam.ListInstanceProfilesInput) (*iam.ListInstanceProfilesOutput, error) {
	found, marker, err := listPage(ctx, s, profiles, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListInstanceProfilesOutput{Marker: marker, IsTruncated: marker != nil}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out.InstanceProfiles, err = s.describeProfiles(ctx, tx, found)
		return err
	})
	return answer(out, err)
}

// ListInstanceProfilesForRole returns the instance profiles that have a role.
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListInstanceProfilesForRoleOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		r, err := roleNamed(tx, callerAccount(ctx), aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		found, marker, err := take(p, keyed(profiles.ByIndexFrom(tx, "role", r.key(), p.from)), nil)
		if err != nil {
			return err
		}
		out.Marker, out.IsTruncated = marker, marker != nil
		out.InstanceProfiles, err = s.describeProfiles(ctx, tx, found)
		return err
	})
	return answer(out, err)
}

// AddRoleToInstanceProfile puts a role into a profile that has none.
func (s *Service) AddRoleToInstanceProfile(ctx context.Context, in *iam.AddRoleToInstanceProfileInput) (*iam.AddRoleToInstanceProfileOutput, error) {
	err := change(ctx, s, profiles, profileNamed, in.InstanceProfileName, func(tx *store.Tx, p *instanceProfile) error {
		r, err := roleNamed(tx, p.Account, aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		if err := r.modifiable(); err != nil {
			return err
		}
		if p.Role != "" {
			return quotaExceeded("InstanceSessionsPerInstanceProfile", 1)
		}
		p.Role = r.Name
		return nil
	})
	return answer(&iam.AddRoleToInstanceProfileOutput{}, err)
}

// RemoveRoleFromInstanceProfile takes the role out of a profile.
func (s *Service) RemoveRoleFromInstanceProfile(ctx context.Context, in *iam.RemoveRoleFromInstanceProfileInput) (*iam.RemoveRoleFromInstanceProfileOutput, error) {
	err := change(ctx, s, profiles, profileNamed, in.InstanceProfileName, func(tx *store.Tx, p *instanceProfile) error {
		r, err := roleNamed(tx, p.Account, aws.ToString(in.RoleName))
		if err != nil {
			return err
		}
		if p.Role != r.Name {
			return awserr.NoSuchEntity.Errorf("Role %s in Instance Profile %s cannot be found.", r.Name, p.Name)
		}
		p.Role = ""
		return nil
	})
	return answer(&iam.RemoveRoleFromInstanceProfileOutput{}, err)
}

// DeleteInstanceProfile deletes a profile that has no role: DeleteConflict otherwise.
func (s *Service) DeleteInstanceProfile(ctx context.Context, in *iam.DeleteInstanceProfileInput) (*iam.DeleteInstanceProfileOutput, error) {
	account := callerAccount(ctx)
	err := s.update(ctx, func(tx *store.Tx) error {
		p, err := profileNamed(tx, account, aws.ToString(in.InstanceProfileName))
		if err != nil {
			return err
		}
		if p.Role != "" {
			return awserr.DeleteConflict.Errorf("Cannot delete entity, must remove roles from instance profile first.")
		}
		return profiles.Delete(tx, p.key())
	})
	return answer(&iam.DeleteInstanceProfileOutput{}, err)
}

// briefProfile is a profile as lists show it.
func (s *Service) briefProfile(ctx context.Context, tx *store.Tx, p *instanceProfile) (types.InstanceProfile, error) {
	brief := types.InstanceProfile{
		Arn: aws.String(p.arnOf("instance-profile")), CreateDate: aws.Time(p.Created), Path: aws.String(p.Path),
		InstanceProfileId: aws.String(p.ID), InstanceProfileName: aws.String(p.Name), Roles: []types.Role{},
	}
	if p.Role == "" {
		return brief, nil
	}
	r, err := roleNamed(tx, p.Account, p.Role)
	brief.Roles = append(brief.Roles, s.briefRole(ctx, tx, &r))
	return brief, err
}

func (s *Service) describeProfile(ctx context.Context, tx *store.Tx, p *instanceProfile) (types.InstanceProfile, error) {
	full, err := s.briefProfile(ctx, tx, p)
	full.Tags = allTags(p.Tags)
	return full, err
}

func (s *Service) describeProfiles(ctx context.Context, tx *store.Tx, ps []instanceProfile) ([]types.InstanceProfile, error) {
	out := make([]types.InstanceProfile, len(ps))
	for i := range ps {
		var err error
		if out[i], err = s.briefProfile(ctx, tx, &ps[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
