import { Container, ContentLayout, CopyToClipboard, Header, KeyValuePairs, SpaceBetween } from "@cloudscape-design/components";
import { iam } from "../api";
import { Failure } from "../denied";
import { accountId } from "../format";
import { usePage } from "../layout";
import { To } from "../link";
import { useLoad } from "../load";
import { useSession } from "../session";
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
        <Container header={<Header variant="h2">AWS Account</Header>}>
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
