package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/xemu-aws/xemu/emulator/admin"
	"github.com/xemu-aws/xemu/xemutest"
)

// serviceTrust is a trust policy for an AWS service.
func serviceTrust(service string) string {
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}}`
}

// machine is an emulator with a clock, and its admin API.
type machine struct {
	*xemutest.Emulator
	t     *testing.T
	iam   *iam.Client
	token string
	ahead atomic.Int64
}

func newMachine(t *testing.T) *machine {
	m := &machine{t: t}
	start := time.Now()
	m.Emulator = xemutest.New(t, xemutest.Now(func() time.Time { return start.Add(time.Duration(m.ahead.Load())) }))
	m.iam = iam.NewFromConfig(m.Account("production").Admin().Config())
	text, err := os.ReadFile(m.Server.Profile.Dir + "/../admin-token")
	must(t, err)
	m.token = strings.TrimSpace(string(text))
	return m
}

// profile makes an instance profile with a role.
func (m *machine) profile(name, trust string, policies ...string) string {
	m.t.Helper()
	m.Account("production").Role(name, trust, policies...)
	out, err := m.iam.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: &name})
	must(m.t, err)
	_, err = m.iam.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: &name, RoleName: &name})
	must(m.t, err)
	return *out.InstanceProfile.Arn
}

// run begins a workload; the environment is the test's from now on.
func (m *machine) run(w admin.Workload) admin.Workload {
	m.t.Helper()
	text, err := json.Marshal(w)
	must(m.t, err)
	status, body := m.call("POST", m.URL+"/_xemu/workloads", string(text), "Authorization", "Bearer "+m.token)
	if status != http.StatusCreated {
		m.t.Fatalf("run: %d %s", status, body)
	}
	var out admin.Workload
	must(m.t, json.Unmarshal([]byte(body), &out))
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE",
	} {
		m.t.Setenv(name, "") // restores it at the end
		os.Unsetenv(name)
	}
	m.t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	m.t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	for name, value := range out.Environment {
		m.t.Setenv(name, value)
	}
	return out
}

// call makes a plain request; headers are pairs.
func (m *machine) call(method, url, body string, headers ...string) (int, string) {
	m.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	must(m.t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	must(m.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(m.t, err)
	return answer.StatusCode, string(text)
}

// whoami asks with the default credentials chain of the Go SDK.
func (m *machine) whoami() (string, error) {
	m.t.Helper()
	c, err := config.LoadDefaultConfig(ctx)
	must(m.t, err)
	out, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, nil)
	if err != nil {
		return "", err
	}
	return *out.Arn, nil
}

// An unchanged program on an instance runs as the role of its profile, with the keys of EC2 in its conditions.
func TestInstance(t *testing.T) {
	m := newMachine(t)
	arn := m.profile("web", serviceTrust("ec2.amazonaws.com"),
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"ec2:RoleDelivery":"2.0"},
			"ArnLike":{"ec2:SourceInstanceARN":"arn:aws:ec2:eu-west-1:111122223333:instance/i-*"}}}}`)
	w := m.run(admin.Workload{InstanceProfile: arn, Region: "eu-west-1"})
	got, err := m.whoami()
	must(t, err)
	if want := "arn:aws:sts::111122223333:assumed-role/web/" + w.ID; got != want || !strings.HasPrefix(w.ID, "i-0") || len(w.ID) != 19 {
		t.Errorf("the program is %s, want %s", got, want)
	}
	c, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	_, err = iam.NewFromConfig(c).ListUsers(ctx, nil)
	must(t, err)
	_, err = iam.NewFromConfig(c).ListRoles(ctx, nil)
	wantError(t, err, "AccessDenied", "no identity-based policy allows")

	_, err = m.iam.RemoveRoleFromInstanceProfile(ctx, &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: aws.String("web"), RoleName: aws.String("web")})
	must(t, err)
	if got, err := m.whoami(); err == nil {
		t.Errorf("without a role the program is %s", got)
	}
}

