"""Objects: put, get, ranges, conditions, metadata, tags, copies, deletions."""

import datetime
import hashlib
import base64

from s3_world import *

YEARS = datetime.timedelta(days=3000)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def test_object_reads_back_as_written():
    b = bucket()
    for text in [b"", b"\0\xff" * 100, b"x" * 300_000]:
        etag = s3.put_object(Bucket=b, Key="foo", Body=text)["ETag"]
        r = s3.get_object(Bucket=b, Key="foo")
        assert etag == r["ETag"] == '"' + hashlib.md5(text).hexdigest() + '"' and body(r) == text
        assert r["ContentLength"] == len(text) and r["ContentType"] == "binary/octet-stream" and r["AcceptRanges"] == "bytes"
        assert s3.head_object(Bucket=b, Key="foo")["ContentLength"] == len(text)


def test_object_that_is_not_there():
    b = bucket()
    e = refused("NoSuchKey", s3.get_object, Bucket=b, Key="bar", status=404, says="The specified key does not exist.")
    assert e["Error"]["Key"] == "bar" and e["ResponseMetadata"]["RequestId"] and e["ResponseMetadata"]["HostId"]
    e = refused("404", s3.head_object, Bucket=b, Key="bar", status=404)
    assert e["Error"]["Message"] == "Not Found"
    e = refused("NoSuchBucket", s3.put_object, Bucket="there-is-none", Key="foo", Body=b"", status=404)
    assert refused("404", s3.head_bucket, Bucket="there-is-none")
    assert status(s3.delete_object(Bucket=b, Key="bar")) == 204
    refused("NoSuchKey", s3.get_object_tagging, Bucket=b, Key="bar", status=404)
    refused("NoSuchKey", s3.get_object_acl, Bucket=b, Key="bar", status=404)
    refused("NoSuchKey", s3.copy_object, Bucket=b, Key="x", CopySource=b + "/bar", status=404)


def test_metadata_reads_back_in_lower_case_and_is_replaced_whole():
    b = bucket()
    s3.put_object(Bucket=b, Key="foo", Metadata={"Meta1": "mymeta", "empty": ""}, Body=b"x", CacheControl="public, max-age=14400",
                  Expires=now() + YEARS, ContentType="text/plain; charset=UTF-8", ContentLanguage="da", ContentDisposition="inline",
                  ContentEncoding="gzip", WebsiteRedirectLocation="/elsewhere")
    r = s3.head_object(Bucket=b, Key="foo")
    assert r["Metadata"] == {"meta1": "mymeta", "empty": ""}, r["Metadata"]
    assert (r["CacheControl"], r["ContentType"], r["ContentLanguage"], r["ContentDisposition"], r["ContentEncoding"], r["WebsiteRedirectLocation"]) == (
        "public, max-age=14400", "text/plain; charset=UTF-8", "da", "inline", "gzip", "/elsewhere"), r
    assert headers(r)["expires"]
    s3.put_object(Bucket=b, Key="foo", Metadata={"meta2": "other"}, Body=b"x")
    assert s3.head_object(Bucket=b, Key="foo")["Metadata"] == {"meta2": "other"}
    refused("MetadataTooLarge", s3.put_object, Bucket=b, Key="foo", Metadata={"m": "x" * 2100}, status=400)


def test_content_encoding_loses_aws_chunked():
    b = bucket()
    for given, kept in [("aws-chunked", None), ("gzip", "gzip"), ("deflate, aws-chunked, gzip", "deflate,gzip"), ("gzip,aws-chunked", "gzip")]:
        s3.put_object(Bucket=b, Key="foo", ContentEncoding=given, Body=b"x")
        assert s3.get_object(Bucket=b, Key="foo").get("ContentEncoding") == kept, given


def test_response_headers_can_be_overridden():
    b = bucket(public=True, keys=["foo"])
    r = s3.get_object(Bucket=b, Key="foo", ResponseCacheControl="no-cache", ResponseContentDisposition="bla", ResponseContentEncoding="aaa",
                      ResponseContentLanguage="esperanto", ResponseContentType="foo/bar", ResponseExpires="123")
    assert (r["CacheControl"], r["ContentDisposition"], r["ContentEncoding"], r["ContentLanguage"], r["ContentType"]) == (
        "no-cache", "bla", "aaa", "esperanto", "foo/bar")
    s3.put_bucket_policy(Bucket=b, Policy=policy(allow("s3:GetObject", b + "/*")))
    refused("InvalidRequest", anonymous.get_object, Bucket=b, Key="foo", ResponseCacheControl="no-cache", status=400)


