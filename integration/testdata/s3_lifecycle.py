"""Object Lock, lifecycle rules and restores, with the clock moved on."""

import datetime
import urllib.request

from s3_web import upload
from s3_world import *

LOCKED = "Access Denied because object protected by object lock."


def vault(**default):
    """Makes a bucket with Object Lock."""
    b = bucket()
    s3.delete_bucket(Bucket=b)
    s3.create_bucket(Bucket=b, ObjectLockEnabledForBucket=True)
    if default:
        lock(b, **default)
    return b


def lock(b, **default):
    return s3.put_object_lock_configuration(
        Bucket=b, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}}
    )


def clock(advance=None):
    """The emulator's time, moved on first."""
    request = urllib.request.Request(URL + "/_xemu/clock", headers={"Authorization": "Bearer " + WORLD["adminToken"]})
    if advance:
        request.data = json.dumps({"advance": advance}).encode()
    with urllib.request.urlopen(request) as answer:
        now = json.load(answer)["now"]
    return datetime.datetime.fromisoformat(now[:19] + "+00:00")


def retention(b, key, mode, until, **more):
    return s3.put_object_retention(Bucket=b, Key=key, Retention={"Mode": mode, "RetainUntilDate": until}, **more)


def test_object_lock_is_enabled_with_the_bucket_or_later():
    b = bucket()
    refused("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket=b, status=404)
    refused("InvalidBucketState", lock, b, Mode="GOVERNANCE", Days=1, status=409)
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    lock(b, Mode="GOVERNANCE", Years=1)
    got = s3.get_object_lock_configuration(Bucket=b)["ObjectLockConfiguration"]
    assert got == {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Years": 1}}}
    refused("InvalidBucketState", s3.put_bucket_versioning, Bucket=b, VersioningConfiguration={"Status": "Suspended"}, status=409)
    refused("MalformedXML", lock, b, Mode="GOVERNANCE", Days=1, Years=1, status=400)
    refused("MalformedXML", lock, b, Mode="governance", Days=1, status=400)
    refused("InvalidArgument", lock, b, Mode="GOVERNANCE", Days=0, status=400)
    b = vault()
    assert s3.get_bucket_versioning(Bucket=b)["Status"] == "Enabled"
    assert s3.get_object_lock_configuration(Bucket=b)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}


def test_governance_gives_way_to_those_who_may_bypass_it():
    b = vault()
    version = s3.put_object(Bucket=b, Key="k", Body=b"x")["VersionId"]
    until = clock().replace(microsecond=0) + datetime.timedelta(days=10)
    retention(b, "k", "GOVERNANCE", until)
    assert s3.get_object_retention(Bucket=b, Key="k")["Retention"] == {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    head = s3.head_object(Bucket=b, Key="k")
    assert head["ObjectLockMode"] == "GOVERNANCE" and head["ObjectLockRetainUntilDate"] == until
    sooner = until - datetime.timedelta(days=1)
    refused("AccessDenied", retention, b, "k", "GOVERNANCE", sooner, status=403, says=LOCKED)
    refused("AccessDenied", s3.delete_object, Bucket=b, Key="k", VersionId=version, status=403, says=LOCKED)
    retention(b, "k", "GOVERNANCE", sooner, BypassGovernanceRetention=True)
    clerk = user(iam, "lock-clerk", allow(["s3:DeleteObjectVersion", "s3:PutObjectRetention"], [b + "/*"], principal=None))
    refused("AccessDenied", clerk.delete_object, Bucket=b, Key="k", VersionId=version, BypassGovernanceRetention=True,
            says="s3:BypassGovernanceRetention")
    out = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    assert out["Errors"][0]["Code"] == "AccessDenied" and out["Errors"][0]["Message"] == LOCKED
    out = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "k", "VersionId": version}]}, BypassGovernanceRetention=True)
    assert "Errors" not in out


def test_compliance_holds_against_root_until_its_end():
    b = vault(Mode="COMPLIANCE", Days=1)
    version = s3.put_object(Bucket=b, Key="k", Body=b"x")["VersionId"]
    refused("AccessDenied", root.delete_object, Bucket=b, Key="k", VersionId=version, BypassGovernanceRetention=True, says=LOCKED)
    clock("25h")
    root.delete_object(Bucket=b, Key="k", VersionId=version)


