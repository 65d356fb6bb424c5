"""Requests that no SDK makes: S3's answers to what is odd on the wire."""

import http.client
import re
from urllib.parse import urlsplit

from s3_world import *
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HOST = urlsplit(URL).netloc


def send(method, path, headers={}, data=b"", host=HOST, sign=True, lines=None, spoil=None):
    """Sends a request and returns its status, headers, and its body or, in its place, the error's code."""
    if sign:
        request = AWSRequest(method=method, url=f"http://{host}{path}", data=data, headers=dict(headers))
        S3SigV4Auth(Credentials(*PRODUCTION["admin"].split(":")), "s3", "us-east-1").add_auth(request)
        headers = dict(request.headers.items())
    if spoil:
        headers.update(spoil)
    c = http.client.HTTPConnection(HOST, timeout=10)
    c.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": host, **headers, **(lines or {"Content-Length": str(len(data))})}.items():
        c.putheader(name, value)
    c.endheaders(data if not lines else b"0\r\n\r\n")
    r = c.getresponse()
    text = r.read().decode(errors="replace")
    c.close()
    code = re.search("<Code>(.*?)</Code>", text)
    return r.status, {k.lower(): v for k, v in r.getheaders()}, code.group(1) if code else text


def answers(*want):
    def check(*args, **kwargs):
        got = send(*args, **kwargs)
        assert (got[0], got[2]) == want, got
    return check


def test_request_without_length():
    answers(411, "MissingContentLength")("PUT", f"/{bucket()}/foo", lines={"Transfer-Encoding": "chunked"})


def test_request_to_a_bucket_as_host():
    b = bucket(keys=["foo"])
    for host in (b + ".localhost", b + ".s3.localhost", b + ".s3.localhost:" + HOST.split(":")[1], b + ".s3.us-east-1.localhost"):
        answers(200, "foo")("GET", "/foo", host=host)
    for host in ("localhost", "s3.localhost"):
        answers(200, "foo")("GET", f"/{b}/foo", host=host)


def test_request_for_a_subresource_that_is_unknown_changes_nothing():
    b = bucket(keys=["foo"])
    for path in (f"/{b}", f"/{b}/foo"):
        for method in ("PUT", "DELETE", "POST"):
            answers(501, "NotImplemented")(method, path + "?unheardof")
            assert send(method, path + "?torrent")[0] in (400, 405)
    for method in ("PATCH", "FOO"):
        answers(405, "MethodNotAllowed")(method, f"/{b}")
        answers(405, "MethodNotAllowed")(method, f"/{b}/foo")
    for method in ("PUT", "POST", "DELETE"):
        answers(405, "MethodNotAllowed")(method, "/")
    assert get(s3, b, "foo") == b"foo"


def test_request_errors_have_no_body_under_head():
    b = bucket(keys=["foo"])
    for path, want in ((f"/{b}/none", 404), ("/there-is-none", 404), (f"/{b}/foo?versionId=bad", 400)):
        answers(want, "")("HEAD", path)
    answers(403, "")("HEAD", f"/{b}/foo", sign=False)


def test_request_with_a_spoiled_signature():
    b = bucket(keys=["foo"])
    for spoil, want in [
        ({"Authorization": "BAD"}, (400, "InvalidArgument")),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, (400, "AuthorizationHeaderMalformed")),
        ({"x-amz-acl": "private"}, (403, "AccessDenied")),
    ]:
        got = send("GET", f"/{b}/foo", spoil=spoil)
        assert got[0] == want[0] and got[2] in want, (spoil, got)


def test_request_of_a_browser():
    b = bucket(keys=["foo"])
    answers(400, "BadRequest")("OPTIONS", f"/{b}/foo", sign=False)
    answers(403, "AccessForbidden")("OPTIONS", f"/{b}/foo", {"Origin": "http://x", "Access-Control-Request-Method": "GET"}, sign=False)


def test_request_paths_are_keys_as_they_are():
    b = bucket()
    for path, key in [("/../../x", "../../x"), ("//a//b", "/a//b"), ("/./y", "./y"), ("/a%20b%2Bc", "a b+c"), ("/%2e%2e%2fz", "../z")]:
        s3.put_object(Bucket=b, Key=key, Body=key.encode())
        if "%2e" not in path:  # clients sign their own spelling
            answers(200, key)("GET", f"/{b}{path}")
    answers(400, "InvalidURI")("GET", f"/{b}/%FF")
    answers(400, "InvalidURI")("GET", f"//{b}/x")


def test_request_documents_that_are_no_documents():
    import base64, hashlib
    b = bucket(keys=["foo"])
    md5 = lambda text: {"Content-MD5": base64.b64encode(hashlib.md5(text).digest()).decode()}
    answers(400, "InvalidRequest")("POST", f"/{b}?delete", data=b"<Delete><Object><Key>foo</Key></Object></Delete>")
    for text in (b"<Delete>", b"hello", b"<Wrong/>", b"<Delete>" + b"<a>" * 2000, b"<!DOCTYPE x [<!ENTITY a 'foo'>]><Delete><Object><Key>&a;</Key></Object></Delete>"):
        answers(400, "MalformedXML")("POST", f"/{b}?delete", md5(text), text)
    assert get(s3, b, "foo") == b"foo"


def test_request_copies_from_an_escaped_source():
    b = bucket(keys=["foo", "a+b c"])
    for source, key in [(f"{b}/foo", b"foo"), (f"/{b}/foo", b"foo"), (f"{b}%2Ffoo", b"foo"), (f"{b}/a%2Bb+c", b"a+b c"), (f"{b}/a%2Bb%20c", b"a+b c")]:
        assert send("PUT", f"/{b}/copy", {"x-amz-copy-source": source})[0] == 200, source
        assert get(s3, b, "copy") == key, source


def test_request_after_an_empty_body():
    b = bucket()
    for text in (b"", b"text", b"", b"more"):  # on one connection, each asking for 100 Continue
        s3.put_object(Bucket=b, Key="foo", Body=text)
        assert get(s3, b, "foo") == text
    s3.put_object(Bucket=b, Key="foo", Body=b"")
    s3.put_object(Bucket=b, Key="bar", Body=b"text")
