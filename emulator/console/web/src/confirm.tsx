// A question before something is deleted; what is deleted is typed, as in AWS's console.
import { Alert, Box, Button, FormField, Input, Modal, SpaceBetween } from "@cloudscape-design/components";
import { useState, type ReactNode } from "react";

interface Props {
  title: string;
  children?: ReactNode;
  word?: string; // to be typed; without one a click is enough
  action?: string;
  onConfirm: () => Promise<void>;
  close: () => void;
}

export function Confirm({ title, children, word, action = "Delete", onConfirm, close }: Props) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
    } finally {
      close();
    }
  };
  return (
    <Modal
      visible
      onDismiss={close}
      header={title}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={word !== undefined && text !== word} onClick={confirm}>
              {action}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children && <Alert type="warning">{children}</Alert>}
        {word !== undefined && (
          <FormField label={<>To confirm, enter <i>{word}</i></>}>
            <Input value={text} onChange={({ detail }) => setText(detail.value)} placeholder={word} ariaLabel="Confirmation" />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
