package iam

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var accessKeyOps = wire.Ops(
	wire.Op((*Service).CreateAccessKey, on(aUser, "UserName")),
	wire.Op((*Service).ListAccessKeys, on(aUser, "UserName")),
	wire.Op((*Service).UpdateAccessKey, on(aUser, "UserName")),
	wire.Op((*Service).DeleteAccessKey, on(aUser, "UserName")),
	wire.Op((*Service).GetAccessKeyLastUsed, onKeyOwner),
)

// accessKey is a long-term access key.
type accessKey struct {
	ID, Account string
	UserID      string // the user's unique id, or the account's id for a key of the root user
	Secret      string
	Active      bool
	Created     time.Time
}

// maxAccessKeys is the number of access keys of a user ("IAM and AWS STS quotas").
const maxAccessKeys = 2

// keyOf returns an access key of the subject.
func keyOf(tx *store.Tx, who *subject, id string) (accessKey, error) {
	k, ok, err := accessKeys.Get(tx, id)
	if err == nil && (!ok || k.UserID != who.id()) {
		err = noSuchKey(id)
	}
	return k, err
}

func noSuchKey(id string) error {
	return awserr.NoSuchEntity.Errorf("The Access Key with id %s cannot be found.", id)
}

// CreateAccessKey makes an access key, for the caller when no user is named. Only this answer has the secret.
func (s *Service) CreateAccessKey(ctx context.Context, in *iam.CreateAccessKeyInput) (*iam.CreateAccessKeyOutput, error) {
	out := &iam.CreateAccessKeyOutput{}
	err := s.update(ctx, func(tx *store.Tx) error {
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		if have, err := collect(accessKeys.ByIndex(tx, "user", who.id())); err != nil {
			return err
		} else if len(have) >= maxAccessKeys {
			return quotaExceeded("AccessKeysPerUser", maxAccessKeys)
		}
		k := accessKey{
			ID: ids.NewAccessKeyID(ids.AccessKey, who.account), Account: who.account, UserID: who.id(),
			Secret: ids.NewSecret(), Active: true, Created: tx.Now,
		}
		out.AccessKey = &types.AccessKey{
			AccessKeyId: aws.String(k.ID), SecretAccessKey: aws.String(k.Secret), CreateDate: aws.Time(k.Created),
			Status: k.status(), UserName: aws.String(who.user.Name),
		}
		return accessKeys.Put(tx, &k)
	})
	return answer(out, err)
}

// ListAccessKeys returns the access keys of a user, of the caller when none is named.
func (s *Service) ListAccessKeys(ctx context.Context, in *iam.ListAccessKeysInput) (*iam.ListAccessKeysOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListAccessKeysOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		all, err := collect(accessKeys.ByIndex(tx, "user", who.id()))
		if err != nil {
			return err
		}
		found, marker, err := sorted(p, all, func(k accessKey) string { return k.ID })
		out.Marker, out.IsTruncated = marker, marker != nil
		out.AccessKeyMetadata = convert(found, func(k *accessKey) types.AccessKeyMetadata {
			return types.AccessKeyMetadata{
				AccessKeyId: &k.ID, CreateDate: &k.Created, Status: k.status(), UserName: aws.String(who.user.Name),
			}
		})
		return err
	})
	return answer(out, err)
}

// UpdateAccessKey activates or deactivates an access key.
func (s *Service) UpdateAccessKey(ctx context.Context, in *iam.UpdateAccessKeyInput) (*iam.UpdateAccessKeyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		k, err := keyOf(tx, &who, aws.ToString(in.AccessKeyId))
		if err != nil {
			return err
		}
		switch in.Status {
		case types.StatusTypeActive:
			k.Active = true
		case types.StatusTypeInactive:
			k.Active = false
		default: // Expired is for AWS to set
			return awserr.InvalidInput.Errorf("Status %s is not valid for an access key.", in.Status)
		}
		return accessKeys.Put(tx, &k)
	})
	return answer(&iam.UpdateAccessKeyOutput{}, err)
}

// DeleteAccessKey deletes an access key.
func (s *Service) DeleteAccessKey(ctx context.Context, in *iam.DeleteAccessKeyInput) (*iam.DeleteAccessKeyOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		who, err := subjectOf(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		k, err := keyOf(tx, &who, aws.ToString(in.AccessKeyId))
		if err != nil {
			return err
		}
		if err := lastUses.Delete(tx, k.ID); err != nil {
			return err
		}
		return accessKeys.Delete(tx, k.ID)
	})
	return answer(&iam.DeleteAccessKeyOutput{}, err)
}

// GetAccessKeyLastUsed says whose key it is and when it was used; "N/A" stands for never. A key that is not the account's
// is refused as one that nobody may ask for.
func (s *Service) GetAccessKeyLastUsed(ctx context.Context, in *iam.GetAccessKeyLastUsedInput) (*iam.GetAccessKeyLastUsedOutput, error) {
	out := &iam.GetAccessKeyLastUsedOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		id := aws.ToString(in.AccessKeyId)
		k, ok, err := accessKeys.Get(tx, id)
		if err != nil {
			return err
		}
		if !ok || k.Account != callerAccount(ctx) {
			caller := wire.RequestFrom(ctx).Caller.ARN
			return awserr.AccessDenied.Errorf("User: %s is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key %s", caller, id)
		}
		if u, ok, err := userByID(tx, k.UserID); err != nil {
			return err
		} else if ok {
			out.UserName = aws.String(u.Name)
		}
		use, ok, err := s.uses.get(tx, id)
		out.AccessKeyLastUsed = &types.AccessKeyLastUsed{ServiceName: aws.String("N/A"), Region: aws.String("N/A")}
		if ok {
			out.AccessKeyLastUsed = &types.AccessKeyLastUsed{
				LastUsedDate: aws.Time(use.At), ServiceName: aws.String(use.Service), Region: aws.String(use.Region),
			}
		}
		return err
	})
	return answer(out, err)
}

func (k *accessKey) status() types.StatusType {
	if k.Active {
		return types.StatusTypeActive
	}
	return types.StatusTypeInactive
}
