import { AccountError } from "../core/account-error.ts";
import type { RestartAnswer, RestartOutcome } from "../core/ports.ts";
import { isConfirmation, type RestartEntry, readRestarts } from "./answers.ts";
import type { Api } from "./api.ts";
import { explainCode, isAccountCode, isOwnRefusal } from "./error-codes.ts";
import { ApiError } from "./errors.ts";

const RESTART = "/v4/magnet/restart";
const SLOTS_FULL = "MAGNET_TOO_MANY_ACTIVE";

/**
 * Restarts magnets in one request. When AllDebrid refuses the batch as one for a reason that may be one
 * magnet's, each is restarted by itself.
 */
export async function restartBatch(api: Api, ids: readonly string[]): Promise<RestartAnswer> {
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return restartOne(api, only);
  try {
    const data = await api.call({
      path: RESTART,
      form: new URLSearchParams(ids.map((id): [string, string] => ["ids[]", id])),
    });
    const entries = readRestarts(data);
    return entries ? answerOf(ids, entries) : restartEach(api, ids);
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    if (error instanceof ApiError && !isAccountCode(error.code) && error.code !== SLOTS_FULL) {
      return restartEach(api, ids);
    }
    return refusedAsAWhole(ids, error);
  }
}

async function restartOne(api: Api, id: string): Promise<RestartAnswer> {
  try {
    const data = await api.call({ path: RESTART, form: new URLSearchParams({ id }) });
    if (isConfirmation(data)) return answerOf([id], [{ magnet: id, message: "", error: undefined }]);
    const entries = readRestarts(data);
    if (entries) return answerOf([id], entries);
    const message = "the answer is not in a form AllDebrid documents";
    return { ...refusedAsAWhole([id], new AccountError(message)), accountRefused: false };
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    // Asked for one magnet, an error that is named for magnets is that magnet's.
    if (error instanceof ApiError && error.code.startsWith("MAGNET_") && isOwnRefusal(error.code)) {
      return answerOf(
        [id],
        [{ magnet: id, message: undefined, error: { code: error.code, message: undefined } }],
      );
    }
    const isHarmless = error instanceof ApiError && !isAccountCode(error.code);
    return { ...refusedAsAWhole([id], error), accountRefused: !isHarmless };
  }
}

async function restartEach(api: Api, ids: readonly string[]): Promise<RestartAnswer> {
  const outcomes = new Map<string, RestartOutcome>();
  let failure: string | undefined;
  for (const id of ids) {
    const answer = await restartOne(api, id);
    for (const [key, outcome] of answer.outcomes) outcomes.set(key, outcome);
    failure ??= answer.failure;
    if (answer.slotsFull || answer.accountRefused) {
      const rest: RestartOutcome = { kind: "unanswered", message: answer.failure ?? explainCode(SLOTS_FULL) };
      for (const left of ids) if (!outcomes.has(left)) outcomes.set(left, rest);
      return { ...answer, outcomes, failure };
    }
  }
  return { outcomes, failure, slotsFull: false, accountRefused: false };
}

function answerOf(ids: readonly string[], entries: readonly RestartEntry[]): RestartAnswer {
  const outcomes = new Map<string, RestartOutcome>();
  for (const { magnet, error } of entries) {
    if (!ids.includes(magnet) || outcomes.has(magnet)) continue;
    const refused = error && {
      kind: "refused" as const,
      code: error.code,
      message: explainCode(error.code, error.message),
      own: isOwnRefusal(error.code),
    };
    outcomes.set(magnet, refused ?? { kind: "accepted" });
  }
  const slotsFull = entries.some(({ error }) => error?.code === SLOTS_FULL);
  return { outcomes, slotsFull, accountRefused: false };
}

/** Full slots are a normal refusal, no failure of the request. */
function refusedAsAWhole(ids: readonly string[], error: AccountError): RestartAnswer {
  const slotsFull = error instanceof ApiError && error.code === SLOTS_FULL;
  const outcome: RestartOutcome = { kind: "unanswered", message: error.message };
  return {
    outcomes: new Map(ids.map((id) => [id, outcome])),
    failure: slotsFull ? undefined : error.message,
    failureCode: slotsFull ? undefined : error.code,
    slotsFull,
    accountRefused: !slotsFull,
  };
}
