import { Box, Container, ContentLayout, Header, KeyValuePairs, Link, SpaceBetween } from "@cloudscape-design/components";
import { accountId } from "./format";
import { services, useFollow, usePage } from "./layout";
import { useSession } from "./session";

export function Home() {
  usePage();
  const { identity, role } = useSession();
  const follow = useFollow();
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">Console Home</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">You are</Header>}>
          <KeyValuePairs
            columns={3}
            items={[
              { label: "Account", value: `${identity.accountName} (${accountId(identity.account)})` },
              { label: identity.type === "Root" ? "Root user" : role ? "Role" : "IAM user", value: role ? role.roleName : identity.name },
              { label: "ARN", value: <Box variant="code">{identity.arn}</Box> },
            ]}
          />
        </Container>
        <Container header={<Header variant="h2">Services</Header>}>
          <div className="services">
            {services.map((s) => (
              <div key={s.id}>
                <Link href={"/console" + s.href} onFollow={follow} fontSize="heading-m">
                  {s.name}
                </Link>
                <Box color="text-body-secondary">{s.title}</Box>
              </div>
            ))}
          </div>
        </Container>
        <Container header={<Header variant="h2">Learn by being denied</Header>}>
          <Box>
            Every request of this console is decided by the policies of this world, as on AWS. When one is denied, “Why was it
            denied?” shows which policy of which account decided, what nearly matched, and the smallest change that would allow
            it. <Link href="/console/cloudtrail/events" onFollow={follow}>Event history</Link> has all requests of this account.
          </Box>
        </Container>
      </SpaceBetween>
    </ContentLayout>
  );
}
