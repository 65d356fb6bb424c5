// The permissions of a user, group or role, and the page that adds to them.
import { Box, Button, ButtonDropdown, ContentLayout, ExpandableSection, Header, Modal, Select, SpaceBetween, Spinner } from "@cloudscape-design/components";
import { useState } from "react";
import { Navigate, useNavigate, useParams } from "react-router-dom";
import { AWSError, iamAll } from "../api";
import { Confirm } from "../confirm";
import { Failure } from "../denied";
import { plural } from "../format";
import { usePage } from "../layout";
import { To } from "../link";
import { useLoad, type Loaded } from "../load";
import { useNotify } from "../notify";
import { PolicyText } from "../policyeditor";
import { Resources } from "../table";
import { type Policy } from "../types";
import { attach, inlineDocument, isKind, managedDocument, permissionsOf, remove, words, type Kind, type Permission } from "./entity";

/** A link to a policy. */
export const PolicyLink = ({ p }: { p: Permission }) => (p.arn ? <To to={`/iam/policies/details/${encodeURIComponent(p.arn)}`}>{p.name}</To> : <>{p.name}</>);

interface Props {
  kind: Kind;
  name: string;
  inherited?: Loaded<Permission[]>; // from groups
}

export function Permissions({ kind, name, inherited }: Props) {
  const own = useLoad(() => permissionsOf(kind, name), [kind, name]);
  const [selected, setSelected] = useState<Permission[]>([]);
  const [removing, setRemoving] = useState(false);
  const [shown, setShown] = useState<Permission>();
  const go = useNavigate();
  const notify = useNotify();
  const page = `/iam/${kind}/details/${encodeURIComponent(name)}`;
  const all = own.value && [...own.value, ...(inherited?.value ?? [])];

  const removeAll = async () => {
    for (const p of selected) {
      try {
        await remove(kind, name, p);
        notify.done(`${p.name} removed from the ${words[kind].title} ${name}.`);
      } catch (e) {
        notify.failed(`Failed to remove ${p.name}`, e);
      }
    }
    setSelected([]);
    own.reload();
  };
  return (
    <>
      <Resources
        title="Permissions policies"
        description="Permissions are defined by policies attached to the identity directly or through groups."
        items={all}
        loading={own.loading}
        error={own.error}
        reload={own.reload}
        id={(p) => (p.via ?? "") + (p.arn ?? p.name)}
        multi
        selected={selected}
        onSelect={(list) => setSelected(list.filter((p) => !p.via))}
        empty="No permissions policies."
        actions={
          <>
            <Button disabled={!selected.length} onClick={() => setRemoving(true)}>
              Remove
            </Button>
            <ButtonDropdown
              items={[
                { id: "add-permissions", text: kind === "groups" ? "Attach policies" : "Add permissions" },
                { id: "inline-policy", text: "Create inline policy" },
              ]}
              onItemClick={({ detail }) => go(`${page}/${detail.id}`)}
            >
              Add permissions
            </ButtonDropdown>
          </>
        }
        columns={[
          {
            id: "name",
            header: "Policy name",
            isRowHeader: true,
            sortingField: "name",
            cell: (p) => (
              <SpaceBetween direction="horizontal" size="xs">
                <PolicyLink p={p} />
                <Button variant="inline-icon" iconName="zoom-in" ariaLabel={`Show ${p.name}`} onClick={() => setShown(p)} />
                {!p.arn && !p.via && <Button variant="inline-icon" iconName="edit" ariaLabel={`Edit ${p.name}`} onClick={() => go(`${page}/inline-policy?policy=${encodeURIComponent(p.name)}`)} />}
              </SpaceBetween>
            ),
          },
          { id: "type", header: "Type", cell: (p) => p.type, sortingField: "type" },
          { id: "via", header: "Attached via", cell: (p) => (p.via ? <To to={`/iam/groups/details/${encodeURIComponent(p.via)}`}>{`Group ${p.via}`}</To> : p.arn ? "Directly" : "Inline") },
        ]}
      />
      {removing && (
        <Confirm title={`Remove ${plural(selected.length, "policy", "policies")}?`} action="Remove policy" onConfirm={removeAll} close={() => setRemoving(false)}>
          The permissions of {selected.map((p) => p.name).join(", ")} end for the {words[kind].title} {name}. Inline policies are deleted.
        </Confirm>
      )}
      {shown && <ShowPolicy kind={kind} name={name} p={shown} close={() => setShown(undefined)} />}
    </>
  );
}

