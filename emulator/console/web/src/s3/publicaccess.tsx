import { Box, Checkbox, SpaceBetween } from "@cloudscape-design/components";

export const blocks = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] as const;
export type Block = Record<(typeof blocks)[number], boolean>;
export const blockAll: Block = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

const labels: Block extends Record<infer K, boolean> ? Record<K & string, string> : never = {
  BlockPublicAcls: "Block public access to buckets and objects granted through new access control lists (ACLs)",
  IgnorePublicAcls: "Block public access to buckets and objects granted through any access control lists (ACLs)",
  BlockPublicPolicy: "Block public access to buckets and objects granted through new public bucket or access point policies",
  RestrictPublicBuckets: "Block public and cross-account access to buckets and objects through any public bucket or access point policies",
};

export function BlockSettings({ value, onChange }: { value: Block; onChange: (b: Block) => void }) {
  const all = blocks.every((b) => value[b]);
  return (
    <SpaceBetween size="s">
      <Checkbox
        checked={all}
        onChange={({ detail }) => onChange(Object.fromEntries(blocks.map((b) => [b, detail.checked])) as Block)}
        description="Turning this setting on is the same as turning on all four settings below."
      >
        Block <i>all</i> public access
      </Checkbox>
      <Box margin={{ left: "l" }}>
        <SpaceBetween size="xs">
          {blocks.map((b) => (
            <Checkbox key={b} checked={value[b]} onChange={({ detail }) => onChange({ ...value, [b]: detail.checked })}>
              {labels[b]}
            </Checkbox>
          ))}
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}
