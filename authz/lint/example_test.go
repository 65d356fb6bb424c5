package lint_test

import (
	"fmt"

	"github.com/xemu-aws/xemu/authz/lint"
)

func ExampleValidate() {
	const policy = `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:ListBuckets", "Resource": "*"}
]}`
	for _, f := range lint.Validate(policy, lint.Options{Type: lint.Identity}) {
		at := f.Locations[0]
		fmt.Println(at.Span.Start.Line, at, f.Type, f.Code)
	}
	// Output: 2 Statement[0].Action ERROR INVALID_ACTION
}

func ExampleCheckNoNewAccess() {
	existing := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}`
	changed := `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}}`
	r, err := lint.CheckNoNewAccess(changed, existing, lint.Identity)
	fmt.Println(r.Pass, r.Reasons[0].Description, err)
	// Output: false New access in the statement with index: 0. <nil>
}
