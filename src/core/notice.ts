import type { Deletion } from "./deletion.ts";

/** Something the owner is told on Discord. It waits in the outbox until Discord took it. */
export type Notice = DeletionNotice | CapNotice | AlertNotice;

/** A magnet was deleted. `key` is the deletion's. */
export interface DeletionNotice extends Deletion {
  kind: "deletion";
}

/** More deletions are due than `max_deletes_per_run` allows, so none was done. */
export interface CapNotice {
  kind: "cap";
  key: string;
  /** ISO 8601. */
  at: string;
  account: string;
  /** Deletions due that nothing else holds. */
  due: number;
  max_deletes: number;
}

/** An account stopped working, or works again. */
export interface AlertNotice {
  kind: "alert";
  key: string;
  /** ISO 8601. */
  at: string;
  account: string;
  /** AllDebrid's code, or `PREMIUM_ENDING`. */
  code: string;
  /** It is over. */
  resolved: boolean;
  /** ISO 8601: the end of premium, where that is what it is about. */
  until?: string;
}

/** The notices that wait, and what is known of the webhook that should take them. */
export interface Outbox {
  /** Oldest first. */
  pending: Notice[];
  /** Discord said that this webhook is gone (404) or its token wrong (401): it is not called at each sweep. */
  dead_webhook?: {
    /** Fingerprint of the address. */
    fingerprint: string;
    status: number;
    /** ISO 8601: when it was last called. */
    called_at: string;
  };
}
