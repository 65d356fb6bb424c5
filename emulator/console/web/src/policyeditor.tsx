// The JSON editor of policies, with Access Analyzer's findings as one types.
import { Alert, Badge, Box, Button, CodeEditor, ColumnLayout, Link, SpaceBetween, Tabs, type CodeEditorProps } from "@cloudscape-design/components";
import { useEffect, useRef, useState } from "react";
import { AWSError, call } from "./api";
import { layOut } from "./types";

export type PolicyKind = "identity" | "trust" | "bucket";

interface Position {
  line: number;
  column: number;
}
interface Finding {
  findingType: "ERROR" | "SECURITY_WARNING" | "WARNING" | "SUGGESTION";
  issueCode: string;
  findingDetails: string;
  learnMoreLink: string;
  locations: { span: { start: Position; end: Position } }[];
}

const tabs = [
  { id: "SECURITY_WARNING", label: "Security" },
  { id: "ERROR", label: "Errors" },
  { id: "WARNING", label: "Warnings" },
  { id: "SUGGESTION", label: "Suggestions" },
] as const;

const types: Record<PolicyKind, object> = {
  identity: { policyType: "IDENTITY_POLICY" },
  trust: { policyType: "RESOURCE_POLICY", validatePolicyResourceType: "AWS::IAM::AssumeRolePolicyDocument" },
  bucket: { policyType: "RESOURCE_POLICY", validatePolicyResourceType: "AWS::S3::Bucket" },
};

/** The sizes that AWS allows, in characters without white space; bucket policies are counted in bytes. */
const sizes: Record<PolicyKind, number> = { identity: 6144, trust: 2048, bucket: 20480 };

interface Ace {
  session: { setAnnotations: (a: object[]) => void };
  gotoLine: (line: number, column: number, animate?: boolean) => void;
  focus: () => void;
}

interface Props {
  value: string;
  onChange: (text: string) => void;
  kind: PolicyKind;
  label: string;
  limit?: number;
}

let loading: Promise<unknown> | undefined;

function useAce() {
  const [ace, setAce] = useState<unknown>();
  useEffect(() => {
    loading ??= import("./ace").then((m) => m.default);
    loading.then((a) => setAce(() => a));
  }, []);
  return ace;
}

const strings: CodeEditorProps.I18nStrings = {
  loadingState: "Loading the editor",
  errorState: "There was an error loading the editor.",
  errorStateRecovery: "Retry",
  editorGroupAriaLabel: "Policy editor",
  statusBarGroupAriaLabel: "Status bar",
  cursorPosition: (row, column) => `Ln ${row}, Col ${column}`,
  errorsTab: "Errors",
  warningsTab: "Warnings",
  preferencesButtonAriaLabel: "Preferences",
  paneCloseButtonAriaLabel: "Close",
  preferencesModalHeader: "Preferences",
  preferencesModalCancel: "Cancel",
  preferencesModalConfirm: "Confirm",
  preferencesModalWrapLines: "Wrap lines",
  preferencesModalTheme: "Theme",
  preferencesModalLightThemes: "Light themes",
  preferencesModalDarkThemes: "Dark themes",
};

