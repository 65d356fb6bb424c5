package s3

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// Replication follows up the changes of objects: it works as the configuration's role, which needs its permissions on both
// sides ("Setting up permissions for live replication", Amazon S3 User Guide), and leaves its verdict on the source.

func init() {
	consumers = append(consumers, consumer{name: "replication", wants: wantsReplica, handle: replicate})
}

// wantsReplica says whether a change is one that replication might follow.
func wantsReplica(b *bucket, c *Change) bool {
	configuration := replication.of(b)
	if configuration == nil || !replicatedEvent(c.Event) || c.VersionID == "" || c.VersionID == nullVersion {
		return false
	}
	return slices.ContainsFunc(configuration.Rules, func(r types.ReplicationRule) bool {
		return r.Status == types.ReplicationRuleStatusEnabled && strings.HasPrefix(c.Key, aws.ToString(filterPrefix(&r)))
	})
}

// replicatedEvent: objects, delete markers, and what can be changed of an object. Deleted versions are never replicated.
func replicatedEvent(event string) bool {
	return strings.HasPrefix(event, "ObjectCreated:") || event == eventDeleteMarker || metadataEvent(event)
}

func metadataEvent(event string) bool {
	return slices.ContainsFunc([]string{"ObjectTagging:", "ObjectAcl:", "ObjectRetention:", "ObjectLegalHold:"}, func(kind string) bool {
		return strings.HasPrefix(event, kind)
	})
}

// pending notes on a new version that it waits for its replicas, if it does.
func (o *Object) pending(b *bucket, versioning string) {
	c := replication.of(b)
	if c != nil && versioning == string(types.BucketVersioningStatusEnabled) && len(replicatedBy(c, o)) > 0 {
		o.Replication = types.ReplicationStatusPending
	}
}

// changed notes that a version whose tags or ACL change waits for its replicas again.
func (o *Object) changed(b *bucket, versioning string) {
	if o.Replication != "" && o.Replication != types.ReplicationStatusReplica {
		o.pending(b, versioning)
	}
}

// A replica is one version on its way to one bucket.
type replica struct {
	service *Service
	rule    *types.ReplicationRule
	from    *bucket
	change  *Change
	object  Object // the source
}

// replicate follows up a change. What the role may not do fails for good, as on AWS; the error is the store's.
func replicate(ctx context.Context, s *Service, c *Change) error {
	b, err := s.bucketNamed(ctx, c.Bucket)
	if errors.Is(err, awserr.NoSuchBucket) || err == nil && b.ID != c.BucketID {
		return nil
	}
	if err != nil {
		return err
	}
	configuration := replication.of(b)
	o, err := s.find(ctx, b, c.Key, c.VersionID)
	if err != nil || o == nil || configuration == nil || o.Replication == "" { // it was there before the configuration
		return err
	}
	if o.DeleteMarker && c.RequestID == "" { // lifecycle's ("How delete operations affect replication")
		return nil
	}
	status := types.ReplicationStatusCompleted
	rules := replicatedBy(configuration, o)
	if o.Replication == types.ReplicationStatusReplica { // only changes of it go on, and only by rules that say so
		status = o.Replication
		rules = slices.DeleteFunc(rules, func(r *types.ReplicationRule) bool { return !metadataEvent(c.Event) || !replicatesReplicas(r) })
	}
	if len(rules) == 0 {
		return nil
	}
	for _, r := range rules {
		p := &replica{service: s, rule: r, from: b, change: c, object: *o}
		switch err := p.make(ctx, *configuration.Role); {
		case err == nil:
		case awserr.From(err).Status >= 500:
			return err
		default:
			s.log.Info("replication failed", "bucket", b.Name, "key", c.Key, "version", c.VersionID, "to", destinationOf(r), "error", err)
			status = types.ReplicationStatusFailed
		}
	}
	return s.setReplication(ctx, b, o, status, rules)
}

// setReplication writes the outcome on the source.
func (s *Service) setReplication(ctx context.Context, b *bucket, source *Object, status types.ReplicationStatus, rules []*types.ReplicationRule) error {
	if source.Replication == status {
		return nil
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		row, err := b.row(tx)
		if errors.Is(err, awserr.NoSuchBucket) {
			return nil
		}
		if err != nil {
			return err
		}
		o, ok, err := lookUp(tx, &row, source.Key, source.VersionID)
		if err != nil || !ok {
			return err
		}
		o.Replication = status
		if err := replace(tx, &o); err != nil {
			return err
		}
		measured := func(r *types.ReplicationRule) bool { return r.Destination.Metrics != nil }
		if status != types.ReplicationStatusFailed || !slices.ContainsFunc(rules, measured) {
			return nil
		}
		return s.happened(tx, b, &o, "Replication:OperationFailedReplication", nil)
	})
}

// make makes the replica, or changes the one that is there. Errors: AccessDenied, InvalidRequest.
func (p *replica) make(ctx context.Context, role string) error {
	ctx, err := p.service.asRole(ctx, role, "s3-replication")
	if err != nil {
		return err
	}
	to, err := p.service.bucketNamed(ctx, destinationOf(p.rule))
	if err != nil {
		return err
	}
	if account := p.rule.Destination.Account; account != nil && *account != to.Account {
		return awserr.InvalidRequest.Errorf("The destination bucket is not of account %s.", *account)
	}
	if p.object.Encryption.Lock != nil && to.blocksCustomerKeys() {
		return accessDenied()
	}
	sub := &subject{service: p.service, request: wire.RequestFrom(ctx), bucket: to}
	if err := p.encrypt(to, sub.request.Caller); err != nil {
		return err
	}
	if err := p.authorize(ctx, sub, to); err != nil {
		return err
	}
	return p.service.store.Update(ctx, func(tx *store.Tx) error { return p.put(tx, to) })
}

