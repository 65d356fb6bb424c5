package managed_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/iam"
	"github.com/xemu-aws/xemu/emulator/iam/managed"
)

func load(t *testing.T, path string) iam.ManagedPolicies {
	t.Helper()
	policies, err := managed.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return policies
}

// mostUsed are policies that people attach by name.
var mostUsed = strings.Fields(`
	AdministratorAccess PowerUserAccess ReadOnlyAccess job-function/ViewOnlyAccess SecurityAudit job-function/SupportUser
	job-function/Billing job-function/DatabaseAdministrator job-function/NetworkAdministrator job-function/SystemAdministrator
	job-function/DataScientist IAMFullAccess IAMReadOnlyAccess IAMUserChangePassword IAMUserSSHKeys IAMAccessAdvisorReadOnly
	IAMSelfManageServiceSpecificCredentials IAMAccessAnalyzerFullAccess IAMAccessAnalyzerReadOnlyAccess AmazonS3FullAccess
	AmazonS3ReadOnlyAccess AmazonS3OutpostsFullAccess AmazonS3OutpostsReadOnlyAccess
	service-role/AmazonS3ObjectLambdaExecutionRolePolicy AmazonEC2FullAccess AmazonEC2ReadOnlyAccess
	AmazonEC2ContainerRegistryFullAccess AmazonEC2ContainerRegistryReadOnly AmazonEC2ContainerRegistryPowerUser
	service-role/AmazonEC2ContainerServiceforEC2Role AWSLambda_FullAccess AWSLambda_ReadOnlyAccess AWSLambdaExecute
	AWSLambdaInvocation-DynamoDB service-role/AWSLambdaBasicExecutionRole service-role/AWSLambdaVPCAccessExecutionRole
	service-role/AWSLambdaSQSQueueExecutionRole service-role/AWSLambdaDynamoDBExecutionRole
	service-role/AWSLambdaKinesisExecutionRole service-role/AWSLambdaRole AmazonDynamoDBFullAccess
	AmazonDynamoDBReadOnlyAccess AmazonRDSFullAccess AmazonRDSReadOnlyAccess AmazonSQSFullAccess AmazonSNSFullAccess
	CloudWatchFullAccess CloudWatchReadOnlyAccess CloudWatchLogsFullAccess AmazonVPCFullAccess AmazonRoute53FullAccess
	AWSCloudTrail_FullAccess AWSCloudFormationFullAccess AWSKeyManagementServicePowerUser SecretsManagerReadWrite
	AmazonSSMManagedInstanceCore service-role/AmazonECSTaskExecutionRolePolicy AmazonEKSClusterPolicy AmazonEKSWorkerNodePolicy
	ElasticLoadBalancingFullAccess AutoScalingFullAccess AmazonAPIGatewayAdministrator AWSStepFunctionsFullAccess
	AWSOrganizationsFullAccess AWSOrganizationsReadOnlyAccess AWSSecurityHubFullAccess AWSSupportAccess AWSBillingReadOnlyAccess
	AWSCloudShellFullAccess AmazonElasticFileSystemFullAccess AmazonKinesisFullAccess AWSXRayDaemonWriteAccess AWSDenyAll`)

func TestMostUsed(t *testing.T) {
	policies := load(t, "")
	for _, name := range mostUsed {
		arn := "arn:aws:iam::aws:policy/" + name
		p, ok := policies.ByARN(arn)
		if !ok {
			t.Errorf("%s is not there", arn)
			continue
		}
		if p.ARN != arn || p.Path+p.Name != "/"+name {
			t.Errorf("%s has the ARN %s, path %s and name %s", arn, p.ARN, p.Path, p.Name)
		}
	}
}

func TestByARN(t *testing.T) {
	policies := load(t, "")
	for _, arn := range []string{
		"", "AdministratorAccess", "arn:aws:iam::aws:policy/administratoraccess", "arn:aws:iam::aws:policy/Nobody",
		"arn:aws:iam::aws:policy/ViewOnlyAccess", // its path is missing
		"arn:aws:iam::111122223333:policy/AdministratorAccess", "arn:aws:iam::aws:policy/x/AdministratorAccess",
	} {
		if p, ok := policies.ByARN(arn); ok {
			t.Errorf("ByARN(%q) = %s, want none", arn, p.ARN)
		}
	}
}

