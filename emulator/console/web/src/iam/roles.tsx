import { Button, Container, ContentLayout, CopyToClipboard, Header, KeyValuePairs, SpaceBetween, Tabs } from "@cloudscape-design/components";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router-dom";
import { iam, iamAll } from "../api";
import { Confirm } from "../confirm";
import { Failure } from "../denied";
import { ago, date } from "../format";
import { usePage } from "../layout";
import { ButtonTo, To } from "../link";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { PolicyText } from "../policyeditor";
import { useSession } from "../session";
import { Resources } from "../table";
import { documentOf, type Attached, type Role } from "../types";
import { PermissionsBoundary } from "./boundary";
import { Permissions } from "./permissions";

export const rolePage = (name: string) => `/iam/roles/details/${encodeURIComponent(name)}`;

/** Whom a trust policy names, in the words of the list of roles. */
function trusted(document: string): string {
  try {
    const statements = [JSON.parse(documentOf(document)).Statement].flat() as { Principal?: string | Record<string, string | string[]> }[];
    return statements
      .flatMap(({ Principal: p }) =>
        typeof p === "string" ? [p] : Object.entries(p ?? {}).flatMap(([kind, v]) => [v].flat().map((who) => (kind === "AWS" ? "Account: " + (who.match(/\d{12}/)?.[0] ?? who) : kind === "Service" ? "AWS Service: " + who.replace(".amazonaws.com", "") : "Identity Provider: " + who))),
      )
      .join(", ");
  } catch {
    return "-";
  }
}

export function Roles() {
  usePage(["IAM", "/iam/home"], ["Roles", "/iam/roles"]);
  const list = useLoad(() => iamAll<Role>("ListRoles", "Roles"), []);
  const [selected, setSelected] = useState<Role[]>([]);
  const [deleting, setDeleting] = useState(false);
  const notify = useNotify();
  const role = selected[0];
  const remove = async () => {
    try {
      await deleteRole(role.RoleName);
      notify.done(`Role ${role.RoleName} deleted.`);
      setSelected([]);
    } catch (e) {
      notify.failed(`Failed to delete role ${role.RoleName}`, e);
    }
    list.reload();
  };
  return (
    <ContentLayout defaultPadding>
      <Resources
        title="Roles"
        description="An IAM role is an identity you can create that has specific permissions with credentials that are valid for short durations. Roles can be assumed by entities that you trust."
        items={list.value}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(r) => r.RoleName}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!role} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <ButtonTo to="/iam/roles/create" variant="primary">
              Create role
            </ButtonTo>
          </>
        }
        columns={[
          { id: "name", header: "Role name", cell: (r) => <To to={rolePage(r.RoleName)}>{r.RoleName}</To>, sortingField: "RoleName", isRowHeader: true },
          { id: "trusted", header: "Trusted entities", cell: (r) => trusted(r.AssumeRolePolicyDocument) },
          { id: "created", header: "Created", cell: (r) => date(r.CreateDate), sortingField: "CreateDate" },
        ]}
      />
      {deleting && role && (
        <Confirm title={`Delete ${role.RoleName}?`} word={role.RoleName} onConfirm={remove} close={() => setDeleting(false)}>
          Sessions of the role end, and its inline policies are deleted.
        </Confirm>
      )}
    </ContentLayout>
  );
}

async function deleteRole(RoleName: string) {
  const r = { RoleName };
  for (const { InstanceProfileName } of await iamAll<{ InstanceProfileName: string }>("ListInstanceProfilesForRole", "InstanceProfiles", r)) {
    await iam("RemoveRoleFromInstanceProfile", { ...r, InstanceProfileName });
  }
  for (const p of await iamAll<Attached>("ListAttachedRolePolicies", "AttachedPolicies", r)) await iam("DetachRolePolicy", { ...r, PolicyArn: p.PolicyArn });
  for (const PolicyName of await iamAll<string>("ListRolePolicies", "PolicyNames", r)) await iam("DeleteRolePolicy", { ...r, PolicyName });
  await iam("DeleteRole", r);
}

export function RolePage() {
  const { name = "" } = useParams();
  const { identity } = useSession();
  const [query, setQuery] = useSearchParams();
  usePage(["IAM", "/iam/home"], ["Roles", "/iam/roles"], [name, rolePage(name)]);
  const role = useLoad(async () => (await iam<{ Role: Role }>("GetRole", { RoleName: name })).Role, [name]);
  if (role.error) return <ContentLayout defaultPadding><Failure error={role.error} what={`The role ${name} cannot be shown`} /></ContentLayout>;
  const r = role.value;
  const path = (r?.Path ?? "/").slice(1) + name;
  const link = `${location.origin}/console/switchrole?roleName=${encodeURIComponent(path)}&account=${identity.alias || identity.account}`;
  return (
    <ContentLayout defaultPadding header={<Header variant="h1" description={r?.Description}>{name}</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Summary</Header>}>
          <KeyValuePairs
            columns={3}
            items={[
              { label: "Creation date", value: date(r?.CreateDate) },
              { label: "ARN", value: r ? <CopyToClipboard variant="inline" textToCopy={r.Arn} copySuccessText="ARN copied" copyErrorText="Copy failed" /> : "-" },
              { label: "Link to switch roles in console", value: <CopyToClipboard variant="inline" textToCopy={link} copySuccessText="Link copied" copyErrorText="Copy failed" /> },
              { label: "Last activity", value: ago(r?.RoleLastUsed?.LastUsedDate) },
              { label: "Maximum session duration", value: r?.MaxSessionDuration ? `${r.MaxSessionDuration / 3600} hour${r.MaxSessionDuration === 3600 ? "" : "s"}` : "-" },
              { label: "Permissions boundary", value: r?.PermissionsBoundary?.PermissionsBoundaryArn ?? "Not set" },
            ]}
          />
        </Container>
        <Tabs
          activeTabId={query.get("section") ?? "permissions"}
          onChange={({ detail }) => setQuery({ section: detail.activeTabId }, { replace: true })}
          tabs={[
            {
              id: "permissions",
              label: "Permissions", content: (
                <SpaceBetween size="l">
                  <Permissions kind="roles" name={name} />
                  <PermissionsBoundary kind="roles" name={name} boundary={r?.PermissionsBoundary} changed={role.reload} />
                </SpaceBetween>
              ),
            },
            {
              id: "trust_relationships",
              label: "Trust relationships",
              content: (
                <Container
                  header={
                    <Header variant="h2" description="Entities that can assume this role under specified conditions." actions={<ButtonTo to={rolePage(name) + "/edit-trust-policy"}>Edit trust policy</ButtonTo>}>
                      Trusted entities
                    </Header>
                  }
                >
                  {r && <PolicyText text={documentOf(r.AssumeRolePolicyDocument)} />}
                </Container>
              ),
            },
          ]}
        />
      </SpaceBetween>
    </ContentLayout>
  );
}
