package organizations

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/store"
)

// Place is where an account stands, as decisions need it. The zero Place is that of an account in no organization.
type Place struct {
	Organization string // "o-…"
	Path         string // "o-…/r-…/ou-…/" (aws:PrincipalOrgPaths)
	Management   bool
	Closed       bool
	AllFeatures  bool
	Services     []string // the services that the organization trusts
	Administers  []string // the services that the account is the delegated administrator of
	// SCPs and RCPs are the policies that limit the account's principals and its resources, a list for each level, root
	// first: nil for the management account, and while the type is not enabled.
	SCPs, RCPs [][]authz.Attached
}

// places caches Place while no write to an organization has been committed.
type places struct {
	generation atomic.Uint64

	mu    sync.RWMutex
	at    uint64
	known map[string]*Place
}

// placesSize bounds the cache; a full one starts anew.
const placesSize = 10_000

// Place returns where an account stands, never nil. It is cached and shared: it is not to be changed.
func (s *Service) Place(ctx context.Context, account string) (*Place, error) {
	// The generation is read first: a write that is committed meanwhile makes what is read here stale at once.
	generation := s.places.generation.Load()
	if p := s.places.get(generation, account); p != nil {
		return p, nil
	}
	p := new(Place)
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		*p, err = placeOf(tx, account)
		return err
	})
	if err == nil {
		s.places.put(generation, account, p)
	}
	return p, err
}

func (p *places) get(generation uint64, account string) *Place {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.at != generation {
		return nil
	}
	return p.known[account]
}

func (p *places) put(generation uint64, account string, place *Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if generation < p.at {
		return
	}
	if generation > p.at || p.known == nil || len(p.known) >= placesSize {
		p.at, p.known = generation, map[string]*Place{}
	}
	p.known[account] = place
}

func placeOf(tx *store.Tx, account string) (p Place, err error) {
	m, ok, err := members.Get(tx, account)
	if err != nil || !ok {
		return p, err
	}
	o, _, err := orgs.Get(tx, m.Organization)
	if err != nil {
		return p, err
	}
	chain, err := o.chain(tx, m.node())
	if err != nil {
		return p, err
	}
	p = Place{
		Organization: o.ID, Path: o.pathOf(chain[:len(chain)-1]), Management: account == o.Management, Closed: m.Closed,
		Services: principals(o.Services), Administers: principals(m.Delegated), AllFeatures: o.FeatureSet == types.OrganizationFeatureSetAll,
	}
	if p.Management {
		return p, nil // "SCPs don't affect users or roles in the management account", and RCPs not its resources
	}
	if p.SCPs, err = o.levels(tx, chain, types.PolicyTypeServiceControlPolicy); err != nil {
		return p, err
	}
	p.RCPs, err = o.levels(tx, chain, types.PolicyTypeResourceControlPolicy)
	return p, err
}

func principals(list []serviceAccess) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].Principal
	}
	return names
}

// levels returns the policies of a type on each node of a chain.
func (o *organization) levels(tx *store.Tx, chain []node, t types.PolicyType) ([][]authz.Attached, error) {
	if !o.enabled(t) {
		return nil, nil
	}
	var levels [][]authz.Attached
	for _, n := range chain {
		all, err := o.attachedTo(tx, n.ID, t)
		if err != nil {
			return nil, err
		}
		to, err := o.describeNode(tx, n)
		if err != nil {
			return nil, err
		}
		level := []authz.Attached{}
		for i := range all {
			p, err := o.policy(tx, &all[i].Policy)
			if err != nil {
				return nil, err
			}
			compiled, err := authz.Parse(p.Content)
			if err != nil {
				return nil, err
			}
			level = append(level, authz.Attached{
				Policy: compiled, Kind: policyKinds[t].kind, Name: p.Name, ARN: o.policyARN(&p), Account: o.Management, To: to,
			})
		}
		levels = append(levels, level)
	}
	return levels, nil
}

// describeNode names a node for the trace: "root r-ab12", "OU Sandbox (ou-ab12-…)", "account 444455556666".
func (o *organization) describeNode(tx *store.Tx, n node) (string, error) {
	switch n.Type {
	case types.TargetTypeRoot:
		return "root " + n.ID, nil
	case types.TargetTypeAccount:
		return "account " + n.ID, nil
	}
	name, err := o.nameOf(tx, n)
	return "OU " + name + " (" + n.ID + ")", err
}
