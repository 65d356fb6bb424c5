package emulator_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// A bucket policy is about the users that it named, whatever they are called now, and about nobody who took their names
// ("AWS JSON policy elements: Principal", "Renaming an IAM user").
func TestBucketPolicyFollowsUsers(t *testing.T) {
	x := xemutest.New(t)
	production := x.Account("production")
	people, owner := iam.NewFromConfig(production.Admin().Config()), s3Client(production.Admin())
	before := s3Client(production.User("before"))
	bucket, arn := aws.String("followed"), "arn:aws:iam::"+production.ID+":user/"
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: bucket})
	must(t, err)
	must(t, put(t, owner, *bucket, "key", "text"))
	_, err = owner.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, Policy: aws.String(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"` + arn + `before"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::followed/*"}]}`)})
	must(t, err)
	reads := func(who string, c *s3.Client, want bool) {
		t.Helper()
		if _, err := get(t, c, *bucket, "key"); (err == nil) != want {
			t.Errorf("%s reads: %v; want %t", who, err, want)
		}
	}
	reads("the user", before, true)

	_, err = people.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("before"), NewUserName: aws.String("after"), NewPath: aws.String("/moved/")})
	must(t, err)
	reads("the renamed user", before, true)
	shown, err := owner.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
	must(t, err)
	if !strings.Contains(*shown.Policy, `"`+arn+`moved/after"`) {
		t.Errorf("the policy is shown as %s", *shown.Policy)
	}
	namesake := s3Client(production.User("before"))
	reads("a new user of the old name", namesake, false)
	reads("the renamed user beside it", before, true)

	_, err = people.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("before"), NewUserName: aws.String("gone")})
	must(t, err)
	_, err = people.UpdateUser(ctx, &iam.UpdateUserInput{UserName: aws.String("after"), NewUserName: aws.String("before"), NewPath: aws.String("/")})
	must(t, err)
	reads("the user under its old name again", before, true)
	reads("the namesake under another", namesake, false)
}
