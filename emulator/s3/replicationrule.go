package s3

//lint:file-ignore SA1019 Prefix is deprecated, and what rules of version 1 are made of

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// maxReplicationRules is how many rules a configuration can have ("PutBucketReplication", Amazon S3 API Reference).
const maxReplicationRules = 1000

// replicationSchema ends the messages about elements that belong to the other version of a rule.
const replicationSchema = "this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information."

// validReplication checks a configuration by itself. Rules are of version 1, with a Prefix, or of version 2, with a Filter
// ("Replication configuration file elements", "Backward compatibility"). Errors: MalformedXML, InvalidRequest,
// InvalidArgument.
func validReplication(c *types.ReplicationConfiguration) error {
	if c == nil || len(c.Rules) == 0 || len(c.Rules) > maxReplicationRules || aws.ToString(c.Role) == "" {
		return malformedXML()
	}
	if !replicationRole.MatchString(*c.Role) {
		return invalidArgument("Role", *c.Role, "Invalid Role specified in replication configuration")
	}
	ids, priorities := map[string]bool{}, map[int32]bool{}
	for i := range c.Rules {
		r := &c.Rules[i]
		if err := validReplicationRule(r); err != nil {
			return err
		}
		if (r.Filter == nil) != (c.Rules[0].Filter == nil) {
			return awserr.InvalidRequest.Errorf("All rules of a replication configuration must be of one version of the schema: with Filter, or with Prefix.")
		}
		id := aws.ToString(r.ID)
		switch {
		case len(id) > 255:
			return invalidArgument("ID", id, "ID length should not exceed allowed limit of 255")
		case id != "" && ids[id]:
			return invalidArgument("ID", id, "Rule Id must be unique. Found same ID for more than one rule")
		}
		ids[id] = true
		if r.Priority != nil {
			if priorities[*r.Priority] {
				return awserr.InvalidRequest.Errorf("Found duplicate priority %d. Priority must be unique.", *r.Priority)
			}
			priorities[*r.Priority] = true
		}
	}
	return nil
}

func validReplicationRule(r *types.ReplicationRule) error {
	if !oneOf(r.Status) || r.Destination == nil || (r.Filter == nil) == (r.Prefix == nil) {
		return malformedXML()
	}
	if e := r.ExistingObjectReplication; e != nil && !oneOf(e.Status) {
		return malformedXML()
	}
	if err := validReplicationFilter(r); err != nil {
		return err
	}
	if c := r.SourceSelectionCriteria; c != nil {
		if c.ReplicaModifications != nil && !oneOf(c.ReplicaModifications.Status) || c.SseKmsEncryptedObjects != nil && !oneOf(c.SseKmsEncryptedObjects.Status) {
			return malformedXML()
		}
	}
	return validReplicationDestination(r)
}

// oneOf says whether an element has one of its values.
func oneOf[E interface {
	~string
	Values() []E
}](e E) bool {
	return slices.Contains(e.Values(), e)
}

func validReplicationFilter(r *types.ReplicationRule) error {
	f := r.Filter
	if f == nil {
		switch {
		case r.DeleteMarkerReplication != nil:
			return awserr.InvalidRequest.Errorf("DeleteMarkerReplication cannot be used for %s", replicationSchema)
		case r.Priority != nil:
			return awserr.InvalidRequest.Errorf("Priority cannot be used for %s", replicationSchema)
		}
		return validPrefix(r.Prefix)
	}
	n, tags := 0, filterTags(f)
	for _, there := range []bool{f.Prefix != nil, f.Tag != nil, f.And != nil} {
		if there {
			n++
		}
	}
	switch {
	case n > 1:
		return malformedXML()
	case r.Priority == nil:
		return awserr.InvalidRequest.Errorf("Priority must be specified for %s", replicationSchema)
	case *r.Priority < 0:
		return invalidArgument("Priority", strconv.Itoa(int(*r.Priority)), "Priority must be a non-negative integer")
	case r.DeleteMarkerReplication == nil:
		return awserr.InvalidRequest.Errorf("DeleteMarkerReplication must be specified for %s", replicationSchema)
	case !oneOf(r.DeleteMarkerReplication.Status):
		return malformedXML()
	case len(tags) > 0 && r.DeleteMarkerReplication.Status == types.DeleteMarkerReplicationStatusEnabled:
		return awserr.InvalidRequest.Errorf("Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.")
	}
	if _, err := newTags(tags, maxObjectTags); err != nil {
		return err
	}
	return validPrefix(filterPrefix(r))
}

func validPrefix(prefix *string) error {
	if p := aws.ToString(prefix); len(p) > maxKey {
		return invalidArgument("Prefix", p, "The maximum size of a prefix is "+strconv.Itoa(maxKey))
	}
	return nil
}

