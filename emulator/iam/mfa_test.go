package iam

import (
	"bytes"
	"encoding/base32"
	"image/png"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
)

// TestTOTP takes the vectors of RFC 6238, appendix B, cut to six digits.
func TestTOTP(t *testing.T) {
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := totp([]byte("12345678901234567890"), stepAt(time.Unix(at, 0))); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

// phone is an authenticator app.
type phone struct {
	serial *string
	seed   []byte
	ahead  time.Duration
}

func newPhone(w *world, c *iam.Client, name string) phone {
	w.Helper()
	out, err := c.CreateVirtualMFADevice(w.Context(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: &name})
	w.must(err)
	seed, err := base32.StdEncoding.DecodeString(string(out.VirtualMFADevice.Base32StringSeed))
	w.must(err)
	return phone{serial: out.VirtualMFADevice.SerialNumber, seed: seed}
}

// code is what the phone shows, steps from now.
func (p phone) code(now time.Time, steps int) string {
	return totp(p.seed, stepAt(now.Add(p.ahead))+int64(steps))
}

func (p phone) enable(c *iam.Client, w *world, user, first, second string) error {
	_, err := c.EnableMFADevice(w.Context(), &iam.EnableMFADeviceInput{
		UserName: &user, SerialNumber: p.serial, AuthenticationCode1: &first, AuthenticationCode2: &second,
	})
	return err
}

func TestVirtualMFADevice(t *testing.T) {
	w := newWorld(t)
	c, ctx := w.admin(production), t.Context()
	made, err := c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{
		VirtualMFADeviceName: aws.String("Phone"), Path: aws.String("/a/"), Tags: []types.Tag{{Key: aws.String("Team"), Value: aws.String("x")}},
	})
	w.must(err)
	d := made.VirtualMFADevice
	serial := d.SerialNumber
	if *serial != "arn:aws:iam::111122223333:mfa/a/Phone" || !regexp.MustCompile(`^[A-Z2-7]{64}$`).Match(d.Base32StringSeed) || len(d.Tags) != 1 {
		t.Errorf("CreateVirtualMFADevice: %s %s %v", *serial, d.Base32StringSeed, d.Tags)
	}
	if picture, err := png.Decode(bytes.NewReader(d.QRCodePNG)); err != nil || picture.Bounds().Dx() < 100 {
		t.Errorf("QR code: %v", err)
	}
	_, err = c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")})
	w.check("the same name", err, "EntityAlreadyExists: MFADevice entity at the same path and name already exists.")

	_, err = c.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: serial, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("y")}}})
	w.must(err)
	_, err = c.UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: serial, TagKeys: []string{"Team"}})
	w.must(err)
	tags, err := c.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: serial})
	w.must(err)
	if len(tags.Tags) != 1 || *tags.Tags[0].Key != "team" {
		t.Errorf("tags: %+v", tags.Tags)
	}
	_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: serial})
	w.must(err)
	for _, missing := range []string{*serial, "arn:aws:iam::111122223333:mfa/Phone", "arn:aws:iam::444455556666:mfa/a/Phone", "GAHT12345678"} {
		_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &missing})
		w.check(missing, err, "NoSuchEntity: VirtualMFADevice with serial number "+missing+" does not exist.")
	}
}

