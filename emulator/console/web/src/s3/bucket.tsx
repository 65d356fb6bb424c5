// A bucket: its objects, its properties, its permissions.
import { Alert, Box, Button, Container, ContentLayout, FormField, Header, Input, KeyValuePairs, Modal, RadioGroup, SpaceBetween, StatusIndicator, Tabs, Toggle } from "@cloudscape-design/components";
import { useEffect, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router-dom";
import { AWSError, download, s3, upload } from "../api";
import { Confirm } from "../confirm";
import { Failure } from "../denied";
import { bytes, date, plural } from "../format";
import { usePage } from "../layout";
import { To } from "../link";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { PolicyEditor, PolicyText } from "../policyeditor";
import { Resources } from "../table";
import { layOut, type S3Object } from "../types";
import { blockAll, blocks, BlockSettings, type Block } from "./publicaccess";

export function BucketPage() {
  const { bucket = "" } = useParams();
  const [query, setQuery] = useSearchParams();
  usePage(["Amazon S3", "/s3/buckets"], ["Buckets", "/s3/buckets"], [bucket, `/s3/buckets/${bucket}`]);
  return (
    <ContentLayout defaultPadding header={<Header variant="h1">{bucket}</Header>}>
      <Tabs
        activeTabId={query.get("tab") ?? "objects"}
        onChange={({ detail }) => setQuery({ tab: detail.activeTabId }, { replace: true })}
        tabs={[
          { id: "objects", label: "Objects", content: <Objects bucket={bucket} prefix={query.get("prefix") ?? ""} /> },
          { id: "properties", label: "Properties", content: <Properties bucket={bucket} /> },
          { id: "permissions", label: "Permissions", content: <BucketPermissions bucket={bucket} /> },
        ]}
      />
    </ContentLayout>
  );
}

interface Entry extends S3Object {
  folder?: boolean;
}

/** Up to 10,000 objects and folders at a prefix. */
async function list(Bucket: string, Prefix: string): Promise<Entry[]> {
  const all: Entry[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3<{ Contents?: S3Object[]; CommonPrefixes?: { Prefix: string }[]; NextContinuationToken?: string }>("ListObjectsV2", { Bucket, Prefix, Delimiter: "/", ContinuationToken });
    all.push(...(page.CommonPrefixes ?? []).map((p) => ({ Key: p.Prefix, Size: 0, LastModified: "", folder: true })), ...(page.Contents ?? []).filter((o) => o.Key !== Prefix));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken && all.length < 10_000);
  return all;
}

async function listVersions(Bucket: string, Prefix: string): Promise<Entry[]> {
  const page = await s3<{ Versions?: S3Object[]; DeleteMarkers?: S3Object[]; CommonPrefixes?: { Prefix: string }[] }>("ListObjectVersions", { Bucket, Prefix, Delimiter: "/" });
  const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? []).map((m) => ({ ...m, Size: 0, deleteMarker: true }))];
  versions.sort((a, b) => a.Key.localeCompare(b.Key) || b.LastModified.localeCompare(a.LastModified));
  return [...(page.CommonPrefixes ?? []).map((p) => ({ Key: p.Prefix, Size: 0, LastModified: "", folder: true })), ...versions];
}

