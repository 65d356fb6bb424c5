package awscli

import "testing"

func TestIsModern(t *testing.T) {
	for version, want := range map[string]bool{
		"aws-cli/1.45.11 Python/3.11.7": true, "aws-cli/1.29.0 x": true, "aws-cli/1.28.9 x": false,
		"aws-cli/2.13.0 x": true, "aws-cli/2.9.19 x": false, "something else": false,
	} {
		if got := isModern(version); got != want {
			t.Errorf("%s: %v", version, got)
		}
	}
}
