package emulator_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/xemutest"
)

// Bad input is a clear error, and changes nothing.
func TestBadInput(t *testing.T) {
	x := xemutest.New(t)
	admin := x.Account("production").Admin()
	users := iam.NewFromConfig(admin.Config())
	_, err := users.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("p"), PolicyDocument: aws.String(`{"Version":`)})
	wantError(t, err, "MalformedPolicyDocument", "Syntax errors in policy.")
	_, err = users.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)})
	wantError(t, err, "MalformedPolicyDocument", "Policy document should not specify a principal.")
	_, err = users.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(strings.Repeat("u", 65))})
	wantError(t, err, "ValidationError", "Member must have length less than or equal to 64")
	_, err = users.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("no spaces")})
	wantError(t, err, "ValidationError", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
	if list, err := users.ListPolicies(ctx, &iam.ListPoliciesInput{Scope: "Local"}); err != nil || len(list.Policies) > 0 {
		t.Errorf("the refused policy is there: %v, %v", list, err)
	}

	for _, test := range []struct{ service, body, code, message string }{
		{"iam", "Action=NoSuchAction&Version=2010-05-08", "InvalidAction", "Could not find operation NoSuchAction for version 2010-05-08"},
		{"sts", "Action=CreateUser&Version=2011-06-15", "InvalidAction", "Could not find operation CreateUser for version 2011-06-15"},
		{"iam", "Action=ListUsers&Version=2010-05-08&MaxItems=many", "MalformedInput", ""},
	} {
		r, err := signedForm(admin, x.URL, test.service, test.body)
		must(t, err)
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode < 400 || !strings.Contains(string(text), "<Code>"+test.code+"</Code>") || !strings.Contains(string(text), test.message) {
			t.Errorf("%s: %s %s", test.body, answer.Status, text)
		}
	}
}

// A body that breaks off stores nothing, and the server goes on.
func TestCutBody(t *testing.T) {
	x := xemutest.New(t)
	owner := s3Client(x.Account("production").Admin())
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("cut")})
	must(t, err)
	presigned, err := s3.NewPresignClient(owner).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("cut"), Key: aws.String("half")})
	must(t, err)
	for _, length := range []int{100, 10 << 20} {
		r, err := http.NewRequest("PUT", presigned.URL, nil)
		must(t, err)
		conn, err := net.Dial("tcp", r.URL.Host)
		must(t, err)
		fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", r.URL.RequestURI(), r.URL.Host, length, strings.Repeat("x", length/2))
		conn.(*net.TCPConn).CloseWrite()
		if answer, err := http.ReadResponse(bufio.NewReader(conn), r); err == nil && answer.StatusCode < 400 {
			t.Errorf("half of %d bytes: %s", length, answer.Status)
		}
		conn.Close()
	}
	if list, err := owner.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("cut")}); err != nil || len(list.Contents) > 0 {
		t.Errorf("half an object is there: %+v, %v", list, err)
	}
}

// Nothing that looks like S3 is answered as the nearest thing to it.
func TestUnknownSubresource(t *testing.T) {
	x := xemutest.New(t)
	owner := s3Client(x.Account("production").Admin())
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("there")})
	must(t, err)
	_, err = owner.GetBucketWebsite(ctx, &s3.GetBucketWebsiteInput{Bucket: aws.String("there")})
	wantError(t, err, "NoSuchWebsiteConfiguration", "")
	_, err = owner.PutBucketWebsite(ctx, &s3.PutBucketWebsiteInput{Bucket: aws.String("there"), WebsiteConfiguration: nil})
	if err == nil {
		t.Error("PutBucketWebsite without a body succeeded")
	}
	_, err = owner.GetObjectAnnotation(ctx, &s3.GetObjectAnnotationInput{Bucket: aws.String("there"), Key: aws.String("k"), AnnotationName: aws.String("a")})
	wantError(t, err, "NotImplemented", "GetObjectAnnotation")
	if _, err := owner.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("there")}); err != nil {
		t.Errorf("the bucket is gone: %v", err)
	}
}

// A client that asks before it sends is told no before it sends.
func TestExpectContinue(t *testing.T) {
	x := xemutest.New(t)
	owner, nobody := s3Client(x.Account("production").Admin()), s3Client(x.Account("production").User("nobody"))
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("asked")})
	must(t, err)
	presigned, err := s3.NewPresignClient(nobody).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("asked"), Key: aws.String("k")})
	must(t, err)
	r, err := http.NewRequest("PUT", presigned.URL, nil)
	must(t, err)
	conn, err := net.Dial("tcp", r.URL.Host)
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", r.URL.RequestURI(), r.URL.Host, 5<<30)
	answer, err := http.ReadResponse(bufio.NewReader(conn), r)
	must(t, err)
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("answered %s", answer.Status)
	}
}

// "100 Continue" is said before an empty body too: botocore misreads the answer after one that it got without.
func TestExpectContinueOfNothing(t *testing.T) {
	x := xemutest.New(t)
	owner := s3Client(x.Account("production").Admin())
	_, err := owner.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("empty")})
	must(t, err)
	for _, bucket := range []string{"empty", "there-is-none"} {
		r, err := s3.NewPresignClient(owner).PresignPutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("key")})
		must(t, err)
		u, err := url.Parse(r.URL)
		must(t, err)
		conn, err := net.Dial("tcp", u.Host)
		must(t, err)
		defer conn.Close()
		fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n", u.RequestURI(), u.Host)
		must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
		first, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || first != "HTTP/1.1 100 Continue\r\n" {
			t.Errorf("%s: %q, %v", bucket, first, err)
		}
	}
}
