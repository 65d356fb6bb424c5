// Event history: the requests of the account, newest first, each with its decision.
import { Badge, Box, Container, ContentLayout, Header, KeyValuePairs, Select, SpaceBetween, StatusIndicator } from "@cloudscape-design/components";
import { useState } from "react";
import { own } from "./api";
import { Decisions, type Event } from "./denied";
import { date } from "./format";
import { usePage } from "./layout";
import { useLoad } from "./load";
import { Resources } from "./table";

const shows = [
  { label: "All events", value: "all" },
  { label: "Write events", value: "write" },
  { label: "Denied and failed", value: "failed" },
];

const who = (e: Event) => e.userIdentity.userName || e.userIdentity.arn?.split("/").slice(1).join("/") || e.userIdentity.type;

export function EventHistory() {
  usePage(["CloudTrail", "/cloudtrail/events"], ["Event history", "/cloudtrail/events"]);
  const events = useLoad(() => own<Event[]>("GET", "events"), []);
  const [show, setShow] = useState(shows[0]);
  const [selected, setSelected] = useState<Event[]>([]);
  const list = events.value?.filter((e) => (show.value === "write" ? !e.readOnly : show.value === "failed" ? e.errorCode : true));
  const event = selected[0];
  return (
    <ContentLayout defaultPadding>
      <SpaceBetween size="l">
        <Resources
          title="Event history"
          description="The newest requests that principals of this account made, or that were made on its resources. Select one to see how it was decided."
          items={list}
          loading={events.loading}
          error={events.error}
          reload={events.reload}
          id={(e) => e.requestID}
          selected={selected}
          onSelect={setSelected}
          pageSize={15}
          filters={<Select ariaLabel="Which events" selectedOption={show} options={shows} onChange={({ detail }) => setShow(detail.selectedOption as (typeof shows)[0])} />}
          columns={[
            { id: "name", header: "Event name", cell: (e) => e.eventName, sortingField: "eventName", isRowHeader: true },
            { id: "time", header: "Event time", cell: (e) => date(e.eventTime), sortingField: "eventTime" },
            { id: "user", header: "User name", cell: who },
            { id: "source", header: "Event source", cell: (e) => e.eventSource, sortingField: "eventSource" },
            {
              id: "result",
              header: "Result",
              cell: (e) => (e.errorCode ? <StatusIndicator type={e.xemuDecisions?.some((d) => d.effect !== "allowed") ? "stopped" : "error"}>{e.errorCode}</StatusIndicator> : <StatusIndicator>Success</StatusIndicator>),
            },
          ]}
        />
        {event && (
          <Container header={<Header variant="h2" actions={<Badge>{event.readOnly ? "Read-only" : "Write"}</Badge>}>{event.eventName}</Header>}>
            <SpaceBetween size="l">
              <KeyValuePairs
                columns={3}
                items={[
                  { label: "Event time", value: date(event.eventTime) },
                  { label: "User", value: event.userIdentity.arn ?? event.userIdentity.type },
                  { label: "AWS access key", value: event.userIdentity.accessKeyId ?? "-" },
                  { label: "Source IP address", value: event.sourceIPAddress },
                  { label: "Request ID", value: event.requestID },
                  { label: "Region", value: event.awsRegion },
                  { label: "Error code", value: event.errorCode ?? "-" },
                  { label: "Error message", value: event.errorMessage ?? "-" },
                ]}
              />
              <div>
                <Box variant="h3">How it was decided</Box>
                <Decisions event={event} />
              </div>
              <div>
                <Box variant="h3">Event record</Box>
                <pre className="policy">{JSON.stringify({ ...event, xemuDecisions: undefined }, null, 2)}</pre>
              </div>
            </SpaceBetween>
          </Container>
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
