package s3

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/xemu-aws/xemu/authz"
	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// AccessPoint is another name of a bucket with a policy of its own, as it is stored ("Managing access to shared datasets with
// access points", Amazon S3 User Guide).
type AccessPoint struct {
	Account, Region, Name string
	Alias                 string
	Bucket, BucketAccount string
	VPC                   string `json:",omitempty"` // that requests must come from; "": the internet
	PublicAccess          PublicAccess
	Policy                string            `json:",omitempty"`
	Bound                 map[string]string `json:",omitempty"`
	Canonical             map[string]string `json:",omitempty"`
	Tags                  []Tag             `json:",omitempty"`
	Created               time.Time
}

var pointTable = store.NewTable("s3/accesspoint", func(p *AccessPoint) string { return store.Key(p.Account, p.Region, p.Name) },
	store.Index[AccessPoint]{Name: "alias", Keys: func(p *AccessPoint) []string { return []string{p.Alias} }},
	store.Index[AccessPoint]{Name: "bucket", Keys: func(p *AccessPoint) []string { return []string{p.Bucket} }})

// ARN returns the access point's ARN.
func (p *AccessPoint) ARN() string { return pointARN(p.Region, p.Account, p.Name) }

func pointARN(region, account, name string) string {
	return "arn:aws:s3:" + region + ":" + account + ":accesspoint/" + name
}

func (p *AccessPoint) origin() types.NetworkOrigin {
	if p.VPC != "" {
		return types.NetworkOriginVpc
	}
	return types.NetworkOriginInternet
}

// public says whether the policy is; that of an access point in a VPC never is ("The meaning of public").
func (p *AccessPoint) public(policy *authz.Policy) bool { return p.VPC == "" && policy.IsPublic() }

// An accessPoint is an AccessPoint from the cache, with its policy compiled.
type accessPoint struct {
	AccessPoint
	arn      string
	policies []authz.Attached
	open     bool // its policy is public
}

var (
	pointARNForm = regexp.MustCompile(`^arn:aws:s3:([a-z0-9-]+):(\d{12}):accesspoint[/:]([a-z0-9-]+)$`)
	// pointHostForm is how SDKs name an access point as a host, with or without AWS's domain.
	pointHostForm = regexp.MustCompile(`^([a-z0-9-]+)-(\d{12})(?:\.s3-accesspoint(?:-fips)?(?:\.dualstack)?\.([a-z0-9-]+))?$`)
)

// pointNamed finds an access point by its ARN, its alias or its host name. ok is false when name is none of these. Errors:
// NoSuchAccessPoint.
func pointNamed(tx *store.Tx, name string) (p AccessPoint, ok bool, err error) {
	if strings.HasSuffix(name, "-s3alias") {
		for p, err := range pointTable.ByIndex(tx, "alias", name) {
			return p, err == nil, err
		}
		return p, false, nil
	}
	var account, region, point string
	certain := true
	if m := pointARNForm.FindStringSubmatch(name); m != nil {
		region, account, point = m[1], m[2], m[3]
	} else if m := pointHostForm.FindStringSubmatch(name); m != nil {
		point, account, region = m[1], m[2], m[3]
		certain = region != ""
	} else {
		return p, false, nil
	}
	for p, err := range pointTable.Scan(tx, store.Key(account), "") {
		if err != nil {
			return p, false, err
		}
		if p.Name == point && (region == "" || p.Region == region) {
			return p, true, nil
		}
	}
	if certain {
		err = awserr.NoSuchAccessPoint.Errorf("The specified accesspoint does not exist").With("AccessPointName", point)
	}
	return p, false, err
}

// compilePoint prepares an access point for the requests that it will decide.
func (s *Service) compilePoint(ctx context.Context, tx *store.Tx, row AccessPoint) (*accessPoint, error) {
	p := &accessPoint{AccessPoint: row, arn: row.ARN()}
	if row.Policy == "" {
		return p, nil
	}
	text, bound := s.principals.FollowPrincipals(ctx, tx, row.Policy, row.Bound)
	policy, err := authz.Parse(text)
	if err != nil {
		return nil, err
	}
	p.open = row.public(policy)
	p.policies = []authz.Attached{{
		Policy: policy, Kind: authz.Resource, Name: "access point policy", Account: row.Account, To: "access point " + row.Name,
		Bound: withCanonical(bound, row.Canonical),
	}}
	return p, nil
}

