import { Alert, Box, Button, Checkbox, Container, ContentLayout, FormField, Header, Input, RadioGroup, Select, SpaceBetween, Tiles } from "@cloudscape-design/components";
import { useState } from "react";
import { useNavigate } from "react-router-dom";
import { s3 } from "../api";
import { usePage } from "../layout";
import { To } from "../link";
import { useNotify } from "../notify";
import { useSessionContext } from "../session";
import { BlockSettings, blockAll, blocks, type Block } from "./publicaccess";

export function CreateBucket() {
  usePage(["Amazon S3", "/s3/buckets"], ["Buckets", "/s3/buckets"], ["Create bucket", "/s3/bucket/create"]);
  const { region } = useSessionContext();
  const [name, setName] = useState("");
  const [acls, setACLs] = useState("off");
  const [owner, setOwner] = useState("BucketOwnerPreferred");
  const [block, setBlock] = useState<Block>(blockAll);
  const [aware, setAware] = useState(false);
  const [versioning, setVersioning] = useState("Disable");
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const go = useNavigate();
  const open = !blocks.every((b) => block[b]);

  const create = async () => {
    setBusy(true);
    try {
      await s3(
        "CreateBucket",
        {
          Bucket: name,
          ObjectOwnership: acls === "off" ? "BucketOwnerEnforced" : owner,
          CreateBucketConfiguration: region === "us-east-1" ? undefined : { LocationConstraint: region },
        },
        region,
      );
    } catch (e) {
      setBusy(false);
      return notify.failed("Failed to create bucket", e);
    }
    try {
      if (open) await s3("PutPublicAccessBlock", { Bucket: name, PublicAccessBlockConfiguration: block }, region);
      if (versioning === "Enabled") await s3("PutBucketVersioning", { Bucket: name, VersioningConfiguration: { Status: "Enabled" } }, region);
    } catch (e) {
      notify.failed(`The bucket ${name} was created, but not with all its settings`, e);
    }
    notify.done(<>Successfully created bucket "{name}". <To inverted to={`/s3/buckets/${name}`}>View details</To></>);
    go("/s3/buckets");
  };
  return (
    <ContentLayout defaultPadding header={<Header variant="h1" description="Buckets are containers for data stored in S3.">Create bucket</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">General configuration</Header>}>
          <SpaceBetween size="m">
            <FormField label="AWS Region">
              <Select disabled selectedOption={{ label: region, value: region }} options={[]} />
            </FormField>
            <FormField label="Bucket name" constraintText="Bucket names must be 3 to 63 characters and unique within the global namespace. They can contain lowercase letters, numbers, periods (.) and hyphens (-).">
              <Input value={name} onChange={({ detail }) => setName(detail.value)} placeholder="myawsbucket" name="bucketName" />
            </FormField>
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2" description="Control ownership of objects written to this bucket from other AWS accounts and the use of access control lists (ACLs).">Object Ownership</Header>}>
          <SpaceBetween size="m">
            <Tiles
              value={acls}
              onChange={({ detail }) => setACLs(detail.value)}
              items={[
                { value: "off", label: "ACLs disabled (recommended)", description: "All objects in this bucket are owned by this account. Access to this bucket and its objects is specified using only policies." },
                { value: "on", label: "ACLs enabled", description: "Objects in this bucket can be owned by other AWS accounts. Access can be specified using ACLs." },
              ]}
            />
            {acls === "on" && (
              <RadioGroup
                value={owner}
                onChange={({ detail }) => setOwner(detail.value)}
                items={[
                  { value: "BucketOwnerPreferred", label: "Bucket owner preferred" },
                  { value: "ObjectWriter", label: "Object writer" },
                ]}
              />
            )}
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2" description="Public access is granted to buckets and objects through access control lists (ACLs), bucket policies, access point policies, or all.">Block Public Access settings for this bucket</Header>}>
          <SpaceBetween size="m">
            <BlockSettings value={block} onChange={setBlock} />
            {open && (
              <Alert type="warning" header="Turning off block all public access might result in this bucket and the objects within becoming public">
                <Checkbox checked={aware} onChange={({ detail }) => setAware(detail.checked)}>
                  I acknowledge that the current settings might result in this bucket and the objects within becoming public.
                </Checkbox>
              </Alert>
            )}
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2" description="Versioning is a means of keeping multiple variants of an object in the same bucket.">Bucket Versioning</Header>}>
          <RadioGroup
            value={versioning}
            onChange={({ detail }) => setVersioning(detail.value)}
            items={[
              { value: "Disable", label: "Disable" },
              { value: "Enabled", label: "Enable" },
            ]}
          />
        </Container>
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => go("/s3/buckets")}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={!name || (open && !aware)} onClick={create}>
              Create bucket
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </ContentLayout>
  );
}
