package organizations

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/store"
)

// node is a place in the tree: the root, a unit or an account.
type node struct {
	ID     string
	Type   types.TargetType
	Parent string // "" for the root
}

// find returns the node of an id; ok is false when the organization has none. The form of an id says what it is.
func (o *organization) find(tx *store.Tx, id string) (n node, ok bool, err error) {
	switch {
	case id == o.Root:
		return node{ID: id, Type: types.TargetTypeRoot}, true, nil
	case strings.HasPrefix(id, "ou-"):
		u, ok, err := units.Get(tx, store.Key(o.ID, id))
		return node{ID: id, Type: types.TargetTypeOrganizationalUnit, Parent: u.Parent}, ok, err
	}
	m, ok, err := members.Get(tx, id)
	return node{ID: id, Type: types.TargetTypeAccount, Parent: m.Parent}, ok && m.Organization == o.ID, err
}

// container is find for what can hold units and accounts.
func (o *organization) container(tx *store.Tx, id string) (n node, ok bool, err error) {
	n, ok, err = o.find(tx, id)
	return n, ok && n.Type != types.TargetTypeAccount, err
}

// arnOf returns a node's ARN.
func (o *organization) arnOf(n node) string {
	kind := map[types.TargetType]string{
		types.TargetTypeRoot: "root", types.TargetTypeOrganizationalUnit: "ou", types.TargetTypeAccount: "account",
	}
	return o.arn(kind[n.Type], n.ID)
}

// nameOf returns a node's name.
func (o *organization) nameOf(tx *store.Tx, n node) (string, error) {
	switch n.Type {
	case types.TargetTypeRoot:
		return rootName, nil
	case types.TargetTypeOrganizationalUnit:
		u, _, err := units.Get(tx, store.Key(o.ID, n.ID))
		return u.Name, err
	}
	a, _, err := account.Get(tx, n.ID)
	return a.Name, err
}

// chain returns the nodes from the root down to n.
func (o *organization) chain(tx *store.Tx, n node) ([]node, error) {
	nodes := []node{n}
	for n.Parent != "" {
		parent, ok, err := o.find(tx, n.Parent)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, errors.New("organizations: the parent of " + n.ID + " is gone: " + n.Parent)
		}
		n = parent
		nodes = append(nodes, n)
	}
	slices.Reverse(nodes)
	return nodes, nil
}

// pathOf returns the entity path of a chain, as aws:PrincipalOrgPaths has it ("o-…/r-…/ou-…/").
func (o *organization) pathOf(chain []node) string {
	path := o.ID + "/"
	for _, n := range chain {
		path += n.ID + "/"
	}
	return path
}