// encrypt gives the replica the key that the rule names, in place of the source's.
func (p *replica) encrypt(to *bucket, caller wire.Caller) (err error) {
	if e := &p.object.Encryption; e.kms() {
		p.object.Encryption = Encryption{Algorithm: e.Algorithm, BucketKey: e.BucketKey, Context: e.Context}
		p.object.Encryption.Key, err = kmsKey(aws.ToString(replicaKey(p.rule)), caller.Account, to.Region)
	}
	return err
}

// authorize decides everything that the role needs.
func (p *replica) authorize(ctx context.Context, sub *subject, to *bucket) error {
	var source *Object
	source, err := p.service.find(ctx, p.from, p.change.Key, p.change.VersionID)
	if err != nil || source == nil {
		return changedMeanwhile(err)
	}
	version := p.change.VersionID
	needs := []wire.Need{
		sub.needOn(p.from, "s3:GetReplicationConfiguration", p.from.arn, p.from.policies),
		sub.needOn(p.from, "s3:ListBucket", p.from.arn, p.from.policies),
	}
	if source.DeleteMarker {
		needs = append(needs, sub.needFor(to, "s3:ReplicateDelete", source.Key))
	} else {
		needs = append(needs,
			sub.needOf(p.from, "s3:GetObjectVersionForReplication", source, version),
			sub.needOf(p.from, "s3:GetObjectVersionAcl", source, version),
			sub.needFor(to, "s3:ReplicateObject", source.Key))
		if p.overridesOwner() {
			needs = append(needs, sub.needFor(to, "s3:ObjectOwnerOverrideToBucketOwner", source.Key))
		}
	}
	if source.Lock.Mode != "" {
		needs = append(needs, sub.needOf(p.from, "s3:GetObjectRetention", source, version))
	}
	if source.Lock.Hold != "" {
		needs = append(needs, sub.needOf(p.from, "s3:GetObjectLegalHold", source, version))
	}
	if source.Encryption.kms() {
		needs = append(needs,
			sub.needKey(p.from, source.Key, "kms:Decrypt", &source.Encryption),
			sub.needKey(to, source.Key, "kms:Encrypt", &p.object.Encryption))
	}
	for _, need := range needs {
		if err := sub.request.Authorize(ctx, need); err != nil {
			return err
		}
	}
	if len(source.Tags) == 0 {
		return nil
	}
	// A role without the permissions for tags replicates objects without them.
	for _, need := range []wire.Need{
		sub.needOf(p.from, "s3:GetObjectVersionTagging", source, version),
		sub.needFor(to, "s3:ReplicateTags", source.Key),
	} {
		if err := sub.request.Authorize(ctx, need); err != nil {
			p.object.Tags = nil
		}
	}
	return nil
}

func (p *replica) overridesOwner() bool { return p.rule.Destination.AccessControlTranslation != nil }

// put writes the replica, which shares the source's bytes. It does nothing that it did already.
func (p *replica) put(tx *store.Tx, to *bucket) error {
	row, err := to.row(tx)
	if err != nil {
		return err
	}
	if row.Versioning != string(types.BucketVersioningStatusEnabled) {
		return awserr.InvalidRequest.Errorf("Destination bucket must have versioning enabled.")
	}
	if p.object.locked() && row.ObjectLock == nil {
		return errNoObjectLock()
	}
	there, ok, err := lookUp(tx, &row, p.object.Key, p.object.VersionID)
	if err != nil {
		return err
	}
	if ok { // made before, or where a replica came from: what can change of it is brought
		there.Tags, there.ACL = p.object.Tags, p.ownedACL(&row)
		if p.object.locked() {
			there.Lock = p.object.Lock
		}
		return replace(tx, &there)
	}
	if metadataEvent(p.change.Event) && p.object.Replication == types.ReplicationStatusReplica {
		return nil
	}
	o := p.object
	o.BucketID, o.Replication, o.ACL = row.ID, types.ReplicationStatusReplica, p.ownedACL(&row)
	if p.overridesOwner() || row.ACLsDisabled() {
		o.Owner = row.Account
	}
	if class := p.rule.Destination.StorageClass; class != "" {
		if o.StorageClass = class; class == types.StorageClassStandard {
			o.StorageClass = ""
		}
	}
	o.Restore = Restore{}
	if !o.DeleteMarker {
		row.ObjectLock.retain(&o, tx.Now)
	}
	if err := shareBody(tx, &o); err != nil {
		return err
	}
	if err := insertAt(tx, &o); err != nil {
		return err
	}
	event := "ObjectCreated:Put"
	if o.DeleteMarker {
		event = eventDeleteMarker
	}
	return p.service.happened(tx, to, &o, event, nil)
}

// locked says that the version has a retention or a legal hold, or had.
func (o *Object) locked() bool { return o.Lock.Mode != "" || o.Lock.Hold != "" }

// ownedACL is the replica's ACL: the source's, unless the replica gets another owner.
func (p *replica) ownedACL(row *Bucket) ACL {
	if p.overridesOwner() || row.ACLsDisabled() {
		return ACL{}
	}
	return p.object.ACL
}