def test_ranges():
    b = bucket()
    text = b"testcontent"
    s3.put_object(Bucket=b, Key="foo", Body=text)
    for asked, want, shown in [("bytes=4-7", text[4:8], "bytes 4-7/11"), ("bytes=4-", text[4:], "bytes 4-10/11"), ("bytes=-7", text[-7:], "bytes 4-10/11"),
                               ("bytes=0-0", b"t", "bytes 0-0/11"), ("bytes=5-999999", text[5:], "bytes 5-10/11"), ("bytes=-999", text, "bytes 0-10/11")]:
        r = s3.get_object(Bucket=b, Key="foo", Range=asked)
        assert body(r) == want and r["ContentRange"] == shown and status(r) == 206 and r["ContentLength"] == len(want), (asked, r)
        r = s3.head_object(Bucket=b, Key="foo", Range=asked)
        assert status(r) == 206 and r["ContentRange"] == shown, asked
    for asked in ["bytes=7-4", "bytes=x-y", "lines=1-2", "bytes=0-1,3-4", "bytes=", "0-3"]:  # S3 takes no notice of these
        r = s3.get_object(Bucket=b, Key="foo", Range=asked)
        assert body(r) == text and status(r) == 200, asked
    for asked in ["bytes=40-50", "bytes=11-", "bytes=-0"]:
        e = refused("InvalidRange", s3.get_object, Bucket=b, Key="foo", Range=asked, status=416, says="The requested range is not satisfiable")
        assert e["Error"]["ActualObjectSize"] == "11" and e["Error"]["RangeRequested"] == asked
    s3.put_object(Bucket=b, Key="empty", Body=b"")
    refused("InvalidRange", s3.get_object, Bucket=b, Key="empty", Range="bytes=40-50", status=416)
    refused("416", s3.head_object, Bucket=b, Key="foo", Range="bytes=40-50", status=416)
    big = bytes(range(256)) * 32768  # 8 MiB: a file, not a row
    s3.put_object(Bucket=b, Key="big", Body=big)
    assert get(s3, b, "big", Range="bytes=3145728-5242880") == big[3145728:5242881]


def test_conditions_of_reads():
    b = bucket(keys=["foo"])
    etag = s3.head_object(Bucket=b, Key="foo")["ETag"]
    past, future = now() - YEARS, now() + YEARS
    reads = lambda **c: get(s3, b, "foo", **c) == b"foo"
    assert reads(IfMatch=etag) and reads(IfMatch=etag.strip('"')) and reads(IfMatch="*") and reads(IfNoneMatch='"ABCORZ"')
    assert reads(IfModifiedSince=past) and reads(IfUnmodifiedSince=future) and reads(IfMatch=etag, IfUnmodifiedSince=past)
    assert reads(IfModifiedSince=future)  # a date in the future is none (RFC 7232)
    for failing, name in [({"IfMatch": '"ABCORZ"'}, "If-Match"), ({"IfUnmodifiedSince": past}, "If-Unmodified-Since")]:
        e = refused("PreconditionFailed", s3.get_object, Bucket=b, Key="foo", status=412, **failing)
        assert e["Error"]["Condition"] == name and "At least one of the pre-conditions" in e["Error"]["Message"]
        refused("412", s3.head_object, Bucket=b, Key="foo", status=412, **failing)
    modified = s3.head_object(Bucket=b, Key="foo")["LastModified"]
    for failing in [{"IfNoneMatch": etag}, {"IfNoneMatch": etag, "IfModifiedSince": past}, {"IfModifiedSince": modified}]:
        e = refused("304", s3.get_object, Bucket=b, Key="foo", status=304, **failing)
        assert e["ResponseMetadata"]["HTTPHeaders"]["etag"] == etag and "content-type" not in e["ResponseMetadata"]["HTTPHeaders"]
        refused("304", s3.head_object, Bucket=b, Key="foo", status=304, **failing)
    refused("NoSuchKey", s3.get_object, Bucket=b, Key="none", IfNoneMatch="*", status=404)