// guard adds to the need on a bucket what a request through an access point stands on: both must permit it ("Configuring IAM
// policies for using access points"). What a caller of another account may do is its own account's to say of the access
// point; the bucket's side is the bucket policy alone.
func (p *accessPoint) guard(sub *subject, b *bucket, n *wire.Need) {
	also := *n
	also.Account, also.Policies, also.Resource = p.Account, p.policies, p.arn
	also.Denied, also.Veto = denial(p.Account, sub.request.Caller), ""
	if key, ok := strings.CutPrefix(n.Resource, b.arn+"/"); ok {
		also.Resource += "/object/" + key
	}
	if p.VPC != "" && sub.request.VPC != p.VPC {
		also.Veto = "Access point " + p.Name + " takes requests from " + p.VPC + " only."
	}
	n.And = &also
	n.ResourceSide = sub.request.Caller.Account != b.Account
}

// throughPoints are the operations that can be used with access points ("Access point compatibility"). Uploads from forms and
// the reads of a version are those of the object.
var throughPoints = map[string]bool{
	"AbortMultipartUpload": true, "CompleteMultipartUpload": true, "CopyObject": true, "CreateMultipartUpload": true,
	"DeleteObject": true, "DeleteObjects": true, "DeleteObjectTagging": true, "GetBucketAcl": true, "GetBucketCors": true,
	"GetBucketLocation": true, "GetBucketNotificationConfiguration": true, "GetBucketPolicy": true, "GetObject": true,
	"GetObjectAcl": true, "GetObjectAttributes": true, "GetObjectLegalHold": true, "GetObjectRetention": true,
	"GetObjectTagging": true, "HeadBucket": true, "HeadObject": true, "ListMultipartUploads": true, "ListObjects": true,
	"ListObjectsV2": true, "ListObjectVersions": true, "ListParts": true, "PutObject": true, "PutObjectAcl": true,
	"PutObjectLegalHold": true, "PutObjectRetention": true, "PutObjectTagging": true, "RestoreObject": true,
	"UploadPart": true, "UploadPartCopy": true,
}

// throughPoint refuses an operation that access points do not have.
func throughPoint(in any) error {
	if throughPoints[strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input")] {
		return nil
	}
	return awserr.MethodNotAllowed.Errorf("The specified method is not allowed against this resource.")
}

var accessPoints = wire.Ops(
	wire.Op((*Control).CreateAccessPoint, toCreateAccessPoint),
	wire.Op((*Control).GetAccessPoint, toPoint("s3:GetAccessPoint")),
	wire.Op((*Control).DeleteAccessPoint, toPoint("s3:DeleteAccessPoint")),
	wire.Op((*Control).ListAccessPoints, toAccount("s3:ListAccessPoints")),
)

// toPoint is the rule of an operation that needs one action on its access point. One that is not there is the operation's to
// tell, to who may do it.
func toPoint(action string) wire.Rule {
	return wire.Any(func(ctx context.Context, c *Control, in any) ([]wire.Need, error) {
		sub, err := c.on(ctx, in)
		if err != nil {
			return nil, err
		}
		name := reflect.ValueOf(in).Elem().FieldByName("Name").Interface().(*string)
		arn := *name
		if !pointARNForm.MatchString(arn) {
			arn = pointARN(sub.request.Region, sub.request.Caller.Account, *name)
		}
		need := sub.needIn(action, arn, nil)
		return []wire.Need{need}, c.s3.store.View(ctx, func(tx *store.Tx) error {
			row, ok, err := pointTable.Get(tx, keyOfARN(arn))
			if ok {
				sub.point = &row
				need.Keys.(*keys).point = &accessPoint{AccessPoint: row, arn: arn}
			}
			return err
		})
	})
}

// keyOfARN returns the key of an access point in its table.
func keyOfARN(arn string) string {
	m := pointARNForm.FindStringSubmatch(arn)
	if m == nil {
		return ""
	}
	return store.Key(m[2], m[1], m[3])
}

