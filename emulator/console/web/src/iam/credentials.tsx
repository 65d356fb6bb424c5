// A user's password, MFA devices and access keys.
import { Alert, Box, Button, Container, CopyToClipboard, FormField, Header, Input, KeyValuePairs, Modal, SpaceBetween, StatusIndicator, Checkbox } from "@cloudscape-design/components";
import { useState } from "react";
import { AWSError, iam, iamAll } from "../api";
import { Confirm } from "../confirm";
import { Failure } from "../denied";
import { ago, date } from "../format";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { useSession } from "../session";
import { Resources } from "../table";
import { type AccessKey } from "../types";

export function SecurityCredentials({ name }: { name: string }) {
  return (
    <SpaceBetween size="l">
      <ConsoleAccess name={name} />
      <MFADevices name={name} />
      <AccessKeys name={name} />
    </SpaceBetween>
  );
}

/** A secret that is shown once. */
export function Secret({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <Box variant="code">{value}</Box> <CopyToClipboard variant="icon" textToCopy={value} copySuccessText="Copied" copyErrorText="Copy failed" copyButtonAriaLabel={`Copy ${label}`} />
    </div>
  );
}

/** A password that every password policy allows that asks for 20 characters or fewer. */
export function randomPassword(): string {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!@#$%^&*()_+-=[]{}|";
  for (;;) {
    const text = Array.from(crypto.getRandomValues(new Uint32Array(20)), (n) => letters[n % letters.length]).join("");
    if ([/[A-Z]/, /[a-z]/, /\d/, /[^\w]/].every((kind) => kind.test(text))) return text;
  }
}

export const signInURL = (account: string) => `${location.origin}/console/?account=${account}`;

function ConsoleAccess({ name }: { name: string }) {
  const { identity } = useSession();
  const login = useLoad(async () => {
    try {
      return { on: true, ...(await iam<{ LoginProfile: { CreateDate: string; PasswordResetRequired?: boolean } }>("GetLoginProfile", { UserName: name })).LoginProfile };
    } catch (e) {
      if (e instanceof AWSError && e.code === "NoSuchEntity") return { on: false };
      throw e;
    }
  }, [name]);
  const [managing, setManaging] = useState(false);
  const on = login.value?.on;
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button disabled={!login.value} onClick={() => setManaging(true)}>{on ? "Manage console access" : "Enable console access"}</Button>}>
          Console sign-in
        </Header>
      }
    >
      {login.error ? (
        <Failure error={login.error} />
      ) : (
        <KeyValuePairs
          columns={3}
          items={[
            { label: "Console sign-in link", value: <><CopyToClipboard variant="inline" textToCopy={signInURL(identity.alias || identity.account)} copySuccessText="Copied" copyErrorText="Copy failed" /></> },
            { label: "Console access", value: on ? <StatusIndicator>Enabled</StatusIndicator> : <StatusIndicator type="stopped">Disabled</StatusIndicator> },
            { label: "New password at next sign-in", value: login.value && "PasswordResetRequired" in login.value && login.value.PasswordResetRequired ? "Required" : "Not required" },
          ]}
        />
      )}
      {managing && <ManageConsole name={name} on={!!on} close={() => (setManaging(false), login.reload())} />}
    </Container>
  );
}

