package iam

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"rsc.io/qr"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var mfaOps = wire.Ops(
	wire.Op((*Service).CreateVirtualMFADevice, on(newMFADevice, "VirtualMFADeviceName", createTags("iam:TagMFADevice"))),
	wire.Op((*Service).ListVirtualMFADevices, under("mfa")),
	wire.Op((*Service).DeleteVirtualMFADevice, on(anMFADevice, "SerialNumber")),
	wire.Op((*Service).EnableMFADevice, on(aUser, "UserName")),
	wire.Op((*Service).DeactivateMFADevice, on(aUser, "UserName")),
	wire.Op((*Service).ResyncMFADevice, on(aUser, "UserName")),
	wire.Op((*Service).GetMFADevice, on(aUser, "UserName")),
	wire.Op((*Service).ListMFADevices, on(aUser, "UserName")),
	wire.Op((*Service).TagMFADevice, on(anMFADevice, "SerialNumber", requestTags)),
	wire.Op((*Service).UntagMFADevice, on(anMFADevice, "SerialNumber", tagKeys)),
	wire.Op((*Service).ListMFADeviceTags, on(anMFADevice, "SerialNumber")),
)

// mfaDevice is a virtual MFA device. Its serial number is its ARN.
type mfaDevice struct {
	entity
	Seed    []byte
	Owner   string    `json:",omitempty"` // the user's unique id, or the account's id for the root user; "" unassigned
	Enabled time.Time // when it was given to its owner
	Used    int64     // the step of the last code that was accepted
	Drift   int64     // how many steps the device's clock is ahead
}

var mfaDevices = store.NewTable("iam.mfa", (*mfaDevice).key,
	store.Index[mfaDevice]{Name: "owner", Keys: (*mfaDevice).ownerKeys})

func (d *mfaDevice) ownerKeys() []string {
	if d.Owner == "" {
		return nil
	}
	return []string{d.Owner}
}

func (d *mfaDevice) serial() string { return d.arnOf("mfa") }

const (
	// maxMFADevices is the number of MFA devices of a user ("IAM and AWS STS quotas").
	maxMFADevices = 8
	// seedSize is the length of a seed in bytes: 64 characters of Base32, as AWS's.
	seedSize = 40
	// rootName stands for the root user in operations that need a UserName, when it calls them itself.
	rootName = "root"
)

var newMFADevice = made("mfa")

// anMFADevice is the virtual device of a serial number.
func anMFADevice(ctx context.Context, tx *store.Tx, _ any, serial *string) (resource, error) {
	r := resource{kind: "mfa", arn: aws.ToString(serial)}
	d, ok, err := findMFADevice(tx, callerAccount(ctx), r.arn)
	if ok {
		r.tags = d.Tags
	}
	return r, err
}

func findMFADevice(tx *store.Tx, account, serial string) (mfaDevice, bool, error) {
	owner, _, name, ok := parseARN(serial, "mfa")
	if !ok || owner != account {
		return mfaDevice{}, false, nil
	}
	d, ok, err := mfaDevices.Get(tx, nameKey(account, name))
	return d, ok && d.serial() == serial, err
}

func mfaBySerial(tx *store.Tx, account, serial string) (mfaDevice, error) {
	d, ok, err := findMFADevice(tx, account, serial)
	if err == nil && !ok {
		err = awserr.NoSuchEntity.Errorf("VirtualMFADevice with serial number %s does not exist.", serial)
	}
	return d, err
}

// mfaSubject is subjectOf for operations on MFA devices, in which the root user may name itself.
func mfaSubject(ctx context.Context, tx *store.Tx, name *string) (subject, error) {
	if wire.RequestFrom(ctx).Caller.Type == authz.Account && aws.ToString(name) == rootName {
		name = nil
	}
	return subjectOf(ctx, tx, name)
}

// mfaOf returns the user and its device of that serial number.
func mfaOf(ctx context.Context, tx *store.Tx, userName, serial *string) (who subject, d mfaDevice, err error) {
	if who, err = mfaSubject(ctx, tx, userName); err != nil {
		return who, d, err
	}
	d, err = mfaBySerial(tx, who.account, aws.ToString(serial))
	if err == nil && d.Owner != who.id() {
		err = awserr.NoSuchEntity.Errorf("MFA Device invalid for user.")
	}
	return who, d, err
}

// CreateVirtualMFADevice makes a device that belongs to nobody yet. Only this answer has its seed.
func (s *Service) CreateVirtualMFADevice(ctx context.Context, in *iam.CreateVirtualMFADeviceInput) (*iam.CreateVirtualMFADeviceOutput, error) {
	tags, err := newTags(exact, in.Tags)
	if err != nil {
		return nil, err
	}
	d := mfaDevice{
		entity: entity{Account: callerAccount(ctx), Name: aws.ToString(in.VirtualMFADeviceName), Path: pathOf(in.Path), Tags: tags},
		Seed:   make([]byte, seedSize),
	}
	rand.Read(d.Seed)
	out := &iam.CreateVirtualMFADeviceOutput{}
	err = s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := mfaDevices.Get(tx, d.key()); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("MFADevice entity at the same path and name already exists.")
		}
		d.Created = tx.Now
		a, err := ownAccount(ctx, tx)
		if err != nil {
			return err
		}
		out.VirtualMFADevice, err = d.showSeed(a.Alias)
		if err != nil {
			return err
		}
		return mfaDevices.Put(tx, &d)
	})
	return answer(out, err)
}

