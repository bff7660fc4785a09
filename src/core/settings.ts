import type { FailingStatus } from "./magnet.ts";

/** The languages that notifications can be written in. */
export const LANGUAGES = ["en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The log levels, from the most talkative to the quietest. */
export const LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The owner's rules for deleting. */
export interface Policy {
  /** Sightings at which a magnet is deleted, by the status it is sighted with; each ≥ 1. */
  readonly maxRetries: Readonly<Record<FailingStatus, number>>;
  /** A magnet is not deleted before it has failed for this long. */
  readonly minFailingHours: number;
  /** Deletions per account and sweep, all or none; 0 is no limit. */
  readonly maxDeletes: number;
  /** Ids, hashes and name patterns (`*`, `?`, any case) that are never deleted. */
  readonly protect: readonly string[];
}

/** The file that holds the original program's counters, as found on disk. */
export interface LegacyCounters {
  readonly path: string;
  /** The file's text; absent when there is no such file. */
  readonly text?: string;
  /** Why the file, though there, could not be read. */
  readonly error?: string;
}

/** A Sonarr or Radarr that is told which downloads are gone. */
export interface ArrConfig {
  readonly name: string;
  /** With its base path, if it has one, and without a trailing slash. */
  readonly url: string;
  /** A secret: it travels in the `X-Api-Key` header, to this server and nowhere else. */
  readonly key: string;
}
