"""S3 for browsers: forms, cross-origin requests, websites; and the redirects between regions, which boto3 follows."""

import http.client
import uuid
from html import unescape
from urllib.parse import urlsplit

from s3_world import *

HOST = urlsplit(URL).netloc


def send(method, path, headers=(), data=b"", host=HOST):
    c = http.client.HTTPConnection(HOST, timeout=10)
    c.request(method, path, data, {"Host": host, **dict(headers)})
    r = c.getresponse()
    text = unescape(r.read().decode(errors="replace"))
    c.close()
    return r.status, {k.lower(): v for k, v in r.getheaders()}, text


def upload(form, file=b"content", filename="a.txt", **changed):
    boundary = uuid.uuid4().hex
    lines = b""
    for name, value in {**form["fields"], **changed}.items():
        lines += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    lines += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode() + file
    lines += f"\r\n--{boundary}--\r\n".encode()
    return send("POST", urlsplit(form["url"]).path, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, lines)


def test_presigned_post():
    b = bucket()
    for version in None, "s3", "s3v4":
        more = {"signature_version": version} if version else {}
        c = client("s3", PRODUCTION["admin"], s3={"addressing_style": "path"}, **more)
        form = c.generate_presigned_post(b, "in/${filename}", Fields={"acl": "bucket-owner-full-control", "success_action_status": "201"},
                                         Conditions=[{"acl": "bucket-owner-full-control"}, {"success_action_status": "201"}, ["content-length-range", 1, 10]])
        status, headers, text = upload(form, filename=f"{version}.txt")
        assert status == 201 and f"<Key>in/{version}.txt</Key>" in text, (version, status, text)
        assert get(s3, b, f"in/{version}.txt") == b"content"
        status, _, text = upload(form, acl="public-read")
        assert status == 403 and 'Invalid according to Policy: Policy Condition failed: ["eq", "$acl", "bucket-owner-full-control"]' in text, text
        status, _, text = upload(form, file=b"x" * 11)
        assert status == 400 and "<Code>EntityTooLarge</Code>" in text, text
        status, _, text = upload(form, more="x")
        assert status == 403 and "Extra input fields: more" in text, text


def test_cors_round_trip():
    b = bucket()
    rules = [{"ID": "a", "AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["http://a.test"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 10}]
    s3.put_bucket_cors(Bucket=b, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=b)["CORSRules"] == rules
    status, headers, _ = send("OPTIONS", f"/{b}/k", {"Origin": "http://a.test", "Access-Control-Request-Method": "PUT"})
    assert status == 200 and headers["access-control-allow-origin"] == "http://a.test", headers
    s3.delete_bucket_cors(Bucket=b)
    refused("NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=b, status=404)


def test_website_round_trip():
    b = bucket(keys=["index.html"], public=True)
    site = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "e"}, "RoutingRules": [
        {"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": "b/"}}]}
    s3.put_bucket_website(Bucket=b, WebsiteConfiguration=site)
    got = s3.get_bucket_website(Bucket=b)
    assert {k: got[k] for k in site} == site, got
    host = b + ".s3-website-us-east-1.localhost"
    assert send("GET", "/", host=host)[0] == 403
    s3.put_bucket_policy(Bucket=b, Policy=policy(allow("s3:GetObject", b + "/*")))
    assert send("GET", "/", host=host)[::2] == (200, "index.html")
    s3.delete_bucket_website(Bucket=b)
    refused("NoSuchWebsiteConfiguration", s3.get_bucket_website, Bucket=b, status=404)


def test_region_redirects():
    name = bucket() + "-ireland"
    ireland = client("s3", PRODUCTION["admin"], region="eu-west-1", s3={"addressing_style": "path"})
    ireland.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    ireland.put_object(Bucket=name, Key="k", Body=b"x")
    fresh = client("s3", PRODUCTION["admin"], s3={"addressing_style": "path"})
    assert get(fresh, name, "k") == b"x"  # boto3 has followed to the bucket's region
    fresh = client("s3", PRODUCTION["admin"], s3={"addressing_style": "path"})
    assert fresh.head_bucket(Bucket=name)["BucketRegion"] == "eu-west-1"
    fresh.upload_fileobj(__import__("io").BytesIO(b"y" * (9 << 20)), name, "large")
    assert fresh.head_object(Bucket=name, Key="large")["ContentLength"] == 9 << 20


def test_keys_of_every_kind():
    """Presigned by both versions of signatures, for both kinds of hosts: the key comes out as it went in."""
    b = bucket()
    named = f"http://s3.localhost:{urlsplit(URL).port}"
    clients = [
        client("s3", PRODUCTION["admin"], url=url, signature_version=version, s3={"addressing_style": style})
        for version in ("s3", "s3v4") for url, style in ((URL, "path"), (named, "path"), (named, "virtual"))
    ]
    keys = ["../x", "a//b", ".", "..", "a/../b", "/lead", "//x", "trail/", "a b+c", "ü", "%41", "q?x=1&y", "#h", "a\x01b", "a\nb", "\\", "*",
            "a&b<c>\"", "'", "e\u0301", "😀", "x" * 1024, "~", "=;:@,!$()[]{}|^`", "acl", "?acl", "favicon.ico"]
    for key in keys:
        s3.put_object(Bucket=b, Key=key, Body=key.encode())
        assert get(s3, b, key) == key.encode(), key
        for c in clients:
            url = c.generate_presigned_url("get_object", Params={"Bucket": b, "Key": key})
            host = urlsplit(url).netloc
            path = url.split(host, 1)[1]
            status, _, text = send("GET", path, host=host)
            assert status == 200 and text == unescape(key), (key, url, status, text)
    listed = [o["Key"] for o in s3.list_objects_v2(Bucket=b)["Contents"]]
    assert listed == sorted(keys, key=str.encode), listed
