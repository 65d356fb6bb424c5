package emulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator"
	"github.com/xemu-aws/xemu/xemutest"
)

// TestMFADelete protects versions with a device of the root user.
func TestMFADelete(t *testing.T) {
	x := xemutest.New(t)
	root := x.Account("production").Root()
	ids, client := iam.NewFromConfig(root.Config()), s3Client(root)
	made, err := ids.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("root")})
	must(t, err)
	serial, seed := made.VirtualMFADevice.SerialNumber, made.VirtualMFADevice.Base32StringSeed
	start := time.Now()
	_, err = ids.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: aws.String("root"), SerialNumber: serial,
		AuthenticationCode1: code(t, seed, start.Add(-60*time.Second)), AuthenticationCode2: code(t, seed, start.Add(-30*time.Second)),
	})
	must(t, err)
	b := aws.String("protected")
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b})
	must(t, err)
	set := func(mfa string) error {
		_, err := client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: b, MFA: &mfa,
			VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled", MFADelete: "Enabled"}})
		return err
	}
	first := *serial + " " + *code(t, seed, start)
	wantError(t, set(*serial+" 000000"), "AccessDenied", "Mfa Authentication must be used for this request")
	must(t, set(first))
	wantError(t, set(first), "AccessDenied", "Mfa Authentication must be used for this request") // a code is good once
	put, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k"), Body: strings.NewReader("x")})
	must(t, err)
	_, err = client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("k"), VersionId: put.VersionId})
	wantError(t, err, "AccessDenied", "Mfa Authentication must be used for this request")
	_, err = client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: b, Key: aws.String("k"), VersionId: put.VersionId,
		MFA: aws.String(*serial + " " + *code(t, seed, start.Add(30*time.Second)))})
	must(t, err)
}

// TestLifecycleByClock sets rules, restarts the server, and moves its clock on.
func TestLifecycleByClock(t *testing.T) {
	dir := t.TempDir()
	b := aws.String("reports")
	there := func(c *s3.Client) bool {
		_, err := c.HeadObject(ctx, &s3.HeadObjectInput{Bucket: b, Key: aws.String("k")})
		return err == nil
	}
	t.Run("rules", func(t *testing.T) {
		x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
		c := s3Client(x.Account("production").Admin())
		_, err := c.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: b})
		must(t, err)
		_, err = c.PutObject(ctx, &s3.PutObjectInput{Bucket: b, Key: aws.String("k"), Body: strings.NewReader("x")})
		must(t, err)
		_, err = c.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: b,
			LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
				Status: "Enabled", Filter: &types.LifecycleRuleFilter{}, Expiration: &types.LifecycleExpiration{Days: aws.Int32(30)}}}}})
		must(t, err)
	})
	t.Run("later", func(t *testing.T) {
		x := xemutest.New(t, xemutest.Config(func(c *emulator.Config) { c.Dir = dir }))
		c := s3Client(x.Account("production").Admin())
		moveClock(t, dir, "480h")
		if !there(c) {
			t.Error("the object is gone after 20 days")
		}
		moveClock(t, dir, "264h")
		if there(c) {
			t.Error("the object is there after 31 days")
		}
	})
}
