package wire

import (
	"reflect"

	iam "github.com/aws/aws-sdk-go-v2/service/iam/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// unions are the SDK's union interfaces with the type of each member, by the member's name in the model: reflection
// cannot list the types that implement an interface.
var unions = map[reflect.Type]map[string]reflect.Type{
	reflect.TypeFor[s3.AnalyticsFilter](): {
		"And":    reflect.TypeFor[s3.AnalyticsFilterMemberAnd](),
		"Prefix": reflect.TypeFor[s3.AnalyticsFilterMemberPrefix](),
		"Tag":    reflect.TypeFor[s3.AnalyticsFilterMemberTag](),
	},
	reflect.TypeFor[s3.MetricsFilter](): {
		"AccessPointArn": reflect.TypeFor[s3.MetricsFilterMemberAccessPointArn](),
		"And":            reflect.TypeFor[s3.MetricsFilterMemberAnd](),
		"Prefix":         reflect.TypeFor[s3.MetricsFilterMemberPrefix](),
		"Tag":            reflect.TypeFor[s3.MetricsFilterMemberTag](),
	},
	reflect.TypeFor[s3.ObjectEncryption](): {
		"SSEKMS": reflect.TypeFor[s3.ObjectEncryptionMemberSSEKMS](),
	},
	reflect.TypeFor[iam.PolicyIdentifier](): {
		"InlinePolicyIdentifier": reflect.TypeFor[iam.PolicyIdentifierMemberInlinePolicyIdentifier](),
		"PolicyArn":              reflect.TypeFor[iam.PolicyIdentifierMemberPolicyArn](),
		"PolicyType":             reflect.TypeFor[iam.PolicyIdentifierMemberPolicyType](),
	},
}
