package organizations

import (
	"context"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/account"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var handshakeOps = wire.Ops(
	wire.Op((*Service).InviteAccountToOrganization, onInvited),
	wire.Op((*Service).AcceptHandshake, onHandshake),
	wire.Op((*Service).DeclineHandshake, onHandshake),
	wire.Op((*Service).CancelHandshake, onHandshake),
	wire.Op((*Service).DescribeHandshake, onHandshake),
	wire.Op((*Service).ListHandshakesForAccount, on()),
	wire.Op((*Service).ListHandshakesForOrganization, on()),
)

// handshake is an invitation of an account into an organization.
type handshake struct {
	Organization, ID   string
	Target             types.HandshakeParty
	Notes              string
	State              types.HandshakeState
	Requested, Expires time.Time
	Tags               []tag `json:",omitempty"` // for the account when it joins
	// What the invitation says of the organization when it is sent.
	Management, Email, Name string
	FeatureSet              types.OrganizationFeatureSet
}

func (h *handshake) key() string { return h.ID }

// lifetime of an invitation ("Managing account invitations with AWS Organizations").
const lifetime = 15 * 24 * time.Hour

// state is the state now: an open invitation expires.
func (h *handshake) state(now time.Time) types.HandshakeState {
	if h.State == types.HandshakeStateOpen && !now.Before(h.Expires) {
		return types.HandshakeStateExpired
	}
	return h.State
}

func (h *handshake) arn() string {
	return "arn:aws:organizations::" + h.Management + ":handshake/" + h.Organization + "/invite/" + h.ID
}

// isFor says whether the invitation is for an account.
func (h *handshake) isFor(a *account.Account) bool {
	if h.Target.Type == types.HandshakePartyTypeEmail {
		return aws.ToString(h.Target.Id) == a.Email
	}
	return aws.ToString(h.Target.Id) == a.ID
}

func (h *handshake) describe(now time.Time) *types.Handshake {
	resource := func(t types.HandshakeResourceType, value string) types.HandshakeResource {
		return types.HandshakeResource{Type: t, Value: &value}
	}
	organization := resource(types.HandshakeResourceTypeOrganization, h.Organization)
	organization.Resources = []types.HandshakeResource{
		resource(types.HandshakeResourceTypeMasterEmail, h.Email),
		resource(types.HandshakeResourceTypeMasterName, h.Name),
		resource(types.HandshakeResourceTypeOrganizationFeatureSet, string(h.FeatureSet)),
	}
	out := &types.Handshake{
		Id: &h.ID, Arn: aws.String(h.arn()), Action: types.ActionTypeInviteAccountToOrganization, State: h.state(now),
		RequestedTimestamp: &h.Requested, ExpirationTimestamp: &h.Expires,
		Parties: []types.HandshakeParty{
			{Id: &h.Organization, Type: types.HandshakePartyTypeOrganization},
			{Id: h.Target.Id, Type: h.Target.Type},
		},
		Resources: []types.HandshakeResource{
			organization, resource(types.HandshakeResourceType(h.Target.Type), aws.ToString(h.Target.Id)),
		},
	}
	if h.Notes != "" {
		out.Resources = append(out.Resources, resource(types.HandshakeResourceTypeNotes, h.Notes))
	}
	return out
}

// onInvited is the rule of InviteAccountToOrganization: the resource is the account, if it is named by its id.
var onInvited = wire.For(func(ctx context.Context, s *Service, in *organizations.InviteAccountToOrganizationInput) ([]wire.Need, error) {
	need := wire.Need{Action: "organizations:InviteAccountToOrganization", Resource: "*", Keys: tagKeys(in.Tags)}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		m, ok, err := members.Get(tx, callerAccount(ctx))
		if err != nil || !ok || in.Target.Type != types.HandshakePartyTypeAccount {
			return err
		}
		o, _, err := orgs.Get(tx, m.Organization)
		need.Resource = o.arn("account", aws.ToString(in.Target.Id))
		return err
	})
	needs := []wire.Need{need}
	if len(in.Tags) > 0 {
		needs = append(needs, wire.Need{Action: "organizations:TagResource", Resource: need.Resource, Keys: need.Keys})
	}
	return needs, err
})

