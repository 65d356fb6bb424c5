"""Who may do what: identity policies, bucket policies, ACLs, ownership, across accounts."""

import time

from s3_world import *

A, B = PRODUCTION["id"], DEVELOPMENT["id"]
can = lambda call, *a, **k: status(call(*a, **k)) < 300
denied = lambda call, *a, **k: refused("AccessDenied", call, *a, status=403, **k)


def set_policy(b, *statements):
    s3.put_bucket_policy(Bucket=b, Policy=policy(*statements))


def test_access_across_accounts_needs_both_sides():
    b = bucket(keys=["foo"])
    with_identity = user(other_iam, "WithIdentity", allow("s3:GetObject", b + "/*", None))
    without = user(other_iam, "Without")
    names = [f"arn:aws:iam::{B}:user/{n}" for n in ("WithIdentity", "Without")]
    denied(with_identity.get_object, Bucket=b, Key="foo", says="Access Denied")
    denied(without.get_object, Bucket=b, Key="foo")
    for principal in (names, B, f"arn:aws:iam::{B}:root"):
        set_policy(b, allow("s3:GetObject", b + "/*", principal))
        assert get(with_identity, b, "foo") == b"foo"
        denied(without.get_object, Bucket=b, Key="foo")
    set_policy(b, allow("s3:GetObject", b + "/*", names[1]))
    denied(with_identity.get_object, Bucket=b, Key="foo")
    root_of_b = client("s3", DEVELOPMENT["root"], s3={"addressing_style": "path"})
    set_policy(b, allow("s3:GetObject", b + "/*", B))
    assert get(root_of_b, b, "foo") == b"foo"
    denied(root_of_b.list_objects, Bucket=b)


def test_access_in_one_account_needs_one_side():
    b = bucket(keys=["foo"])
    bare = user(iam, "Bare")
    denied(bare.get_object, Bucket=b, Key="foo", says=f'User: arn:aws:iam::{A}:user/Bare is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::{b}/foo" because no identity-based policy allows the s3:GetObject action')
    set_policy(b, allow("s3:GetObject", b + "/*", A))  # delegates to the account only
    denied(bare.get_object, Bucket=b, Key="foo")
    set_policy(b, allow("s3:GetObject", b + "/*", f"arn:aws:iam::{A}:user/Bare"))
    assert get(bare, b, "foo") == b"foo"
    set_policy(b, deny("s3:GetObject", b + "/*"))
    denied(s3.get_object, Bucket=b, Key="foo", says="with an explicit deny in a resource-based policy")
    denied(root.get_object, Bucket=b, Key="foo")