// pointOf returns the access point that the rule found. Errors: NoSuchAccessPoint.
func pointOf(ctx context.Context) (*AccessPoint, error) {
	if p := subjectOf(ctx).point; p != nil {
		return p, nil
	}
	return nil, noSuchAccessPoint()
}

func noSuchAccessPoint() error {
	return awserr.NoSuchAccessPoint.Errorf("The specified accesspoint does not exist")
}

var toCreateAccessPoint = wire.For(func(ctx context.Context, c *Control, in *s3control.CreateAccessPointInput) ([]wire.Need, error) {
	sub, err := c.on(ctx, in)
	if err != nil {
		return nil, err
	}
	p := newAccessPoint(sub.request, in)
	actions := []string{"s3:CreateAccessPoint"}
	if in.PublicAccessBlockConfiguration != nil {
		actions = append(actions, "s3:PutAccessPointPublicAccessBlock")
	}
	if len(in.Tags) > 0 {
		actions = append(actions, "s3:TagResource")
	}
	needs := make([]wire.Need, len(actions))
	for i, action := range actions {
		needs[i] = sub.needIn(action, p.ARN(), &accessPoint{AccessPoint: p, arn: p.ARN()})
	}
	return needs, nil
})

func newAccessPoint(r *wire.Request, in *s3control.CreateAccessPointInput) AccessPoint {
	p := AccessPoint{
		Account: r.Caller.Account, Region: r.Region, Name: aws.ToString(in.Name), Bucket: aws.ToString(in.Bucket),
		PublicAccess: PublicAccess{true, true, true, true},
	}
	if in.VpcConfiguration != nil {
		p.VPC = aws.ToString(in.VpcConfiguration.VpcId)
	}
	if in.PublicAccessBlockConfiguration != nil {
		p.PublicAccess = newPublicAccess(in.PublicAccessBlockConfiguration)
	}
	return p
}