function Objects({ bucket, prefix }: { bucket: string; prefix: string }) {
  const [versions, setVersions] = useState(false);
  const objects = useLoad(() => (versions ? listVersions(bucket, prefix) : list(bucket, prefix)), [bucket, prefix, versions]);
  const [selected, setSelected] = useState<Entry[]>([]);
  const [deleting, setDeleting] = useState(false);
  const [naming, setNaming] = useState(false);
  const [folder, setFolder] = useState("");
  const notify = useNotify();
  const go = useNavigate();
  useEffect(() => setSelected([]), [bucket, prefix, versions]);

  const remove = async () => {
    try {
      const Objects: { Key: string; VersionId?: string }[] = [];
      for (const o of selected) {
        if (o.folder) Objects.push(...(await below(bucket, o.Key)));
        else Objects.push({ Key: o.Key, VersionId: versions ? o.VersionId : undefined });
      }
      for (let i = 0; i < Objects.length; i += 1000) {
        const out = await s3<{ Errors?: { Key: string; Code: string; Message: string }[] }>("DeleteObjects", { Bucket: bucket, Delete: { Objects: Objects.slice(i, i + 1000), Quiet: true } });
        if (out.Errors?.length) throw new AWSError(out.Errors[0].Code, `${out.Errors[0].Key}: ${out.Errors[0].Message}`, 200, "");
      }
      notify.done(`Successfully deleted ${plural(Objects.length, "object")}.`);
    } catch (e) {
      notify.failed("Failed to delete objects", e);
    }
    setSelected([]);
    objects.reload();
  };
  const getAll = async () => {
    for (const o of selected) {
      try {
        await download(bucket, o.Key, versions ? o.VersionId : undefined);
      } catch (e) {
        notify.failed(`Failed to download ${o.Key}`, e);
      }
    }
  };
  const createFolder = async () => {
    try {
      await upload(bucket, prefix + folder + "/", new Blob([]));
      notify.done(`Successfully created folder "${folder}".`);
    } catch (e) {
      notify.failed("Failed to create folder", e);
    }
    setFolder("");
    objects.reload();
  };
  const at = (p: string) => `/s3/buckets/${bucket}?prefix=${encodeURIComponent(p)}`;
  const parts = prefix.split("/").slice(0, -1);
  return (
    <>
      <Resources
        title="Objects"
        description={
          <>
            Objects are the fundamental entities stored in Amazon S3.
            {parts.length > 0 && (
              <div>
                <To to={at("")}>{bucket}</To>
                {parts.map((part, i) => (
                  <span key={i}>
                    {" / "}
                    <To to={at(parts.slice(0, i + 1).join("/") + "/")}>{part}</To>
                  </span>
                ))}
              </div>
            )}
          </>
        }
        items={objects.value}
        loading={objects.loading}
        error={objects.error}
        reload={objects.reload}
        id={(o) => o.Key + (o.VersionId ?? "")}
        multi
        selected={selected}
        onSelect={setSelected}
        filterText="Find objects by prefix"
        filters={<Toggle checked={versions} onChange={({ detail }) => setVersions(detail.checked)}>Show versions</Toggle>}
        empty="You don't have any objects in this bucket."
        actions={
          <>
            <Button disabled={!selected.length || selected.some((o) => o.folder || o.deleteMarker)} onClick={getAll} iconName="download">
              Download
            </Button>
            <Button disabled={!selected.length} onClick={() => setDeleting(true)}>
              Delete
            </Button>
            <Button onClick={() => setNaming(true)}>Create folder</Button>
            <Button variant="primary" iconName="upload" onClick={() => go(`/s3/upload/${bucket}?prefix=${encodeURIComponent(prefix)}`)}>
              Upload
            </Button>
          </>
        }
        columns={[
          {
            id: "name",
            header: "Name",
            isRowHeader: true,
            sortingField: "Key",
            cell: (o) => {
              const name = o.Key.slice(prefix.length);
              return o.folder ? <To to={at(o.Key)}>{name}</To> : <>{name}{o.deleteMarker && <Box variant="span" color="text-status-error"> (Delete marker)</Box>}</>;
            },
          },
          ...(versions ? [{ id: "version", header: "Version ID", cell: (o: Entry) => o.VersionId ?? "-" }] : []),
          { id: "modified", header: "Last modified", cell: (o) => (o.LastModified ? date(o.LastModified) : "-"), sortingField: "LastModified" },
          { id: "size", header: "Size", cell: (o) => (o.folder || o.deleteMarker ? "-" : bytes(o.Size)), sortingField: "Size" },
          { id: "class", header: "Storage class", cell: (o) => (o.folder || o.deleteMarker ? "-" : (o.StorageClass ?? "STANDARD")) },
        ]}
      />
      {deleting && (
        <Confirm title="Delete objects" word={versions ? "permanently delete" : "delete"} action="Delete objects" onConfirm={remove} close={() => setDeleting(false)}>
          {selected.map((o) => o.Key).join(", ")} {versions ? "will be deleted for good." : "will be deleted; with versioning, a delete marker takes their place."}
        </Confirm>
      )}
      {naming && (
        <Modal
          visible
          header="Create folder"
          onDismiss={() => setNaming(false)}
          footer={
            <Box float="right">
              <Button variant="primary" disabled={!folder} onClick={() => (setNaming(false), createFolder())}>
                Create folder
              </Button>
            </Box>
          }
        >
          <FormField label="Folder name" constraintText='Folder names can&apos;t contain "/".'>
            <Input value={folder} onChange={({ detail }) => setFolder(detail.value.replaceAll("/", ""))} />
          </FormField>
        </Modal>
      )}
    </>
  );
}

