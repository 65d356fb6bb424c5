// Switch role: sts:AssumeRole, and the console goes on as the role.
import { Box, Button, ColumnLayout, Container, ContentLayout, Form, FormField, Header, Input, Select, SpaceBetween } from "@cloudscape-design/components";
import { useState, type FormEvent } from "react";
import { useNavigate, useSearchParams } from "react-router-dom";
import { own } from "./api";
import { typedAccount } from "./format";
import { useNotify } from "./notify";
import { remember, roleHistory, useSessionContext, type Session, type SwitchedRole } from "./session";

export const colors = [
  { label: "None", value: "" },
  { label: "Red", value: "#f2b0a9" },
  { label: "Orange", value: "#fbbf93" },
  { label: "Yellow", value: "#fad791" },
  { label: "Green", value: "#b7ca9d" },
  { label: "Blue", value: "#99bce3" },
];

/** Switches to a role, and remembers it. */
export function useSwitchRole() {
  const { accept } = useSessionContext();
  const notify = useNotify();
  return async (role: SwitchedRole) => {
    try {
      accept(await own<Session>("POST", "switch", role));
      remember(role);
      return true;
    } catch (e) {
      notify.failed("Could not switch roles using the provided information", e);
      return false;
    }
  };
}

export function SwitchRole() {
  const [query] = useSearchParams();
  const [account, setAccount] = useState(query.get("account") ?? "");
  const [roleName, setRoleName] = useState(query.get("roleName") ?? "");
  const [displayName, setDisplayName] = useState(query.get("displayName") ?? "");
  const [color, setColor] = useState(colors[0]);
  const [busy, setBusy] = useState(false);
  const go = useNavigate();
  const switchRole = useSwitchRole();

  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    const id = typedAccount(account);
    const ok = await switchRole({ account: id, roleName: roleName.trim(), displayName: displayName.trim() || `${roleName} @ ${id}`, color: color.value });
    setBusy(false);
    if (ok) go("/home");
  };
  return (
    <ContentLayout header={<Header variant="h1" description="Switching roles enables you to manage resources across accounts using a single user. When you switch roles, you temporarily take on the permissions assigned to the new role. When you exit the role, you give up those permissions and get your original permissions back.">Switch Role</Header>} defaultPadding>
      <ColumnLayout columns={2}>
        <form onSubmit={submit}>
          <Form
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button formAction="none" variant="link" onClick={() => go("/home")}>
                  Cancel
                </Button>
                <Button variant="primary" loading={busy} disabled={!account || !roleName}>
                  Switch Role
                </Button>
              </SpaceBetween>
            }
          >
            <Container>
              <SpaceBetween size="m">
                <FormField label="Account ID" description="The 12-digit account ID or the alias of the account where the role was created.">
                  <Input value={account} onChange={({ detail }) => setAccount(detail.value)} name="account" />
                </FormField>
                <FormField label="IAM role name" description="The name of the role that you want to assume, with its path if it has one.">
                  <Input value={roleName} onChange={({ detail }) => setRoleName(detail.value)} name="roleName" />
                </FormField>
                <FormField label={<>Display name - <i>optional</i></>} description="This name will appear in the console navigation bar when your active session is in this role.">
                  <Input value={displayName} onChange={({ detail }) => setDisplayName(detail.value)} name="displayName" />
                </FormField>
                <FormField label={<>Display color - <i>optional</i></>} description="The selected color will appear in the console navigation when this role is active.">
                  <Select selectedOption={color} options={colors} onChange={({ detail }) => setColor(detail.selectedOption as (typeof colors)[0])} />
                </FormField>
              </SpaceBetween>
            </Container>
          </Form>
        </form>
        <History use={switchRole} done={() => go("/home")} />
      </ColumnLayout>
    </ContentLayout>
  );
}

function History({ use, done }: { use: (r: SwitchedRole) => Promise<boolean>; done: () => void }) {
  const roles = roleHistory();
  if (!roles.length) return null;
  return (
    <Container header={<Header variant="h2">Role history</Header>}>
      <SpaceBetween size="s">
        {roles.map((r) => (
          <div key={r.account + r.roleName}>
            <span className="swatch" style={{ background: r.color || "#8d99a8" }} />
            <Button variant="inline-link" onClick={async () => (await use(r)) && done()}>
              {r.displayName}
            </Button>{" "}
            <Box variant="span" color="text-body-secondary" fontSize="body-s">
              {r.roleName} in {r.account}
            </Box>
          </div>
        ))}
      </SpaceBetween>
    </Container>
  );
}
