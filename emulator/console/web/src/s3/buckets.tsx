import { Box, Button, ContentLayout } from "@cloudscape-design/components";
import { useState } from "react";
import { s3 } from "../api";
import { Confirm } from "../confirm";
import { date } from "../format";
import { usePage } from "../layout";
import { ButtonTo, To } from "../link";
import { useLoad } from "../load";
import { useNotify } from "../notify";
import { Resources } from "../table";
import { type Bucket, type S3Object } from "../types";

export function Buckets() {
  usePage(["Amazon S3", "/s3/buckets"], ["Buckets", "/s3/buckets"]);
  const list = useLoad(async () => (await s3<{ Buckets?: Bucket[] }>("ListBuckets", { MaxBuckets: 10000 })).Buckets ?? [], []);
  const [selected, setSelected] = useState<Bucket[]>([]);
  const [asking, setAsking] = useState<"empty" | "delete">();
  const notify = useNotify();
  const bucket = selected[0];
  const run = async (what: string, f: () => Promise<unknown>, done: string) => {
    try {
      await f();
      notify.done(done);
      setSelected([]);
    } catch (e) {
      notify.failed(what, e);
    }
    list.reload();
  };
  return (
    <ContentLayout defaultPadding>
      <Resources
        title="General purpose buckets"
        description="Buckets are containers for data stored in S3."
        items={list.value}
        loading={list.loading}
        error={list.error}
        reload={list.reload}
        id={(b) => b.Name}
        selected={selected}
        onSelect={setSelected}
        filterText="Find buckets by name"
        empty={
          <Box textAlign="center">
            <b>No buckets</b>
            <Box padding={{ bottom: "s" }}>You don't have any buckets.</Box>
          </Box>
        }
        actions={
          <>
            <Button disabled={!bucket} onClick={() => setAsking("empty")}>
              Empty
            </Button>
            <Button disabled={!bucket} onClick={() => setAsking("delete")}>
              Delete
            </Button>
            <ButtonTo to="/s3/bucket/create" variant="primary">
              Create bucket
            </ButtonTo>
          </>
        }
        columns={[
          { id: "name", header: "Name", cell: (b) => <To to={`/s3/buckets/${b.Name}`}>{b.Name}</To>, sortingField: "Name", isRowHeader: true },
          { id: "region", header: "AWS Region", cell: (b) => b.BucketRegion ?? "-", sortingField: "BucketRegion" },
          { id: "created", header: "Creation date", cell: (b) => date(b.CreationDate), sortingField: "CreationDate" },
        ]}
      />
      {asking === "empty" && bucket && (
        <Confirm
          title={`Empty bucket ${bucket.Name}?`}
          word="permanently delete"
          action="Empty"
          close={() => setAsking(undefined)}
          onConfirm={() => run(`Failed to empty bucket ${bucket.Name}`, () => empty(bucket.Name), `Bucket ${bucket.Name} emptied.`)}
        >
          Emptying the bucket deletes all objects in it, with all versions, and cannot be undone.
        </Confirm>
      )}
      {asking === "delete" && bucket && (
        <Confirm
          title={`Delete bucket ${bucket.Name}?`}
          word={bucket.Name}
          action="Delete bucket"
          close={() => setAsking(undefined)}
          onConfirm={() => run(`Failed to delete bucket ${bucket.Name}`, () => s3("DeleteBucket", { Bucket: bucket.Name }, bucket.BucketRegion), `Bucket ${bucket.Name} deleted.`)}
        >
          Deleting a bucket cannot be undone, and its name becomes free for others. The bucket must be empty.
        </Confirm>
      )}
    </ContentLayout>
  );
}

interface Versions {
  Versions?: S3Object[];
  DeleteMarkers?: S3Object[];
}

async function empty(Bucket: string) {
  for (;;) {
    const page = await s3<Versions>("ListObjectVersions", { Bucket });
    const Objects = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].slice(0, 1000).map((o) => ({ Key: o.Key, VersionId: o.VersionId }));
    if (!Objects.length) return;
    const out = await s3<{ Errors?: { Code: string; Message: string }[] }>("DeleteObjects", { Bucket, Delete: { Objects, Quiet: true } });
    if (out.Errors?.length) throw new Error(`${out.Errors[0].Code}: ${out.Errors[0].Message}`);
  }
}
