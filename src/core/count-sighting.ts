import type { FailingStatus } from "./magnet.ts";
import type { CounterRecord } from "./record.ts";
import type { Sighting } from "./sighting.ts";

/** When and where a sighting was made. */
export interface SightingContext {
  /** Fingerprint of the account that showed the magnet. */
  readonly account: string;
  readonly status: FailingStatus;
  readonly now: Date;
  /**
   * The longest gap between two sightings, in seconds, that counts as failure all the while. A clock that
   * jumps by years, or a machine that slept, must not make a magnet look long dead.
   */
  readonly longestGapSeconds: number;
}

/** The record after one more sighting; the given one is left as it is. */
export function countSighting(
  record: CounterRecord | undefined,
  { magnet }: Sighting,
  { account, status, now, longestGapSeconds }: SightingContext,
): CounterRecord {
  const known: Partial<CounterRecord> = record ?? { fails: 0, had_chance: false };
  const isOriginals = known.had_chance === undefined && known.last_seen === undefined;
  // Not `{ ...known, … }`: V8 gives each such copy a hidden class of its own, which takes as much memory as the copy.
  const counted: CounterRecord = Object.assign({}, known, {
    fails: (known.fails ?? 0) + 1,
    last_status: status,
    account,
    failing_since: known.failing_since ?? now.toISOString(),
    last_seen: now.toISOString(),
    failing_seconds: (known.failing_seconds ?? 0) + gapSeconds(known.last_seen, now, longestGapSeconds),
    // The original restarted at every sighting, and so its entries had their chance.
    restarts: known.restarts ?? known.fails ?? 0,
    had_chance: known.had_chance ?? isOriginals,
  });
  // What held it back is found out anew. Taken out only where it is: leaving a field out of a copy costs more.
  if (counted.held !== undefined) delete counted.held;
  if (magnet.filename?.trim()) counted.filename = magnet.filename;
  if (magnet.size !== undefined) counted.size = magnet.size;
  if (magnet.hash !== undefined) counted.hash = magnet.hash;
  if (magnet.statusText !== undefined) counted.status_text = magnet.statusText;
  return counted;
}

function gapSeconds(lastSeen: string | undefined, now: Date, longest: number): number {
  const seconds = lastSeen === undefined ? 0 : (now.getTime() - Date.parse(lastSeen)) / 1000;
  // A clock that was set back gives a negative gap; an unreadable time gives NaN.
  return seconds > 0 ? Math.min(seconds, longest) : 0;
}
