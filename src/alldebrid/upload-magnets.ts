import { chunks } from "../core/concurrency.ts";
import { isAccountCode } from "../core/evidence.ts";
import { type ListName, normalizeHash } from "../core/magnet.ts";
import { AccountError, type MagnetList } from "../core/ports.ts";
import { ApiError, explainCode } from "./errors.ts";
import { readUploads, type UploadEntry } from "./responses.ts";
import type { Send } from "./restart-batch.ts";

/** What became of one magnet that was to be added. */
export type UploadOutcome =
  /** `ready`: it is complete already. `id` is not known where neither the response nor the lists show it. */
  | { readonly kind: "added"; readonly id: string | undefined; readonly ready: boolean }
  /** `message`: one line for the person. */
  | { readonly kind: "failed"; readonly message: string };

/** Magnets in one request; PHP reads at most 1,000 form fields. */
const BATCH = 100;

/**
 * Adds magnets by their hashes (lower-case hex) and checks that what came back is what was sent. A magnet that the
 * account still holds is not a failure: AllDebrid responds with its id, so a request may be repeated.
 */
export async function uploadMagnets(
  send: Send,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, UploadOutcome>> {
  const outcomes = new Map<string, UploadOutcome>();
  const queue = chunks([...new Set(hashes)], BATCH);
  for (let batch = queue.shift(); batch; batch = queue.shift()) {
    try {
      const form = new URLSearchParams(batch.map((hash): [string, string] => ["magnets[]", hash]));
      const entries = readUploads(await send(form));
      for (const hash of batch) outcomes.set(hash, outcomeOf(hash, entries));
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      const mayBeOneMagnets = error instanceof ApiError && !isAccountCode(error.code);
      if (mayBeOneMagnets && batch.length > 1) {
        // Each by itself.
        queue.unshift(...batch.map((hash) => [hash]));
        continue;
      }
      // Trouble of the account's or the network's is the other batches', too.
      if (!mayBeOneMagnets) batch.push(...queue.splice(0).flat());
      for (const hash of batch) outcomes.set(hash, failed(error.message));
    }
  }
  return outcomes;
}

/** Where a magnet may be that was just added, or that the account still held. */
const LISTS: readonly ListName[] = ["active", "ready", "error", "expired"];

/**
 * Looks up the ids of magnets that AllDebrid has taken without saying them, as it does with those that it still held.
 * What the lists don't show keeps none.
 */
export async function findIds(
  list: (name: ListName) => Promise<MagnetList>,
  outcomes: ReadonlyMap<string, UploadOutcome>,
): Promise<ReadonlyMap<string, UploadOutcome>> {
  const found = new Map(outcomes);
  const isMissing = (each: UploadOutcome | undefined) => each?.kind === "added" && each.id === undefined;
  for (const name of LISTS) {
    if (![...found.values()].some(isMissing)) break;
    try {
      for (const { hash: raw = "", id } of (await list(name)).magnets) {
        const hash = normalizeHash(raw) ?? "";
        const outcome = found.get(hash);
        if (outcome?.kind !== "added" || !isMissing(outcome)) continue;
        found.set(hash, { ...outcome, id, ready: outcome.ready || name === "ready" });
      }
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
    }
  }
  return found;
}

function outcomeOf(hash: string, entries: readonly UploadEntry[] | undefined): UploadOutcome {
  if (!entries) return failed("the response is not in a form AllDebrid documents");
  const echo = entries.find((each) => normalizeHash(each.magnet) === hash);
  const entry = echo ?? entries.find((each) => each.hash === hash);
  if (!entry) return failed("it is missing from the response");
  if (entry.error) return failed(explainCode(entry.error.code, entry.error.message));
  if (entry.hash !== undefined && entry.hash !== hash) {
    return failed("AllDebrid added another hash in its place");
  }
  if (entry.id === undefined && entry.hash === undefined) {
    return failed("the response does not say what became of it");
  }
  return { kind: "added", id: entry.id, ready: entry.ready ?? false };
}

function failed(message: string): UploadOutcome {
  return { kind: "failed", message };
}
