package other

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// zoneLetters are the availability zones of the Regions that every account has ("AWS Regions" and "Availability Zones",
// AWS documentation).
var zoneLetters = []struct{ region, prefix, letters string }{
	{"ap-northeast-1", "apne1", "acd"},
	{"ap-northeast-2", "apne2", "abcd"},
	{"ap-northeast-3", "apne3", "abc"},
	{"ap-south-1", "aps1", "abc"},
	{"ap-southeast-1", "apse1", "abc"},
	{"ap-southeast-2", "apse2", "abc"},
	{"ca-central-1", "cac1", "abd"},
	{"eu-central-1", "euc1", "abc"},
	{"eu-north-1", "eun1", "abc"},
	{"eu-west-1", "euw1", "abc"},
	{"eu-west-2", "euw2", "abc"},
	{"eu-west-3", "euw3", "abc"},
	{"sa-east-1", "sae1", "abc"},
	{"us-east-1", "use1", "abcdef"},
	{"us-east-2", "use2", "abc"},
	{"us-west-1", "usw1", "ac"},
	{"us-west-2", "usw2", "abcd"},
}

// zonesOf returns the names of a region's zones and the prefix of their ids; a region that is not known has three.
func zonesOf(region string) (names []string, prefix string) {
	letters := "abc"
	prefix = strings.ReplaceAll(region, "-", "")
	for _, z := range zoneLetters {
		if z.region == region {
			letters, prefix = z.letters, z.prefix
		}
	}
	for _, l := range letters {
		names = append(names, region+string(l))
	}
	return names, prefix
}

func regions(account, region string) (items []item) {
	for _, z := range zoneLetters {
		endpoint := "ec2." + z.region + ".amazonaws.com"
		items = append(items, item{
			id: z.region,
			values: map[string][]string{
				"region-name": {z.region}, "endpoint": {endpoint}, "opt-in-status": {"opt-in-not-required"},
			},
			body: struct {
				Name     string `xml:"regionName"`
				Endpoint string `xml:"regionEndpoint"`
				OptIn    string `xml:"optInStatus"`
			}{z.region, endpoint, "opt-in-not-required"},
		})
	}
	return items
}

func zones(account, region string) (items []item) {
	names, prefix := zonesOf(region)
	for i, name := range names {
		id := prefix + "-az" + strconv.Itoa(i+1)
		items = append(items, item{
			id: name,
			values: map[string][]string{
				"zone-name": {name}, "zone-id": {id}, "region-name": {region}, "state": {"available"},
				"zone-type": {"availability-zone"}, "opt-in-status": {"opt-in-not-required"}, "group-name": {region + "-zg-1"},
			},
			body: struct {
				OptIn    string   `xml:"optInStatus"`
				Messages struct{} `xml:"messageSet"`
				Region   string   `xml:"regionName"`
				Name     string   `xml:"zoneName"`
				ID       string   `xml:"zoneId"`
				Group    string   `xml:"groupName"`
				Border   string   `xml:"networkBorderGroup"`
				Type     string   `xml:"zoneType"`
				State    string   `xml:"zoneState"`
			}{"opt-in-not-required", struct{}{}, region, name, id, region + "-zg-1", region, "availability-zone", "available"},
		})
	}
	return items
}

// resourceID derives the id of a resource of the default network, so that it is the same each time.
func resourceID(prefix, account, region, name string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{prefix, account, region, name}, "/")))
	return prefix + "-0" + hex.EncodeToString(sum[:])[:16]
}

func vpcID(account, region string) string { return resourceID("vpc", account, region, "") }

func vpcs(account, region string) []item {
	id, options := vpcID(account, region), resourceID("dopt", account, region, "")
	association := resourceID("vpc-cidr-assoc", account, region, "")
	const cidr = "172.31.0.0/16"
	return []item{{
		id: id,
		values: map[string][]string{
			"vpc-id": {id}, "owner-id": {account}, "state": {"available"}, "cidr": {cidr}, "cidr-block": {cidr},
			"cidr-block-association.cidr-block": {cidr}, "is-default": {"true"}, "isDefault": {"true"},
			"dhcp-options-id": {options}, "tag-key": nil,
		},
		body: struct {
			ID          string `xml:"vpcId"`
			Owner       string `xml:"ownerId"`
			State       string `xml:"state"`
			CIDR        string `xml:"cidrBlock"`
			Association string `xml:"cidrBlockAssociationSet>item>associationId"`
			AssocCIDR   string `xml:"cidrBlockAssociationSet>item>cidrBlock"`
			AssocState  string `xml:"cidrBlockAssociationSet>item>cidrBlockState>state"`
			Options     string `xml:"dhcpOptionsId"`
			Tenancy     string `xml:"instanceTenancy"`
			Default     bool   `xml:"isDefault"`
		}{id, account, "available", cidr, association, cidr, "associated", options, "default", true},
	}}
}

