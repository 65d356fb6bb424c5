package iam

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var groupOps = wire.Ops(
	wire.Op((*Service).CreateGroup, on(newGroup, "GroupName")),
	wire.Op((*Service).GetGroup, on(aGroup, "GroupName")),
	wire.Op((*Service).ListGroups, under("group")),
	wire.Op((*Service).UpdateGroup, renamed(aGroup, "GroupName", "NewGroupName")),
	wire.Op((*Service).DeleteGroup, on(aGroup, "GroupName")),
	wire.Op((*Service).AddUserToGroup, on(aGroup, "GroupName")),
	wire.Op((*Service).RemoveUserFromGroup, on(aGroup, "GroupName")),
	wire.Op((*Service).ListGroupsForUser, on(aUser, "UserName")),
)

// group is an IAM group. Its members are the users that hold its unique id.
type group struct{ identity }

// groupsPerUser is a quota ("IAM and AWS STS quotas").
const groupsPerUser = 10

func groupNamed(tx *store.Tx, account, name string) (group, error) {
	g, ok, err := groups.Get(tx, nameKey(account, name))
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("The group with name %s cannot be found.", name)
	}
	return g, err
}

func groupTaken(name string) error {
	return awserr.EntityAlreadyExists.Errorf("Group with name %s already exists.", name)
}

// CreateGroup creates a group.
func (s *Service) CreateGroup(ctx context.Context, in *iam.CreateGroupInput) (*iam.CreateGroupOutput, error) {
	account, name := callerAccount(ctx), aws.ToString(in.GroupName)
	out := &iam.CreateGroupOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := groups.Get(tx, nameKey(account, name)); err != nil {
			return err
		} else if taken {
			return groupTaken(name)
		}
		g := group{identity{entity: entity{
			Account: account, Name: name, Path: pathOf(in.Path), ID: ids.New(ids.Group), Created: tx.Now,
		}}}
		out.Group = ptr(g.describe())
		return groups.Put(tx, &g)
	})
	return answer(out, err)
}

// GetGroup returns a group and a page of its members.
func (s *Service) GetGroup(ctx context.Context, in *iam.GetGroupInput) (*iam.GetGroupOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.GetGroupOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		g, err := groupNamed(tx, callerAccount(ctx), aws.ToString(in.GroupName))
		if err != nil {
			return err
		}
		found, marker, err := take(p, keyed(users.ByIndexFrom(tx, "group", g.ID, p.from)), nil)
		out.Group = ptr(g.describe())
		out.Users = convert(found, (*user).brief)
		out.Marker, out.IsTruncated = marker, marker != nil
		return err
	})
	return answer(out, err)
}

// ListGroups returns groups by name.
func (s *Service) ListGroups(ctx context.Context, in *iam.ListGroupsInput) (*iam.ListGroupsOutput, error) {
	found, marker, err := listPage(ctx, s, groups, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListGroupsOutput{
		Groups: convert(found, (*group).describe), Marker: marker, IsTruncated: marker != nil,
	}, nil
}

// UpdateGroup renames or moves a group. Its members stay.
func (s *Service) UpdateGroup(ctx context.Context, in *iam.UpdateGroupInput) (*iam.UpdateGroupOutput, error) {
	account := callerAccount(ctx)
	err := s.update(ctx, func(tx *store.Tx) error {
		g, err := groupNamed(tx, account, aws.ToString(in.GroupName))
		if err != nil {
			return err
		}
		return move(tx, groups, &g, in.NewGroupName, in.NewPath, groupTaken)
	})
	return answer(&iam.UpdateGroupOutput{}, err)
}

// DeleteGroup deletes a group without members and policies: DeleteConflict otherwise.
func (s *Service) DeleteGroup(ctx context.Context, in *iam.DeleteGroupInput) (*iam.DeleteGroupOutput, error) {
	account := callerAccount(ctx)
	err := s.update(ctx, func(tx *store.Tx) error {
		g, err := groupNamed(tx, account, aws.ToString(in.GroupName))
		if err != nil {
			return err
		}
		if _, has, err := first(users.ByIndex(tx, "group", g.ID)); err != nil {
			return err
		} else if has {
			return awserr.DeleteConflict.Errorf("Cannot delete entity, must remove users from group first.")
		}
		if err := g.mayDelete(); err != nil {
			return err
		}
		return groups.Delete(tx, g.key())
	})
	return answer(&iam.DeleteGroupOutput{}, err)
}

// AddUserToGroup makes a user a member. A member stays one without an error.
func (s *Service) AddUserToGroup(ctx context.Context, in *iam.AddUserToGroupInput) (*iam.AddUserToGroupOutput, error) {
	err := s.changeMembership(ctx, in.GroupName, in.UserName, func(u *user, id string) error {
		if slices.Contains(u.Groups, id) {
			return nil
		}
		if len(u.Groups) == groupsPerUser {
			return quotaExceeded("GroupsPerUser", groupsPerUser)
		}
		u.Groups = append(u.Groups, id)
		return nil
	})
	return answer(&iam.AddUserToGroupOutput{}, err)
}

// RemoveUserFromGroup ends a membership; it is no error when there was none.
func (s *Service) RemoveUserFromGroup(ctx context.Context, in *iam.RemoveUserFromGroupInput) (*iam.RemoveUserFromGroupOutput, error) {
	err := s.changeMembership(ctx, in.GroupName, in.UserName, func(u *user, id string) error {
		u.Groups = slices.DeleteFunc(u.Groups, func(g string) bool { return g == id })
		return nil
	})
	return answer(&iam.RemoveUserFromGroupOutput{}, err)
}

func (s *Service) changeMembership(ctx context.Context, groupName, userName *string, fn func(u *user, groupID string) error) error {
	return s.changeUser(ctx, userName, func(tx *store.Tx, u *user) error {
		g, err := groupNamed(tx, u.Account, aws.ToString(groupName))
		if err != nil {
			return err
		}
		return fn(u, g.ID)
	})
}

// ListGroupsForUser returns the groups of a user by name.
func (s *Service) ListGroupsForUser(ctx context.Context, in *iam.ListGroupsForUserInput) (*iam.ListGroupsForUserOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListGroupsForUserOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		u, err := userNamed(tx, callerAccount(ctx), aws.ToString(in.UserName))
		if err != nil {
			return err
		}
		all, err := groupsOf(tx, &u)
		if err != nil {
			return err
		}
		found, marker, err := sorted(p, all, func(g group) string { return fold(g.Name) })
		out.Groups = convert(found, (*group).describe)
		out.Marker, out.IsTruncated = marker, marker != nil
		return err
	})
	return answer(out, err)
}

// groupsOf returns the groups of a user.
func groupsOf(tx *store.Tx, u *user) ([]group, error) {
	var all []group
	for _, id := range u.Groups {
		g, ok, err := first(groups.ByIndex(tx, "id", id))
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, g)
		}
	}
	return all, nil
}

func (g *group) describe() types.Group {
	return types.Group{
		Arn: aws.String(g.arnOf("group")), CreateDate: aws.Time(g.Created), Path: aws.String(g.Path),
		GroupId: aws.String(g.ID), GroupName: aws.String(g.Name),
	}
}

func quotaExceeded(name string, limit int) error {
	return awserr.LimitExceeded.Errorf("Cannot exceed quota for %s: %d", name, limit)
}
