package emulator_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestDelegationRequest: a partner (development) asks for read access to one bucket; alice of production takes the request
// up, the administrator accepts it, and the partner acts as the administrator, but for nothing else and for an hour.
func TestDelegationRequest(t *testing.T) {
	m := newMachine(t)
	partner := m.Account("development").Admin()
	ask := iam.NewFromConfig(partner.Config())
	template, err := ask.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("template"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:ListUsers"],"Resource":"arn:aws:iam::111122223333:user/@{where}"}}`)})
	must(t, err)
	in := &iam.CreateDelegationRequestInput{
		Description: aws.String("reads users"), NotificationChannel: aws.String("arn:aws:sns:us-east-1:444455556666:topic"),
		RequestorWorkflowId: aws.String("work-1"), SessionDuration: aws.Int32(3600), OwnerAccountId: aws.String("111122223333"), OnlySendByOwner: true,
		Permissions: &types.DelegationPermission{PolicyTemplateArn: template.Policy.Arn, Parameters: []types.PolicyParameter{
			{Name: aws.String("where"), Type: types.PolicyParameterTypeEnumString, Values: []string{"*"}},
		}},
	}
	made, err := ask.CreateDelegationRequest(ctx, in)
	must(t, err)
	_, err = ask.CreateDelegationRequest(ctx, in)
	wantError(t, err, "EntityAlreadyExists", "")
	id := made.DelegationRequestId

	alice := iam.NewFromConfig(m.Account("production").User("alice", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:AssociateDelegationRequest","iam:SendDelegationToken"],"Resource":"*"}}`).Config())
	state := func() types.StateType {
		t.Helper()
		out, err := m.iam.GetDelegationRequest(ctx, &iam.GetDelegationRequestInput{DelegationRequestId: id, DelegationPermissionCheck: true})
		must(t, err)
		if out.PermissionCheckResult != types.PermissionCheckResultTypeUnsure {
			t.Errorf("permission check %s", out.PermissionCheckResult)
		}
		return out.DelegationRequest.State
	}
	get := &iam.GetDelegationRequestInput{DelegationRequestId: id}
	_, err = ask.GetDelegationRequest(ctx, get)
	wantError(t, err, "NoSuchEntity", "") // it is production's
	_, err = alice.GetDelegationRequest(ctx, get)
	wantError(t, err, "AccessDenied", "iam:GetDelegationRequest")
	_, err = m.iam.AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
	wantError(t, err, "InvalidInput", "UNASSIGNED")
	_, err = alice.AssociateDelegationRequest(ctx, &iam.AssociateDelegationRequestInput{DelegationRequestId: id})
	must(t, err)
	_, err = alice.GetDelegationRequest(ctx, get) // as its owner
	must(t, err)
	_, err = alice.UpdateDelegationRequest(ctx, &iam.UpdateDelegationRequestInput{DelegationRequestId: id, Notes: aws.String("please")})
	must(t, err)
	if s := state(); s != types.StateTypePendingApproval {
		t.Errorf("updated: %s", s)
	}
	summary, err := alice.GetHumanReadableSummary(ctx, &iam.GetHumanReadableSummaryInput{EntityArn: aws.String("arn:aws:iam::111122223333:delegation-request/" + *id), Locale: aws.String("en")})
	must(t, err)
	if summary.SummaryState != types.SummaryStateTypeNotSupported {
		t.Errorf("summary %s", summary.SummaryState)
	}
	_, err = alice.AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
	wantError(t, err, "AccessDenied", "iam:AcceptDelegationRequest")
	_, err = m.iam.AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: id})
	must(t, err)
	_, err = m.iam.SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: id})
	wantError(t, err, "InvalidInput", "Only the owner")
	_, err = alice.SendDelegationToken(ctx, &iam.SendDelegationTokenInput{DelegationRequestId: id})
	must(t, err)
	list, err := m.iam.ListDelegationRequests(ctx, nil)
	must(t, err)
	if len(list.DelegationRequests) != 1 || state() != types.StateTypeFinalized || *list.DelegationRequests[0].ApproverId != "arn:aws:iam::111122223333:user/admin" {
		t.Errorf("requests: %+v", list.DelegationRequests)
	}
	_, err = m.iam.RejectDelegationRequest(ctx, &iam.RejectDelegationRequestInput{DelegationRequestId: id})
	wantError(t, err, "InvalidInput", "FINALIZED")

	_, body := m.call("GET", m.URL+"/_xemu/delegations/"+*id+"/token", "", "Authorization", "Bearer "+m.token)
	var sent struct{ Token string }
	must(t, json.Unmarshal([]byte(body), &sent))
	trade := &sts.GetDelegatedAccessTokenInput{TradeInToken: &sent.Token}
	_, err = sts.NewFromConfig(m.Account("production").Admin().Config()).GetDelegatedAccessToken(ctx, trade)
	wantError(t, err, "AccessDenied", "not valid for account")
	_, err = sts.NewFromConfig(partner.Config()).GetDelegatedAccessToken(ctx, &sts.GetDelegatedAccessTokenInput{TradeInToken: aws.String("x")})
	wantError(t, err, "AccessDenied", "not valid for account")
	out, err := sts.NewFromConfig(partner.Config()).GetDelegatedAccessToken(ctx, trade)
	must(t, err)
	c := out.Credentials
	session := iam.NewFromConfig(m.Identity(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken).Config())
	_, err = session.ListUsers(ctx, nil)
	must(t, err)
	_, err = session.ListRoles(ctx, nil)
	wantError(t, err, "AccessDenied", "session policy")
	m.ahead.Store(int64(time.Hour + time.Second))
	_, err = sts.NewFromConfig(partner.Config()).GetDelegatedAccessToken(ctx, trade)
	wantError(t, err, "ExpiredTradeInTokenException", "")
	_, err = session.ListUsers(ctx, nil)
	wantError(t, err, "ExpiredToken", "")
}

