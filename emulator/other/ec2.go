package other

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
)

const ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"

// read is one of EC2's Describe operations: a list of what the account has in the region, by ids and filters.
type read struct {
	set      string // the element around the items
	ids      string // parameter "VpcId" for VpcId.1, VpcId.2 …
	missing  awserr.Kind
	message  string   // of the error for an id that is not there; %s is the id
	params   []string // that have no effect on these results
	resource func(account, region string) []item
}

// item is a resource in a list.
type item struct {
	id     string
	values map[string][]string // by filter name
	body   any                 // what is inside its <item>
}

func none(account, region string) []item { return nil }

func notFound(code string) awserr.Kind { return awserr.Kind{Code: code, Status: 400} }

// reads are the operations with an answer. What a new account has is there: a default network in each region
// ("Default VPCs", Amazon VPC User Guide).
var reads = map[string]read{
	"DescribeAvailabilityZones": {set: "availabilityZoneInfo", ids: "ZoneName", missing: notFound("InvalidParameterValue"),
		message: "Invalid availability zone: [%s]", params: []string{"AllAvailabilityZones"}, resource: zones},
	"DescribeImages": {set: "imagesSet", ids: "ImageId", missing: notFound("InvalidAMIID.NotFound"),
		message: "The image id '[%s]' does not exist", params: []string{"Owner", "ExecutableBy", "IncludeDeprecated", "IncludeDisabled"}, resource: none},
	"DescribeInstances": {set: "reservationSet", ids: "InstanceId", missing: notFound("InvalidInstanceID.NotFound"),
		message: "The instance ID '%s' does not exist", resource: none},
	"DescribeInstanceStatus": {set: "instanceStatusSet", ids: "InstanceId", missing: notFound("InvalidInstanceID.NotFound"),
		message: "The instance ID '%s' does not exist", params: []string{"IncludeAllInstances"}, resource: none},
	"DescribeKeyPairs": {set: "keySet", ids: "KeyName", missing: notFound("InvalidKeyPair.NotFound"),
		message: "The key pair '%s' does not exist", params: []string{"IncludePublicKey"}, resource: none},
	"DescribeRegions": {set: "regionInfo", ids: "RegionName", missing: notFound("InvalidParameterValue"),
		message: "Invalid region: [%s]", params: []string{"AllRegions"}, resource: regions},
	"DescribeSecurityGroups": {set: "securityGroupInfo", ids: "GroupId", missing: notFound("InvalidGroup.NotFound"),
		message: "The security group '%s' does not exist", resource: securityGroups},
	"DescribeSnapshots": {set: "snapshotSet", ids: "SnapshotId", missing: notFound("InvalidSnapshot.NotFound"),
		message: "The snapshot '%s' does not exist.", params: []string{"Owner", "RestorableBy"}, resource: none},
	"DescribeSubnets": {set: "subnetSet", ids: "SubnetId", missing: notFound("InvalidSubnetID.NotFound"),
		message: "The subnet ID '%s' does not exist", resource: subnets},
	"DescribeTags": {set: "tagSet", resource: none},
	"DescribeVolumes": {set: "volumeSet", ids: "VolumeId", missing: notFound("InvalidVolume.NotFound"),
		message: "The volume '%s' does not exist.", resource: none},
	"DescribeVpcs": {set: "vpcSet", ids: "VpcId", missing: notFound("InvalidVpcID.NotFound"),
		message: "The vpc ID '%s' does not exist", resource: vpcs},
}

// respondEC2 answers an allowed request to EC2; ok is false when xemu has no answer to the operation.
func respondEC2(w http.ResponseWriter, r *http.Request, req *wire.Request, operation string) (ok bool, err error) {
	params, ok := form(r)
	if !ok {
		return false, nil
	}
	if params.Get("DryRun") == "true" { // asks for just this: whether it would be allowed
		return true, awserr.Kind{Code: "DryRunOperation", Status: http.StatusPreconditionFailed}.
			Errorf("Request would have succeeded, but DryRun flag is set.")
	}
	op, ok := reads[operation]
	if !ok {
		return false, nil
	}
	items, err := op.list(params, req.Caller.Account, req.Region)
	if err != nil {
		return true, err
	}
	w.Header().Set("X-Amzn-Requestid", req.ID)
	writeXML(w, http.StatusOK, listing{operation: operation, requestID: req.ID, set: op.set, items: items})
	return true, nil
}

