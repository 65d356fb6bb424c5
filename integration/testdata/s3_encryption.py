"""Server-side encryption, with the transfer manager as well."""

import io

from boto3.s3.transfer import TransferConfig

from s3_world import *

MB = 1 << 20
ONE = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"1" * 32}
TWO = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"2" * 32}
SOURCE = {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": b"1" * 32}
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def encrypt(b, **rule):
    s3.put_bucket_encryption(Bucket=b, ServerSideEncryptionConfiguration={"Rules": [rule]})


def unblocked(**more):
    b = bucket(**more)
    encrypt(b, BlockedEncryptionTypes={"EncryptionType": ["NONE"]})
    return b


def test_sse_c_is_blocked_until_it_is_unblocked():
    b = bucket()
    refused("AccessDenied", s3.put_object, Bucket=b, Key="k", Body=b"x", **ONE, status=403, says="blocked upload requests that specify Server Side Encryption with Customer provided keys")
    rule = s3.get_bucket_encryption(Bucket=b)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]} and rule["BucketKeyEnabled"] is False, rule
    s3.put_object(Bucket=unblocked(), Key="k", Body=b"x", **ONE)


def test_sse_c_object_answers_to_its_key_only():
    b = unblocked()
    out = s3.put_object(Bucket=b, Key="k", Body=b"secret", **ONE)
    assert out["SSECustomerAlgorithm"] == "AES256" and out["SSECustomerKeyMD5"] and "ServerSideEncryption" not in out, out
    assert get(s3, b, "k", **ONE) == b"secret" and get(s3, b, "k", Range="bytes=1-3", **ONE) == b"ecr"
    refused("InvalidRequest", s3.get_object, Bucket=b, Key="k", status=400)
    refused("AccessDenied", s3.get_object, Bucket=b, Key="k", **TWO, status=403)
    refused("400", s3.head_object, Bucket=b, Key="k", status=400)
    refused("403", s3.head_object, Bucket=b, Key="k", **TWO, status=403)
    assert s3.head_object(Bucket=b, Key="k", **ONE)["ContentLength"] == 6
    s3.put_object(Bucket=b, Key="plain", Body=b"x")
    refused("InvalidRequest", s3.get_object, Bucket=b, Key="plain", **ONE, status=400)


def test_sse_c_through_the_transfer_manager():
    b, config = unblocked(), TransferConfig(multipart_threshold=5 * MB, multipart_chunksize=5 * MB, max_concurrency=4)
    text = bytes(range(256)) * (12 * MB // 256) + b"rest"
    s3.upload_fileobj(io.BytesIO(text), b, "big", ExtraArgs=dict(ONE), Config=config)
    assert s3.head_object(Bucket=b, Key="big", **ONE)["ETag"].endswith('-3"')
    out = io.BytesIO()
    s3.download_fileobj(b, "big", out, ExtraArgs=dict(ONE), Config=config)
    assert out.getvalue() == text
    s3.copy({"Bucket": b, "Key": "big"}, b, "copy", ExtraArgs={**SOURCE, **TWO}, SourceClient=s3, Config=config)
    assert get(s3, b, "copy", **TWO) == text
    s3.copy_object(Bucket=b, Key="plain", CopySource={"Bucket": b, "Key": "big"}, **SOURCE)
    assert get(s3, b, "plain") == text
    refused("AccessDenied", s3.copy_object, Bucket=b, Key="no", CopySource={"Bucket": b, "Key": "copy"}, **SOURCE, status=403)


def test_sse_c_presigned():
    import urllib.request
    b = unblocked()
    s3.put_object(Bucket=b, Key="k", Body=b"secret", **ONE)
    v4 = client("s3", PRODUCTION["admin"], s3={"addressing_style": "path"}, signature_version="s3v4")
    url = v4.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "k", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "1" * 32})
    import base64, hashlib
    sent = urllib.request.Request(url, headers={
        "x-amz-server-side-encryption-customer-algorithm": "AES256",
        "x-amz-server-side-encryption-customer-key": base64.b64encode(b"1" * 32).decode(),
        "x-amz-server-side-encryption-customer-key-MD5": base64.b64encode(hashlib.md5(b"1" * 32).digest()).decode(),
    })
    with urllib.request.urlopen(sent) as answer:
        assert answer.read() == b"secret"


