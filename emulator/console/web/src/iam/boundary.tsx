// The permissions boundary of a user or role.
import { Box, Button, Container, Header, Modal, SpaceBetween } from "@cloudscape-design/components";
import { useState } from "react";
import { iam } from "../api";
import { To } from "../link";
import { useNotify } from "../notify";
import { type Boundary, type Policy } from "../types";
import { named, words } from "./entity";
import { ChoosePolicies } from "./permissions";
import { policyPage } from "./policies";

interface Props {
  kind: "users" | "roles";
  name: string;
  boundary?: Boundary;
  changed: () => void;
}

export function PermissionsBoundary({ kind, name, boundary, changed }: Props) {
  const [choosing, setChoosing] = useState(false);
  const [selected, setSelected] = useState<Policy[]>([]);
  const notify = useNotify();
  const run = async (verb: "Put" | "Delete", input: object) => {
    try {
      await iam(`${verb}${words[kind].one}PermissionsBoundary`, { ...named(kind, name), ...input });
      notify.done(`Permissions boundary ${verb === "Put" ? "set" : "removed"}.`);
    } catch (e) {
      notify.failed("Failed to change the permissions boundary", e);
    }
    setChoosing(false);
    changed();
  };
  const arn = boundary?.PermissionsBoundaryArn;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="A permissions boundary is the most that identity-based policies can grant. It grants nothing by itself."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button disabled={!arn} onClick={() => run("Delete", {})}>
                Remove boundary
              </Button>
              <Button onClick={() => setChoosing(true)}>{arn ? "Change boundary" : "Set permissions boundary"}</Button>
            </SpaceBetween>
          }
        >
          Permissions boundary
        </Header>
      }
    >
      {arn ? <To to={policyPage(arn)}>{arn}</To> : <Box color="text-body-secondary">Not set</Box>}
      {choosing && (
        <Modal
          visible
          size="large"
          header="Set permissions boundary"
          onDismiss={() => setChoosing(false)}
          footer={
            <Box float="right">
              <Button variant="primary" disabled={!selected.length} onClick={() => run("Put", { PermissionsBoundary: selected[0].Arn })}>
                Set boundary
              </Button>
            </Box>
          }
        >
          <ChoosePolicies selected={selected} onSelect={(list) => setSelected(list.slice(-1))} />
        </Modal>
      )}
    </Container>
  );
}
