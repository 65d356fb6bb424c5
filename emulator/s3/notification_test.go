package s3

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	theQueue = "arn:aws:sqs:us-east-1:111122223333:jobs"
	theTopic = "arn:aws:sns:us-east-1:111122223333:news"
	theCode  = "arn:aws:lambda:us-east-1:111122223333:function:resize"
)

func notify(t *testing.T, c *s3.Client, n *types.NotificationConfiguration) error {
	t.Helper()
	_, err := c.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: theBucket, NotificationConfiguration: n})
	return err
}

func keyFilter(pairs ...string) *types.NotificationConfigurationFilter {
	f := &types.S3KeyFilter{}
	for i := 0; i < len(pairs); i += 2 {
		f.FilterRules = append(f.FilterRules, types.FilterRule{Name: types.FilterRuleName(pairs[i]), Value: &pairs[i+1]})
	}
	return &types.NotificationConfigurationFilter{Key: f}
}

func queue(id string, f *types.NotificationConfigurationFilter, events ...types.Event) types.QueueConfiguration {
	q := types.QueueConfiguration{QueueArn: aws.String(theQueue), Events: events, Filter: f}
	if id != "" {
		q.Id = &id
	}
	return q
}

func TestNotificationConfiguration(t *testing.T) {
	w, c := begin(t)
	created, removed := types.Event("s3:ObjectCreated:*"), types.Event("s3:ObjectRemoved:Delete")
	for _, test := range []struct {
		name string
		n    types.NotificationConfiguration
		code string
	}{
		{"unknown event", types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{queue("", nil, "s3:ObjectEaten")}}, "InvalidArgument"},
		{"no queue", types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{{QueueArn: aws.String(theTopic), Events: []types.Event{created}}}}, "InvalidArgument"},
		{"another region", types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{{QueueArn: aws.String("arn:aws:sqs:eu-west-1:111122223333:jobs"), Events: []types.Event{created}}}}, "InvalidArgument"},
		{"overlap", types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{queue("a", keyFilter("prefix", "img/"), created), queue("b", keyFilter("suffix", ".jpg"), "s3:ObjectCreated:Put")}}, "InvalidArgument"},
		{"the same id", types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{queue("a", nil, created), queue("a", nil, removed)}}, "InvalidArgument"},
		{"two prefixes", types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{queue("a", keyFilter("prefix", "a", "prefix", "b"), created)}}, "InvalidArgument"},
	} {
		wantCode(t, test.name, notify(t, c, &test.n), test.code)
	}
	got := ok(c.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: theBucket}))(t)
	equal(t, "after what is refused", len(got.QueueConfigurations), 0)

	must(t, notify(t, c, &types.NotificationConfiguration{
		QueueConfigurations: []types.QueueConfiguration{queue("images", keyFilter("prefix", "img/", "suffix", ".jpg"), created), queue("", keyFilter("prefix", "doc/"), created)},
		TopicConfigurations: []types.TopicConfiguration{{TopicArn: aws.String(theTopic), Events: []types.Event{removed}}},
		LambdaFunctionConfigurations: []types.LambdaFunctionConfiguration{{
			LambdaFunctionArn: aws.String(theCode), Events: []types.Event{"s3:ObjectTagging:*"},
		}},
		EventBridgeConfiguration: &types.EventBridgeConfiguration{},
	}))
	got = ok(c.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: theBucket}))(t)
	equal(t, "rules", []int{len(got.QueueConfigurations), len(got.TopicConfigurations), len(got.LambdaFunctionConfigurations)}, []int{2, 1, 1})
	equal(t, "a given id", *got.QueueConfigurations[0].Id, "images")
	equal(t, "a made id", *got.QueueConfigurations[1].Id != "", true)
	equal(t, "the filter", *got.QueueConfigurations[0].Filter.Key.FilterRules[1].Value, ".jpg")
	equal(t, "EventBridge", got.EventBridgeConfiguration != nil, true)

	// Both sides of both permissions.
	reader := w.person(accountA, "reader", allow("arn:aws:s3:::reports", "s3:GetBucketNotification"))
	_, err := reader.client().GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: theBucket})
	wantCode(t, "get with permission", err, "")
	wantCode(t, "put without", notify(t, reader.client(), &types.NotificationConfiguration{}), "AccessDenied")
	writer := w.person(accountA, "writer", allow("arn:aws:s3:::reports", "s3:PutBucketNotification"))
	_, err = writer.client().GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: theBucket})
	wantCode(t, "get without", err, "AccessDenied")
	wantCode(t, "put with permission", notify(t, writer.client(), &types.NotificationConfiguration{}), "")
	got = ok(c.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: theBucket}))(t)
	equal(t, "an empty one turns it off", len(got.QueueConfigurations) == 0 && got.EventBridgeConfiguration == nil, true)
}

// delivered returns what has been delivered to a destination, after what is due has been done.
func (w *world) delivered(t *testing.T, destination string) []Delivered {
	t.Helper()
	must(t, w.service.Work(t.Context()))
	return ok(w.service.Delivered(t.Context(), destination, "", 100))(t)
}

