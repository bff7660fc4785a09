import type { ListName, Magnet } from "../core/magnet.ts";
import {
  type AccountClient,
  AccountError,
  type AccountUser,
  type DeleteOutcome,
  type MagnetList,
} from "../core/ports.ts";
import { Api, type ApiOptions, type CallFacts } from "./client.ts";
import { ApiError, isAccountCode, NoAnswerError } from "./errors.ts";
import { isConfirmation, readMagnets, readUser } from "./responses.ts";
import { restartBatch } from "./restart-batch.ts";

const STATUS = "/v4.1/magnet/status";
const DELETE = "/v4/magnet/delete";
const USER = "/v4/user";
const NOT_READABLE = "its answer is not in a form AllDebrid documents";

/** Who an account is. */
export interface AccountIdentity {
  readonly name: string;
  readonly fingerprint: string;
  /** A secret. */
  readonly key: string;
}

/** Options of an account's client. */
export interface AccountClientOptions extends ApiOptions {
  readonly warn: (message: string) => void;
}

/** One account at AllDebrid, over HTTP. */
export function createAccountClient(identity: AccountIdentity, options: AccountClientOptions): AccountClient {
  const { name, fingerprint, key } = identity;
  const api = new Api(key, options);
  return {
    name,
    fingerprint,
    list: (list, wanted) => listMagnets(api, name, options, list, wanted),
    ask: (id) => askForMagnet(api, id),
    user: () => askForUser(api),
    restart: (ids) => restartBatch(api, ids),
    delete: (id) => deleteMagnet(api, id),
  };
}

async function listMagnets(
  api: Api,
  name: string,
  options: AccountClientOptions,
  list: ListName,
  wanted?: (id: string) => boolean,
): Promise<MagnetList> {
  const data = await api.call({ path: STATUS, form: new URLSearchParams({ status: list }) });
  const read = readMagnets(data, wanted);
  if (!read) throw new NoAnswerError(NOT_READABLE);
  if (read.malformed > 0) {
    options.warn(`${name}: the ${list} list: ${read.malformed} entries can't be read and are skipped`);
  }
  return read;
}

async function askForMagnet(api: Api, id: string): Promise<Magnet | "gone" | undefined> {
  try {
    const read = readMagnets(await api.call({ path: STATUS, form: new URLSearchParams({ id }) }));
    if (!read) throw new NoAnswerError(NOT_READABLE);
    if (read.errors.get(id) === "MAGNET_INVALID_ID") return "gone";
    const magnet = read.magnets.find((candidate) => candidate.id === id);
    if (!magnet && read.magnets.length > 0) throw new NoAnswerError("it answered with another magnet");
    return magnet;
  } catch (error) {
    if (error instanceof ApiError && error.code === "MAGNET_INVALID_ID") return "gone";
    throw error;
  }
}

async function askForUser(api: Api): Promise<AccountUser> {
  // A sweep asks beside its work and must not be kept waiting.
  const user = readUser(await api.call({ path: USER, attempts: 1 }));
  if (!user) throw new NoAnswerError(NOT_READABLE);
  return user;
}

async function deleteMagnet(api: Api, id: string): Promise<DeleteOutcome> {
  const facts: CallFacts = { lost: false };
  try {
    const request = { path: DELETE, form: new URLSearchParams({ id }), attempts: 1 };
    const data = await api.call(request, facts);
    return isConfirmation(data)
      ? { kind: "deleted" }
      : { kind: "lost", message: NOT_READABLE, retry: undefined };
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    const { message } = error;
    const code = error instanceof ApiError ? error.code : "";
    if (code === "MAGNET_INVALID_ID") return { kind: "gone" };
    if (facts.lost) return { kind: "lost", message, retry: facts.retry };
    return {
      kind: "refused",
      code,
      message,
      account: code === "" || isAccountCode(code),
      retry: facts.retry,
    };
  }
}