/** The keys of a folder. */
async function below(Bucket: string, Prefix: string) {
  const keys: { Key: string }[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3<{ Contents?: S3Object[]; NextContinuationToken?: string }>("ListObjectsV2", { Bucket, Prefix, ContinuationToken });
    keys.push(...(page.Contents ?? []).map(({ Key }) => ({ Key })));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  return keys;
}

function Properties({ bucket }: { bucket: string }) {
  const region = useLoad(async () => (await s3<{ LocationConstraint?: string }>("GetBucketLocation", { Bucket: bucket })).LocationConstraint || "us-east-1", [bucket]);
  const versioning = useLoad(async () => (await s3<{ Status?: string }>("GetBucketVersioning", { Bucket: bucket })).Status ?? "Disabled", [bucket]);
  const [editing, setEditing] = useState<string>();
  const notify = useNotify();
  const save = async () => {
    try {
      await s3("PutBucketVersioning", { Bucket: bucket, VersioningConfiguration: { Status: editing } });
      notify.done("Successfully edited Bucket Versioning.");
    } catch (e) {
      notify.failed("Failed to edit Bucket Versioning", e);
    }
    versioning.reload();
  };
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Bucket overview</Header>}>
        <KeyValuePairs
          columns={2}
          items={[
            { label: "AWS Region", value: region.error ? <Failure error={region.error} /> : (region.value ?? "-") },
            { label: "Amazon Resource Name (ARN)", value: `arn:aws:s3:::${bucket}` },
          ]}
        />
      </Container>
      <Container
        header={
          <Header variant="h2" actions={<Button disabled={!versioning.value} onClick={() => setEditing(versioning.value === "Enabled" ? "Suspended" : "Enabled")}>Edit</Button>}>
            Bucket Versioning
          </Header>
        }
      >
        {versioning.error ? <Failure error={versioning.error} /> : <KeyValuePairs items={[{ label: "Bucket Versioning", value: versioning.value ?? "-" }]} />}
      </Container>
      {editing && (
        <Confirm title="Edit Bucket Versioning" action="Save changes" onConfirm={save} close={() => setEditing(undefined)}>
          <RadioGroup
            value={editing}
            onChange={({ detail }) => setEditing(detail.value)}
            items={[
              { value: "Suspended", label: "Suspend", description: "This suspends the creation of object versions for all operations but preserves any existing object versions." },
              { value: "Enabled", label: "Enable" },
            ]}
          />
        </Confirm>
      )}
    </SpaceBetween>
  );
}

/** null for what the bucket does not have. */
async function orNone<T>(load: Promise<T>, code: string): Promise<T | null> {
  try {
    return await load;
  } catch (e) {
    if (e instanceof AWSError && e.code === code) return null;
    throw e;
  }
}

