import { type Condition, conditionOf, type FailingStatus, type Magnet } from "./magnet.ts";
import type { CounterRecord } from "./records.ts";
import type { Policy } from "./settings.ts";
import { DAY_SECONDS, secondsSince } from "./time.ts";

/** A magnet that the failing lists in `statuses` show; one a sweep, however many lists, keys and duplicates show it. */
export interface Sighting {
  readonly magnet: Magnet;
  readonly statuses: readonly FailingStatus[];
  /** The other list did not answer, and may hold it as well. */
  readonly partial?: boolean;
  /** Its list showed it as working, but by its id it fails: the list does not explain its code. */
  readonly contradicted?: boolean;
}

/** What an account's answered lists show, by id. */
export interface Sightings {
  readonly failing: ReadonlyMap<string, Sighting>;
  /** Listed as failing although their own status says that they work: not sightings until asked for by id. */
  readonly contradictory: ReadonlyMap<string, Sighting>;
}

/** Merges the answered lists of one account: duplicates fold, contradictions are set apart. */
export function mergeLists(lists: ReadonlyMap<FailingStatus, readonly Magnet[]>): Sightings {
  const found = new Map<string, { magnets: Magnet[]; statuses: FailingStatus[] }>();
  for (const [status, magnets] of lists) {
    for (const magnet of magnets) {
      const known = found.get(magnet.id);
      if (!known) found.set(magnet.id, { magnets: [magnet], statuses: [status] });
      else {
        known.magnets.push(magnet);
        if (!known.statuses.includes(status)) known.statuses.push(status);
      }
    }
  }
  const failing = new Map<string, Sighting>();
  const contradictory = new Map<string, Sighting>();
  for (const [id, { magnets, statuses }] of found) {
    const isExpired = isOnlyExpired(statuses);
    const works = magnets.find((magnet) => ["ready", "processing"].includes(conditionOf(magnet, isExpired)));
    // One of two lists may be an old copy, from before the magnet was uploaded again.
    const newest = magnets.reduce((a, b) => ((b.uploadedAt ?? 0) > (a.uploadedAt ?? 0) ? b : a));
    const magnet = works ?? newest;
    (works ? contradictory : failing).set(id, { magnet, statuses, partial: lists.size === 1 });
  }
  return { failing, contradictory };
}

/** Code 3 is a failure in the `expired` list alone. */
function isOnlyExpired(statuses: readonly FailingStatus[]): boolean {
  return statuses.includes("expired") && !statuses.includes("error");
}

/** Whether a magnet found by id fails. An undocumented code or text counts as failing if the list shows the same. */
export function showsFailing(found: Magnet, { magnet, statuses, contradicted }: Sighting): boolean {
  const condition = conditionOf(found, isOnlyExpired(statuses) && !contradicted);
  if (condition !== "unknown") return condition === "failing";
  const code = found.statusCode;
  const text = found.statusText?.trim();
  const saysNothing = code === undefined && !text;
  return !saysNothing && magnet.statusCode === code && magnet.statusText?.trim() === text;
}

/**
 * How many sightings delete it, and the status it is counted under: of two lists, that of the higher limit. A list that
 * did not answer may hold it, too: then the higher limit counts, though the status is the one seen.
 */
export function limitFor(
  { statuses, partial = false }: Pick<Sighting, "statuses" | "partial">,
  { maxRetries }: Pick<Policy, "maxRetries">,
): { status: FailingStatus; maxRetries: number } {
  const status = statuses.reduce((a, b) => (maxRetries[b] > maxRetries[a] ? b : a));
  const highest = Math.max(maxRetries.expired, maxRetries.error);
  return { status, maxRetries: partial ? highest : maxRetries[status] };
}

/** The status it was counted under last. */
export function lastStatus(record: Pick<CounterRecord, "last_status"> | undefined): FailingStatus {
  return record?.last_status === "expired" ? "expired" : "error";
}

/** When something was seen, and how often sweeps are expected. */
interface Times {
  readonly now: Date;
  readonly cycleSeconds: number;
}

/** So many sightings in time end a gap. */
const IN_TIME = 2;

/** The record after one more sighting, which `account` showed; the given one is left as it is. */
export function countSighting(
  record: CounterRecord | undefined,
  sighting: Sighting,
  context: Times & { readonly account: string; readonly policy: Pick<Policy, "maxRetries"> },
): CounterRecord {
  const { magnet } = sighting;
  const { account, policy, now } = context;
  const sinceSighting = secondsSince(record?.last_seen, now);
  const time = now.toISOString();
  // One literal for all: of 20,000 counters each would otherwise get a hidden class of its own in V8.
  const counted: CounterRecord = {
    fails: 0,
    ...record,
    last_status: limitFor(sighting, policy).status,
    account,
    failing_since: record?.failing_since ?? time,
    last_seen: time,
    // Of the time between two sightings, at most a day counts.
    failing_seconds: (record?.failing_seconds ?? 0) + Math.min(sinceSighting ?? 0, DAY_SECONDS),
    restarts: record?.restarts ?? record?.fails ?? 0,
    // The original never cleared what had healed: its entries need one restart by this program, too.
    had_chance: record?.had_chance ?? false,
    filename: nameIn(magnet) ?? record?.filename ?? magnet.filename,
    size: magnet.size ?? record?.size,
    hash: magnet.hash ?? record?.hash,
    status_text: magnet.statusText ?? record?.status_text,
  };
  counted.fails += 1;
  // What held it back is found out anew.
  delete counted.held;
  // Noted by a clock that was ahead, it would hide a gap once that time has come.
  delete counted.seen_at;
  const late = isLate(record, context);
  if (late && counted.gap === undefined) beginGap(counted);
  else if (counted.gap === "given") {
    counted.in_time = late ? 0 : (counted.in_time ?? 0) + 1;
    if (counted.in_time >= IN_TIME) {
      delete counted.gap;
      delete counted.in_time;
    }
  }
  return counted;
}

/** The name that AllDebrid knows, if it knows one: `noname` is its placeholder. */
export function nameIn({ filename = "" }: Magnet): string | undefined {
  return /^\s*(noname)?\s*$/i.test(filename) ? undefined : filename;
}

/** Whether nothing was seen of the magnet for so long that failures are not in a row; an unknown time is no gap. */
function isLate(record: CounterRecord | undefined, { now, cycleSeconds }: Times): boolean {
  const unseen = [record?.last_seen, record?.seen_at].flatMap((time) => secondsSince(time, now) ?? []);
  return unseen.length > 0 && Math.min(...unseen) > Math.max(DAY_SECONDS, 4 * cycleSeconds);
}

/** Earlier sightings still count, but the magnet gets one more restart first. */
function beginGap(record: CounterRecord): void {
  record.gap = "needed";
  record.had_chance = false;
}

/** Notes that it was seen between sightings. Failing after a gap begins the gap now: its next one may be in time. */
export function noteSeen(record: CounterRecord, condition: Condition, times: Times): void {
  if (condition === "failing" && record.gap === undefined && isLate(record, times)) beginGap(record);
  record.seen_at = times.now.toISOString();
  if (secondsSince(record.last_seen, times.now) === undefined) delete record.last_seen;
}

/** Notes that a restart was a real chance for the magnet: accepted, or refused because of the magnet itself. */
export function noteChance(record: CounterRecord): void {
  record.had_chance = true;
  if (record.gap === "needed") record.gap = "given";
  delete record.refused;
}
