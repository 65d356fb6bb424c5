import { Box, Button, Container, ContentLayout, CopyToClipboard, FormField, Header, Input, KeyValuePairs, Modal, SpaceBetween } from "@cloudscape-design/components";
import { useState } from "react";
import { iam, own } from "../api";
import { Failure } from "../denied";
import { accountId } from "../format";
import { usePage } from "../layout";
import { To } from "../link";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { useSession, useSessionContext, type Session } from "../session";
import { signInURL } from "./credentials";

export function Dashboard() {
  usePage(["IAM", "/iam/home"], ["Dashboard", "/iam/home"]);
  const { identity } = useSession();
  const summary = useLoad(async () => (await iam<{ SummaryMap: Record<string, number> }>("GetAccountSummary")).SummaryMap, []);
  const n = (key: string) => summary.value?.[key] ?? "-";
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">IAM Dashboard</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2" description="Resources in this AWS account">IAM resources</Header>}>
          {summary.error ? (
            <Failure error={summary.error} />
          ) : (
            <KeyValuePairs
              columns={4}
              items={[
                { label: "User groups", value: <To to="/iam/groups">{n("Groups")}</To> },
                { label: "Users", value: <To to="/iam/users">{n("Users")}</To> },
                { label: "Roles", value: <To to="/iam/roles">{n("Roles")}</To> },
                { label: "Policies", value: <To to="/iam/policies">{n("Policies")}</To> },
              ]}
            />
          )}
        </Container>
        <Container header={<Header variant="h2" actions={<Alias />}>AWS Account</Header>}>
          <KeyValuePairs
            columns={3}
            items={[
              { label: "Account ID", value: accountId(identity.account) },
              { label: "Account Alias", value: identity.alias || "-" },
              { label: "Sign-in URL for IAM users in this account", value: <CopyToClipboard variant="inline" textToCopy={signInURL(identity.alias || identity.account)} copySuccessText="Copied" copyErrorText="Copy failed" /> },
            ]}
          />
        </Container>
      </SpaceBetween>
    </ContentLayout>
  );
}

/** Sets the account's alias, which takes the place of its number in the sign-in URL. */
function Alias() {
  const { identity } = useSession();
  const { accept } = useSessionContext();
  const [open, setOpen] = useState(false);
  const [alias, setAlias] = useState(identity.alias ?? "");
  const notify = useNotify();
  const run = async (operation: string, AccountAlias: string) => {
    try {
      await iam(operation, { AccountAlias });
      notify.done(operation === "CreateAccountAlias" ? `Alias ${AccountAlias} created for this account.` : "Alias removed.");
      accept(await own<Session>("GET", "session"));
    } catch (e) {
      notify.failed("Failed to change the account alias", e);
    }
    setOpen(false);
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{identity.alias ? "Edit alias" : "Create alias"}</Button>
      {open && (
        <Modal
          visible
          header={identity.alias ? "Edit alias" : "Create alias for AWS account"}
          onDismiss={() => setOpen(false)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                {identity.alias && <Button onClick={() => run("DeleteAccountAlias", identity.alias!)}>Delete alias</Button>}
                <Button variant="primary" disabled={!alias} onClick={() => run("CreateAccountAlias", alias)}>
                  {identity.alias ? "Save changes" : "Create alias"}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <FormField label="Preferred alias" constraintText="Must be not more than 63 characters. Valid characters are a-z, 0-9, and - (hyphen).">
            <Input value={alias} onChange={({ detail }) => setAlias(detail.value)} name="alias" />
          </FormField>
        </Modal>
      )}
    </>
  );
}