func subnets(account, region string) (items []item) {
	vpc := vpcID(account, region)
	names, prefix := zonesOf(region)
	for i, zone := range names {
		id, zoneID := resourceID("subnet", account, region, zone), prefix+"-az"+strconv.Itoa(i+1)
		arn := "arn:aws:ec2:" + region + ":" + account + ":subnet/" + id
		cidr := fmt.Sprintf("172.31.%d.0/20", 16*i)
		items = append(items, item{
			id: id,
			values: map[string][]string{
				"subnet-id": {id}, "subnet-arn": {arn}, "vpc-id": {vpc}, "owner-id": {account}, "state": {"available"},
				"availability-zone": {zone}, "availabilityZone": {zone}, "availability-zone-id": {zoneID},
				"cidr": {cidr}, "cidr-block": {cidr}, "cidrBlock": {cidr}, "default-for-az": {"true"}, "defaultForAz": {"true"},
				"map-public-ip-on-launch": {"true"}, "tag-key": nil,
			},
			body: struct {
				ID       string `xml:"subnetId"`
				ARN      string `xml:"subnetArn"`
				State    string `xml:"state"`
				Owner    string `xml:"ownerId"`
				VPC      string `xml:"vpcId"`
				CIDR     string `xml:"cidrBlock"`
				Free     int    `xml:"availableIpAddressCount"`
				Zone     string `xml:"availabilityZone"`
				ZoneID   string `xml:"availabilityZoneId"`
				Default  bool   `xml:"defaultForAz"`
				PublicIP bool   `xml:"mapPublicIpOnLaunch"`
				IPv6     bool   `xml:"assignIpv6AddressOnCreation"`
			}{id, arn, "available", account, vpc, cidr, 4091, zone, zoneID, true, true, false},
		})
	}
	return items
}

// permission is a rule of a security group.
type permission struct {
	Protocol string `xml:"ipProtocol"`
	Groups   *struct {
		Owner string `xml:"item>userId"`
		ID    string `xml:"item>groupId"`
	} `xml:"groups"`
	Ranges *struct {
		CIDR string `xml:"item>cidrIp"`
	} `xml:"ipRanges"`
}

// securityGroups returns the VPC's default group, which lets in its own members and lets out everything.
func securityGroups(account, region string) []item {
	id, vpc := resourceID("sg", account, region, ""), vpcID(account, region)
	arn := "arn:aws:ec2:" + region + ":" + account + ":security-group/" + id
	in, out := permission{Protocol: "-1"}, permission{Protocol: "-1"}
	in.Groups = &struct {
		Owner string `xml:"item>userId"`
		ID    string `xml:"item>groupId"`
	}{account, id}
	out.Ranges = &struct {
		CIDR string `xml:"item>cidrIp"`
	}{"0.0.0.0/0"}
	const description = "default VPC security group"
	return []item{{
		id: id,
		values: map[string][]string{
			"group-id": {id}, "group-name": {"default"}, "vpc-id": {vpc}, "owner-id": {account}, "description": {description}, "tag-key": nil,
		},
		body: struct {
			XMLName     xml.Name     `xml:"item"`
			Owner       string       `xml:"ownerId"`
			ID          string       `xml:"groupId"`
			ARN         string       `xml:"securityGroupArn"`
			Name        string       `xml:"groupName"`
			Description string       `xml:"groupDescription"`
			VPC         string       `xml:"vpcId"`
			In          []permission `xml:"ipPermissions>item"`
			Out         []permission `xml:"ipPermissionsEgress>item"`
		}{Owner: account, ID: id, ARN: arn, Name: "default", Description: description, VPC: vpc, In: []permission{in}, Out: []permission{out}},
	}}
}
