package wire

import (
	"reflect"

	accessanalyzer "github.com/aws/aws-sdk-go-v2/service/accessanalyzer/types"
	iam "github.com/aws/aws-sdk-go-v2/service/iam/types"
	s3 "github.com/aws/aws-sdk-go-v2/service/s3/types"
	s3control "github.com/aws/aws-sdk-go-v2/service/s3control/types"
)

// unions are the SDK's union interfaces with the type of each member, by the member's name in the model: reflection
// cannot list the types that implement an interface.
var unions = map[reflect.Type]map[string]reflect.Type{
	reflect.TypeFor[accessanalyzer.AclGrantee](): {
		"id":  reflect.TypeFor[accessanalyzer.AclGranteeMemberId](),
		"uri": reflect.TypeFor[accessanalyzer.AclGranteeMemberUri](),
	},
	reflect.TypeFor[accessanalyzer.AnalyzerConfiguration](): {
		"internalAccess": reflect.TypeFor[accessanalyzer.AnalyzerConfigurationMemberInternalAccess](),
		"unusedAccess":   reflect.TypeFor[accessanalyzer.AnalyzerConfigurationMemberUnusedAccess](),
	},
	reflect.TypeFor[accessanalyzer.Configuration](): {
		"dynamodbStream":           reflect.TypeFor[accessanalyzer.ConfigurationMemberDynamodbStream](),
		"dynamodbTable":            reflect.TypeFor[accessanalyzer.ConfigurationMemberDynamodbTable](),
		"ebsSnapshot":              reflect.TypeFor[accessanalyzer.ConfigurationMemberEbsSnapshot](),
		"ecrRepository":            reflect.TypeFor[accessanalyzer.ConfigurationMemberEcrRepository](),
		"efsFileSystem":            reflect.TypeFor[accessanalyzer.ConfigurationMemberEfsFileSystem](),
		"iamRole":                  reflect.TypeFor[accessanalyzer.ConfigurationMemberIamRole](),
		"kmsKey":                   reflect.TypeFor[accessanalyzer.ConfigurationMemberKmsKey](),
		"rdsDbClusterSnapshot":     reflect.TypeFor[accessanalyzer.ConfigurationMemberRdsDbClusterSnapshot](),
		"rdsDbSnapshot":            reflect.TypeFor[accessanalyzer.ConfigurationMemberRdsDbSnapshot](),
		"s3Bucket":                 reflect.TypeFor[accessanalyzer.ConfigurationMemberS3Bucket](),
		"s3ExpressDirectoryBucket": reflect.TypeFor[accessanalyzer.ConfigurationMemberS3ExpressDirectoryBucket](),
		"secretsManagerSecret":     reflect.TypeFor[accessanalyzer.ConfigurationMemberSecretsManagerSecret](),
		"snsTopic":                 reflect.TypeFor[accessanalyzer.ConfigurationMemberSnsTopic](),
		"sqsQueue":                 reflect.TypeFor[accessanalyzer.ConfigurationMemberSqsQueue](),
	},
	reflect.TypeFor[accessanalyzer.FindingDetails](): {
		"externalAccessDetails":         reflect.TypeFor[accessanalyzer.FindingDetailsMemberExternalAccessDetails](),
		"internalAccessDetails":         reflect.TypeFor[accessanalyzer.FindingDetailsMemberInternalAccessDetails](),
		"unusedIamRoleDetails":          reflect.TypeFor[accessanalyzer.FindingDetailsMemberUnusedIamRoleDetails](),
		"unusedIamUserAccessKeyDetails": reflect.TypeFor[accessanalyzer.FindingDetailsMemberUnusedIamUserAccessKeyDetails](),
		"unusedIamUserPasswordDetails":  reflect.TypeFor[accessanalyzer.FindingDetailsMemberUnusedIamUserPasswordDetails](),
		"unusedPermissionDetails":       reflect.TypeFor[accessanalyzer.FindingDetailsMemberUnusedPermissionDetails](),
	},
	reflect.TypeFor[accessanalyzer.FindingsStatistics](): {
		"externalAccessFindingsStatistics": reflect.TypeFor[accessanalyzer.FindingsStatisticsMemberExternalAccessFindingsStatistics](),
		"internalAccessFindingsStatistics": reflect.TypeFor[accessanalyzer.FindingsStatisticsMemberInternalAccessFindingsStatistics](),
		"unusedAccessFindingsStatistics":   reflect.TypeFor[accessanalyzer.FindingsStatisticsMemberUnusedAccessFindingsStatistics](),
	},
	reflect.TypeFor[accessanalyzer.NetworkOriginConfiguration](): {
		"internetConfiguration": reflect.TypeFor[accessanalyzer.NetworkOriginConfigurationMemberInternetConfiguration](),
		"vpcConfiguration":      reflect.TypeFor[accessanalyzer.NetworkOriginConfigurationMemberVpcConfiguration](),
	},
	reflect.TypeFor[accessanalyzer.PathElement](): {
		"index":     reflect.TypeFor[accessanalyzer.PathElementMemberIndex](),
		"key":       reflect.TypeFor[accessanalyzer.PathElementMemberKey](),
		"substring": reflect.TypeFor[accessanalyzer.PathElementMemberSubstring](),
		"value":     reflect.TypeFor[accessanalyzer.PathElementMemberValue](),
	},
	reflect.TypeFor[accessanalyzer.RdsDbClusterSnapshotAttributeValue](): {
		"accountIds": reflect.TypeFor[accessanalyzer.RdsDbClusterSnapshotAttributeValueMemberAccountIds](),
	},
	reflect.TypeFor[accessanalyzer.RdsDbSnapshotAttributeValue](): {
		"accountIds": reflect.TypeFor[accessanalyzer.RdsDbSnapshotAttributeValueMemberAccountIds](),
	},
	reflect.TypeFor[accessanalyzer.RecommendedStep](): {
		"unusedPermissionsRecommendedStep": reflect.TypeFor[accessanalyzer.RecommendedStepMemberUnusedPermissionsRecommendedStep](),
	},
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
	reflect.TypeFor[s3control.JobManifestGenerator](): {
		"S3JobManifestGenerator": reflect.TypeFor[s3control.JobManifestGeneratorMemberS3JobManifestGenerator](),
	},
	reflect.TypeFor[s3control.ObjectEncryptionFilter](): {
		"DSSEKMS": reflect.TypeFor[s3control.ObjectEncryptionFilterMemberDSSEKMS](),
		"NOTSSE":  reflect.TypeFor[s3control.ObjectEncryptionFilterMemberNOTSSE](),
		"SSEC":    reflect.TypeFor[s3control.ObjectEncryptionFilterMemberSSEC](),
		"SSEKMS":  reflect.TypeFor[s3control.ObjectEncryptionFilterMemberSSEKMS](),
		"SSES3":   reflect.TypeFor[s3control.ObjectEncryptionFilterMemberSSES3](),
	},
	reflect.TypeFor[s3control.ObjectLambdaContentTransformation](): {
		"AwsLambda": reflect.TypeFor[s3control.ObjectLambdaContentTransformationMemberAwsLambda](),
	},
	reflect.TypeFor[iam.PolicyIdentifier](): {
		"InlinePolicyIdentifier": reflect.TypeFor[iam.PolicyIdentifierMemberInlinePolicyIdentifier](),
		"PolicyArn":              reflect.TypeFor[iam.PolicyIdentifierMemberPolicyArn](),
		"PolicyType":             reflect.TypeFor[iam.PolicyIdentifierMemberPolicyType](),
	},
}
