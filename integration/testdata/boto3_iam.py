"""IAM as boto3 sees it: what answers have and do not have, and what errors say."""

from iam_world import *

SIMPLE = policy("s3:*")
TRUST = trust(f"arn:aws:iam::{OTHER}:root")


def test_a_user_has_these_fields_and_no_others():
    made = iam.create_user(UserName="Alice", Path="/eng/", Tags=[{"Key": "team", "Value": "x"}])["User"]
    same(fields(made), "Arn CreateDate Path Tags UserId UserName")
    same(made["Arn"], f"arn:aws:iam::{ACCOUNT}:user/eng/Alice")
    assert made["UserId"].startswith("AIDA") and len(made["UserId"]) == 21, made["UserId"]
    assert made["CreateDate"].microsecond == 0, "dates have whole seconds"
    same(iam.get_user(UserName="aLICE")["User"], made)
    listed = iam.list_users(PathPrefix="/eng/")
    same(fields(listed), "IsTruncated Users")
    same(listed["IsTruncated"], False)
    same(fields(listed["Users"][0]), "Arn CreateDate Path UserId UserName")


def test_names_are_unique_without_regard_to_case():
    refused("EntityAlreadyExists", iam.create_user, UserName="ALICE", status=409, says="User with name ALICE already exists.")
    iam.create_group(GroupName="Ops")
    refused("EntityAlreadyExists", iam.create_group, GroupName="ops", status=409, says="Group with name ops already exists.")
    iam.create_role(RoleName="Deploy", AssumeRolePolicyDocument=TRUST)
    refused("EntityAlreadyExists", iam.create_role, RoleName="deploy", AssumeRolePolicyDocument=TRUST, status=409,
            says="Role with name deploy already exists.")
    iam.create_policy(PolicyName="Read", PolicyDocument=SIMPLE)
    refused("EntityAlreadyExists", iam.create_policy, PolicyName="read", PolicyDocument=SIMPLE, status=409,
            says="A policy called read already exists. Duplicate names are not allowed.")
    iam.create_instance_profile(InstanceProfileName="Box")
    refused("EntityAlreadyExists", iam.create_instance_profile, InstanceProfileName="box", status=409,
            says="Instance Profile box already exists.")


def test_the_root_user_has_no_name():
    same(fields(root.get_user()["User"]), "Arn CreateDate UserId")
    same(root.get_user()["User"]["Arn"], f"arn:aws:iam::{ACCOUNT}:root")


def test_validation_messages_do_not_repeat_values():
    refused("ValidationError", iam.create_user, UserName="x" * 65, status=400, says="1 validation error detected: Value at "
            "'userName' failed to satisfy constraint: Member must have length less than or equal to 64")
    refused("ValidationError", iam.create_user, status=400, says="Value at 'userName' failed to satisfy constraint: Member must not be null")
    refused("ValidationError", iam.create_user, UserName="a b", status=400, says="The specified value for userName is invalid. "
            "It must contain only alphanumeric characters and/or the following: +=,.@_-")
    refused("ValidationError", iam.list_users, PathPrefix="eng", MaxItems=1001, status=400, says="2 validation errors detected: ")
    refused("ValidationError", iam.tag_user, UserName="Alice", Tags=[{"Key": str(n), "Value": ""} for n in range(51)], says="1 validation "
            "error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")


def test_lists_page_and_refuse_markers_that_are_none():
    for n in range(5):
        iam.create_user(UserName=f"page{n}", Path="/page/")
    first = iam.list_users(PathPrefix="/page/", MaxItems=2)
    same((fields(first), first["IsTruncated"], len(first["Users"])), ("IsTruncated Marker Users", True, 2))
    names = [u["UserName"] for page in iam.get_paginator("list_users").paginate(PathPrefix="/page/", PaginationConfig={"PageSize": 2})
             for u in page["Users"]]
    same(names, [f"page{n}" for n in range(5)])
    refused("ValidationError", iam.list_users, Marker="zzz", says="Invalid Marker.")


