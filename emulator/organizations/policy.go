package organizations

import (
	"context"
	"errors"
	"iter"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var policyOps = wire.Ops(
	wire.Op((*Service).CreatePolicy, on()),
	wire.Op((*Service).DescribePolicy, on("PolicyId")),
	wire.Op((*Service).UpdatePolicy, on("PolicyId")),
	wire.Op((*Service).DeletePolicy, on("PolicyId")),
	wire.Op((*Service).ListPolicies, on()),
)

// policy is a policy of an organization, or one of AWS's.
type policy struct {
	Organization, ID, Name string
	Description            string
	Type                   types.PolicyType
	Content                string
	Tags                   []tag `json:",omitempty"`
}

func (p *policy) key() string { return store.Key(p.Organization, p.ID) }

// policyKind is what xemu knows of a type of policies ("Quotas and service limits for AWS Organizations").
type policyKind struct {
	kind     authz.PolicyKind
	folder   string // in ARNs
	size     int    // characters of a document, white space included
	policies int    // of an organization
	attached int    // to one target
	all      policy // AWS's policy that allows everything
}

var policyKinds = map[types.PolicyType]*policyKind{
	types.PolicyTypeServiceControlPolicy: {
		kind: authz.SCP, folder: "service_control_policy", size: 10240, policies: 10_000, attached: 10,
		all: policy{
			ID: "p-FullAWSAccess", Name: "FullAWSAccess", Description: "Allows access to every operation",
			Type:    types.PolicyTypeServiceControlPolicy,
			Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		},
	},
	types.PolicyTypeResourceControlPolicy: {
		kind: authz.RCP, folder: "resource_control_policy", size: 5120, policies: 1000, attached: 5,
		all: policy{
			ID: "p-RCPFullAWSAccess", Name: "RCPFullAWSAccess", Description: "Allows access to every resource",
			Type:    types.PolicyTypeResourceControlPolicy,
			Content: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`,
		},
	},
}

// supported refuses the types of policies that have no part in authorization.
func supported(t types.PolicyType) error {
	if policyKinds[t] == nil {
		return awserr.NotImplemented.Errorf("xemu does not implement policies of type %s.", t)
	}
	return nil
}

// awsManaged returns AWS's policy of an id.
func awsManaged(id string) (policy, bool) {
	for _, k := range policyKinds {
		if k.all.ID == id {
			return k.all, true
		}
	}
	return policy{}, false
}

// policy returns the organization's, or AWS's, policy of an id.
func (o *organization) policy(tx *store.Tx, id *string) (policy, error) {
	if p, ok := awsManaged(aws.ToString(id)); ok {
		return p, nil
	}
	p, ok, err := policies.Get(tx, store.Key(o.ID, aws.ToString(id)))
	if err == nil && !ok {
		err = awserr.PolicyNotFoundException.Errorf("You specified a policy that doesn't exist.")
	}
	return p, err
}

// customerPolicy is policy for those that can be changed.
func (o *organization) customerPolicy(tx *store.Tx, id *string) (policy, error) {
	p, err := o.policy(tx, id)
	if err == nil && p.Organization == "" {
		err = awserr.InvalidInputException.Errorf("You specified a policy that is managed by AWS and can't be modified.").With("Reason", "IMMUTABLE_POLICY")
	}
	return p, err
}

func (o *organization) policyARN(p *policy) string {
	folder := policyKinds[p.Type].folder
	if p.Organization == "" {
		return "arn:aws:organizations::aws:policy/" + folder + "/" + p.ID
	}
	return o.arn("policy", folder+"/"+p.ID)
}

func (o *organization) summary(p *policy) *types.PolicySummary {
	return &types.PolicySummary{
		Id: &p.ID, Arn: aws.String(o.policyARN(p)), Name: &p.Name, Description: &p.Description, Type: p.Type,
		AwsManaged: p.Organization == "",
	}
}

func (o *organization) describePolicy(p *policy) *types.Policy {
	return &types.Policy{Content: &p.Content, PolicySummary: o.summary(p)}
}

// check refuses a document that AWS would, and a name that another policy of the type has.
func (p *policy) check(tx *store.Tx) error {
	k := policyKinds[p.Type]
	if utf8.RuneCountInString(p.Content) > k.size {
		return constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size.")
	}
	if _, err := authz.Validate(p.Content, k.kind); err != nil {
		malformed := awserr.MalformedPolicyDocumentException.Errorf("The provided policy document does not meet the requirements of the specified policy type.")
		malformed.Cause = err
		return malformed
	}
	for other, err := range policies.ByIndex(tx, "type", store.Key(p.Organization, string(p.Type))) {
		if err != nil {
			return err
		}
		if other.Name == p.Name && other.ID != p.ID {
			return duplicatePolicy()
		}
	}
	if p.Name == k.all.Name {
		return duplicatePolicy()
	}
	return nil
}

func duplicatePolicy() error {
	return awserr.DuplicatePolicyException.Errorf("A policy with the same name and type already exists.")
}

// CreatePolicy makes a service control or a resource control policy.
func (s *Service) CreatePolicy(ctx context.Context, in *organizations.CreatePolicyInput) (*organizations.CreatePolicyOutput, error) {
	tags, err := addTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	out := &organizations.CreatePolicyOutput{}
	err = s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := o.available(in.Type); err != nil {
			return err
		}
		all, err := collect(policies.ByIndex(tx, "type", store.Key(o.ID, string(in.Type))))
		if err != nil {
			return err
		}
		if len(all) >= policyKinds[in.Type].policies {
			return constraint("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of policies.")
		}
		p := policy{
			Organization: o.ID, ID: newID("p-", 8), Name: *in.Name, Description: *in.Description,
			Type: in.Type, Content: *in.Content, Tags: tags,
		}
		if err := p.check(tx); err != nil {
			return err
		}
		out.Policy = o.describePolicy(&p)
		return policies.Put(tx, &p)
	})
	return answer(out, err)
}

// DescribePolicy returns a policy with its document.
func (s *Service) DescribePolicy(ctx context.Context, in *organizations.DescribePolicyInput) (*organizations.DescribePolicyOutput, error) {
	out := &organizations.DescribePolicyOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		p, err := o.policy(tx, in.PolicyId)
		if err == nil {
			out.Policy = o.describePolicy(&p)
		}
		return err
	})
	return answer(out, err)
}

// UpdatePolicy changes the name, description or document of a policy.
func (s *Service) UpdatePolicy(ctx context.Context, in *organizations.UpdatePolicyInput) (*organizations.UpdatePolicyOutput, error) {
	out := &organizations.UpdatePolicyOutput{}
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		p, err := o.customerPolicy(tx, in.PolicyId)
		if err != nil {
			return err
		}
		for to, value := range map[*string]*string{&p.Name: in.Name, &p.Description: in.Description, &p.Content: in.Content} {
			if value != nil {
				*to = *value
			}
		}
		if err := p.check(tx); err != nil {
			return err
		}
		out.Policy = o.describePolicy(&p)
		return policies.Put(tx, &p)
	})
	return answer(out, err)
}

// DeletePolicy deletes a policy that is attached to nothing.
func (s *Service) DeletePolicy(ctx context.Context, in *organizations.DeletePolicyInput) (*organizations.DeletePolicyOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		p, err := o.customerPolicy(tx, in.PolicyId)
		if err != nil {
			return err
		}
		for _, err := range attachments.ByIndex(tx, "policy", store.Key(o.ID, p.ID)) {
			return errors.Join(err, awserr.PolicyInUseException.Errorf(
				"The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation."))
		}
		return policies.Delete(tx, p.key())
	})
	return answer(&organizations.DeletePolicyOutput{}, err)
}

// ListPolicies returns the policies of a type, AWS's first.
func (s *Service) ListPolicies(ctx context.Context, in *organizations.ListPoliciesInput) (*organizations.ListPoliciesOutput, error) {
	if err := supported(in.Filter); err != nil {
		return nil, err
	}
	out := &organizations.ListPoliciesOutput{}
	err := s.read(ctx, func(tx *store.Tx, o *organization) error {
		found, next, err := page(in.NextToken, in.MaxResults, func(from string) iter.Seq2[policy, error] {
			return func(yield func(policy, error) bool) {
				if from == "" && !yield(policyKinds[in.Filter].all, nil) {
					return
				}
				policies.ByIndexFrom(tx, "type", store.Key(o.ID, string(in.Filter)), from)(yield)
			}
		}, (*policy).key)
		out.NextToken = next
		out.Policies = convert(found, func(p *policy) types.PolicySummary { return *o.summary(p) })
		return err
	})
	return answer(out, err)
}