// showSeed describes the new device with its seed, as text and as the picture that authenticator apps read.
func (d *mfaDevice) showSeed(alias string) (*types.VirtualMFADevice, error) {
	if alias == "" {
		alias = d.Account
	}
	seed := base32.StdEncoding.EncodeToString(d.Seed)
	key := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/Amazon Web Services:" + d.Name + "@" + alias,
		RawQuery: "secret=" + seed + "&issuer=Amazon%20Web%20Services",
	}
	code, err := qr.Encode(key.String(), qr.L)
	if err != nil {
		return nil, err
	}
	code.Scale = 4 // keeps the answer within what a client reads at once
	return &types.VirtualMFADevice{
		SerialNumber: aws.String(d.serial()), Base32StringSeed: []byte(seed), QRCodePNG: code.PNG(), Tags: showTags(d.Tags),
	}, nil
}

// ListVirtualMFADevices returns the account's virtual devices by name: all, or those that somebody has, or nobody.
func (s *Service) ListVirtualMFADevices(ctx context.Context, in *iam.ListVirtualMFADevicesInput) (*iam.ListVirtualMFADevicesOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListVirtualMFADevicesOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		all := list(tx, mfaDevices, callerAccount(ctx), "", p.from)
		found, marker, err := take(p, keyed(all), func(d *mfaDevice) (bool, error) {
			switch in.AssignmentStatus {
			case types.AssignmentStatusTypeAssigned:
				return d.Owner != "", nil
			case types.AssignmentStatusTypeUnassigned:
				return d.Owner == "", nil
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		out.Marker, out.IsTruncated = marker, marker != nil
		out.VirtualMFADevices = make([]types.VirtualMFADevice, len(found))
		for i := range found {
			if out.VirtualMFADevices[i], err = found[i].describe(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return answer(out, err)
}

// describe shows the device with its owner.
func (d *mfaDevice) describe(tx *store.Tx) (types.VirtualMFADevice, error) {
	shown := types.VirtualMFADevice{SerialNumber: aws.String(d.serial())}
	if d.Owner == "" {
		return shown, nil
	}
	shown.EnableDate = aws.Time(d.Enabled)
	if d.Owner == d.Account {
		root, err := describeRoot(tx, d.Account)
		shown.User = root
		return shown, err
	}
	u, ok, err := userByID(tx, d.Owner)
	if ok {
		shown.User = ptr(u.brief())
	}
	return shown, err
}

// DeleteVirtualMFADevice deletes a device that nobody has: DeleteConflict otherwise.
func (s *Service) DeleteVirtualMFADevice(ctx context.Context, in *iam.DeleteVirtualMFADeviceInput) (*iam.DeleteVirtualMFADeviceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		d, err := mfaBySerial(tx, callerAccount(ctx), aws.ToString(in.SerialNumber))
		if err != nil {
			return err
		}
		if d.Owner != "" {
			return awserr.DeleteConflict.Errorf("MFA VirtualDevice in use. Must deactivate first.")
		}
		return mfaDevices.Delete(tx, d.key())
	})
	return answer(&iam.DeleteVirtualMFADeviceOutput{}, err)
}

// EnableMFADevice gives a device to a user, who proves with two codes in a row to have it.
func (s *Service) EnableMFADevice(ctx context.Context, in *iam.EnableMFADeviceInput) (*iam.EnableMFADeviceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		who, err := mfaSubject(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		d, err := mfaBySerial(tx, who.account, aws.ToString(in.SerialNumber))
		if err != nil {
			return err
		}
		if d.Owner != "" {
			return awserr.EntityAlreadyExists.Errorf("MFA Device is already in use.")
		}
		if have, err := collect(mfaDevices.ByIndex(tx, "owner", who.id())); err != nil {
			return err
		} else if len(have) >= maxMFADevices {
			return quotaExceeded("MFADevicesPerUser", maxMFADevices)
		}
		if !d.synchronize(aws.ToString(in.AuthenticationCode1), aws.ToString(in.AuthenticationCode2), tx.Now) {
			return badCode()
		}
		d.Owner, d.Enabled = who.id(), tx.Now
		return mfaDevices.Put(tx, &d)
	})
	return answer(&iam.EnableMFADeviceOutput{}, err)
}

func badCode() error {
	return awserr.InvalidAuthenticationCode.Errorf("Authentication code for device is not valid.")
}

// ResyncMFADevice learns from two codes in a row how far the device's clock is off.
func (s *Service) ResyncMFADevice(ctx context.Context, in *iam.ResyncMFADeviceInput) (*iam.ResyncMFADeviceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		_, d, err := mfaOf(ctx, tx, in.UserName, in.SerialNumber)
		if err != nil {
			return err
		}
		if !d.synchronize(aws.ToString(in.AuthenticationCode1), aws.ToString(in.AuthenticationCode2), tx.Now) {
			return badCode()
		}
		return mfaDevices.Put(tx, &d)
	})
	return answer(&iam.ResyncMFADeviceOutput{}, err)
}