def test_conditions_of_writes():
    b = bucket()
    etag = s3.put_object(Bucket=b, Key="foo", Body=b"bar", IfNoneMatch="*")["ETag"]
    e = refused("PreconditionFailed", s3.put_object, Bucket=b, Key="foo", Body=b"zar", IfNoneMatch="*", status=412)
    assert e["Error"]["Condition"] == "If-None-Match"
    refused("PreconditionFailed", s3.put_object, Bucket=b, Key="foo", Body=b"zar", IfMatch='"ABCORZ"', status=412)
    assert get(s3, b, "foo") == b"bar"
    s3.put_object(Bucket=b, Key="foo", Body=b"zar", IfMatch=etag)
    assert get(s3, b, "foo") == b"zar"
    refused("NoSuchKey", s3.put_object, Bucket=b, Key="new", Body=b"", IfMatch=etag, status=404)
    refused("NotImplemented", s3.put_object, Bucket=b, Key="new", Body=b"", IfNoneMatch=etag, status=501)
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    s3.delete_object(Bucket=b, Key="foo")
    s3.put_object(Bucket=b, Key="foo", Body=b"bar", IfNoneMatch="*")  # a delete marker is no object
    refused("PreconditionFailed", s3.copy_object, Bucket=b, Key="foo", CopySource=b + "/foo", MetadataDirective="REPLACE", IfNoneMatch="*", status=412)


def test_conditions_of_deletions():
    b = bucket(keys=["foo", "bar"])
    etag = s3.head_object(Bucket=b, Key="foo")["ETag"]
    refused("PreconditionFailed", s3.delete_object, Bucket=b, Key="foo", IfMatch='"ABCORZ"', status=412)
    assert get(s3, b, "foo") == b"foo"
    s3.delete_object(Bucket=b, Key="foo", IfMatch=etag)
    refused("404", s3.head_object, Bucket=b, Key="foo")
    s3.delete_object(Bucket=b, Key="bar", IfMatch="*")
    refused("NoSuchKey", s3.delete_object, Bucket=b, Key="bar", IfMatch="*", status=404)


def test_content_md5():
    b = bucket()
    c = client("s3", PRODUCTION["admin"], request_checksum_calculation="when_required")
    refused("InvalidDigest", c.put_object, Bucket=b, Key="foo", Body=b"bar", ContentMD5="YWJyYWNhZGFicmE=", status=400)
    refused("InvalidDigest", c.put_object, Bucket=b, Key="foo", Body=b"bar", ContentMD5="", status=400)
    refused("BadDigest", c.put_object, Bucket=b, Key="foo", Body=b"bar", ContentMD5="rL0Y20xC+Fzt72VPzMSk2A==", status=400)
    refused("404", s3.head_object, Bucket=b, Key="foo")
    c.put_object(Bucket=b, Key="foo", Body=b"bar", ContentMD5=base64.b64encode(hashlib.md5(b"bar").digest()).decode())


def test_checksums():
    b = bucket()
    sha256 = base64.b64encode(hashlib.sha256(b"bar").digest()).decode()
    for algorithm in ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"]:
        if algorithm in ("CRC32C", "CRC64NVME"):  # need a library that may be absent
            continue
        name = "Checksum" + algorithm
        sent = s3.put_object(Bucket=b, Key="foo", Body=b"bar", ChecksumAlgorithm=algorithm)[name]
        r = s3.get_object(Bucket=b, Key="foo", ChecksumMode="ENABLED")
        assert r[name] == sent and r["ChecksumType"] == "FULL_OBJECT" and body(r) == b"bar", r
        a = s3.get_object_attributes(Bucket=b, Key="foo", ObjectAttributes=["Checksum", "ETag", "ObjectSize", "StorageClass", "ObjectParts"])
        assert a["Checksum"][name] == sent and a["ObjectSize"] == 3 and "ObjectParts" not in a and a["StorageClass"] == "STANDARD" and '"' not in a["ETag"], a
    s3.put_object(Bucket=b, Key="foo", Body=b"bar", ChecksumSHA256=sha256)
    refused("BadDigest", s3.put_object, Bucket=b, Key="foo", Body=b"baz", ChecksumSHA256=sha256, status=400)
    refused("InvalidRequest", s3.put_object, Bucket=b, Key="foo", Body=b"baz", ChecksumSHA256="bad", status=400)
    assert get(s3, b, "foo") == b"bar"
    assert "ChecksumSHA256" not in s3.head_object(Bucket=b, Key="foo")


def test_part_number_of_a_whole_object():
    b = bucket(keys=["foo"])
    r = s3.get_object(Bucket=b, Key="foo", PartNumber=1)
    assert status(r) == 206 and r["ContentRange"] == "bytes 0-2/3" and "PartsCount" not in r and body(r) == b"foo"
    refused("InvalidPartNumber", s3.get_object, Bucket=b, Key="foo", PartNumber=2, status=416)
    refused("InvalidRequest", s3.get_object, Bucket=b, Key="foo", PartNumber=1, Range="bytes=0-1", status=400)


