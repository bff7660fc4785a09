import { mayBeOneMagnets } from "../core/evidence.ts";
import { AccountError, type RestartOutcome, type RestartResult } from "../core/ports.ts";
import { ApiError, explainCode, isChance } from "./errors.ts";
import { isConfirmation, type RestartEntry, readRestarts } from "./responses.ts";

/** Sends one request and returns the `data` of the response. */
export type Send = (form: URLSearchParams) => Promise<unknown>;

const SLOTS_FULL = "MAGNET_TOO_MANY_ACTIVE";

/**
 * Restarts magnets in one request. What its response says nothing of is restarted by itself, and so is each magnet
 * when AllDebrid refuses the whole batch for a reason that may be one magnet's.
 */
export async function restartBatch(send: Send, ids: readonly string[]): Promise<RestartResult> {
  try {
    const form = new URLSearchParams(ids.map((id): [string, string] => ["ids[]", id]));
    const result = resultOf(ids, entriesIn(await send(form), ids));
    // A response without an outcome for each id speaks only of the others.
    const missing = ids.filter((id) => !result.outcomes.has(id));
    if (missing.length === 0 || result.slotsFull) return result;
    if (missing.length < ids.length) {
      const rest = await restartEach(send, missing);
      return { ...rest, outcomes: new Map([...result.outcomes, ...rest.outcomes]) };
    }
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    if (!isDoubtful(error)) return endedBy(error, ids);
  }
  return restartEach(send, ids);
}

async function restartEach(send: Send, ids: readonly string[]): Promise<RestartResult> {
  const outcomes = new Map<string, RestartOutcome>();
  const doubtful = new Map<string, ApiError>();
  let end: AccountError | undefined;
  for (const id of ids) {
    try {
      const result = resultOf([id], entriesIn(await send(new URLSearchParams({ id })), [id]));
      for (const [key, outcome] of result.outcomes) outcomes.set(key, outcome);
      if (result.slotsFull) end = new ApiError(SLOTS_FULL);
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      if (!isDoubtful(error)) end = error;
      // In the response for one magnet, an error that is named for magnets is that magnet's.
      else if (error.code.startsWith("MAGNET_")) outcomes.set(id, refusal(error.code));
      else doubtful.set(id, error);
    }
    if (end) break;
  }
  // While others are restarted it is the magnet's own trouble; otherwise it may be the service's.
  const works = [...outcomes.values()].some(({ kind }) => kind === "accepted");
  if (!works) end ??= doubtful.values().next().value;
  if (outcomes.size === 0) end ??= new AccountError("its responses are not in a form AllDebrid documents");
  for (const [id, error] of works ? doubtful : []) outcomes.set(id, refusal(error.code));
  return end ? endedBy(end, ids, outcomes) : { outcomes, slotsFull: false };
}

/** A message alone speaks of the one magnet that was asked for. */
function entriesIn(data: unknown, ids: readonly string[]): RestartEntry[] {
  const [id] = ids;
  if (id !== undefined && ids.length === 1 && isConfirmation(data)) return [{ magnet: id, message: "" }];
  return readRestarts(data) ?? [];
}

/** Whether an error of a whole request can be about one magnet in it. */
function isDoubtful(error: AccountError): error is ApiError {
  return error instanceof ApiError && mayBeOneMagnets(error.code);
}

function resultOf(ids: readonly string[], entries: readonly RestartEntry[]): RestartResult {
  const outcomes = new Map<string, RestartOutcome>();
  for (const { magnet, error } of entries) {
    if (!ids.includes(magnet) || outcomes.has(magnet)) continue;
    outcomes.set(magnet, error ? refusal(error.code, error.message) : { kind: "accepted" });
  }
  const slotsFull = entries.some(({ error }) => error?.code === SLOTS_FULL);
  return { outcomes, slotsFull };
}

function refusal(code: string, message?: string): RestartOutcome {
  return { kind: "refused", code, message: explainCode(code, message), chance: isChance(code) };
}

/** A whole request failed, which leaves the other magnets without an outcome. Full slots are a normal refusal. */
function endedBy(
  { message, code }: AccountError,
  ids: readonly string[],
  known: ReadonlyMap<string, RestartOutcome> = new Map(),
): RestartResult {
  const outcomes = new Map(
    ids.map((id): [string, RestartOutcome] => [id, known.get(id) ?? { kind: "unanswered", message }]),
  );
  if (code === SLOTS_FULL) return { outcomes, slotsFull: true };
  return { outcomes, failure: message, failureCode: code, slotsFull: false };
}
