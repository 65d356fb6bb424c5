package emulator

import (
	"strings"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/sts"
)

// tellsEncoded reports whether a denial of the action carries an encoded message for DecodeAuthorizationMessage: those of
// Amazon EC2's operations do, but for the ones that only describe.
func tellsEncoded(action string) bool {
	return strings.HasPrefix(action, "ec2:") && !strings.HasPrefix(action, "ec2:Describe")
}

// encodedDenial is the AccessDenied of EC2, with the decision sealed for those who may decode it.
func (c *call) encodedDenial(d authz.Decision) error {
	need := c.decisions[len(c.decisions)-1].need
	encoded, err := c.services.sts.EncodeAuthorizationMessage(c.ctx, sts.Denial{
		Principal: c.Caller.Principal, Action: need.Action, Resource: need.Resource, Decision: d,
		Conditions: []sts.Condition{
			{Key: "aws:Region", Value: c.Region}, {Key: "aws:Service", Value: "ec2"}, {Key: "aws:Account", Value: c.Caller.Account},
			{Key: "aws:Resource", Value: need.Resource}, {Key: "ec2:Region", Value: c.Region},
		},
	})
	if err != nil {
		return err
	}
	return awserr.AccessDenied.Errorf("%s. Encoded authorization failure message: %s", d.Message(), encoded)
}
