import { chunks } from "../core/concurrency.ts";
import { mayBeOneMagnets } from "../core/evidence.ts";
import { type ListName, normalizeHash } from "../core/magnet.ts";
import { type AccountClient, AccountError } from "../core/ports.ts";
import { explainCode } from "./errors.ts";
import { type UploadEntry, uploadsData } from "./responses.ts";
import type { Send } from "./send.ts";

/** What became of one magnet that was to be added. */
export type UploadOutcome =
  /** `ready`: it is complete already. `id` is not known where neither the response nor the lists show it. */
  | { readonly kind: "added"; readonly id: string | undefined; readonly ready: boolean }
  /** `message`: one line for the person. */
  | { readonly kind: "failed"; readonly message: string };

/** Magnets in one request; PHP reads at most 1,000 form fields. */
const BATCH = 100;

/** Where a magnet may be that was just added, or that the account still held. */
const LISTS: readonly ListName[] = ["active", "ready", "error", "expired"];

/**
 * Adds magnets by their hashes (lower-case hex) and checks that what came back is what was sent. A magnet that the
 * account still holds is not a failure: AllDebrid responds with its id, so a request may be repeated. Where it responds
 * without, the lists are looked through.
 */
export async function uploadMagnets(send: Send, list: AccountClient["list"], hashes: readonly string[]) {
  const outcomes = new Map<string, UploadOutcome>();
  const batches = chunks([...new Set(hashes)], BATCH);
  for (const batch of batches) {
    try {
      const form = new URLSearchParams(batch.map((hash): [string, string] => ["magnets[]", hash]));
      const entries = await send("magnet/upload", uploadsData, form);
      for (const hash of batch) outcomes.set(hash, outcomeOf(hash, entries));
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      // What may be one magnet's trouble: each by itself, after the other batches.
      const isDoubtful = batch.length > 1 && error.code !== undefined && mayBeOneMagnets(error.code);
      if (isDoubtful) batches.push(...batch.map((hash) => [hash]));
      else for (const hash of batch) outcomes.set(hash, failed(error.message));
    }
  }
  const isMissing = (each: UploadOutcome | undefined) => each?.kind === "added" && each.id === undefined;
  for (const name of LISTS) {
    if (![...outcomes.values()].some(isMissing)) break;
    const magnets = await list(name).catch((error: unknown) => {
      if (error instanceof AccountError) return [];
      throw error;
    });
    for (const { hash: raw, id } of magnets) {
      const hash = normalizeHash(raw) ?? "";
      const outcome = outcomes.get(hash);
      if (outcome?.kind !== "added" || outcome.id !== undefined) continue;
      outcomes.set(hash, { ...outcome, id, ready: outcome.ready || name === "ready" });
    }
  }
  return outcomes;
}

function outcomeOf(hash: string, entries: readonly UploadEntry[]): UploadOutcome {
  const echo = entries.find((each) => normalizeHash(each.magnet) === hash);
  const entry = echo ?? entries.find((each) => each.hash === hash);
  if (!entry) return failed("it is missing from the response");
  const { id, error, ready = false } = entry;
  if (error) return failed(explainCode(error.code, error.message));
  if (entry.hash !== undefined && entry.hash !== hash)
    return failed("AllDebrid added another hash in its place");
  if (id === undefined && entry.hash === undefined) {
    return failed("the response does not say what became of it");
  }
  return { kind: "added", id, ready };
}

function failed(message: string): UploadOutcome {
  return { kind: "failed", message };
}
