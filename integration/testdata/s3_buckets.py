"""Buckets and their configurations."""

from s3_world import *

west = client("s3", PRODUCTION["admin"], region="us-west-2", s3={"addressing_style": "path"})
loose = client("s3", PRODUCTION["admin"], parameter_validation=False, s3={"addressing_style": "path"})


def in_region(c, b, constraint=None):
    more = {"CreateBucketConfiguration": {"LocationConstraint": constraint}} if constraint else {}
    return c.create_bucket(Bucket=b, **more)


def test_bucket_names():
    from botocore.handlers import validate_bucket_name
    loose.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    for bad in ("ab", "a" * 64, "Upper", "under_score", "-dash", "dash-", ".dot", "dot.", "a..b", "192.168.5.123", "xn--x", "a-s3alias", "sthree-x", "x--ol-s3", "sp ace", "alpha!", "*star", "amzn-s3-demo-x"):
        refused("InvalidBucketName", loose.create_bucket, Bucket=bad, status=400, says="The specified bucket is not valid.")
    for good in ("abc", "a.b-c", "1a2", "a" * 63, "0-9", "a.b.c", "s3-like"):
        s3.create_bucket(Bucket=good)
        s3.delete_bucket(Bucket=good)


def test_bucket_again():
    b = bucket(keys=["kept"])
    assert headers(s3.create_bucket(Bucket=b))["location"] == "/" + b  # one's own in us-east-1
    assert get(s3, b, "kept") == b"kept"
    e = refused("BucketAlreadyExists", other.create_bucket, Bucket=b, status=409)
    assert e["Error"]["BucketName"] == b
    in_region(west, "westward", "us-west-2")
    refused("BucketAlreadyOwnedByYou", in_region, west, "westward", "us-west-2", status=409)
    assert s3.get_bucket_location(Bucket="westward")["LocationConstraint"] == "us-west-2"
    assert s3.head_bucket(Bucket="westward")["BucketRegion"] == "us-west-2"
    assert s3.get_bucket_location(Bucket=b)["LocationConstraint"] is None and s3.head_bucket(Bucket=b)["BucketRegion"] == "us-east-1"


def test_bucket_location_has_to_fit():
    refused("IllegalLocationConstraintException", in_region, s3, "nowhere", "us-west-2", status=400)
    refused("IllegalLocationConstraintException", in_region, west, "nowhere", status=400, says="The unspecified location constraint is incompatible")
    refused("IllegalLocationConstraintException", in_region, west, "nowhere", "eu-central-1", status=400)
    refused("InvalidLocationConstraint", in_region, s3, "nowhere", "us-east-1", status=400)
    refused("InvalidLocationConstraint", in_region, s3, "nowhere", "moon-1", status=400)
    refused("404", s3.head_bucket, Bucket="nowhere")