def test_access_of_a_canonical_user_is_that_of_its_account():
    b = bucket(keys=["foo"])
    named = lambda id: [{"Effect": "Allow", "Principal": {"CanonicalUser": id}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{b}/*"}]
    refused("MalformedPolicy", set_policy, b, *named("0" * 64), status=400, says="Invalid principal in policy")
    set_policy(b, *named(other.list_buckets()["Owner"]["ID"]))
    assert get(other, b, "foo") == b"foo" and other.list_buckets()["Owner"]["ID"] in s3.get_bucket_policy(Bucket=b)["Policy"]
    denied(user(other_iam, "OfTheAccount").get_object, Bucket=b, Key="foo")
    denied(anonymous.get_object, Bucket=b, Key="foo")


def test_access_by_a_role_of_the_owner():
    b = bucket(keys=["foo"])
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": B}, "Action": "sts:AssumeRole"}]})
    role = iam.create_role(RoleName="S3Reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="S3Reader", PolicyName="p", PolicyDocument=policy(allow("s3:GetObject", b + "/*", None)))
    keys = client("sts", DEVELOPMENT["admin"]).assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    session = client("s3", keys["AccessKeyId"] + ":" + keys["SecretAccessKey"], keys["SessionToken"], s3={"addressing_style": "path"})
    assert get(session, b, "foo") == b"foo"
    denied(session.put_object, Bucket=b, Key="foo", Body=b"", says=f"User: arn:aws:sts::{A}:assumed-role/S3Reader/me is not authorized to perform: s3:PutObject")
    refused("InvalidAccessKeyId", client("s3", keys["AccessKeyId"] + ":" + keys["SecretAccessKey"]).get_object, Bucket=b, Key="foo", status=403)
    refused("InvalidToken", client("s3", keys["AccessKeyId"] + ":" + keys["SecretAccessKey"], "nonsense").get_object, Bucket=b, Key="foo", status=400)


def test_access_of_anonymous_callers():
    b = bucket(public=True, keys=["foo"])
    denied(anonymous.get_object, Bucket=b, Key="foo", says="Access Denied")
    denied(anonymous.get_object, Bucket=b, Key="none")
    set_policy(b, allow("s3:GetObject", b + "/*"))
    assert get(anonymous, b, "foo") == b"foo"
    denied(anonymous.get_object, Bucket=b, Key="none")  # who may not list learns nothing
    refused("403", anonymous.head_object, Bucket=b, Key="none", status=403)
    set_policy(b, allow("s3:GetObject", b + "/*"), allow("s3:ListBucket", b))
    refused("NoSuchKey", anonymous.get_object, Bucket=b, Key="none", status=404)
    refused("404", anonymous.head_object, Bucket=b, Key="none", status=404)
    denied(anonymous.put_object, Bucket=b, Key="foo", Body=b"")
    denied(anonymous.get_bucket_acl, Bucket=b)
    s3.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    denied(anonymous.get_object, Bucket=b, Key="foo")
    e = refused("403", anonymous.head_bucket, Bucket=b, status=403)
    assert e["Error"]["Message"] == "Forbidden" and e["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-east-1"


def test_access_by_acl():
    for bucket_acl, lists, writes in [("private", False, False), ("public-read", True, False), ("public-read-write", True, True)]:
        b = bucket(public=True, ownership="ObjectWriter", keys=["private", "public-read", "authenticated-read", "public-read-write"])
        s3.put_bucket_acl(Bucket=b, ACL=bucket_acl)
        for key in ("private", "public-read", "authenticated-read", "public-read-write"):
            s3.put_object_acl(Bucket=b, Key=key, ACL=key)
        for who, reads in [(other, {"public-read", "authenticated-read", "public-read-write"}), (anonymous, {"public-read", "public-read-write"})]:
            for key in ("private", "public-read", "authenticated-read", "public-read-write"):
                if key in reads:
                    assert get(who, b, key) == key.encode()
                else:
                    denied(who.get_object, Bucket=b, Key=key)
                denied(who.get_object_acl, Bucket=b, Key=key)
            for listing in (who.list_objects, who.list_objects_v2):
                assert can(listing, Bucket=b) if lists else denied(listing, Bucket=b)
            assert can(who.put_object, Bucket=b, Key="new", Body=b"") if writes else denied(who.put_object, Bucket=b, Key="new", Body=b"")
            denied(who.delete_bucket, Bucket=b)
            denied(who.put_bucket_acl, Bucket=b, ACL="private")


def test_access_by_grants_to_an_account():
    b = bucket(public=True, ownership="ObjectWriter", keys=["foo"])
    me, them = s3.list_buckets()["Owner"]["ID"], other.list_buckets()["Owner"]["ID"]
    full = f"id={me}"
    s3.put_object_acl(Bucket=b, Key="foo", GrantFullControl=full, GrantRead=f"id={them}")
    assert get(other, b, "foo") == b"foo"
    denied(other.get_object_acl, Bucket=b, Key="foo")
    denied(user(other_iam, "NoPolicies").get_object, Bucket=b, Key="foo")  # the account's own policies count too
    s3.put_object_acl(Bucket=b, Key="foo", GrantFullControl=full, GrantReadACP=f"id={them}")
    assert can(other.get_object_acl, Bucket=b, Key="foo")
    denied(other.put_object_acl, Bucket=b, Key="foo", ACL="private")
    s3.put_object_acl(Bucket=b, Key="foo", GrantFullControl=full, GrantWriteACP=f"id={them}")
    assert can(other.put_object_acl, Bucket=b, Key="foo", ACL="public-read") and get(anonymous, b, "foo") == b"foo"
    for grant, lists, writes, reads_acl, writes_acl in [("GrantRead", 1, 0, 0, 0), ("GrantWrite", 0, 1, 0, 0), ("GrantReadACP", 0, 0, 1, 0), ("GrantFullControl", 1, 1, 1, 1), ("GrantWriteACP", 0, 0, 0, 1)]:
        s3.put_bucket_acl(Bucket=b, **{grant: f"id={them}"})
        assert can(other.list_objects, Bucket=b) if lists else denied(other.list_objects, Bucket=b)
        assert can(other.put_object, Bucket=b, Key="x", Body=b"") if writes else denied(other.put_object, Bucket=b, Key="x", Body=b"")
        assert can(other.get_bucket_acl, Bucket=b) if reads_acl else denied(other.get_bucket_acl, Bucket=b)
        assert can(other.put_bucket_acl, Bucket=b, ACL="private") if writes_acl else denied(other.put_bucket_acl, Bucket=b, ACL="private")


def test_access_is_denied_by_policy_whatever_the_acl():
    b = bucket(public=True, ownership="ObjectWriter", keys=["foo"])
    s3.put_object_acl(Bucket=b, Key="foo", ACL="public-read")
    assert get(anonymous, b, "foo") == b"foo"
    set_policy(b, deny("s3:GetObject", b + "/*"))
    denied(anonymous.get_object, Bucket=b, Key="foo")
    denied(other.get_object, Bucket=b, Key="foo")


def test_ownership_of_what_another_account_writes():
    me, them = s3.list_buckets()["Owner"]["ID"], other.list_buckets()["Owner"]["ID"]
    for ownership, acl, owner, reads in [
        ("ObjectWriter", None, them, False), ("ObjectWriter", "bucket-owner-full-control", them, True), ("ObjectWriter", "bucket-owner-read", them, True),
        ("BucketOwnerPreferred", None, them, False), ("BucketOwnerPreferred", "bucket-owner-full-control", me, True),
        ("BucketOwnerEnforced", None, me, True), ("BucketOwnerEnforced", "bucket-owner-full-control", me, True),
    ]:
        b = bucket(public=True, ownership=ownership)
        set_policy(b, allow(["s3:PutObject", "s3:PutObjectAcl", "s3:GetObject"], b + "/*", B))
        other.put_object(Bucket=b, Key="foo", Body=b"theirs", **({"ACL": acl} if acl else {}))
        listed = s3.list_objects_v2(Bucket=b, FetchOwner=True)["Contents"][0]["Owner"]["ID"]
        assert listed == owner, (ownership, acl, listed)
        if reads:
            assert get(s3, b, "foo") == b"theirs", (ownership, acl)
        else:
            denied(s3.get_object, Bucket=b, Key="foo")
            denied(root.get_object, Bucket=b, Key="foo")
            refused("403", s3.head_object, Bucket=b, Key="foo", status=403)
            denied(s3.get_object_acl, Bucket=b, Key="foo")
        assert get(other, b, "foo") == b"theirs", (ownership, acl)
        if ownership == "ObjectWriter":
            s3.put_bucket_ownership_controls(Bucket=b, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
            assert get(s3, b, "foo") == b"theirs"
        s3.delete_object(Bucket=b, Key="foo")


def test_missing_keys_are_denied_to_who_may_not_list():
    b = bucket(keys=["foo"])
    reader = user(iam, "Reader", allow("s3:GetObject", b + "/*", None))
    denied(reader.get_object, Bucket=b, Key="none", says="s3:ListBucket")
    refused("403", reader.head_object, Bucket=b, Key="none", status=403)
    lister = user(iam, "Lister", allow("s3:GetObject", b + "/*", None), allow("s3:ListBucket", b, None))
    refused("NoSuchKey", lister.get_object, Bucket=b, Key="none", status=404)


def test_conditions_on_listings():
    b = bucket(keys=["mine/a", "theirs/b"])
    u = user(iam, "Prefixed", allow("s3:ListBucket", b, None, StringLike={"s3:prefix": ["mine/*", "mine"]}), allow("s3:GetObject", b + "/*", None))
    assert can(u.list_objects_v2, Bucket=b, Prefix="mine/") and can(u.list_objects, Bucket=b, Prefix="mine/a")
    denied(u.list_objects_v2, Bucket=b)
    denied(u.list_objects_v2, Bucket=b, Prefix="theirs/")
    denied(u.get_object, Bucket=b, Key="mine/none")  # a read has no s3:prefix
    few = user(iam, "Few", allow("s3:ListBucket", b, None, NumericLessThanEquals={"s3:max-keys": "5"}))
    assert can(few.list_objects_v2, Bucket=b, MaxKeys=5)
    denied(few.list_objects_v2, Bucket=b, MaxKeys=6)
    denied(few.list_objects_v2, Bucket=b)


def test_conditions_on_objects():
    b = bucket(public=True, ownership="ObjectWriter", keys=["public", "secret"])
    for key in ("public", "secret"):
        s3.put_object_tagging(Bucket=b, Key=key, Tagging={"TagSet": [{"Key": "Class", "Value": key}]})
    set_policy(b, allow(["s3:GetObject", "s3:GetObjectTagging"], b + "/*", B, StringEquals={"s3:ExistingObjectTag/Class": "public"}))
    assert get(other, b, "public") == b"public" and can(other.get_object_tagging, Bucket=b, Key="public")
    denied(other.get_object, Bucket=b, Key="secret")
    set_policy(b, allow(["s3:PutObject", "s3:PutObjectAcl", "s3:PutObjectTagging"], b + "/*", B), deny("s3:PutObject", b + "/*", B, StringNotEquals={"s3:x-amz-acl": "bucket-owner-full-control"}))
    assert can(other.put_object, Bucket=b, Key="x", Body=b"", ACL="bucket-owner-full-control")
    denied(other.put_object, Bucket=b, Key="x", Body=b"")
    denied(other.put_object, Bucket=b, Key="x", Body=b"", ACL="private")
    set_policy(b, allow(["s3:PutObject", "s3:PutObjectTagging"], b + "/*", B, StringEquals={"s3:RequestObjectTag/security": "public"}))
    assert can(other.put_object, Bucket=b, Key="x", Body=b"", Tagging="security=public&x=y")
    denied(other.put_object, Bucket=b, Key="x", Body=b"")
    set_policy(b, allow(["s3:PutObject"], b + "/*", B), deny("s3:PutObject", b + "/*", B, Null={"s3:x-amz-server-side-encryption": "true"}))
    denied(other.put_object, Bucket=b, Key="x", Body=b"")
    assert can(other.put_object, Bucket=b, Key="x", Body=b"", ServerSideEncryption="AES256")
    set_policy(b, allow("s3:PutObject", b + "/*", B, StringLike={"s3:x-amz-copy-source": b + "/public"}))
    set_policy(b, allow("s3:GetObject", b + "/*", B), allow("s3:PutObject", b + "/*", B, StringLike={"s3:x-amz-copy-source": b + "/public"}))
    assert can(other.copy_object, Bucket=b, Key="x", CopySource=b + "/public", TaggingDirective="REPLACE")
    denied(other.copy_object, Bucket=b, Key="x", CopySource=b + "/secret", TaggingDirective="REPLACE")
    denied(other.put_object, Bucket=b, Key="x", Body=b"")


def test_conditions_on_the_caller():
    b = bucket(public=True, keys=["foo"])
    set_policy(b, allow("s3:GetObject", b + "/*", "*", IpAddress={"aws:SourceIp": "127.0.0.0/8"}))
    assert get(anonymous, b, "foo") == b"foo"
    set_policy(b, allow("s3:GetObject", b + "/*", "*", IpAddress={"aws:SourceIp": "10.0.0.0/8"}))
    denied(anonymous.get_object, Bucket=b, Key="foo")
    set_policy(b, deny("s3:*", [b, b + "/*"], "*", Bool={"aws:SecureTransport": "false"}))
    denied(s3.get_object, Bucket=b, Key="foo")
    root.delete_bucket_policy(Bucket=b)
    set_policy(b, allow("s3:GetObject", b + "/*", "*", StringLike={"aws:Referer": ["http://www.example.com/*"]}))
    s3_with = client("s3", None, s3={"addressing_style": "path"})
    s3_with.meta.events.register("before-sign.s3.*", lambda request, **_: request.headers.add_header("Referer", "http://www.example.com/index.html"))
    assert get(s3_with, b, "foo") == b"foo"
    denied(anonymous.get_object, Bucket=b, Key="foo")


def test_root_is_never_locked_out_of_the_bucket_policy():
    b = bucket(keys=["foo"])
    set_policy(b, deny("s3:*", [b, b + "/*"]))
    for call in (s3.get_bucket_policy, s3.delete_bucket_policy, root.list_objects, root.get_bucket_policy_status):
        denied(call, Bucket=b)
    denied(root.get_object, Bucket=b, Key="foo")
    assert "Deny" in root.get_bucket_policy(Bucket=b)["Policy"]
    root.put_bucket_policy(Bucket=b, Policy=policy(deny("s3:*", [b, b + "/*"])))
    root.delete_bucket_policy(Bucket=b)
    assert get(s3, b, "foo") == b"foo"
    set_policy(b, allow("s3:*", [b, b + "/*"], B))  # no other account gets at the policy, whatever it says
    refused("MethodNotAllowed", other.get_bucket_policy, Bucket=b, status=405)
    refused("MethodNotAllowed", other.delete_bucket_policy, Bucket=b, status=405)


def test_copies_need_both_buckets():
    b = bucket(keys=["foo"])
    theirs = bucket(owner=other)
    denied(other.copy_object, Bucket=theirs, Key="foo", CopySource=b + "/foo")
    set_policy(b, allow("s3:GetObject", b + "/*", B))
    assert can(other.copy_object, Bucket=theirs, Key="foo", CopySource=b + "/foo")
    denied(s3.copy_object, Bucket=theirs, Key="foo", CopySource=b + "/foo")
    u = other.create_multipart_upload(Bucket=theirs, Key="big")["UploadId"]
    assert can(other.upload_part_copy, Bucket=theirs, Key="big", UploadId=u, PartNumber=1, CopySource=b + "/foo")
    set_policy(b, deny("s3:GetObject", b + "/*", B))
    denied(other.upload_part_copy, Bucket=theirs, Key="big", UploadId=u, PartNumber=1, CopySource=b + "/foo")


def test_multi_delete_is_authorized_key_by_key():
    b = bucket(keys=["mine", "theirs"])
    u = user(iam, "Deleter", allow("s3:DeleteObject", b + "/mine", None))
    out = u.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "mine"}, {"Key": "theirs"}]})
    assert [d["Key"] for d in out["Deleted"]] == ["mine"] and [(e["Key"], e["Code"]) for e in out["Errors"]] == [("theirs", "AccessDenied")], out
    assert get(s3, b, "theirs") == b"theirs"


def test_presigned_urls_act_for_their_signer():
    import urllib.request, urllib.error
    b = bucket(keys=["foo"])
    for version, hosts in (("s3v4", "path"), ("s3", "path"), ("s3v4", "virtual")):
        c = client("s3", PRODUCTION["admin"], signature_version=version, s3={"addressing_style": hosts})
        url = c.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "foo"}, ExpiresIn=100)
        request = urllib.request.Request(url)
        if hosts == "virtual":
            name = url.split("/")[2]
            request = urllib.request.Request(url.replace(name, URL.split("/")[2]), headers={"Host": name})
        assert urllib.request.urlopen(request).read() == b"foo", url
        u = client("s3", DEVELOPMENT["admin"], signature_version=version, s3={"addressing_style": "path"})
        for bad, code in ((url.replace("foo?", "bar?"), 403), (u.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "foo"}), 403)):
            try:
                urllib.request.urlopen(bad.replace(bad.split("/")[2], URL.split("/")[2]))
                raise AssertionError("was not refused: " + bad)
            except urllib.error.HTTPError as e:
                assert e.code == code, e.code
        put = c.generate_presigned_url("put_object", Params={"Bucket": b, "Key": "put"}, ExpiresIn=100)
        if hosts == "path":
            assert urllib.request.urlopen(urllib.request.Request(put, data=b"text", method="PUT", headers={"Content-Type": ""})).status == 200
            assert get(s3, b, "put") == b"text"
    set_policy(b, deny("s3:GetObject", b + "/*", "*", StringEquals={"s3:signatureversion": "AWS"}))
    for version, want in (("s3v4", 200), ("s3", 403)):
        c = client("s3", PRODUCTION["admin"], signature_version=version, s3={"addressing_style": "path"})
        try:
            got = urllib.request.urlopen(c.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "foo"})).status
        except urllib.error.HTTPError as e:
            got = e.code
        assert got == want, (version, got)
