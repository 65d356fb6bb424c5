// Sign-in: as a root user or as an IAM user, with a code where there is an MFA device, and a new password where one is due.
import { Alert, Box, Button, Container, Form, FormField, Header, Input, Link, SpaceBetween, Tiles } from "@cloudscape-design/components";
import { useState, type FormEvent } from "react";
import { useSearchParams } from "react-router-dom";
import { AWSError, own } from "./api";
import { typedAccount } from "./format";
import { useSessionContext, type Session } from "./session";

type Next = "password" | "mfa" | "newPassword";

export function SignIn() {
  const { accept } = useSessionContext();
  const [query] = useSearchParams();
  const [type, setType] = useState("iam");
  const [account, setAccount] = useState(query.get("account") ?? localStorage.getItem("xemu-account") ?? "");
  const [userName, setUserName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [mfaCode, setCode] = useState("");
  const [newPassword, setNew] = useState("");
  const [again, setAgain] = useState("");
  const [next, setNext] = useState<Next>("password");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);

  const submit = async (e: FormEvent) => {
    e.preventDefault();
    if (next === "newPassword" && newPassword !== again) return setError("The new passwords do not match.");
    setBusy(true);
    setError("");
    try {
      const out = await own<Session & { next?: Next }>("POST", "signin", {
        type, account: typedAccount(account), userName, email, password, mfaCode,
        newPassword: next === "newPassword" ? newPassword : "",
      });
      if (out.next) {
        setNext(out.next);
        if (out.next === "mfa") setCode("");
      } else {
        if (type === "iam") localStorage.setItem("xemu-account", account);
        accept(out);
      }
    } catch (e) {
      setError(e instanceof AWSError ? e.message : String(e));
    } finally {
      setBusy(false);
    }
  };
  const restart = () => {
    setNext("password");
    setPassword(""), setCode(""), setNew(""), setAgain(""), setError("");
  };
  return (
    <div className="signin">
      <div className="brand">
        <span>x</span>emu
      </div>
      <SpaceBetween size="l">
        <form onSubmit={submit}>
          <Form
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {next !== "password" && (
                  <Button formAction="none" variant="link" onClick={restart}>
                    Cancel
                  </Button>
                )}
                <Button variant="primary" loading={busy} data-testid="sign-in">
                  {next === "password" ? "Sign in" : next === "mfa" ? "Submit" : "Confirm password change"}
                </Button>
              </SpaceBetween>
            }
            errorText={error}
          >
            <Container header={<Header variant="h1">{next === "mfa" ? "Multi-factor authentication" : next === "newPassword" ? "Change your password" : type === "iam" ? "IAM user sign in" : "Root user sign in"}</Header>}>
              <SpaceBetween size="m">
                {next === "password" && (
                  <>
                    <Tiles
                      value={type}
                      onChange={({ detail }) => setType(detail.value)}
                      columns={2}
                      ariaLabel="Who signs in"
                      items={[
                        { value: "iam", label: "IAM user", description: "User within an account" },
                        { value: "root", label: "Root user", description: "Account owner" },
                      ]}
                    />
                    {type === "iam" ? (
                      <>
                        <FormField label="Account ID or alias">
                          <Input value={account} onChange={({ detail }) => setAccount(detail.value)} autoComplete="off" name="account" />
                        </FormField>
                        <FormField label="IAM username">
                          <Input value={userName} onChange={({ detail }) => setUserName(detail.value)} autoComplete="username" name="username" />
                        </FormField>
                      </>
                    ) : (
                      <FormField label="Root user email address">
                        <Input value={email} onChange={({ detail }) => setEmail(detail.value)} type="email" autoComplete="username" name="email" />
                      </FormField>
                    )}
                    <FormField label="Password">
                      <Input value={password} onChange={({ detail }) => setPassword(detail.value)} type="password" autoComplete="current-password" name="password" />
                    </FormField>
                  </>
                )}
                {next === "mfa" && (
                  <FormField label="MFA code" description="Enter the code that your virtual MFA device shows.">
                    <Input value={mfaCode} onChange={({ detail }) => setCode(detail.value)} inputMode="numeric" autoComplete="one-time-code" name="mfa" autoFocus />
                  </FormField>
                )}
                {next === "newPassword" && (
                  <>
                    <Box>You must change your password to continue.</Box>
                    <FormField label="New password">
                      <Input value={newPassword} onChange={({ detail }) => setNew(detail.value)} type="password" autoComplete="new-password" name="new-password" />
                    </FormField>
                    <FormField label="Retype new password">
                      <Input value={again} onChange={({ detail }) => setAgain(detail.value)} type="password" autoComplete="new-password" name="new-password-again" />
                    </FormField>
                  </>
                )}
              </SpaceBetween>
            </Container>
          </Form>
        </form>
        <Alert type="info">
          This is a make-believe world on your own machine: never enter a real AWS password here.{" "}
          <Box variant="code">xemu console</Box> shows who can sign in. <Link href="https://docs.aws.amazon.com/signin/latest/userguide/" external variant="info">About signing in to AWS</Link>
        </Alert>
      </SpaceBetween>
    </div>
  );
}