def test_bucket_new_has_the_settings_of_today():
    b = bucket()
    block = s3.get_public_access_block(Bucket=b)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"], True), block
    assert s3.get_bucket_ownership_controls(Bucket=b)["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rule = s3.get_bucket_encryption(Bucket=b)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rule
    owner = s3.list_buckets()["Owner"]["ID"]
    acl = s3.get_bucket_acl(Bucket=b)
    assert acl["Owner"]["ID"] == owner and [(g["Grantee"]["ID"], g["Permission"]) for g in acl["Grants"]] == [(owner, "FULL_CONTROL")]
    s3.put_object(Bucket=b, Key="foo", Body=b"")
    acl = s3.get_object_acl(Bucket=b, Key="foo")
    assert [(g["Grantee"]["ID"], g["Permission"]) for g in acl["Grants"]] == [(owner, "FULL_CONTROL")]


def test_bucket_configurations_that_are_absent_have_their_codes():
    b = bucket()
    for code, call in [
        ("NoSuchBucketPolicy", s3.get_bucket_policy), ("NoSuchBucketPolicy", s3.get_bucket_policy_status), ("NoSuchCORSConfiguration", s3.get_bucket_cors),
        ("NoSuchWebsiteConfiguration", s3.get_bucket_website), ("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration),
        ("NoSuchTagSet", s3.get_bucket_tagging), ("ReplicationConfigurationNotFoundError", s3.get_bucket_replication),
        ("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration),
    ]:
        e = refused(code, call, Bucket=b, status=404)
        assert e["Error"]["BucketName"] == b
    s3.delete_public_access_block(Bucket=b)
    refused("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket=b, status=404)
    s3.delete_bucket_ownership_controls(Bucket=b)
    refused("OwnershipControlsNotFoundError", s3.get_bucket_ownership_controls, Bucket=b, status=404)
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=b) and "LoggingEnabled" not in s3.get_bucket_logging(Bucket=b)
    assert s3.get_bucket_request_payment(Bucket=b)["Payer"] == "BucketOwner"


def test_bucket_deletion():
    b = bucket(keys=["foo"])
    e = refused("BucketNotEmpty", s3.delete_bucket, Bucket=b, status=409, says="The bucket you tried to delete is not empty")
    assert e["Error"]["BucketName"] == b
    s3.delete_object(Bucket=b, Key="foo")
    assert status(s3.delete_bucket(Bucket=b)) == 204
    refused("NoSuchBucket", s3.delete_bucket, Bucket=b, status=404)
    refused("NoSuchBucket", s3.put_object, Bucket=b, Key="foo", Body=b"", status=404)


def test_bucket_of_another_owner_than_expected():
    b = bucket(keys=["foo"])
    refused("AccessDenied", s3.get_object, Bucket=b, Key="foo", ExpectedBucketOwner=DEVELOPMENT["id"], status=403)
    refused("403", s3.head_bucket, Bucket=b, ExpectedBucketOwner=DEVELOPMENT["id"], status=403)
    assert get(s3, b, "foo", ExpectedBucketOwner=PRODUCTION["id"]) == b"foo"


def test_policy_reads_back_as_written():
    b = bucket(public=True)
    text = '{ "Version":"2012-10-17",\n "Statement" : [{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::%s/*"}]}' % b
    assert status(s3.put_bucket_policy(Bucket=b, Policy=text)) == 204
    assert s3.get_bucket_policy(Bucket=b)["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket=b)["PolicyStatus"]["IsPublic"] is True
    assert status(s3.delete_bucket_policy(Bucket=b)) == 204 and status(s3.delete_bucket_policy(Bucket=b)) == 204
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=b)


def test_policy_that_is_wrong():
    b = bucket()
    put = lambda text: s3.put_bucket_policy(Bucket=b, Policy=text)
    for bad in ["{", "[]", "x", "{}", '{"Version":"2012-10-17"}', '{"Version":"2000-01-01","Statement":[]}',
                policy(allow("s3:GetObject", "other-bucket/*")), policy(allow("s3:GetObject", b)), policy(allow("s3:Nonsense", b + "/*")),
                policy(allow("ec2:RunInstances", b)), policy(allow("s3:ListBucket", b + "/*")), policy(allow("s3:GetObject", b + "/*", None)),
                policy(allow("s3:GetObject", b + "/*", "arn:aws:iam::111122223333:user/nobody-such")), policy(allow("s3:GetObject", b + "/*", "999999999999")),
                policy(allow("s3:GetObject", b + "/*", StringLikes={"aws:x": "y"})), policy(statement("Permit", "s3:GetObject", b + "/*", "*"))]:
        refused("MalformedPolicy", put, bad, status=400)
    for key, action, says in [
        ("s3:nonsense", "s3:GetObject", "Policy has an invalid condition key"),
        ("s3:prefix", "s3:GetObject", "Conditions do not apply to combination of actions and resources in statement"),
        ("s3:x-amz-acl", "s3:GetObject", "Conditions do not apply to combination of actions and resources in statement"),
    ]:
        refused("MalformedPolicy", put, policy(allow(action, b + "/*", PRODUCTION["id"], StringEquals={key: "x"})), status=400, says=says)
    for key, action in [("s3:x-amz-acl", "s3:PutObject"), ("s3:x-amz-acl", ["s3:GetObject", "s3:PutObject"]), ("s3:prefix", "s3:*"), ("s3:ExistingObjectTag/a", "s3:GetObject"), ("s3:signatureversion", "s3:GetObject"), ("s3:RequestObjectTag/a", "s3:PutObject"), ("s3:authType", "s3:GetObject"), ("s3:versionid", "s3:GetObjectVersion"), ("s3:TlsVersion", "s3:GetObject")]:
        put(policy(deny(action, [b, b + "/*"] if action == "s3:*" else b + "/x", StringEquals={key: "x"})))
    root.delete_bucket_policy(Bucket=b)
    refused("MalformedPolicy", put, policy(*[allow("s3:GetObject", f"{b}/{'x' * 200}{i}", PRODUCTION["id"]) for i in range(80)]), status=400)
    refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=b)


def test_policy_status_says_what_is_public():
    b = bucket(public=True)
    for want, *statements in [
        (True, allow("s3:GetObject", b + "/*")),
        (False, allow("s3:GetObject", b + "/*", PRODUCTION["id"])),
        (False, allow("s3:GetObject", b + "/*", IpAddress={"aws:SourceIp": "10.0.0.0/24"})),
        (True, allow("s3:GetObject", b + "/*", IpAddress={"aws:SourceIp": "0.0.0.0/0"})),
        (True, allow("s3:GetObject", b + "/*", StringLike={"aws:Referer": "http://x/*"})),
        (False, allow("s3:GetObject", b + "/*", StringEquals={"aws:PrincipalAccount": "444455556666"})),
        (False, deny("s3:GetObject", b + "/*")),
        (False, allow("s3:GetObject", b + "/*", StringEquals={"aws:SourceVpc": "vpc-91237329"})),
        (True, allow("s3:GetObject", b + "/*", StringLike={"aws:SourceVpc": "*"})),
    ]:
        s3.put_bucket_policy(Bucket=b, Policy=policy(*statements))
        assert s3.get_bucket_policy_status(Bucket=b)["PolicyStatus"]["IsPublic"] is want, statements


def test_block_public_access_flags_act_by_themselves():
    flags = lambda b, **on: s3.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration=on)
    b = bucket(public=True, ownership="ObjectWriter", keys=["foo"])
    flags(b, BlockPublicAcls=True)
    for acl in ("public-read", "public-read-write", "authenticated-read"):
        refused("AccessDenied", s3.put_bucket_acl, Bucket=b, ACL=acl, status=403)
        if acl != "authenticated-read":
            refused("AccessDenied", s3.put_object, Bucket=b, Key="x", Body=b"", ACL=acl, status=403)
            refused("AccessDenied", s3.put_object_acl, Bucket=b, Key="foo", ACL=acl, status=403)
    s3.put_object(Bucket=b, Key="x", Body=b"", ACL="private")
    flags(b, BlockPublicPolicy=True)
    s3.put_bucket_acl(Bucket=b, ACL="public-read")
    refused("AccessDenied", s3.put_bucket_policy, Bucket=b, Policy=policy(allow("s3:GetObject", b + "/*")), status=403)
    s3.put_bucket_policy(Bucket=b, Policy=policy(allow("s3:GetObject", b + "/*", DEVELOPMENT["id"])))
    flags(b, IgnorePublicAcls=True)
    refused("AccessDenied", anonymous.list_objects, Bucket=b, status=403)
    flags(b)
    assert anonymous.list_objects(Bucket=b)["Contents"]
    s3.put_bucket_policy(Bucket=b, Policy=policy(allow(["s3:GetObject"], b + "/*")))
    assert get(anonymous, b, "foo") == b"foo" == get(other, b, "foo")
    flags(b, RestrictPublicBuckets=True)
    refused("AccessDenied", anonymous.get_object, Bucket=b, Key="foo", status=403)
    refused("AccessDenied", other.get_object, Bucket=b, Key="foo", status=403)
    assert get(s3, b, "foo") == b"foo"


def test_acl_is_refused_where_acls_are_disabled():
    b = bucket(keys=["foo"])
    for acl in ("public-read", "private", "bucket-owner-read", "authenticated-read"):
        refused("AccessControlListNotSupported", s3.put_object, Bucket=b, Key="x", Body=b"", ACL=acl, status=400, says="The bucket does not allow ACLs")
        refused("AccessControlListNotSupported", s3.put_object_acl, Bucket=b, Key="foo", ACL=acl, status=400)
    refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket=b, ACL="private", status=400)
    s3.put_object(Bucket=b, Key="x", Body=b"", ACL="bucket-owner-full-control")
    refused("InvalidBucketAclWithObjectOwnership", s3.create_bucket, Bucket="acl-bucket", ACL="public-read", status=400)
    refused("InvalidBucketAclWithBlockPublicAccessError", s3.create_bucket, Bucket="acl-bucket", ACL="public-read", ObjectOwnership="ObjectWriter", status=400)


