import { Box, Button, Container, ContentLayout, FormField, Header, Input, KeyValuePairs, SpaceBetween, Tabs } from "@cloudscape-design/components";
import { useState } from "react";
import { useNavigate, useParams } from "react-router-dom";
import { iam, iamAll } from "../api";
import { Confirm } from "../confirm";
import { Failure } from "../denied";
import { date } from "../format";
import { usePage } from "../layout";
import { ButtonTo, To } from "../link";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { Resources } from "../table";
import { type Attached, type Group, type Policy, type User } from "../types";
import { ChoosePolicies, Permissions, useAttach } from "./permissions";
import { userPage } from "./users";

const groupPage = (name: string) => `/iam/groups/details/${encodeURIComponent(name)}`;

export function Groups() {
  usePage(["IAM", "/iam/home"], ["User groups", "/iam/groups"]);
  const list = useLoad(() => iamAll<Group>("ListGroups", "Groups"), []);
  const [selected, setSelected] = useState<Group[]>([]);
  const [deleting, setDeleting] = useState(false);
  const notify = useNotify();
  const group = selected[0];
  const remove = async () => {
    const g = { GroupName: group.GroupName };
    try {
      for (const u of await iamAll<User>("GetGroup", "Users", g)) await iam("RemoveUserFromGroup", { ...g, UserName: u.UserName });
      for (const p of await iamAll<Attached>("ListAttachedGroupPolicies", "AttachedPolicies", g)) await iam("DetachGroupPolicy", { ...g, PolicyArn: p.PolicyArn });
      for (const PolicyName of await iamAll<string>("ListGroupPolicies", "PolicyNames", g)) await iam("DeleteGroupPolicy", { ...g, PolicyName });
      await iam("DeleteGroup", g);
      notify.done(`Group ${group.GroupName} deleted.`);
      setSelected([]);
    } catch (e) {
      notify.failed(`Failed to delete group ${group.GroupName}`, e);
    }
    list.reload();
  };
  return (
    <ContentLayout defaultPadding>
      <Resources
        title="User groups"
        description="A user group is a collection of IAM users. Use groups to specify permissions for a collection of users."
        items={list.value}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(g) => g.GroupName}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!group} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <ButtonTo to="/iam/groups/create" variant="primary">
              Create group
            </ButtonTo>
          </>
        }
        columns={[
          { id: "name", header: "Group name", cell: (g) => <To to={groupPage(g.GroupName)}>{g.GroupName}</To>, sortingField: "GroupName", isRowHeader: true },
          { id: "created", header: "Creation time", cell: (g) => date(g.CreateDate), sortingField: "CreateDate" },
        ]}
      />
      {deleting && group && (
        <Confirm title={`Delete ${group.GroupName}?`} word={group.GroupName} onConfirm={remove} close={() => setDeleting(false)}>
          Its users lose the permissions that the group gives them.
        </Confirm>
      )}
    </ContentLayout>
  );
}

export function CreateGroup() {
  usePage(["IAM", "/iam/home"], ["User groups", "/iam/groups"], ["Create user group", "/iam/groups/create"]);
  const [name, setName] = useState("");
  const [users, setUsers] = useState<User[]>([]);
  const [policies, setPolicies] = useState<Policy[]>([]);
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const attachAll = useAttach();
  const go = useNavigate();
  const create = async () => {
    setBusy(true);
    try {
      await iam("CreateGroup", { GroupName: name });
    } catch (e) {
      setBusy(false);
      return notify.failed("Failed to create user group", e);
    }
    try {
      for (const u of users) await iam("AddUserToGroup", { GroupName: name, UserName: u.UserName });
    } catch (e) {
      notify.failed(`Failed to add users to ${name}`, e);
    }
    if (await attachAll("groups", name, policies)) notify.done(`${name} user group created.`);
    go("/iam/groups");
  };
  return (
    <ContentLayout defaultPadding header={<Header variant="h1" description="Create a user group and select policies to attach to the group.">Create user group</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Name the group</Header>}>
          <FormField label="User group name" constraintText="Maximum 128 characters. Use alphanumeric and '+=,.@-_' characters.">
            <Input value={name} onChange={({ detail }) => setName(detail.value)} name="groupName" />
          </FormField>
        </Container>
        <ChooseUsers title="Add users to the group - optional" selected={users} onSelect={setUsers} />
        <ChoosePolicies title="Attach permissions policies - optional" selected={policies} onSelect={setPolicies} />
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => go("/iam/groups")}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={!name} onClick={create}>
              Create user group
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </ContentLayout>
  );
}

