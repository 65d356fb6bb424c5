import { Box, Button, Container, ContentLayout, FormField, Header, Input, KeyValuePairs, Select, SpaceBetween, Tabs, Textarea, Wizard } from "@cloudscape-design/components";
import { useState } from "react";
import { useNavigate, useParams } from "react-router-dom";
import { iam, iamAll } from "../api";
import { Confirm } from "../confirm";
import { Failure } from "../denied";
import { ago, date } from "../format";
import { usePage } from "../layout";
import { ButtonTo, To } from "../link";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { PolicyEditor, PolicyText } from "../policyeditor";
import { Resources } from "../table";
import { type Policy, type PolicyVersion } from "../types";
import { EditPolicy } from "./editpolicy";
import { emptyPolicy, managedDocument } from "./entity";

const isAWS = (arn: string) => arn.startsWith("arn:aws:iam::aws:");
const filters = [
  { label: "All types", value: "all" },
  { label: "Customer managed", value: "customer" },
  { label: "AWS managed", value: "aws" },
];
export const policyPage = (arn: string) => `/iam/policies/details/${encodeURIComponent(arn)}`;

export function Policies() {
  usePage(["IAM", "/iam/home"], ["Policies", "/iam/policies"]);
  const list = useLoad(() => iamAll<Policy>("ListPolicies", "Policies"), []);
  const [type, setType] = useState(filters[0]);
  const [selected, setSelected] = useState<Policy[]>([]);
  const [deleting, setDeleting] = useState(false);
  const notify = useNotify();
  const policy = selected[0];
  const remove = async () => {
    try {
      await deletePolicy(policy);
      notify.done(`Policy ${policy.PolicyName} deleted.`);
      setSelected([]);
      list.reload();
    } catch (e) {
      notify.failed(`Failed to delete policy ${policy.PolicyName}`, e);
    }
  };
  return (
    <ContentLayout defaultPadding>
      <Resources
        title="Policies"
        description="A policy is an object in AWS that defines permissions."
        items={list.value?.filter((p) => type.value === "all" || isAWS(p.Arn) === (type.value === "aws"))}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(p) => p.PolicyName}
        selected={selected}
        onSelect={setSelected}
        filters={<Select ariaLabel="Filter by type" selectedOption={type} options={filters} onChange={({ detail }) => setType(detail.selectedOption as (typeof filters)[0])} />}
        actions={
          <>
            <Button disabled={!policy || isAWS(policy.Arn)} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <ButtonTo to="/iam/policies/create" variant="primary">
              Create policy
            </ButtonTo>
          </>
        }
        columns={[
          { id: "name", header: "Policy name", cell: (p) => <To to={policyPage(p.Arn)}>{p.PolicyName}</To>, sortingField: "PolicyName", isRowHeader: true },
          { id: "type", header: "Type", cell: (p) => (isAWS(p.Arn) ? "AWS managed" : "Customer managed") },
          { id: "used", header: "Used as", cell: (p) => (p.AttachmentCount ? `Permissions policy (${p.AttachmentCount})` : "None") },
          { id: "description", header: "Description", cell: (p) => p.Description ?? "-" },
        ]}
      />
      {deleting && policy && (
        <Confirm title={`Delete ${policy.PolicyName}?`} word={policy.PolicyName} onConfirm={remove} close={() => setDeleting(false)}>
          The policy and all its versions are deleted permanently.
        </Confirm>
      )}
    </ContentLayout>
  );
}

/** Deletes a policy with its versions, as AWS's console does. */
async function deletePolicy(p: Policy) {
  const versions = await iamAll<PolicyVersion>("ListPolicyVersions", "Versions", { PolicyArn: p.Arn });
  for (const v of versions.filter((v) => !v.IsDefaultVersion)) await iam("DeletePolicyVersion", { PolicyArn: p.Arn, VersionId: v.VersionId });
  await iam("DeletePolicy", { PolicyArn: p.Arn });
}

