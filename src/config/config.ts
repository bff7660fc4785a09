import type { Language } from "../core/language.ts";
import type { LegacyCounters } from "../core/legacy-counters.ts";
import type { LogLevel } from "../core/log-level.ts";
import type { FailingStatus } from "../core/magnet.ts";

/** One AllDebrid account as the configuration names it. */
export interface AccountConfig {
  /** The name given in the configuration, else `account N` by position. */
  readonly name: string;
  /** The API key: a secret. */
  readonly key: string;
  /** First 16 hex digits of the key's SHA-256: what state knows the account by. */
  readonly fingerprint: string;
}

/** The original program's counters as found while the configuration was read. */
export interface FoundCounters extends LegacyCounters {
  /** `retry_counts_path` names the file; else it is the default beside the configuration. */
  readonly explicit: boolean;
}

/** The whole configuration: parsed, merged with environment and command line, defaults filled in. */
export interface Config {
  /** The file in use; absent when the environment alone configures. */
  readonly file?: string;
  readonly accounts: readonly AccountConfig[];
  /** Sightings at which a magnet is deleted, each ≥ 1. */
  readonly maxRetries: Readonly<Record<FailingStatus, number>>;
  readonly minFailingHours: number;
  /** Per account and sweep; 0 is no limit. */
  readonly maxDeletesPerRun: number;
  readonly protect: readonly string[];
  /** A secret. */
  readonly webhookUrl?: string;
  /** What is pinged at the start and at the end of a sweep. A secret. */
  readonly healthcheckUrl?: string;
  readonly cycleSeconds: number;
  readonly logLevel: LogLevel;
  /** What Discord shows. */
  readonly language: Language;
  /** Absolute. */
  readonly stateDir: string;
  readonly legacyCounters?: FoundCounters;
  /** Without a trailing slash. */
  readonly apiUrl: string;
}
