import * as v from "valibot";
import { isAccountCode } from "../core/evidence.ts";
import { type AccountClient, AccountError } from "../core/ports.ts";
import { shapeOfJson } from "../core/shape.ts";
import { restartBatch, uploadMagnets } from "./batches.ts";
import { magnetsData, userData } from "./responses.ts";
import { type AccountIdentity, type ClientOptions, createSend } from "./send.ts";

export type AllDebridClient = ReturnType<typeof createAccountClient>;

/** One account at AllDebrid, over HTTP. */
export function createAccountClient(identity: AccountIdentity, options: ClientOptions) {
  const { name, fingerprint } = identity;
  const send = createSend(identity, options);

  const status = async (form: Record<string, string>) => {
    const read = await send("magnet/status", magnetsData, new URLSearchParams(form));
    if (read.unread.length > 0) options.debug?.(`magnet/status: ${shapeOfJson({ magnets: read.unread })}`);
    return read;
  };

  const client: AccountClient = {
    name,
    fingerprint,

    async list(list) {
      const { magnets, unread } = await status({ status: list });
      if (unread.length > 0) {
        options.warn(`${name}: the ${list} list: ${unread.length} entries can't be read and are skipped`);
      }
      return magnets;
    },

    async getMagnet(id) {
      try {
        const { magnets, errors } = await status({ id });
        if (errors.get(id) === "MAGNET_INVALID_ID") return "gone";
        const magnet = magnets.find((candidate) => candidate.id === id);
        if (!magnet && magnets.length > 0) throw new AccountError("it responded with another magnet");
        return magnet;
      } catch (error) {
        if (error instanceof AccountError && error.code === "MAGNET_INVALID_ID") return "gone";
        throw error;
      }
    },

    // A sweep asks beside its work and must not be kept waiting.
    user: () => send("user", userData, undefined, { retries: 0 }),

    restart: (ids) => restartBatch(send, ids),

    async delete(id) {
      try {
        // The confirmation is the word "success" around the data. `tryToDelete` retries: it has to know what was lost.
        await send("magnet/delete", v.unknown(), new URLSearchParams({ id }), { retries: 0 });
        return { kind: "deleted" };
      } catch (error) {
        if (!(error instanceof AccountError)) throw error;
        const { message, code = "", retry } = error;
        if (code === "MAGNET_INVALID_ID") return { kind: "gone" };
        if (error.mayHaveArrived) return { kind: "lost", code, message, retry };
        return { kind: "refused", code, message, account: code === "" || isAccountCode(code), retry };
      }
    },
  };
  return {
    ...client,
    /** Adds magnets by their hashes (lower-case hex); never throws for what AllDebrid or the network did. */
    upload: (hashes: readonly string[]) => uploadMagnets(send, client.list, hashes),
  };
}
