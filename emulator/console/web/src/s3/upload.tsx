import { Box, Button, Container, ContentLayout, FileUpload, Header, SpaceBetween } from "@cloudscape-design/components";
import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router-dom";
import { upload } from "../api";
import { plural } from "../format";
import { usePage } from "../layout";
import { useNotify } from "../notify";

export function Upload() {
  const { bucket = "" } = useParams();
  const [query] = useSearchParams();
  const prefix = query.get("prefix") ?? "";
  const back = `/s3/buckets/${bucket}?prefix=${encodeURIComponent(prefix)}`;
  usePage(["Amazon S3", "/s3/buckets"], ["Buckets", "/s3/buckets"], [bucket, back], ["Upload", `/s3/upload/${bucket}`]);
  const [files, setFiles] = useState<File[]>([]);
  const [busy, setBusy] = useState(false);
  const notify = useNotify();
  const go = useNavigate();
  const run = async () => {
    setBusy(true);
    let done = 0;
    for (const file of files) {
      try {
        await upload(bucket, prefix + file.name, file);
        done++;
      } catch (e) {
        notify.failed(`Failed to upload ${file.name}`, e);
      }
    }
    if (done) notify.done(`Upload succeeded: ${plural(done, "file")}.`);
    go(back);
  };
  return (
    <ContentLayout defaultPadding header={<Header variant="h1" description="Add the files you want to upload to S3.">Upload</Header>}>
      <SpaceBetween size="l">
        <Container header={<Header variant="h2">Files and folders</Header>}>
          <FileUpload
            multiple
            value={files}
            onChange={({ detail }) => setFiles(detail.value)}
            showFileSize
            i18nStrings={{
              uploadButtonText: () => "Add files",
              dropzoneText: () => "Drop files to upload",
              removeFileAriaLabel: (i) => `Remove file ${i + 1}`,
              limitShowFewer: "Show fewer files",
              limitShowMore: "Show more files",
              errorIconAriaLabel: "Error",
            }}
          />
        </Container>
        <Container header={<Header variant="h2">Destination</Header>}>
          <Box variant="code">
            s3://{bucket}/{prefix}
          </Box>
        </Container>
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={() => go(back)}>
              Cancel
            </Button>
            <Button variant="primary" disabled={!files.length} loading={busy} onClick={run}>
              Upload
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </ContentLayout>
  );
}
