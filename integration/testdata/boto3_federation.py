"""Identity providers and their users as boto3 sees them."""

import base64
import urllib.request

from iam_world import *

GITHUB = "https://token.actions.githubusercontent.com"
GITHUB_ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
MAIN = "repo:org/app:ref:refs/heads/main"
anyone = client("sts", None, **LENIENT)


def federated(provider, action="sts:AssumeRoleWithWebIdentity", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": action, **more}]})


def ask(path, body):
    """Asks the providers for practice."""
    request = urllib.request.Request(URL + "/_xemu/" + path, json.dumps(body).encode(), {"Authorization": "Bearer " + WORLD["adminToken"]})
    return json.load(urllib.request.urlopen(request))


def id_token(sub=MAIN, iss=GITHUB, aud="sts.amazonaws.com", **claims):
    return ask("oidc/token", {"subject": sub, "issuer": iss, "audience": [aud], "claims": claims})["token"]


iam.create_open_id_connect_provider(Url=GITHUB, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"])
CI = role("ci", federated(GITHUB_ARN, Condition={
    "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
    "StringLike": {"token.actions.githubusercontent.com:sub": "repo:org/app:*"}}), policy("s3:ListAllMyBuckets"))


def test_a_web_identity():
    answer = anyone.assume_role_with_web_identity(RoleArn=CI, RoleSessionName="run-1", WebIdentityToken=id_token())
    same(fields(answer), "AssumedRoleUser Audience Credentials Provider SubjectFromWebIdentityToken")
    same((answer["SubjectFromWebIdentityToken"], answer["Audience"], answer["Provider"]), (MAIN, "sts.amazonaws.com", GITHUB_ARN))
    same(answer["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1")
    session("s3", answer["Credentials"]).list_buckets()
    refused("AccessDenied", session("iam", answer["Credentials"]).list_users)


def test_web_identities_that_are_refused():
    def assume(token, arn=CI):
        return anyone.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="run-1", WebIdentityToken=token)

    refused("AccessDenied", assume, id_token("repo:evil/app:x"), status=403, says="Not authorized to perform sts:AssumeRoleWithWebIdentity")
    refused("AccessDenied", assume, id_token(), CI + "x", status=403, says="Not authorized to perform sts:AssumeRoleWithWebIdentity")
    refused("InvalidIdentityToken", assume, id_token(aud="x"), status=400, says="Incorrect token audience")
    refused("InvalidIdentityToken", assume, id_token(iss="https://x.example.com"), says="No OpenIDConnect provider found in your account for https://x.example.com")
    refused("InvalidIdentityToken", assume, "none", says="The ID Token provided is not a valid JWT.")
    refused("ExpiredTokenException", assume, id_token(exp=1000000000), says="Token expired: current date/time ")
    refused("ValidationError", assume, "x", says="Member must have length greater than or equal to 4")
    refused("ValidationError", assume, id_token(), "arn:aws:iam::role/x-and-then-some", says="is invalid")


def test_a_saml_user():
    metadata = urllib.request.urlopen(URL + "/_xemu/saml/metadata").read().decode()
    arn = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
    same(iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"], metadata)
    staff = role("staff", federated(arn, "sts:AssumeRoleWithSAML", Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}),
                 policy("s3:ListAllMyBuckets"))
    response = ask("saml/assertion", {"role": staff, "provider": arn, "name": "ada"})["samlResponse"]
    answer = anyone.assume_role_with_saml(RoleArn=staff, PrincipalArn=arn, SAMLAssertion=response)
    same(fields(answer), "AssumedRoleUser Audience Credentials Issuer NameQualifier Subject SubjectType")
    session("s3", answer["Credentials"]).list_buckets()
    forged = base64.b64encode(base64.b64decode(response).replace(b">ada<", b">eve<")).decode()
    refused("InvalidIdentityToken", anyone.assume_role_with_saml, RoleArn=staff, PrincipalArn=arn, SAMLAssertion=forged, says="Response signature invalid")


def test_providers():
    same(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"], [{"Arn": GITHUB_ARN}])
    got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=GITHUB_ARN)
    same(fields(got), "ClientIDList CreateDate Tags ThumbprintList Url")
    same(got["Url"], "token.actions.githubusercontent.com")
    refused("EntityAlreadyExists", iam.create_open_id_connect_provider, Url=GITHUB, says=f"Provider with url {GITHUB} already exists.")
    refused("ValidationError", iam.create_open_id_connect_provider, Url="http://idp.example.com", says="Invalid Open ID Connect Provider URL")
    refused("ValidationError", iam.create_open_id_connect_provider, Url="https://a.example.com", ThumbprintList=["a"], says="thumbprintList")
    refused("ValidationError", iam.create_open_id_connect_provider, Url="https://a.example.com", ClientIDList=["a" * 256], says="clientIDList")
    missing = f"arn:aws:iam::{ACCOUNT}:oidc-provider/x.example.com"
    refused("NoSuchEntity", iam.get_open_id_connect_provider, OpenIDConnectProviderArn=missing, status=404, says=f"OpenIDConnect Provider not found for arn {missing}")
    refused("InvalidInput", iam.create_saml_provider, Name="none", SAMLMetadataDocument="x" * 1000, says="Could not parse metadata")
    refused("MalformedPolicyDocument", iam.create_role, RoleName="none", AssumeRolePolicyDocument=federated("nobody"),
            says="Federated principals must be valid domain names or SAML metadata ARNs")


def test_outbound_federation():
    refused("OutboundWebIdentityFederationDisabledException", sts.get_web_identity_token, Audience=["a"], SigningAlgorithm="RS256", status=403)
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    refused("FeatureEnabled", iam.enable_outbound_web_identity_federation, status=409)
    answer = sts.get_web_identity_token(Audience=["https://api.example.com"], SigningAlgorithm="ES384", DurationSeconds=60)
    same(fields(answer), "Expiration WebIdentityToken")
    payload = answer["WebIdentityToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    same((claims["iss"], claims["aud"], claims["sub"]), (issuer, "https://api.example.com", f"arn:aws:iam::{ACCOUNT}:user/admin"))
    iam.disable_outbound_web_identity_federation()
    refused("FeatureDisabled", iam.get_outbound_web_identity_federation_info, status=404)


if __name__ == "__main__":
    run(globals())
