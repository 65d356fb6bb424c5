package other

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/internal/awscli/awsclitest"
)

// newServer answers EC2 and Lambda as if everything were allowed, and other services as if nothing were.
func newServer(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service := strings.Split(r.Header.Get("Authorization"), "/")[3]
		own := *request
		own.Service = service
		action, ok := Describe(r, service)
		switch {
		case !ok:
			t.Errorf("%s %s names no action", r.Method, r.URL)
		case service == "ec2" || service == "lambda":
			if err := Respond(w, r, &own, action); err != nil {
				Deny(w, r, &own, service, awserr.From(err))
			}
		default:
			Deny(w, r, &own, service, awserr.AccessDenied.Errorf("User: %s is not authorized to perform: %s", own.Caller.ARN, action))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// environment is what a client needs to talk to url.
func environment(t *testing.T, url string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + url, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
	}
}

// TestAWSCLI: the real CLI understands the answers.
func TestAWSCLI(t *testing.T) {
	cli := awsclitest.Find(t)
	env := environment(t, newServer(t))
	for _, test := range []struct{ args, want string }{
		{"ec2 describe-instances --output json", `{"Reservations":[]}`},
		{"ec2 describe-vpcs --filters Name=is-default,Values=true --query Vpcs[].[CidrBlock,IsDefault] --output json", `[["172.31.0.0/16",true]]`},
		{"ec2 run-instances --dry-run --image-id ami-1", "(DryRunOperation) when calling the RunInstances operation: Request would have succeeded, but DryRun flag is set."},
		{"lambda list-functions", "(NotImplementedException) when calling the ListFunctions operation: xemu does not emulate lambda:ListFunctions."},
		{"dynamodb list-tables", "(AccessDeniedException) when calling the ListTables operation: User: arn:aws:iam::444455556666:user/eve is not authorized to perform: dynamodb:ListTables"},
	} {
		c := exec.Command(cli, strings.Fields(test.args)...)
		c.Env = env
		out, _ := c.CombinedOutput() // its exit code tells no more than its words
		if got := string(out); !strings.Contains(got, test.want) && compact(got) != test.want {
			t.Errorf("aws %s: %s, want %s", test.args, got, test.want)
		}
	}
}

// compact returns a JSON text in its shortest form.
func compact(text string) string {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return ""
	}
	out, _ := json.Marshal(v)
	return string(out)
}

// boto prints, for each line "service operation argument=JSON JMESPath", what boto3 makes of the answer.
const boto = `
import boto3, jmespath, json, sys
from botocore.exceptions import ClientError
for line in sys.stdin:
    service, operation, arguments, query = line.split(None, 3)
    try:
        answer = getattr(boto3.client(service), operation)(**json.loads(arguments))
        print(json.dumps(jmespath.search(query, answer), separators=(",", ":")))
    except ClientError as e:
        print(e)
`