def test_a_browsers_upload_gets_the_default_retention():
    b = vault(Mode="GOVERNANCE", Days=1)
    v4 = client("s3", PRODUCTION["admin"], signature_version="s3v4", s3={"addressing_style": "path"})
    form = v4.generate_presigned_post(b, "k")
    code, _, text = upload(form)
    assert code == 204, text
    assert s3.head_object(Bucket=b, Key="k")["ObjectLockMode"] == "GOVERNANCE"


def test_a_legal_hold_is_placed_and_removed():
    b = vault()
    version = s3.put_object(Bucket=b, Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")["VersionId"]
    assert s3.get_object_legal_hold(Bucket=b, Key="k")["LegalHold"] == {"Status": "ON"}
    refused("AccessDenied", s3.delete_object, Bucket=b, Key="k", VersionId=version, BypassGovernanceRetention=True, says=LOCKED)
    marker = s3.delete_object(Bucket=b, Key="k")
    assert marker["DeleteMarker"]
    refused("MethodNotAllowed", s3.get_object_legal_hold, Bucket=b, Key="k", VersionId=marker["VersionId"], status=405)
    s3.put_object_legal_hold(Bucket=b, Key="k", VersionId=version, LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=b, Key="k", VersionId=version)
    refused("InvalidRequest", s3.put_object_legal_hold, Bucket=bucket(keys=["k"]), Key="k", LegalHold={"Status": "ON"}, status=400)


def test_lifecycle_rules_read_back_as_written():
    b = bucket()
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=b, status=404)
    rules = [
        {"ID": "a", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 1}},
        {"ID": "b", "Filter": {"And": {"Prefix": "x", "Tags": [{"Key": "k", "Value": "v"}]}}, "Status": "Disabled",
         "Transitions": [{"Days": 0, "StorageClass": "GLACIER"}]},
    ]
    out = s3.put_bucket_lifecycle_configuration(Bucket=b, LifecycleConfiguration={"Rules": rules})
    assert status(out) == 200 and out["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    assert s3.get_bucket_lifecycle_configuration(Bucket=b)["Rules"] == rules
    out = s3.put_object(Bucket=b, Key="k", Body=b"")
    assert out["Expiration"].endswith('00:00:00 GMT", rule-id="a"'), out["Expiration"]
    assert status(s3.delete_bucket_lifecycle(Bucket=b)) == 204
    old = [{"ID": "old", "Prefix": "p/", "Status": "Enabled", "Expiration": {"Date": datetime.datetime(2040, 1, 1, tzinfo=datetime.timezone.utc)}}]
    s3.put_bucket_lifecycle_configuration(Bucket=b, LifecycleConfiguration={"Rules": old})
    assert s3.get_bucket_lifecycle_configuration(Bucket=b)["Rules"] == old


def test_lifecycle_rules_act_when_their_time_has_come():
    b = bucket(keys=["keep", "tmp/a", "tmp/b"])
    s3.put_bucket_lifecycle_configuration(Bucket=b, LifecycleConfiguration={"Rules": [
        {"ID": "tmp", "Filter": {"Prefix": "tmp/"}, "Status": "Enabled", "Expiration": {"Days": 5}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    ]})
    s3.create_multipart_upload(Bucket=b, Key="tmp/c")
    keys = lambda: [o["Key"] for o in s3.list_objects_v2(Bucket=b)["Contents"]]
    clock("72h")
    assert keys() == ["keep", "tmp/a", "tmp/b"] and "Uploads" not in s3.list_multipart_uploads(Bucket=b)
    clock("72h")
    assert keys() == ["keep"]


def test_an_archived_object_is_restored_for_a_time():
    b = bucket()
    s3.put_object(Bucket=b, Key="k", Body=b"x", StorageClass="GLACIER")
    refused("InvalidObjectState", s3.get_object, Bucket=b, Key="k", status=403)
    out = s3.restore_object(Bucket=b, Key="k", RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}})
    assert status(out) == 202
    assert s3.head_object(Bucket=b, Key="k")["Restore"] == 'ongoing-request="true"'
    refused("RestoreAlreadyInProgress", s3.restore_object, Bucket=b, Key="k", RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}}, status=409)
    clock("12h")
    assert get(s3, b, "k") == b"x"
    assert s3.head_object(Bucket=b, Key="k")["Restore"].startswith('ongoing-request="false", expiry-date="')
    listed = s3.list_objects_v2(Bucket=b, OptionalObjectAttributes=["RestoreStatus"])["Contents"][0]
    assert listed["RestoreStatus"]["IsRestoreInProgress"] is False and "RestoreExpiryDate" in listed["RestoreStatus"]
    clock("48h")
    refused("InvalidObjectState", s3.get_object, Bucket=b, Key="k", status=403)
