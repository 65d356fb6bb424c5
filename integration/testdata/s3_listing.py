"""Listings of buckets, objects and versions."""

from s3_world import *

KEYS = ["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla"]


def keys(page):
    return [o["Key"] for o in page.get("Contents", [])]


def prefixes(page):
    return [p["Prefix"] for p in page.get("CommonPrefixes", [])]


def both(b, **more):
    """Both versions of a listing, which must list the same."""
    one, two = s3.list_objects(Bucket=b, **more), s3.list_objects_v2(Bucket=b, **more)
    assert keys(one) == keys(two) and prefixes(one) == prefixes(two) and one["IsTruncated"] == two["IsTruncated"], (one, two)
    assert two["KeyCount"] == len(keys(two)) + len(prefixes(two)), two
    return one


def test_list_of_an_empty_bucket_has_no_contents():
    b = bucket()
    page = both(b)
    assert "Contents" not in page and page["IsTruncated"] is False and page["MaxKeys"] == 1000 and page["Name"] == b, page


def test_list_is_in_order_of_bytes():
    names = ["b", "a", "B", "_", "é", "aa", "a/", "a-", "日本", "~", "\U0001f600"]
    assert keys(both(bucket(keys=names))) == sorted(names, key=lambda k: k.encode())


def test_list_pages_by_marker():
    b = bucket(keys=["bar", "baz", "foo", "quxx"])
    first = s3.list_objects(Bucket=b, MaxKeys=2)
    assert keys(first) == ["bar", "baz"] and first["IsTruncated"] and "NextMarker" not in first, first
    rest = s3.list_objects(Bucket=b, Marker="baz")
    assert keys(rest) == ["foo", "quxx"] and not rest["IsTruncated"] and rest["Marker"] == "baz", rest
    assert keys(s3.list_objects(Bucket=b, Marker="blah")) == ["foo", "quxx"]  # a marker need not exist
    assert keys(s3.list_objects(Bucket=b, Marker="zzz")) == []
    assert keys(s3.list_objects(Bucket=b, Marker="")) == ["bar", "baz", "foo", "quxx"]
    assert keys(s3.list_objects(Bucket=b, Marker="\x0a")) == ["bar", "baz", "foo", "quxx"]


def test_list_with_max_keys_of_none_or_zero():
    b = bucket(keys=["bar", "baz"])
    page = both(b, MaxKeys=0)
    assert keys(page) == [] and page["IsTruncated"] is False and page["MaxKeys"] == 0, page


def test_list_refuses_max_keys_that_are_no_number():
    import urllib.request, urllib.error
    b = bucket(public=True, keys=["a"])
    s3.put_bucket_policy(Bucket=b, Policy=policy(allow("s3:ListBucket", b)))
    try:
        urllib.request.urlopen(f"{URL}/{b}?max-keys=blah")
        raise AssertionError("was not refused")
    except urllib.error.HTTPError as e:
        text = e.read().decode()
        assert e.code == 400 and "<Code>InvalidArgument</Code>" in text, text


def test_list_with_delimiter():
    b = bucket(keys=KEYS)
    page = both(b, Delimiter="/")
    assert keys(page) == ["asdf"] and prefixes(page) == ["boo/", "cquux/"] and page["Delimiter"] == "/", page
    page = both(b, Delimiter="/", Prefix="boo/")
    assert keys(page) == ["boo/bar"] and prefixes(page) == ["boo/baz/"], page
    assert prefixes(both(b, Delimiter="u")) == ["cqu"]
    page = s3.list_objects(Bucket=b, Delimiter="")
    assert len(keys(page)) == 5 and "Delimiter" not in page, page
    for odd in ["%", " ", "x", "\x0a", "boo"]:
        both(b, Delimiter=odd)


def test_list_with_delimiter_and_prefix_pages_through_both():
    b = bucket(keys=["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla"])

    def walk(marker, prefix, most, *want):
        pages, page = [], None
        while page is None or page["IsTruncated"]:
            page = s3.list_objects(Bucket=b, Delimiter="/", Marker=marker, MaxKeys=most, Prefix=prefix)
            pages.append((keys(page), prefixes(page), page.get("NextMarker")))
            marker = page.get("NextMarker", "")
        assert pages == list(want), pages

    walk("", "", 1, (["asdf"], [], "asdf"), ([], ["boo/"], "boo/"), ([], ["cquux/"], None))
    walk("", "", 2, (["asdf"], ["boo/"], "boo/"), ([], ["cquux/"], None))
    walk("", "boo/", 1, (["boo/bar"], [], "boo/bar"), ([], ["boo/baz/"], None))
    walk("", "boo/", 2, (["boo/bar"], ["boo/baz/"], None))