// DeactivateMFADevice takes a device from its user.
func (s *Service) DeactivateMFADevice(ctx context.Context, in *iam.DeactivateMFADeviceInput) (*iam.DeactivateMFADeviceOutput, error) {
	err := s.update(ctx, func(tx *store.Tx) error {
		_, d, err := mfaOf(ctx, tx, in.UserName, in.SerialNumber)
		if err != nil {
			return err
		}
		d.Owner, d.Enabled = "", time.Time{}
		return mfaDevices.Put(tx, &d)
	})
	return answer(&iam.DeactivateMFADeviceOutput{}, err)
}

// GetMFADevice says whose a device is, and since when.
func (s *Service) GetMFADevice(ctx context.Context, in *iam.GetMFADeviceInput) (*iam.GetMFADeviceOutput, error) {
	out := &iam.GetMFADeviceOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		who, d, err := mfaOf(ctx, tx, in.UserName, in.SerialNumber)
		if err != nil {
			return err
		}
		out.SerialNumber, out.EnableDate = aws.String(d.serial()), aws.Time(d.Enabled)
		if !who.root {
			out.UserName = aws.String(who.user.Name)
		}
		return nil
	})
	return answer(out, err)
}

// ListMFADevices returns the devices of a user, of the caller when none is named.
func (s *Service) ListMFADevices(ctx context.Context, in *iam.ListMFADevicesInput) (*iam.ListMFADevicesOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListMFADevicesOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		who, err := mfaSubject(ctx, tx, in.UserName)
		if err != nil {
			return err
		}
		all, err := collect(mfaDevices.ByIndex(tx, "owner", who.id()))
		if err != nil {
			return err
		}
		found, marker, err := sorted(p, all, func(d mfaDevice) string { return d.key() })
		out.Marker, out.IsTruncated = marker, marker != nil
		out.MFADevices = convert(found, func(d *mfaDevice) types.MFADevice {
			return types.MFADevice{SerialNumber: aws.String(d.serial()), EnableDate: &d.Enabled, UserName: aws.String(who.user.Name)}
		})
		return err
	})
	return answer(out, err)
}

// TagMFADevice adds tags to a virtual device, or replaces their values.
func (s *Service) TagMFADevice(ctx context.Context, in *iam.TagMFADeviceInput) (*iam.TagMFADeviceOutput, error) {
	err := change(ctx, s, mfaDevices, mfaBySerial, in.SerialNumber, adding[mfaDevice](exact, in.Tags))
	return answer(&iam.TagMFADeviceOutput{}, err)
}

// UntagMFADevice removes tags from a virtual device.
func (s *Service) UntagMFADevice(ctx context.Context, in *iam.UntagMFADeviceInput) (*iam.UntagMFADeviceOutput, error) {
	err := change(ctx, s, mfaDevices, mfaBySerial, in.SerialNumber, removing[mfaDevice](exact, in.TagKeys))
	return answer(&iam.UntagMFADeviceOutput{}, err)
}

// ListMFADeviceTags returns the tags of a virtual device by key.
func (s *Service) ListMFADeviceTags(ctx context.Context, in *iam.ListMFADeviceTagsInput) (*iam.ListMFADeviceTagsOutput, error) {
	d, err := read(ctx, s, mfaBySerial, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	tags, marker, err := tagPage(exact, in.Marker, in.MaxItems, d.Tags)
	return answer(&iam.ListMFADeviceTagsOutput{Tags: tags, Marker: marker, IsTruncated: marker != nil}, err)
}

// What CheckMFA and UseMFA refuse for.
var (
	ErrNotTheirDevice = errors.New("iam: the MFA device is not assigned to the user")
	ErrWrongCode      = errors.New("iam: the MFA code is wrong or has been used")
)

// CheckMFA checks a code of a device of the user or root user p without using it up. It returns ErrNotTheirDevice or
// ErrWrongCode.
func (s *Service) CheckMFA(ctx context.Context, p authz.Principal, serial, code string) error {
	return s.store.View(ctx, func(tx *store.Tx) error {
		_, err := acceptMFA(tx, p, serial, code)
		return err
	})
}

// UseMFA is CheckMFA for the one request that the code is good for.
func (s *Service) UseMFA(ctx context.Context, p authz.Principal, serial, code string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error { // not s.update: no cache depends on it
		d, err := acceptMFA(tx, p, serial, code)
		if err != nil {
			return err
		}
		return mfaDevices.Put(tx, &d)
	})
}

func acceptMFA(tx *store.Tx, p authz.Principal, serial, code string) (mfaDevice, error) {
	d, ok, err := findMFADevice(tx, p.Account, serial)
	switch {
	case err != nil:
		return d, err
	case !ok, p.Type != authz.User && p.Type != authz.Account, d.Owner != p.ID:
		return d, ErrNotTheirDevice
	case !d.accept(code, tx.Now):
		return d, ErrWrongCode
	}
	return d, nil
}
