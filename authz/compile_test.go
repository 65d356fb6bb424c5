package authz

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkParse is of a policy as large as IAM takes, past the cache.
func BenchmarkParse(b *testing.B) {
	var statements []string
	for size := 0; size < 6000; size += len(statements[len(statements)-1]) {
		i := len(statements)
		statements = append(statements, fmt.Sprintf(`{"Sid":"S%d","Effect":"Allow","Action":["s3:GetObject","s3:Put*","s3:DeleteObject"],`+
			`"Resource":["arn:aws:s3:::team-%d","arn:aws:s3:::team-%d/${aws:username}/*"],"Condition":{"StringEquals":{"aws:PrincipalTag/team":"t%d"},`+
			`"IpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}}`, i, i, i, i))
	}
	text := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",\n  ") + `]}`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := compile(text); err != nil {
			b.Fatal(err)
		}
	}
}
