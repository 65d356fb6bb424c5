package iam

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/authz/reference"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var lastAccessedOps = wire.Ops(
	wire.Op((*Service).GenerateServiceLastAccessedDetails, onNamedARN),
	wire.Op((*Service).GetServiceLastAccessedDetails, anywhere),
	wire.Op((*Service).GetServiceLastAccessedDetailsWithEntities, anywhere),
)

// accessJob is a report on the services that the user, group, role or policy of an ARN has used.
type accessJob struct {
	Account, ID, ARN string
	Granularity      types.AccessAdvisorUsageGranularityType
	Created          time.Time
}

var accessJobs = store.NewTable("iam.accessjob", func(j *accessJob) string { return store.Key(j.Account, j.ID) })

// keepJobs is how long a report can be asked for.
const keepJobs = 24 * time.Hour

// GenerateServiceLastAccessedDetails begins a report, which is ready at once.
func (s *Service) GenerateServiceLastAccessedDetails(ctx context.Context, in *iam.GenerateServiceLastAccessedDetailsInput) (*iam.GenerateServiceLastAccessedDetailsOutput, error) {
	job := accessJob{Account: callerAccount(ctx), ID: ids.NewRequestID(), ARN: aws.ToString(in.Arn), Granularity: in.Granularity}
	if job.Granularity == "" {
		job.Granularity = types.AccessAdvisorUsageGranularityTypeServiceLevel
	}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := s.accessOf(ctx, tx, job.ARN); err != nil {
			return err
		}
		for old, err := range accessJobs.Scan(tx, store.Key(job.Account), "") {
			if err != nil {
				return err
			}
			if tx.Now.Sub(old.Created) > keepJobs {
				if err := accessJobs.Delete(tx, store.Key(old.Account, old.ID)); err != nil {
					return err
				}
			}
		}
		job.Created = tx.Now
		return accessJobs.Put(tx, &job)
	})
	return answer(&iam.GenerateServiceLastAccessedDetailsOutput{JobId: &job.ID}, err)
}

// accessOfJob returns a report's job with what its ARN stands for now.
func (s *Service) accessOfJob(ctx context.Context, tx *store.Tx, id *string) (job accessJob, a access, err error) {
	job, ok, err := accessJobs.Get(tx, store.Key(callerAccount(ctx), aws.ToString(id)))
	if err != nil || !ok {
		return job, a, orElse(err, awserr.NoSuchEntity.Errorf("The job with id %s cannot be found.", aws.ToString(id)))
	}
	a, err = s.accessOf(ctx, tx, job.ARN)
	return job, a, err
}

// GetServiceLastAccessedDetails returns the services that policies of the report's ARN allow, each with its last use.
func (s *Service) GetServiceLastAccessedDetails(ctx context.Context, in *iam.GetServiceLastAccessedDetailsInput) (*iam.GetServiceLastAccessedDetailsOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	if err := s.uses.flush(); err != nil {
		return nil, err
	}
	out := &iam.GetServiceLastAccessedDetailsOutput{JobStatus: types.JobStatusTypeCompleted}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		job, a, err := s.accessOfJob(ctx, tx, in.JobId)
		if err != nil {
			return err
		}
		out.JobType, out.JobCreationDate, out.JobCompletionDate = job.Granularity, &job.Created, &job.Created
		var all []types.ServiceLastAccessed
		for _, namespace := range reference.Services() {
			if !a.grants(namespace) {
				continue
			}
			name, _ := reference.ServiceName(namespace)
			used := types.ServiceLastAccessed{ServiceName: &name, ServiceNamespace: &namespace, TotalAuthenticatedEntities: aws.Int32(0)}
			for _, e := range a.entities {
				if err := countUse(tx, &used, e); err != nil {
					return err
				}
			}
			all = append(all, used)
		}
		found, marker, err := sorted(p, all, func(l types.ServiceLastAccessed) string { return *l.ServiceNamespace })
		out.ServicesLastAccessed, out.Marker, out.IsTruncated = found, marker, marker != nil
		return err
	})
	return answer(out, err)
}

// countUse adds the use of a service by an entity, if there is one.
func countUse(tx *store.Tx, used *types.ServiceLastAccessed, e accessor) error {
	use, ok, err := lastUses.Get(tx, serviceUse(e.ID, *used.ServiceNamespace))
	if err != nil || !ok {
		return err
	}
	*used.TotalAuthenticatedEntities++
	if used.LastAuthenticated == nil || use.At.After(*used.LastAuthenticated) {
		used.LastAuthenticated, used.LastAuthenticatedRegion = aws.Time(use.At), aws.String(use.Region)
		used.LastAuthenticatedEntity = aws.String(e.arn())
	}
	return nil
}

// GetServiceLastAccessedDetailsWithEntities returns the users and roles that can use a service by policies of the report's
// ARN, each with its last use of it.
func (s *Service) GetServiceLastAccessedDetailsWithEntities(ctx context.Context, in *iam.GetServiceLastAccessedDetailsWithEntitiesInput) (*iam.GetServiceLastAccessedDetailsWithEntitiesOutput, error) {
	p, err := pageOf(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	namespace := aws.ToString(in.ServiceNamespace)
	if !reference.IsService(namespace) {
		return nil, awserr.InvalidInput.Errorf("%s is not a valid service namespace.", namespace)
	}
	if err := s.uses.flush(); err != nil {
		return nil, err
	}
	out := &iam.GetServiceLastAccessedDetailsWithEntitiesOutput{JobStatus: types.JobStatusTypeCompleted}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		job, a, err := s.accessOfJob(ctx, tx, in.JobId)
		if err != nil {
			return err
		}
		out.JobCreationDate, out.JobCompletionDate = &job.Created, &job.Created
		if !a.grants(namespace) {
			a.entities = nil
		}
		found, marker, err := sorted(p, a.entities, func(e accessor) string { return store.Key(string(e.kind), e.key()) })
		out.Marker, out.IsTruncated = marker, marker != nil
		out.EntityDetailsList = make([]types.EntityDetails, len(found))
		for i, e := range found {
			details := types.EntityDetails{EntityInfo: &types.EntityInfo{
				Arn: aws.String(e.arn()), Id: &e.ID, Name: &e.Name, Path: &e.Path, Type: e.kind,
			}}
			if use, ok, err := lastUses.Get(tx, serviceUse(e.ID, namespace)); err != nil {
				return err
			} else if ok {
				details.LastAuthenticated = aws.Time(use.At)
			}
			out.EntityDetailsList[i] = details
		}
		return err
	})
	return answer(out, err)
}
