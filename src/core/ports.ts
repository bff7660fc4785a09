import { ExitCode, MagnetsError } from "../errors.ts";
import type { ListName, Magnet } from "./magnet.ts";
import type * as records from "./records.ts";

/**
 * An AllDebrid account did not do as it was asked. The message is one line for the person, with what to do where that
 * is known; it holds no secret and nothing raw of the response.
 */
export class AccountError extends MagnetsError {
  override name = "AccountError";
  readonly exitCode: ExitCode = ExitCode.attention;
  /** AllDebrid's code, where it responded with one. */
  readonly code: string | undefined;
  /** Another attempt may do better. */
  readonly retry: boolean;
  /** AllDebrid may have done what it was asked, or may still do it. */
  readonly mayHaveArrived: boolean;

  constructor(message: string, options: ErrorOptions & Partial<AccountError> = {}) {
    super(message, options);
    this.code = options.code;
    this.retry = options.retry ?? false;
    this.mayHaveArrived = options.mayHaveArrived ?? true;
  }
}

/** Shows how far a sweep has come. All counts are of magnets, and what has an outcome counts as done. */
export interface Progress {
  /** This many more are to be restarted and deleted. */
  planned(restarts: number, deletions: number): void;
  restarted(count: number): void;
  /** This many of those to be restarted wait for a free slot instead. */
  waiting(count: number): void;
  deleted(count: number): void;
}

/**
 * `refused` with `chance`: AllDebrid tried, and refused because of the magnet itself: it had its chance. `unanswered`:
 * the request failed as a whole, or the magnet is missing from the response.
 */
export type RestartOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string; readonly chance: boolean }
  | { readonly kind: "unanswered"; readonly message: string };

/** The outcome of a batch of restarts. */
export interface RestartResult {
  readonly outcomes: ReadonlyMap<string, RestartOutcome>;
  /** Set when a request failed as a whole, so that nothing more should be sent. */
  readonly failure?: AccountError | undefined;
}

/** Why a request to delete did not succeed; `code` is AllDebrid's, or empty where it gave none. */
interface NotDeleted {
  readonly code: string;
  readonly message: string;
  /** Another attempt may do better. */
  readonly retry: boolean;
}

/**
 * The outcome of one request to delete. `gone`: the account has no such magnet (`MAGNET_INVALID_ID`). `refused`:
 * nothing was done; with `account`, because of the account or the network. `lost` is anything else: the magnet may be
 * deleted now, later, or not at all.
 */
type DeleteOutcome =
  | { readonly kind: "deleted" }
  | { readonly kind: "gone" }
  | (NotDeleted & { readonly kind: "refused"; readonly account: boolean })
  | (NotDeleted & { readonly kind: "lost" });

/** Whose account it is and what it may do (`/v4/user`). */
export interface AccountUser {
  readonly username: string;
  readonly isPremium: boolean;
  readonly isTrial: boolean;
  /** Absent when there is no premium, or its end is not known. */
  readonly premiumUntil?: Date | undefined;
}

/** One key of an AllDebrid account. Methods throw an `AccountError` when it does not answer as it should. */
export interface AccountClient {
  readonly name: string;
  /** Of the key. */
  readonly fingerprint: string;
  list(list: ListName): Promise<readonly Magnet[]>;
  /** `gone` is `MAGNET_INVALID_ID`, `undefined` is a response without it. */
  getMagnet(id: string): Promise<Magnet | "gone" | undefined>;
  user(): Promise<AccountUser>;
  /** Restarts one batch of magnets; never throws for what AllDebrid or the network did. */
  restart(ids: readonly string[]): Promise<RestartResult>;
  /** Makes one attempt to delete one magnet; never throws for what AllDebrid or the network did. */
  delete(id: string): Promise<DeleteOutcome>;
}

/** What a sweep knows and keeps. Each `save` returns once the disk has it, and throws `StateError` when it can't. */
export interface Store {
  readonly counters: records.Counters;
  /** Deletions under way, by magnet id. */
  readonly intents: Map<string, records.Intent>;
  readonly outbox: records.Outbox;
  readonly arrs: records.Arrs;
  /** Confirmed deletions whose magnets may still be listed, by magnet id. */
  readonly confirmed: Map<string, records.ConfirmedDeletion>;
  /** By account id: the fingerprint of the user's name, or of the key until that is known. */
  readonly accounts: Map<string, records.AccountHealth>;
  saveCounters(): Promise<void>;
  saveIntents(): Promise<void>;
  saveConfirmed(): Promise<void>;
  saveOutbox(): Promise<void>;
  saveArrs(): Promise<void>;
  saveAccounts(): Promise<void>;
  /** Adds one line to `deletions.jsonl`. */
  appendDeletion(deletion: records.Deletion): Promise<void>;
  /** The deletions recorded so far, oldest first. */
  readDeletions(): Promise<records.Deletion[]>;
}

/** Each message is one line. */
export type Log = Record<"debug" | "info" | "warning" | "error", (message: string) => void>;
