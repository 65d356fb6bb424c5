package iam

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var organizationsAccessOps = wire.Ops(
	wire.Op((*Service).GenerateOrganizationsAccessReport, onEntityPath),
	wire.Op((*Service).GetOrganizationsAccessReport, anywhere),
)

// onEntityPath is the rule of GenerateOrganizationsAccessReport.
var onEntityPath = wire.For(func(ctx context.Context, _ *Service, in *iam.GenerateOrganizationsAccessReportInput) ([]wire.Need, error) {
	keys := authz.Keys{}
	if in.OrganizationsPolicyId != nil {
		keys["iam:organizationspolicyid"] = []string{*in.OrganizationsPolicyId}
	}
	return []wire.Need{{
		Action: "iam:GenerateOrganizationsAccessReport", Keys: keys,
		Resource: "arn:aws:iam::" + callerAccount(ctx) + ":access-report/" + aws.ToString(in.EntityPath),
	}}, nil
})

// OrganizationEntity is a root, unit or account of an organization, as reports need it.
type OrganizationEntity struct {
	Accounts map[string]string // the paths of the accounts in it, by account; without the management account, but for itself
	// SCPs are the texts of the policies that limit it, a list for each level; nil: nothing does. With a policy asked for it is
	// that one.
	SCPs [][]string
}

// organizationsJob is a report on what the accounts of a part of an organization have used.
type organizationsJob struct {
	Account, ID, Path, Policy string
	Created                   time.Time
}

var organizationsJobs = store.NewTable("iam.organizationsjob", func(j *organizationsJob) string { return store.Key(j.Account, j.ID) })

// GenerateOrganizationsAccessReport begins a report, which is ready at once.
func (s *Service) GenerateOrganizationsAccessReport(ctx context.Context, in *iam.GenerateOrganizationsAccessReportInput) (*iam.GenerateOrganizationsAccessReportOutput, error) {
	job := organizationsJob{Account: callerAccount(ctx), ID: ids.NewRequestID(), Path: aws.ToString(in.EntityPath), Policy: aws.ToString(in.OrganizationsPolicyId)}
	if _, err := s.entity(ctx, job.Account, job.Path, job.Policy); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		for old, err := range organizationsJobs.Scan(tx, store.Key(job.Account), "") {
			if err != nil {
				return err
			}
			if tx.Now.Sub(old.Created) > keepJobs {
				if err := organizationsJobs.Delete(tx, store.Key(old.Account, old.ID)); err != nil {
					return err
				}
			}
		}
		job.Created = tx.Now
		return organizationsJobs.Put(tx, &job)
	})
	return answer(&iam.GenerateOrganizationsAccessReportOutput{JobId: &job.ID}, err)
}

// GetOrganizationsAccessReport returns the services that SCPs allow, each with its last use in the accounts of the report.
func (s *Service) GetOrganizationsAccessReport(ctx context.Context, in *iam.GetOrganizationsAccessReportInput) (*iam.GetOrganizationsAccessReportOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	if err := s.uses.flush(); err != nil {
		return nil, err
	}
	var job organizationsJob
	err = s.store.View(ctx, func(tx *store.Tx) error {
		var ok bool
		job, ok, err = organizationsJobs.Get(tx, store.Key(callerAccount(ctx), aws.ToString(in.JobId)))
		if err == nil && !ok {
			err = awserr.NoSuchEntity.Errorf("The job with id %s cannot be found.", aws.ToString(in.JobId))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	e, err := s.entity(ctx, job.Account, job.Path, job.Policy)
	if err != nil {
		return nil, err
	}
	var used map[string]types.AccessDetail
	err = s.store.View(ctx, func(tx *store.Tx) error {
		used, err = usesIn(tx, e.Accounts)
		return err
	})
	if err != nil {
		return nil, err
	}
	allowed, err := servicesAllowed(e.SCPs)
	if err != nil {
		return nil, err
	}
	out := &iam.GetOrganizationsAccessReportOutput{JobStatus: types.JobStatusTypeCompleted, JobCreationDate: &job.Created, JobCompletionDate: &job.Created}
	details := make([]types.AccessDetail, len(allowed))
	unused := 0
	for i, namespace := range allowed {
		name, _ := reference.ServiceName(namespace)
		details[i] = used[namespace]
		details[i].ServiceName, details[i].ServiceNamespace = &name, &namespace
		if details[i].TotalAuthenticatedEntities == nil {
			details[i].TotalAuthenticatedEntities = aws.Int32(0)
			unused++
		}
	}
	out.NumberOfServicesAccessible, out.NumberOfServicesNotAccessed = aws.Int32(int32(len(allowed))), aws.Int32(int32(unused))
	found, marker, err := sorted(p, details, detailOrder(in.SortKey))
	out.AccessDetails, out.Marker, out.IsTruncated = found, marker, marker != nil
	return answer(out, err)
}

// detailOrder returns the key that a report is sorted by, that of the services' namespaces unless another is asked for.
func detailOrder(by types.SortKeyType) func(types.AccessDetail) string {
	descending := strings.HasSuffix(string(by), "_DESCENDING")
	return func(d types.AccessDetail) string {
		key := *d.ServiceNamespace
		if strings.HasPrefix(string(by), "LAST_") {
			at := time.Time{}
			if d.LastAuthenticatedTime != nil {
				at = *d.LastAuthenticatedTime
			}
			key = at.UTC().Format(time.RFC3339Nano) + " " + key
		}
		if descending {
			inverted := []byte(key + "\x00")
			for i := range inverted {
				inverted[i] = 0xff - inverted[i]
			}
			key = string(inverted)
		}
		return key
	}
}

// servicesAllowed are the services that each level of SCPs allows anything of.
func servicesAllowed(levels [][]string) ([]string, error) {
	services := reference.Services()
	for _, level := range levels {
		var policies []granting
		for _, document := range level {
			g, err := newGranting(types.PolicyGrantingServiceAccess{}, document)
			if err != nil {
				return nil, err
			}
			policies = append(policies, g)
		}
		services = slices.DeleteFunc(services, func(service string) bool {
			return !slices.ContainsFunc(policies, func(g granting) bool { return g.grants(service) })
		})
	}
	return services, nil
}

// usesIn returns the last uses of services in some accounts, and how many of the accounts have used each.
func usesIn(tx *store.Tx, accounts map[string]string) (map[string]types.AccessDetail, error) {
	used := map[string]types.AccessDetail{}
	for account, path := range accounts {
		own := map[string]lastUse{}
		note := func(id string) error {
			for u, err := range lastUses.Scan(tx, id+"/", "") {
				if err != nil {
					return err
				}
				if u.At.After(own[u.Service].At) {
					own[u.Service] = u
				}
			}
			return nil
		}
		if err := note(account); err != nil {
			return nil, err
		}
		for u, err := range users.Scan(tx, store.Key(account), "") {
			if err != nil {
				return nil, err
			}
			if err := note(u.ID); err != nil {
				return nil, err
			}
		}
		for r, err := range roles.Scan(tx, store.Key(account), "") {
			if err != nil {
				return nil, err
			}
			if err := note(r.ID); err != nil {
				return nil, err
			}
		}
		for service, u := range own {
			d := used[service]
			d.TotalAuthenticatedEntities = aws.Int32(aws.ToInt32(d.TotalAuthenticatedEntities) + 1)
			if d.LastAuthenticatedTime == nil || u.At.After(*d.LastAuthenticatedTime) {
				d.LastAuthenticatedTime, d.EntityPath, d.Region = aws.Time(u.At), aws.String(path), aws.String(u.Region)
			}
			used[service] = d
		}
	}
	return used, nil
}
