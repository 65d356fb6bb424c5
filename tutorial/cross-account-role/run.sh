#!/bin/sh
# The lesson "Cross-account access to a bucket through a role" against a running server, as Run does it. Start one with: xemu serve
# Made from lesson.yaml by go generate; change it there.
set -eu
eval "$(xemu env)"
endpoint=$(cat "${XEMU_DATA:-$HOME/.xemu}/url")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_PAGER=

fail() { echo "FAILED: $*" >&2; exit 1; }

case $(aws --version 2>&1) in
aws-cli/1.[0-9].* | aws-cli/1.1[0-9].* | aws-cli/1.2[0-8].* | aws-cli/2.[0-9].* | aws-cli/2.1[0-2].*)
	fail "this AWS CLI does not know endpoint_url in its config file: 1.29, 2.13 or newer is needed" ;;
esac

# run COMMAND: runs it, shows it, keeps its output in $out; it must succeed.
run() {
	echo; echo "\$ $1"
	out=$(eval "$1" 2>&1) || { echo "$out"; fail "it is to succeed"; }
	[ -z "$out" ] || echo "$out"
}

# refused CODE MESSAGE COMMAND: the command must answer this error, and its message must have this part.
refused() {
	echo; echo "\$ $3"
	if out=$(eval "$3" 2>&1); then fail "it is to answer $1, and succeeded"; fi
	echo "$out"
	answers "$1" "$2" || fail "it is to answer $1: $2"
}

# answers CODE MESSAGE: the error in $out is this one.
answers() {
	case "$out" in *"An error occurred ($1) "*"$2"*) ;; *) return 1 ;; esac
}

# why PART...: the explanation of the last denial must have these parts.
why() {
	explanation=$(xemu why)
	echo; echo '$ xemu why'; echo "$explanation"
	for part in "$@"; do
		case "$explanation" in *"$part"*) ;; *) fail "the explanation does not say: $part" ;; esac
	done
}

# value PATH COMMAND: prints a part of the command's output.
value() { eval "$2 --query '$1' --output text"; }

# is PATH VALUE COMMAND: the part of the output is this.
is() { [ "$(value "$1" "$3" 2>/dev/null)" = "$2" ]; }

# happened OPERATION CALLER RESULT: such a request has been recorded.
happened() { xemu events --limit 1000 | grep -q "$1 *$3 *$2"; }

before() { if "$1" >/dev/null 2>&1; then fail "the check passes before its step: $2"; fi; }
after() { if "$1" >/dev/null 2>&1; then echo "  check: $2: yes"; else fail "check: $2"; fi; }

