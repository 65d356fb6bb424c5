import { Button, Container, ContentLayout, Header, KeyValuePairs, SpaceBetween, Tabs } from "@cloudscape-design/components";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router-dom";
import { AWSError, iam, iamAll } from "../api";
import { Confirm } from "../confirm";
import { Failure } from "../denied";
import { ago, date } from "../format";
import { usePage } from "../layout";
import { ButtonTo, To } from "../link";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { Resources } from "../table";
import { type AccessKey, type Attached, type Group, type User } from "../types";
import { PermissionsBoundary } from "./boundary";
import { SecurityCredentials } from "./credentials";
import { permissionsOf } from "./entity";
import { Permissions } from "./permissions";

export const userPage = (name: string) => `/iam/users/details/${encodeURIComponent(name)}`;

export function Users() {
  usePage(["IAM", "/iam/home"], ["Users", "/iam/users"]);
  const list = useLoad(() => iamAll<User>("ListUsers", "Users"), []);
  const [selected, setSelected] = useState<User[]>([]);
  const [deleting, setDeleting] = useState(false);
  const notify = useNotify();
  const user = selected[0];
  const remove = async () => {
    try {
      await deleteUser(user.UserName);
      notify.done(`User ${user.UserName} deleted.`);
      setSelected([]);
    } catch (e) {
      notify.failed(`Failed to delete user ${user.UserName}`, e);
    }
    list.reload();
  };
  return (
    <ContentLayout defaultPadding>
      <Resources
        title="Users"
        description="An IAM user is an identity with long-term credentials that is used to interact with AWS in an account."
        items={list.value}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(u) => u.UserName}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!user} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <ButtonTo to="/iam/users/create" variant="primary">
              Create user
            </ButtonTo>
          </>
        }
        columns={[
          { id: "name", header: "User name", cell: (u) => <To to={userPage(u.UserName)}>{u.UserName}</To>, sortingField: "UserName", isRowHeader: true },
          { id: "path", header: "Path", cell: (u) => u.Path },
          { id: "signin", header: "Console last sign-in", cell: (u) => (u.PasswordLastUsed ? ago(u.PasswordLastUsed) : "-") },
          { id: "created", header: "Created", cell: (u) => date(u.CreateDate), sortingField: "CreateDate" },
        ]}
      />
      {deleting && user && (
        <Confirm title={`Delete ${user.UserName}?`} word={user.UserName} action="Delete user" onConfirm={remove} close={() => setDeleting(false)}>
          The user is deleted with its access keys, passwords, MFA devices and inline policies.
        </Confirm>
      )}
    </ContentLayout>
  );
}

/** Takes away what keeps a user from being deleted, as AWS's console does, and deletes it. */
async function deleteUser(UserName: string) {
  const u = { UserName };
  for (const g of await iamAll<Group>("ListGroupsForUser", "Groups", u)) await iam("RemoveUserFromGroup", { ...u, GroupName: g.GroupName });
  for (const p of await iamAll<Attached>("ListAttachedUserPolicies", "AttachedPolicies", u)) await iam("DetachUserPolicy", { ...u, PolicyArn: p.PolicyArn });
  for (const PolicyName of await iamAll<string>("ListUserPolicies", "PolicyNames", u)) await iam("DeleteUserPolicy", { ...u, PolicyName });
  for (const k of await iamAll<AccessKey>("ListAccessKeys", "AccessKeyMetadata", u)) await iam("DeleteAccessKey", { ...u, AccessKeyId: k.AccessKeyId });
  for (const { SerialNumber } of await iamAll<{ SerialNumber: string }>("ListMFADevices", "MFADevices", u)) {
    await iam("DeactivateMFADevice", { ...u, SerialNumber });
    await iam("DeleteVirtualMFADevice", { SerialNumber });
  }
  await iam("DeleteLoginProfile", u).catch((e) => {
    if (!(e instanceof AWSError && e.code === "NoSuchEntity")) throw e;
  });
  await iam("DeleteUser", u);
}