func validReplicationDestination(r *types.ReplicationRule) error {
	d := r.Destination
	name, ok := strings.CutPrefix(aws.ToString(d.Bucket), "arn:aws:s3:::")
	switch {
	case d.Bucket == nil:
		return malformedXML()
	case !ok || !possibleName.MatchString(name):
		return invalidArgument("Bucket", *d.Bucket, "Invalid bucket ARN")
	case d.StorageClass != "" && !slices.Contains(storageClasses, d.StorageClass):
		return malformedXML()
	case d.Account != nil && !accountForm.MatchString(*d.Account):
		return invalidArgument("Account", *d.Account, "Invalid account ID specified in replication configuration")
	}
	if t := d.AccessControlTranslation; t != nil {
		switch {
		case t.Owner != types.OwnerOverrideDestination:
			return malformedXML()
		case d.Account == nil:
			return awserr.InvalidRequest.Errorf("Account must be specified if AccessControlTranslation is specified.")
		}
	}
	if err := validReplicationTime(d); err != nil {
		return err
	}
	encrypts := aws.ToString(replicaKey(r)) != ""
	switch selects := replicatesKMS(r); {
	case d.EncryptionConfiguration != nil && d.EncryptionConfiguration.ReplicaKmsKeyID == nil:
		return malformedXML()
	case selects && !encrypts:
		return awserr.InvalidRequest.Errorf("EncryptionConfiguration must be specified if SseKmsEncryptedObjects tag is present.")
	case encrypts && !selects:
		return awserr.InvalidRequest.Errorf("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.")
	}
	return nil
}

// validReplicationTime checks S3 Replication Time Control, which has one threshold and needs metrics.
func validReplicationTime(d *types.Destination) error {
	t, m := d.ReplicationTime, d.Metrics
	if m != nil && (!oneOf(m.Status) || m.EventThreshold != nil && aws.ToInt32(m.EventThreshold.Minutes) != 15) {
		return malformedXML()
	}
	if t == nil {
		return nil
	}
	enabled := t.Status == types.ReplicationTimeStatusEnabled
	switch {
	case !oneOf(t.Status) || t.Time == nil || aws.ToInt32(t.Time.Minutes) != 15:
		return malformedXML()
	case enabled && (m == nil || m.Status != types.MetricsStatusEnabled):
		return awserr.InvalidRequest.Errorf("Replication destination must contain both ReplicationTime and Metrics or neither.")
	}
	return nil
}

func replicaKey(r *types.ReplicationRule) *string {
	if e := r.Destination.EncryptionConfiguration; e != nil {
		return e.ReplicaKmsKeyID
	}
	return nil
}

// replicatesKMS says that the rule takes objects that are encrypted with KMS keys.
func replicatesKMS(r *types.ReplicationRule) bool {
	c := r.SourceSelectionCriteria
	return c != nil && c.SseKmsEncryptedObjects != nil && c.SseKmsEncryptedObjects.Status == types.SseKmsEncryptedObjectsStatusEnabled
}

// replicatesReplicas says that the rule takes changes of replicas back to where they came from ("Replica modification sync").
func replicatesReplicas(r *types.ReplicationRule) bool {
	c := r.SourceSelectionCriteria
	return c != nil && c.ReplicaModifications != nil && c.ReplicaModifications.Status == types.ReplicaModificationsStatusEnabled
}

// replicatesMarkers says that the rule takes delete markers. Rules of version 1 always do.
func replicatesMarkers(r *types.ReplicationRule) bool {
	return r.Filter == nil || r.DeleteMarkerReplication.Status == types.DeleteMarkerReplicationStatusEnabled
}

func filterPrefix(r *types.ReplicationRule) *string {
	switch {
	case r.Filter == nil:
		return r.Prefix
	case r.Filter.And != nil:
		return r.Filter.And.Prefix
	}
	return r.Filter.Prefix
}

func filterTags(f *types.ReplicationRuleFilter) []types.Tag {
	switch {
	case f == nil:
		return nil
	case f.And != nil:
		return f.And.Tags
	case f.Tag != nil:
		return []types.Tag{*f.Tag}
	}
	return nil
}

// covers says whether an enabled rule is for an object, whatever the rule leaves out because of its encryption.
func covers(r *types.ReplicationRule, key string, tags []Tag) bool {
	if r.Status != types.ReplicationRuleStatusEnabled || !strings.HasPrefix(key, aws.ToString(filterPrefix(r))) {
		return false
	}
	for _, want := range filterTags(r.Filter) {
		if !slices.Contains(tags, Tag{aws.ToString(want.Key), aws.ToString(want.Value)}) {
			return false
		}
	}
	return true
}

// replicatedBy returns the rules that an object is replicated by: for each destination that one which is covers it with the
// highest priority ("Replication configuration file elements", Priority). What is encrypted with a KMS key needs a rule that
// takes it, an archived object none does ("What does Amazon S3 replicate?").
func replicatedBy(c *types.ReplicationConfiguration, o *Object) []*types.ReplicationRule {
	best := map[string]*types.ReplicationRule{}
	for i := range c.Rules {
		r := &c.Rules[i]
		if !covers(r, o.Key, o.Tags) {
			continue
		}
		to := destinationOf(r)
		if before := best[to]; before == nil || aws.ToInt32(r.Priority) > aws.ToInt32(before.Priority) {
			best[to] = r
		}
	}
	var rules []*types.ReplicationRule
	for i := range c.Rules {
		r := &c.Rules[i]
		switch {
		case best[destinationOf(r)] != r, o.archived(), o.Encryption.kms() && !replicatesKMS(r), o.DeleteMarker && !replicatesMarkers(r):
		default:
			rules = append(rules, r)
		}
	}
	return rules
}
