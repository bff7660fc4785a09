import { ExitCode } from "../errors.ts";
import type { HoldRule } from "./decide.ts";
import { type AccountNames, nameAccounts } from "./identify-accounts.ts";
import type {
  AccountHealth,
  Arrs,
  ConfirmedDeletion,
  Counters,
  Deletion,
  IsoTime,
  Outbox,
  SweepSummary,
} from "./records.ts";
import type { Policy } from "./settings.ts";
import { overdueAfterSeconds } from "./time.ts";
import {
  previewMagnets,
  type StillThere,
  stillThere,
  type TrackedMagnet,
  type WaitingInVain,
  waitingInVain,
} from "./tracked-magnets.ts";

/** One account in the document of `status --json`. */
export interface AccountStatus {
  name: string;
  /** Whether the configuration in use names it. */
  configured: boolean;
  /** No key of it is configured any more, which its `name` says, too. */
  former: boolean;
  /** Whether the last sweep had no trouble with it; null when it did not sweep it. */
  ok: boolean | null;
  /** What went wrong in the last sweep, with what to do. */
  error: string | null;
  /** Why the account does not work, by AllDebrid's code, and since when; null while it does. */
  trouble: { code: string; since: IsoTime } | null;
  /** The end of premium, where it is known. */
  premium_until: IsoTime | null;
  /** Premium ends within days. */
  premium_ending: boolean;
  /** Tracked magnets. */
  failing: number;
  /** Those of them that are deleted at their next sighting. */
  due: number;
}

/** One Sonarr or Radarr in the document of `status --json`. */
interface ArrStatus {
  /** As configured; one that is no longer configured is named as just that. */
  name: string;
  /** Deletions that it is still to be told of. */
  waiting: number;
  /** The last deletion that it was told of. */
  last_told: { at: IsoTime; filename: string | null } | null;
}

/** The document of `status --json`: what is tracked, when it was last looked at, what comes next. */
export interface StatusView {
  version: 1;
  generated_at: IsoTime;
  last_sweep: SweepSummary | null;
  /** Whether any configuration was found, be it a file or keys in the environment. */
  configured: boolean;
  /** The service's timer; null where something else starts sweeps, or it could not be asked. `remedy` is what to do. */
  timer: { active: boolean; remedy: string | null } | null;
  /** When the next sweep is to be expected; null where nothing starts one, or no timer does and none was. */
  next_sweep_expected: IsoTime | null;
  /** Seconds from one sweep to the next, as configured. */
  cycle_seconds: number;
  /** The last sweep is longer ago than it should be. */
  overdue: boolean;
  /** In the configuration's order, then those that only state knows. */
  accounts: AccountStatus[];
  /** Those nearest to deletion first. */
  magnets: TrackedMagnet[];
  /** The rules that will hold deletions back, and how many. */
  held: { rule: HoldRule; count: number }[];
  waiting_in_vain: WaitingInVain[];
  still_there: StillThere[];
  /** Magnets sighted in failure by each of the last sweeps (up to 50), oldest first. */
  trend: { finished_at: IsoTime; failing: number }[];
  /** The last five, newest first; `size` in bytes. `magnet`: the link that adds it again; null without a known hash. */
  last_deletions: {
    id: string;
    account: string;
    filename: string | null;
    size: number | null;
    deleted_at: IsoTime;
    magnet: string | null;
  }[];
  /** In the configuration's order, then those for which deletions still wait. */
  arrs: ArrStatus[];
  pending_notifications: number;
  /** Set when Discord said that the webhook is gone (404) or its token wrong (401). */
  dead_webhook: { status: number; called_at: IsoTime } | null;
  /** Set while Discord refuses every message for a reason that is not a message's: what to do, and since when. */
  blocked_webhook: { message: string; remedy: string; since: IsoTime } | null;
}

/** What `describeStatus` looks at. */
export interface StatusInput {
  readonly store: {
    readonly counters: Counters;
    readonly outbox: Outbox;
    readonly accounts: ReadonlyMap<string, AccountHealth>;
    readonly confirmed: ReadonlyMap<string, ConfirmedDeletion>;
    readonly arrs: Arrs;
    /** Oldest first. */
    readonly sweeps: readonly SweepSummary[];
  };
  readonly config: Policy & {
    /** One for each key. */
    readonly accounts: readonly { readonly name: string; readonly fingerprint: string }[];
    /** False where a key could not be read. */
    readonly allKeysRead: boolean;
    readonly arrs: readonly { readonly name: string }[];
    /** False where one of them could not be read. */
    readonly allArrsRead: boolean;
    readonly cycleSeconds: number;
  };
  readonly now: Date;
  /** Newest first. */
  readonly lastDeletions?: readonly Deletion[];
  /** Fingerprint of the configured webhook, where that is known. */
  readonly webhook?: string | undefined;
  /** Default: true. */
  readonly configured?: boolean;
  /** Where it starts sweeps, or nothing does: `next` is when it fires, `remedy` what to do. */
  readonly timer?:
    | { readonly active: boolean; readonly next?: Date | undefined; readonly remedy: string }
    | undefined;
}

