package emulator_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator"
)

const trustS3 = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"SERVICE"},"Action":"sts:AssumeRole"}}`

// Replication as a role of IAM, which has to trust S3. What waits for its replica when the server is killed gets it from
// the next one.
func TestReplicationAfterKill(t *testing.T) {
	dir := t.TempDir()
	cmd, line, err := startChild(t, serveVariable, dir, func(*exec.Cmd) {})
	must(t, err)
	c := clientOf(t, line)
	var url, id, secret string
	fmt.Sscan(line, &url, &id, &secret)
	roles := iam.New(iam.Options{Region: emulator.Region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider(id, secret, "")})
	arns := map[string]string{}
	for name, service := range map[string]string{"trusting": "s3.amazonaws.com", "other": "ec2.amazonaws.com"} {
		out, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(strings.Replace(trustS3, "SERVICE", service, 1))})
		must(t, err)
		arns[name] = *out.Role.Arn
		_, err = roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("replication"),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`)})
		must(t, err)
	}
	for _, name := range []string{"trusted-source", "other-source", "replicas"} {
		_, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
		must(t, err)
		_, err = c.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}})
		must(t, err)
	}
	for bucket, role := range map[string]string{"trusted-source": "trusting", "other-source": "other"} {
		_, err := c.PutBucketReplication(t.Context(), &s3.PutBucketReplicationInput{Bucket: &bucket, ReplicationConfiguration: &types.ReplicationConfiguration{
			Role: aws.String(arns[role]), Rules: []types.ReplicationRule{{Status: "Enabled", Prefix: aws.String(""), Destination: &types.Destination{Bucket: aws.String("arn:aws:s3:::replicas")}}},
		}})
		must(t, err)
	}
	const objects = 50
	for i := range objects {
		_, err := c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("trusted-source"), Key: aws.String(fmt.Sprint("k", i)), Body: strings.NewReader(strings.Repeat("x", 1<<(i%18)))})
		must(t, err)
	}
	_, err = c.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("other-source"), Key: aws.String("k"), Body: strings.NewReader("x")})
	must(t, err)
	must(t, cmd.Process.Kill())
	cmd.Wait()

	_, c = startServer(t, dir)
	for i := range objects {
		awaitStatus(t, c, "trusted-source", fmt.Sprint("k", i), types.ReplicationStatusCompleted)
		awaitStatus(t, c, "replicas", fmt.Sprint("k", i), types.ReplicationStatusReplica)
	}
	awaitStatus(t, c, "other-source", "k", types.ReplicationStatusFailed)
	versions, err := c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("replicas")})
	must(t, err)
	if len(versions.Versions) != objects {
		t.Errorf("%d replicas of %d objects", len(versions.Versions), objects)
	}
}

// awaitStatus waits until a version has the replication status.
func awaitStatus(t *testing.T, c *s3.Client, bucket, key string, want types.ReplicationStatus) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		head, err := c.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
		if err == nil && head.ReplicationStatus == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s/%s: %+v, %v; want %s", bucket, key, head, err, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