export function PolicyEditor({ value, onChange, kind, label, limit = sizes[kind] }: Props) {
  const ace = useAce();
  const box = useRef<HTMLDivElement>(null);
  const [findings, setFindings] = useState<Finding[]>([]);
  const [error, setError] = useState<AWSError>();
  const [checking, setChecking] = useState(true);
  const [preferences, setPreferences] = useState<CodeEditorProps.Preferences>();

  useEffect(() => {
    let dropped = false;
    setChecking(true);
    const timer = setTimeout(async () => {
      try {
        const out = await call<{ findings: Finding[] }>("access-analyzer", "ValidatePolicy", { policyDocument: value, ...types[kind] });
        if (!dropped) setFindings(out.findings), setError(undefined);
      } catch (e) {
        if (!dropped && e instanceof AWSError) setError(e), setFindings([]);
      } finally {
        if (!dropped) setChecking(false);
      }
    }, 300);
    return () => {
      dropped = true;
      clearTimeout(timer);
    };
  }, [value, kind]);

  const editor = () => (box.current?.querySelector(".ace_editor") as (Element & { env?: { editor: Ace } }) | null)?.env?.editor;
  useEffect(() => {
    editor()?.session.setAnnotations(
      findings.map((f) => ({
        row: (f.locations[0]?.span.start.line ?? 1) - 1,
        column: f.locations[0]?.span.start.column ?? 0,
        text: f.findingDetails,
        type: f.findingType === "ERROR" ? "error" : f.findingType === "SUGGESTION" ? "info" : "warning",
      })),
    );
  }, [findings, ace]);

  const size = kind === "bucket" ? new TextEncoder().encode(value).length : value.replace(/[ \t\r\n]/g, "").length;
  const left = limit - size;
  const go = (p: Position) => {
    editor()?.gotoLine(p.line, p.column, true);
    editor()?.focus();
  };
  return (
    <SpaceBetween size="xs">
      <div ref={box} data-testid="policy-editor">
        <CodeEditor
          ace={ace}
          loading={!ace}
          language="json"
          value={value}
          onDelayedChange={({ detail }) => onChange(detail.value)}
          preferences={preferences}
          onPreferencesChange={({ detail }) => setPreferences(detail)}
          themes={{ light: ["cloud_editor"], dark: ["cloud_editor_dark"] }}
          i18nStrings={strings}
          ariaLabel={label}
          editorContentHeight={Math.min(560, Math.max(240, value.split("\n").length * 19 + 40))}
        />
      </div>
      <ColumnLayout columns={2}>
        <Button iconName="script" variant="inline-link" onClick={() => onChange(layOut(value))}>
          Format JSON
        </Button>
        <Box textAlign="right" color={left < 0 ? "text-status-error" : "text-body-secondary"} fontSize="body-s">
          {left < 0 ? `${-left} characters over the limit of ${limit}` : `${left} of ${limit} characters remaining`}
        </Box>
      </ColumnLayout>
      {error ? (
        <Alert type="info">
          {error.denied ? "You need permission for access-analyzer:ValidatePolicy to see findings on this policy. " : ""}
          {error.message}
        </Alert>
      ) : (
        <div data-testid="findings" data-checking={checking}>
          <Tabs
            ariaLabel="Findings"
            tabs={tabs.map(({ id, label }) => {
              const list = findings.filter((f) => f.findingType === id);
              return {
                id,
                label: (
                  <>
                    {label}: {list.length > 0 ? <Badge color={id === "ERROR" ? "red" : id === "SUGGESTION" ? "blue" : "severity-medium"}>{list.length}</Badge> : 0}
                  </>
                ),
                content: list.length ? (
                  <SpaceBetween size="s">
                    {list.map((f, i) => (
                      <div key={i}>
                        {f.locations.slice(0, 1).map(({ span: { start } }) => (
                          <Button key="at" variant="inline-link" onClick={() => go(start)}>
                            Ln {start.line}, Col {start.column + 1}
                          </Button>
                        ))}{" "}
                        <b>{title(f.issueCode)}:</b> {f.findingDetails}{" "}
                        <Link href={f.learnMoreLink} external fontSize="body-s">
                          Learn more
                        </Link>
                      </div>
                    ))}
                  </SpaceBetween>
                ) : (
                  <Box color="text-body-secondary">No findings of this type.</Box>
                ),
              };
            })}
          />
        </div>
      )}
    </SpaceBetween>
  );
}

/** "Missing version", of MISSING_VERSION, as the console heads its findings. */
function title(code: string): string {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** A policy to read. */
export const PolicyText = ({ text }: { text: string }) => <pre className="policy">{layOut(text)}</pre>;