// list returns the items that params select, or the error for parameters that cannot be served.
func (op read) list(params url.Values, account, region string) ([]item, error) {
	if err := op.check(params); err != nil {
		return nil, err
	}
	items := op.resource(account, region)
	if wanted := numbered(params, op.ids); len(wanted) > 0 {
		byID := map[string]item{}
		for _, i := range items {
			byID[i.id] = i
		}
		items = nil
		for _, id := range wanted {
			i, ok := byID[id]
			if !ok {
				return nil, op.missing.Errorf(op.message, id)
			}
			items = append(items, i)
		}
	}
	for n := 1; params.Has("Filter." + strconv.Itoa(n) + ".Name"); n++ {
		prefix := "Filter." + strconv.Itoa(n)
		var err error
		if items, err = filter(items, params.Get(prefix+".Name"), numbered(params, prefix+".Value")); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// check refuses parameters that are not known, so that none is silently without effect.
func (op read) check(params url.Values) error {
	for name := range params {
		first, _, _ := strings.Cut(name, ".")
		switch {
		case slices.Contains([]string{"Action", "Version", "DryRun", "Filter", "MaxResults", "NextToken", op.ids}, first),
			slices.Contains(op.params, first), strings.HasPrefix(name, "X-Amz-"):
		default:
			return awserr.NotImplemented.Errorf("xemu does not emulate the parameter %s of ec2:%s", first, params.Get("Action"))
		}
	}
	return nil
}

// numbered returns the values of name.1, name.2 and so on.
func numbered(params url.Values, name string) (values []string) {
	for n := 1; name != "" && params.Has(name+"."+strconv.Itoa(n)); n++ {
		values = append(values, params.Get(name+"."+strconv.Itoa(n)))
	}
	return values
}

// filter keeps the items that have one of the values under name. * and ? in a value are wildcards.
func filter(items []item, name string, values []string) (kept []item, err error) {
	for _, i := range items {
		own, ok := i.values[name]
		if !ok && !strings.HasPrefix(name, "tag:") { // nothing here has tags
			return nil, awserr.NotImplemented.Errorf("xemu does not emulate the filter %s", name)
		}
		if slices.ContainsFunc(own, func(v string) bool {
			return slices.ContainsFunc(values, func(pattern string) bool { return like(pattern, v) })
		}) {
			kept = append(kept, i)
		}
	}
	return kept, nil
}

// like matches * and ? in pattern.
func like(pattern, s string) bool {
	star, mark := -1, 0 // where to try again: the last * and what it has swallowed so far
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// listing is the answer to a read.
type listing struct {
	operation, requestID, set string
	items                     []item
}

// MarshalXML implements xml.Marshaler.
func (l listing) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	root := xml.StartElement{Name: xml.Name{Space: ec2Namespace, Local: l.operation + "Response"}}
	set := xml.StartElement{Name: xml.Name{Local: l.set}}
	if err := e.EncodeToken(root); err != nil {
		return err
	}
	if err := e.EncodeElement(l.requestID, xml.StartElement{Name: xml.Name{Local: "requestId"}}); err != nil {
		return err
	}
	if err := e.EncodeToken(set); err != nil {
		return err
	}
	for _, i := range l.items {
		if err := e.EncodeElement(i.body, xml.StartElement{Name: xml.Name{Local: "item"}}); err != nil {
			return err
		}
	}
	if err := e.EncodeToken(set.End()); err != nil {
		return err
	}
	return e.EncodeToken(root.End())
}

// writeEC2 writes an error in EC2's words ("Error codes for the Amazon EC2 API").
func writeEC2(w http.ResponseWriter, req *wire.Request, err *awserr.Error) *awserr.Error {
	own := *err
	switch err.Code {
	case awserr.AccessDenied.Code:
		own.Code = "UnauthorizedOperation"
		own.Message = "You are not authorized to perform this operation. " + err.Message
	case awserr.InvalidClientTokenId.Code, awserr.SignatureDoesNotMatch.Code:
		own.Code, own.Status = "AuthFailure", http.StatusUnauthorized
		own.Message = "AWS was not able to validate the provided access credentials"
	case awserr.ExpiredToken.Code:
		own.Code, own.Status = "RequestExpired", http.StatusBadRequest
		own.Message = "Request has expired."
	}
	type detail struct{ Code, Message string }
	writeXML(w, own.Status, struct {
		XMLName   xml.Name `xml:"Response"`
		Errors    []detail `xml:"Errors>Error"`
		RequestID string
	}{Errors: []detail{{own.Code, own.Message}}, RequestID: req.ID})
	return &own
}
