package s3

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

var notifications = wire.Ops(
	wire.Op((*Service).GetBucketNotificationConfiguration, toBucket("s3:GetBucketNotification")),
	wire.Op((*Service).PutBucketNotificationConfiguration, toBucket("s3:PutBucketNotification")),
)

// Notification is a bucket's notification configuration.
type Notification struct {
	Rules       []NotificationRule
	EventBridge bool `json:",omitempty"`
}

// A NotificationRule sends events of some types, of keys with a prefix and a suffix, to a destination.
type NotificationRule struct {
	ID, ARN string
	Events  []string // "s3:ObjectCreated:*"
	// Filter is as it was written, to read back so; nil for none. Prefix and Suffix are what it says.
	Filter         []types.FilterRule
	Prefix, Suffix string
}

var notificationKind = newKind[Notification]("notification")

// wants says whether the rule is about an event ("ObjectCreated:Put") of a key.
func (r *NotificationRule) wants(event, key string) bool {
	return strings.HasPrefix(key, r.Prefix) && strings.HasSuffix(key, r.Suffix) &&
		slices.ContainsFunc(r.Events, func(e string) bool { return includes(strings.TrimPrefix(e, "s3:"), event) })
}

// includes says whether an event type, which may end in a star, is or includes another.
func includes(pattern, event string) bool {
	if all, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(event, all)
	}
	return pattern == event
}

// service is that of the destination: "sqs", "sns" or "lambda".
func (r *NotificationRule) service() string { return strings.Split(r.ARN, ":")[2] }

// GetBucketNotificationConfiguration returns the configuration, which is empty at first.
func (s *Service) GetBucketNotificationConfiguration(ctx context.Context, _ *s3.GetBucketNotificationConfigurationInput) (*s3.GetBucketNotificationConfigurationOutput, error) {
	out := &s3.GetBucketNotificationConfigurationOutput{}
	n := notificationKind.of(subjectOf(ctx).bucket)
	if n == nil {
		return out, nil
	}
	if n.EventBridge {
		out.EventBridgeConfiguration = &types.EventBridgeConfiguration{}
	}
	for _, r := range n.Rules {
		events := make([]types.Event, len(r.Events))
		for i, e := range r.Events {
			events[i] = types.Event(e)
		}
		var filter *types.NotificationConfigurationFilter
		if r.Filter != nil {
			filter = &types.NotificationConfigurationFilter{Key: &types.S3KeyFilter{FilterRules: r.Filter}}
		}
		id, arn := aws.String(r.ID), aws.String(r.ARN)
		switch r.service() {
		case "sqs":
			out.QueueConfigurations = append(out.QueueConfigurations, types.QueueConfiguration{Id: id, QueueArn: arn, Events: events, Filter: filter})
		case "sns":
			out.TopicConfigurations = append(out.TopicConfigurations, types.TopicConfiguration{Id: id, TopicArn: arn, Events: events, Filter: filter})
		case "lambda":
			out.LambdaFunctionConfigurations = append(out.LambdaFunctionConfigurations, types.LambdaFunctionConfiguration{Id: id, LambdaFunctionArn: arn, Events: events, Filter: filter})
		}
	}
	return out, nil
}

// PutBucketNotificationConfiguration replaces the configuration; an empty one turns notifications off. Queues and topics get a
// test event ("Amazon S3 test event" in "Event message structure"). Errors: InvalidArgument, MalformedXML.
func (s *Service) PutBucketNotificationConfiguration(ctx context.Context, in *s3.PutBucketNotificationConfigurationInput) (*s3.PutBucketNotificationConfigurationOutput, error) {
	if in.NotificationConfiguration == nil {
		return nil, malformedXML()
	}
	sub := subjectOf(ctx)
	n, err := newNotification(in.NotificationConfiguration, sub.bucket.Region)
	if err != nil {
		return nil, err
	}
	document, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	return &s3.PutBucketNotificationConfigurationOutput{}, s.configure(ctx, sub.bucket, func(tx *store.Tx) error {
		if len(n.Rules) == 0 && !n.EventBridge {
			return configurations.Delete(tx, configurationKey(sub.bucket.ID, notificationKind.name, ""))
		}
		if err := s.testEvents(tx, sub, n); err != nil {
			return err
		}
		return configurations.Put(tx, &Configuration{BucketID: sub.bucket.ID, Kind: notificationKind.name, Document: document})
	})
}

// destinationForms are the ARNs that each kind of configuration may name.
var destinationForms = map[string]*regexp.Regexp{
	"sqs":    regexp.MustCompile(`^arn:aws:sqs:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,80}$`),
	"sns":    regexp.MustCompile(`^arn:aws:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}$`),
	"lambda": regexp.MustCompile(`^arn:aws:lambda:([a-z0-9-]+):\d{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9$_-]+)?$`),
}

