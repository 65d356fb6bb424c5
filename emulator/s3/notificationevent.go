package s3

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/store"
)

// Delivered is a message that a notification put into a queue, sent to a topic, or called a function with. None of these is
// here: messages are kept to be read, and posted to the URL that their destination is mapped to.
type Delivered struct {
	ID          string          `json:"id"` // sorts by age
	Time        time.Time       `json:"time"`
	Destination string          `json:"destination"` // an ARN
	Bucket      string          `json:"bucket"`
	Event       string          `json:"event"` // "ObjectCreated:Put"
	Message     json.RawMessage `json:"message"`
}

// Webhook maps a destination to a URL of this machine.
type Webhook struct {
	Destination string // an ARN
	URL         string
}

var (
	deliveredTable = store.NewTable("s3/delivered", func(d *Delivered) string { return d.ID })
	webhookTable   = store.NewTable("s3/webhook", func(w *Webhook) string { return w.Destination })
)

// maxDelivered is how many messages are kept.
const maxDelivered = 10000

func init() {
	consumers = append(consumers, consumer{name: "notification", wants: notifies, handle: func(ctx context.Context, s *Service, c *Change) error {
		return s.notify(ctx, c)
	}})
	jobs = append(jobs, job{name: "delivered", run: func(ctx context.Context, s *Service, _ time.Time) error {
		return s.forgetDelivered(ctx)
	}})
}

// notifies says whether a change is to be told to anybody.
func notifies(b *bucket, c *Change) bool {
	n := notificationKind.of(b)
	if n == nil {
		return false
	}
	for i := range n.Rules {
		if n.Rules[i].wants(c.Event, c.Key) {
			return true
		}
	}
	return n.EventBridge && bridged(c.Event) != nil
}

// notify delivers a change to the destinations that the bucket has by now. Errors: those of webhooks, which are tried again.
func (s *Service) notify(ctx context.Context, c *Change) error {
	b, err := s.bucketNamed(ctx, c.Bucket)
	if errors.Is(err, awserr.NoSuchBucket) || err == nil && b.ID != c.BucketID {
		return nil // it is gone
	}
	n := notificationKind.of(b)
	if err != nil || n == nil {
		return err
	}
	var all []Delivered
	for i := range n.Rules {
		if r := &n.Rules[i]; r.wants(c.Event, c.Key) {
			message := map[string]any{"Records": []any{eventRecord(b, r.ID, c)}}
			if all, err = appendMessage(all, c, fmt.Sprint(i), r.ARN, message); err != nil {
				return err
			}
		}
	}
	if n.EventBridge && bridged(c.Event) != nil {
		bus := "arn:aws:events:" + b.Region + ":" + b.Account + ":event-bus/default"
		if all, err = appendMessage(all, c, "bridge", bus, bridgeEvent(b, c)); err != nil {
			return err
		}
	}
	if err := s.keepDelivered(ctx, all); err != nil {
		return err
	}
	return s.post(ctx, all, c.Time)
}

// appendMessage makes the id of the change and the rule, so that a repeated delivery is the same message.
func appendMessage(all []Delivered, c *Change, rule, destination string, message any) ([]Delivered, error) {
	text, err := json.Marshal(message)
	return append(all, Delivered{
		ID: c.Sequence + "-" + rule, Time: c.Time, Destination: destination, Bucket: c.Bucket, Event: c.Event, Message: text,
	}), err
}

func (s *Service) keepDelivered(ctx context.Context, all []Delivered) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		for i := range all {
			if err := deliveredTable.Put(tx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// maxPosting is how long a message is tried to be posted.
const maxPosting = time.Hour

// post sends messages to the webhooks of their destinations.
func (s *Service) post(ctx context.Context, all []Delivered, since time.Time) error {
	for _, d := range all {
		var hook Webhook
		var ok bool
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			hook, ok, err = webhookTable.Get(tx, d.Destination)
			return err
		})
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := postMessage(ctx, hook.URL, d); err != nil {
			if s.now().Sub(since) > maxPosting {
				s.log.Error("a notification is given up", "destination", d.Destination, "url", hook.URL, "error", err)
				continue
			}
			return fmt.Errorf("notification for %s: %w", d.Destination, err)
		}
	}
	return nil
}

func postMessage(ctx context.Context, to string, d Delivered) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(d.Message))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Xemu-Destination", d.Destination)
	answer, err := hookClient.Do(r)
	if err != nil {
		return err
	}
	answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s answered %s", to, answer.Status)
	}
	return nil
}

