// The tables of resources that most pages consist of.
import { useCollection } from "@cloudscape-design/collection-hooks";
import { Box, Button, Header, Pagination, SpaceBetween, Table, TextFilter, type TableProps } from "@cloudscape-design/components";
import { type ReactNode } from "react";
import { type AWSError } from "./api";
import { Failure } from "./denied";
import { plural } from "./format";

interface Props<T> {
  title: string;
  description?: ReactNode;
  items: T[] | undefined;
  loading?: boolean;
  error?: AWSError;
  columns: TableProps.ColumnDefinition<T>[];
  id: (item: T) => string;
  selected?: T[];
  onSelect?: (items: T[]) => void;
  multi?: boolean;
  actions?: ReactNode;
  reload?: () => void;
  empty?: ReactNode;
  variant?: TableProps.Variant;
  filterText?: string;
  filters?: ReactNode;
  pageSize?: number;
}

export function Resources<T>(p: Props<T>) {
  const { items, filterProps, paginationProps, collectionProps, filteredItemsCount } = useCollection(p.items ?? [], {
    filtering: {
      empty: p.error ? <Failure error={p.error} /> : <Box color="inherit" padding="s">{p.empty ?? "No resources to display."}</Box>,
      noMatch: <Box color="inherit" padding="s">No matches.</Box>,
    },
    pagination: { pageSize: p.pageSize ?? 20 },
    sorting: {},
    selection: {},
  });
  const selected = p.selected ?? [];
  const count = p.items === undefined ? undefined : selected.length ? `(${selected.length}/${p.items.length})` : `(${p.items.length})`;
  return (
    <Table
      {...collectionProps}
      items={items}
      variant={p.variant ?? "container"}
      loading={p.loading && !p.items}
      loadingText="Loading"
      columnDefinitions={p.columns}
      trackBy={p.id}
      selectionType={p.onSelect ? (p.multi ? "multi" : "single") : undefined}
      selectedItems={selected}
      onSelectionChange={({ detail }) => p.onSelect?.(detail.selectedItems)}
      ariaLabels={{
        selectionGroupLabel: "Items selection",
        allItemsSelectionLabel: () => "select all",
        itemSelectionLabel: (_, item) => "select " + p.id(item),
        tableLabel: p.title,
      }}
      wrapLines
      header={
        <Header
          variant={p.variant === "full-page" ? "awsui-h1-sticky" : "h2"}
          counter={count}
          description={p.description}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {p.reload && <Button iconName="refresh" ariaLabel="Refresh" onClick={p.reload} loading={p.loading} />}
              {p.actions}
            </SpaceBetween>
          }
        >
          {p.title}
        </Header>
      }
      filter={
        (p.items?.length ?? 0) > 0 || (p.filters && p.items) ? (
          <div className="filters">
            <TextFilter {...filterProps} filteringPlaceholder={p.filterText ?? "Search"} countText={plural(filteredItemsCount ?? 0, "match", "matches")} />
            {p.filters}
          </div>
        ) : undefined
      }
      pagination={(p.items?.length ?? 0) > (p.pageSize ?? 20) ? <Pagination {...paginationProps} /> : undefined}
    />
  );
}
