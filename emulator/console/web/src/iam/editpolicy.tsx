// The pages that edit an inline policy and a role's trust policy.
import { Box, Button, Container, ContentLayout, FormField, Header, Input, SpaceBetween, Spinner } from "@cloudscape-design/components";
import { useEffect, useState, type ReactNode } from "react";
import { Navigate, useNavigate, useParams, useSearchParams } from "react-router-dom";
import { iam } from "../api";
import { Failure } from "../denied";
import { usePage } from "../layout";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { PolicyEditor, type PolicyKind } from "../policyeditor";
import { documentOf, type Role } from "../types";
import { emptyPolicy, inlineDocument, isKind, putInline, words, type Kind } from "./entity";

interface Props {
  title: string;
  description?: string;
  kind: PolicyKind;
  limit?: number;
  load: () => Promise<string>;
  save: (text: string) => Promise<unknown>;
  saved: string;
  what: string; // "Failed to …"
  action: string;
  ready?: boolean;
  back: string;
  children?: ReactNode;
}

/** A page with a policy to edit. */
export function EditPolicy(p: Props) {
  const start = useLoad(p.load, []);
  const [text, setText] = useState<string>();
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const go = useNavigate();
  useEffect(() => setText(start.value), [start.value]);
  const save = async () => {
    setBusy(true);
    try {
      await p.save(text!);
      notify.done(p.saved);
      go(p.back);
    } catch (e) {
      notify.failed(p.what, e);
      setBusy(false);
    }
  };
  return (
    <ContentLayout defaultPadding header={<Header variant="h1" description={p.description}>{p.title}</Header>}>
      <SpaceBetween size="l">
        {p.children}
        <Container header={<Header variant="h2">Policy editor</Header>}>
          {text !== undefined ? (
            <PolicyEditor value={text} onChange={setText} kind={p.kind} limit={p.limit} label={p.title} />
          ) : start.error ? (
            <Failure error={start.error} />
          ) : (
            <Spinner />
          )}
        </Container>
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => go(p.back)}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={text === undefined || p.ready === false} onClick={save}>
              {p.action}
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </ContentLayout>
  );
}

export function EditTrust() {
  const { name = "" } = useParams();
  const page = `/iam/roles/details/${encodeURIComponent(name)}`;
  usePage(["IAM", "/iam/home"], ["Roles", "/iam/roles"], [name, page], ["Edit trust policy", page + "/edit-trust-policy"]);
  return (
    <EditPolicy
      title="Edit trust policy"
      description={`Who may assume the role ${name}.`}
      kind="trust"
      load={async () => documentOf((await iam<{ Role: Role }>("GetRole", { RoleName: name })).Role.AssumeRolePolicyDocument)}
      save={(text) => iam("UpdateAssumeRolePolicy", { RoleName: name, PolicyDocument: text })}
      saved="Trust policy updated."
      what="Failed to update trust policy"
      action="Update policy"
      back={page + "?section=trust_relationships"}
    />
  );
}

export function EditInline() {
  const { kind, name = "" } = useParams();
  if (!isKind(kind)) return <Navigate to="/iam/home" replace />;
  return <Inline kind={kind} name={name} />;
}

/** What the inline policies of an entity may have together, in characters ("IAM and AWS STS quotas"). */
const limits: Record<Kind, number> = { users: 2048, groups: 5120, roles: 10240 };

function Inline({ kind, name }: { kind: Kind; name: string }) {
  const [query] = useSearchParams();
  const old = query.get("policy");
  const [policy, setPolicy] = useState(old ?? "");
  const page = `/iam/${kind}/details/${encodeURIComponent(name)}`;
  usePage(["IAM", "/iam/home"], [words[kind].plural, `/iam/${kind}`], [name, page], [old ? "Edit policy" : "Create policy", page + "/inline-policy"]);
  return (
    <EditPolicy
      title={old ? `Edit ${old}` : "Create inline policy"}
      description={`A policy that belongs to the ${words[kind].title} ${name} alone.`}
      kind="identity"
      limit={limits[kind]}
      load={async () => (old ? inlineDocument(kind, name, old) : emptyPolicy)}
      save={(text) => putInline(kind, name, policy, text)}
      saved={`Policy ${policy} ${old ? "changed" : "created"}.`}
      what="Failed to save the policy"
      action={old ? "Save changes" : "Create policy"}
      ready={policy !== ""}
      back={page}
    >
      {!old && (
        <Container header={<Header variant="h2">Policy details</Header>}>
          <FormField label="Policy name" constraintText="Maximum 128 characters. Use alphanumeric and '+=,.@-_' characters.">
            <Input value={policy} onChange={({ detail }) => setPolicy(detail.value)} name="policyName" />
          </FormField>
        </Container>
      )}
    </EditPolicy>
  );
}
