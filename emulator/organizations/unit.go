package organizations

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var unitOps = wire.Ops(
	wire.Op((*Service).CreateOrganizationalUnit, on("ParentId")),
	wire.Op((*Service).DescribeOrganizationalUnit, on("OrganizationalUnitId")),
	wire.Op((*Service).UpdateOrganizationalUnit, on("OrganizationalUnitId")),
	wire.Op((*Service).DeleteOrganizationalUnit, on("OrganizationalUnitId")),
	wire.Op((*Service).ListOrganizationalUnitsForParent, on("ParentId")),
)

// unit is an organizational unit.
type unit struct {
	Organization, ID, Name string
	Parent                 string // the root or another unit
	Tags                   []tag  `json:",omitempty"`
}

func (u *unit) key() string { return store.Key(u.Organization, u.ID) }

// Limits ("Quotas and service limits for AWS Organizations").
const (
	maxUnits = 2000
	maxDepth = 5 // of units below the root
)

func (o *organization) unit(tx *store.Tx, id *string) (unit, error) {
	u, ok, err := units.Get(tx, store.Key(o.ID, aws.ToString(id)))
	if err == nil && !ok {
		err = awserr.OrganizationalUnitNotFoundException.Errorf("You specified an organizational unit that doesn't exist.")
	}
	return u, err
}

func (o *organization) describeUnit(tx *store.Tx, u *unit) (*types.OrganizationalUnit, error) {
	chain, err := o.chain(tx, node{ID: u.ID, Type: types.TargetTypeOrganizationalUnit, Parent: u.Parent})
	return &types.OrganizationalUnit{
		Id: &u.ID, Arn: aws.String(o.arn("ou", u.ID)), Name: &u.Name, Path: aws.String(o.pathOf(chain)),
	}, err
}

// checkUnitName refuses a name that another unit of the same parent has.
func (o *organization) checkUnitName(tx *store.Tx, parent, name, self string) error {
	for u, err := range units.ByIndex(tx, "parent", store.Key(o.ID, parent)) {
		if err != nil {
			return err
		}
		if u.Name == name && u.ID != self {
			return awserr.DuplicateOrganizationalUnitException.Errorf("An OU with the same name already exists.")
		}
	}
	return nil
}

// CreateOrganizationalUnit makes a unit under the root or another unit.
func (s *Service) CreateOrganizationalUnit(ctx context.Context, in *organizations.CreateOrganizationalUnitInput) (*organizations.CreateOrganizationalUnitOutput, error) {
	tags, err := addTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &organizations.CreateOrganizationalUnitOutput{}
	err = s.write(ctx, func(tx *store.Tx, o *organization) error {
		parent, ok, err := o.container(tx, aws.ToString(in.ParentId))
		if err != nil {
			return err
		}
		if !ok {
			return noSuchParent()
		}
		if err := o.checkRoomForUnit(tx, parent); err != nil {
			return err
		}
		if err := o.checkUnitName(tx, parent.ID, *in.Name, ""); err != nil {
			return err
		}
		u := unit{Organization: o.ID, ID: newID(unitPrefix(o.Root), 8), Name: *in.Name, Parent: parent.ID, Tags: tags}
		if err := units.Put(tx, &u); err != nil {
			return err
		}
		for _, t := range o.PolicyTypes {
			if err := attachDefault(tx, o, node{ID: u.ID, Type: types.TargetTypeOrganizationalUnit}, t); err != nil {
				return err
			}
		}
		out.OrganizationalUnit, err = o.describeUnit(tx, &u)
		return err
	})
	return answer(out, err)
}

// checkRoomForUnit holds the limits of the tree.
func (o *organization) checkRoomForUnit(tx *store.Tx, parent node) error {
	chain, err := o.chain(tx, parent)
	if err != nil {
		return err
	}
	if len(chain) > maxDepth { // the chain begins with the root
		return constraint("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the allowed OU depth.")
	}
	all, err := collect(units.Scan(tx, store.Key(o.ID), ""))
	if err == nil && len(all) >= maxUnits {
		err = constraint("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of OUs.")
	}
	return err
}

