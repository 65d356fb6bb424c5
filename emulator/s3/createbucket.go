package s3

import (
	"context"
	"net/netip"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/xemu-aws/xemu/emulator/awserr"
	"github.com/xemu-aws/xemu/emulator/ids"
	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// usEast1 is the region that LocationConstraint cannot name, and where creating one's own bucket again succeeds.
const usEast1 = "us-east-1"

// CreateBucket creates a bucket in the region that the request is signed for. A new bucket has the settings of April 2023:
// BucketOwnerEnforced and all of Block Public Access.
func (s *Service) CreateBucket(ctx context.Context, in *s3.CreateBucketInput) (*s3.CreateBucketOutput, error) {
	r := wire.RequestFrom(ctx)
	b, err := newBucket(r, in)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		there, ok, err := bucketTable.Get(tx, b.Name)
		if err != nil {
			return err
		}
		if ok {
			return s.again(tx, &there, in, r)
		}
		b.Created = tx.Now.UTC().Truncate(time.Second)
		if b.ACL, err = newBucketACL(tx, b, in); err != nil {
			return err
		}
		return s.putBucket(tx, b)
	})
	if err != nil {
		return nil, err
	}
	location := "/" + b.Name
	if b.Region != usEast1 {
		location = "http://" + b.Name + ".s3.amazonaws.com/"
	}
	return &s3.CreateBucketOutput{Location: aws.String(location)}, nil
}

func newBucket(r *wire.Request, in *s3.CreateBucketInput) (*Bucket, error) {
	if in.BucketNamespace != "" && in.BucketNamespace != types.BucketNamespaceGlobal {
		return nil, awserr.NotImplemented.Errorf("xemu does not implement the bucket namespace %s.", in.BucketNamespace)
	}
	b := &Bucket{
		ID:           ids.NewRequestID(),
		Name:         *in.Bucket,
		Account:      r.Caller.Account,
		Region:       r.Region,
		Ownership:    string(in.ObjectOwnership),
		PublicAccess: &PublicAccess{true, true, true, true},
	}
	if aws.ToBool(in.ObjectLockEnabledForBucket) {
		b.ObjectLock, b.Versioning = &ObjectLock{}, "Enabled"
	}
	if b.Ownership == "" {
		b.Ownership = ownerEnforced
	} else if !slices.Contains(in.ObjectOwnership.Values(), in.ObjectOwnership) {
		return nil, invalidArgument("x-amz-object-ownership", b.Ownership, "Invalid x-amz-object-ownership header: "+b.Ownership)
	}
	c := in.CreateBucketConfiguration
	if c == nil {
		c = &types.CreateBucketConfiguration{}
	}
	if c.Bucket != nil || c.Location != nil {
		return nil, awserr.NotImplemented.Errorf("xemu does not implement directory buckets.")
	}
	if err := checkLocation(r.Region, c.LocationConstraint); err != nil {
		return nil, err
	}
	var err error
	b.Tags, err = newTags(c.Tags, maxBucketTags)
	return b, err
}

// checkLocation compares the LocationConstraint with the region that the request came to.
func checkLocation(region string, constraint types.BucketLocationConstraint) error {
	named := string(constraint)
	if constraint == types.BucketLocationConstraintEu {
		named = "eu-west-1"
	}
	switch {
	case constraint == "" && region == usEast1, constraint != "" && named == region && region != usEast1:
		return nil
	case constraint == "":
		return awserr.IllegalLocationConstraintException.Errorf(
			"The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	case !slices.Contains(constraint.Values(), constraint): // us-east-1 is no such value
		return awserr.InvalidLocationConstraint.Errorf("The specified location-constraint is not valid").
			With("LocationConstraint", string(constraint))
	}
	return awserr.IllegalLocationConstraintException.Errorf(
		"The %s location constraint is incompatible for the region specific endpoint this request was sent to.", constraint)
}

// again answers the creation of a bucket that is there. In us-east-1 its owner succeeds; all that changes is the bucket's
// ACL, which is what a new one's would be ("Error responses", BucketAlreadyOwnedByYou).
func (s *Service) again(tx *store.Tx, there *Bucket, in *s3.CreateBucketInput, r *wire.Request) error {
	switch {
	case there.Account != r.Caller.Account:
		return awserr.BucketAlreadyExists.Errorf("The requested bucket name is not available. The bucket namespace is shared by "+
			"all users of the system. Please select a different name and try again.").With("BucketName", there.Name)
	case there.Region != usEast1 || r.Region != usEast1:
		return awserr.BucketAlreadyOwnedByYou.Errorf("Your previous request to create the named bucket succeeded and you already own it.").
			With("BucketName", there.Name)
	}
	acl, err := newBucketACL(tx, there, in)
	if err != nil || acl.Grants == nil && there.ACL.Grants == nil {
		return err
	}
	there.ACL = acl
	return s.putBucket(tx, there)
}

func bucketACLOf(in *s3.CreateBucketInput) aclRequest {
	return aclRequest{
		canned:      string(in.ACL),
		fullControl: in.GrantFullControl, read: in.GrantRead, readACP: in.GrantReadACP, write: in.GrantWrite, writeACP: in.GrantWriteACP,
	}
}

// newBucketACL returns the ACL that a creation asks for, which must fit the bucket's other settings ("CreateBucket",
// Permissions).
func newBucketACL(tx *store.Tx, b *Bucket, in *s3.CreateBucketInput) (ACL, error) {
	acl, err := bucketACLOf(in).acl(tx, b, b.Account)
	switch {
	case err != nil || acl.Grants == nil:
		return ACL{}, err
	case b.ACLsDisabled():
		return ACL{}, aclWithOwnership()
	}
	block, err := blockOf(tx, b)
	if err != nil {
		return ACL{}, err
	}
	if acl.public() && block.BlockPublicAcls {
		return ACL{}, awserr.InvalidBucketAclWithBlockPublicAccessError.Errorf("Bucket cannot have public ACLs set with BlockPublicAccess enabled").
			With("BucketName", b.Name)
	}
	return acl, nil
}

var (
	nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// badLabel is what makes a name none of DNS: an empty label, or one that begins or ends with a hyphen.
	badLabel = regexp.MustCompile(`\.\.|\.-|-\.`)
	// possibleName is what a bucket may have been called once.
	possibleName = regexp.MustCompile(`^[A-Za-z0-9._-]{3,255}$`)
	// reservedForm are the beginnings and ends that S3 keeps to itself.
	reservedForm = regexp.MustCompile(`^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3|-an)$`)
)

// validName says whether a general purpose bucket may be called name ("General purpose bucket naming rules").
func validName(name string) bool {
	if !nameForm.MatchString(name) || badLabel.MatchString(name) || reservedForm.MatchString(name) {
		return false
	}
	_, err := netip.ParseAddr(name)
	return err != nil
}

func invalidBucketName(name string) error {
	return awserr.InvalidBucketName.Errorf("The specified bucket is not valid.").With("BucketName", name)
}
