package organizations_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// Trusted access comes before delegated administrators, and goes after them.
func TestServiceAccess(t *testing.T) {
	w := newWorld(t)
	service := aws.String("iam.amazonaws.com")
	enable := &organizations.EnableAWSServiceAccessInput{ServicePrincipal: service}
	register := &organizations.RegisterDelegatedAdministratorInput{AccountId: &w.development.ID, ServicePrincipal: service}
	member := client(w.development.Admin())

	_, err := w.RegisterDelegatedAdministrator(ctx, register)
	refused(t, err, "ConstraintViolationException: You must enable service access before you can register a delegated administrator for the service.")
	_, err = member.EnableAWSServiceAccess(ctx, enable)
	refused(t, err, "AccessDeniedException: You don't have permissions to access this resource.")
	_, err = w.EnableAWSServiceAccess(ctx, &organizations.EnableAWSServiceAccessInput{ServicePrincipal: aws.String("iam")})
	refused(t, err, "InvalidInputException: You specified an unrecognized service principal.")
	for range 2 { // the second changes nothing
		must[*organizations.EnableAWSServiceAccessOutput](t)(w.EnableAWSServiceAccess(ctx, enable))
	}
	if all := must[*organizations.ListAWSServiceAccessForOrganizationOutput](t)(w.ListAWSServiceAccessForOrganization(ctx, nil)).EnabledServicePrincipals; len(all) != 1 || *all[0].ServicePrincipal != *service || all[0].DateEnabled == nil {
		t.Errorf("services %v", all)
	}

	_, err = member.ListAccounts(ctx, nil)
	refused(t, err, "AccessDeniedException: You don't have permissions to access this resource.")
	_, err = w.ListDelegatedServicesForAccount(ctx, &organizations.ListDelegatedServicesForAccountInput{AccountId: &w.development.ID})
	refused(t, err, "AccountNotRegisteredException: The provided account is not a registered delegated administrator for your organization.")
	must[*organizations.RegisterDelegatedAdministratorOutput](t)(w.RegisterDelegatedAdministrator(ctx, register))
	_, err = w.RegisterDelegatedAdministrator(ctx, register)
	refused(t, err, "AccountAlreadyRegisteredException: The provided account is already a delegated administrator for your organization.")
	_, err = w.RegisterDelegatedAdministrator(ctx, &organizations.RegisterDelegatedAdministratorInput{AccountId: &w.production.ID, ServicePrincipal: service})
	refused(t, err, "ConstraintViolationException: You cannot register master account/yourself as delegated administrator for your organization.")
	must[*organizations.ListAccountsOutput](t)(member.ListAccounts(ctx, nil)) // a delegated administrator may read
	if all := must[*organizations.ListDelegatedAdministratorsOutput](t)(member.ListDelegatedAdministrators(ctx, nil)).DelegatedAdministrators; len(all) != 1 || *all[0].Id != w.development.ID {
		t.Errorf("administrators %v", all)
	}
	if all := must[*organizations.ListDelegatedServicesForAccountOutput](t)(w.ListDelegatedServicesForAccount(ctx, &organizations.ListDelegatedServicesForAccountInput{AccountId: &w.development.ID})).DelegatedServices; len(all) != 1 || *all[0].ServicePrincipal != *service {
		t.Errorf("services of the administrator: %v", all)
	}

	_, err = w.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: service})
	refused(t, err, "ConstraintViolationException: You must deregister the delegated administrators of the service first.")
	_, err = w.RemoveAccountFromOrganization(ctx, &organizations.RemoveAccountFromOrganizationInput{AccountId: &w.development.ID})
	refused(t, err, "ConstraintViolationException: You attempted to remove an account that is registered as a delegated administrator.")
	deregister := &organizations.DeregisterDelegatedAdministratorInput{AccountId: &w.development.ID, ServicePrincipal: service}
	must[*organizations.DeregisterDelegatedAdministratorOutput](t)(w.DeregisterDelegatedAdministrator(ctx, deregister))
	_, err = w.DeregisterDelegatedAdministrator(ctx, deregister)
	refused(t, err, "AccountNotRegisteredException: The provided account is not a registered delegated administrator for your organization.")
	must[*organizations.DisableAWSServiceAccessOutput](t)(w.DisableAWSServiceAccess(ctx, &organizations.DisableAWSServiceAccessInput{ServicePrincipal: service}))
	if all := must[*organizations.ListAWSServiceAccessForOrganizationOutput](t)(w.ListAWSServiceAccessForOrganization(ctx, nil)).EnabledServicePrincipals; len(all) != 0 {
		t.Errorf("services after all: %v", all)
	}
}