function ChooseUsers({ title, selected, onSelect, but = [] }: { title: string; selected: User[]; onSelect: (list: User[]) => void; but?: User[] }) {
  const list = useLoad(() => iamAll<User>("ListUsers", "Users"), []);
  return (
    <Resources
      title={title}
      items={list.value?.filter((u) => !but.some((b) => b.UserName === u.UserName))}
      loading={list.loading}
      error={list.error}
      id={(u) => u.UserName}
      multi
      selected={selected}
      onSelect={onSelect}
      columns={[{ id: "name", header: "User name", cell: (u) => u.UserName, isRowHeader: true }]}
    />
  );
}

export function GroupPage() {
  const { name = "" } = useParams();
  usePage(["IAM", "/iam/home"], ["User groups", "/iam/groups"], [name, groupPage(name)]);
  const group = useLoad(() => iam<{ Group: Group; Users: User[] }>("GetGroup", { GroupName: name }), [name]);
  const [selected, setSelected] = useState<User[]>([]);
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<User[]>([]);
  const notify = useNotify();
  if (group.error) return <ContentLayout defaultPadding><Failure error={group.error} what={`The group ${name} cannot be shown`} /></ContentLayout>;
  const change = async (operation: string, users: User[], done: string) => {
    for (const u of users) {
      try {
        await iam(operation, { GroupName: name, UserName: u.UserName });
        notify.done(`${u.UserName} ${done} ${name}.`);
      } catch (e) {
        notify.failed("Failed to change the group's users", e);
      }
    }
    setSelected([]);
    setChosen([]);
    group.reload();
  };
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">{name}</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Summary</Header>}>
          <KeyValuePairs
            columns={3}
            items={[
              { label: "User group name", value: name },
              { label: "Creation time", value: date(group.value?.Group.CreateDate) },
              { label: "ARN", value: group.value?.Group.Arn ?? "-" },
            ]}
          />
        </Container>
        <Tabs
          tabs={[
            {
              id: "users",
              label: "Users",
              content: (
                <Resources
                  title="Users in this group"
                  items={group.value?.Users}
                  loading={group.loading}
                  reload={group.reload}
                  id={(u) => u.UserName}
                  multi
                  selected={selected}
                  onSelect={setSelected}
                  empty="No users in this group."
                  actions={
                    <>
                      <Button disabled={!selected.length} onClick={() => change("RemoveUserFromGroup", selected, "removed from")}>
                        Remove
                      </Button>
                      <Button onClick={() => setAdding(true)}>Add users</Button>
                    </>
                  }
                  columns={[{ id: "name", header: "User name", cell: (u) => <To to={userPage(u.UserName)}>{u.UserName}</To>, isRowHeader: true }]}
                />
              ),
            },
            { id: "permissions", label: "Permissions", content: <Permissions kind="groups" name={name} /> },
          ]}
        />
      </SpaceBetween>
      {adding && (
        <Confirm title={`Add users to ${name}`} action="Add users" onConfirm={() => change("AddUserToGroup", chosen, "added to")} close={() => setAdding(false)}>
          <ChooseUsers title="Users" selected={chosen} onSelect={setChosen} but={group.value?.Users} />
        </Confirm>
      )}
    </ContentLayout>
  );
}
