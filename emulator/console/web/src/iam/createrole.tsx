import { Checkbox, Container, FormField, Header, Input, KeyValuePairs, RadioGroup, Select, SpaceBetween, Textarea, Tiles, Wizard } from "@cloudscape-design/components";
import { useState } from "react";
import { useNavigate } from "react-router-dom";
import { iam } from "../api";
import { typedAccount } from "../format";
import { usePage } from "../layout";
import { To } from "../link";
import { useNotify } from "../notify";
import { PolicyEditor, PolicyText } from "../policyeditor";
import { useSession } from "../session";
import { type Policy } from "../types";
import { ChoosePolicies, useAttach } from "./permissions";
import { wizard } from "./policies";
import { rolePage } from "./roles";

const services = ["ec2", "lambda", "ecs-tasks", "s3", "states", "events", "codebuild", "cloudformation"].map((s) => ({ label: s, value: `${s}.amazonaws.com` }));

const custom = `{
	"Version": "2012-10-17",
	"Statement": [
		{
			"Sid": "Statement1",
			"Effect": "Allow",
			"Principal": {},
			"Action": "sts:AssumeRole"
		}
	]
}`;

export function CreateRole() {
  usePage(["IAM", "/iam/home"], ["Roles", "/iam/roles"], ["Create role", "/iam/roles/create"]);
  const { identity } = useSession();
  const [step, setStep] = useState(0);
  const [type, setType] = useState("account");
  const [service, setService] = useState(services[0]);
  const [which, setWhich] = useState("this");
  const [other, setOther] = useState("");
  const [external, setExternal] = useState(false);
  const [externalId, setExternalId] = useState("");
  const [mfa, setMFA] = useState(false);
  const [text, setText] = useState(custom);
  const [policies, setPolicies] = useState<Policy[]>([]);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const attachAll = useAttach();
  const go = useNavigate();

  const account = which === "this" ? identity.account : typedAccount(other);
  const trust = () => {
    if (type === "custom") return text;
    const Condition: Record<string, Record<string, string>> = {};
    if (type === "account" && external) Condition.StringEquals = { "sts:ExternalId": externalId };
    if (type === "account" && mfa) Condition.Bool = { "aws:MultiFactorAuthPresent": "true" };
    const Principal = type === "service" ? { Service: service.value } : { AWS: /^\d{12}$/.test(account) ? `arn:aws:iam::${account}:root` : account };
    return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole", ...(type === "account" ? { Condition } : {}) }] }, null, "\t");
  };
  const ready = type !== "account" || which === "this" || account !== "";

  const create = async () => {
    setBusy(true);
    try {
      await iam("CreateRole", { RoleName: name, AssumeRolePolicyDocument: trust(), Description: description || undefined });
    } catch (e) {
      setBusy(false);
      return notify.failed("Failed to create role", e);
    }
    await attachAll("roles", name, policies);
    notify.done(<>Role {name} created. <To inverted to={rolePage(name)}>View role</To></>);
    go("/iam/roles");
  };
  return (
    <Wizard
      activeStepIndex={step}
      onNavigate={({ detail }) => detail.requestedStepIndex <= step || ready ? setStep(detail.requestedStepIndex) : undefined}
      onCancel={() => go("/iam/roles")}
      onSubmit={create}
      isLoadingNextStep={busy}
      submitButtonText="Create role"
      i18nStrings={wizard}
      steps={[
        {
          title: "Select trusted entity",
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Trusted entity type</Header>}>
                <Tiles
                  value={type}
                  onChange={({ detail }) => setType(detail.value)}
                  items={[
                    { value: "service", label: "AWS service", description: "Allow AWS services like EC2, Lambda, or others to perform actions in this account." },
                    { value: "account", label: "AWS account", description: "Allow entities in other AWS accounts belonging to you or a 3rd party to perform actions in this account." },
                    { value: "custom", label: "Custom trust policy", description: "Create a custom trust policy to enable others to perform actions in this account." },
                  ]}
                />
              </Container>
              {type === "account" && (
                <Container header={<Header variant="h2" description="Allow entities in other AWS accounts belonging to you or a 3rd party to perform actions in this account.">An AWS account</Header>}>
                  <SpaceBetween size="m">
                    <RadioGroup
                      value={which}
                      onChange={({ detail }) => setWhich(detail.value)}
                      items={[
                        { value: "this", label: `This account (${identity.account})` },
                        { value: "other", label: "Another AWS account" },
                      ]}
                    />
                    {which === "other" && (
                      <FormField label="Account ID" description="Identifier of the account that can use this role" constraintText="Account ID is a 12-digit number.">
                        <Input value={other} onChange={({ detail }) => setOther(detail.value)} name="accountId" />
                      </FormField>
                    )}
                    <FormField label="Options">
                      <SpaceBetween size="xs">
                        <Checkbox checked={external} onChange={({ detail }) => setExternal(detail.checked)}>
                          Require external ID (Best practice when a third party will assume this role)
                        </Checkbox>
                        {external && <Input ariaLabel="External ID" value={externalId} onChange={({ detail }) => setExternalId(detail.value)} placeholder="External ID" />}
                        <Checkbox checked={mfa} onChange={({ detail }) => setMFA(detail.checked)} description="Requires that the assuming entity use multi-factor authentication.">
                          Require MFA
                        </Checkbox>
                      </SpaceBetween>
                    </FormField>
                  </SpaceBetween>
                </Container>
              )}
              {type === "service" && (
                <Container header={<Header variant="h2">Use case</Header>}>
                  <FormField label="Service or use case">
                    <Select selectedOption={service} options={services} onChange={({ detail }) => setService(detail.selectedOption as (typeof services)[0])} />
                  </FormField>
                </Container>
              )}
              {type === "custom" && (
                <Container header={<Header variant="h2">Custom trust policy</Header>}>
                  <PolicyEditor value={text} onChange={setText} kind="trust" label="Custom trust policy" />
                </Container>
              )}
            </SpaceBetween>
          ),
        },
        { title: "Add permissions", content: <ChoosePolicies selected={policies} onSelect={setPolicies} /> },
        {
          title: "Name, review, and create",
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Role details</Header>}>
                <SpaceBetween size="m">
                  <FormField label="Role name" description="Enter a meaningful name to identify this role." constraintText="Maximum 64 characters. Use alphanumeric and '+=,.@-_' characters.">
                    <Input value={name} onChange={({ detail }) => setName(detail.value)} name="roleName" />
                  </FormField>
                  <FormField label="Description" description="Add a short explanation for this role.">
                    <Textarea value={description} onChange={({ detail }) => setDescription(detail.value)} name="description" />
                  </FormField>
                </SpaceBetween>
              </Container>
              <Container header={<Header variant="h2">Step 1: Select trusted entities</Header>}>
                <PolicyText text={trust()} />
              </Container>
              <Container header={<Header variant="h2">Step 2: Add permissions</Header>}>
                <KeyValuePairs columns={1} items={[{ label: "Permissions policies", value: policies.map((p) => p.PolicyName).join(", ") || "None" }]} />
              </Container>
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}
