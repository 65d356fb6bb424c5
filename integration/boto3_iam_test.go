package integration

import "testing"

func TestBoto3IAM(t *testing.T) { boto3(t, "boto3_iam.py") }

func TestBoto3Permissions(t *testing.T) { boto3(t, "iam_permissions.py") }

func TestBoto3STS(t *testing.T) { boto3(t, "boto3_sts.py") }

func TestBoto3Federation(t *testing.T) { boto3(t, "boto3_federation.py") }
