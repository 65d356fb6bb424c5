package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// A command on an instance finds its metadata service, and no other credentials; the instance ends with it.
func TestRunInstance(t *testing.T) {
	x, dir := world(t)
	account := x.Account("production")
	account.Role("web", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","ecs-tasks.amazonaws.com"]},"Action":"sts:AssumeRole"}}`)
	client := iam.NewFromConfig(account.Admin().Config())
	profile, err := client.CreateInstanceProfile(t.Context(), &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String("web")})
	if err != nil {
		t.Fatal(err)
	}
	arn := *profile.InstanceProfile.Arn
	t.Setenv("AWS_ACCESS_KEY_ID", "other")
	code, out, stderr := xemu(t, "instance", "run", "--data", dir, "--profile", arn, "--", "env")
	if code != 0 || strings.Contains(out, "AWS_ACCESS_KEY_ID") {
		t.Errorf("code %d, %s%s", code, out, stderr)
	}
	says(t, out, "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:", "AWS_ENDPOINT_URL="+x.URL, "AWS_SHARED_CREDENTIALS_FILE=")
	if _, out, _ := xemu(t, "instance", "list", "--data", dir); strings.Contains(out, "i-0") {
		t.Errorf("the instance is still there: %s", out)
	}

	code, out, stderr = xemu(t, "instance", "run", "--data", dir, "--profile", arn)
	id := strings.Fields(stderr + " x")[0]
	if code != 0 || !strings.HasPrefix(id, "i-0") {
		t.Errorf("code %d, %s%s", code, out, stderr)
	}
	says(t, out, "export AWS_EC2_METADATA_SERVICE_ENDPOINT=", "unset AWS_ACCESS_KEY_ID")
	_, out, _ = xemu(t, "instance", "list", "--data", dir)
	says(t, out, id, arn)
	if code, _, stderr := xemu(t, "instance", "terminate", id, "--data", dir); code != 0 {
		t.Errorf("terminate: %s", stderr)
	}
	_, _, stderr = xemu(t, "instance", "terminate", id, "--data", dir)
	says(t, stderr, "no instance or task has the id")

	_, out, _ = xemu(t, "task", "run", "--data", dir, "--role", "arn:aws:iam::111122223333:role/web", "--", "env")
	says(t, out, "AWS_CONTAINER_CREDENTIALS_FULL_URI="+x.URL+"/_xemu/workload/", "AWS_CONTAINER_AUTHORIZATION_TOKEN=")
	_, _, stderr = xemu(t, "task", "run", "--data", dir, "--role", "arn:aws:iam::111122223333:role/nobody", "--", "env")
	says(t, stderr, "there is no role arn:aws:iam::111122223333:role/nobody")
	_, _, stderr = xemu(t, "delegation", "none", "--data", dir)
	says(t, stderr, "no token was sent for a delegation request none")
}
