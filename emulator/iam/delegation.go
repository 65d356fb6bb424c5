package iam

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Temporary access delegation: a partner's account asks for permissions, somebody in a customer's account grants them for a
// while ("IAM temporary delegation", IAM User Guide). On AWS only onboarded partners ask; here every account is one, a policy
// of its own is its policy template, and there is no SNS to notify through.
var delegationOps = wire.Ops(
	wire.Op((*Service).CreateDelegationRequest, onNewDelegation),
	wire.Op((*Service).GetDelegationRequest, onDelegation("DelegationRequestId", true)),
	wire.Op((*Service).ListDelegationRequests, onDelegations),
	wire.Op((*Service).AssociateDelegationRequest, onDelegation("DelegationRequestId", false)),
	wire.Op((*Service).UpdateDelegationRequest, onDelegation("DelegationRequestId", true)),
	wire.Op((*Service).AcceptDelegationRequest, onDelegation("DelegationRequestId", false)),
	wire.Op((*Service).RejectDelegationRequest, onDelegation("DelegationRequestId", false)),
	wire.Op((*Service).SendDelegationToken, onDelegation("DelegationRequestId", false)),
	wire.Op((*Service).GetHumanReadableSummary, onDelegation("EntityArn", true)),
)

// delegation is a request for permissions.
type delegation struct {
	ID               string
	Requestor        string // the partner's account
	Workflow         string // the partner's id for it, unique among its requests
	Description      string
	Message          *string `json:",omitempty"`
	Template         string  // the ARN of the policy that is asked for
	Parameters       []types.PolicyParameter
	Policy           string // the template with its parameters
	Channel          string
	Redirect         *string `json:",omitempty"`
	Seconds          int32
	OnlySendByOwner  bool
	OwnerAccount     string `json:",omitempty"`
	Owner            string `json:",omitempty"` // the ARN of who took it up
	Approver         authz.Principal
	State            types.StateType
	Notes, Rejection *string `json:",omitempty"`
	Created, Updated time.Time
	Expires          time.Time
	Token            string    `json:",omitempty"` // that the partner trades in, when it was sent
	SessionEnd       time.Time // the delegated session's
}

var delegations = store.NewTable("iam.delegation", func(d *delegation) string { return d.ID },
	store.Index[delegation]{Name: "account", Keys: func(d *delegation) []string {
		if d.Owner == "" {
			return nil // it is in no account's list before somebody has taken it up
		}
		return []string{d.OwnerAccount}
	}},
	store.Index[delegation]{Name: "workflow", Keys: func(d *delegation) []string { return []string{store.Key(d.Requestor, d.Workflow)} }},
	store.Index[delegation]{Name: "token", Keys: func(d *delegation) []string {
		if d.Token == "" {
			return nil
		}
		return []string{d.Token}
	}})

// delegationLife is how long a request waits in each of its states.
const delegationLife = 7 * 24 * time.Hour

func delegationARN(account, id string) string {
	return "arn:aws:iam::" + account + ":delegation-request/" + id
}

// state is the request's, which expires with time.
func (d *delegation) state(now time.Time) types.StateType {
	if !now.Before(d.Expires) && d.State != types.StateTypeFinalized {
		return types.StateTypeExpired
	}
	return d.State
}

var onNewDelegation = wire.For(func(ctx context.Context, _ *Service, in *iam.CreateDelegationRequestInput) ([]wire.Need, error) {
	keys := authz.Keys{
		"iam:delegationduration": {itoa(aws.ToInt32(in.SessionDuration))}, "iam:notificationchannel": {aws.ToString(in.NotificationChannel)},
	}
	if in.Permissions != nil && in.Permissions.PolicyTemplateArn != nil {
		keys["iam:templatearn"] = []string{*in.Permissions.PolicyTemplateArn}
	}
	return []wire.Need{{Action: "iam:CreateDelegationRequest", Resource: delegationARN(callerAccount(ctx), "*"), Keys: keys}}, nil
})

var onDelegations = wire.For(func(_ context.Context, _ *Service, in *iam.ListDelegationRequestsInput) ([]wire.Need, error) {
	keys := authz.Keys{}
	if in.OwnerId != nil {
		keys["iam:delegationrequestowner"] = []string{*in.OwnerId}
	}
	return []wire.Need{{Action: "iam:ListDelegationRequests", Resource: "*", Keys: keys}}, nil
})

