package s3

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/emulator/wire"
)

// FuzzLifecycle takes documents of rules: what check lets through says when everything is due.
func FuzzLifecycle(f *testing.F) {
	for _, rule := range []string{
		`<ID>a</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status><Expiration><Days>30</Days></Expiration>`,
		`<Filter><And><Tag><Key>k</Key><Value>v</Value></Tag><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></And></Filter><Status>Enabled</Status><Transition><Days>0</Days><StorageClass>GLACIER</StorageClass></Transition>`,
		`<Prefix/><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>`,
		`<Filter/><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>2147483647</NoncurrentDays></NoncurrentVersionExpiration><NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays><StorageClass>STANDARD_IA</StorageClass></NoncurrentVersionTransition>`,
		`<Filter></Filter><Status>Enabled</Status><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>`,
	} {
		f.Add(`<LifecycleConfiguration><Rule>` + rule + `</Rule></LifecycleConfiguration>`)
	}
	codec := wire.NewRESTXML(wire.S3())
	f.Fuzz(func(t *testing.T, document string) {
		var in s3.PutBucketLifecycleConfigurationInput
		r := httptest.NewRequest("PUT", "/reports?lifecycle", strings.NewReader(document))
		if codec.Decode(r, "PutBucketLifecycleConfiguration", &in) != nil || in.LifecycleConfiguration == nil {
			return
		}
		l := &Lifecycle{Rules: in.LifecycleConfiguration.Rules}
		if l.check() != nil {
			return
		}
		o := &Object{Key: "logs/a", Modified: theStart, Size: 10, Tags: []Tag{{"k", "v"}}}
		if at, _, ok := l.expiry(o); ok && at != at.Truncate(day) {
			t.Errorf("expires at %v", at)
		}
		if at, _, ok := l.noncurrentExpiry(o, theStart, 5); ok && !at.After(theStart) {
			t.Errorf("noncurrent expiry at %v", at)
		}
		l.markerExpiry(o)
		l.abortion(&Upload{Key: o.Key, Initiated: theStart})
		for _, noncurrent := range []bool{false, true} {
			l.transition(o, theStart.Add(1000*day), theStart, noncurrent, 3)
		}
		if len(l.prefixes()) > len(l.Rules) {
			t.Error("more prefixes than rules")
		}
	})
}