// Credentials stay the same until they are about to expire.
func TestInstanceCredentialsAreRenewed(t *testing.T) {
	m := newMachine(t)
	w := m.run(admin.Workload{InstanceProfile: m.profile("web", serviceTrust("ec2.amazonaws.com"))})
	base := w.Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "/"
	get := func() (c struct{ Code, AccessKeyId, Expiration, Type, LastUpdated string }) {
		t.Helper()
		_, token := m.call("PUT", base+"latest/api/token", "", "X-aws-ec2-metadata-token-ttl-seconds", "60")
		_, text := m.call("GET", base+"latest/meta-data/iam/security-credentials/web", "", "X-aws-ec2-metadata-token", token)
		must(t, json.Unmarshal([]byte(text), &c))
		return c
	}
	first := get()
	if first.Code != "Success" || first.Type != "AWS-HMAC" || first.LastUpdated == "" {
		t.Errorf("credentials %+v", first)
	}
	m.ahead.Store(int64(5 * time.Hour))
	if again := get(); again != first {
		t.Errorf("after five hours %+v, before %+v", again, first)
	}
	m.ahead.Store(int64(5*time.Hour + 50*time.Minute))
	if again := get(); again.AccessKeyId == first.AccessKeyId || again.Expiration <= first.Expiration {
		t.Errorf("shortly before the end %+v, first %+v", again, first)
	}
}

// The metadata service as clients meet it: tokens, paths, refusals.
func TestInstanceMetadata(t *testing.T) {
	m := newMachine(t)
	arn := m.profile("web", serviceTrust("ec2.amazonaws.com"))
	w := m.run(admin.Workload{InstanceProfile: arn})
	base := w.Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "/"
	const ttl, header = "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token"
	status, token := m.call("PUT", base+"latest/api/token", "", ttl, "21600")
	if status != 200 || token == "" {
		t.Fatalf("token: %d %q", status, token)
	}
	_, short := m.call("PUT", base+"latest/api/token", "", ttl, "1")
	other := m.run(admin.Workload{InstanceProfile: arn}).Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "/"
	for _, test := range []struct {
		method, url string
		headers     []string
		status      int
		body        string
	}{
		{"PUT", base + "latest/api/token", nil, 400, ""},
		{"PUT", base + "latest/api/token", []string{ttl, "0"}, 400, ""},
		{"PUT", base + "latest/api/token", []string{ttl, "21601"}, 400, ""},
		{"PUT", base + "latest/api/token", []string{ttl, "60", "X-Forwarded-For", "203.0.113.1"}, 403, ""},
		{"PUT", base + "latest/api/token", []string{ttl, "60", "Origin", "http://evil.example.com"}, 403, ""},
		{"GET", base + "latest/api/token", []string{header, token}, 405, ""},
		{"POST", base + "latest/meta-data/", []string{header, token}, 405, ""},
		{"GET", base + "latest/meta-data/", nil, 401, ""}, // Version 1
		{"GET", base + "latest/meta-data/", []string{header, "x"}, 401, ""},
		{"GET", other + "latest/meta-data/", []string{header, token}, 401, ""}, // another instance's
		{"GET", base + "latest/meta-data/", []string{header, token, "X-Forwarded-For", "203.0.113.1"}, 403, ""},
		{"GET", base + "latest/meta-data/iam/", []string{header, token}, 200, "info\nsecurity-credentials/"},
		{"GET", base + "latest/meta-data/iam/security-credentials/", []string{header, token}, 200, "web"},
		{"GET", base + "latest/meta-data/iam/security-credentials/other", []string{header, token}, 404, ""},
		{"GET", base + "latest/meta-data/instance-id", []string{header, token}, 200, w.ID},
		{"GET", base + "latest/meta-data/placement/region", []string{header, token}, 200, "us-east-1"},
		{"GET", base + "latest/meta-data/placement/availability-zone", []string{header, token}, 200, "us-east-1a"},
		{"GET", base + "latest/", []string{header, token}, 200, "dynamic/\nmeta-data/"},
		{"GET", base + "latest/user-data", []string{header, token}, 404, ""},
		{"GET", m.URL + "/_xemu/workload/i-00000000000000000/latest/meta-data/", []string{header, token}, 404, ""},
		{"GET", m.URL + "/_xemu/workload/" + w.ID + "/latest/meta-data/instance-id", []string{header, token}, 200, w.ID},
	} {
		status, body := m.call(test.method, test.url, "", test.headers...)
		if status != test.status || test.body != "" && body != test.body {
			t.Errorf("%s %s %v: %d %q, want %d %q", test.method, test.url, test.headers, status, body, test.status, test.body)
		}
	}
	_, text := m.call("GET", base+"latest/dynamic/instance-identity/document", "", header, token)
	var document map[string]string
	must(t, json.Unmarshal([]byte(text), &document))
	if document["instanceId"] != w.ID || document["accountId"] != "111122223333" || document["region"] != "us-east-1" {
		t.Errorf("identity document %s", text)
	}
	_, text = m.call("GET", base+"latest/meta-data/iam/info", "", header, token)
	var info map[string]string
	must(t, json.Unmarshal([]byte(text), &info))
	if info["Code"] != "Success" || info["InstanceProfileArn"] != arn || !strings.HasPrefix(info["InstanceProfileId"], "AIPA") {
		t.Errorf("info %s", text)
	}
	m.ahead.Store(int64(2 * time.Second))
	if status, _ := m.call("GET", base+"latest/meta-data/", "", header, short); status != 401 {
		t.Errorf("an expired token: %d", status)
	}
	if status, _ := m.call("DELETE", m.URL+"/_xemu/workloads/"+w.ID, "", "Authorization", "Bearer "+m.token); status != 200 {
		t.Errorf("terminate: %d", status)
	}
	if answer, err := http.Get(base); err == nil {
		answer.Body.Close()
		t.Errorf("a terminated instance: %d", answer.StatusCode)
	}
}

