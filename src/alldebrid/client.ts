import { isAccountCode } from "../core/evidence.ts";
import { type AccountClient, AccountError, StoppedError } from "../core/ports.ts";
import { shapeOfJson } from "../core/shape.ts";
import { ApiError, isRefusedBefore, NoResponseError } from "./errors.ts";
import { readMagnets, readUser } from "./responses.ts";
import { restartBatch } from "./restart-batch.ts";
import { type AccountIdentity, type ClientOptions, createSend } from "./send.ts";
import { findIds, type UploadOutcome, uploadMagnets } from "./upload-magnets.ts";

/** An account's client with what only `restore` needs. */
export interface AllDebridClient extends AccountClient {
  /** Adds magnets by their hashes (lower-case hex); never throws for what AllDebrid or the network did. */
  upload(hashes: readonly string[]): Promise<ReadonlyMap<string, UploadOutcome>>;
}

/** Sends one request, as a POST when there is a form, and returns the `data` of the response. */
type Call = (endpoint: Endpoint, form?: URLSearchParams, retries?: number) => Promise<unknown>;

/**
 * The version of the API under which each endpoint is called. AllDebrid withdraws versions; then the other one is
 * tried (facts: `/v4/magnet/status` went that way).
 */
const VERSIONS = {
  "magnet/status": "v4.1",
  "magnet/restart": "v4",
  "magnet/delete": "v4",
  "magnet/upload": "v4",
  user: "v4",
} as const;

type Endpoint = keyof typeof VERSIONS;

const NOT_READABLE = "the response is not in a form AllDebrid documents";

/** One account at AllDebrid, over HTTP. */
export function createAccountClient(identity: AccountIdentity, options: ClientOptions): AllDebridClient {
  const { name, fingerprint } = identity;
  const call = withVersions(createSend(identity, options));

  /** Magnets as `magnet/status` holds them. */
  const status = async (form: URLSearchParams) => {
    const data = await call("magnet/status", form);
    const read = readMagnets(data);
    if (!read || read.malformed > 0) options.debug?.(`magnet/status: ${shapeOfJson(data)}`);
    if (!read) throw new NoResponseError(NOT_READABLE);
    return read;
  };

  return {
    name,
    fingerprint,

    async list(list) {
      const read = await status(new URLSearchParams({ status: list }));
      if (read.malformed > 0) {
        options.warn(`${name}: the ${list} list: ${read.malformed} entries can't be read and are skipped`);
      }
      return read;
    },

    async getMagnet(id) {
      try {
        const read = await status(new URLSearchParams({ id }));
        if (read.errors.get(id) === "MAGNET_INVALID_ID") return "gone";
        const magnet = read.magnets.find((candidate) => candidate.id === id);
        if (!magnet && read.magnets.length > 0) throw new NoResponseError("it responded with another magnet");
        return magnet;
      } catch (error) {
        if (error instanceof ApiError && error.code === "MAGNET_INVALID_ID") return "gone";
        throw error;
      }
    },

    async user() {
      // A sweep asks beside its work and must not be kept waiting.
      const data = await call("user", undefined, 0);
      const user = readUser(data);
      if (user) return user;
      options.debug?.(`user: ${shapeOfJson(data)}`);
      throw new NoResponseError(NOT_READABLE);
    },

    restart: (ids) => restartBatch((form) => call("magnet/restart", form), ids),

    async delete(id) {
      try {
        await call("magnet/delete", new URLSearchParams({ id }), 0);
        // AllDebrid's confirmation is the word "success" around it.
        return { kind: "deleted" };
      } catch (error) {
        if (!(error instanceof AccountError)) throw error;
        const { message, code = "", retry } = error;
        if (code === "MAGNET_INVALID_ID") return { kind: "gone" };
        const isBefore = error instanceof NoResponseError ? !error.mayHaveArrived : isRefusedBefore(code);
        if (!isBefore && !(error instanceof StoppedError)) return { kind: "lost", code, message, retry };
        return { kind: "refused", code, message, account: code === "" || isAccountCode(code), retry };
      }
    },

    async upload(hashes) {
      const outcomes = await uploadMagnets((form) => call("magnet/upload", form), hashes);
      return findIds((list) => status(new URLSearchParams({ status: list })), outcomes);
    },
  };
}

/** Calls each endpoint under its version; where that is withdrawn, under the other one from then on. */
function withVersions(
  send: (path: string, form?: URLSearchParams, retries?: number) => Promise<unknown>,
): Call {
  const versions: Record<Endpoint, string> = { ...VERSIONS };
  const isWithdrawn = (error: unknown) =>
    error instanceof AccountError && (error.code === "DISCONTINUED" || error.code === "404");
  return async (endpoint, form, retries) => {
    const version = versions[endpoint];
    try {
      return await send(`${version}/${endpoint}`, form, retries);
    } catch (error) {
      if (!isWithdrawn(error) || version !== VERSIONS[endpoint]) throw error;
      const other = version === "v4" ? "v4.1" : "v4";
      try {
        const data = await send(`${other}/${endpoint}`, form, retries);
        versions[endpoint] = other;
        return data;
      } catch (otherError) {
        if (isWithdrawn(otherError)) throw error;
        versions[endpoint] = other;
        throw otherError;
      }
    }
  };
}
