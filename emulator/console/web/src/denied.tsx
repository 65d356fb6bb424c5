// "Why was it denied": the explanation of a request, near misses first, with the smallest change that would allow it.
import { Alert, Box, Button, ExpandableSection, Header, Modal, SpaceBetween, Spinner, StatusIndicator } from "@cloudscape-design/components";
import { useEffect, useState } from "react";
import { AWSError, own } from "./api";

export interface Statement {
  sid?: string;
  index: number;
  effect: string;
  matched: boolean;
  element?: string;
  inPolicy?: string;
  inRequest?: string;
  why?: string;
  near?: boolean;
}
export interface PolicyVerdict {
  kind: string;
  name?: string;
  arn?: string;
  account?: string;
  to?: string;
  statements: Statement[] | null;
}
export interface Step {
  kind: string;
  outcome: string;
  reason?: string;
  policies: PolicyVerdict[] | null;
}
export interface Trace {
  summary: string;
  hints?: string[];
  by?: string;
  steps: Step[];
  changes?: { what: string; json?: string; policy?: string; to?: string }[];
}
export interface Decision {
  action: string;
  resource: string;
  effect: string;
  by?: string;
  text?: string;
  trace?: Trace;
}
export interface Event {
  eventTime: string;
  eventName: string;
  eventSource: string;
  eventType: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  errorCode?: string;
  errorMessage?: string;
  requestID: string;
  readOnly: boolean;
  userIdentity: { type: string; arn?: string; userName?: string; accountId?: string; accessKeyId?: string };
  requestParameters: unknown;
  xemuDecisions?: Decision[];
}

const outcomes: Record<string, { type: "success" | "error" | "stopped"; text: string }> = {
  allowed: { type: "success", text: "allows" },
  explicitDeny: { type: "error", text: "denies explicitly" },
  implicitDeny: { type: "stopped", text: "does not allow" },
};

function StepView({ step }: { step: Step }) {
  const outcome = outcomes[step.outcome] ?? outcomes.implicitDeny;
  const statements = (step.policies ?? []).flatMap((policy) => (policy.statements ?? []).map((statement) => ({ policy, statement })));
  const shown = statements.filter(({ statement: s }) => s.matched || (s.near && step.outcome === "implicitDeny"));
  const rest = statements.length - shown.length;
  return (
    <div>
      <StatusIndicator type={outcome.type}>
        <b>{step.kind}</b> {outcome.text}
      </StatusIndicator>
      <Box margin={{ left: "l" }} color="text-body-secondary">
        {step.reason && <div>{step.reason}</div>}
        {shown.map(({ policy, statement: s }, i) => (
          <div key={i}>
            Statement {s.sid ? `"${s.sid}"` : s.index + 1} of {policy.arn || policy.name}
            {policy.to && `, of ${policy.to}`}
            {s.matched ? (
              `: ${s.effect === "Deny" ? "denies" : "allows"} this request. `
            ) : (
              <>
                : its {s.element} does not match. In the policy <Box variant="code">{s.inPolicy}</Box>, in the request{" "}
                <Box variant="code">{s.inRequest}</Box>.{" "}
              </>
            )}
            {s.why}
          </div>
        ))}
        {rest > 0 && <div>{rest === 1 ? "1 statement does" : `${rest} statements do`} not apply to this request.</div>}
      </Box>
    </div>
  );
}

export function DecisionView({ decision }: { decision: Decision }) {
  const { trace } = decision;
  if (!trace)
    return (
      <Box>
        {decision.action} on {decision.resource}: {decision.effect} {decision.by && `by ${decision.by}`}
      </Box>
    );
  const refused = decision.effect !== "allowed";
  // What refuses without being a policy, such as Block Public Access, or a role that does not exist, says so itself.
  const veto = decision.by && decision.by !== trace.by ? decision.by : "";
  return (
    <SpaceBetween size="m">
      <div>
        <Box variant="awsui-key-label">{decision.action}</Box>
        <Box variant="code">{decision.resource}</Box>
      </div>
      <StatusIndicator type={refused ? "error" : "success"}>{veto || trace.summary}</StatusIndicator>
      {!veto && trace.hints && trace.hints.length > 0 && (
        <Alert type="warning" header="What nearly matched">
          <SpaceBetween size="xs">
            {trace.hints.map((hint, i) => (
              <div key={i}>{hint}</div>
            ))}
          </SpaceBetween>
        </Alert>
      )}
      {trace.changes && trace.changes.length > 0 && (
        <Alert type="info" header="The smallest change that would allow it">
          <SpaceBetween size="s">
            {trace.changes.map((change, i) => (
              <div key={i}>
                {change.what}
                {change.json && <pre className="policy">{change.json}</pre>}
              </div>
            ))}
          </SpaceBetween>
        </Alert>
      )}
      <ExpandableSection headerText="Every policy that was evaluated" defaultExpanded={!veto && (!refused || !trace.hints?.length)}>
        <SpaceBetween size="s">
          {trace.steps.map((step, i) => (
            <StepView key={i} step={step} />
          ))}
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}

/** The decisions of a request, those that refused it first. */
export function Decisions({ event }: { event: Event }) {
  const decisions = [...(event.xemuDecisions ?? [])].sort((a, b) => Number(a.effect === "allowed") - Number(b.effect === "allowed"));
  if (!decisions.length) return <Box color="text-body-secondary">No policy was evaluated for this request.</Box>;
  const allowed = decisions.every((d) => d.effect === "allowed");
  return (
    <SpaceBetween size="l">
      {allowed && event.errorCode && (
        <Alert type="error" header="The policies allow it; something else refused it">
          {event.errorMessage || event.errorCode}
        </Alert>
      )}
      {decisions.map((d, i) => (
        <DecisionView key={i} decision={d} />
      ))}
    </SpaceBetween>
  );
}

/** A button that opens the explanation of a denied request. */
export function WhyDenied({ requestId }: { requestId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Why was it denied?</Button>
      {open && <Explanation requestId={requestId} close={() => setOpen(false)} />}
    </>
  );
}

function Explanation({ requestId, close }: { requestId: string; close: () => void }) {
  const [event, setEvent] = useState<Event>();
  const [error, setError] = useState<AWSError>();
  useEffect(() => {
    own<Event>("GET", "events/" + requestId).then(setEvent, setError);
  }, [requestId]);
  return (
    <Modal visible size="large" onDismiss={close} header={<Header variant="h2">Why was it denied?</Header>} footer={<Box float="right"><Button variant="primary" onClick={close}>Close</Button></Box>}>
      {event ? <Decisions event={event} /> : error ? <Alert type="error">{error.message}</Alert> : <Spinner />}
    </Modal>
  );
}

/** An error that keeps a page or a part of it from being shown. */
export function Failure({ error, what }: { error: AWSError; what?: string }) {
  return (
    <Alert
      type="error"
      header={error.denied ? "Access denied" : (what ?? error.code)}
      action={error.denied ? <WhyDenied requestId={error.requestId} /> : undefined}
    >
      {error.denied && what && <div>{what}</div>}
      <div>{error.message}</div>
      {error.requestId && <Box fontSize="body-s" color="text-body-secondary">{error.code}, request ID {error.requestId}</Box>}
    </Alert>
  );
}