func TestNotifications(t *testing.T) {
	w, c := begin(t)
	setVersioning(t, c, types.BucketVersioningStatusEnabled)
	must(t, notify(t, c, &types.NotificationConfiguration{
		QueueConfigurations:      []types.QueueConfiguration{queue("all", keyFilter("prefix", "a"), "s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*")},
		TopicConfigurations:      []types.TopicConfiguration{{TopicArn: aws.String(theTopic), Events: []types.Event{"s3:ObjectAcl:Put", "s3:ObjectRestore:Post"}}},
		EventBridgeConfiguration: &types.EventBridgeConfiguration{},
	}))
	ctx := t.Context()
	first := put(t, c, "a b/ü.txt", "hello")
	put(t, c, "other", "no match")
	ok(c.CopyObject(ctx, &s3.CopyObjectInput{Bucket: theBucket, Key: aws.String("a2"), CopySource: aws.String("reports/other")}))(t)
	up := ok(c.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: theBucket, Key: aws.String("a3")}))(t)
	part := ok(c.UploadPart(ctx, &s3.UploadPartInput{Bucket: theBucket, Key: aws.String("a3"), UploadId: up.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("part")}))(t)
	ok(c.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: theBucket, Key: aws.String("a3"), UploadId: up.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}}}}))(t)
	tags := &types.Tagging{TagSet: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}
	ok(c.PutObjectTagging(ctx, &s3.PutObjectTaggingInput{Bucket: theBucket, Key: aws.String("a2"), Tagging: tags}))(t)
	ok(c.DeleteObjectTagging(ctx, &s3.DeleteObjectTaggingInput{Bucket: theBucket, Key: aws.String("a2")}))(t)
	ok(c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("a b/ü.txt")}))(t)
	ok(c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: theBucket, Key: aws.String("a b/ü.txt"), VersionId: first.VersionId}))(t)

	got := w.delivered(t, theQueue)
	var events, sequencers []string
	for i, d := range got {
		events = append(events, d.Event)
		if i == 0 {
			continue
		}
		var m struct {
			Records []struct {
				EventName, EventSource, EventVersion, AwsRegion string
				UserIdentity                                    struct{ PrincipalId string }
				S3                                              struct {
					ConfigurationId string
					Bucket          struct{ Name, Arn string }
					Object          struct {
						Key, ETag, VersionId, Sequencer string
						Size                            int64
					}
				}
			}
		}
		must(t, json.Unmarshal(d.Message, &m))
		r := m.Records[0]
		sequencers = append(sequencers, r.S3.Object.Sequencer)
		if i == 1 {
			equal(t, "key", r.S3.Object.Key, "a+b/%C3%BC.txt")
			equal(t, "size, etag, version", []any{r.S3.Object.Size, r.S3.Object.ETag, r.S3.Object.VersionId}, []any{int64(5), "5d41402abc4b2a76b9719d911017c592", *first.VersionId})
			equal(t, "where", []string{r.EventSource, r.EventVersion, r.AwsRegion, r.S3.Bucket.Arn, r.S3.ConfigurationId, r.UserIdentity.PrincipalId},
				[]string{"aws:s3", "2.1", "us-east-1", "arn:aws:s3:::reports", "all", "AWS:" + accountA})
		}
	}
	equal(t, "events", events, []string{"TestEvent", "ObjectCreated:Put", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload",
		"ObjectTagging:Put", "ObjectTagging:Delete", "ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete"})
	equal(t, "sequencers increase", slices.IsSorted(sequencers) && len(slices.Compact(slices.Clone(sequencers))) == len(sequencers), true)

	bus := w.delivered(t, "arn:aws:events:us-east-1:"+accountA+":event-bus/default")
	equal(t, "EventBridge gets all", len(bus), 8)
	equal(t, "in its own form", strings.Contains(string(bus[0].Message), `"detail-type":"Object Created"`), true)
	equal(t, "nothing is left", len(w.delivered(t, theQueue)), len(got))
}

// TestWebhook posts messages, and tries again what was not taken.
func TestWebhook(t *testing.T) {
	w, c := begin(t)
	var bodies []string
	status := http.StatusServiceUnavailable
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Header.Get("X-Xemu-Destination")+" "+string(body))
		w.WriteHeader(status)
	}))
	defer hook.Close()
	if w.service.PutWebhook(t.Context(), Webhook{theQueue, "http://example.com/"}) == nil {
		t.Error("a webhook of another machine is taken")
	}
	must(t, w.service.PutWebhook(t.Context(), Webhook{theQueue, hook.URL}))
	must(t, notify(t, c, &types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{queue("q", nil, "s3:ObjectCreated:Put")}}))
	put(t, c, "k", "x")
	if err := w.service.Work(t.Context()); err == nil {
		t.Error("a message that was not taken is no error")
	}
	w.service.retry["notification"] = time.Time{}
	status = http.StatusOK
	must(t, w.service.Work(t.Context()))
	equal(t, "posts", len(bodies), 2)
	equal(t, "the same message again", bodies[0], bodies[1])
	equal(t, "the destination", strings.HasPrefix(bodies[0], theQueue+` {"Records":[`), true)
	equal(t, "once in the queue, beside the test event", len(w.delivered(t, theQueue)), 2)
}

// TestNotificationsSurvive has a change followed up by another service on the same store, as after a kill.
func TestNotificationsSurvive(t *testing.T) {
	w, c := begin(t)
	must(t, notify(t, c, &types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{queue("q", nil, "s3:ObjectCreated:*")}}))
	put(t, c, "k", "x")
	w.service = New(w.store, Options{Principals: w})
	got := w.delivered(t, theQueue)
	equal(t, "the test event and the object's", []any{len(got), got[len(got)-1].Event}, []any{2, "ObjectCreated:Put"})
}