// onDelegation is the rule of operations on a request, named by its id or ARN. One that nobody has taken up is in the account
// of who asks. With byDefault its owner needs no policy ("Managing permissions for delegation requests").
func onDelegation(field string, byDefault bool) wire.Rule {
	return wire.Any(func(ctx context.Context, s *Service, in any) ([]wire.Need, error) {
		caller := wire.RequestFrom(ctx).Caller
		id := aws.ToString(text(in, field))
		id = id[strings.LastIndexByte(id, '/')+1:]
		need := wire.Need{Action: "iam:" + operation(in), Resource: delegationARN(caller.Account, id)}
		var d delegation
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			d, _, err = delegations.Get(tx, id)
			return err
		})
		if err != nil || d.Owner == "" || d.OwnerAccount != caller.Account {
			return []wire.Need{need}, err
		}
		need.Keys = authz.Keys{"iam:delegationrequestowner": {d.Owner}}
		if byDefault && d.Owner == caller.ARN {
			allow, err := authz.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + d.Owner +
				`"},"Action":"` + need.Action + `","Resource":"` + need.Resource + `"}}`)
			if err != nil {
				return nil, err
			}
			need.Policies = []authz.Attached{{
				Policy: allow, Kind: authz.Resource, Name: "the owner's default permission", Account: d.OwnerAccount, To: "delegation request " + id,
			}}
		}
		return []wire.Need{need}, nil
	})
}

// visible returns a request that the caller may know of: one for everybody that nobody has taken up, or one of this account.
func visible(ctx context.Context, tx *store.Tx, id *string) (delegation, error) {
	account := callerAccount(ctx)
	d, ok, err := delegations.Get(tx, aws.ToString(id))
	if err == nil && (!ok || d.OwnerAccount != "" && d.OwnerAccount != account) {
		err = awserr.NoSuchEntity.Errorf("The delegation request with id %s cannot be found.", aws.ToString(id))
	}
	return d, err
}

// CreateDelegationRequest asks for permissions.
func (s *Service) CreateDelegationRequest(ctx context.Context, in *iam.CreateDelegationRequestInput) (*iam.CreateDelegationRequestOutput, error) {
	if in.Permissions == nil || in.Permissions.PolicyTemplateArn == nil {
		return nil, awserr.InvalidInput.Errorf("PolicyTemplateArn is required.")
	}
	d := delegation{
		ID: ids.NewRequestID(), Requestor: callerAccount(ctx), Workflow: aws.ToString(in.RequestorWorkflowId),
		Description: aws.ToString(in.Description), Message: in.RequestMessage, Template: *in.Permissions.PolicyTemplateArn,
		Parameters: in.Permissions.Parameters, Channel: aws.ToString(in.NotificationChannel), Redirect: in.RedirectUrl,
		Seconds: aws.ToInt32(in.SessionDuration), OnlySendByOwner: in.OnlySendByOwner, OwnerAccount: aws.ToString(in.OwnerAccountId),
		State: types.StateTypeUnassigned,
	}
	if !strings.HasPrefix(d.Channel, "arn:aws:sns:") {
		return nil, awserr.InvalidInput.Errorf("NotificationChannel must be the ARN of an SNS topic.")
	}
	err := s.update(ctx, func(tx *store.Tx) error {
		if _, taken, err := first(delegations.ByIndex(tx, "workflow", store.Key(d.Requestor, d.Workflow))); err != nil {
			return err
		} else if taken {
			return awserr.EntityAlreadyExists.Errorf("A delegation request with the workflow id %s already exists.", d.Workflow)
		}
		template, err := customerPolicy(tx, d.Requestor, d.Template)
		if err != nil {
			return awserr.InvalidInput.Errorf("The policy template %s cannot be found.", d.Template)
		}
		if d.Policy, err = fillTemplate(template.document(), d.Parameters); err != nil {
			return err
		}
		d.Created, d.Updated, d.Expires = tx.Now, tx.Now, tx.Now.Add(delegationLife)
		return delegations.Put(tx, &d)
	})
	return answer(&iam.CreateDelegationRequestOutput{
		DelegationRequestId: &d.ID, ConsoleDeepLink: aws.String("https://console.aws.amazon.com/iam/home#/delegation-requests/" + d.ID),
	}, err)
}