var (
	uniqueID = regexp.MustCompile(`^ANPA[A-Z2-7]{17}$`)
	version  = regexp.MustCompile(`^v[1-9][0-9]*$`)
)

// TestAll: every policy is whole, and one that AWS's grammar accepts.
func TestAll(t *testing.T) {
	all := load(t, "").All()
	if len(all) < 1000 {
		t.Fatalf("%d policies", len(all))
	}
	seen := map[string]bool{}
	for i, p := range all {
		if i > 0 && strings.ToLower(all[i-1].Name) >= strings.ToLower(p.Name) {
			t.Errorf("%s stands before %s", all[i-1].Name, p.Name)
		}
		if !uniqueID.MatchString(p.ID) || seen[p.ID] {
			t.Errorf("%s: id %s", p.Name, p.ID)
		}
		seen[p.ID] = true
		if !version.MatchString(p.DefaultVersion) {
			t.Errorf("%s: version %s", p.Name, p.DefaultVersion)
		}
		if p.Created.Year() < 2010 || p.Updated.Before(p.Created) {
			t.Errorf("%s: created %s, updated %s", p.Name, p.Created, p.Updated)
		}
		if q, ok := load(t, "").ByARN(p.ARN); !ok || q.Name != p.Name {
			t.Errorf("ByARN(%s) = %s, %v", p.ARN, q.Name, ok)
		}
		policy, err := authz.Validate(p.Document(), authz.Identity)
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if full := allowsAll(policy); full != (p.Name == "AdministratorAccess") {
			t.Errorf("%s: allows everything: %v", p.Name, full)
		}
	}
}

// allowsAll says whether an identity with this policy alone may do an action that no policy can know of.
func allowsAll(p *authz.Policy) bool {
	user := authz.Principal{Type: authz.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/u", ID: "AIDAAAAAAAAAAAAAAAAAA", Name: "u"}
	return authz.Evaluate(
		authz.Request{Principal: user, Action: "unheardof:Do", Resource: "arn:aws:unheardof:us-east-1:111122223333:thing/1"},
		authz.Policies{Identity: []authz.Attached{{Policy: p, Kind: authz.Identity}}},
	).Allowed() && authz.Evaluate(
		authz.Request{Principal: user, Action: "iam:CreateUser", Resource: "arn:aws:iam::111122223333:user/v"},
		authz.Policies{Identity: []authz.Attached{{Policy: p, Kind: authz.Identity}}},
	).Allowed()
}

// TestDocuments compares documents with those that AWS publishes ("AWS Managed Policy Reference Guide").
func TestDocuments(t *testing.T) {
	policies := load(t, "")
	for name, want := range map[string]struct{ version, created, document string }{
		"AdministratorAccess": {"v1", "2015-02-06T18:39:46Z", `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "*",
            "Resource": "*"
        }
    ]
}`},
		"AmazonS3ReadOnlyAccess": {"v3", "2015-02-06T18:40:59Z", `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "s3:Get*",
                "s3:List*",
                "s3:Describe*",
                "s3-object-lambda:Get*",
                "s3-object-lambda:List*"
            ],
            "Resource": "*"
        }
    ]
}`},
		"AmazonEC2FullAccess": {"v5", "2015-02-06T18:40:15Z", `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "ec2:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "elasticloadbalancing:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "cloudwatch:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "autoscaling:*",
            "Resource": "*"
        },
        {
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "iam:AWSServiceName": [
                        "autoscaling.amazonaws.com",
                        "ec2scheduled.amazonaws.com",
                        "elasticloadbalancing.amazonaws.com",
                        "spot.amazonaws.com",
                        "spotfleet.amazonaws.com",
                        "transitgateway.amazonaws.com"
                    ]
                }
            }
        }
    ]
}`},
	} {
		p, _ := policies.ByARN("arn:aws:iam::aws:policy/" + name)
		if got := p.Document(); got != want.document {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want.document)
		}
		if p.DefaultVersion != want.version || p.Created.Format("2006-01-02T15:04:05Z07:00") != want.created {
			t.Errorf("%s: %s of %s", name, p.DefaultVersion, p.Created)
		}
	}
}

const denyAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`

func TestLoadDirectory(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "AmazonS3ReadOnlyAccess.json"), denyAll)
	write(t, filepath.Join(dir, "CompanyDefault.json"), denyAll)
	write(t, filepath.Join(dir, "README.md"), "not a policy")
	policies := load(t, dir)

	base := load(t, "")
	was, _ := base.ByARN("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
	is, _ := policies.ByARN("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
	if is.Document() != denyAll {
		t.Errorf("the document was not replaced: %s", is.Document())
	}
	if is.ID != was.ID || is.DefaultVersion != was.DefaultVersion || !is.Created.Equal(was.Created) {
		t.Errorf("replaced: %+v, was %+v", is, was)
	}
	if was.Document() == denyAll {
		t.Error("Load changed the policies of another Load")
	}
	own, ok := policies.ByARN("arn:aws:iam::aws:policy/CompanyDefault")
	if !ok || own.Path != "/" || own.DefaultVersion != "v1" || !uniqueID.MatchString(own.ID) || own.Document() != denyAll {
		t.Errorf("added: %+v, %v", own, ok)
	}
	if len(policies.All()) != len(base.All())+1 {
		t.Errorf("%d policies, of %d and one new", len(policies.All()), len(base.All()))
	}
}

func TestLoadDetails(t *testing.T) {
	policy := func(name, arn string, document any) map[string]any {
		return map[string]any{
			"PolicyName": name, "PolicyId": "ANPAIWMBCKSKIEE64ZLYK", "Arn": arn, "Path": "/team/", "DefaultVersionId": "v7",
			"CreateDate": "2015-02-06T18:39:46+00:00", "UpdateDate": "2016-02-06T18:39:46+00:00", "Description": "For a test",
			"PolicyVersionList": []any{
				map[string]any{"Document": map[string]any{}, "VersionId": "v6", "IsDefaultVersion": false},
				map[string]any{"Document": document, "VersionId": "v7", "IsDefaultVersion": true},
			},
		}
	}
	var asObject any
	if err := json.Unmarshal([]byte(denyAll), &asObject); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"UserDetailList": []any{}, "Policies": []any{
		policy("AsObject", "arn:aws:iam::aws:policy/team/AsObject", asObject),
		policy("AsString", "arn:aws:iam::aws:policy/team/AsString", url.QueryEscape(denyAll)),
		policy("Customers", "arn:aws:iam::111122223333:policy/team/Customers", asObject),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "details.json")
	write(t, file, string(text))
	policies := load(t, file)

	for _, name := range []string{"AsObject", "AsString"} {
		p, ok := policies.ByARN("arn:aws:iam::aws:policy/team/" + name)
		if !ok {
			t.Errorf("%s is not there", name)
			continue
		}
		var got any
		if err := json.Unmarshal([]byte(p.Document()), &got); err != nil || !reflect.DeepEqual(got, asObject) {
			t.Errorf("%s: %s", name, p.Document())
		}
		if p.Path != "/team/" || p.ID != "ANPAIWMBCKSKIEE64ZLYK" || p.DefaultVersion != "v7" || p.Description != "For a test" ||
			p.Created.Year() != 2015 || p.Updated.Year() != 2016 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if slices.ContainsFunc(policies.All(), func(p iam.ManagedPolicy) bool { return p.Name == "Customers" }) {
		t.Error("a customer's policy became AWS's")
	}
}

func TestLoadErrors(t *testing.T) {
	dir := func(files ...string) string {
		d := t.TempDir()
		for i := 0; i < len(files); i += 2 {
			write(t, filepath.Join(d, files[i]), files[i+1])
		}
		return d
	}
	for name, test := range map[string]struct{ path, want string }{
		"nothing there":  {filepath.Join(t.TempDir(), "nowhere"), "no such file"},
		"empty":          {dir(), "has none"},
		"not a policy":   {dir("Bad.json", `{"Statement":[{"Effect":"Allow"}]}`), "Bad.json"},
		"with principal": {dir("Bad.json", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`), "principal"},
		"twice":          {dir("A.json", denyAll, "a.json", denyAll), "twice"},
		"not JSON":       {filepath.Join(dir("x", "hello"), "x"), "invalid character"},
		"other JSON":     {filepath.Join(dir("x", `{"Policies":[]}`), "x"), "has none"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := managed.Load(test.path); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want it to say %q", err, test.want)
			}
		})
	}
}

// BenchmarkDocument is what a document costs each time.
func BenchmarkDocument(b *testing.B) {
	policies, err := managed.Load("")
	if err != nil {
		b.Fatal(err)
	}
	p, _ := policies.ByARN("arn:aws:iam::aws:policy/AmazonEC2FullAccess")
	for b.Loop() {
		p.Document()
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