function ShowPolicy({ kind, name, p, close }: { kind: Kind; name: string; p: Permission; close: () => void }) {
  const text = useLoad(() => (p.arn ? managedDocument(p.arn) : p.via ? inlineDocument("groups", p.via, p.name) : inlineDocument(kind, name, p.name)), [p]);
  return (
    <Modal visible size="large" header={p.name} onDismiss={close}>
      {text.value ? <PolicyText text={text.value} /> : text.error ? <Failure error={text.error} /> : <Spinner />}
    </Modal>
  );
}

const filters = [
  { label: "All types", value: "All" },
  { label: "Customer managed", value: "Local" },
  { label: "AWS managed", value: "AWS" },
];

/** The table in which policies are chosen. */
export function ChoosePolicies({ selected, onSelect, title = "Permissions policies" }: { selected: Policy[]; onSelect: (list: Policy[]) => void; title?: string }) {
  const policies = useLoad(() => iamAll<Policy>("ListPolicies", "Policies"), []);
  const [type, setType] = useState(filters[0]);
  const isAWS = (p: Policy) => p.Arn.startsWith("arn:aws:iam::aws:");
  return (
    <Resources
      title={title}
      items={policies.value?.filter((p) => type.value === "All" || isAWS(p) === (type.value === "AWS"))}
      loading={policies.loading}
      error={policies.error}
      reload={policies.reload}
      id={(p) => p.PolicyName}
      multi
      selected={selected}
      onSelect={onSelect}
      filterText="Search"
      filters={<Select ariaLabel="Filter by type" selectedOption={type} options={filters} onChange={({ detail }) => setType(detail.selectedOption as (typeof filters)[0])} />}
      columns={[
        { id: "name", header: "Policy name", cell: (p) => p.PolicyName, sortingField: "PolicyName", isRowHeader: true },
        { id: "type", header: "Type", cell: (p) => (isAWS(p) ? "AWS managed" : "Customer managed") },
        { id: "attached", header: "Attached entities", cell: (p) => p.AttachmentCount, sortingField: "AttachmentCount" },
      ]}
    />
  );
}

/** Attaches policies one by one; each that is refused is said. */
export function useAttach() {
  const notify = useNotify();
  return async (kind: Kind, name: string, policies: Policy[]) => {
    let ok = true;
    for (const p of policies) {
      try {
        await attach(kind, name, p.Arn);
      } catch (e) {
        ok = false;
        notify.failed(`Failed to attach ${p.PolicyName} to ${name}`, e);
        if (!(e instanceof AWSError)) break;
      }
    }
    return ok;
  };
}

export function AddPermissions() {
  const { kind, name = "" } = useParams();
  if (!isKind(kind)) return <Navigate to="/iam/home" replace />;
  return <AddTo kind={kind} name={name} />;
}

function AddTo({ kind, name }: { kind: Kind; name: string }) {
  const page = `/iam/${kind}/details/${encodeURIComponent(name)}`;
  usePage(["IAM", "/iam/home"], [words[kind].plural, `/iam/${kind}`], [name, page], ["Add permissions", page + "/add-permissions"]);
  const [selected, setSelected] = useState<Policy[]>([]);
  const [busy, setBusy] = useState(false);
  const attachAll = useAttach();
  const notify = useNotify();
  const go = useNavigate();
  const add = async () => {
    setBusy(true);
    if (await attachAll(kind, name, selected)) notify.done(`${plural(selected.length, "policy", "policies")} added to ${name}.`);
    go(page);
  };
  return (
    <ContentLayout defaultPadding header={<Header variant="h1" description="Attach managed policies.">{kind === "groups" ? "Attach permission policies to" : "Add permissions to"} {name}</Header>}>
      <SpaceBetween size="l">
        <ExpandableSection headerText="What is a permissions policy?">
          <Box>A policy says which actions on which resources are allowed or denied. Everything that no policy allows is denied.</Box>
        </ExpandableSection>
        <ChoosePolicies selected={selected} onSelect={setSelected} />
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => go(page)}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!selected.length} loading={busy} onClick={add}>
              {kind === "groups" ? "Attach policies" : "Add permissions"}
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </ContentLayout>
  );
}