// hookClient follows no redirect and uses no proxy: messages stay on this machine.
var hookClient = &http.Client{
	Transport:     &http.Transport{Proxy: nil},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// testEvents tells the queues and topics of a new configuration that they are in it.
func (s *Service) testEvents(tx *store.Tx, sub *subject, n *Notification) error {
	seen := map[string]bool{}
	for i, r := range n.Rules {
		if service := r.service(); seen[r.ARN] || service == "lambda" {
			continue
		}
		seen[r.ARN] = true
		text, err := json.Marshal(struct{ Service, Event, Time, Bucket, RequestId, HostId string }{
			"Amazon S3", "s3:TestEvent", tx.Now.UTC().Format(eventTime), sub.bucket.Name, sub.request.ID, sub.request.ID,
		})
		if err != nil {
			return err
		}
		err = deliveredTable.Put(tx, &Delivered{
			ID: s.nextSequence(tx.Now) + fmt.Sprintf("-%d", i), Time: tx.Now.UTC(), Destination: r.ARN, Bucket: sub.bucket.Name,
			Event: "TestEvent", Message: text,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const eventTime = "2006-01-02T15:04:05.000Z"

// eventRecord is the event of a change ("Event message structure", Amazon S3 User Guide).
func eventRecord(b *bucket, rule string, c *Change) any {
	object := map[string]any{"key": eventKey(c.Key), "sequencer": c.sequencer()}
	if !strings.HasPrefix(c.Event, "ObjectRemoved:") && !strings.HasPrefix(c.Event, "LifecycleExpiration:") {
		object["eTag"] = c.ETag
		if c.Event != "ObjectTagging:Put" && c.Event != "ObjectTagging:Delete" && c.Event != "ObjectAcl:Put" {
			object["size"] = c.Size
		}
	}
	if c.Event == eventDeleteMarker {
		object["eTag"] = "d41d8cd98f00b204e9800998ecf8427e"
	}
	if c.VersionID != "" {
		object["versionId"] = c.VersionID
	}
	return map[string]any{
		"eventVersion": eventVersion(c.Event), "eventSource": "aws:s3", "awsRegion": b.Region,
		"eventTime": c.Time.Format(eventTime), "eventName": c.Event,
		"userIdentity":      map[string]string{"principalId": c.principal()},
		"requestParameters": map[string]string{"sourceIPAddress": c.sourceAddress()},
		"responseElements":  map[string]string{"x-amz-request-id": c.RequestID, "x-amz-id-2": c.RequestID},
		"s3": map[string]any{
			"s3SchemaVersion": "1.0", "configurationId": rule,
			"bucket": map[string]any{"name": b.Name, "ownerIdentity": map[string]string{"principalId": ids.CanonicalID(b.Account)}, "arn": b.arn},
			"object": object,
		},
	}
}

func eventVersion(event string) string {
	switch kind, _, _ := strings.Cut(event, ":"); kind {
	case "Replication":
		return "2.2"
	case "LifecycleExpiration", "LifecycleTransition", "IntelligentTiering", "ObjectAcl", "ObjectTagging":
		return "2.3"
	}
	if event == "ObjectRestore:Delete" {
		return "2.3"
	}
	return "2.1"
}

// eventKey writes a key as events do: as a form would, but for slashes.
func eventKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// sequencer sorts the events of a key by age, as hexadecimal numbers.
func (c *Change) sequencer() string {
	b, err := ordered.DecodeString(c.Sequence)
	if err != nil || len(b) < 9 {
		return ""
	}
	return strings.ToUpper(hex.EncodeToString(b[:9]))
}

func (c *Change) principal() string {
	switch {
	case c.RequestID == "":
		return "s3.amazonaws.com"
	case c.Principal == "":
		return "Anonymous"
	}
	return "AWS:" + c.Principal
}

func (c *Change) sourceAddress() string {
	if c.Address == "" {
		return "s3.amazonaws.com"
	}
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return c.Address
	}
	return host
}

// A bridgeType is how EventBridge names an event, and the reason that it tells.
type bridgeType struct{ name, reason string }

// bridged returns how an event goes to EventBridge, nil when it does not ("EventBridge event types", "Using EventBridge").
func bridged(event string) *bridgeType {
	t, ok := bridgeTypes[event]
	if !ok {
		return nil
	}
	return &t
}

var bridgeTypes = map[string]bridgeType{
	"ObjectCreated:Put":                       {"Object Created", "PutObject"},
	"ObjectCreated:Post":                      {"Object Created", "POST Object"},
	"ObjectCreated:Copy":                      {"Object Created", "CopyObject"},
	"ObjectCreated:CompleteMultipartUpload":   {"Object Created", "CompleteMultipartUpload"},
	"ObjectRemoved:Delete":                    {"Object Deleted", "DeleteObject"},
	"ObjectRemoved:DeleteMarkerCreated":       {"Object Deleted", "DeleteObject"},
	"LifecycleExpiration:Delete":              {"Object Deleted", "Lifecycle Expiration"},
	"LifecycleExpiration:DeleteMarkerCreated": {"Object Deleted", "Lifecycle Expiration"},
	"LifecycleTransition":                     {"Object Storage Class Changed", ""},
	"ObjectRestore:Post":                      {"Object Restore Initiated", ""},
	"ObjectRestore:Completed":                 {"Object Restore Completed", ""},
	"ObjectRestore:Delete":                    {"Object Restore Expired", ""},
	"IntelligentTiering":                      {"Object Access Tier Changed", ""},
	"ObjectAcl:Put":                           {"Object ACL Updated", ""},
	"ObjectTagging:Put":                       {"Object Tags Added", ""},
	"ObjectTagging:Delete":                    {"Object Tags Deleted", ""},
}

// bridgeEvent is the event of a change in EventBridge's form ("EventBridge event message structure").
func bridgeEvent(b *bucket, c *Change) any {
	t := bridged(c.Event)
	object := map[string]any{"key": c.Key, "sequencer": c.sequencer()}
	if t.name != "Object Deleted" {
		object["etag"], object["size"] = c.ETag, c.Size
	}
	if c.VersionID != "" {
		object["version-id"] = c.VersionID
	}
	detail := map[string]any{
		"version": "0", "bucket": map[string]string{"name": b.Name}, "object": object,
		"request-id": c.RequestID, "requester": cmp.Or(c.Account, c.principal()), "source-ip-address": c.sourceAddress(),
	}
	if t.reason != "" {
		detail["reason"] = t.reason
	}
	switch c.Event {
	case eventDelete, "LifecycleExpiration:Delete":
		detail["deletion-type"] = "Permanently Deleted"
	case eventDeleteMarker, "LifecycleExpiration:DeleteMarkerCreated":
		detail["deletion-type"] = "Delete Marker Created"
	}
	return map[string]any{
		"version": "0", "id": ids.NewRequestID(), "detail-type": t.name, "source": "aws.s3", "account": b.Account,
		"time": c.Time.Format("2006-01-02T15:04:05Z"), "region": b.Region, "resources": []string{b.arn}, "detail": detail,
	}
}

// Delivered returns the oldest messages after one of an id ("" for all), of a destination ("" for any). The oldest of more
// than 10,000 are dropped by then.
func (s *Service) Delivered(ctx context.Context, destination, after string, limit int) ([]Delivered, error) {
	all := []Delivered{}
	from := ""
	if after != "" {
		from = after + "\x00"
	}
	return all, s.store.View(ctx, func(tx *store.Tx) error {
		for d, err := range deliveredTable.Scan(tx, "", from) {
			if err != nil || len(all) == limit {
				return err
			}
			if destination == "" || d.Destination == destination {
				all = append(all, d)
			}
		}
		return nil
	})
}

// Webhooks returns the webhooks by destination.
func (s *Service) Webhooks(ctx context.Context) ([]Webhook, error) {
	all := []Webhook{}
	return all, s.store.View(ctx, func(tx *store.Tx) error {
		for w, err := range webhookTable.Scan(tx, "", "") {
			if err != nil {
				return err
			}
			all = append(all, w)
		}
		return nil
	})
}

// PutWebhook maps a destination to a URL; without a URL the destination is mapped to none. The error is what is wrong.
func (s *Service) PutWebhook(ctx context.Context, w Webhook) error {
	if !strings.HasPrefix(w.Destination, "arn:aws:") {
		return fmt.Errorf("the destination %q is not an ARN", w.Destination)
	}
	if w.URL == "" {
		return s.store.Update(ctx, func(tx *store.Tx) error { return webhookTable.Delete(tx, w.Destination) })
	}
	u, err := url.Parse(w.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is not an http URL", w.URL)
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not on this machine: webhooks are for loopback addresses only", u.Hostname())
	}
	return s.store.Update(ctx, func(tx *store.Tx) error { return webhookTable.Put(tx, &w) })
}

// forgetDelivered drops the oldest messages.
func (s *Service) forgetDelivered(ctx context.Context) error {
	var keys []string
	err := s.store.View(ctx, func(tx *store.Tx) error {
		for d, err := range deliveredTable.Scan(tx, "", "") {
			if err != nil {
				return err
			}
			keys = append(keys, d.ID)
		}
		return nil
	})
	if err != nil || len(keys) <= maxDelivered {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		for _, key := range keys[:len(keys)-maxDelivered] {
			if err := deliveredTable.Delete(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
}
