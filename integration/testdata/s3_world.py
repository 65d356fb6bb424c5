"""What the S3 scripts share: clients, and buckets that are named after nothing."""

import itertools

from boto3_run import *

s3 = client("s3", PRODUCTION["admin"], s3={"addressing_style": "path"})
root = client("s3", PRODUCTION["root"], s3={"addressing_style": "path"})
other = client("s3", DEVELOPMENT["admin"], s3={"addressing_style": "path"})
anonymous = client("s3", None, s3={"addressing_style": "path"})
iam = client("iam", PRODUCTION["admin"])
other_iam = client("iam", DEVELOPMENT["admin"])

_numbers = itertools.count(1)


def bucket(owner=s3, ownership=None, public=False, keys=(), versioned=False):
    """Makes a bucket and returns its name; public turns Block Public Access off."""
    name = f"test-{next(_numbers)}-bucket"
    more = {"ObjectOwnership": ownership} if ownership else {}
    owner.create_bucket(Bucket=name, **more)
    if public:
        owner.delete_public_access_block(Bucket=name)
    if versioned:
        owner.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for key in keys:
        owner.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def body(response):
    return response["Body"].read()


def get(c, b, k, **more):
    return body(c.get_object(Bucket=b, Key=k, **more))


def status(response):
    return response["ResponseMetadata"]["HTTPStatusCode"]


def headers(response):
    return response["ResponseMetadata"]["HTTPHeaders"]


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource, principal="*", **condition):
    return statement("Allow", action, resource, principal, **condition)


def deny(action, resource, principal="*", **condition):
    return statement("Deny", action, resource, principal, **condition)


def statement(effect, action, resource, principal, **condition):
    resource = ["arn:aws:s3:::" + r for r in ([resource] if isinstance(resource, str) else resource)]
    s = {"Effect": effect, "Action": action, "Resource": resource}
    if principal is not None:
        s["Principal"] = principal if principal == "*" else {"AWS": principal}
    if condition:
        s["Condition"] = condition
    return s


def user(iam_client, name, *statements):
    """Makes a user with an inline policy of the statements (which have no principal), and returns a client of S3."""
    iam_client.create_user(UserName=name)
    if statements:
        iam_client.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=policy(*statements))
    key = iam_client.create_access_key(UserName=name)["AccessKey"]
    return client("s3", key["AccessKeyId"] + ":" + key["SecretAccessKey"], s3={"addressing_style": "path"})