def grants(response):
    return sorted((g["Grantee"].get("URI", g["Grantee"].get("ID")), g["Permission"]) for g in response["Grants"])


ALL, AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


def test_acl_canned_and_granted():
    b = bucket(public=True, ownership="ObjectWriter", keys=["foo"])
    me, them = s3.list_buckets()["Owner"]["ID"], other.list_buckets()["Owner"]["ID"]
    for acl, more in [("private", []), ("public-read", [(ALL, "READ")]), ("public-read-write", [(ALL, "READ"), (ALL, "WRITE")]), ("authenticated-read", [(AUTHENTICATED, "READ")])]:
        s3.put_bucket_acl(Bucket=b, ACL=acl)
        assert grants(s3.get_bucket_acl(Bucket=b)) == sorted([(me, "FULL_CONTROL"), *more]), acl
        s3.put_object_acl(Bucket=b, Key="foo", ACL=acl)
        assert grants(s3.get_object_acl(Bucket=b, Key="foo")) == sorted([(me, "FULL_CONTROL"), *more]), acl
    refused("InvalidArgument", loose.put_bucket_acl, Bucket=b, ACL="public-ready", status=400)
    s3.put_bucket_acl(Bucket=b, GrantRead=f'id="{them}"', GrantFullControl=f"id={me}, id={them}")
    assert grants(s3.get_bucket_acl(Bucket=b)) == sorted([(me, "FULL_CONTROL"), (them, "FULL_CONTROL"), (them, "READ")])
    grantee = lambda id, p: {"Grantee": {"Type": "CanonicalUser", "ID": id}, "Permission": p}
    put = lambda *g, owner=me: s3.put_object_acl(Bucket=b, Key="foo", AccessControlPolicy={"Owner": {"ID": owner}, "Grants": list(g)})
    for permission in ("READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"):
        put(grantee(them, permission))
        assert grants(s3.get_object_acl(Bucket=b, Key="foo")) == [(them, permission)]
    put()  # nobody, the owner neither; the owner may still do all
    assert grants(s3.get_object_acl(Bucket=b, Key="foo")) == [] and get(s3, b, "foo") == b"foo"
    put(grantee(me, "FULL_CONTROL"))
    refused("InvalidArgument", put, grantee("nobody", "READ"), status=400, says="Invalid id")
    refused("AccessDenied", put, grantee(me, "READ"), owner=them, status=403)
    refused("InvalidRequest", s3.put_object_acl, Bucket=b, Key="foo", ACL="private", GrantRead=f"id={me}", status=400)


def test_ownership_controls():
    b = bucket(public=True, ownership="ObjectWriter")
    put = lambda setting: loose.put_bucket_ownership_controls(Bucket=b, OwnershipControls={"Rules": [{"ObjectOwnership": setting}]})
    for setting in ("BucketOwnerPreferred", "BucketOwnerEnforced", "ObjectWriter"):
        put(setting)
        assert s3.get_bucket_ownership_controls(Bucket=b)["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == setting
    refused("MalformedXML", put, "Nobody", status=400)
    s3.put_bucket_acl(Bucket=b, ACL="public-read")
    refused("InvalidBucketAclWithObjectOwnership", put, "BucketOwnerEnforced", status=400)
