"""Multipart uploads, and the transfer manager, which makes them."""

import io

from s3_world import *

MB = 1 << 20
BIG = bytes(range(256)) * (5 * MB // 256)


def begin(b, k="big", **more):
    return s3.create_multipart_upload(Bucket=b, Key=k, **more)["UploadId"]


def part(b, u, n, text, k="big", **more):
    return {"PartNumber": n, "ETag": s3.upload_part(Bucket=b, Key=k, UploadId=u, PartNumber=n, Body=text, **more)["ETag"]}


def complete(b, u, parts, k="big", **more):
    return s3.complete_multipart_upload(Bucket=b, Key=k, UploadId=u, MultipartUpload={"Parts": parts}, **more)


def test_multipart_upload_reads_back():
    b = bucket()
    u = begin(b, Metadata={"a": "b"}, ContentType="text/x", Tagging="t=1")
    parts = [part(b, u, n, text) for n, text in [(1, BIG), (2, BIG[::-1]), (3, b"end")]]
    listed = s3.list_parts(Bucket=b, Key="big", UploadId=u)
    assert [(p["PartNumber"], p["Size"]) for p in listed["Parts"]] == [(1, 5 * MB), (2, 5 * MB), (3, 3)], listed
    assert listed["Initiator"]["ID"].endswith("user/admin") and listed["StorageClass"] == "STANDARD" and listed["Owner"]["ID"]
    refused("NoSuchKey", s3.get_object, Bucket=b, Key="big")
    out = complete(b, u, parts)
    assert out["ETag"].endswith('-3"') and out["Bucket"] == b and out["Key"] == "big" and out["Location"].endswith(f"/{b}/big"), out
    r = s3.get_object(Bucket=b, Key="big")
    assert body(r) == BIG + BIG[::-1] + b"end" and r["Metadata"] == {"a": "b"} and r["ContentType"] == "text/x" and r["TagCount"] == 1 and r["ETag"] == out["ETag"]
    assert get(s3, b, "big", Range=f"bytes={5*MB-2}-{5*MB+1}") == BIG[-2:] + BIG[::-1][:2]
    again = complete(b, u, parts)  # a client that lost the answer asks again
    assert again["ETag"] == out["ETag"]
    refused("NoSuchUpload", s3.list_parts, Bucket=b, Key="big", UploadId=u, status=404)
    r = s3.get_object(Bucket=b, Key="big", PartNumber=2)
    assert r["PartsCount"] == 3 and r["ContentLength"] == 5 * MB and status(r) == 206 and body(r) == BIG[::-1]
    h = s3.head_object(Bucket=b, Key="big", PartNumber=3)
    assert h["PartsCount"] == 3 and h["ContentLength"] == 3
    refused("InvalidPartNumber", s3.get_object, Bucket=b, Key="big", PartNumber=4, status=416)
    a = s3.get_object_attributes(Bucket=b, Key="big", ObjectAttributes=["ObjectParts", "ObjectSize"], MaxParts=1)
    assert a["ObjectParts"]["TotalPartsCount"] == 3 and a["ObjectSize"] == 10 * MB + 3, a


def test_multipart_of_one_small_part_and_parts_written_twice():
    b = bucket()
    u = begin(b)
    part(b, u, 7, b"old")
    complete(b, u, [part(b, u, 7, b"new")])
    assert get(s3, b, "big") == b"new"


def test_multipart_refuses_wrong_lists():
    b = bucket()
    u = begin(b)
    one, two = part(b, u, 1, b"small"), part(b, u, 2, b"last")
    refused("EntityTooSmall", complete, b, u, [one, two], status=400)
    refused("InvalidPartOrder", complete, b, u, [two, one], status=400)
    refused("InvalidPartOrder", complete, b, u, [one, one], status=400)
    refused("MalformedXML", complete, b, u, [], status=400)
    refused("InvalidPart", complete, b, u, [{"PartNumber": 1, "ETag": two["ETag"]}], status=400)
    refused("InvalidPart", complete, b, u, [{"PartNumber": 9999, "ETag": one["ETag"]}], status=400)
    refused("NoSuchUpload", complete, b, "x" * 32, [one], status=404)
    for n in (0, -1, 10001):
        refused("InvalidArgument", part, b, u, n, b"x", status=400)
    refused("NoSuchUpload", part, b, "nonsense", 1, b"x", status=404)
    refused("InvalidRequest", complete, b, u, [one], MpuObjectSize=9, status=400)
    complete(b, u, [{"PartNumber": 1, "ETag": one["ETag"].strip('"')}], MpuObjectSize=5)


def test_multipart_abort():
    b = bucket()
    u = begin(b)
    part(b, u, 1, b"x")
    assert status(s3.abort_multipart_upload(Bucket=b, Key="big", UploadId=u)) == 204
    refused("NoSuchUpload", s3.abort_multipart_upload, Bucket=b, Key="big", UploadId=u, status=404)
    refused("NoSuchUpload", part, b, u, 1, b"x")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=b)
    s3.delete_bucket(Bucket=b)


