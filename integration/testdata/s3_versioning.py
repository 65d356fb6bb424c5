"""Versions of objects."""

from s3_world import *


def put(b, text, k="foo"):
    return s3.put_object(Bucket=b, Key=k, Body=text)["VersionId"]


def versioning(b, state):
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": state})


def test_versioning_is_absent_enabled_or_suspended():
    b = bucket()
    assert "Status" not in s3.get_bucket_versioning(Bucket=b)
    assert "VersionId" not in s3.put_object(Bucket=b, Key="foo", Body=b"")
    for state in ("Enabled", "Suspended", "Enabled"):
        versioning(b, state)
        assert s3.get_bucket_versioning(Bucket=b)["Status"] == state
    refused("MalformedXML", versioning, b, "Off", status=400)
    refused("IllegalVersioningConfigurationException", s3.put_bucket_versioning, Bucket=b, VersioningConfiguration={}, status=400)


def test_versions_are_kept_and_removed_one_by_one():
    b = bucket(versioned=True)
    ids = [put(b, str(i).encode()) for i in range(4)]
    assert [get(s3, b, "foo", VersionId=v) for v in ids] == [b"0", b"1", b"2", b"3"]
    out = s3.delete_object(Bucket=b, Key="foo", VersionId=ids[3])
    assert out["VersionId"] == ids[3] and "DeleteMarker" not in out and status(out) == 204
    assert get(s3, b, "foo") == b"2"
    s3.delete_object(Bucket=b, Key="foo", VersionId=ids[0])
    refused("NoSuchVersion", s3.get_object, Bucket=b, Key="foo", VersionId=ids[0], status=404, says="The specified version does not exist.")
    refused("InvalidArgument", s3.get_object, Bucket=b, Key="foo", VersionId="bad", status=400, says="Invalid version id specified")
    refused("404", s3.head_object, Bucket=b, Key="foo", VersionId=ids[0], status=404)
    refused("400", s3.head_object, Bucket=b, Key="foo", VersionId="bad", status=400)
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=b, status=409)
    s3.delete_object(Bucket=b, Key="foo", VersionId=ids[1])
    s3.delete_object(Bucket=b, Key="foo", VersionId=ids[2])
    s3.delete_bucket(Bucket=b)


def test_delete_markers_hide_and_unhide():
    b = bucket(versioned=True)
    first = put(b, b"a")
    out = s3.delete_object(Bucket=b, Key="foo")
    marker = out["VersionId"]
    assert out["DeleteMarker"] is True
    e = refused("NoSuchKey", s3.get_object, Bucket=b, Key="foo", status=404)
    h = e["ResponseMetadata"]["HTTPHeaders"]
    assert h["x-amz-delete-marker"] == "true" and h["x-amz-version-id"] == marker
    e = refused("404", s3.head_object, Bucket=b, Key="foo", status=404)
    assert e["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    e = refused("MethodNotAllowed", s3.get_object, Bucket=b, Key="foo", VersionId=marker, status=405)
    assert e["ResponseMetadata"]["HTTPHeaders"]["allow"] == "DELETE" and "last-modified" in e["ResponseMetadata"]["HTTPHeaders"]
    e = refused("405", s3.head_object, Bucket=b, Key="foo", VersionId=marker, status=405)
    assert e["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    assert get(s3, b, "foo", VersionId=first) == b"a"
    second = s3.delete_object(Bucket=b, Key="foo")["VersionId"]
    assert second != marker
    out = s3.delete_object(Bucket=b, Key="foo", VersionId=second)
    assert out["DeleteMarker"] is True and out["VersionId"] == second
    s3.delete_object(Bucket=b, Key="foo", VersionId=marker)
    assert get(s3, b, "foo") == b"a"
    out = s3.delete_object(Bucket=b, Key="never")  # a marker for a key that never was
    assert out["DeleteMarker"] is True
    refused("InvalidRequest", s3.copy_object, Bucket=b, Key="x", CopySource={"Bucket": b, "Key": "never", "VersionId": out["VersionId"]}, status=400)
    refused("NoSuchKey", s3.copy_object, Bucket=b, Key="x", CopySource=b + "/never", status=404)


def test_null_versions_come_and_go():
    b = bucket(keys=["foo"])
    versioning(b, "Enabled")
    second = put(b, b"second")
    assert get(s3, b, "foo", VersionId="null") == b"foo"
    versioning(b, "Suspended")
    assert "VersionId" not in s3.put_object(Bucket=b, Key="foo", Body=b"third") and get(s3, b, "foo", VersionId="null") == b"third"
    out = s3.delete_object(Bucket=b, Key="foo")  # removes the null version, and puts a null marker
    assert out["DeleteMarker"] is True and out["VersionId"] == "null"
    listed = s3.list_object_versions(Bucket=b)
    assert [v["VersionId"] for v in listed["Versions"]] == [second] and [m["VersionId"] for m in listed["DeleteMarkers"]] == ["null"]
    s3.delete_object(Bucket=b, Key="foo", VersionId="null")
    assert get(s3, b, "foo") == b"second"


def test_copies_of_versions():
    b = bucket(versioned=True)
    old, new = put(b, b"old"), put(b, b"new")
    out = s3.copy_object(Bucket=b, Key="foo", CopySource={"Bucket": b, "Key": "foo", "VersionId": old})  # a restore
    assert out["CopySourceVersionId"] == old and out["VersionId"] not in (old, new) and get(s3, b, "foo") == b"old"
    refused("NoSuchVersion", s3.copy_object, Bucket=b, Key="x", CopySource={"Bucket": b, "Key": "foo", "VersionId": old[:-1] + ("a" if old[-1] != "a" else "b")}, status=404)


def test_tags_and_acls_of_versions():
    b = bucket(versioned=True, ownership="ObjectWriter")
    old = put(b, b"old")
    put(b, b"new")
    assert s3.put_object_tagging(Bucket=b, Key="foo", VersionId=old, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})["VersionId"] == old
    assert s3.get_object_tagging(Bucket=b, Key="foo", VersionId=old)["TagSet"] and not s3.get_object_tagging(Bucket=b, Key="foo")["TagSet"]
    marker = s3.delete_object(Bucket=b, Key="foo")["VersionId"]
    refused("MethodNotAllowed", s3.get_object_tagging, Bucket=b, Key="foo", VersionId=marker, status=405)
    refused("MethodNotAllowed", s3.get_object_acl, Bucket=b, Key="foo", VersionId=marker, status=405)
    refused("NoSuchKey", s3.put_object_tagging, Bucket=b, Key="foo", Tagging={"TagSet": []}, status=404)


def test_versions_multipart():
    b = bucket(versioned=True)
    u = s3.create_multipart_upload(Bucket=b, Key="foo")["UploadId"]
    p = s3.upload_part(Bucket=b, Key="foo", UploadId=u, PartNumber=1, Body=b"x")
    out = s3.complete_multipart_upload(Bucket=b, Key="foo", UploadId=u, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": p["ETag"]}]})
    assert out["VersionId"] == s3.head_object(Bucket=b, Key="foo")["VersionId"]