def test_list_does_not_skip_keys_like_the_delimiter():
    b = bucket(keys=["asdf/", "asdf\xa6", "asdf0", "_asdf"])
    page = both(b, Delimiter="/", Prefix="asdf")
    assert keys(page) == ["asdf0", "asdf\xa6"] and prefixes(page) == ["asdf/"], page
    names = [f"0/{i}" for i in range(12)] + ["1999", "1999#", "1999+", "2000"]
    page = both(bucket(keys=names), Delimiter="/")
    assert keys(page) == ["1999", "1999#", "1999+", "2000"] and prefixes(page) == ["0/"], page


def test_list_with_prefix_shows_the_prefix():
    b = bucket(keys=["foo/bar", "foo/baz", "quux"])
    page = both(b, Prefix="foo/")
    assert keys(page) == ["foo/bar", "foo/baz"] and page["Prefix"] == "foo/" and prefixes(page) == [], page
    assert keys(both(b, Prefix="d")) == [] and keys(both(b, Prefix="\x0a")) == [] and keys(both(b, Prefix="")) == ["foo/bar", "foo/baz", "quux"]


def test_list_encodes_what_the_request_asks_for():
    from xml.etree import ElementTree
    import urllib.request
    b = bucket(public=True, keys=["foo+1/bar", "foo/bar/xyzzy", "quux ab/thud", "asdf+b", "per%cent", "new\nline"])
    s3.put_bucket_policy(Bucket=b, Policy=policy(allow("s3:ListBucket", b)))
    space = "{http://s3.amazonaws.com/doc/2006-03-01/}"
    tree = ElementTree.parse(urllib.request.urlopen(f"{URL}/{b}?encoding-type=url&delimiter=/&prefix=")).getroot()
    assert tree.find(space + "EncodingType").text == "url"
    assert [k.text for k in tree.iter(space + "Key")] == ["asdf%2Bb", "new%0Aline", "per%25cent"]
    assert [k.text for p in tree.iter(space + "CommonPrefixes") for k in p] == ["foo%2B1/", "foo/", "quux+ab/"]
    for v in ("", "&list-type=2"):  # empty elements are there all the same
        tree = ElementTree.parse(urllib.request.urlopen(f"{URL}/{b}?max-keys=1{v}")).getroot()
        assert tree.find(space + "Prefix") is not None and tree.tag == space + "ListBucketResult"
        assert v or tree.find(space + "Marker") is not None
    page = both(b, Delimiter="/")
    assert keys(page) == ["asdf+b", "new\nline", "per%cent"] and prefixes(page) == ["foo+1/", "foo/", "quux ab/"], page
    refused("InvalidArgument", s3.list_objects_v2, Bucket=b, EncodingType="base64", status=400)


def test_list_v2_pages_by_token():
    b = bucket(keys=["bar", "baz", "foo", "quxx"])
    one = s3.list_objects_v2(Bucket=b, MaxKeys=1)
    assert one["IsTruncated"] and one["KeyCount"] == 1 and "ContinuationToken" not in one, one
    two = s3.list_objects_v2(Bucket=b, ContinuationToken=one["NextContinuationToken"])
    assert keys(two) == ["baz", "foo", "quxx"] and two["ContinuationToken"] == one["NextContinuationToken"], two
    both_given = s3.list_objects_v2(Bucket=b, StartAfter="bar", MaxKeys=1)
    assert both_given["StartAfter"] == "bar" and keys(both_given) == ["baz"], both_given
    last = s3.list_objects_v2(Bucket=b, StartAfter="bar", ContinuationToken=both_given["NextContinuationToken"])
    assert keys(last) == ["foo", "quxx"], last  # the token outweighs start-after
    refused("InvalidArgument", s3.list_objects_v2, Bucket=b, ContinuationToken="", status=400, says="The continuation token provided is incorrect")
    refused("InvalidArgument", s3.list_objects_v2, Bucket=b, ContinuationToken="nonsense", status=400)


