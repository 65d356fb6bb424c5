"""What the IAM and STS scripts share: clients, and policy documents."""

from boto3_run import *

ACCOUNT, OTHER = PRODUCTION["id"], DEVELOPMENT["id"]
LENIENT = {"parameter_validation": False}  # so that the server has to check

iam = client("iam", PRODUCTION["admin"], **LENIENT)
sts = client("sts", PRODUCTION["admin"], **LENIENT)
root = client("iam", PRODUCTION["root"], **LENIENT)
other_iam = client("iam", DEVELOPMENT["admin"], **LENIENT)
other_sts = client("sts", DEVELOPMENT["admin"], **LENIENT)

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def policy(action, resource="*", effect="Allow", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]})


def trust(*principals, action="sts:AssumeRole", **more):
    principal = {"AWS": list(principals)}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}]})


def keys_of(access_key):
    return access_key["AccessKeyId"] + ":" + access_key["SecretAccessKey"]


def user(name, *policies):
    """Makes a user with an access key and inline policies, and returns its keys."""
    iam.create_user(UserName=name)
    for n, document in enumerate(policies):
        iam.put_user_policy(UserName=name, PolicyName=f"p{n}", PolicyDocument=document)
    return keys_of(iam.create_access_key(UserName=name)["AccessKey"])


def role(name, document, *policies, **more):
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **more)["Role"]
    for n, document in enumerate(policies):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{n}", PolicyDocument=document)
    return made["Arn"]


def session(service, credentials):
    """A client with temporary credentials."""
    return client(service, keys_of(credentials), token=credentials["SessionToken"], **LENIENT)


def shape(value):
    """The names of all that a response has: {"User": ["Arn", ...]}; a list is shown by its first element."""
    if isinstance(value, dict):
        return {name: shape(v) for name, v in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def fields(value):
    return " ".join(sorted(name for name in value if name != "ResponseMetadata"))


def same(got, want):
    assert got == want, f"\n got {got!r}\nwant {want!r}"
