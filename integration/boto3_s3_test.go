package integration

import "testing"

// S3 through boto3: what testdata/boto3_s3.py gathers.
func TestS3ByBoto3(t *testing.T) { boto3(t, "boto3_s3.py") }