KEYS = ["..", ".", "../..", "../../etc/passwd", "a/../b", "//", "/", "/lead", "trail/", "a//b", " ", " a b ", "+", "a+b", "%", "%2F", "%41", "100%", "?", "a?b=c",
        "#", "a#b", "&", "=", ":", "@", "'", '"', "<>", "\\", "a\\..\\b", "~", "*", "é", "日本語", "\U0001f600", "\u2028", "k" * 1024, "é" * 512, "a\tb", "a\nb", "\x01", "\x7f", ";", "a;b", "/./", "[x]", "^", "`", "{y}", "|"]


def test_keys_of_every_kind_read_back():
    b, c = bucket(), bucket()
    for i, key in enumerate(KEYS):
        s3.put_object(Bucket=b, Key=key, Body=str(i).encode())
    for i, key in enumerate(KEYS):
        assert get(s3, b, key) == str(i).encode(), key
        s3.copy_object(Bucket=c, Key=key, CopySource={"Bucket": b, "Key": key})
        assert get(s3, c, key) == str(i).encode(), key
    listed = [o["Key"] for o in s3.list_objects_v2(Bucket=b)["Contents"]]
    assert listed == sorted(KEYS, key=lambda k: k.encode()), set(KEYS) ^ set(listed)
    out = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": k} for k in KEYS if k not in ("\x01",)]})
    assert "Errors" not in out and len(out["Deleted"]) == len(KEYS) - 1, out
    for key in KEYS:
        s3.delete_object(Bucket=c, Key=key)
    assert s3.list_objects_v2(Bucket=c)["KeyCount"] == 0
    refused("KeyTooLongError", s3.put_object, Bucket=b, Key="k" * 1025, Body=b"", status=400)
    refused("KeyTooLongError", s3.get_object, Bucket=b, Key="k" * 1025, status=400)


def test_copy():
    b, c = bucket(keys=["foo"]), bucket()
    s3.put_object(Bucket=b, Key="foo", Body=b"foo", Metadata={"key": "value"}, ContentType="text/x", Tagging="a=b")
    out = s3.copy_object(Bucket=c, Key="bar", CopySource=b + "/foo")
    r = s3.get_object(Bucket=c, Key="bar")
    assert body(r) == b"foo" and r["Metadata"] == {"key": "value"} and r["ContentType"] == "text/x" and r["TagCount"] == 1
    assert out["CopyObjectResult"]["ETag"] == r["ETag"] and out["CopyObjectResult"]["LastModified"]
    s3.copy_object(Bucket=c, Key="bar", CopySource=f"{b}/foo", Metadata={"n": "1"}, ContentType="a/b", MetadataDirective="REPLACE", TaggingDirective="REPLACE", Tagging="x=y&z=")
    r = s3.get_object(Bucket=c, Key="bar")
    assert r["Metadata"] == {"n": "1"} and r["ContentType"] == "a/b"
    assert s3.get_object_tagging(Bucket=c, Key="bar")["TagSet"] == [{"Key": "x", "Value": "y"}, {"Key": "z", "Value": ""}]
    refused("InvalidRequest", s3.copy_object, Bucket=b, Key="foo", CopySource=b + "/foo", status=400, says="This copy request is illegal because it is trying to copy an object to itself")
    s3.copy_object(Bucket=b, Key="foo", CopySource="/" + b + "/foo", Metadata={"new": "1"}, MetadataDirective="REPLACE")
    assert s3.head_object(Bucket=b, Key="foo")["Metadata"] == {"new": "1"} and get(s3, b, "foo") == b"foo"
    refused("NoSuchBucket", s3.copy_object, Bucket=b, Key="x", CopySource="there-is-none/foo", status=404)
    refused("InvalidArgument", s3.copy_object, Bucket=b, Key="x", CopySource="nothing", status=400)
    refused("InvalidArgument", s3.copy_object, Bucket=b, Key="x", CopySource=b + "/foo", MetadataDirective="BAD", status=400)


def test_copy_conditions_fail_with_412():
    b = bucket(keys=["foo"])
    etag, copy = s3.head_object(Bucket=b, Key="foo")["ETag"], lambda **c: s3.copy_object(Bucket=b, Key="bar", CopySource=b + "/foo", **c)
    copy(CopySourceIfMatch=etag)
    copy(CopySourceIfNoneMatch="ABCORZ")
    copy(CopySourceIfModifiedSince=now() - YEARS)
    copy(CopySourceIfUnmodifiedSince=now() + YEARS)
    copy(CopySourceIfMatch=etag, CopySourceIfUnmodifiedSince=now() - YEARS)
    for failing in [{"CopySourceIfMatch": "ABCORZ"}, {"CopySourceIfNoneMatch": etag}, {"CopySourceIfUnmodifiedSince": now() - YEARS}]:
        refused("PreconditionFailed", copy, status=412, **failing)