// onHandshake is the rule of operations on a handshake.
var onHandshake = wire.Any(func(ctx context.Context, s *Service, in any) ([]wire.Need, error) {
	action, id := "organizations:", ""
	switch in := in.(type) {
	case *organizations.AcceptHandshakeInput:
		action, id = action+"AcceptHandshake", aws.ToString(in.HandshakeId)
	case *organizations.DeclineHandshakeInput:
		action, id = action+"DeclineHandshake", aws.ToString(in.HandshakeId)
	case *organizations.CancelHandshakeInput:
		action, id = action+"CancelHandshake", aws.ToString(in.HandshakeId)
	case *organizations.DescribeHandshakeInput:
		action, id = action+"DescribeHandshake", aws.ToString(in.HandshakeId)
	}
	need := wire.Need{Action: action, Resource: "*"}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		h, ok, err := handshakes.Get(tx, id)
		if ok {
			need.Resource = h.arn()
		}
		return err
	})
	return []wire.Need{need}, err
})

func tagKeys(tags []types.Tag) authz.Keys {
	keys := authz.Keys{}
	addTagKeys(keys, tags)
	return keys
}

// InviteAccountToOrganization makes an invitation, by the account's id or by its root user's address.
func (s *Service) InviteAccountToOrganization(ctx context.Context, in *organizations.InviteAccountToOrganizationInput) (*organizations.InviteAccountToOrganizationOutput, error) {
	tags, err := addTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &organizations.InviteAccountToOrganizationOutput{}
	err = s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := o.invitable(tx, in.Target); err != nil {
			return err
		}
		management, _, err := account.Get(tx, o.Management)
		if err != nil {
			return err
		}
		h := handshake{
			Organization: o.ID, ID: newID("h-", 10), Target: *in.Target, Notes: aws.ToString(in.Notes), Tags: tags,
			State: types.HandshakeStateOpen, Requested: tx.Now, Expires: tx.Now.Add(lifetime),
			Management: o.Management, Email: management.Email, Name: management.Name, FeatureSet: o.FeatureSet,
		}
		out.Handshake = h.describe(tx.Now)
		return handshakes.Put(tx, &h)
	})
	return answer(out, err)
}

// invitable refuses who cannot be invited: what is no account, who is in an organization, who is invited already.
func (o *organization) invitable(tx *store.Tx, target *types.HandshakeParty) error {
	var a account.Account
	var ok bool
	var err error
	switch target.Type {
	case types.HandshakePartyTypeAccount:
		if a, ok, err = account.Get(tx, aws.ToString(target.Id)); err == nil && !ok {
			err = wire.InvalidInput("INVALID_PATTERN_TARGET_ID")
		}
	case types.HandshakePartyTypeEmail:
		a, ok, err = account.ByEmail(tx, aws.ToString(target.Id))
	default:
		err = awserr.InvalidInputException.Errorf("You specified the wrong type of entity (account, organization, or email) as a party.").
			With("Reason", "INVALID_PARTY_TYPE_TARGET")
	}
	if err != nil {
		return err
	}
	if ok {
		if m, in, err := members.Get(tx, a.ID); err != nil {
			return err
		} else if in && m.Organization == o.ID {
			return alreadyInOrganization()
		}
	}
	for h, err := range handshakes.ByIndex(tx, "organization", o.ID) {
		if err != nil {
			return err
		}
		if h.state(tx.Now) == types.HandshakeStateOpen && (aws.ToString(h.Target.Id) == aws.ToString(target.Id) || ok && h.isFor(&a)) {
			return awserr.DuplicateHandshakeException.Errorf("A handshake with the same action and target already exists.")
		}
	}
	return nil
}

func alreadyInOrganization() error {
	return awserr.HandshakeConstraintViolationException.Errorf("The handshake request is invalid because the invited account is already a member of an organization.").
		With("Reason", "ALREADY_IN_AN_ORGANIZATION")
}

// party says what the caller's account is to a handshake.
type party int

const (
	inviter party = 1 << iota
	invited
)

// settle finds a handshake that the caller is a party of and brings it to a state.
func (s *Service) settle(ctx context.Context, id *string, by party, to types.HandshakeState, also func(*store.Tx, *handshake) error) (out *types.Handshake, err error) {
	err = s.update(ctx, func(tx *store.Tx) error {
		h, err := handshakeOf(ctx, tx, id, by)
		if err != nil {
			return err
		}
		switch state := h.state(tx.Now); state {
		case to:
			return awserr.HandshakeAlreadyInStateException.Errorf("The specified handshake is already in the requested state.")
		case types.HandshakeStateOpen:
		default:
			return awserr.InvalidHandshakeTransitionException.Errorf("You can't perform the operation on the handshake in its current state.")
		}
		h.State = to
		if also != nil {
			if err := also(tx, &h); err != nil {
				return err
			}
		}
		out = h.describe(tx.Now)
		return handshakes.Put(tx, &h)
	})
	return out, err
}