export function UserPage() {
  const { name = "" } = useParams();
  const [query, setQuery] = useSearchParams();
  usePage(["IAM", "/iam/home"], ["Users", "/iam/users"], [name, userPage(name)]);
  const user = useLoad(async () => (await iam<{ User: User }>("GetUser", { UserName: name })).User, [name]);
  const groups = useLoad(() => iamAll<Group>("ListGroupsForUser", "Groups", { UserName: name }), [name]);
  const inherited = useLoad(async () => {
    const lists = await Promise.all((groups.value ?? []).map(async (g) => (await permissionsOf("groups", g.GroupName)).map((p) => ({ ...p, via: g.GroupName }))));
    return lists.flat();
  }, [groups.value]);
  if (user.error) return <ContentLayout defaultPadding><Failure error={user.error} what={`The user ${name} cannot be shown`} /></ContentLayout>;
  const u = user.value;
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">{name}</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Summary</Header>}>
          <KeyValuePairs
            columns={4}
            items={[
              { label: "ARN", value: u?.Arn ?? "-" },
              { label: "Created", value: date(u?.CreateDate) },
              { label: "Last console sign-in", value: u?.PasswordLastUsed ? ago(u.PasswordLastUsed) : "-" },
              { label: "Permissions boundary", value: u?.PermissionsBoundary?.PermissionsBoundaryArn ?? "Not set" },
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
                  <Permissions kind="users" name={name} inherited={inherited} />
                  <PermissionsBoundary kind="users" name={name} boundary={u?.PermissionsBoundary} changed={user.reload} />
                </SpaceBetween>
              ),
            },
            { id: "groups", label: `Groups (${groups.value?.length ?? 0})`, content: <GroupsOf name={name} groups={groups.value} reload={groups.reload} error={groups.error} /> },
            { id: "security_credentials", label: "Security credentials", content: <SecurityCredentials name={name} /> },
          ]}
        />
      </SpaceBetween>
    </ContentLayout>
  );
}

function GroupsOf({ name, groups, reload, error }: { name: string; groups?: Group[]; reload: () => void; error?: AWSError }) {
  const [selected, setSelected] = useState<Group[]>([]);
  const [adding, setAdding] = useState(false);
  const notify = useNotify();
  const change = async (operation: string, list: Group[], done: string) => {
    for (const g of list) {
      try {
        await iam(operation, { UserName: name, GroupName: g.GroupName });
        notify.done(`${name} ${done} ${g.GroupName}.`);
      } catch (e) {
        notify.failed("Failed to change the groups", e);
      }
    }
    setSelected([]);
    reload();
  };
  return (
    <>
      <Resources
        title="User groups membership"
        items={groups}
        error={error}
        reload={reload}
        id={(g) => g.GroupName}
        multi
        selected={selected}
        onSelect={setSelected}
        empty="The user is in no group."
        actions={
          <>
            <Button disabled={!selected.length} onClick={() => change("RemoveUserFromGroup", selected, "removed from")}>
              Remove
            </Button>
            <Button onClick={() => setAdding(true)}>Add user to groups</Button>
          </>
        }
        columns={[{ id: "name", header: "Group name", cell: (g) => <To to={`/iam/groups/details/${encodeURIComponent(g.GroupName)}`}>{g.GroupName}</To>, isRowHeader: true }]}
      />
      {adding && <AddToGroups present={groups ?? []} close={() => setAdding(false)} add={(list) => change("AddUserToGroup", list, "added to")} />}
    </>
  );
}

function AddToGroups({ present, add, close }: { present: Group[]; add: (list: Group[]) => Promise<void>; close: () => void }) {
  const all = useLoad(() => iamAll<Group>("ListGroups", "Groups"), []);
  const [selected, setSelected] = useState<Group[]>([]);
  return (
    <Confirm title="Add user to groups" action="Add to groups" onConfirm={() => add(selected)} close={close}>
      <Resources
        variant="embedded"
        title="Groups"
        items={all.value?.filter((g) => !present.some((p) => p.GroupName === g.GroupName))}
        error={all.error}
        id={(g) => g.GroupName}
        multi
        selected={selected}
        onSelect={setSelected}
        columns={[{ id: "name", header: "Group name", cell: (g) => g.GroupName, isRowHeader: true }]}
      />
    </Confirm>
  );
}