def test_multipart_uploads_are_listed_by_key_and_age():
    b = bucket()
    ids = [begin(b, k) for k in ("b", "a", "a", "c/1", "c/2")]
    page = s3.list_multipart_uploads(Bucket=b)
    assert [(u["Key"], u["UploadId"]) for u in page["Uploads"]][:3] == [("a", ids[1]), ("a", ids[2]), ("b", ids[0])], page
    page = s3.list_multipart_uploads(Bucket=b, Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["c/"] and len(page["Uploads"]) == 3
    seen, more = [], {}
    while True:
        page = s3.list_multipart_uploads(Bucket=b, MaxUploads=1, **more)
        seen += [u["UploadId"] for u in page["Uploads"]]
        if not page["IsTruncated"]:
            break
        more = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert seen == [ids[1], ids[2], ids[0], ids[3], ids[4]]


def test_multipart_copy_of_parts_and_ranges():
    b = bucket(keys=["src"])
    s3.put_object(Bucket=b, Key="src", Body=BIG + b"tail")
    u = begin(b)
    copied = lambda n, **more: {"PartNumber": n, "ETag": s3.upload_part_copy(Bucket=b, Key="big", UploadId=u, PartNumber=n, CopySource=b + "/src", **more)["CopyPartResult"]["ETag"]}
    parts = [copied(1, CopySourceRange=f"bytes=0-{5*MB-1}"), copied(2, CopySourceRange=f"bytes={5*MB}-{5*MB+3}")]
    for bad in ("bytes=0-", "0-2", "bytes=hello-world", "bytes=0-bar", "bytes=hello-", "bytes=0-2,3-5", f"bytes=0-{9*MB}"):
        refused("InvalidArgument", copied, 3, CopySourceRange=bad, status=400)
    refused("NoSuchKey", s3.upload_part_copy, Bucket=b, Key="big", UploadId=u, PartNumber=3, CopySource=b + "/none", status=404)
    refused("PreconditionFailed", copied, 3, CopySourceIfMatch="x", status=412)
    complete(b, u, parts)
    assert get(s3, b, "big") == BIG + b"tail"
    s3.copy_object(Bucket=b, Key="copy", CopySource=b + "/big")
    s3.delete_object(Bucket=b, Key="big")
    assert get(s3, b, "copy") == BIG + b"tail" and "-" not in s3.head_object(Bucket=b, Key="copy")["ETag"]


def test_multipart_conditions_on_completion():
    b = bucket(keys=["big"])
    u = begin(b)
    p = [part(b, u, 1, b"x")]
    refused("PreconditionFailed", complete, b, u, p, IfNoneMatch="*", status=412)
    refused("PreconditionFailed", complete, b, u, p, IfMatch='"x"', status=412)
    complete(b, u, p, IfMatch=s3.head_object(Bucket=b, Key="big")["ETag"])
    assert get(s3, b, "big") == b"x"


def test_multipart_checksums():
    b = bucket()
    u = begin(b, ChecksumAlgorithm="SHA256")
    up = s3.upload_part(Bucket=b, Key="big", UploadId=u, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256")
    p = {"PartNumber": 1, "ETag": up["ETag"], "ChecksumSHA256": up["ChecksumSHA256"]}
    refused("InvalidRequest", complete, b, u, [{"PartNumber": 1, "ETag": up["ETag"]}], status=400)
    refused("InvalidPart", complete, b, u, [{**p, "ChecksumSHA256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}], status=400)
    out = complete(b, u, [p])
    assert out["ChecksumSHA256"].endswith("-1") and out["ChecksumType"] == "COMPOSITE", out
    h = s3.head_object(Bucket=b, Key="big", ChecksumMode="ENABLED")
    assert h["ChecksumSHA256"] == out["ChecksumSHA256"] and h["ChecksumType"] == "COMPOSITE"
    parts = s3.get_object_attributes(Bucket=b, Key="big", ObjectAttributes=["ObjectParts", "Checksum"])
    assert parts["ObjectParts"]["Parts"][0]["ChecksumSHA256"] == up["ChecksumSHA256"] and parts["Checksum"]["ChecksumType"] == "COMPOSITE", parts
    u = begin(b, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    up = s3.upload_part(Bucket=b, Key="big", UploadId=u, PartNumber=1, Body=b"x", ChecksumAlgorithm="CRC32")
    out = complete(b, u, [{"PartNumber": 1, "ETag": up["ETag"]}])
    assert out["ChecksumCRC32"] == up["ChecksumCRC32"] and out["ChecksumType"] == "FULL_OBJECT", out
    refused("InvalidRequest", s3.create_multipart_upload, Bucket=b, Key="x", ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT", status=400)


def test_transfer_manager_goes_both_ways():
    from boto3.s3.transfer import TransferConfig
    b, config = bucket(), TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB, max_concurrency=4)
    text = BIG * 2 + b"rest"
    s3.upload_fileobj(io.BytesIO(text), b, "big", ExtraArgs={"Metadata": {"m": "1"}}, Config=config)
    assert s3.head_object(Bucket=b, Key="big")["ETag"].endswith('-3"')
    out = io.BytesIO()
    s3.download_fileobj(b, "big", out, Config=config)
    assert out.getvalue() == text
    s3.copy({"Bucket": b, "Key": "big"}, b, "copy", Config=config)
    assert get(s3, b, "copy") == text
