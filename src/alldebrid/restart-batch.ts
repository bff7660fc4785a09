import { AccountError, type RestartOutcome, type RestartResult } from "../core/ports.ts";
import type { Api } from "./client.ts";
import { ApiError, explainCode, isOwnRefusal } from "./errors.ts";
import { isConfirmation, type RestartEntry, readRestarts } from "./responses.ts";

const RESTART = "/v4/magnet/restart";
const SLOTS_FULL = "MAGNET_TOO_MANY_ACTIVE";
const NOT_READABLE = "its answers are not in a form AllDebrid documents";

/**
 * Restarts magnets in one request. When AllDebrid refuses the batch as one for a reason that may be one
 * magnet's, each is restarted by itself.
 */
export async function restartBatch(api: Api, ids: readonly string[]): Promise<RestartResult> {
  try {
    const form = new URLSearchParams(ids.map((id): [string, string] => ["ids[]", id]));
    const entries = readRestarts(await api.call({ path: RESTART, form }));
    const answer = answerOf(ids, entries ?? []);
    if (answer.outcomes.size > 0) return answer;
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    if (!mayBeOneMagnets(error)) return { ...endedBy(error), outcomes: unanswered(ids, error) };
  }
  return restartEach(api, ids);
}

async function restartEach(api: Api, ids: readonly string[]): Promise<RestartResult> {
  const outcomes = new Map<string, RestartOutcome>();
  const doubtful = new Map<string, ApiError>();
  let end: AccountError | undefined;
  for (const id of ids) {
    try {
      const answer = answerOf([id], await restartOne(api, id));
      for (const [key, outcome] of answer.outcomes) outcomes.set(key, outcome);
      if (!answer.slotsFull) continue;
      end = new ApiError(SLOTS_FULL);
      break;
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      if (mayBeOneMagnets(error)) {
        doubtful.set(id, error);
        continue;
      }
      end = error;
      break;
    }
  }
  // While others are restarted it is the magnet's own trouble; else it may be the service's.
  const works = [...outcomes.values()].some(({ kind }) => kind === "accepted");
  if (!works) end ??= doubtful.values().next().value;
  if (outcomes.size === 0) end ??= new AccountError(NOT_READABLE);
  for (const [id, error] of works ? doubtful : []) outcomes.set(id, refusal(error.code));
  if (!end) return { outcomes, slotsFull: false, accountRefused: false };
  return { ...endedBy(end), outcomes: new Map([...unanswered(ids, end), ...outcomes]) };
}

/** Restarts one magnet. An answer that can't be read leaves the magnet out. */
async function restartOne(api: Api, id: string): Promise<readonly RestartEntry[]> {
  try {
    const data = await api.call({ path: RESTART, form: new URLSearchParams({ id }) });
    return isConfirmation(data) ? [{ magnet: id, message: "" }] : (readRestarts(data) ?? []);
  } catch (error) {
    // Asked for one magnet, an error that is named for magnets is that magnet's.
    if (!(error instanceof ApiError && error.code.startsWith("MAGNET_") && isOwnRefusal(error.code))) {
      throw error;
    }
    return [{ magnet: id, error: { code: error.code } }];
  }
}

/** Whether an error of a whole request can be about one magnet in it. */
function mayBeOneMagnets(error: AccountError): error is ApiError {
  return error instanceof ApiError && isOwnRefusal(error.code);
}

function answerOf(ids: readonly string[], entries: readonly RestartEntry[]): RestartResult {
  const asked = new Set(ids);
  const outcomes = new Map<string, RestartOutcome>();
  for (const { magnet, error } of entries) {
    if (!asked.has(magnet) || outcomes.has(magnet)) continue;
    outcomes.set(magnet, error ? refusal(error.code, error.message) : { kind: "accepted" });
  }
  const slotsFull = entries.some(({ error }) => error?.code === SLOTS_FULL);
  return { outcomes, slotsFull, accountRefused: false };
}

function refusal(code: string, message?: string): RestartOutcome {
  return { kind: "refused", code, message: explainCode(code, message), own: isOwnRefusal(code) };
}

function unanswered(ids: readonly string[], { message }: AccountError): Map<string, RestartOutcome> {
  return new Map(ids.map((id) => [id, { kind: "unanswered", message }]));
}

/** A whole request failed. Full slots are a normal refusal, no failure of the request. */
function endedBy({ message, code }: AccountError): Omit<RestartResult, "outcomes"> {
  const slotsFull = code === SLOTS_FULL;
  if (slotsFull) return { slotsFull, accountRefused: false };
  return { failure: message, failureCode: code, slotsFull, accountRefused: true };
}
