export const date = (iso?: string) =>
  iso ? new Date(iso).toLocaleString("en-US", { dateStyle: "long", timeStyle: "short" }) : "-";

export function ago(iso?: string): string {
  if (!iso) return "-";
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (seconds < 60) return "Now";
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]] as const) {
    const n = Math.floor(seconds / size);
    if (n > 0) return `${n} ${unit}${n > 1 ? "s" : ""} ago`;
  }
  return "Now";
}

export function bytes(n: number): string {
  if (n < 1024) return `${n.toFixed(1)} B`;
  for (const unit of ["KB", "MB", "GB"]) {
    n /= 1024;
    if (n < 1024) return `${n.toFixed(1)} ${unit}`;
  }
  return `${(n / 1024).toFixed(1)} TB`;
}

/** 1111-2222-3333, as the console shows account ids. */
export const accountId = (id: string) => id.replace(/^(\d{4})(\d{4})(\d{4})$/, "$1-$2-$3");

export const plural = (n: number, one: string, many = one + "s") => `${n} ${n === 1 ? one : many}`;

/** What was typed for an account: its id may have hyphens, as it is shown, and an alias has its own. */
export const typedAccount = (text: string) => text.trim().replace(/^(\d{4})-(\d{4})-(\d{4})$/, "$1$2$3");