def test_what_is_not_there():
    user_arn = f"arn:aws:iam::{ACCOUNT}:policy/none"
    for call, params, says in [
        (iam.get_user, {"UserName": "none"}, "The user with name none cannot be found."),
        (iam.get_role, {"RoleName": "none"}, "The role with name none cannot be found."),
        (iam.get_group, {"GroupName": "none"}, "The group with name none cannot be found."),
        (iam.get_instance_profile, {"InstanceProfileName": "none"}, "Instance Profile none cannot be found."),
        (iam.get_policy, {"PolicyArn": user_arn}, f"Policy {user_arn} was not found."),
        (iam.get_policy_version, {"PolicyArn": user_arn, "VersionId": "v1"}, f"Policy {user_arn} version v1 does not exist or is not attachable."),
        (iam.list_entities_for_policy, {"PolicyArn": user_arn}, f"Policy {user_arn} does not exist or is not attachable."),
        (iam.attach_user_policy, {"UserName": "Alice", "PolicyArn": user_arn}, f"Policy {user_arn} does not exist or is not attachable."),
        (iam.detach_user_policy, {"UserName": "Alice", "PolicyArn": READ_ONLY}, f"Policy {READ_ONLY} was not found."),
        (iam.put_user_permissions_boundary, {"UserName": "Alice", "PermissionsBoundary": user_arn},
         f"Scope ARN: {user_arn} does not exist or is not attachable."),
        (iam.get_user_policy, {"UserName": "Alice", "PolicyName": "none"}, "The user policy with name none cannot be found."),
        (iam.delete_role_policy, {"RoleName": "Deploy", "PolicyName": "none"}, "The role policy with name none cannot be found."),
        (iam.get_login_profile, {"UserName": "Alice"}, "Login Profile for User Alice cannot be found."),
        (iam.delete_access_key, {"UserName": "Alice", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"},
         "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found."),
        (iam.get_account_password_policy, {}, f"The Password Policy with domain name {ACCOUNT} cannot be found."),
        (iam.delete_account_alias, {"AccountAlias": "none"}, "The account alias with name none cannot be found."),
    ]:
        refused("NoSuchEntity", call, status=404, says=says, **params)


def test_a_policy_its_versions_and_its_document():
    text = '{"Version": "2012-10-17",\n "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::a+b/é*"}}'
    made = iam.create_policy(PolicyName="Doc", PolicyDocument=text, Description="why", Path="/p/", Tags=[{"Key": "k", "Value": ""}])["Policy"]
    same(fields(made), "Arn AttachmentCount CreateDate DefaultVersionId IsAttachable Path PermissionsBoundaryUsageCount PolicyId PolicyName Tags UpdateDate")
    arn = made["Arn"]
    same(fields(iam.get_policy(PolicyArn=arn)["Policy"]), fields({**made, "Description": ""}))
    same(iam.get_policy(PolicyArn=READ_ONLY)["Policy"]["Tags"], [])
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    same(fields(version), "CreateDate Document IsDefaultVersion VersionId")
    same(version["Document"], json.loads(text))
    for n in range(2, 6):
        added = iam.create_policy_version(PolicyArn=arn, PolicyDocument=SIMPLE, SetAsDefault=n == 3)["PolicyVersion"]
        same((fields(added), added["VersionId"], added["IsDefaultVersion"]), ("CreateDate IsDefaultVersion VersionId", f"v{n}", n == 3))
    refused("LimitExceeded", iam.create_policy_version, PolicyArn=arn, PolicyDocument=SIMPLE, status=409, says="A managed policy can have up to 5 versions.")
    same([v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]], ["v5", "v4", "v3", "v2", "v1"])
    refused("DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v3", status=409, says="Cannot delete the default version of a policy.")
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn, status=409, says="This policy has more than one version.")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    same(iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"], "v1")


def test_documents_that_iam_refuses():
    for document, says in [
        ("file://policy.json", "Syntax errors in policy."),
        ('{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}', "Policy document must be version 2012-10-17 or greater."),
        (policy("s3"), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
        (policy("s3:Get:x"), "Actions/Condition can contain only one colon."),
        (policy("s3:*", "bucket"), 'Resource bucket must be in ARN format or "*".'),
        (policy("s3:*", "arn:aws:s3:us-east-1::b"), "Resource arn:aws:s3:us-east-1::b can not contain region information."),
        (policy("s3:*", effect="allow"), "The policy failed legacy parsing"),
        (policy("s3:*", Principal="*"), "Policy document should not specify a principal."),
        (policy("s3:*", Condition={"StringSame": {"a": "b"}}), "Syntax errors in policy."),
    ]:
        refused("MalformedPolicyDocument", iam.create_policy, PolicyName="Bad", PolicyDocument=document, status=400, says=says)
        refused("MalformedPolicyDocument", iam.put_user_policy, UserName="Alice", PolicyName="Bad", PolicyDocument=document, status=400)
    same(iam.list_user_policies(UserName="Alice")["PolicyNames"], [])
    for document, says in [
        ("file://trust.json", "This policy contains invalid Json"),
        (policy("sts:AssumeRole"), "Missing required field Principal"),
        (trust(OTHER, action="s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (trust(OTHER, Resource="*"), "Has prohibited field Resource"),
        (trust(f"arn:aws:iam::{OTHER}:user/none"), f'Invalid principal in policy: "AWS":"arn:aws:iam::{OTHER}:user/none"'),
    ]:
        refused("MalformedPolicyDocument", iam.create_role, RoleName="Bad", AssumeRolePolicyDocument=document, status=400, says=says)


def test_a_role_in_each_answer():
    made = iam.create_role(RoleName="Shown", AssumeRolePolicyDocument=TRUST, Description="d", MaxSessionDuration=7200,
                           PermissionsBoundary=READ_ONLY)["Role"]
    same(fields(made), "Arn AssumeRolePolicyDocument CreateDate Path PermissionsBoundary RoleId RoleName")
    same(made["PermissionsBoundary"]["PermissionsBoundaryArn"], READ_ONLY)
    got = iam.get_role(RoleName="shown")["Role"]
    same(fields(got), "Arn AssumeRolePolicyDocument CreateDate Description MaxSessionDuration Path PermissionsBoundary RoleId RoleLastUsed RoleName")
    same((got["RoleLastUsed"], got["AssumeRolePolicyDocument"]), ({}, json.loads(TRUST)))
    listed = [r for r in iam.list_roles()["Roles"] if r["RoleName"] == "Shown"][0]
    same(fields(listed), "Arn AssumeRolePolicyDocument CreateDate Description MaxSessionDuration Path RoleId RoleName")
    iam.update_role(RoleName="Shown", MaxSessionDuration=3600)
    same(iam.get_role(RoleName="Shown")["Role"]["Description"], "d")
    described = iam.update_role_description(RoleName="Shown", Description="new")["Role"]
    assert "MaxSessionDuration" not in described and described["Description"] == "new", described


def test_a_profile_holds_one_role():
    iam.add_role_to_instance_profile(InstanceProfileName="Box", RoleName="Shown")
    got = iam.get_instance_profile(InstanceProfileName="Box")["InstanceProfile"]
    same(fields(got), "Arn CreateDate InstanceProfileId InstanceProfileName Path Roles Tags")
    same(fields(got["Roles"][0]), "Arn AssumeRolePolicyDocument CreateDate Path RoleId RoleName")
    refused("LimitExceeded", iam.add_role_to_instance_profile, InstanceProfileName="Box", RoleName="Deploy", status=409,
            says="Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    refused("NoSuchEntity", iam.remove_role_from_instance_profile, InstanceProfileName="Box", RoleName="Deploy",
            says="Role Deploy in Instance Profile Box cannot be found.")
    refused("DeleteConflict", iam.delete_role, RoleName="Shown", says="must remove roles from instance profile first.")
    refused("DeleteConflict", iam.delete_instance_profile, InstanceProfileName="Box", says="must remove roles from instance profile first.")


def test_what_is_in_use_cannot_be_deleted():
    name = {"UserName": "Busy"}
    iam.create_user(**name)
    arn = iam.create_policy(PolicyName="Used", PolicyDocument=SIMPLE)["Policy"]["Arn"]
    key = iam.create_access_key(**name)["AccessKey"]
    same(fields(key), "AccessKeyId CreateDate SecretAccessKey Status UserName")
    iam.create_login_profile(Password="Correct-horse1", **name)
    iam.add_user_to_group(GroupName="Ops", **name)
    iam.put_user_policy(PolicyName="own", PolicyDocument=SIMPLE, **name)
    iam.attach_user_policy(PolicyArn=arn, **name)
    same(iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"], 1)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn, status=409, says="Cannot delete a policy attached to entities.")
    refused("DeleteConflict", iam.delete_group, GroupName="Ops", status=409, says="must remove users from group first.")
    for undo, params in [
        (iam.detach_user_policy, {"PolicyArn": arn}),
        (iam.delete_user_policy, {"PolicyName": "own"}),
        (iam.delete_access_key, {"AccessKeyId": key["AccessKeyId"]}),
        (iam.delete_login_profile, {}),
        (iam.remove_user_from_group, {"GroupName": "Ops"}),
    ]:
        refused("DeleteConflict", iam.delete_user, status=409, says="Cannot delete entity, must ", **name)
        undo(**name, **params)
    iam.delete_user(**name)
    refused("NoSuchEntity", iam.get_user, status=404, **name)


def test_tags_of_users_ignore_case_and_those_of_policies_do_not():
    iam.tag_user(UserName="Alice", Tags=[{"Key": "TEAM", "Value": ""}])
    tags = iam.list_user_tags(UserName="Alice")
    same((fields(tags), tags["Tags"]), ("IsTruncated Tags", [{"Key": "TEAM", "Value": ""}]))
    both = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    refused("InvalidInput", iam.tag_user, UserName="Alice", Tags=both, says="Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    arn = f"arn:aws:iam::{ACCOUNT}:policy/Read"
    iam.tag_policy(PolicyArn=arn, Tags=both)
    same(len(iam.list_policy_tags(PolicyArn=arn)["Tags"]), 2)


def test_access_keys_stop_at_once_and_are_two_at_most():
    keys = user("Keys", policy("s3:ListAllMyBuckets"))
    access = keys.split(":")[0]
    unused = iam.get_access_key_last_used(AccessKeyId=access)
    same((unused["UserName"], unused["AccessKeyLastUsed"]), ("Keys", {"ServiceName": "N/A", "Region": "N/A"}))
    client("s3", keys).list_buckets()
    used = iam.get_access_key_last_used(AccessKeyId=access)["AccessKeyLastUsed"]
    same((fields(used), used["ServiceName"], used["Region"]), ("LastUsedDate Region ServiceName", "s3", "us-east-1"))
    iam.create_access_key(UserName="Keys")
    refused("LimitExceeded", iam.create_access_key, UserName="Keys", status=409, says="Cannot exceed quota for AccessKeysPerUser: 2")
    iam.update_access_key(UserName="Keys", AccessKeyId=access, Status="Inactive")
    refused("InvalidClientTokenId", client("sts", keys).get_caller_identity, status=403, says="The security token included in the request is invalid.")
    refused("InvalidAccessKeyId", client("s3", keys).list_buckets, status=403)
    iam.update_access_key(UserName="Keys", AccessKeyId=access, Status="Active")
    client("sts", keys).get_caller_identity()
    iam.delete_access_key(UserName="Keys", AccessKeyId=access)
    refused("InvalidClientTokenId", client("sts", keys).get_caller_identity, status=403)
    refused("AccessDenied", iam.get_access_key_last_used, AccessKeyId=access, status=403, says=f"on resource: access key {access}")


def test_passwords_follow_the_account_policy():
    mine = client("iam", user("Pat", policy("iam:ChangePassword", f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}")))
    refused("PasswordPolicyViolation", iam.create_login_profile, UserName="Pat", Password="short", status=400,
            says="Password does not conform to the account password policy.")
    iam.create_login_profile(UserName="Pat", Password="First-password1", PasswordResetRequired=True)
    refused("EntityAlreadyExists", iam.create_login_profile, UserName="Pat", Password="First-password1", says="Login Profile for user Pat already exists.")
    iam.update_account_password_policy(MinimumPasswordLength=14, PasswordReusePrevention=2)
    refused("PasswordPolicyViolation", mine.change_password, OldPassword="First-password1", NewPassword="Second-pass1", status=400)
    refused("AccessDenied", mine.change_password, OldPassword="wrong", NewPassword="Second-password2", status=403)
    mine.change_password(OldPassword="First-password1", NewPassword="Second-password2")
    refused("PasswordPolicyViolation", mine.change_password, OldPassword="Second-password2", NewPassword="First-password1", status=400)
    profile = iam.get_login_profile(UserName="Pat")["LoginProfile"]
    same((fields(profile), profile["PasswordResetRequired"]), ("CreateDate PasswordResetRequired UserName", False))
    refused("InvalidUserType", root.change_password, OldPassword="x", NewPassword="Second-password2", status=400)
    iam.delete_account_password_policy()
    refused("NoSuchEntity", iam.delete_account_password_policy, says="The account policy with name PasswordPolicy cannot be found.")


def test_the_password_policy_has_its_defaults():
    iam.update_account_password_policy()
    same(iam.get_account_password_policy()["PasswordPolicy"], {
        "MinimumPasswordLength": 6, "RequireSymbols": False, "RequireNumbers": False, "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False, "AllowUsersToChangePassword": False, "ExpirePasswords": False})
    refused("ValidationError", iam.update_account_password_policy, MinimumPasswordLength=5, MaxPasswordAge=1096, PasswordReusePrevention=25,
            says="3 validation errors detected: ")
    iam.update_account_password_policy(MaxPasswordAge=90, HardExpiry=True)
    same(iam.get_account_password_policy()["PasswordPolicy"]["ExpirePasswords"], True)
    iam.delete_account_password_policy()


def test_an_account_has_one_alias_which_is_nobody_elses():
    iam.create_account_alias(AccountAlias="my-alias")
    refused("EntityAlreadyExists", other_iam.create_account_alias, AccountAlias="my-alias", status=409, says="The account alias my-alias already exists.")
    iam.create_account_alias(AccountAlias="my-other-alias")
    same(iam.list_account_aliases()["AccountAliases"], ["my-other-alias"])
    refused("ValidationError", iam.create_account_alias, AccountAlias="My", status=400)
    iam.delete_account_alias(AccountAlias="my-other-alias")
    same(iam.list_account_aliases()["AccountAliases"], [])


def test_the_summary_counts():
    before = iam.get_account_summary()["SummaryMap"]
    iam.create_user(UserName="counted")
    arn = iam.create_policy(PolicyName="counted", PolicyDocument=SIMPLE)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="counted", PolicyArn=arn)
    after = iam.get_account_summary()["SummaryMap"]
    same({k: v - before[k] for k, v in after.items() if v != before[k]}, {"Users": 1, "Policies": 1, "PolicyVersionsInUse": 1})
    same((after["UsersQuota"], after["AccountAccessKeysPresent"], after["AccountMFAEnabled"]), (5000, 1, 0))


def test_authorization_details_have_everything():
    details = iam.get_account_authorization_details()
    same(fields(details), "GroupDetailList IsTruncated Policies RoleDetailList UserDetailList")
    alice = [u for u in details["UserDetailList"] if u["UserName"] == "page0"][0]
    same(fields(alice), "Arn AttachedManagedPolicies CreateDate GroupList Path Tags UserId UserName")
    shown = [r for r in details["RoleDetailList"] if r["RoleName"] == "Shown"][0]
    same(fields(shown), "Arn AssumeRolePolicyDocument AttachedManagedPolicies CreateDate InstanceProfileList Path PermissionsBoundary "
                        "RoleId RoleLastUsed RoleName RolePolicyList Tags")
    read = [p for p in details["Policies"] if p["PolicyName"] == "Read"][0]
    same(read["PolicyVersionList"][0]["Document"], json.loads(SIMPLE))
    only = iam.get_account_authorization_details(Filter=["Group"])
    same((only["UserDetailList"], only["RoleDetailList"], only["Policies"]), ([], [], []))
    everything = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 3}).build_full_result()
    same(len(everything["UserDetailList"]), len(details["UserDetailList"]))


def test_another_account_sees_nothing_of_it():
    refused("NoSuchEntity", other_iam.get_user, UserName="Alice", status=404)
    refused("AccessDenied", other_iam.get_policy, PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/Read", status=403)
    refused("AccessDenied", iam.delete_policy, PolicyArn=READ_ONLY, status=403, says=f"iam:DeletePolicy on resource: policy {READ_ONLY}")


def test_an_unknown_action_is_invalid():
    import urllib.request, urllib.error
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest("POST", URL + "/", data="Action=MakeCoffee&Version=2010-05-08", headers={"Content-Type": "application/x-www-form-urlencoded"})
    SigV4Auth(Credentials(*PRODUCTION["admin"].split(":")), "iam", "us-east-1").add_auth(request)
    try:
        urllib.request.urlopen(urllib.request.Request(request.url, request.data.encode() if isinstance(request.data, str) else request.data, dict(request.headers)))
    except urllib.error.HTTPError as e:
        text = e.read().decode()
        assert e.code == 400 and "<Code>InvalidAction</Code>" in text and "MakeCoffee" in text, (e.code, text)
        return
    raise AssertionError("was taken")


if __name__ == "__main__":
    run(globals())
