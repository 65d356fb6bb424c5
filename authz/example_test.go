package authz_test

import (
	"fmt"

	"github.com/xemu-aws/xemu/authz"
)

func Example() {
	policy, err := authz.Parse(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	decision := authz.Evaluate(authz.Request{
		Principal: authz.Principal{
			Type: authz.User, Account: "111122223333", Name: "alice", ID: "AIDAEXAMPLE",
			ARN: "arn:aws:iam::111122223333:user/alice",
		},
		Action:   "s3:PutObject",
		Resource: "arn:aws:s3:::reports/2026.csv",
	}, authz.Policies{Identity: []authz.Attached{{Policy: policy, Kind: authz.Identity, Name: "Readers", To: "group readers"}}})
	fmt.Println(decision.Allowed())
	fmt.Println(decision.Message())
	// Output:
	// false
	// User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::reports/2026.csv" because no identity-based policy allows the s3:PutObject action
}