function ManageConsole({ name, on, close }: { name: string; on: boolean; close: () => void }) {
  const [custom, setCustom] = useState("");
  const [reset, setReset] = useState(false);
  const [shown, setShown] = useState("");
  const notify = useNotify();
  const run = async (operation: string, input: object, after: () => void) => {
    try {
      await iam(operation, { UserName: name, ...input });
      after();
    } catch (e) {
      notify.failed("Failed to change console access", e);
      close();
    }
  };
  const set = () => {
    const Password = custom || randomPassword();
    return run(on ? "UpdateLoginProfile" : "CreateLoginProfile", { Password, PasswordResetRequired: reset }, () => setShown(Password));
  };
  return (
    <Modal
      visible
      header={on ? "Manage console access" : "Enable console access"}
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            {!shown && on && <Button onClick={() => run("DeleteLoginProfile", {}, close)}>Disable console access</Button>}
            <Button variant="primary" onClick={shown ? close : set}>
              {shown ? "Close" : on ? "Reset password" : "Enable console access"}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {shown ? (
        <SpaceBetween size="m">
          <Alert type="warning">This is the only time that the password is shown.</Alert>
          <Secret label="Console password" value={shown} />
        </SpaceBetween>
      ) : (
        <SpaceBetween size="m">
          <FormField label="Custom password" description="Without one, a password is generated.">
            <Input value={custom} onChange={({ detail }) => setCustom(detail.value)} type="password" autoComplete="new-password" />
          </FormField>
          <Checkbox checked={reset} onChange={({ detail }) => setReset(detail.checked)}>
            User must create new password at next sign-in
          </Checkbox>
        </SpaceBetween>
      )}
    </Modal>
  );
}

interface Device {
  SerialNumber: string;
  EnableDate: string;
}

function MFADevices({ name }: { name: string }) {
  const list = useLoad(() => iamAll<Device>("ListMFADevices", "MFADevices", { UserName: name }), [name]);
  const [selected, setSelected] = useState<Device[]>([]);
  const [assigning, setAssigning] = useState(false);
  const notify = useNotify();
  const remove = async () => {
    try {
      const { SerialNumber } = selected[0];
      await iam("DeactivateMFADevice", { UserName: name, SerialNumber });
      await iam("DeleteVirtualMFADevice", { SerialNumber });
      notify.done("MFA device removed.");
      setSelected([]);
    } catch (e) {
      notify.failed("Failed to remove the MFA device", e);
    }
    list.reload();
  };
  return (
    <>
      <Resources
        title="Multi-factor authentication (MFA)"
        items={list.value}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(d) => d.SerialNumber}
        selected={selected}
        onSelect={setSelected}
        empty="No MFA devices. Assign an MFA device to improve the security of the world."
        actions={
          <>
            <Button disabled={!selected.length} onClick={remove}>
              Remove
            </Button>
            <Button onClick={() => setAssigning(true)}>Assign MFA device</Button>
          </>
        }
        columns={[
          { id: "serial", header: "Identifier", cell: (d) => d.SerialNumber, isRowHeader: true },
          { id: "type", header: "Type", cell: () => "Virtual" },
          { id: "date", header: "Created on", cell: (d) => date(d.EnableDate) },
        ]}
      />
      {assigning && <AssignMFA user={name} close={() => (setAssigning(false), list.reload())} />}
    </>
  );
}

interface NewDevice {
  SerialNumber: string;
  Base32StringSeed: string;
  QRCodePNG: string;
}

function AssignMFA({ user, close }: { user: string; close: () => void }) {
  const [deviceName, setDeviceName] = useState("");
  const [device, setDevice] = useState<NewDevice>();
  const [codes, setCodes] = useState(["", ""]);
  const notify = useNotify();
  const next = async () => {
    try {
      if (!device) {
        setDevice((await iam<{ VirtualMFADevice: NewDevice }>("CreateVirtualMFADevice", { VirtualMFADeviceName: deviceName })).VirtualMFADevice);
        return;
      }
      await iam("EnableMFADevice", { UserName: user, SerialNumber: device.SerialNumber, AuthenticationCode1: codes[0], AuthenticationCode2: codes[1] });
      notify.done("MFA device assigned.");
      close();
    } catch (e) {
      notify.failed("Failed to assign the MFA device", e);
    }
  };
  // A device that was not set up belongs to nobody: it goes again.
  const cancel = async () => {
    if (device) await iam("DeleteVirtualMFADevice", { SerialNumber: device.SerialNumber }).catch(() => {});
    close();
  };
  return (
    <Modal
      visible
      header="Assign MFA device"
      onDismiss={cancel}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={cancel}>
              Cancel
            </Button>
            <Button variant="primary" disabled={device ? codes.some((c) => c.length !== 6) : !deviceName} onClick={next}>
              {device ? "Add MFA" : "Next"}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      {device ? (
        <SpaceBetween size="m">
          <Box>Scan the code with an authenticator app, or enter the secret key, and fill in two codes in a row.</Box>
          <Box textAlign="center">
            <img alt="QR code" width={180} src={"data:image/png;base64," + device.QRCodePNG} />
          </Box>
          <Secret label="Secret key" value={atob(device.Base32StringSeed)} />
          {codes.map((code, i) => (
            <FormField key={i} label={`MFA code ${i + 1}`}>
              <Input value={code} onChange={({ detail }) => setCodes(codes.map((c, j) => (i === j ? detail.value : c)))} inputMode="numeric" />
            </FormField>
          ))}
        </SpaceBetween>
      ) : (
        <FormField label="Device name" description="Type: authenticator app.">
          <Input value={deviceName} onChange={({ detail }) => setDeviceName(detail.value)} />
        </FormField>
      )}
    </Modal>
  );
}