// pointName is the form of access points' names ("Access points naming rules, restrictions, and limitations").
var pointName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$`)

// CreateAccessPoint makes an access point for a bucket of any account. What it lets through is the bucket owner's to permit.
func (c *Control) CreateAccessPoint(ctx context.Context, in *s3control.CreateAccessPointInput) (*s3control.CreateAccessPointOutput, error) {
	p := newAccessPoint(wire.RequestFrom(ctx), in)
	switch {
	case !pointName.MatchString(p.Name) || strings.HasSuffix(p.Name, "-s3alias"):
		return nil, awserr.InvalidAccessPoint.Errorf("The specified access point name or account is not valid.")
	case in.Scope != nil:
		return nil, awserr.InvalidRequest.Errorf("Access point scope is supported for directory buckets only.")
	case in.VpcConfiguration != nil && p.VPC == "":
		return nil, malformedXML()
	}
	var err error
	if p.Tags, err = newControlTags(in.Tags); err != nil {
		return nil, err
	}
	p.Alias = p.Name[:min(len(p.Name), 20)] + "-" + strings.ToLower(rand.Text() + rand.Text())[:34] + "-s3alias"
	err = c.s3.store.Update(ctx, func(tx *store.Tx) error {
		b, ok, err := bucketTable.Get(tx, p.Bucket)
		switch {
		case err != nil:
			return err
		case !ok || b.Region != p.Region:
			return noSuchBucket(p.Bucket)
		case cmp.Or(aws.ToString(in.BucketAccountId), p.Account) != b.Account:
			return accessDenied()
		}
		if _, taken, err := pointTable.Get(tx, store.Key(p.Account, p.Region, p.Name)); err != nil || taken {
			return cmp.Or(err, error(awserr.AccessPointAlreadyOwnedByYou.Errorf("Your previous request to create the named accesspoint succeeded and you already own it.")))
		}
		p.BucketAccount, p.Created = b.Account, tx.Now.UTC().Truncate(time.Second)
		return c.s3.putPoint(tx, &p)
	})
	if err != nil {
		return nil, err
	}
	return &s3control.CreateAccessPointOutput{AccessPointArn: aws.String(p.ARN()), Alias: aws.String(p.Alias)}, nil
}

func (s *Service) putPoint(tx *store.Tx, p *AccessPoint) error {
	tx.OnCommit(s.forget)
	return pointTable.Put(tx, p)
}

func (p *AccessPoint) showVPC() *types.VpcConfiguration {
	if p.VPC == "" {
		return nil
	}
	return &types.VpcConfiguration{VpcId: aws.String(p.VPC)}
}

// GetAccessPoint describes an access point.
func (c *Control) GetAccessPoint(ctx context.Context, _ *s3control.GetAccessPointInput) (*s3control.GetAccessPointOutput, error) {
	p, err := pointOf(ctx)
	if err != nil {
		return nil, err
	}
	endpoints := map[string]string{}
	for name, host := range map[string]string{
		"ipv4": "s3-accesspoint.", "dualstack": "s3-accesspoint.dualstack.", "fips": "s3-accesspoint-fips.", "fips_dualstack": "s3-accesspoint-fips.dualstack.",
	} {
		endpoints[name] = host + p.Region + ".amazonaws.com"
	}
	return &s3control.GetAccessPointOutput{
		Name: aws.String(p.Name), Alias: aws.String(p.Alias), AccessPointArn: aws.String(p.ARN()),
		Bucket: aws.String(p.Bucket), BucketAccountId: aws.String(p.BucketAccount), CreationDate: aws.Time(p.Created),
		NetworkOrigin: p.origin(), VpcConfiguration: p.showVPC(), PublicAccessBlockConfiguration: p.PublicAccess.show(),
		Endpoints: endpoints,
	}, nil
}

// DeleteAccessPoint deletes an access point, not its bucket.
func (c *Control) DeleteAccessPoint(ctx context.Context, _ *s3control.DeleteAccessPointInput) (*s3control.DeleteAccessPointOutput, error) {
	p, err := pointOf(ctx)
	if err != nil {
		return nil, err
	}
	return &s3control.DeleteAccessPointOutput{}, c.s3.store.Update(ctx, func(tx *store.Tx) error {
		tx.OnCommit(c.s3.forget)
		return pointTable.Delete(tx, store.Key(p.Account, p.Region, p.Name))
	})
}

// maxPoints is the largest page of ListAccessPoints.
const maxPoints = 1000

// ListAccessPoints lists the account's access points in the region by name, perhaps those of a bucket only.
func (c *Control) ListAccessPoints(ctx context.Context, in *s3control.ListAccessPointsInput) (*s3control.ListAccessPointsOutput, error) {
	most := int(in.MaxResults)
	if most == 0 {
		most = maxPoints
	}
	after, err := base64.RawURLEncoding.DecodeString(aws.ToString(in.NextToken))
	if err != nil || most < 0 || most > maxPoints {
		return nil, awserr.InvalidRequest.Errorf("The continuation token or the number of results is not valid.")
	}
	r := wire.RequestFrom(ctx)
	out := &s3control.ListAccessPointsOutput{AccessPointList: []types.AccessPoint{}}
	return out, c.s3.store.View(ctx, func(tx *store.Tx) error {
		for p, err := range pointTable.Scan(tx, store.Key(r.Caller.Account, r.Region), "") {
			switch {
			case err != nil:
				return err
			case p.Name <= string(after), in.Bucket != nil && p.Bucket != *in.Bucket:
				continue
			case len(out.AccessPointList) == most:
				last := *out.AccessPointList[most-1].Name
				out.NextToken = aws.String(base64.RawURLEncoding.EncodeToString([]byte(last)))
				return nil
			}
			out.AccessPointList = append(out.AccessPointList, types.AccessPoint{
				Name: aws.String(p.Name), Alias: aws.String(p.Alias), AccessPointArn: aws.String(p.ARN()), Bucket: aws.String(p.Bucket),
				BucketAccountId: aws.String(p.BucketAccount), NetworkOrigin: p.origin(), VpcConfiguration: p.showVPC(),
			})
		}
		return nil
	})
}

// hasPoints says whether the owner of a bucket has access points for it, which keep it from being deleted.
func hasPoints(tx *store.Tx, b *Bucket) (bool, error) {
	for p, err := range pointTable.ByIndex(tx, "bucket", b.Name) {
		if err != nil || p.Account == b.Account {
			return true, err
		}
	}
	return false, nil
}