// handshakeOf returns a handshake that the caller's account is a party of.
func handshakeOf(ctx context.Context, tx *store.Tx, id *string, by party) (handshake, error) {
	h, ok, err := handshakes.Get(tx, aws.ToString(id))
	if err != nil {
		return h, err
	}
	a, _, err := account.Get(tx, callerAccount(ctx))
	if err != nil {
		return h, err
	}
	if !ok || !(by&inviter != 0 && h.Management == a.ID || by&invited != 0 && h.isFor(&a)) {
		return h, awserr.HandshakeNotFoundException.Errorf("You specified a handshake that doesn't exist.")
	}
	return h, nil
}

// AcceptHandshake makes the caller's account a member of the organization that invited it.
func (s *Service) AcceptHandshake(ctx context.Context, in *organizations.AcceptHandshakeInput) (*organizations.AcceptHandshakeOutput, error) {
	h, err := s.settle(ctx, in.HandshakeId, invited, types.HandshakeStateAccepted, func(tx *store.Tx, h *handshake) error {
		account := callerAccount(ctx)
		if _, in, err := members.Get(tx, account); err != nil {
			return err
		} else if in {
			return alreadyInOrganization()
		}
		o, _, err := orgs.Get(tx, h.Organization)
		if err != nil {
			return err
		}
		return join(tx, &o, &member{Account: account, Method: types.AccountJoinedMethodInvited, Tags: h.Tags})
	})
	return answer(&organizations.AcceptHandshakeOutput{Handshake: h}, err)
}

// DeclineHandshake refuses an invitation.
func (s *Service) DeclineHandshake(ctx context.Context, in *organizations.DeclineHandshakeInput) (*organizations.DeclineHandshakeOutput, error) {
	h, err := s.settle(ctx, in.HandshakeId, invited, types.HandshakeStateDeclined, nil)
	return answer(&organizations.DeclineHandshakeOutput{Handshake: h}, err)
}

// CancelHandshake takes an invitation back.
func (s *Service) CancelHandshake(ctx context.Context, in *organizations.CancelHandshakeInput) (*organizations.CancelHandshakeOutput, error) {
	h, err := s.settle(ctx, in.HandshakeId, inviter, types.HandshakeStateCanceled, nil)
	return answer(&organizations.CancelHandshakeOutput{Handshake: h}, err)
}

// DescribeHandshake returns an invitation to either of its parties.
func (s *Service) DescribeHandshake(ctx context.Context, in *organizations.DescribeHandshakeInput) (*organizations.DescribeHandshakeOutput, error) {
	out := &organizations.DescribeHandshakeOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		h, err := handshakeOf(ctx, tx, in.HandshakeId, inviter|invited)
		out.Handshake = h.describe(tx.Now)
		return err
	})
	return answer(out, err)
}

// ListHandshakesForAccount returns the invitations that the caller's account was sent.
func (s *Service) ListHandshakesForAccount(ctx context.Context, in *organizations.ListHandshakesForAccountInput) (*organizations.ListHandshakesForAccountOutput, error) {
	out := &organizations.ListHandshakesForAccountOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		a, _, err := account.Get(tx, callerAccount(ctx))
		if err != nil {
			return err
		}
		found, next, err := page(in.NextToken, in.MaxResults, func(from string) iter.Seq2[handshake, error] {
			return filter(handshakes.Scan(tx, "", from), func(h *handshake) bool { return h.isFor(&a) && wanted(in.Filter) })
		}, (*handshake).key)
		out.NextToken = next
		out.Handshakes = convert(found, func(h *handshake) types.Handshake { return *h.describe(tx.Now) })
		return err
	})
	return answer(out, err)
}

// ListHandshakesForOrganization returns the invitations that the organization has sent.
func (s *Service) ListHandshakesForOrganization(ctx context.Context, in *organizations.ListHandshakesForOrganizationInput) (*organizations.ListHandshakesForOrganizationOutput, error) {
	out := &organizations.ListHandshakesForOrganizationOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		found, next, err := page(in.NextToken, in.MaxResults, func(from string) iter.Seq2[handshake, error] {
			return filter(handshakes.ByIndexFrom(tx, "organization", o.ID, from), func(*handshake) bool { return wanted(in.Filter) })
		}, (*handshake).key)
		out.NextToken = next
		out.Handshakes = convert(found, func(h *handshake) types.Handshake { return *h.describe(tx.Now) })
		return err
	})
	return answer(out, err)
}

// wanted says whether a filter lets invitations through, which have no parent.
func wanted(f *types.HandshakeFilter) bool {
	return f == nil || f.ParentHandshakeId == nil && (f.ActionType == "" || f.ActionType == types.ActionTypeInviteAccountToOrganization)
}
