package organizations

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var treeOps = wire.Ops(
	wire.Op((*Service).ListChildren, on("ParentId")),
	wire.Op((*Service).ListParents, on("ChildId")),
)

func noSuchParent() error {
	return awserr.ParentNotFoundException.Errorf("You specified a parent that doesn't exist.")
}

func (o *organization) checkParent(tx *store.Tx, id *string) error {
	_, ok, err := o.container(tx, aws.ToString(id))
	if err == nil && !ok {
		err = noSuchParent()
	}
	return err
}

// ListChildren returns the ids of the units or of the accounts right under a parent.
func (s *Service) ListChildren(ctx context.Context, in *organizations.ListChildrenInput) (*organizations.ListChildrenOutput, error) {
	out := &organizations.ListChildrenOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) (err error) {
		if in.ChildType == types.ChildTypeAccount {
			found, next, err := o.membersUnder(tx, in.ParentId, in.NextToken, in.MaxResults)
			out.NextToken = next
			out.Children = convert(found, func(m *member) types.Child { return types.Child{Id: &m.Account, Type: in.ChildType} })
			return err
		}
		found, next, err := o.unitsUnder(tx, in.ParentId, in.NextToken, in.MaxResults)
		out.NextToken = next
		out.Children = convert(found, func(u *unit) types.Child { return types.Child{Id: &u.ID, Type: in.ChildType} })
		return err
	})
	return answer(out, err)
}

// ListParents returns the one parent of a unit or an account.
func (s *Service) ListParents(ctx context.Context, in *organizations.ListParentsInput) (*organizations.ListParentsOutput, error) {
	out := &organizations.ListParentsOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		n, ok, err := o.find(tx, aws.ToString(in.ChildId))
		if err != nil {
			return err
		}
		if !ok {
			return awserr.ChildNotFoundException.Errorf("You specified a child that doesn't exist.")
		}
		parent := types.Parent{Id: &n.Parent, Type: types.ParentTypeOrganizationalUnit}
		if n.Parent == o.Root {
			parent.Type = types.ParentTypeRoot
		}
		out.Parents = []types.Parent{parent}
		return nil
	})
	return answer(out, err)
}
