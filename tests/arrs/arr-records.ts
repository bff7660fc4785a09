import { onTestFinished } from "vitest";
import { type ArrOptions, type ArrSandbox, startArr } from "../../examples/sandbox/arr.ts";
import { type ArrClient, createArrClient } from "../../src/arrs/client.ts";
import type { ArrTask } from "../../src/core/records.ts";

/** The info hash of the download that `n` names. */
export const hashOf = (n: number): string => n.toString(16).padStart(2, "a").padEnd(40, "bc");

/** A fake that ends with the test. */
export async function openArr(options?: ArrOptions): Promise<ArrSandbox> {
  const arr = await startArr(options);
  onTestFinished(() => arr.close());
  return arr;
}

/** A client of a fake, or of another address. */
export function clientOf(
  arr: Pick<ArrSandbox, "url" | "key">,
  name = "sonarr",
  signal: AbortSignal = new AbortController().signal,
  stopping: AbortSignal = new AbortController().signal,
): ArrClient {
  return createArrClient({ name, url: arr.url, key: arr.key }, { signal, stopping });
}

/** What one server is to be told of download `n`. */
export function taskOf(n: number, server = "sonarr", deleted_at = new Date().toISOString()): ArrTask {
  const deletion = `deletion-${n}`;
  const key = `${deletion} ${server}`;
  return {
    key,
    deletion,
    server,
    id: String(n),
    hash: hashOf(n),
    filename: `Film ${n}.mkv`,
    account: "main",
    deleted_at,
  };
}