// A role that does not trust EC2 is not handed out.
func TestInstanceRoleMustTrustEC2(t *testing.T) {
	m := newMachine(t)
	w := m.run(admin.Workload{InstanceProfile: m.profile("web", serviceTrust("ecs-tasks.amazonaws.com"))})
	base := w.Environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + "/"
	_, token := m.call("PUT", base+"latest/api/token", "", "X-aws-ec2-metadata-token-ttl-seconds", "60")
	_, text := m.call("GET", base+"latest/meta-data/iam/security-credentials/web", "", "X-aws-ec2-metadata-token", token)
	if !strings.Contains(text, "AssumeRoleUnauthorizedAccess") || strings.Contains(text, "SecretAccessKey") {
		t.Errorf("credentials: %s", text)
	}
	if who, err := m.whoami(); err == nil {
		t.Errorf("the program is %s", who)
	}
}

// An unchanged program in a container runs as the task's role; without the token it gets nothing.
func TestTask(t *testing.T) {
	m := newMachine(t)
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole",
		"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnLike":{"aws:SourceArn":"arn:aws:ecs:us-east-1:111122223333:*"}}}}`
	role := m.Account("production").Role("worker", trust)
	w := m.run(admin.Workload{TaskRole: role})
	got, err := m.whoami()
	must(t, err)
	if want := "arn:aws:sts::111122223333:assumed-role/worker/" + w.ID; got != want || len(w.ID) != 32 {
		t.Errorf("the program is %s, want %s", got, want)
	}
	url, token := w.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], w.Environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
	for _, test := range []struct {
		headers []string
		status  int
	}{
		{nil, 401}, {[]string{"Authorization", "x"}, 401}, {[]string{"Authorization", token, "X-Forwarded-For", "203.0.113.1"}, 403}, {[]string{"Authorization", token}, 200},
	} {
		if status, body := m.call("GET", url, "", test.headers...); status != test.status {
			t.Errorf("%v: %d %s", test.headers, status, body)
		}
	}

	_, err = m.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("worker"), PolicyDocument: aws.String(serviceTrust("ec2.amazonaws.com"))})
	must(t, err)
	if status, body := m.call("GET", url, "", "Authorization", token); status != 403 || !strings.Contains(body, "ECS was unable to assume the role") {
		t.Errorf("a role that does not trust ECS: %d %s", status, body)
	}
	for _, in := range []string{`{}`, `{"taskRole":"arn:aws:iam::111122223333:role/nobody"}`, `{"instanceProfile":"x"}`, `{"taskRole":"` + role + `","region":"moon"}`} {
		if status, _ := m.call("POST", m.URL+"/_xemu/workloads", in, "Authorization", "Bearer "+m.token); status != 400 {
			t.Errorf("run %s: %d", in, status)
		}
	}
}

// boto3 finds the same credentials.
func TestWorkloadsByBoto3(t *testing.T) {
	if exec.Command("python3", "-c", "import boto3").Run() != nil {
		t.Skip("python3 has no boto3")
	}
	m := newMachine(t)
	role := m.Account("production").Role("worker", serviceTrust("ecs-tasks.amazonaws.com"))
	profile := m.profile("web", serviceTrust("ec2.amazonaws.com"))
	for _, w := range []admin.Workload{{TaskRole: role}, {InstanceProfile: profile}} {
		w = m.run(w)
		out, err := exec.Command("python3", "-c", `import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])`).CombinedOutput()
		if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "/"+w.ID) {
			t.Errorf("boto3 as %s: %v %s", w.ID, err, out)
		}
	}
}
