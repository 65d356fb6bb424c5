"""STS as boto3 sees it: sessions, what they may do, and how they end."""

import datetime
import time

from iam_world import *

ANY = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
WORKER = role("Worker", trust(f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{ACCOUNT}:root", action=ANY), policy("*"), MaxSessionDuration=7200)


def assume(c=None, arn=WORKER, name="work", **more):
    return (c or other_sts).assume_role(RoleArn=arn, RoleSessionName=name, **more)


def test_an_assumed_role():
    answer = assume()
    same(fields(answer), "AssumedRoleUser Credentials")
    same(fields(answer["Credentials"]), "AccessKeyId Expiration SecretAccessKey SessionToken")
    role_id = iam.get_role(RoleName="Worker")["Role"]["RoleId"]
    who = {"Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Worker/work", "AssumedRoleId": f"{role_id}:work"}
    same(answer["AssumedRoleUser"], who)
    identity = session("sts", answer["Credentials"]).get_caller_identity()
    same((identity["Account"], identity["Arn"], identity["UserId"]), (ACCOUNT, who["Arn"], who["AssumedRoleId"]))
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    refused("ValidationError", session("iam", answer["Credentials"]).get_user, says="Must specify userName when calling with non-User credentials")


def test_parameters_of_assume_role():
    for params, code, says in [
        ({"RoleArn": "nothing-valid-in-here"}, "ValidationError", "nothing-valid-in-here is invalid"),
        ({"RoleArn": f"arn:aws:iam::{ACCOUNT}:user/admin"}, "ValidationError", "is invalid"),
        ({"RoleSessionName": "a:b"}, "ValidationError", "Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy "
         "regular expression pattern: [\\w+=,.@-]*"),
        ({"RoleSessionName": "a"}, "ValidationError", "Member must have length greater than or equal to 2"),
        ({"DurationSeconds": 899}, "ValidationError", "Member must have value greater than or equal to 900"),
        ({"DurationSeconds": 7201}, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        ({"Policy": "no JSON"}, "MalformedPolicyDocument", ""),
        ({"PolicyArns": [{"arn": READ_ONLY}] * 11}, "ValidationError", "Member must have length less than or equal to 10"),
        ({"Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]}, "InvalidParameterValue",
         "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        ({"Tags": [{"Key": "a", "Value": ""}], "TransitiveTagKeys": ["b"]}, "InvalidParameterValue",
         "The specified transitive tag key must be included in the requested tags."),
        ({"SerialNumber": f"arn:aws:iam::{OTHER}:mfa/none", "TokenCode": "123456"}, "AccessDenied", "MultiFactorAuthentication failed"),
    ]:
        params = {"RoleArn": WORKER, "RoleSessionName": "work", **params}
        refused(code, other_sts.assume_role, says=says, **params)


def test_a_missing_role_and_one_that_does_not_trust_are_refused_alike():
    stranger = role("Stranger", trust(ACCOUNT))
    for arn in (stranger, f"arn:aws:iam::{ACCOUNT}:role/Nobody", "arn:aws:iam::123456789012:role/Worker"):
        refused("AccessDenied", assume, arn=arn, status=403,
                says=f"User: arn:aws:iam::{OTHER}:user/admin is not authorized to perform: sts:AssumeRole on resource: {arn}")


def test_both_sides_must_allow_across_accounts():
    other_iam.create_user(UserName="dev")
    keys = keys_of(other_iam.create_access_key(UserName="dev")["AccessKey"])
    dev = client("sts", keys)
    refused("AccessDenied", assume, dev)
    other_iam.put_user_policy(UserName="dev", PolicyName="p", PolicyDocument=policy("sts:AssumeRole", WORKER))
    assume(dev)
    refused("MalformedPolicyDocument", other_iam.put_user_policy, UserName="dev", PolicyName="p",
            PolicyDocument=policy("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role"), says="IAM resource path must either be")
    other_iam.put_user_policy(UserName="dev", PolicyName="p", PolicyDocument=policy("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/"))
    refused("AccessDenied", assume, dev)


def test_a_user_named_by_the_trust_policy_of_its_account_needs_nothing_else():
    keys = user("named")
    arn = role("Named", trust(f"arn:aws:iam::{ACCOUNT}:user/named"))
    assume(client("sts", keys), arn)
    refused("AccessDenied", assume, client("sts", keys))  # Worker trusts the account: that delegates only


def test_the_root_user_cannot_assume_roles():
    refused("AccessDenied", assume, client("sts", DEVELOPMENT["root"]), says="Roles may not be assumed by root accounts.")


def test_an_external_id():
    arn = role("External", trust(OTHER, Condition={"StringEquals": {"sts:ExternalId": "unique"}}))
    refused("AccessDenied", assume, arn=arn)
    refused("AccessDenied", assume, arn=arn, ExternalId="wrong")
    assume(arn=arn, ExternalId="unique")
    refused("AccessDenied", assume, arn=arn, ExternalId="unique", Tags=[{"Key": "a", "Value": "b"}], says="sts:TagSession")
    refused("AccessDenied", assume, arn=arn, ExternalId="unique", SourceIdentity="me", says="sts:SetSourceIdentity")


def test_chaining_hands_on_tags_and_identity_and_lasts_an_hour():
    arn = role("Chained", trust(WORKER, action=ANY), policy("iam:ListUsers", Condition={"StringEquals": {
        "aws:PrincipalTag/project": "x", "aws:SourceIdentity": "dana"}}), MaxSessionDuration=43200)
    first = assume(Tags=[{"Key": "Project", "Value": "x"}], TransitiveTagKeys=["Project"], SourceIdentity="dana")
    same(first["SourceIdentity"], "dana")
    assert first["PackedPolicySize"] > 0
    chained = session("sts", first["Credentials"])
    refused("ValidationError", assume, chained, arn, DurationSeconds=3601,
            says="The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
    refused("InvalidParameterValue", assume, chained, arn, Tags=[{"Key": "project", "Value": "y"}],
            says="conflicts with a transitive tag key from the calling session.")
    refused("AccessDenied", assume, chained, arn, SourceIdentity="other")
    session("iam", assume(chained, arn)["Credentials"]).list_users()
    refused("AccessDenied", session("iam", assume(chained, arn)["Credentials"]).list_roles)


def test_session_policies_only_narrow():
    narrow = session("iam", assume(Policy=policy("iam:ListUsers"))["Credentials"])
    narrow.list_users()
    refused("AccessDenied", narrow.list_roles, says="because no session policy allows the iam:ListRoles action")
    managed = session("iam", assume(PolicyArns=[{"arn": READ_ONLY}])["Credentials"])
    managed.list_roles()
    refused("AccessDenied", managed.create_user, UserName="nope")
    lesser = role("Lesser", trust(OTHER), policy("iam:ListRoles"))
    refused("AccessDenied", session("iam", assume(arn=lesser, Policy=policy("*"))["Credentials"]).list_users,
            says="because no identity-based policy allows")


def test_a_session_token_has_the_users_permissions_without_iam():
    answer = sts.get_session_token()
    same(fields(answer), "Credentials")
    mine = answer["Credentials"]
    session("s3", mine).list_buckets()
    same(session("sts", mine).get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/admin")
    refused("InvalidClientTokenId", session("iam", mine).list_users, status=403)
    refused("AccessDenied", session("sts", mine).get_session_token, says="Cannot call GetSessionToken with session credentials")
    assume(session("sts", mine))
    hours = (mine["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 3600
    assert 11.9 < hours <= 12, hours
    by_root = client("sts", PRODUCTION["root"]).get_session_token(DurationSeconds=7200)["Credentials"]
    assert (by_root["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds() <= 3600
    for seconds in (899, 129601):
        refused("ValidationError", sts.get_session_token, DurationSeconds=seconds)


def test_a_federated_user_has_what_both_policies_allow():
    answer = sts.get_federation_token(Name="Bob")
    same(fields(answer), "Credentials FederatedUser PackedPolicySize")
    same(answer["FederatedUser"], {"Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/Bob", "FederatedUserId": f"{ACCOUNT}:Bob"})
    same(answer["PackedPolicySize"], 0)
    refused("AccessDenied", session("s3", answer["Credentials"]).list_buckets)
    session("s3", sts.get_federation_token(Name="Bob", Policy=policy("s3:*"))["Credentials"]).list_buckets()
    keys = user("lender", policy("sts:GetFederationToken"))
    refused("AccessDenied", session("s3", client("sts", keys).get_federation_token(Name="Bob", Policy=policy("s3:*"))["Credentials"]).list_buckets)
    refused("AccessDenied", client("sts", user("nobody")).get_federation_token, Name="Bob")


def test_key_info_names_the_account():
    same(sts.get_access_key_info(AccessKeyId=DEVELOPMENT["admin"].split(":")[0])["Account"], OTHER)
    same(sts.get_access_key_info(AccessKeyId=assume()["Credentials"]["AccessKeyId"])["Account"], ACCOUNT)
    refused("ValidationError", sts.get_access_key_info, AccessKeyId="XXXXXXXXXXXXXXXXXXXX")


def test_identity_needs_no_permission_and_no_deny_stops_it():
    keys = user("silenced", policy("*", effect="Deny"))
    same(client("sts", keys).get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/silenced")
    client("sts", keys).get_session_token()


def test_older_sessions_are_revoked_by_their_issue_time():
    arn = role("Revoked", trust(OTHER), policy("iam:ListUsers"))
    old = session("iam", assume(arn=arn)["Credentials"])
    old.list_users()
    time.sleep(1.1)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    iam.put_role_policy(RoleName="Revoked", PolicyName="AWSRevokeOlderSessions", PolicyDocument=policy(
        "*", effect="Deny", Condition={"DateLessThan": {"aws:TokenIssueTime": now}}))
    refused("AccessDenied", old.list_users, says="with an explicit deny in an identity-based policy")
    session("iam", assume(arn=arn)["Credentials"]).list_users()


def test_a_session_outlives_its_key_and_not_its_user():
    keys = user("leaver", policy(["s3:ListAllMyBuckets", "sts:*"]))
    mine = client("sts", keys).get_session_token()["Credentials"]
    iam.update_access_key(UserName="leaver", AccessKeyId=keys.split(":")[0], Status="Inactive")
    session("s3", mine).list_buckets()
    iam.delete_user_policy(UserName="leaver", PolicyName="p0")
    refused("AccessDenied", session("s3", mine).list_buckets)
    iam.delete_access_key(UserName="leaver", AccessKeyId=keys.split(":")[0])
    iam.delete_user(UserName="leaver")
    refused("InvalidClientTokenId", session("sts", mine).get_caller_identity, status=403)


def test_a_recreated_role_is_another():
    arn = role("Again", trust(OTHER), policy("iam:ListUsers"))
    old = session("iam", assume(arn=arn)["Credentials"])
    iam.delete_role_policy(RoleName="Again", PolicyName="p0")
    iam.delete_role(RoleName="Again")
    refused("InvalidClientTokenId", old.list_users)
    role("Again", trust(OTHER), policy("iam:ListUsers"))
    refused("InvalidClientTokenId", old.list_users)


def test_credentials_that_are_none():
    access, secret = PRODUCTION["admin"].split(":")
    refused("InvalidClientTokenId", client("sts", "AKIAIOSFODNN7EXAMPLE:x").get_caller_identity, status=403)
    refused("SignatureDoesNotMatch", client("sts", access + ":wrong").get_caller_identity, status=403)
    mine = assume()["Credentials"]
    refused("InvalidClientTokenId", client("sts", keys_of(mine)).get_caller_identity, status=403)
    refused("InvalidClientTokenId", client("sts", keys_of(mine), token="x").get_caller_identity, status=403)
    refused("SignatureDoesNotMatch", client("sts", mine["AccessKeyId"] + ":wrong", token=mine["SessionToken"]).get_caller_identity)
    refused("MissingAuthenticationToken", client("sts", None).get_caller_identity, status=403)


if __name__ == "__main__":
    run(globals())
