"""Every IAM operation from both sides of its permission: without it nothing changes, with it alone it works."""

from iam_world import *

ARN = f"arn:aws:iam::{ACCOUNT}:"
SIMPLE = policy("s3:*")
TRUST = trust(OTHER)

# Operation, what it needs it on, parameters. They run in this order and build on each other.
CALLS = [
    ("create_user", "user/x/Tom", {"UserName": "Tom", "Path": "/x/"}),
    ("get_user", "user/x/Tom", {"UserName": "Tom"}),
    ("list_users", "user/", {}),
    ("update_user", "user/*Tom", {"UserName": "Tom", "NewPath": "/"}),
    ("tag_user", "user/Tom", {"UserName": "Tom", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("list_user_tags", "user/Tom", {"UserName": "Tom"}),
    ("untag_user", "user/Tom", {"UserName": "Tom", "TagKeys": ["k"]}),
    ("create_group", "group/Ops", {"GroupName": "Ops"}),
    ("get_group", "group/Ops", {"GroupName": "Ops"}),
    ("list_groups", "group/", {}),
    ("update_group", "group/Ops*", {"GroupName": "Ops", "NewGroupName": "OpsTeam"}),
    ("add_user_to_group", "group/OpsTeam", {"GroupName": "OpsTeam", "UserName": "Tom"}),
    ("list_groups_for_user", "user/Tom", {"UserName": "Tom"}),
    ("remove_user_from_group", "group/OpsTeam", {"GroupName": "OpsTeam", "UserName": "Tom"}),
    ("create_role", "role/R", {"RoleName": "R", "AssumeRolePolicyDocument": TRUST}),
    ("get_role", "role/R", {"RoleName": "R"}),
    ("list_roles", "role/", {}),
    ("update_role", "role/R", {"RoleName": "R", "Description": "d"}),
    ("update_role_description", "role/R", {"RoleName": "R", "Description": "e"}),
    ("update_assume_role_policy", "role/R", {"RoleName": "R", "PolicyDocument": trust(ACCOUNT)}),
    ("tag_role", "role/R", {"RoleName": "R", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("list_role_tags", "role/R", {"RoleName": "R"}),
    ("untag_role", "role/R", {"RoleName": "R", "TagKeys": ["k"]}),
    ("create_policy", "policy/P", {"PolicyName": "P", "PolicyDocument": SIMPLE}),
    ("get_policy", "policy/P", {"PolicyArn": ARN + "policy/P"}),
    ("list_policies", "*", {"Scope": "Local"}),
    ("tag_policy", "policy/P", {"PolicyArn": ARN + "policy/P", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("list_policy_tags", "policy/P", {"PolicyArn": ARN + "policy/P"}),
    ("untag_policy", "policy/P", {"PolicyArn": ARN + "policy/P", "TagKeys": ["k"]}),
    ("create_policy_version", "policy/P", {"PolicyArn": ARN + "policy/P", "PolicyDocument": SIMPLE}),
    ("get_policy_version", "policy/P", {"PolicyArn": ARN + "policy/P", "VersionId": "v2"}),
    ("list_policy_versions", "policy/P", {"PolicyArn": ARN + "policy/P"}),
    ("set_default_policy_version", "policy/P", {"PolicyArn": ARN + "policy/P", "VersionId": "v2"}),
    ("delete_policy_version", "policy/P", {"PolicyArn": ARN + "policy/P", "VersionId": "v1"}),
    ("attach_user_policy", "user/Tom", {"UserName": "Tom", "PolicyArn": ARN + "policy/P"}),
    ("list_attached_user_policies", "user/Tom", {"UserName": "Tom"}),
    ("list_entities_for_policy", "policy/P", {"PolicyArn": ARN + "policy/P"}),
    ("detach_user_policy", "user/Tom", {"UserName": "Tom", "PolicyArn": ARN + "policy/P"}),
    ("attach_group_policy", "group/OpsTeam", {"GroupName": "OpsTeam", "PolicyArn": READ_ONLY}),
    ("list_attached_group_policies", "group/OpsTeam", {"GroupName": "OpsTeam"}),
    ("detach_group_policy", "group/OpsTeam", {"GroupName": "OpsTeam", "PolicyArn": READ_ONLY}),
    ("attach_role_policy", "role/R", {"RoleName": "R", "PolicyArn": READ_ONLY}),
    ("list_attached_role_policies", "role/R", {"RoleName": "R"}),
    ("detach_role_policy", "role/R", {"RoleName": "R", "PolicyArn": READ_ONLY}),
    ("put_user_policy", "user/Tom", {"UserName": "Tom", "PolicyName": "i", "PolicyDocument": SIMPLE}),
    ("get_user_policy", "user/Tom", {"UserName": "Tom", "PolicyName": "i"}),
    ("list_user_policies", "user/Tom", {"UserName": "Tom"}),
    ("delete_user_policy", "user/Tom", {"UserName": "Tom", "PolicyName": "i"}),
    ("put_group_policy", "group/OpsTeam", {"GroupName": "OpsTeam", "PolicyName": "i", "PolicyDocument": SIMPLE}),
    ("get_group_policy", "group/OpsTeam", {"GroupName": "OpsTeam", "PolicyName": "i"}),
    ("list_group_policies", "group/OpsTeam", {"GroupName": "OpsTeam"}),
    ("delete_group_policy", "group/OpsTeam", {"GroupName": "OpsTeam", "PolicyName": "i"}),
    ("put_role_policy", "role/R", {"RoleName": "R", "PolicyName": "i", "PolicyDocument": SIMPLE}),
    ("get_role_policy", "role/R", {"RoleName": "R", "PolicyName": "i"}),
    ("list_role_policies", "role/R", {"RoleName": "R"}),
    ("delete_role_policy", "role/R", {"RoleName": "R", "PolicyName": "i"}),
    ("put_user_permissions_boundary", "user/Tom", {"UserName": "Tom", "PermissionsBoundary": READ_ONLY}),
    ("delete_user_permissions_boundary", "user/Tom", {"UserName": "Tom"}),
    ("put_role_permissions_boundary", "role/R", {"RoleName": "R", "PermissionsBoundary": READ_ONLY}),
    ("delete_role_permissions_boundary", "role/R", {"RoleName": "R"}),
    ("create_login_profile", "user/Tom", {"UserName": "Tom", "Password": "Correct-horse1"}),
    ("get_login_profile", "user/Tom", {"UserName": "Tom"}),
    ("update_login_profile", "user/Tom", {"UserName": "Tom", "PasswordResetRequired": True}),
    ("delete_login_profile", "user/Tom", {"UserName": "Tom"}),
    ("list_access_keys", "user/Tom", {"UserName": "Tom"}),
    ("list_mfa_devices", "user/Tom", {"UserName": "Tom"}),
    ("create_instance_profile", "instance-profile/ip", {"InstanceProfileName": "ip"}),
    ("get_instance_profile", "instance-profile/ip", {"InstanceProfileName": "ip"}),
    ("list_instance_profiles", "instance-profile/", {}),
    ("list_instance_profiles_for_role", "role/R", {"RoleName": "R"}),
    ("tag_instance_profile", "instance-profile/ip", {"InstanceProfileName": "ip", "Tags": [{"Key": "k", "Value": "v"}]}),
    ("list_instance_profile_tags", "instance-profile/ip", {"InstanceProfileName": "ip"}),
    ("untag_instance_profile", "instance-profile/ip", {"InstanceProfileName": "ip", "TagKeys": ["k"]}),
    ("delete_instance_profile", "instance-profile/ip", {"InstanceProfileName": "ip"}),
    ("create_account_alias", "*", {"AccountAlias": "an-alias"}),
    ("list_account_aliases", "*", {}),
    ("delete_account_alias", "*", {"AccountAlias": "an-alias"}),
    ("update_account_password_policy", "*", {}),
    ("get_account_password_policy", "*", {}),
    ("delete_account_password_policy", "*", {}),
    ("get_account_summary", "*", {}),
    ("get_account_authorization_details", "*", {}),
    ("delete_policy", "policy/P", {"PolicyArn": ARN + "policy/P"}),
    ("delete_role", "role/R", {"RoleName": "R"}),
    ("delete_group", "group/OpsTeam", {"GroupName": "OpsTeam"}),
    ("delete_user", "user/Tom", {"UserName": "Tom"}),
]

eve = client("iam", user("Eve"), **LENIENT)
WATCHED = ("list_account_aliases", "get_account_authorization_details", "list_instance_profiles")


def state():
    seen = []
    for name in WATCHED:
        answer = getattr(iam, name)()
        answer.pop("ResponseMetadata")
        seen.append(answer)
    for u in seen[1]["UserDetailList"]:
        try:
            seen.append(iam.get_login_profile(UserName=u["UserName"])["LoginProfile"])
        except ClientError:
            pass
    try:
        seen.append(iam.get_account_password_policy()["PasswordPolicy"])
    except ClientError:
        pass
    return seen


def both_sides(name, resource, params):
    action = "iam:" + iam.meta.method_to_api_mapping[name]
    arn = resource if resource == "*" else ARN + resource

    def test():
        call = getattr(eve, name)
        before = state()
        says = f"User: {ARN}user/Eve is not authorized to perform: {action} on resource: "
        error = refused("AccessDenied", call, status=403, says=says, **params)["Error"]["Message"]
        assert error.endswith(f" because no identity-based policy allows the {action} action"), error
        same(state(), before)
        try:
            iam.put_user_policy(UserName="Eve", PolicyName="only", PolicyDocument=policy(action, arn))
            call(**params)
        finally:
            iam.delete_user_policy(UserName="Eve", PolicyName="only")

    return test


def test_every_operation_is_in_the_list():
    """Those that are not have tests of their own, or cannot be denied so."""
    elsewhere = {"change_password", "create_access_key", "delete_access_key", "update_access_key", "get_access_key_last_used",
                 "add_role_to_instance_profile", "remove_role_from_instance_profile"}
    missing = []
    for name in iam.meta.method_to_api_mapping:
        if name in elsewhere or any(name == call[0] for call in CALLS):
            continue
        try:
            getattr(iam, name)()
        except ClientError as e:
            if e.response["Error"]["Code"] == "NotImplemented":
                continue
        missing.append(name)
    same([m for m in missing if m.startswith(("create_", "put_", "attach_", "delete_user", "delete_role", "delete_group"))
          and not any(word in m for word in ("mfa", "certificate", "provider", "ssh", "service", "delegation"))], [])


def test_passing_a_role_needs_pass_role():
    iam.create_instance_profile(InstanceProfileName="box")
    iam.create_role(RoleName="Passed", AssumeRolePolicyDocument=TRUST)
    params = {"InstanceProfileName": "box", "RoleName": "Passed"}
    iam.put_user_policy(UserName="Eve", PolicyName="only", PolicyDocument=policy("iam:AddRoleToInstanceProfile"))
    refused("AccessDenied", eve.add_role_to_instance_profile, says=f"iam:PassRole on resource: {ARN}role/Passed", **params)
    iam.put_user_policy(UserName="Eve", PolicyName="only", PolicyDocument=policy(
        ["iam:AddRoleToInstanceProfile", "iam:PassRole"], Condition={"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}))
    eve.add_role_to_instance_profile(**params)


def only(document):
    iam.put_user_policy(UserName="Eve", PolicyName="only", PolicyDocument=document)


def test_request_tags_decide():
    only(policy(["iam:CreateUser", "iam:TagUser"], Condition={
        "StringEquals": {"aws:RequestTag/team": "blue"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}))
    refused("AccessDenied", eve.create_user, UserName="t1")
    refused("AccessDenied", eve.create_user, UserName="t1", Tags=[{"Key": "team", "Value": "red"}])
    refused("AccessDenied", eve.create_user, UserName="t1", Tags=[{"Key": "team", "Value": "blue"}, {"Key": "x", "Value": "y"}])
    refused("NoSuchEntity", iam.get_user, UserName="t1")
    eve.create_user(UserName="t1", Tags=[{"Key": "team", "Value": "blue"}])


def test_creating_with_tags_needs_the_permission_to_tag():
    only(policy("iam:CreateRole"))
    refused("AccessDenied", eve.create_role, RoleName="t2", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}], says="iam:TagRole")
    eve.create_role(RoleName="t2", AssumeRolePolicyDocument=TRUST)


def test_resource_tags_decide():
    iam.create_user(UserName="blue", Tags=[{"Key": "team", "Value": "blue"}])
    iam.create_user(UserName="red", Tags=[{"Key": "team", "Value": "red"}])
    for key in ("aws:ResourceTag/team", "iam:ResourceTag/Team"):
        only(policy("iam:GetUser", Condition={"StringEquals": {key: "blue"}}))
        eve.get_user(UserName="blue")
        refused("AccessDenied", eve.get_user, UserName="red")


def test_the_policy_and_the_boundary_of_a_request_decide():
    only(policy("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": READ_ONLY}}))
    eve.attach_user_policy(UserName="blue", PolicyArn=READ_ONLY)
    refused("AccessDenied", eve.attach_user_policy, UserName="blue", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    only(policy(["iam:CreateUser", "iam:PutUserPolicy"], Condition={"StringEquals": {"iam:PermissionsBoundary": READ_ONLY}}))
    refused("AccessDenied", eve.create_user, UserName="bounded")
    eve.create_user(UserName="bounded", PermissionsBoundary=READ_ONLY)
    eve.put_user_policy(UserName="bounded", PolicyName="p", PolicyDocument=SIMPLE)
    refused("AccessDenied", eve.put_user_policy, UserName="blue", PolicyName="p", PolicyDocument=SIMPLE)


def test_users_manage_themselves_by_name():
    keys = user("self", policy("iam:*AccessKey*", ARN + "user/${aws:username}"))
    mine = client("iam", keys)
    same(len(mine.list_access_keys()["AccessKeyMetadata"]), 1)
    made = mine.create_access_key()["AccessKey"]
    same(made["UserName"], "self")
    mine.update_access_key(AccessKeyId=made["AccessKeyId"], Status="Inactive")
    mine.delete_access_key(AccessKeyId=made["AccessKeyId"], UserName="self")
    refused("AccessDenied", mine.create_access_key, UserName="blue", status=403)


def test_an_explicit_deny_wins_and_is_said():
    keys = user("denied", policy("iam:*"), policy("iam:ListUsers", effect="Deny"))
    mine = client("iam", keys)
    mine.list_roles()
    refused("AccessDenied", mine.list_users, says="with an explicit deny in an identity-based policy")


def test_a_group_gives_its_policies_and_takes_them_away():
    keys = user("member")
    mine = client("iam", keys)
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=policy("iam:List*"))
    refused("AccessDenied", mine.list_users)
    iam.add_user_to_group(GroupName="readers", UserName="member")
    mine.list_users()
    iam.remove_user_from_group(GroupName="readers", UserName="member")
    refused("AccessDenied", mine.list_users)


def test_a_boundary_caps_and_the_default_version_counts():
    keys = user("capped", policy("iam:*"))
    mine = client("iam", keys)
    arn = iam.create_policy(PolicyName="cap", PolicyDocument=policy("iam:ListUsers"))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="capped", PermissionsBoundary=arn)
    mine.list_users()
    refused("AccessDenied", mine.list_roles, says="because no permissions boundary allows the iam:ListRoles action")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("iam:ListRoles"))
    refused("AccessDenied", mine.list_roles)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    mine.list_roles()
    refused("AccessDenied", mine.list_users)
    iam.delete_user_permissions_boundary(UserName="capped")
    mine.list_users()


def test_the_root_user_needs_no_policy_and_outsiders_have_no_way_in():
    root.create_user(UserName="by-root")
    refused("NoSuchEntity", other_iam.delete_user, UserName="by-root")
    root.delete_user(UserName="by-root")


if __name__ == "__main__":
    rules = {f"test_{name}_from_both_sides": both_sides(name, resource, params) for name, resource, params in CALLS}
    run({**rules, **globals()})