func TestMFADeviceOfUser(t *testing.T) {
	w := newWorld(t)
	c, ctx, bob := w.admin(production), t.Context(), aws.String("bob")
	w.must(second(c.CreateUser(ctx, &iam.CreateUserInput{UserName: bob})))
	p := newPhone(w, c, "phone")
	const invalid = "InvalidAuthenticationCode: Authentication code for device is not valid."
	for name, codes := range map[string][2]string{
		"wrong order":  {p.code(w.now, 0), p.code(w.now, -1)},
		"the same":     {p.code(w.now, 0), p.code(w.now, 0)},
		"not in a row": {p.code(w.now, -2), p.code(w.now, 0)},
		"too old":      {p.code(w.now, -200), p.code(w.now, -199)},
	} {
		w.check(name, p.enable(c, w, "bob", codes[0], codes[1]), invalid)
	}
	w.check("no such user", p.enable(c, w, "eve", "000000", "000001"), "NoSuchEntity: The user with name eve cannot be found.")
	w.check("good codes", p.enable(c, w, "bob", p.code(w.now, -1), p.code(w.now, 0)), "")
	w.check("again", p.enable(c, w, "admin", p.code(w.now, -1), p.code(w.now, 0)), "EntityAlreadyExists: MFA Device is already in use.")

	list, err := c.ListMFADevices(ctx, &iam.ListMFADevicesInput{UserName: bob})
	w.must(err)
	if len(list.MFADevices) != 1 || *list.MFADevices[0].SerialNumber != *p.serial || !list.MFADevices[0].EnableDate.Equal(day(10)) || *list.MFADevices[0].UserName != "bob" {
		t.Errorf("ListMFADevices: %+v", list.MFADevices)
	}
	got, err := c.GetMFADevice(ctx, &iam.GetMFADeviceInput{UserName: bob, SerialNumber: p.serial})
	w.must(err)
	if *got.UserName != "bob" || !got.EnableDate.Equal(day(10)) {
		t.Errorf("GetMFADevice: %+v", got)
	}
	spare := newPhone(w, c, "spare")
	for status, want := range map[types.AssignmentStatusType]int{"Assigned": 1, "Unassigned": 1, "Any": 2, "": 2} {
		all, err := c.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{AssignmentStatus: status})
		w.must(err)
		if len(all.VirtualMFADevices) != want {
			t.Errorf("%s: %d devices", status, len(all.VirtualMFADevices))
		}
		for _, d := range all.VirtualMFADevices {
			if assigned := *d.SerialNumber == *p.serial; assigned != (d.User != nil) || assigned && *d.User.UserName != "bob" || d.Base32StringSeed != nil {
				t.Errorf("%s: %+v", status, d)
			}
		}
	}
	_, err = c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: bob})
	w.check("DeleteUser", err, "DeleteConflict: Cannot delete entity, must delete MFA device first.")
	_, err = c.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: p.serial})
	w.check("in use", err, "DeleteConflict: MFA VirtualDevice in use. Must deactivate first.")
	for name, in := range map[string]iam.DeactivateMFADeviceInput{
		"another's":  {UserName: aws.String("admin"), SerialNumber: p.serial},
		"the caller": {SerialNumber: p.serial},
		"nobody's":   {UserName: bob, SerialNumber: spare.serial},
	} {
		_, err := c.DeactivateMFADevice(ctx, &in)
		w.check(name, err, "NoSuchEntity: MFA Device invalid for user.")
	}
	_, err = c.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: bob, SerialNumber: p.serial})
	w.must(err)
	_, err = c.GetMFADevice(ctx, &iam.GetMFADeviceInput{UserName: bob, SerialNumber: p.serial})
	w.check("deactivated", err, "NoSuchEntity: MFA Device invalid for user.")
	w.must(second(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: bob})))
}

func TestMFADevicesPerUser(t *testing.T) {
	w := newWorld(t)
	c := w.admin(production)
	for i := range maxMFADevices + 1 {
		p := newPhone(w, c, "p"+string(rune('a'+i)))
		want := ""
		if i == maxMFADevices {
			want = "LimitExceeded: Cannot exceed quota for MFADevicesPerUser: 8"
		}
		w.check("one more", p.enable(c, w, "admin", p.code(w.now, -1), p.code(w.now, 0)), want)
	}
}