// constraint returns a ConstraintViolationException of a reason.
func constraint(reason, message string) error {
	return awserr.ConstraintViolationException.Errorf("%s", message).With("Reason", reason)
}

// DescribeOrganizationalUnit returns a unit.
func (s *Service) DescribeOrganizationalUnit(ctx context.Context, in *organizations.DescribeOrganizationalUnitInput) (*organizations.DescribeOrganizationalUnitOutput, error) {
	out := &organizations.DescribeOrganizationalUnitOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		u, err := o.unit(tx, in.OrganizationalUnitId)
		if err == nil {
			out.OrganizationalUnit, err = o.describeUnit(tx, &u)
		}
		return err
	})
	return answer(out, err)
}

// UpdateOrganizationalUnit renames a unit.
func (s *Service) UpdateOrganizationalUnit(ctx context.Context, in *organizations.UpdateOrganizationalUnitInput) (*organizations.UpdateOrganizationalUnitOutput, error) {
	out := &organizations.UpdateOrganizationalUnitOutput{}
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		u, err := o.unit(tx, in.OrganizationalUnitId)
		if err != nil {
			return err
		}
		if in.Name != nil {
			if err := o.checkUnitName(tx, u.Parent, *in.Name, u.ID); err != nil {
				return err
			}
			u.Name = *in.Name
		}
		if err := units.Put(tx, &u); err != nil {
			return err
		}
		out.OrganizationalUnit, err = o.describeUnit(tx, &u)
		return err
	})
	return answer(out, err)
}

// DeleteOrganizationalUnit deletes a unit that holds nothing.
func (s *Service) DeleteOrganizationalUnit(ctx context.Context, in *organizations.DeleteOrganizationalUnitInput) (*organizations.DeleteOrganizationalUnitOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		u, err := o.unit(tx, in.OrganizationalUnitId)
		if err != nil {
			return err
		}
		under := store.Key(o.ID, u.ID)
		children, err := collect(units.ByIndex(tx, "parent", under))
		if err != nil {
			return err
		}
		accounts, err := collect(members.ByIndex(tx, "parent", under))
		if err != nil {
			return err
		}
		if len(children)+len(accounts) > 0 {
			return awserr.OrganizationalUnitNotEmptyException.Errorf(
				"The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.")
		}
		if err := detachAll(tx, o, u.ID); err != nil {
			return err
		}
		return units.Delete(tx, u.key())
	})
	return answer(&organizations.DeleteOrganizationalUnitOutput{}, err)
}

// ListOrganizationalUnitsForParent returns the units right under the root or a unit.
func (s *Service) ListOrganizationalUnitsForParent(ctx context.Context, in *organizations.ListOrganizationalUnitsForParentInput) (*organizations.ListOrganizationalUnitsForParentOutput, error) {
	out := &organizations.ListOrganizationalUnitsForParentOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		found, next, err := o.unitsUnder(tx, in.ParentId, in.NextToken, in.MaxResults)
		if err != nil {
			return err
		}
		out.OrganizationalUnits, out.NextToken = []types.OrganizationalUnit{}, next
		for i := range found {
			u, err := o.describeUnit(tx, &found[i])
			if err != nil {
				return err
			}
			out.OrganizationalUnits = append(out.OrganizationalUnits, *u)
		}
		return nil
	})
	return answer(out, err)
}

// unitsUnder returns a page of the units of a parent, which must exist.
func (o *organization) unitsUnder(tx *store.Tx, parent, token *string, results *int32) ([]unit, *string, error) {
	if err := o.checkParent(tx, parent); err != nil {
		return nil, nil, err
	}
	return page(token, results, func(from string) iter.Seq2[unit, error] {
		return units.ByIndexFrom(tx, "parent", store.Key(o.ID, *parent), from)
	}, (*unit).key)
}