def test_list_v2_shows_owners_when_asked():
    b = bucket(keys=["foo"])
    owner = s3.list_buckets()["Owner"]["ID"]
    assert "Owner" not in s3.list_objects_v2(Bucket=b)["Contents"][0]
    assert s3.list_objects_v2(Bucket=b, FetchOwner=True)["Contents"][0]["Owner"]["ID"] == owner
    assert s3.list_objects(Bucket=b)["Contents"][0]["Owner"]["ID"] == owner


def test_list_tells_what_head_tells():
    b = bucket(keys=["foo"])
    listed, head = s3.list_objects(Bucket=b)["Contents"][0], s3.head_object(Bucket=b, Key="foo")
    assert listed["ETag"] == head["ETag"] and listed["Size"] == head["ContentLength"] == 3
    assert listed["LastModified"] == head["LastModified"] and listed["StorageClass"] == "STANDARD"


def test_list_by_paginator_finds_all():
    b = bucket(keys=[f"k{i:02}/{j}" for i in range(7) for j in range(3)])
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=b, PaginationConfig={"PageSize": 4})
    assert len([k for p in pages for k in keys(p)]) == 21
    pages = s3.get_paginator("list_objects").paginate(Bucket=b, Delimiter="/", PaginationConfig={"PageSize": 2})
    assert [k for p in pages for k in prefixes(p)] == [f"k{i:02}/" for i in range(7)]


def test_list_of_no_bucket():
    for call in (s3.list_objects, s3.list_objects_v2, s3.list_object_versions, s3.list_multipart_uploads):
        e = refused("NoSuchBucket", call, Bucket="there-is-none", status=404, says="The specified bucket does not exist")
        assert e["Error"]["BucketName"] == "there-is-none"


def test_versions_page_with_delimiters_and_markers():
    b = bucket(versioned=True)
    for key in ["a", "a", "b/1", "b/2", "c"]:
        s3.put_object(Bucket=b, Key=key, Body=b"")
    s3.delete_object(Bucket=b, Key="a")
    page = s3.list_object_versions(Bucket=b)
    assert [v["Key"] for v in page["Versions"]] == ["a", "a", "b/1", "b/2", "c"] and len(page["DeleteMarkers"]) == 1
    assert page["DeleteMarkers"][0]["IsLatest"] and not page["Versions"][0]["IsLatest"]
    seen, marker = [], {}
    while True:
        page = s3.list_object_versions(Bucket=b, MaxKeys=1, Delimiter="/", **marker)
        seen += [v["Key"] for v in page.get("Versions", []) + page.get("DeleteMarkers", [])] + prefixes(page)
        if not page["IsTruncated"]:
            break
        marker = {"KeyMarker": page["NextKeyMarker"]}
        if page.get("NextVersionIdMarker"):
            marker["VersionIdMarker"] = page["NextVersionIdMarker"]
    assert seen == ["a", "a", "a", "b/", "c"], seen
    refused("InvalidArgument", s3.list_object_versions, Bucket=b, VersionIdMarker="x", status=400)


def test_versions_of_a_bucket_without_versioning_are_null():
    v = s3.list_object_versions(Bucket=bucket(keys=["foo"]))["Versions"][0]
    assert v["VersionId"] == "null" and v["IsLatest"] and v["Size"] == 3, v


def test_list_buckets_pages():
    alone = client("s3", DEVELOPMENT["root"])
    for name in ["page-a", "page-b", "page-c"]:
        alone.create_bucket(Bucket=name)
    page = alone.list_buckets(MaxBuckets=2, Prefix="page-")
    assert [b["Name"] for b in page["Buckets"]] == ["page-a", "page-b"] and page["Buckets"][0]["BucketRegion"] == "us-east-1", page
    page = alone.list_buckets(MaxBuckets=2, Prefix="page-", ContinuationToken=page["ContinuationToken"])
    assert [b["Name"] for b in page["Buckets"]] == ["page-c"] and "ContinuationToken" not in page, page
    alone = client("s3", DEVELOPMENT["root"], parameter_validation=False)
    for bad in (0, 10001, -1):
        refused("InvalidArgument", alone.list_buckets, MaxBuckets=bad, status=400)
    assert {b["Name"] for b in alone.list_buckets()["Buckets"]} >= {"page-a", "page-b", "page-c"}
    refused("AccessDenied", anonymous.list_buckets, status=403)
