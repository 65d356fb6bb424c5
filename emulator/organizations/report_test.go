package organizations_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/xemutest"
)

// The report has the services that the SCPs above an account allow, and what its principals have used of them.
func TestOrganizationsAccessReport(t *testing.T) {
	w := newWorld(t, scp)
	unit := w.unit(w.root, "unit")
	w.move(w.development.ID, w.root, unit)
	only := w.policy(scp, "only", xemutest.Allow("iam:*", "*"))
	ok(t, listUsers(w.development.Admin()))
	w.attach(only, unit)
	w.detach(fullAccess, unit)
	c := iam.NewFromConfig(w.production.Admin().Config())
	report := func(path, policy string) *iam.GetOrganizationsAccessReportOutput {
		t.Helper()
		in := &iam.GenerateOrganizationsAccessReportInput{EntityPath: &path}
		if policy != "" {
			in.OrganizationsPolicyId = &policy
		}
		job := must[*iam.GenerateOrganizationsAccessReportOutput](t)(c.GenerateOrganizationsAccessReport(ctx, in))
		return must[*iam.GetOrganizationsAccessReportOutput](t)(c.GetOrganizationsAccessReport(ctx, &iam.GetOrganizationsAccessReportInput{
			JobId: job.JobId, SortKey: types.SortKeyTypeLastAuthenticatedTimeDescending,
		}))
	}
	path := w.org + "/" + w.root + "/" + unit + "/" + w.development.ID
	out := report(path, "")
	if *out.NumberOfServicesAccessible != 1 || *out.NumberOfServicesNotAccessed != 0 || len(out.AccessDetails) != 1 {
		t.Fatalf("report of the account: %d accessible, %d not accessed, %d details", *out.NumberOfServicesAccessible, *out.NumberOfServicesNotAccessed, len(out.AccessDetails))
	}
	if d := out.AccessDetails[0]; *d.ServiceNamespace != "iam" || *d.TotalAuthenticatedEntities != 1 || *d.EntityPath != path || d.LastAuthenticatedTime == nil {
		t.Errorf("details %+v", d)
	}
	all := report(w.org+"/"+w.root, "")
	if *all.NumberOfServicesAccessible < 100 || *all.AccessDetails[0].ServiceNamespace != "iam" && *all.AccessDetails[0].ServiceNamespace != "organizations" || !all.IsTruncated {
		t.Errorf("report of the root: %d accessible, the last used %s", *all.NumberOfServicesAccessible, *all.AccessDetails[0].ServiceNamespace)
	}
	if byPolicy := report(w.org+"/"+w.root, only); *byPolicy.NumberOfServicesAccessible != 1 {
		t.Errorf("report of the policy: %d accessible", *byPolicy.NumberOfServicesAccessible)
	}

	_, err := c.GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{EntityPath: aws.String(w.org + "/" + w.root + "/" + w.development.ID)})
	refused(t, err, "InvalidInput: The entity path "+w.org+"/"+w.root+"/"+w.development.ID+" is not valid.")
	_, err = iam.NewFromConfig(w.development.Admin().Config()).GenerateOrganizationsAccessReport(ctx, &iam.GenerateOrganizationsAccessReportInput{EntityPath: &path})
	refused(t, err, "AccessDenied: This operation can only be called from the management account of an organization.")
	_, err = c.GetOrganizationsAccessReport(ctx, &iam.GetOrganizationsAccessReportInput{JobId: aws.String("00000000-0000-0000-0000-000000000000")})
	refused(t, err, "NoSuchEntity: The job with id 00000000-0000-0000-0000-000000000000 cannot be found.")
}