export function CreatePolicy() {
  usePage(["IAM", "/iam/home"], ["Policies", "/iam/policies"], ["Create policy", "/iam/policies/create"]);
  const [step, setStep] = useState(0);
  const [text, setText] = useState(emptyPolicy);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const go = useNavigate();
  const create = async () => {
    setBusy(true);
    try {
      const { Policy } = await iam<{ Policy: Policy }>("CreatePolicy", { PolicyName: name, PolicyDocument: text, Description: description || undefined });
      notify.done(<>Policy {Policy.PolicyName} created.</>);
      go("/iam/policies");
    } catch (e) {
      notify.failed("Failed to create policy", e);
      setBusy(false);
    }
  };
  return (
    <Wizard
      activeStepIndex={step}
      onNavigate={({ detail }) => setStep(detail.requestedStepIndex)}
      onCancel={() => go("/iam/policies")}
      onSubmit={create}
      isLoadingNextStep={busy}
      submitButtonText="Create policy"
      i18nStrings={wizard}
      steps={[
        {
          title: "Specify permissions",
          description: "Add permissions by selecting services, actions, resources, and conditions. Build permission statements using the JSON editor.",
          content: (
            <Container header={<Header variant="h2">Policy editor</Header>}>
              <PolicyEditor value={text} onChange={setText} kind="identity" label="Policy" />
            </Container>
          ),
        },
        {
          title: "Review and create",
          description: "Review the permissions, specify details, and tags.",
          content: (
            <SpaceBetween size="l">
              <Container header={<Header variant="h2">Policy details</Header>}>
                <SpaceBetween size="m">
                  <FormField label="Policy name" description="Enter a meaningful name to identify this policy." constraintText="Maximum 128 characters. Use alphanumeric and '+=,.@-_' characters.">
                    <Input value={name} onChange={({ detail }) => setName(detail.value)} name="policyName" />
                  </FormField>
                  <FormField label={<>Description - <i>optional</i></>} description="Add a short explanation for this policy.">
                    <Textarea value={description} onChange={({ detail }) => setDescription(detail.value)} name="description" />
                  </FormField>
                </SpaceBetween>
              </Container>
              <Container header={<Header variant="h2">Permissions defined in this policy</Header>}>
                <PolicyText text={text} />
              </Container>
            </SpaceBetween>
          ),
        },
      ]}
    />
  );
}

export const wizard = {
  stepNumberLabel: (n: number) => `Step ${n}`,
  collapsedStepsLabel: (n: number, of: number) => `Step ${n} of ${of}`,
  cancelButton: "Cancel",
  previousButton: "Previous",
  nextButton: "Next",
  optional: "optional",
  navigationAriaLabel: "Steps",
};

interface Entities {
  PolicyUsers: { UserName: string }[];
  PolicyGroups: { GroupName: string }[];
  PolicyRoles: { RoleName: string }[];
}

export function PolicyPage() {
  const arn = decodeURIComponent(useParams()["*"] ?? "");
  const name = arn.slice(arn.lastIndexOf("/") + 1);
  usePage(["IAM", "/iam/home"], ["Policies", "/iam/policies"], [name, policyPage(arn)]);
  const [editing, setEditing] = useState(false);
  const policy = useLoad(async () => (await iam<{ Policy: Policy }>("GetPolicy", { PolicyArn: arn })).Policy, [arn]);
  const text = useLoad(() => managedDocument(arn), [arn]);
  if (editing) return <EditManaged arn={arn} name={name} />;
  if (policy.error) return <ContentLayout defaultPadding><Failure error={policy.error} what={`The policy ${name} cannot be shown`} /></ContentLayout>;
  const p = policy.value;
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">{name}</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Policy details</Header>}>
          <KeyValuePairs
            columns={4}
            items={[
              { label: "Type", value: isAWS(arn) ? "AWS managed" : "Customer managed" },
              { label: "Creation time", value: date(p?.CreateDate) },
              { label: "Edited time", value: date(p?.UpdateDate) },
              { label: "ARN", value: arn },
              { label: "Description", value: p?.Description ?? "-" },
            ]}
          />
        </Container>
        <Tabs
          tabs={[
            {
              id: "permissions",
              label: "Permissions",
              content: (
                <Container header={<Header variant="h2" actions={!isAWS(arn) && <Button onClick={() => setEditing(true)}>Edit</Button>}>Permissions defined in this policy</Header>}>
                  {text.value ? <PolicyText text={text.value} /> : text.error && <Failure error={text.error} />}
                </Container>
              ),
            },
            { id: "attached", label: "Entities attached", content: <EntitiesAttached arn={arn} /> },
            { id: "versions", label: "Policy versions", content: <Versions arn={arn} changed={() => (policy.reload(), text.reload())} /> },
          ]}
        />
      </SpaceBetween>
    </ContentLayout>
  );
}

