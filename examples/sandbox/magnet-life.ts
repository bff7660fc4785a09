/** How a magnet fails: in which list it then stands, and what AllDebrid says about it. */
export type Failure = { list: "expired" | "error" | "both"; status: string; statusCode: number };

/** What comes of a restart. Minutes are minutes of the sandbox's clock. */
export type RestartOutcome =
  | { result: "ready"; afterMinutes: number }
  | { result: "fails"; afterMinutes: number; failure?: Failure }
  | { result: "refused"; code: string; message?: string };

/** The script of a magnet's life, from the moment it is added to the sandbox. */
export type Life = {
  /** Default `ready`. */
  now?: "ready" | "processing" | "failing";
  /** How it fails, now or later. Default: no peer, in the `error` list. */
  failure?: Failure;
  /** When one that does not fail yet begins to. Default never. */
  failsAfterMinutes?: number;
  /** When one that is processing becomes ready. Default never. */
  readyAfterMinutes?: number;
  /** When another hand deletes it. Default never. */
  removedAfterMinutes?: number;
  /** One outcome for each restart; the last one stands for all that follow. Default: fails again after 5 minutes. */
  restarts?: readonly RestartOutcome[];
};

/** No peer was found. Often transient. */
export const noPeer: Failure = { list: "error", status: "No peer after 30 minutes", statusCode: 15 };
/** The files were removed from the hoster. */
export const filesRemoved: Failure = { list: "expired", status: "Expired - files removed", statusCode: 11 };
/** It did not finish within 72 hours. */
export const tooSlow: Failure = { list: "expired", status: "Download took more than 72h", statusCode: 10 };
/** An internal error of AllDebrid's. */
export const internalError: Failure = { list: "error", status: "Internal error", statusCode: 9 };

/** Fails now; its first restart makes it ready. */
export function recovers(afterMinutes = 10, failure = noPeer): Life {
  return { now: "failing", failure, restarts: [{ result: "ready", afterMinutes }] };
}

/** Fails now, and once more after its first restart; the second one makes it ready. */
export function takesTwoCycles(afterMinutes = 10, failure = noPeer): Life {
  const restarts: RestartOutcome[] = [
    { result: "fails", afterMinutes },
    { result: "ready", afterMinutes },
  ];
  return { now: "failing", failure, restarts };
}

/** Fails now and again after each restart, which takes so many minutes (0: at once). */
export function neverRecovers(afterMinutes = 5, failure = noPeer): Life {
  return { now: "failing", failure, restarts: [{ result: "fails", afterMinutes }] };
}

/** Fails now, and each restart is refused with `code`. */
export function refusesRestarts(code: string, failure = internalError, message = `Refused: ${code}`): Life {
  return { now: "failing", failure, restarts: [{ result: "refused", code, message }] };
}

/** Fails now, and is deleted by another hand after so many minutes. */
export function deletedByAnotherHand(removedAfterMinutes: number, failure = noPeer): Life {
  return { now: "failing", failure, removedAfterMinutes, restarts: [{ result: "fails", afterMinutes: 5 }] };
}

/** Is processing and takes one of the active slots, for ever unless told otherwise. */
export function processing(readyAfterMinutes = Number.POSITIVE_INFINITY): Life {
  return { now: "processing", readyAfterMinutes };
}
