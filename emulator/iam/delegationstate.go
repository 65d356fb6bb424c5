package iam

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// proceed changes a request that is in one of some states, of the caller's account but for taking it up.
func (s *Service) proceed(ctx context.Context, id *string, from []types.StateType, fn func(*store.Tx, *delegation) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		d, err := visible(ctx, tx, id)
		if err != nil {
			return err
		}
		if state := d.state(tx.Now); !slices.Contains(from, state) {
			return awserr.InvalidInput.Errorf("The delegation request %s is in the state %s, which does not allow this operation.", d.ID, state)
		}
		if err := fn(tx, &d); err != nil {
			return err
		}
		d.Updated = tx.Now
		return delegations.Put(tx, &d)
	})
}

// AssociateDelegationRequest makes the caller the owner of a request.
func (s *Service) AssociateDelegationRequest(ctx context.Context, in *iam.AssociateDelegationRequestInput) (*iam.AssociateDelegationRequestOutput, error) {
	err := s.proceed(ctx, in.DelegationRequestId, []types.StateType{types.StateTypeUnassigned}, func(_ *store.Tx, d *delegation) error {
		caller := wire.RequestFrom(ctx).Caller
		d.OwnerAccount, d.Owner, d.State = caller.Account, caller.ARN, types.StateTypeAssigned
		return nil
	})
	return answer(&iam.AssociateDelegationRequestOutput{}, err)
}

// UpdateDelegationRequest adds notes, and leaves the request to somebody who may approve it.
func (s *Service) UpdateDelegationRequest(ctx context.Context, in *iam.UpdateDelegationRequestInput) (*iam.UpdateDelegationRequestOutput, error) {
	from := []types.StateType{types.StateTypeAssigned, types.StateTypePendingApproval}
	err := s.proceed(ctx, in.DelegationRequestId, from, func(_ *store.Tx, d *delegation) error {
		if in.Notes != nil {
			d.Notes = in.Notes
		}
		d.State = types.StateTypePendingApproval
		return nil
	})
	return answer(&iam.UpdateDelegationRequestOutput{}, err)
}

// AcceptDelegationRequest grants what is asked for. The delegated session will act as the caller.
func (s *Service) AcceptDelegationRequest(ctx context.Context, in *iam.AcceptDelegationRequestInput) (*iam.AcceptDelegationRequestOutput, error) {
	from := []types.StateType{types.StateTypeAssigned, types.StateTypePendingApproval}
	err := s.proceed(ctx, in.DelegationRequestId, from, func(tx *store.Tx, d *delegation) error {
		d.Approver, d.State, d.Expires = wire.RequestFrom(ctx).Caller.Principal, types.StateTypeAccepted, tx.Now.Add(delegationLife)
		return nil
	})
	return answer(&iam.AcceptDelegationRequestOutput{}, err)
}

// RejectDelegationRequest refuses what is asked for, as long as the token was not sent.
func (s *Service) RejectDelegationRequest(ctx context.Context, in *iam.RejectDelegationRequestInput) (*iam.RejectDelegationRequestOutput, error) {
	from := []types.StateType{types.StateTypeAssigned, types.StateTypePendingApproval, types.StateTypeAccepted}
	err := s.proceed(ctx, in.DelegationRequestId, from, func(tx *store.Tx, d *delegation) error {
		d.State, d.Rejection, d.Expires = types.StateTypeRejected, in.Notes, tx.Now.Add(delegationLife)
		return nil
	})
	return answer(&iam.RejectDelegationRequestOutput{}, err)
}

// SendDelegationToken makes the token that the partner trades in for credentials; the session's time runs from now on.
func (s *Service) SendDelegationToken(ctx context.Context, in *iam.SendDelegationTokenInput) (*iam.SendDelegationTokenOutput, error) {
	err := s.proceed(ctx, in.DelegationRequestId, []types.StateType{types.StateTypeAccepted}, func(tx *store.Tx, d *delegation) error {
		if d.OnlySendByOwner && d.Owner != wire.RequestFrom(ctx).Caller.ARN {
			return awserr.InvalidInput.Errorf("Only the owner of the delegation request %s can send its token.", d.ID)
		}
		d.State, d.Token = types.StateTypeFinalized, rand.Text()+rand.Text()
		d.SessionEnd = tx.Now.Add(time.Duration(d.Seconds) * time.Second)
		return nil
	})
	return answer(&iam.SendDelegationTokenOutput{}, err)
}

// Delegated is what a token of SendDelegationToken is traded in for.
type Delegated struct {
	Requestor string // the account that may trade it in
	As        authz.Principal
	Policy    string // limits the session
	Ends      time.Time
}

// Delegated returns what a token stands for; ok is false for an unknown one.
func (s *Service) Delegated(ctx context.Context, token string) (granted Delegated, ok bool, err error) {
	if token == "" {
		return granted, false, nil
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		d, there, err := first(delegations.ByIndex(tx, "token", token))
		granted, ok = Delegated{d.Requestor, d.Approver, d.Policy, d.SessionEnd}, there
		return err
	})
	return granted, ok && err == nil, err
}

// DelegationToken returns the token of a request, which AWS sends to the partner's SNS topic. The error says why there is none.
func (s *Service) DelegationToken(ctx context.Context, id string) (token string, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		d, ok, err := delegations.Get(tx, id)
		if err != nil {
			return err
		}
		if token = d.Token; !ok || token == "" {
			return errors.New("no token was sent for a delegation request " + id)
		}
		return nil
	})
	return token, err
}

func itoa(n int32) string { return strconv.Itoa(int(n)) }
