import { chunks } from "../core/concurrency.ts";
import { normalizeHash } from "../core/magnet.ts";
import { AccountError } from "../core/ports.ts";
import { ApiError, explainCode, isAccountCode } from "./errors.ts";
import { readUploads, type UploadEntry } from "./responses.ts";

/** What became of one magnet that was to be added. */
export type UploadOutcome =
  /** `ready`: it is complete already. */
  | { readonly kind: "added"; readonly id: string; readonly ready: boolean }
  /** `message`: one line for the person. */
  | { readonly kind: "failed"; readonly message: string };

/** Sends one request to add magnets and returns the `data` of the response. */
type Send = (form: URLSearchParams) => Promise<unknown>;

/** Magnets in one request; PHP reads at most 1,000 form fields. */
const BATCH = 100;

/**
 * Adds magnets by their hashes (lower-case hex) and checks that what came back is what was sent. A magnet that the
 * account still holds is not a failure: AllDebrid responds with its id, so a request may be repeated. Never throws
 * for what AllDebrid or the network did.
 */
export async function uploadMagnets(
  send: Send,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, UploadOutcome>> {
  const outcomes = new Map<string, UploadOutcome>();
  let end: AccountError | undefined;
  for (const batch of chunks([...new Set(hashes)], BATCH)) {
    end ??= await uploadBatch(send, batch, outcomes);
    // Trouble of the account's or the network's is the other batches', too.
    for (const hash of end ? batch : []) outcomes.set(hash, failed(end?.message ?? ""));
  }
  return outcomes;
}

/** Adds one batch; what it returns failed it as a whole. */
async function uploadBatch(
  send: Send,
  batch: readonly string[],
  outcomes: Map<string, UploadOutcome>,
): Promise<AccountError | undefined> {
  try {
    const form = new URLSearchParams(batch.map((hash): [string, string] => ["magnets[]", hash]));
    const entries = readUploads(await send(form));
    for (const hash of batch) outcomes.set(hash, outcomeOf(hash, entries));
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    if (!(error instanceof ApiError) || isAccountCode(error.code)) return error;
    const [only = "", ...others] = batch;
    if (others.length === 0) {
      outcomes.set(only, failed(error.message));
      return undefined;
    }
    // One magnet's trouble may have failed them all: each by itself.
    for (const hash of batch) {
      const end = await uploadBatch(send, [hash], outcomes);
      if (end) return end;
    }
  }
  return undefined;
}

function outcomeOf(hash: string, entries: readonly UploadEntry[] | undefined): UploadOutcome {
  if (!entries) return failed("the response is not in a form AllDebrid documents");
  const echo = entries.find((each) => normalizeHash(each.magnet ?? "") === hash);
  const entry = echo ?? entries.find((each) => each.hash === hash);
  if (!entry) return failed("it is missing from the response");
  if (entry.error) return failed(explainCode(entry.error.code, entry.error.message));
  if (entry.hash !== undefined && entry.hash !== hash) {
    return failed("AllDebrid added another hash in its place");
  }
  if (entry.id === undefined) return failed("the response does not say what became of it");
  return { kind: "added", id: entry.id, ready: entry.ready ?? false };
}

function failed(message: string): UploadOutcome {
  return { kind: "failed", message };
}