// What is asked for badly, rejected or forgotten.
func TestDelegationRequestEnds(t *testing.T) {
	m := newMachine(t)
	policy, err := m.iam.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("template"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::@{bucket}/*"}}`)})
	must(t, err)
	ask := func(workflow, channel string, parameters ...types.PolicyParameter) (string, error) {
		out, err := m.iam.CreateDelegationRequest(ctx, &iam.CreateDelegationRequestInput{
			Description: aws.String("d"), NotificationChannel: &channel, RequestorWorkflowId: &workflow, SessionDuration: aws.Int32(300),
			Permissions: &types.DelegationPermission{PolicyTemplateArn: policy.Policy.Arn, Parameters: parameters},
		})
		if err != nil {
			return "", err
		}
		return *out.DelegationRequestId, nil
	}
	bucket := func(values ...string) types.PolicyParameter {
		return types.PolicyParameter{Name: aws.String("bucket"), Type: types.PolicyParameterTypeEnumString, Values: values}
	}
	const topic = "arn:aws:sns:us-east-1:111122223333:topic"
	_, err = ask("work-1", "arn:aws:sqs:us-east-1:111122223333:queue", bucket("a"))
	wantError(t, err, "InvalidInput", "SNS topic")
	_, err = ask("work-1", topic)
	wantError(t, err, "InvalidInput", "has no value")
	_, err = ask("work-1", topic, bucket("a", "b"))
	wantError(t, err, "InvalidInput", "must have one value")
	rejected, err := ask("work-1", topic, bucket("a"))
	must(t, err)
	_, err = m.iam.AssociateDelegationRequest(ctx, &iam.AssociateDelegationRequestInput{DelegationRequestId: &rejected})
	must(t, err)
	_, err = m.iam.RejectDelegationRequest(ctx, &iam.RejectDelegationRequestInput{DelegationRequestId: &rejected, Notes: aws.String("no")})
	must(t, err)
	_, err = m.iam.AcceptDelegationRequest(ctx, &iam.AcceptDelegationRequestInput{DelegationRequestId: &rejected})
	wantError(t, err, "InvalidInput", "REJECTED")
	late, err := ask("work-2", topic, bucket("a"))
	must(t, err)
	m.ahead.Store(int64(7 * 24 * time.Hour))
	_, err = m.iam.AssociateDelegationRequest(ctx, &iam.AssociateDelegationRequestInput{DelegationRequestId: &late})
	wantError(t, err, "InvalidInput", "EXPIRED")
}
