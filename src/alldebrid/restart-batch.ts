import { mayBeOneMagnets } from "../core/evidence.ts";
import { AccountError, type RestartOutcome, type RestartResult } from "../core/ports.ts";
import { apiError, explainCode, isChance } from "./errors.ts";
import { restartsData } from "./responses.ts";
import type { Send } from "./send.ts";

const SLOTS_FULL = "MAGNET_TOO_MANY_ACTIVE";

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
  const doubtful = new Map<string, string>();
  for (const id of ids) {
    if (end || outcomes.has(id)) continue;
    const error = await restart([id], new URLSearchParams({ id }));
    if (!isDoubtful(error)) end = error;
    // In the response for one magnet, an error that is named for magnets is that magnet's.
    else if (error.code.startsWith("MAGNET_")) outcomes.set(id, refusal(error.code));
    else doubtful.set(id, error.code);
  }
  // While others are restarted it is the magnet's own trouble; otherwise it may be the service's.
  const works = [...outcomes.values()].some(({ kind }) => kind === "accepted");
  for (const [id, code] of doubtful) {
    if (works) outcomes.set(id, refusal(code));
    else end ??= apiError(code);
  }
  if (outcomes.size === 0) end ??= new AccountError("its responses are not in a form AllDebrid documents");
  // Full slots are a normal refusal, of all that is not sent any more.
  const isFull = end?.code === SLOTS_FULL;
  const rest =
    end && (isFull ? refusal(SLOTS_FULL) : ({ kind: "unanswered", message: end.message } as const));
  for (const id of ids) if (rest && !outcomes.has(id)) outcomes.set(id, rest);
  return { outcomes, failure: isFull ? undefined : end };
}

/** Whether an error of a whole request can be about one magnet in it. */
function isDoubtful(error: AccountError | undefined): error is AccountError & { readonly code: string } {
  return error?.code !== undefined && mayBeOneMagnets(error.code);
}

function refusal(code: string, message?: string): RestartOutcome {
  return { kind: "refused", code, message: explainCode(code, message), chance: isChance(code) };
}