def test_sse_kms_by_header_and_by_default():
    b = bucket()
    out = s3.put_object(Bucket=b, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY)
    assert out["ServerSideEncryption"] == "aws:kms" and out["SSEKMSKeyId"] == KEY and "BucketKeyEnabled" not in out, out
    encrypt(b, ApplyServerSideEncryptionByDefault={"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}, BucketKeyEnabled=True)
    out = s3.put_object(Bucket=b, Key="k", Body=b"x")
    assert out["ServerSideEncryption"] == "aws:kms" and out["SSEKMSKeyId"] == KEY and out["BucketKeyEnabled"] is True, out
    refused("KMS.NotFoundException", s3.put_object, Bucket=b, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="fake-key-id", status=400, says="Invalid keyId 'fake-key-id'")


def test_sse_kms_needs_the_permission_of_the_key():
    b = bucket()
    s3.put_object(Bucket=b, Key="own", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY)
    s3.put_object(Bucket=b, Key="managed", Body=b"x", ServerSideEncryption="aws:kms")
    objects = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    without = user(iam, "without-kms", objects)
    assert get(without, b, "managed") == b"x"
    refused("AccessDenied", without.get_object, Bucket=b, Key="own", status=403, says="kms:Decrypt on resource: " + KEY)
    refused("AccessDenied", without.put_object, Bucket=b, Key="own", Body=b"y", ServerSideEncryption="aws:kms", SSEKMSKeyId=KEY, status=403, says="kms:GenerateDataKey")
    reads = user(iam, "reads-kms", objects, {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY})
    assert get(reads, b, "own") == b"x"
    old = client("s3", PRODUCTION["admin"], s3={"addressing_style": "path"}, signature_version="s3")
    import urllib.error, urllib.request
    try:
        urllib.request.urlopen(old.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "own"}))
        raise AssertionError("a signature of Version 2 was taken")
    except urllib.error.HTTPError as e:
        text = e.read().decode()
        assert e.code == 400 and "require AWS Signature Version 4" in text, text


def test_forms_bring_their_encryption():
    import urllib.parse, urllib.request, uuid
    b = bucket()
    v4 = client("s3", PRODUCTION["admin"], s3={"addressing_style": "path"}, signature_version="s3v4")
    fields = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": KEY}
    form = v4.generate_presigned_post(b, "form", Fields=dict(fields), Conditions=[{k: v} for k, v in fields.items()])
    edge, lines = uuid.uuid4().hex, []
    for name, value in form["fields"].items():
        lines.append(f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n')
    lines.append(f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--{edge}--\r\n')
    sent = urllib.request.Request(form["url"], data="".join(lines).encode(), headers={"Content-Type": "multipart/form-data; boundary=" + edge})
    with urllib.request.urlopen(sent) as answer:
        assert answer.status == 204
    h = s3.head_object(Bucket=b, Key="form")
    assert h["ServerSideEncryption"] == "aws:kms" and h["SSEKMSKeyId"] == KEY, h


def test_copies_follow_their_directives():
    b = bucket()
    s3.put_object(Bucket=b, Key="k", Body=b"x", Metadata={"a": "1"}, Tagging="t=1", StorageClass="STANDARD_IA", WebsiteRedirectLocation="/l")
    source = {"Bucket": b, "Key": "k"}
    s3.copy_object(Bucket=b, Key="l", CopySource=source)
    h = s3.head_object(Bucket=b, Key="l")
    assert h["Metadata"] == {"a": "1"} and "StorageClass" not in h and "WebsiteRedirectLocation" not in h, h
    s3.copy_object(Bucket=b, Key="l", CopySource=source, MetadataDirective="REPLACE", TaggingDirective="REPLACE", Tagging="u=2", StorageClass="GLACIER_IR")
    h = s3.head_object(Bucket=b, Key="l")
    assert h["Metadata"] == {} and h["StorageClass"] == "GLACIER_IR", h
    assert s3.get_object_tagging(Bucket=b, Key="l")["TagSet"] == [{"Key": "u", "Value": "2"}]
    refused("InvalidRequest", s3.copy_object, Bucket=b, Key="k", CopySource=source, status=400, says="without changing the object's metadata")
    refused("PreconditionFailed", s3.copy_object, Bucket=b, Key="l", CopySource=source, CopySourceIfNoneMatch=s3.head_object(Bucket=b, Key="k")["ETag"], status=412)
