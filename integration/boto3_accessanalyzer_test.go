package integration

import "testing"

func TestBoto3AccessAnalyzer(t *testing.T) { boto3(t, "boto3_accessanalyzer.py") }
