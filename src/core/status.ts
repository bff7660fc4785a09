import { ExitCode } from "../errors.ts";
import type { HoldRule } from "./decide.ts";
import { type AccountNames, nameAccounts } from "./identify-accounts.ts";
import type { Store } from "./ports.ts";
import type { Deletion, SweepSummary } from "./records.ts";
import type { Policy } from "./settings.ts";
import { overdueAfterSeconds } from "./time.ts";
import { previewMagnets, stillThere, type TrackedMagnet, waitingInVain } from "./tracked-magnets.ts";

/** What `describeStatus` looks at. */
export interface StatusInput {
  /** `sweeps`: oldest first. */
  readonly store: Readonly<Pick<Store, "counters" | "outbox" | "accounts" | "confirmed" | "arrs">> & {
    readonly sweeps: readonly SweepSummary[];
  };
  /** Each `…Read` is false where one of them could not be read. */
  readonly config: Policy & {
    /** One for each key. */
    readonly accounts: readonly { readonly name: string; readonly fingerprint: string }[];
    readonly allKeysRead: boolean;
    readonly arrs: readonly { readonly name: string }[];
    readonly allArrsRead: boolean;
    readonly cycleSeconds: number;
  };
  readonly now: Date;
  /** Newest first. */
  readonly lastDeletions?: readonly Deletion[];
  /** Fingerprint of the configured webhook, where that is known. */
  readonly webhook?: string | undefined;
  /** Whether any configuration was found, be it a file or keys in the environment; default: true. */
  readonly configured?: boolean;
  /** The timer, if it starts sweeps or nothing does; `next`: when it fires, `remedy`: what to do if it is inactive. */
  readonly timer?:
    | { readonly active: boolean; readonly next?: Date | undefined; readonly remedy: string }
    | undefined;
}

/** The document of `status --json`: what is tracked, when it was last looked at, what comes next. */
export type StatusView = ReturnType<typeof describeStatus>;

export function describeStatus(input: StatusInput) {
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
    version: 1 as const,
    generated_at: now.toISOString(),
    last_sweep: last && withoutRequests(last),
    configured: input.configured ?? true,
    /** The service's timer; null where something else starts sweeps, or it could not be asked. */
    timer: timer ? { active: timer.active, remedy: timer.active ? null : timer.remedy } : null,
    /** Null where nothing starts sweeps, or where no timer does and there was no sweep yet. */
    next_sweep_expected: nextSweep(last, input)?.toISOString() ?? null,
    cycle_seconds: cycleSeconds,
    overdue: last !== null && isOverdue(last, cycleSeconds, now),
    /** In the configuration's order, then those that only state knows. */
    accounts: accountsOf(names, magnets, last, store),
    /** Those nearest to deletion first. */
    magnets,
    held: heldBy(magnets),
    waiting_in_vain: waitingInVain(magnets),
    still_there: stillThere(store.confirmed, names),
    /** Magnets that the last sweeps saw failing, oldest first. One that was stopped may have seen no list. */
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
    /** Set when Discord said that the webhook is gone (404) or its token wrong (401). */
    dead_webhook: dead ? { status: dead.status, called_at: dead.called_at } : null,
    /** Set while Discord refuses every message for a reason that is not a message's. */
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

export type AccountStatus = ReturnType<typeof accountsOf>[number];

/** Every configured account, and every other that has magnets or was part of the last sweep, by name. */
function accountsOf(
  names: AccountNames,
  magnets: readonly TrackedMagnet[],
  last: SweepSummary | null,
  { accounts: healths, counters }: StatusInput["store"],
) {
  const owners = [...counters.values()].flatMap(({ account }) => account ?? []);
  const idOf = (name: string) => sweptId(name, names, healths);
  const swept = (last?.accounts ?? []).map((result) => ({ result, id: idOf(result.name) }));
  const ids = new Set([...names.configured.keys(), ...swept.flatMap(({ id }) => id ?? []), ...owners]);
  const shown = new Set<string>();
  return [...ids].flatMap((id) => {
    const name = names.nameOf(id);
    if (name === null || shown.has(name)) return [];
    shown.add(name);
    const health = healths.get(id);
    const result = swept.find((each) => each.id === id)?.result;
    const mine = magnets.filter(({ account }) => account === name);
    const status = {
      name,
      configured: names.configured.has(id),
      /** No key of it is configured any more, which its `name` says, too. */
      former: names.isFormer(id),
      /** Whether the last sweep had no trouble with it; null when it did not sweep it. */
      ok: result?.ok ?? null,
      error: result?.error ?? null,
      /** Why the account does not work, by AllDebrid's code, and since when; null while it does. */
      trouble: health?.trouble ? { code: health.trouble.code, since: health.trouble.since } : null,
      premium_until: health?.premium_until ?? null,
      premium_ending: health?.premium_ending !== undefined,
      failing: mine.length,
      /** Those of them that are deleted at their next sighting. */
      due: mine.filter(({ next }) => next === "delete").length,
    };
    return [status];
  });
}

/** The account that the last sweep called by that name: state has it from that sweep. */
function sweptId(name: string, { configured, idsOf }: AccountNames, healths: Store["accounts"]) {
  const sameName = [...healths].filter(([, health]) => health.name === name).map(([id]) => id);
  return sameName.find((id) => configured.has(id)) ?? sameName.at(-1) ?? idsOf(name)[0];
}

/** Each Sonarr and Radarr: in the configuration's order, then those for which deletions still wait. */
function arrsOf({ store: { arrs }, config }: StatusInput) {
  const given = new Set(config.arrs.map(({ name }) => name));
  return [...new Set([...given, ...arrs.pending.map(({ server }) => server)])].map((name) => {
    const told = arrs.servers.get(name)?.last_told;
    return {
      name: given.has(name) || !config.allArrsRead ? name : `${name} (no longer configured)`,
      /** Deletions that it is still to be told of. */
      waiting: arrs.pending.filter(({ server }) => server === name).length,
      /** The last deletion that it was told of. */
      last_told: told ? { at: told.at, filename: told.filename ?? null } : null,
    };
  });
}

/** The rules that will hold deletions back, and how many. */
function heldBy(magnets: readonly TrackedMagnet[]) {
  const counts = new Map<HoldRule, number>();
  for (const { held_by: rule } of magnets) if (rule !== null) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return Array.from(counts, ([rule, count]) => ({ rule, count }));
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