# profile NAME SETTING VALUE...: writes a profile.
profile() {
	name=$1; shift
	set -- region us-east-1 endpoint_url "$endpoint" "$@"
	while [ $# -gt 0 ]; do aws configure set "$1" "$2" --profile "$name"; shift 2; done
}

echo; echo '== Step 1. Production: create the role'
check_1_1() {
	is Role.Arn arn:aws:iam::111122223333:role/CrossAccountRoleS3 'aws iam get-role --role-name CrossAccountRoleS3 --profile production' &&
	is Role.Description 'A Role to delegate S3 access to another AWS account' 'aws iam get-role --role-name CrossAccountRoleS3 --profile production'
}
check_1_2() {
	is 'AttachedPolicies[0].PolicyName' AmazonS3ReadOnlyAccess 'aws iam list-attached-role-policies --role-name CrossAccountRoleS3 --profile production'
}
before check_1_1 'the role has the ARN that the rest of the lesson names'
before check_1_2 'the role may read S3'
run 'aws iam create-role --assume-role-policy-document '\''{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole","Condition":{}}]}'\'' --description '\''A Role to delegate S3 access to another AWS account'\'' --role-name CrossAccountRoleS3 --profile production'
ROLE_ARN=$(printf '%s' "$out" | sed -n 's/.*"Arn": "\(.*\)".*/\1/p' | head -n 1)
run 'aws iam attach-role-policy --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess --role-name CrossAccountRoleS3 --profile production'
after check_1_1 'the role has the ARN that the rest of the lesson names'
after check_1_2 'the role may read S3'

echo; echo '== Step 2. Production: create a bucket with an object'
check_2_1() {
	is ContentLength 22 'aws s3api head-object --bucket xemu-cross-account-lesson --key hello.txt --profile production' &&
	is ContentType text/plain 'aws s3api head-object --bucket xemu-cross-account-lesson --key hello.txt --profile production'
}
check_2_2() {
	if out=$(eval 'aws s3api get-object --bucket xemu-cross-account-lesson --key hello.txt downloaded --profile development' 2>&1); then return 1; fi
	answers AccessDenied ''
}
before check_2_1 'the object is there'
before check_2_2 'Development'\''s administrator cannot read it, whatever Development'\''s policies say'
run 'aws s3api create-bucket --bucket xemu-cross-account-lesson --profile production'
run 'printf %s '\''Hello from Production
'\'' > hello.txt
aws s3api put-object --body hello.txt --bucket xemu-cross-account-lesson --content-type text/plain --key hello.txt --profile production'
after check_2_1 'the object is there'
after check_2_2 'Development'\''s administrator cannot read it, whatever Development'\''s policies say'

echo; echo '== Step 3. Development: create the policy that lets users assume the role'
check_3_1() {
	is Policy.Description 'Policy for Cross Account Access' 'aws iam get-policy --policy-arn arn:aws:iam::444455556666:policy/CrossAccountPolicy --profile development' &&
	is Policy.PolicyName CrossAccountPolicy 'aws iam get-policy --policy-arn arn:aws:iam::444455556666:policy/CrossAccountPolicy --profile development'
}
before check_3_1 'the policy is there'

echo; echo 'A mistake on purpose. The resource stops at ":role". AWS does not even store that policy, since no role can have such an ARN.'
refused MalformedPolicyDocument 'IAM resource path must either be "*", root, or start with user/, federated-user/, role/,' 'aws iam create-policy --policy-document '\''{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role"}}'\'' --policy-name CrossAccountPolicy --profile development'
run 'aws iam create-policy --description '\''Policy for Cross Account Access'\'' --policy-document '\''{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role/CrossAccountRoleS3"}}'\'' --policy-name CrossAccountPolicy --profile development'
POLICY_ARN=$(printf '%s' "$out" | sed -n 's/.*"Arn": "\(.*\)".*/\1/p' | head -n 1)
after check_3_1 'the policy is there'

echo; echo '== Step 4. Development: create the user'
check_4_1() {
	is Account 444455556666 'aws sts get-caller-identity --profile ec2user' &&
	is Arn arn:aws:iam::444455556666:user/EC2UserForCrossAccount 'aws sts get-caller-identity --profile ec2user'
}
check_4_2() {
	eval 'aws ec2 describe-instances --profile ec2user'
}
check_4_3() {
	if out=$(eval 'aws s3api list-buckets --profile ec2user' 2>&1); then return 1; fi
	answers AccessDenied 'User: arn:aws:iam::444455556666:user/EC2UserForCrossAccount is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action'
}
check_4_4() {
	if out=$(eval 'aws s3api get-object --bucket xemu-cross-account-lesson --key hello.txt downloaded --profile ec2user' 2>&1); then return 1; fi
	answers AccessDenied ''
}
before check_4_1 'the user is there'
before check_4_2 'EC2 is allowed'
before check_4_3 'S3 is denied'
before check_4_4 'the bucket in Production is denied'
run 'aws iam create-user --user-name EC2UserForCrossAccount --profile development'
run 'aws iam create-login-profile --password '\''Cross-Account-2-Buckets!'\'' --no-password-reset-required --user-name EC2UserForCrossAccount --profile development'
run 'aws iam attach-user-policy --policy-arn arn:aws:iam::aws:policy/AmazonEC2FullAccess --user-name EC2UserForCrossAccount --profile development'
run 'aws iam create-access-key --user-name EC2UserForCrossAccount --profile development'
USER_KEY=$(printf '%s' "$out" | sed -n 's/.*"AccessKeyId": "\(.*\)".*/\1/p' | head -n 1)
profile ec2user aws_access_key_id "$(printf '%s' "$out" | sed -n 's/.*"AccessKeyId": "\(.*\)".*/\1/p' | head -n 1)" aws_secret_access_key "$(printf '%s' "$out" | sed -n 's/.*"SecretAccessKey": "\(.*\)".*/\1/p' | head -n 1)"

echo; echo 'A mistake on purpose. The user has no policy that allows sts:AssumeRole. The role trusts the account Development, which leaves the decision to Development'\''s administrators, and they have not allowed this user anything yet.'
refused AccessDenied 'User: arn:aws:iam::444455556666:user/EC2UserForCrossAccount is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/CrossAccountRoleS3' 'aws sts assume-role --role-arn "${ROLE_ARN}" --role-session-name lesson --profile ec2user'
why sts:AssumeRole 'identity-based polic' 444455556666
run 'aws iam attach-user-policy --policy-arn "${POLICY_ARN}" --user-name EC2UserForCrossAccount --profile development'
after check_4_1 'the user is there'
after check_4_2 'EC2 is allowed'
after check_4_3 'S3 is denied'
after check_4_4 'the bucket in Production is denied'

echo; echo '== Step 5. Development: switch to the role'
check_5_1() {
	is Account 111122223333 'aws sts get-caller-identity --profile role' &&
	is Arn arn:aws:sts::111122223333:assumed-role/CrossAccountRoleS3/lesson 'aws sts get-caller-identity --profile role'
}
check_5_2() {
	is Account 111122223333 'aws sts get-caller-identity --profile switched'
}
before check_5_1 'the credentials are those of a session of the role'
before check_5_2 'the profile with role_arn and source_profile assumes the role by itself'

echo; echo 'A mistake on purpose. The account id has a wrong digit. AWS does not tell whether the role exists; the explanation compares the ids.'
refused AccessDenied 'is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223334:role/CrossAccountRoleS3' 'aws sts assume-role --role-arn arn:aws:iam::111122223334:role/CrossAccountRoleS3 --role-session-name lesson --profile ec2user'
why 111122223334 111122223333

echo; echo 'A mistake on purpose. The policy'\''s resource stops at "role/". That is a valid policy, but it is about no role.'
run 'aws iam create-policy-version --policy-arn "${POLICY_ARN}" --policy-document '\''{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111122223333:role/"}}'\'' --set-as-default --profile development'
refused AccessDenied 'is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/CrossAccountRoleS3' 'aws sts assume-role --role-arn "${ROLE_ARN}" --role-session-name lesson --profile ec2user'
why arn:aws:iam::111122223333:role/ 'name is missing'
run 'aws iam set-default-policy-version --policy-arn "${POLICY_ARN}" --version-id v1 --profile development'
run 'aws iam delete-policy-version --policy-arn "${POLICY_ARN}" --version-id v2 --profile development'

echo; echo 'A mistake on purpose. The trust policy names another account. Development'\''s policy still allows it, but the role'\''s owner trusts somebody else.'
run 'aws iam update-assume-role-policy --policy-document '\''{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}'\'' --role-name CrossAccountRoleS3 --profile production'
refused AccessDenied 'is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/CrossAccountRoleS3' 'aws sts assume-role --role-arn "${ROLE_ARN}" --role-session-name lesson --profile ec2user'
why 'trust policy' 111122223333 444455556666
run 'aws iam update-assume-role-policy --policy-document '\''{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole","Condition":{}}]}'\'' --role-name CrossAccountRoleS3 --profile production'
run 'aws sts assume-role --role-arn "${ROLE_ARN}" --role-session-name lesson --profile ec2user'
profile role aws_access_key_id "$(printf '%s' "$out" | sed -n 's/.*"AccessKeyId": "\(.*\)".*/\1/p' | head -n 1)" aws_secret_access_key "$(printf '%s' "$out" | sed -n 's/.*"SecretAccessKey": "\(.*\)".*/\1/p' | head -n 1)" aws_session_token "$(printf '%s' "$out" | sed -n 's/.*"SessionToken": "\(.*\)".*/\1/p' | head -n 1)"
profile switched role_arn "${ROLE_ARN}" source_profile ec2user role_session_name "lesson-$(date +%s)-$$"
after check_5_1 'the credentials are those of a session of the role'
after check_5_2 'the profile with role_arn and source_profile assumes the role by itself'

echo; echo '== Step 6. As the role: read the bucket'
check_6_1() {
	happened GetObject arn:aws:sts::111122223333:assumed-role/CrossAccountRoleS3/ ok
}
check_6_2() {
	happened PutObject arn:aws:sts::111122223333:assumed-role/CrossAccountRoleS3/ AccessDenied
}
check_6_3() {
	happened DescribeInstances arn:aws:sts::111122223333:assumed-role/CrossAccountRoleS3/ UnauthorizedOperation
}
before check_6_1 'the object was read as the role'
before check_6_2 'writing as the role was denied'
before check_6_3 'EC2 as the role was denied'
run 'aws s3api list-buckets --profile role'
is 'Buckets[0].Name' xemu-cross-account-lesson 'aws s3api list-buckets --profile role' || fail Buckets.0.Name
run 'aws s3api get-object --bucket xemu-cross-account-lesson --key hello.txt downloaded --profile switched'
[ "$(cat downloaded)" = 'Hello from Production' ] || fail 'the body is another'
refused AccessDenied 'User: arn:aws:sts::111122223333:assumed-role/CrossAccountRoleS3/lesson is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::xemu-cross-account-lesson/mine.txt" because no identity-based policy allows the s3:PutObject action' 'printf %s no > mine.txt
aws s3api put-object --body mine.txt --bucket xemu-cross-account-lesson --key mine.txt --profile role'
why s3:PutObject CrossAccountRoleS3
refused UnauthorizedOperation '' 'aws ec2 describe-instances --profile role'
run 'aws ec2 describe-instances --profile ec2user'
after check_6_1 'the object was read as the role'
after check_6_2 'writing as the role was denied'
after check_6_3 'EC2 as the role was denied'

echo; echo '== Step 7. Clean up'
check_7_1() {
	if out=$(eval 'aws s3api head-bucket --bucket xemu-cross-account-lesson --profile production' 2>&1); then return 1; fi
	answers 404 ''
}
check_7_2() {
	if out=$(eval 'aws iam get-role --role-name CrossAccountRoleS3 --profile production' 2>&1); then return 1; fi
	answers NoSuchEntity 'The role with name CrossAccountRoleS3 cannot be found.'
}
check_7_3() {
	if out=$(eval 'aws iam get-user --user-name EC2UserForCrossAccount --profile development' 2>&1); then return 1; fi
	answers NoSuchEntity 'The user with name EC2UserForCrossAccount cannot be found.'
}
check_7_4() {
	if out=$(eval 'aws iam get-policy --policy-arn arn:aws:iam::444455556666:policy/CrossAccountPolicy --profile development' 2>&1); then return 1; fi
	answers NoSuchEntity 'Policy arn:aws:iam::444455556666:policy/CrossAccountPolicy was not found.'
}
before check_7_1 'the bucket is gone'
before check_7_2 'the role is gone'
before check_7_3 'the user is gone'
before check_7_4 'the policy is gone'

echo; echo 'A mistake on purpose. The bucket is not empty. It goes when its last object has gone.'
refused BucketNotEmpty 'The bucket you tried to delete is not empty' 'aws s3api delete-bucket --bucket xemu-cross-account-lesson --profile production'

echo; echo 'A mistake on purpose. The user still has policies, a key and a password. They come off first.'
refused DeleteConflict 'Cannot delete entity, must' 'aws iam delete-user --user-name EC2UserForCrossAccount --profile development'

echo; echo 'A mistake on purpose. The policy is still attached. Detach it from everybody first.'
refused DeleteConflict 'Cannot delete a policy attached to entities.' 'aws iam delete-policy --policy-arn "${POLICY_ARN}" --profile development'

echo; echo 'A mistake on purpose. The role still has a policy. Detach it first.'
refused DeleteConflict 'Cannot delete entity, must detach all policies first.' 'aws iam delete-role --role-name CrossAccountRoleS3 --profile production'
run 'aws s3api delete-object --bucket xemu-cross-account-lesson --key hello.txt --profile production'
run 'aws s3api delete-bucket --bucket xemu-cross-account-lesson --profile production'
run 'aws iam detach-role-policy --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess --role-name CrossAccountRoleS3 --profile production'
run 'aws iam delete-role --role-name CrossAccountRoleS3 --profile production'
run 'aws iam delete-access-key --access-key-id "${USER_KEY}" --user-name EC2UserForCrossAccount --profile development'
run 'aws iam delete-login-profile --user-name EC2UserForCrossAccount --profile development'
run 'aws iam detach-user-policy --policy-arn arn:aws:iam::aws:policy/AmazonEC2FullAccess --user-name EC2UserForCrossAccount --profile development'
run 'aws iam detach-user-policy --policy-arn "${POLICY_ARN}" --user-name EC2UserForCrossAccount --profile development'
run 'aws iam delete-user --user-name EC2UserForCrossAccount --profile development'
run 'aws iam delete-policy --policy-arn "${POLICY_ARN}" --profile development'
after check_7_1 'the bucket is gone'
after check_7_2 'the role is gone'
after check_7_3 'the user is gone'
after check_7_4 'the policy is gone'

echo; echo 'The lesson is done.'