// fillTemplate puts the parameters' values in the places of a template, written as @{Name}, and checks what comes out.
func fillTemplate(template string, parameters []types.PolicyParameter) (string, error) {
	for _, p := range parameters {
		values := make([]string, len(p.Values))
		for i, v := range p.Values {
			quoted, err := json.Marshal(v)
			if err != nil {
				return "", err
			}
			values[i] = string(quoted[1 : len(quoted)-1])
		}
		if p.Type == types.PolicyParameterTypeEnumString && len(values) != 1 {
			return "", awserr.InvalidInput.Errorf("The parameter %s must have one value.", aws.ToString(p.Name))
		}
		template = strings.ReplaceAll(template, "@{"+aws.ToString(p.Name)+"}", strings.Join(values, `","`))
	}
	if strings.Contains(template, "@{") {
		return "", awserr.InvalidInput.Errorf("A parameter of the policy template has no value.")
	}
	if _, err := authz.Validate(template, authz.Session); err != nil {
		return "", awserr.InvalidInput.Errorf("The policy template with these parameters is not a valid policy.")
	}
	return template, nil
}

// GetDelegationRequest returns a request.
func (s *Service) GetDelegationRequest(ctx context.Context, in *iam.GetDelegationRequestInput) (*iam.GetDelegationRequestOutput, error) {
	out := &iam.GetDelegationRequestOutput{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		d, err := visible(ctx, tx, in.DelegationRequestId)
		out.DelegationRequest = d.describe(wire.RequestFrom(ctx).Now)
		return err
	})
	if in.DelegationPermissionCheck { // approximate on AWS too; what a condition will find is not known
		out.PermissionCheckStatus, out.PermissionCheckResult = types.PermissionCheckStatusTypeComplete, types.PermissionCheckResultTypeUnsure
	}
	return answer(out, err)
}

func (d *delegation) describe(now time.Time) *types.DelegationRequest {
	shown := &types.DelegationRequest{
		DelegationRequestId: &d.ID, RequestorId: &d.Requestor, RequestorName: &d.Requestor, Description: &d.Description,
		RequestMessage: d.Message, Permissions: &types.DelegationPermission{PolicyTemplateArn: &d.Template, Parameters: d.Parameters},
		PermissionPolicy: &d.Policy, SessionDuration: &d.Seconds, RedirectUrl: d.Redirect, OnlySendByOwner: d.OnlySendByOwner,
		State: d.state(now), Notes: d.Notes, RejectionReason: d.Rejection, CreateDate: &d.Created, UpdatedTime: &d.Updated, ExpirationTime: &d.Expires,
	}
	for value, field := range map[*string]**string{&d.OwnerAccount: &shown.OwnerAccountId, &d.Owner: &shown.OwnerId, &d.Approver.ARN: &shown.ApproverId} {
		if *value != "" {
			*field = value
		}
	}
	return shown
}

// ListDelegationRequests returns the requests that somebody in the account has taken up.
func (s *Service) ListDelegationRequests(ctx context.Context, in *iam.ListDelegationRequestsInput) (*iam.ListDelegationRequestsOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListDelegationRequestsOutput{}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		all, err := collect(delegations.ByIndex(tx, "account", callerAccount(ctx)))
		if err != nil {
			return err
		}
		var own []delegation
		for _, d := range all {
			if in.OwnerId == nil || d.Owner == *in.OwnerId {
				own = append(own, d)
			}
		}
		found, marker, err := sorted(p, own, func(d delegation) string { return d.ID })
		out.Marker, out.IsTruncated = marker, marker != nil
		out.DelegationRequests = convert(found, func(d *delegation) types.DelegationRequest { return *d.describe(wire.RequestFrom(ctx).Now) })
		return err
	})
	return answer(out, err)
}

// GetHumanReadableSummary has none: AWS lets a language model write it.
func (s *Service) GetHumanReadableSummary(ctx context.Context, in *iam.GetHumanReadableSummaryInput) (*iam.GetHumanReadableSummaryOutput, error) {
	arn := aws.ToString(in.EntityArn)
	_, _, id, ok := parseARN(arn, "delegation-request")
	if !ok {
		return nil, awserr.InvalidInput.Errorf("ARN %s is not that of a delegation request.", arn)
	}
	out := &iam.GetHumanReadableSummaryOutput{Locale: in.Locale, SummaryState: types.SummaryStateTypeNotSupported}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		_, err := visible(ctx, tx, &id)
		return err
	})
	return answer(out, err)
}