def test_tags():
    b = bucket()
    tags = lambda n, k="{}", v="v{}": [{"Key": k.format(i), "Value": v.format(i)} for i in range(n)]
    s3.put_object(Bucket=b, Key="foo", Body=b"", Tagging="foo=bar&bar=baz%20x&empty")
    assert s3.get_object_tagging(Bucket=b, Key="foo")["TagSet"] == [{"Key": "foo", "Value": "bar"}, {"Key": "bar", "Value": "baz x"}, {"Key": "empty", "Value": ""}]
    assert s3.head_object(Bucket=b, Key="foo").get("TagCount") == 3
    loose = client("s3", PRODUCTION["admin"], parameter_validation=False)
    put = lambda t: loose.put_object_tagging(Bucket=b, Key="foo", Tagging={"TagSet": t})
    assert status(put(tags(10))) == 200
    assert status(put([{"Key": "k" * 128, "Value": "v" * 256}])) == 200
    for bad in [[{"Key": "k" * 129, "Value": "v"}], [{"Key": "k", "Value": "v" * 257}], tags(2, "same"), [{"Key": "aws:x", "Value": "v"}], [{"Key": "a,b", "Value": "v"}], [{"Key": "", "Value": "v"}]]:
        refused("InvalidTag", put, bad, status=400)
    refused("BadRequest", put, tags(11), status=400, says="Object tags cannot be greater than 10")
    assert s3.get_object_tagging(Bucket=b, Key="foo")["TagSet"][0]["Key"] == "k" * 128
    assert status(s3.delete_object_tagging(Bucket=b, Key="foo")) == 204
    assert s3.get_object_tagging(Bucket=b, Key="foo")["TagSet"] == []
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=b, status=404, says="The TagSet does not exist")
    assert status(s3.put_bucket_tagging(Bucket=b, Tagging={"TagSet": tags(50)})) == 204
    assert s3.get_bucket_tagging(Bucket=b)["TagSet"] == tags(50)
    refused("BadRequest", s3.put_bucket_tagging, Bucket=b, Tagging={"TagSet": tags(51)}, status=400)
    assert status(s3.delete_bucket_tagging(Bucket=b)) == 204
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=b)


def test_multi_delete():
    b = bucket(keys=["a", "b", "c"])
    out = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}, {"Key": "none"}]})
    assert [d["Key"] for d in out["Deleted"]] == ["a", "b", "none"] and "Errors" not in out, out
    out = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": "c"}], "Quiet": True})
    assert "Deleted" not in out and "Errors" not in out and s3.list_objects_v2(Bucket=b)["KeyCount"] == 0
    refused("MalformedXML", s3.delete_objects, Bucket=b, Delete={"Objects": [{"Key": str(i)} for i in range(1001)]}, status=400)
    refused("MalformedXML", s3.delete_objects, Bucket=b, Delete={"Objects": []}, status=400)
    v = bucket(versioned=True, keys=["a"])
    first = s3.list_object_versions(Bucket=v)["Versions"][0]["VersionId"]
    marker = s3.delete_objects(Bucket=v, Delete={"Objects": [{"Key": "a"}]})["Deleted"][0]
    assert marker["DeleteMarker"] and marker["DeleteMarkerVersionId"] and "VersionId" not in marker, marker
    out = s3.delete_objects(Bucket=v, Delete={"Objects": [{"Key": "a", "VersionId": first}, {"Key": "a", "VersionId": marker["DeleteMarkerVersionId"]}, {"Key": "a", "VersionId": "bad"}]})
    assert out["Deleted"][1]["DeleteMarker"] and out["Deleted"][1]["DeleteMarkerVersionId"] == marker["DeleteMarkerVersionId"] == out["Deleted"][1]["VersionId"], out
    assert "Versions" not in s3.list_object_versions(Bucket=v) and out["Errors"][0]["Code"] == "InvalidArgument", out


def test_storage_classes():
    b = bucket()
    s3.put_object(Bucket=b, Key="ia", Body=b"x", StorageClass="STANDARD_IA")
    assert s3.head_object(Bucket=b, Key="ia")["StorageClass"] == "STANDARD_IA"
    s3.put_object(Bucket=b, Key="std", Body=b"x", StorageClass="STANDARD")
    assert "StorageClass" not in s3.head_object(Bucket=b, Key="std")
    refused("InvalidStorageClass", s3.put_object, Bucket=b, Key="x", Body=b"", StorageClass="NONE", status=400)
    s3.put_object(Bucket=b, Key="cold", Body=b"x", StorageClass="GLACIER")
    refused("InvalidObjectState", s3.get_object, Bucket=b, Key="cold", status=403)
