import { chunks } from "../core/concurrency.ts";
import { normalizeHash } from "../core/magnet.ts";
import { AccountError } from "../core/ports.ts";
import type { Api } from "./client.ts";
import { ApiError, explainCode, isAccountCode } from "./errors.ts";
import { readUploads, type UploadEntry } from "./responses.ts";

/** What became of one magnet that was to be added. */
export type UploadOutcome =
  /** `ready`: it is complete already. */
  | { readonly kind: "added"; readonly id: string; readonly ready: boolean }
  /** `message`: one line for the person. */
  | { readonly kind: "failed"; readonly message: string };

const UPLOAD = "/v4/magnet/upload";
/** Magnets in one request; PHP reads at most 1,000 form fields. */
const BATCH = 100;

/**
 * Adds magnets by their hashes (small hex digits) and checks that what came back is what was asked for. One that is
 * still held is no failure: AllDebrid answers with its id, so a request may be repeated. Never throws for what
 * AllDebrid or the network did.
 */
export async function uploadMagnets(
  api: Api,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, UploadOutcome>> {
  const outcomes = new Map<string, UploadOutcome>();
  let end: AccountError | undefined;
  for (const batch of chunks([...new Set(hashes)], BATCH)) {
    const error = end ?? (await uploadBatch(api, batch, outcomes));
    if (error === undefined) continue;
    for (const hash of batch) outcomes.set(hash, { kind: "failed", message: error.message });
    // What is the account's or the network's trouble is the other batches', too.
    end = error;
  }
  return outcomes;
}

/** Adds one batch; what it returns failed it as a whole. */
async function uploadBatch(
  api: Api,
  batch: readonly string[],
  outcomes: Map<string, UploadOutcome>,
): Promise<AccountError | undefined> {
  try {
    const form = new URLSearchParams(batch.map((hash): [string, string] => ["magnets[]", hash]));
    const entries = readUploads(await api.call({ path: UPLOAD, form }));
    for (const hash of batch) outcomes.set(hash, outcomeOf(hash, entries));
    return undefined;
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    if (!(error instanceof ApiError) || isAccountCode(error.code)) return error;
    const [only, ...others] = batch;
    if (others.length === 0) {
      if (only !== undefined) outcomes.set(only, { kind: "failed", message: error.message });
      return undefined;
    }
    // One magnet's trouble may have failed them all: each by itself.
    for (const hash of batch) {
      const end = await uploadBatch(api, [hash], outcomes);
      if (end) return end;
    }
    return undefined;
  }
}

function outcomeOf(hash: string, entries: readonly UploadEntry[] | undefined): UploadOutcome {
  const failed = (message: string): UploadOutcome => ({ kind: "failed", message });
  if (!entries) return failed("the answer is not in a form AllDebrid documents");
  const echo = entries.find((each) => normalizeHash(each.magnet ?? "") === hash);
  const entry = echo ?? entries.find((each) => each.hash === hash);
  if (!entry) return failed("the answer leaves it out");
  if (entry.error) return failed(explainCode(entry.error.code, entry.error.message));
  if (entry.hash !== undefined && entry.hash !== hash)
    return failed("AllDebrid added another hash in its place");
  if (entry.id === undefined) return failed("the answer does not say what became of it");
  return { kind: "added", id: entry.id, ready: entry.ready ?? false };
}