function EditManaged({ arn, name }: { arn: string; name: string }) {
  return (
    <EditPolicy
      title={`Modify permissions in ${name}`}
      description="The changes become a new version of the policy, and its default one."
      kind="identity"
      load={() => managedDocument(arn)}
      save={async (text) => {
        const versions = await iamAll<PolicyVersion>("ListPolicyVersions", "Versions", { PolicyArn: arn });
        const oldest = versions.filter((v) => !v.IsDefaultVersion).at(-1);
        if (versions.length >= 5 && oldest) await iam("DeletePolicyVersion", { PolicyArn: arn, VersionId: oldest.VersionId });
        await iam("CreatePolicyVersion", { PolicyArn: arn, PolicyDocument: text, SetAsDefault: true });
      }}
      saved={`Policy ${name} updated.`}
      what="Failed to update the policy"
      action="Save changes"
      back="/iam/policies"
    />
  );
}

function EntitiesAttached({ arn }: { arn: string }) {
  const list = useLoad(() => iam<Entities>("ListEntitiesForPolicy", { PolicyArn: arn }), [arn]);
  const v = list.value;
  const items = v && [
    ...v.PolicyUsers.map((u) => ({ name: u.UserName, type: "IAM Users", to: "users" })),
    ...v.PolicyGroups.map((g) => ({ name: g.GroupName, type: "IAM Groups", to: "groups" })),
    ...v.PolicyRoles.map((r) => ({ name: r.RoleName, type: "IAM Roles", to: "roles" })),
  ];
  return (
    <Resources
      title="Attached as a permissions policy"
      items={items}
      loading={list.loading}
      error={list.error}
      reload={list.reload}
      id={(i) => i.type + i.name}
      empty="The policy is not attached to anything."
      columns={[
        { id: "name", header: "Entity name", cell: (i) => <To to={`/iam/${i.to}/details/${encodeURIComponent(i.name)}`}>{i.name}</To>, isRowHeader: true },
        { id: "type", header: "Entity type", cell: (i) => i.type },
      ]}
    />
  );
}

function Versions({ arn, changed }: { arn: string; changed: () => void }) {
  const list = useLoad(() => iamAll<PolicyVersion>("ListPolicyVersions", "Versions", { PolicyArn: arn }), [arn]);
  const [selected, setSelected] = useState<PolicyVersion[]>([]);
  const notify = useNotify();
  const version = selected[0];
  const run = async (operation: string, done: string) => {
    try {
      await iam(operation, { PolicyArn: arn, VersionId: version.VersionId });
      notify.done(done);
      setSelected([]);
      list.reload();
      changed();
    } catch (e) {
      notify.failed("Failed to change the versions", e);
    }
  };
  return (
    <SpaceBetween size="m">
      <Resources
        title="Policy versions"
        items={list.value}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(v) => v.VersionId}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!version || version.IsDefaultVersion} onClick={() => run("DeletePolicyVersion", `Version ${version.VersionId} deleted.`)}>
              Delete
            </Button>
            <Button disabled={!version || version.IsDefaultVersion} onClick={() => run("SetDefaultPolicyVersion", `Version ${version.VersionId} is the default now.`)}>
              Set as default
            </Button>
          </>
        }
        columns={[
          { id: "version", header: "Version", cell: (v) => v.VersionId + (v.IsDefaultVersion ? " (Default)" : ""), isRowHeader: true },
          { id: "created", header: "Creation time", cell: (v) => ago(v.CreateDate) },
        ]}
      />
      {version && <VersionText key={version.VersionId} arn={arn} id={version.VersionId} />}
    </SpaceBetween>
  );
}

function VersionText({ arn, id }: { arn: string; id: string }) {
  const text = useLoad(() => managedDocument(arn, id), [arn, id]);
  return <Box>{text.value ? <PolicyText text={text.value} /> : text.error && <Failure error={text.error} />}</Box>;
}