// newNotification checks a configuration for a bucket in a region.
func newNotification(c *types.NotificationConfiguration, region string) (*Notification, error) {
	n := &Notification{EventBridge: c.EventBridgeConfiguration != nil}
	add := func(service string, id, arn *string, events []types.Event, filter *types.NotificationConfigurationFilter) error {
		r, err := newNotificationRule(service, aws.ToString(arn), events, filter, region)
		if err != nil {
			return err
		}
		if r.ID = aws.ToString(id); r.ID == "" {
			r.ID = rand.Text()
		}
		n.Rules = append(n.Rules, *r)
		return nil
	}
	for _, q := range c.TopicConfigurations {
		if err := add("sns", q.Id, q.TopicArn, q.Events, q.Filter); err != nil {
			return nil, err
		}
	}
	for _, q := range c.QueueConfigurations {
		if err := add("sqs", q.Id, q.QueueArn, q.Events, q.Filter); err != nil {
			return nil, err
		}
	}
	for _, q := range c.LambdaFunctionConfigurations {
		if err := add("lambda", q.Id, q.LambdaFunctionArn, q.Events, q.Filter); err != nil {
			return nil, err
		}
	}
	if len(n.Rules) > maxNotificationRules {
		return nil, malformedXML()
	}
	for i := range n.Rules {
		for j := range i {
			switch {
			case n.Rules[i].ID == n.Rules[j].ID:
				return nil, invalidArgument("Id", n.Rules[i].ID, "Same ID used for multiple configurations. IDs must be unique.")
			case n.Rules[i].overlaps(&n.Rules[j]):
				return nil, invalidArgument("Configuration", n.Rules[i].ID, "Configurations overlap. Configurations on the same bucket cannot share a common event type.")
			}
		}
	}
	return n, nil
}

// maxNotificationRules bounds a configuration ("Amazon S3 quotas").
const maxNotificationRules = 100

func newNotificationRule(service, arn string, events []types.Event, filter *types.NotificationConfigurationFilter, region string) (*NotificationRule, error) {
	m := destinationForms[service].FindStringSubmatch(arn)
	switch {
	case m == nil:
		return nil, invalidArgument(map[string]string{"sqs": "Queue", "sns": "Topic", "lambda": "CloudFunction"}[service], arn, "The ARN is not well formed")
	case m[1] != region:
		return nil, invalidArgument("Region", m[1], "The notification destination service region is not valid for the bucket location constraint")
	case len(events) == 0:
		return nil, malformedXML()
	}
	r := &NotificationRule{ARN: arn}
	for _, e := range events {
		if !slices.Contains(e.Values(), e) {
			return nil, invalidArgument("Event", string(e), "The event '"+string(e)+"' is not supported for notifications")
		}
		r.Events = append(r.Events, string(e))
	}
	if filter == nil || filter.Key == nil {
		return r, nil
	}
	r.Filter = []types.FilterRule{}
	seen := map[string]bool{}
	for _, rule := range filter.Key.FilterRules {
		name, value := strings.ToLower(string(rule.Name)), aws.ToString(rule.Value)
		switch name {
		case "prefix":
			r.Prefix = value
		case "suffix":
			r.Suffix = value
		default:
			return nil, invalidArgument("FilterRule.Name", string(rule.Name), "filter rule name must be either prefix or suffix")
		}
		switch {
		case seen[name]:
			return nil, invalidArgument("FilterRule.Name", name, "Cannot specify more than one "+name+" rule in a filter.")
		case len(value) > 1024:
			return nil, invalidArgument("FilterRule.Value", value, "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation")
		}
		seen[name] = true
		r.Filter = append(r.Filter, types.FilterRule{Name: rule.Name, Value: aws.String(value)})
	}
	return r, nil
}

// overlaps says whether some event of some key is for both rules ("Examples of notification configurations with object key
// name filtering that are not valid").
func (r *NotificationRule) overlaps(o *NotificationRule) bool {
	shared := slices.ContainsFunc(r.Events, func(a string) bool {
		return slices.ContainsFunc(o.Events, func(b string) bool { return includes(a, b) || includes(b, a) })
	})
	return shared &&
		(strings.HasPrefix(r.Prefix, o.Prefix) || strings.HasPrefix(o.Prefix, r.Prefix)) &&
		(strings.HasSuffix(r.Suffix, o.Suffix) || strings.HasSuffix(o.Suffix, r.Suffix))
}
