package wire

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
)

// ignoredACL says whether s is a canned ACL of objects, which S3 ignores when it makes a bucket ("Canned ACL").
func ignoredACL(f *field, s string) bool {
	return f.plan.typ == reflect.TypeFor[types.BucketCannedACL]() && (s == "bucket-owner-read" || s == "bucket-owner-full-control")
}

// knownACL says whether s is a canned ACL of buckets that S3 knows beside those of the model ("Canned ACL").
func knownACL(f *field, s string) bool {
	return f.plan.typ == reflect.TypeFor[types.BucketCannedACL]() && s == "log-delivery-write"
}

// badEnum is S3's answer to a header or query parameter whose value is none of those it knows: the words depend on the
// parameter.
func badEnum(f *field, s string) *awserr.Error {
	switch f.wire {
	case "encoding-type":
		return invalidArgument("Invalid Encoding Method specified in Request", f.wire, s)
	case "x-amz-storage-class":
		return awserr.Kind{Code: "InvalidStorageClass", Status: http.StatusBadRequest}.
			Errorf("The storage class you specified is not valid").With("StorageClassRequested", s)
	case "x-amz-server-side-encryption":
		return awserr.Kind{Code: "InvalidEncryptionAlgorithmError", Status: http.StatusBadRequest}.
			Errorf("The Encryption request you specified is not valid. Supported value: AES256.").
			With("ArgumentName", f.wire).With("ArgumentValue", s)
	case "x-amz-metadata-directive":
		return invalidArgument("Unknown metadata directive.", f.wire, s)
	case "x-amz-tagging-directive":
		return invalidArgument("Unknown tagging directive.", f.wire, s)
	case "x-amz-object-lock-mode":
		return invalidArgument("Unknown wormMode directive.", f.wire, s)
	case "x-amz-object-lock-legal-hold":
		return invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", f.wire, s)
	case "x-amz-transition-default-minimum-object-size":
		return awserr.InvalidRequest.Errorf("Invalid TransitionDefaultMinimumObjectSize found")
	case "x-amz-object-ownership":
		return invalidArgument("Invalid x-amz-object-ownership header: "+s, f.wire, s)
	case "x-amz-checksum-algorithm", "x-amz-sdk-checksum-algorithm":
		return awserr.InvalidRequest.Errorf("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [%s]",
			strings.Join(f.plan.Enum, ", "))
	}
	return invalidArgument("The value of "+f.wire+" is not valid.", f.wire, s)
}
