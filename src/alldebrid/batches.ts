import { chunks } from "../core/concurrency.ts";
import { mayBeOneMagnets, SLOTS_FULL } from "../core/evidence.ts";
import { type ListName, normalizeHash } from "../core/magnet.ts";
import { type AccountClient, AccountError, type RestartOutcome, type RestartResult } from "../core/ports.ts";
import { apiError, explainCode, isChance } from "./errors.ts";
import { restartsData, type UploadEntry, uploadsData } from "./responses.ts";
import type { Send } from "./send.ts";

type CodedError = AccountError & { readonly code: string };

/** Whether an error of a whole request can be about one magnet in it. */
function isDoubtful(error: AccountError | undefined): error is CodedError {
  return error?.code !== undefined && mayBeOneMagnets(error.code);
}

/**
 * Restarts magnets in one request. What its response says nothing of is restarted by itself, and so is each magnet
 * when AllDebrid refuses the whole batch for a reason that may be one magnet's.
 */
export async function restartBatch(send: Send, ids: readonly string[]): Promise<RestartResult> {
  const outcomes = new Map<string, RestartOutcome>();
  /** Sends one request, notes its outcomes, and returns the error of the whole, if any. */
  const restart = async (asked: readonly string[], form: URLSearchParams) => {
    try {
      const data = await send("magnet/restart", restartsData, form);
      // A message alone speaks of the one magnet that was asked for.
      const ofOne = asked.length === 1 ? asked.map((magnet) => ({ magnet, error: undefined })) : [];
      const entries = data === "done" ? ofOne : data;
      for (const { magnet, error } of entries) {
        if (!asked.includes(magnet) || outcomes.has(magnet)) continue;
        outcomes.set(magnet, error ? refusal(error.code, error.message) : { kind: "accepted" });
      }
      return entries.some(({ error }) => error?.code === SLOTS_FULL) ? apiError(SLOTS_FULL) : undefined;
    } catch (error) {
      if (error instanceof AccountError) return error;
      throw error;
    }
  };

  let end = await restart(ids, new URLSearchParams(ids.map((id): [string, string] => ["ids[]", id])));
  if (isDoubtful(end)) end = undefined;
  const answered = outcomes.size;
  const doubtful = new Map<string, CodedError>();
  for (const id of ids) {
    if (end || outcomes.has(id)) continue;
    const error = await restart([id], new URLSearchParams({ id }));
    if (!isDoubtful(error)) end = error;
    // In the response for one magnet, an error that is named for magnets is that magnet's.
    else if (error.code.startsWith("MAGNET_")) outcomes.set(id, refusal(error.code));
    else doubtful.set(id, error);
  }
  // While others are restarted it is the magnet's own trouble; otherwise it may be the service's.
  const works = [...outcomes.values()].some(({ kind }) => kind === "accepted");
  for (const [id, error] of doubtful) {
    if (works) outcomes.set(id, refusal(error.code));
    else end ??= error;
  }
  if (answered < ids.length && outcomes.size === answered) {
    end ??= new AccountError("its responses are not in a form AllDebrid documents");
  }
  // Full slots are a normal refusal, of all that is not sent any more.
  const isFull = end?.code === SLOTS_FULL;
  const rest =
    end && (isFull ? refusal(SLOTS_FULL) : ({ kind: "unanswered", message: end.message } as const));
  for (const id of ids) if (rest && !outcomes.has(id)) outcomes.set(id, rest);
  return { outcomes, failure: isFull ? undefined : end };
}

function refusal(code: string, message?: string): RestartOutcome {
  return { kind: "refused", code, message: explainCode(code, message), chance: isChance(code) };
}

/** What became of one magnet that was to be added. */
type UploadOutcome =
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
      // Each by itself, after the other batches.
      if (batch.length > 1 && isDoubtful(error)) {
        batches.push(...batch.map((hash) => [hash]));
        continue;
      }
      // Trouble of the account's or the network's is the other batches', too.
      const concerned = isDoubtful(error) ? batch : batches.splice(batches.indexOf(batch)).flat();
      for (const hash of concerned) outcomes.set(hash, failed(error.message));
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