function AccessKeys({ name }: { name: string }) {
  const list = useLoad(() => iamAll<AccessKey>("ListAccessKeys", "AccessKeyMetadata", { UserName: name }), [name]);
  const [selected, setSelected] = useState<AccessKey[]>([]);
  const [made, setMade] = useState<AccessKey>();
  const [deleting, setDeleting] = useState(false);
  const notify = useNotify();
  const key = selected[0];
  const run = async (what: string, f: () => Promise<unknown>) => {
    try {
      await f();
    } catch (e) {
      notify.failed(what, e);
    }
    setSelected([]);
    list.reload();
  };
  return (
    <>
      <Resources
        title="Access keys"
        description="Use access keys to send programmatic calls to AWS from the AWS CLI, AWS SDKs or Terraform. A user can have two."
        items={list.value}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(k) => k.AccessKeyId}
        selected={selected}
        onSelect={setSelected}
        empty="No access keys."
        actions={
          <>
            <Button
              disabled={!key}
              onClick={() => run("Failed to change the access key", () => iam("UpdateAccessKey", { UserName: name, AccessKeyId: key.AccessKeyId, Status: key.Status === "Active" ? "Inactive" : "Active" }))}
            >
              {key?.Status === "Inactive" ? "Activate" : "Deactivate"}
            </Button>
            <Button disabled={key?.Status !== "Inactive"} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <Button
              onClick={() => run("Failed to create an access key", async () => setMade((await iam<{ AccessKey: AccessKey }>("CreateAccessKey", { UserName: name })).AccessKey))}
            >
              Create access key
            </Button>
          </>
        }
        columns={[
          { id: "id", header: "Access key ID", cell: (k) => k.AccessKeyId, isRowHeader: true },
          { id: "status", header: "Status", cell: (k) => <StatusIndicator type={k.Status === "Active" ? "success" : "stopped"}>{k.Status}</StatusIndicator> },
          { id: "created", header: "Created", cell: (k) => ago(k.CreateDate) },
        ]}
      />
      {deleting && key && (
        <Confirm title={`Delete ${key.AccessKeyId}?`} word={key.AccessKeyId} onConfirm={() => run("Failed to delete the access key", () => iam("DeleteAccessKey", { UserName: name, AccessKeyId: key.AccessKeyId }))} close={() => setDeleting(false)}>
          Programs that use the key lose their access.
        </Confirm>
      )}
      {made && (
        <Modal visible header="Retrieve access keys" onDismiss={() => setMade(undefined)} footer={<Box float="right"><Button variant="primary" onClick={() => setMade(undefined)}>Done</Button></Box>}>
          <SpaceBetween size="m">
            <Alert type="warning">This is the only time that the secret access key can be viewed.</Alert>
            <Secret label="Access key" value={made.AccessKeyId} />
            <Secret label="Secret access key" value={made.SecretAccessKey ?? ""} />
          </SpaceBetween>
        </Modal>
      )}
    </>
  );
}
