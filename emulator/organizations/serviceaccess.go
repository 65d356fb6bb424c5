package organizations

import (
	"context"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var serviceAccessOps = wire.Ops(
	wire.Op((*Service).EnableAWSServiceAccess, on()),
	wire.Op((*Service).DisableAWSServiceAccess, on()),
	wire.Op((*Service).ListAWSServiceAccessForOrganization, on()),
)

// serviceAccess is a service that may act in the accounts of an organization.
type serviceAccess struct {
	Principal string // "iam.amazonaws.com"
	Since     time.Time
}

// servicePrincipal is the form of the names of services ("AWS services that you can use with AWS Organizations").
var servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws|amazon)\.com$`)

// checkServicePrincipal refuses what is no service's name.
func checkServicePrincipal(name *string) error {
	if !servicePrincipal.MatchString(aws.ToString(name)) {
		return awserr.InvalidInputException.Errorf("You specified an unrecognized service principal.").With("Reason", "UNRECOGNIZED_SERVICE_PRINCIPAL")
	}
	return nil
}

func (o *organization) trusts(service string) bool {
	return slices.ContainsFunc(o.Services, func(a serviceAccess) bool { return a.Principal == service })
}

// EnableAWSServiceAccess lets a service act in the organization's accounts. To do it again changes nothing.
func (s *Service) EnableAWSServiceAccess(ctx context.Context, in *organizations.EnableAWSServiceAccessInput) (*organizations.EnableAWSServiceAccessOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := checkServicePrincipal(in.ServicePrincipal); err != nil {
			return err
		}
		if o.FeatureSet != types.OrganizationFeatureSetAll {
			return awserr.AccessDeniedException.Errorf("You don't have permissions to access this resource.")
		}
		if o.trusts(*in.ServicePrincipal) {
			return nil
		}
		o.Services = append(o.Services, serviceAccess{*in.ServicePrincipal, tx.Now})
		slices.SortFunc(o.Services, func(a, b serviceAccess) int { return strings.Compare(a.Principal, b.Principal) })
		return orgs.Put(tx, o)
	})
	return answer(&organizations.EnableAWSServiceAccessOutput{}, err)
}

// DisableAWSServiceAccess takes the organization's accounts away from a service; one that has a delegated administrator
// keeps them.
func (s *Service) DisableAWSServiceAccess(ctx context.Context, in *organizations.DisableAWSServiceAccessInput) (*organizations.DisableAWSServiceAccessOutput, error) {
	err := s.write(ctx, func(tx *store.Tx, o *organization) error {
		if err := checkServicePrincipal(in.ServicePrincipal); err != nil {
			return err
		}
		for m, err := range members.ByIndex(tx, "organization", o.ID) {
			if err != nil {
				return err
			}
			if m.administers(*in.ServicePrincipal) {
				return constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "You must deregister the delegated administrators of the service first.")
			}
		}
		o.Services = slices.DeleteFunc(o.Services, func(a serviceAccess) bool { return a.Principal == *in.ServicePrincipal })
		return orgs.Put(tx, o)
	})
	return answer(&organizations.DisableAWSServiceAccessOutput{}, err)
}

// ListAWSServiceAccessForOrganization returns the services that may act in the organization's accounts.
func (s *Service) ListAWSServiceAccessForOrganization(ctx context.Context, in *organizations.ListAWSServiceAccessForOrganizationInput) (*organizations.ListAWSServiceAccessForOrganizationOutput, error) {
	out := &organizations.ListAWSServiceAccessForOrganizationOutput{}
	err := s.read(ctx, func(_ *store.Tx, o *organization) error {
		found, next, err := page(in.NextToken, in.MaxResults, from(o.Services, (*serviceAccess).key), (*serviceAccess).key)
		out.NextToken = next
		out.EnabledServicePrincipals = convert(found, func(a *serviceAccess) types.EnabledServicePrincipal {
			return types.EnabledServicePrincipal{ServicePrincipal: &a.Principal, DateEnabled: &a.Since}
		})
		return err
	})
	return answer(out, err)
}

func (a *serviceAccess) key() string { return a.Principal }

// from yields the values of a short list from a key on; the list is in the order of its keys.
func from[T any](values []T, key func(*T) string) func(string) iter.Seq2[T, error] {
	return func(start string) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) {
			for i := range values {
				if key(&values[i]) >= start && !yield(values[i], nil) {
					return
				}
			}
		}
	}
}