/** Sums up what is known. */
export function describeStatus(input: StatusInput): StatusView {
  const { store, config, now, lastDeletions = [], timer } = input;
  const { cycleSeconds } = config;
  const last = store.sweeps.at(-1) ?? null;
  // What was known of another webhook says nothing of the one in use.
  const inUse = <T extends { fingerprint: string }>(refused: T | undefined) =>
    input.webhook === undefined || refused?.fingerprint === input.webhook ? refused : undefined;
  const dead = inUse(store.outbox.dead_webhook);
  const blocked = inUse(store.outbox.blocked_webhook);
  const names = nameAccounts(store.accounts, config.accounts, config.allKeysRead);
  const magnets = byUrgency(previewMagnets(store.counters, names, config, cycleSeconds));
  return {
    version: 1,
    generated_at: now.toISOString(),
    last_sweep: last && withoutRequests(last),
    configured: input.configured ?? true,
    timer: timer ? { active: timer.active, remedy: timer.active ? null : timer.remedy } : null,
    next_sweep_expected: nextSweep(last, input)?.toISOString() ?? null,
    cycle_seconds: cycleSeconds,
    overdue: last !== null && isOverdue(last, cycleSeconds, now),
    accounts: accountsOf(names, magnets, last, store),
    magnets,
    held: heldBy(magnets),
    waiting_in_vain: waitingInVain(magnets),
    still_there: stillThere(store.confirmed, names),
    // One that was stopped may have seen no list.
    trend: store.sweeps
      .filter(({ exit_code: code }) => code !== ExitCode.interrupted && code !== ExitCode.terminated)
      .map(({ finished_at, failing }) => ({ finished_at, failing })),
    last_deletions: lastDeletions.map(
      ({ id, account, filename = null, size = null, deleted_at, magnet = null }) => {
        return { id, account, filename, size, deleted_at, magnet };
      },
    ),
    arrs: arrsOf(input),
    pending_notifications: store.outbox.pending.length,
    dead_webhook: dead ? { status: dead.status, called_at: dead.called_at } : null,
    blocked_webhook: blocked
      ? { message: blocked.message, remedy: blocked.remedy, since: blocked.since }
      : null,
  };
}

function nextSweep(last: SweepSummary | null, { timer, config }: StatusInput): Date | undefined {
  if (timer?.active === false) return undefined;
  if (timer?.next !== undefined) return timer.next;
  return last ? new Date(Date.parse(last.started_at) + config.cycleSeconds * 1000) : undefined;
}

/** Without what only the next sweep needs. */
function withoutRequests({ recent_requests_ms: _, ...sweep }: SweepSummary): SweepSummary {
  return sweep;
}

/** Every configured account, and every other that has magnets or was part of the last sweep, by name. */
function accountsOf(
  names: AccountNames,
  magnets: readonly TrackedMagnet[],
  last: SweepSummary | null,
  { accounts: healths, counters }: StatusInput["store"],
): AccountStatus[] {
  const owners = [...counters.values()].flatMap(({ account }) => account ?? []);
  const swept = (last?.accounts ?? []).map((result) => ({
    result,
    id: sweptId(result.name, names, healths),
  }));
  const ids = new Set([...names.configured.keys(), ...swept.flatMap(({ id }) => id ?? []), ...owners]);
  const statuses = new Map<string, AccountStatus>();
  for (const id of ids) {
    const name = names.nameOf(id);
    if (name === null || statuses.has(name)) continue;
    const health = healths.get(id);
    const result = swept.find((each) => each.id === id)?.result;
    const mine = magnets.filter(({ account }) => account === name);
    statuses.set(name, {
      name,
      configured: names.configured.has(id),
      former: names.isFormer(id),
      ok: result?.ok ?? null,
      error: result?.error ?? null,
      trouble: health?.trouble ? { code: health.trouble.code, since: health.trouble.since } : null,
      premium_until: health?.premium_until ?? null,
      premium_ending: health?.premium_ending !== undefined,
      failing: mine.length,
      due: mine.filter(({ next }) => next === "delete").length,
    });
  }
  return [...statuses.values()];
}

/** The account that the last sweep called by that name: state has it from that sweep. */
function sweptId(
  name: string,
  { configured, idsOf }: AccountNames,
  healths: StatusInput["store"]["accounts"],
): string | undefined {
  const sameName = [...healths].filter(([, health]) => health.name === name).map(([id]) => id);
  const [id] = sameName.filter((each) => configured.has(each));
  return id ?? sameName.at(-1) ?? idsOf(name)[0];
}

function arrsOf({ store: { arrs }, config }: StatusInput): ArrStatus[] {
  const given = new Set(config.arrs.map(({ name }) => name));
  return [...new Set([...given, ...arrs.pending.map(({ server }) => server)])].map((name) => {
    const told = arrs.servers.get(name)?.last_told;
    return {
      name: given.has(name) || !config.allArrsRead ? name : `${name} (no longer configured)`,
      waiting: arrs.pending.filter(({ server }) => server === name).length,
      last_told: told ? { at: told.at, filename: told.filename ?? null } : null,
    };
  });
}

function heldBy(magnets: readonly TrackedMagnet[]): StatusView["held"] {
  const counts = new Map<HoldRule, number>();
  for (const { held_by: rule } of magnets) if (rule !== null) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].map(([rule, count]) => ({ rule, count }));
}

const URGENCY = { delete: 0, held: 1, restart: 2 } as const;

function byUrgency(magnets: readonly TrackedMagnet[]): TrackedMagnet[] {
  const left = (magnet: TrackedMagnet) => magnet.max_retries - magnet.fails;
  const since = (magnet: TrackedMagnet) => Date.parse(magnet.failing_since ?? "1970-01-01");
  return [...magnets].sort(
    (a, b) => URGENCY[a.next] - URGENCY[b.next] || left(a) - left(b) || since(a) - since(b),
  );
}

/** A clock that was set back makes no sweep overdue. */
function isOverdue(last: SweepSummary, cycleSeconds: number, now: Date): boolean {
  const seconds = (now.getTime() - Date.parse(last.finished_at)) / 1000;
  return seconds > overdueAfterSeconds(cycleSeconds);
}