// TestRootMFA: the root user calls itself "root" where a name is required, and no other does.
func TestRootMFA(t *testing.T) {
	w := newWorld(t)
	root, admin, ctx := w.root(production), w.admin(production), t.Context()
	p := newPhone(w, root, "root-account-mfa-device")
	w.check("as admin", p.enable(admin, w, "root", p.code(w.now, -1), p.code(w.now, 0)), "NoSuchEntity: The user with name root cannot be found.")
	w.check("as root", p.enable(root, w, "root", p.code(w.now, -1), p.code(w.now, 0)), "")
	list, err := root.ListMFADevices(ctx, &iam.ListMFADevicesInput{})
	w.must(err)
	all, err := admin.ListVirtualMFADevices(ctx, &iam.ListVirtualMFADevicesInput{})
	w.must(err)
	if len(list.MFADevices) != 1 || *all.VirtualMFADevices[0].User.Arn != "arn:aws:iam::111122223333:root" {
		t.Errorf("root's device: %+v %+v", list.MFADevices, all.VirtualMFADevices)
	}
	summary, err := admin.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	w.must(err)
	if m := summary.SummaryMap; m["AccountMFAEnabled"] != 1 || m["MFADevices"] != 1 || m["MFADevicesInUse"] != 1 {
		t.Errorf("summary: %v", m)
	}
	_, err = root.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{SerialNumber: p.serial})
	w.must(err)
}

func TestUseMFA(t *testing.T) {
	w := newWorld(t)
	c := w.admin(production)
	p := newPhone(w, c, "phone")
	w.check("enable", p.enable(c, w, "admin", p.code(w.now, -1), p.code(w.now, 0)), "")
	credential, _, err := w.service.Credential(t.Context(), adminKey(production))
	w.must(err)
	admin := credential.Principal
	use := func(what, code string, want error) {
		t.Helper()
		for _, f := range []func() error{
			func() error { return w.service.CheckMFA(t.Context(), admin, *p.serial, code) },
			func() error { return w.service.UseMFA(t.Context(), admin, *p.serial, code) },
		} {
			if err := f(); err != want {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
	}
	use("the code that enabled the device", p.code(w.now, 0), ErrWrongCode)
	w.now = w.now.Add(time.Minute)
	use("no code", "", ErrWrongCode)
	use("too old", p.code(w.now, -2), ErrWrongCode)
	use("too new", p.code(w.now, 2), ErrWrongCode)
	use("the one before", p.code(w.now, -1), nil)
	use("the current one", p.code(w.now, 0), nil)
	use("again", p.code(w.now, 0), ErrWrongCode)
	use("one that is older than the last", p.code(w.now, -1), ErrWrongCode)

	p.ahead = 10 * time.Minute
	use("a clock that is ahead", p.code(w.now, 0), ErrWrongCode)
	_, err = c.ResyncMFADevice(t.Context(), &iam.ResyncMFADeviceInput{
		UserName: aws.String("admin"), SerialNumber: p.serial, AuthenticationCode1: aws.String("000000"), AuthenticationCode2: aws.String(p.code(w.now, 0)),
	})
	w.check("resync with a wrong code", err, "InvalidAuthenticationCode: Authentication code for device is not valid.")
	_, err = c.ResyncMFADevice(t.Context(), &iam.ResyncMFADeviceInput{
		UserName: aws.String("admin"), SerialNumber: p.serial, AuthenticationCode1: aws.String(p.code(w.now, -1)), AuthenticationCode2: aws.String(p.code(w.now, 0)),
	})
	w.must(err)
	use("synchronized, but used", p.code(w.now, 0), ErrWrongCode)
	w.now = w.now.Add(30 * time.Second)
	use("synchronized", p.code(w.now, 0), nil)

	w.now = w.now.Add(time.Hour)
	code := p.code(w.now, 0)
	for name, other := range map[string]authz.Principal{
		"another user": {Type: authz.User, Account: production, ID: "AIDAOTHER"},
		"a role":       {Type: authz.AssumedRole, Account: production, ID: admin.ID},
		"no account":   {Type: authz.User, Account: development, ID: admin.ID},
	} {
		if err := w.service.UseMFA(t.Context(), other, *p.serial, code); err != ErrNotTheirDevice {
			t.Errorf("%s: %v", name, err)
		}
	}
}
