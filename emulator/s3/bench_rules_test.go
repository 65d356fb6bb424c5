package s3

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/wire"
)

// BenchmarkNeedsOfGet is what the rule of GetObject costs: the bucket from the cache, the object's row, the need.
func BenchmarkNeedsOfGet(b *testing.B) {
	w := newWorld(b)
	root := w.person(accountA, "root")
	name := root.bucketOf("bench", "")
	root.put(name, "k")
	must(b, root.setPolicy(name, statement("Allow", `{"AWS":"444455556666"}`, "s3:GetObject", "arn:aws:s3:::bench/*", "")))
	in := &s3.GetObjectInput{Bucket: &name, Key: aws.String("k")}
	who := w.person(accountA, "alice", everything)
	request := &wire.Request{HTTP: httptest.NewRequest("GET", "/", strings.NewReader("")), Caller: who.caller, Region: usEast1}
	ctx := wire.WithRequest(b.Context(), request)
	get := w.service.Operations()["GetObject"]
	b.ReportAllocs()
	for b.Loop() {
		needs, err := get.Needs(ctx, in)
		if err != nil || len(needs) != 1 {
			b.Fatal(err, needs)
		}
		d := authz.Evaluate(authz.Request{Principal: who.caller.Principal, Action: needs[0].Action, Resource: needs[0].Resource,
			ResourceAccount: needs[0].Account, Context: needs[0].Keys}, authz.Policies{Identity: who.identity, Resource: needs[0].Policies})
		if !d.Allowed() {
			b.Fatal(d.Message())
		}
	}
}
