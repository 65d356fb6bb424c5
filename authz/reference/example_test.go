package reference_test

import (
	"fmt"

	"github.com/xemu-aws/xemu/authz/reference"
)

func ExampleLookup() {
	a, ok := reference.Lookup("iam:passrole")
	fmt.Println(ok, a, a.AccessLevel, a.ResourceTypes[0].ARNs[0], a.Supports("iam:PassedToService"))
	// Output: true iam:PassRole Write arn:${Partition}:iam::${Account}:role/${RoleNameWithPath} true
}

func ExampleKey() {
	kind, _ := reference.Key("aws:TagKeys")
	fmt.Println(kind, kind.Multivalued(), kind.Single())
	// Output: ArrayOfString true String
}
