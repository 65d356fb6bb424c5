// Calls to the server: the console's own API, and any operation of AWS under /console/api/SERVICE/OPERATION.

/** An error as AWS answers it. */
export class AWSError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly requestId: string,
  ) {
    super(message);
  }
  /** Whether policies refused the request, so that there is an explanation. */
  get denied() {
    return this.status === 403 && this.requestId !== "";
  }
}

let csrf = "";
export const setToken = (token: string) => void (csrf = token);

/** Called when the session is over. */
let over = () => {};
export const onSessionOver = (f: () => void) => void (over = f);

async function send(method: string, path: string, body?: BodyInit, headers: Record<string, string> = {}) {
  const response = await fetch("/console/" + path, {
    method,
    body,
    headers: { "X-Xemu-Console": csrf || "none", ...headers },
    credentials: "same-origin",
  });
  if (response.ok) return response;
  const text = await response.text();
  let error = { code: "InternalFailure", message: text, requestId: "" };
  try {
    error = { ...error, ...JSON.parse(text).error };
  } catch {
    // not the server's own form: the text is all there is
  }
  if (error.code === "SessionOver") over();
  throw new AWSError(error.code, error.message, response.status, error.requestId);
}

export async function own<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  const response = await send(method, "api/" + path, body === undefined ? undefined : JSON.stringify(body));
  return response.json();
}

/** Performs an operation as the signed-in principal. */
export async function call<T = Record<string, never>>(service: string, operation: string, input: object = {}, region = ""): Promise<T> {
  const query = region ? "?region=" + encodeURIComponent(region) : "";
  const response = await send("POST", `api/${service}/${operation}${query}`, JSON.stringify(input));
  return response.json();
}

export const iam = <T = Record<string, never>>(operation: string, input: object = {}) => call<T>("iam", operation, input);
export const s3 = <T = Record<string, never>>(operation: string, input: object = {}, region = "") => call<T>("s3", operation, input, region);

/** All pages of a list of IAM. */
export async function iamAll<T>(operation: string, key: string, input: object = {}): Promise<T[]> {
  const all: T[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await iam<Record<string, unknown>>(operation, { ...input, Marker, MaxItems: 1000 });
    all.push(...((page[key] as T[]) ?? []));
    if (!page.IsTruncated) return all;
    Marker = page.Marker as string;
  }
}

/** What S3 answered to a presigned request, as an error if it is one. */
async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  const xml = new DOMParser().parseFromString(await response.text(), "application/xml");
  const field = (name: string) => xml.querySelector(name)?.textContent ?? "";
  throw new AWSError(field("Code") || "Error", field("Message") || response.statusText, response.status, field("RequestId"));
}

/** A URL with which the browser itself may do one thing to an object, signed with the session's credentials. */
async function presign(method: "GET" | "PUT", bucket: string, key: string, versionId = "") {
  return (await own<{ url: string }>("POST", "presign", { method, bucket, key, versionId })).url;
}

export async function upload(bucket: string, key: string, file: Blob) {
  const url = await presign("PUT", bucket, key);
  await answered(await fetch(url, { method: "PUT", body: file, headers: { "Content-Type": file.type || "binary/octet-stream" }, credentials: "omit" }));
}

/** Fetches an object and hands it to the browser as a download. */
export async function download(bucket: string, key: string, version?: string) {
  const response = await answered(await fetch(await presign("GET", bucket, key, version), { credentials: "omit" }));
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = key.split("/").pop() || key;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
