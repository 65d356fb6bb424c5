// Account settings: the rules for passwords.
import { Box, Button, Checkbox, Container, ContentLayout, FormField, Header, Input, KeyValuePairs, SpaceBetween } from "@cloudscape-design/components";
import { useState } from "react";
import { AWSError, iam } from "../api";
import { Failure } from "../denied";
import { usePage } from "../layout";
import { useLoad } from "../load";
import { useNotify } from "../notify";

interface PasswordPolicy {
  MinimumPasswordLength: number;
  RequireSymbols: boolean;
  RequireNumbers: boolean;
  RequireUppercaseCharacters: boolean;
  RequireLowercaseCharacters: boolean;
  AllowUsersToChangePassword: boolean;
  MaxPasswordAge?: number;
  PasswordReusePrevention?: number;
  HardExpiry?: boolean;
}

const byDefault: PasswordPolicy = {
  MinimumPasswordLength: 8,
  RequireSymbols: false,
  RequireNumbers: false,
  RequireUppercaseCharacters: false,
  RequireLowercaseCharacters: false,
  AllowUsersToChangePassword: true,
};

const rules = [
  ["RequireUppercaseCharacters", "Require at least one uppercase letter from the Latin alphabet (A-Z)"],
  ["RequireLowercaseCharacters", "Require at least one lowercase letter from the Latin alphabet (a-z)"],
  ["RequireNumbers", "Require at least one number"],
  ["RequireSymbols", "Require at least one nonalphanumeric character ( ! @ # $ % ^ & * ( ) _ + - = [ ] { } | ' )"],
] as const;

export function AccountSettings() {
  usePage(["IAM", "/iam/home"], ["Account settings", "/iam/account_settings"]);
  const notify = useNotify();
  const policy = useLoad(async () => {
    try {
      return (await iam<{ PasswordPolicy: PasswordPolicy }>("GetAccountPasswordPolicy")).PasswordPolicy;
    } catch (e) {
      if (e instanceof AWSError && e.code === "NoSuchEntity") return null;
      throw e;
    }
  }, []);
  const [editing, setEditing] = useState<PasswordPolicy>();
  const save = async (operation: string, input: object) => {
    try {
      await iam(operation, input);
      notify.done("Password requirements for IAM users are updated.");
      setEditing(undefined);
    } catch (e) {
      notify.failed("Failed to update the password policy", e);
    }
    policy.reload();
  };
  if (editing) return <Edit value={editing} change={setEditing} cancel={() => setEditing(undefined)} save={() => save("UpdateAccountPasswordPolicy", settable(editing))} />;
  const p = policy.value;
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">Account settings</Header>}>
      <Container
        header={
          <Header
            variant="h2"
            description="Configure the password requirements for the IAM users."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={!p} onClick={() => save("DeleteAccountPasswordPolicy", {})}>
                  Delete
                </Button>
                <Button disabled={p === undefined} onClick={() => setEditing(p ?? byDefault)}>
                  Edit
                </Button>
              </SpaceBetween>
            }
          >
            Password policy
          </Header>
        }
      >
        {policy.error ? (
          <Failure error={policy.error} />
        ) : p ? (
          <KeyValuePairs
            columns={2}
            items={[
              { label: "Password minimum length", value: `${p.MinimumPasswordLength} characters` },
              { label: "Password strength", value: rules.filter(([key]) => p[key]).map(([key, text]) => <div key={key}>{text}</div>) },
              { label: "Password expiration", value: p.MaxPasswordAge ? `${p.MaxPasswordAge} days${p.HardExpiry ? ", then an administrator must reset it" : ""}` : "Never" },
              { label: "Other requirements", value: [p.AllowUsersToChangePassword && "Users may change their own password", p.PasswordReusePrevention && `The last ${p.PasswordReusePrevention} passwords may not be used again`].filter(Boolean).join(". ") || "None" },
            ]}
          />
        ) : (
          <Box>This account uses the default password policy: at least 8 characters, of three of the four kinds, never expiring, not the account's name or email.</Box>
        )}
      </Container>
    </ContentLayout>
  );
}

/** What UpdateAccountPasswordPolicy takes; zero stands for none. */
const settable = (p: PasswordPolicy) => ({
  MinimumPasswordLength: p.MinimumPasswordLength,
  RequireSymbols: p.RequireSymbols,
  RequireNumbers: p.RequireNumbers,
  RequireUppercaseCharacters: p.RequireUppercaseCharacters,
  RequireLowercaseCharacters: p.RequireLowercaseCharacters,
  AllowUsersToChangePassword: p.AllowUsersToChangePassword,
  MaxPasswordAge: p.MaxPasswordAge || undefined,
  PasswordReusePrevention: p.PasswordReusePrevention || undefined,
  HardExpiry: p.MaxPasswordAge ? p.HardExpiry : undefined,
});

function Edit({ value: p, change, save, cancel }: { value: PasswordPolicy; change: (p: PasswordPolicy) => void; save: () => Promise<void>; cancel: () => void }) {
  const number = (key: "MinimumPasswordLength" | "MaxPasswordAge" | "PasswordReusePrevention", label: string, constraint: string) => (
    <FormField label={label} constraintText={constraint}>
      <Input type="number" name={key} value={p[key] ? String(p[key]) : ""} onChange={({ detail }) => change({ ...p, [key]: Number(detail.value) || undefined })} />
    </FormField>
  );
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">Edit password policy</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Custom password policy</Header>}>
          <SpaceBetween size="m">
            {number("MinimumPasswordLength", "Password minimum length", "Between 6 and 128 characters.")}
            <FormField label="Password strength">
              {rules.map(([key, text]) => (
                <Checkbox key={key} checked={p[key]} onChange={({ detail }) => change({ ...p, [key]: detail.checked })}>
                  {text}
                </Checkbox>
              ))}
            </FormField>
            {number("MaxPasswordAge", "Password expiration - optional", "In days, from 1 to 1095. Empty: never.")}
            <Checkbox checked={!!p.HardExpiry} disabled={!p.MaxPasswordAge} onChange={({ detail }) => change({ ...p, HardExpiry: detail.checked })}>
              Password expiration requires administrator reset
            </Checkbox>
            <Checkbox checked={p.AllowUsersToChangePassword} onChange={({ detail }) => change({ ...p, AllowUsersToChangePassword: detail.checked })}>
              Allow users to change their own password
            </Checkbox>
            {number("PasswordReusePrevention", "Prevent password reuse - optional", "Number of passwords to remember, from 1 to 24.")}
          </SpaceBetween>
        </Container>
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={cancel}>
              Cancel
            </Button>
            <Button variant="primary" onClick={save}>
              Save changes
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </ContentLayout>
  );
}