// TestBoto3: boto3 understands the answers of each protocol.
func TestBoto3(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import boto3").Run() != nil {
		t.Skip("boto3 is not installed")
	}
	denied := func(code, operation, action string) string {
		return "An error occurred (" + code + ") when calling the " + operation + " operation: User: arn:aws:iam::444455556666:user/eve is not authorized to perform: " + action
	}
	tests := []struct{ line, want string }{
		{"ec2 describe_instances {} Reservations", "[]"},
		{"ec2 describe_instance_status {} InstanceStatuses", "[]"},
		{`ec2 describe_images {"Owners":["self"]} Images`, "[]"},
		{"ec2 describe_volumes {} Volumes", "[]"},
		{"ec2 describe_snapshots {} Snapshots", "[]"},
		{"ec2 describe_key_pairs {} KeyPairs", "[]"},
		{"ec2 describe_tags {} Tags", "[]"},
		{"ec2 describe_vpcs {} Vpcs[].[CidrBlock,IsDefault,OwnerId,CidrBlockAssociationSet[0].CidrBlockState.State]", `[["172.31.0.0/16",true,"444455556666","associated"]]`},
		{`ec2 describe_vpcs {"Filters":[{"Name":"tag:Name","Values":["x"]}]} Vpcs`, "[]"},
		{"ec2 describe_regions {} length(Regions)", "17"},
		{`ec2 describe_regions {"RegionNames":["eu-west-1"]} Regions`, `[{"OptInStatus":"opt-in-not-required","RegionName":"eu-west-1","Endpoint":"ec2.eu-west-1.amazonaws.com"}]`},
		{"ec2 describe_subnets {} Subnets[5].[AvailabilityZone,CidrBlock,AvailableIpAddressCount,DefaultForAz]", `["us-east-1f","172.31.80.0/20",4091,true]`},
		{"ec2 describe_availability_zones {} AvailabilityZones[].ZoneId", `["use1-az1","use1-az2","use1-az3","use1-az4","use1-az5","use1-az6"]`},
		{"ec2 describe_security_groups {} SecurityGroups[0].[GroupName,IpPermissionsEgress[0].IpRanges[0].CidrIp,IpPermissions[0].UserIdGroupPairs[0].UserId]", `["default","0.0.0.0/0","444455556666"]`},
		{`ec2 describe_vpcs {"VpcIds":["vpc-1"]} @`, "An error occurred (InvalidVpcID.NotFound) when calling the DescribeVpcs operation: The vpc ID 'vpc-1' does not exist"},
		{"ec2 describe_instance_types {} @", "An error occurred (NotImplemented) when calling the DescribeInstanceTypes operation: xemu does not emulate ec2:DescribeInstanceTypes."},
		{`lambda invoke {"FunctionName":"f"} @`, "An error occurred (NotImplementedException) when calling the Invoke operation: xemu does not emulate lambda:InvokeFunction."},
		{"sqs list_queues {} @", denied("AccessDeniedException", "ListQueues", "sqs:ListQueues")},
		{"kms list_keys {} @", denied("AccessDeniedException", "ListKeys", "kms:ListKeys")},
		{"sns list_topics {} @", denied("AccessDenied", "ListTopics", "sns:ListTopics")},
		{"rds describe_db_instances {} @", denied("AccessDenied", "DescribeDBInstances", "rds:DescribeDBInstances")},
		{"cloudwatch list_metrics {} @", denied("AccessDeniedException", "ListMetrics", "cloudwatch:ListMetrics")},
		{"route53 list_hosted_zones {} @", denied("AccessDenied", "ListHostedZones", "route53:ListHostedZones")},
		{"cloudfront list_distributions {} @", denied("AccessDenied", "ListDistributions", "cloudfront:ListDistributions")},
		{"eks list_clusters {} @", denied("AccessDeniedException", "ListClusters", "eks:ListClusters")},
		{"efs describe_file_systems {} @", denied("AccessDeniedException", "DescribeFileSystems", "elasticfilesystem:DescribeFileSystems")},
		{"sesv2 list_email_identities {} @", denied("AccessDeniedException", "ListEmailIdentities", "ses:ListEmailIdentities")},
		{"ses list_identities {} @", denied("AccessDenied", "ListIdentities", "ses:ListIdentities")},
		{"apigateway get_rest_apis {} @", denied("AccessDeniedException", "GetRestApis", "apigateway:GET")},
		{"stepfunctions list_state_machines {} @", denied("AccessDeniedException", "ListStateMachines", "states:ListStateMachines")},
		{"resourcegroupstaggingapi get_resources {} @", denied("AccessDeniedException", "GetResources", "tag:GetResources")},
		{"organizations describe_organization {} @", denied("AccessDeniedException", "DescribeOrganization", "organizations:DescribeOrganization")},
	}
	var input strings.Builder
	for _, test := range tests {
		input.WriteString(test.line + "\n")
	}
	c := exec.Command(python, "-c", boto)
	c.Env, c.Stdin = environment(t, newServer(t)), strings.NewReader(input.String())
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s", err, out, stderr.String())
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(got) != len(tests) {
		t.Fatalf("%d answers to %d calls:\n%s", len(got), len(tests), out)
	}
	for i, test := range tests {
		if got[i] != test.want {
			t.Errorf("%s: %s, want %s", test.line, got[i], test.want)
		}
	}
}
