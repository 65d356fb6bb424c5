"""Access Analyzer's checks of policies as boto3 sees them."""

import json

from boto3_run import *

analyzer = client("accessanalyzer", PRODUCTION["admin"])
PUBLIC = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Bob", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}],
})


def identity(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}})


def test_findings_have_places():
    findings = analyzer.validate_policy(policyDocument=identity("s3:GetObjects"), policyType="IDENTITY_POLICY")["findings"]
    assert len(findings) == 1, findings
    found = findings[0]
    assert (found["findingType"], found["issueCode"]) == ("ERROR", "INVALID_ACTION"), found
    assert found["learnMoreLink"].endswith("#access-analyzer-reference-policy-checks-error-invalid-action"), found
    where = found["locations"][0]
    assert where["path"] == [{"value": "Statement"}, {"value": "Action"}, {"index": 0}], where
    start, end = where["span"]["start"], where["span"]["end"]
    assert identity("s3:GetObjects")[start["offset"]:end["offset"]] == '"s3:GetObjects"', where
    assert (start["line"], start["column"]) == (1, start["offset"]), where


def test_findings_come_in_pages():
    pages = analyzer.get_paginator("validate_policy").paginate(
        policyDocument=identity("s3:GetObjects", "s3:Nothing", "nosuch:Thing"), policyType="IDENTITY_POLICY", PaginationConfig={"PageSize": 2}
    )
    assert [len(p["findings"]) for p in pages] == [2, 1]


def test_custom_checks():
    checked = analyzer.check_no_public_access(policyDocument=PUBLIC, resourceType="AWS::S3::Bucket")
    assert checked["result"] == "FAIL" and checked["reasons"][0]["statementId"] == "Bob", checked
    checked = analyzer.check_access_not_granted(policyDocument=identity("s3:Get*"), policyType="IDENTITY_POLICY", access=[{"actions": ["s3:PutObject"]}])
    assert checked["result"] == "PASS", checked
    checked = analyzer.check_no_new_access(newPolicyDocument=identity("s3:*"), existingPolicyDocument=identity("s3:Get*"), policyType="IDENTITY_POLICY")
    assert checked["result"] == "FAIL" and checked["reasons"][0]["statementIndex"] == 0, checked


def test_errors():
    answer = refused("ValidationException", analyzer.validate_policy, policyDocument="{}", policyType="MY_POLICY", status=400)
    assert answer["reason"] == "fieldValidationFailed", answer
    refused("NotImplementedException", analyzer.get_analyzer, analyzerName="a", status=501, says="access-analyzer:GetAnalyzer")


run(globals())