function BucketPermissions({ bucket }: { bucket: string }) {
  const block = useLoad(async () => {
    const out = await orNone(s3<{ PublicAccessBlockConfiguration: Block }>("GetPublicAccessBlock", { Bucket: bucket }), "NoSuchPublicAccessBlockConfiguration");
    return { ...Object.fromEntries(blocks.map((b) => [b, false])), ...out?.PublicAccessBlockConfiguration } as Block;
  }, [bucket]);
  const policy = useLoad(async () => (await orNone(s3<{ Policy: string }>("GetBucketPolicy", { Bucket: bucket }), "NoSuchBucketPolicy"))?.Policy ?? "", [bucket]);
  const ownership = useLoad(async () => {
    const out = await orNone(s3<{ OwnershipControls: { Rules: { ObjectOwnership: string }[] } }>("GetBucketOwnershipControls", { Bucket: bucket }), "OwnershipControlsNotFoundError");
    return out?.OwnershipControls.Rules[0].ObjectOwnership ?? "ObjectWriter";
  }, [bucket]);
  const [editBlock, setEditBlock] = useState<Block>();
  const [editPolicy, setEditPolicy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const notify = useNotify();
  const run = async (what: string, f: () => Promise<unknown>, done: string) => {
    try {
      await f();
      notify.done(done);
      return true;
    } catch (e) {
      notify.failed(what, e);
      return false;
    }
  };
  if (editPolicy)
    return (
      <EditBucketPolicy
        bucket={bucket}
        start={policy.value ? layOut(policy.value) : ""}
        cancel={() => setEditPolicy(false)}
        save={async (Policy) => {
          if (await run("Failed to edit bucket policy", () => s3("PutBucketPolicy", { Bucket: bucket, Policy }), "Successfully edited bucket policy.")) {
            setEditPolicy(false);
            policy.reload();
          }
        }}
      />
    );
  const all = block.value && blocks.every((b) => block.value![b]);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" actions={<Button disabled={!block.value} onClick={() => setEditBlock(block.value)}>Edit</Button>}>Block public access (bucket settings)</Header>}>
        {block.error ? (
          <Failure error={block.error} />
        ) : (
          <KeyValuePairs
            columns={2}
            items={[
              { label: "Block all public access", value: all ? <StatusIndicator>On</StatusIndicator> : <StatusIndicator type="warning">Off</StatusIndicator> },
              { label: "Individual settings", value: block.value && blocks.map((b) => <div key={b}>{b}: {block.value![b] ? "On" : "Off"}</div>) },
            ]}
          />
        )}
      </Container>
      <Container
        header={
          <Header
            variant="h2"
            description="The bucket policy, written in JSON, provides access to the objects stored in the bucket. Bucket policies don't apply to objects owned by other accounts."
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button disabled={policy.value === undefined} onClick={() => setEditPolicy(true)}>
                  Edit
                </Button>
                <Button disabled={!policy.value} onClick={() => setDeleting(true)}>
                  Delete
                </Button>
              </SpaceBetween>
            }
          >
            Bucket policy
          </Header>
        }
      >
        {policy.error ? <Failure error={policy.error} /> : policy.value ? <PolicyText text={policy.value} /> : <Box color="text-body-secondary">No policy to display.</Box>}
      </Container>
      <Container header={<Header variant="h2">Object Ownership</Header>}>
        {ownership.error ? <Failure error={ownership.error} /> : <KeyValuePairs items={[{ label: "Object Ownership", value: ownership.value === "BucketOwnerEnforced" ? "Bucket owner enforced: ACLs are disabled" : (ownership.value ?? "-") }]} />}
      </Container>
      {editBlock && (
        <Confirm
          title="Edit Block public access (bucket settings)"
          word={blocks.every((b) => editBlock[b]) ? undefined : "confirm"}
          action="Save changes"
          close={() => setEditBlock(undefined)}
          onConfirm={async () => {
            await run("Failed to edit Block Public Access", () => s3("PutPublicAccessBlock", { Bucket: bucket, PublicAccessBlockConfiguration: editBlock }), "Successfully edited Block Public Access settings for this bucket.");
            block.reload();
          }}
        >
          <BlockSettings value={editBlock ?? blockAll} onChange={setEditBlock} />
        </Confirm>
      )}
      {deleting && (
        <Confirm
          title="Delete bucket policy"
          word="delete"
          close={() => setDeleting(false)}
          onConfirm={async () => {
            await run("Failed to delete bucket policy", () => s3("DeleteBucketPolicy", { Bucket: bucket }), "Successfully deleted bucket policy.");
            policy.reload();
          }}
        >
          Who has access through the policy loses it.
        </Confirm>
      )}
    </SpaceBetween>
  );
}

function EditBucketPolicy({ bucket, start, save, cancel }: { bucket: string; start: string; save: (text: string) => Promise<void>; cancel: () => void }) {
  const empty = `{
	"Version": "2012-10-17",
	"Statement": [
		{
			"Sid": "Statement1",
			"Effect": "Allow",
			"Principal": {},
			"Action": [],
			"Resource": "arn:aws:s3:::${bucket}"
		}
	]
}`;
  const [text, setText] = useState(start || empty);
  const [busy, setBusy] = useState(false);
  return (
    <SpaceBetween size="l">
      <Alert type="info">
        Bucket ARN: <Box variant="code">arn:aws:s3:::{bucket}</Box>; its objects: <Box variant="code">arn:aws:s3:::{bucket}/*</Box>
      </Alert>
      <Container header={<Header variant="h2">Edit bucket policy</Header>}>
        <PolicyEditor value={text} onChange={setText} kind="bucket" label="Bucket policy" />
      </Container>
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={cancel}>
            Cancel
          </Button>
          <Button variant="primary" loading={busy} onClick={async () => (setBusy(true), await save(text), setBusy(false))}>
            Save changes
          </Button>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}
