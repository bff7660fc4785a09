import type { FailingStatus } from "../../src/core/magnet.ts";
import type { Action } from "../../src/core/report.ts";
import type { Policy } from "../../src/core/settings.ts";
import { isListed, type Trouble, type WorldMagnet } from "./memory-account.ts";

/** What the model remembers of a magnet. */
export interface ModelCounter {
  fails: number;
  status: FailingStatus;
  restarts: number;
  chance: boolean;
  seconds: number;
  lastSeen?: number;
  since?: number;
  /** Index of the account; unknown for an entry of the original. */
  owner?: number;
}

/** An account as a sweep finds it. */
export interface ModelAccount {
  readonly magnets: ReadonlyMap<string, WorldMagnet>;
  readonly trouble: Trouble;
  /** The ids whose deletion was asked for: after some failures the rest may be left for the next sweep. */
  readonly tried: ReadonlySet<string>;
  /** The ids as they were handed over for a restart, all batches in a row. */
  readonly restartOrder: readonly string[];
}

const LISTS: readonly FailingStatus[] = ["expired", "error"];
const HOUR = 3600;

/**
 * The chapter "Counting" once more, as plainly as it can be said: no requests, no order of events, no disk.
 * What it says of counters, deletions, announcements and actions must be what a real sweep does.
 */
export class CountingModel {
  readonly counters = new Map<string, ModelCounter>();
  /** Deletions whose outcome is not known, by account. */
  readonly doubtful = new Map<string, number>();
  readonly announced: string[] = [];
  readonly capsTold: number[] = [];
  #isTold = new Set<number>();

  /** One sweep at `now`, in seconds; what becomes of each magnet that it has to say something of. */
  sweep(
    accounts: readonly ModelAccount[],
    policy: Policy,
    now: number,
    longestGap: number,
  ): Map<string, Action> {
    const actions = new Map<string, Action>();
    const shown = new Set<string>();
    for (const [owner, account] of accounts.entries()) {
      this.#settle(owner, account, actions);
      this.#sight(owner, account, { policy, now, longestGap, shown, actions });
    }
    this.#recover(accounts, shown, actions);
    return actions;
  }

  #settle(owner: number, account: ModelAccount, actions: Map<string, Action>): void {
    if (answered(account).length === 0) return;
    for (const [id, holder] of [...this.doubtful]) {
      if (holder !== owner) continue;
      const magnet = account.magnets.get(id);
      const listed = magnet && answered(account).some((list) => isListed(magnet, list));
      if (!listed && account.trouble.asksDown) continue;
      this.doubtful.delete(id);
      if (!magnet) this.#deleted(id, actions);
    }
  }

  #sight(
    owner: number,
    account: ModelAccount,
    {
      policy,
      now,
      longestGap,
      shown,
      actions,
    }: { policy: Policy; now: number; longestGap: number; shown: Set<string>; actions: Map<string, Action> },
  ): void {
    const { magnets, trouble } = account;
    const restarts: string[] = [];
    const held = new Set<string>();
    const due: string[] = [];
    for (const magnet of magnets.values()) {
      const lists = answered(account).filter((list) => isListed(magnet, list));
      if (lists.length === 0) continue;
      shown.add(magnet.id);
      if (magnet.liar) continue;

      const counter = this.counters.get(magnet.id);
      // A list that is down may well hold it, as it did before.
      if (counter && !answered(account).includes(counter.status)) lists.push(counter.status);
      const limit = Math.max(...lists.map((list) => policy.maxRetries[list]));
      const status = lists.find((list) => policy.maxRetries[list] === limit) ?? "error";
      const gap = counter?.lastSeen === undefined ? 0 : Math.max(0, now - counter.lastSeen);
      const counted: ModelCounter = {
        fails: (counter?.fails ?? 0) + 1,
        status,
        restarts: counter?.restarts ?? 0,
        chance: counter?.chance ?? false,
        seconds: (counter?.seconds ?? 0) + Math.min(gap, longestGap),
        since: counter?.since ?? now,
        lastSeen: now,
        owner,
      };
      this.counters.set(magnet.id, counted);

      const isDue = counted.fails >= limit;
      const isHeld =
        isDue &&
        (policy.protect.includes(magnet.id) ||
          counted.seconds < policy.minFailingHours * HOUR ||
          (limit > 1 && !counted.chance));
      if (isHeld) held.add(magnet.id);
      if (isDue && !isHeld) due.push(magnet.id);
      else restarts.push(magnet.id);
    }
    if (policy.maxDeletes > 0 && due.length > policy.maxDeletes) {
      for (const id of due) held.add(id);
      restarts.push(...due.splice(0));
      if (!this.#isTold.has(owner)) this.capsTold.push(owner);
      this.#isTold.add(owner);
    } else if (answered(account).length === 2) {
      this.#isTold.delete(owner);
    }
    this.#restart(account, restarts, held, actions);
    for (const id of due) this.#delete(id, owner, trouble, account, actions);
  }

  #restart(
    { trouble, restartOrder }: ModelAccount,
    ids: readonly string[],
    held: ReadonlySet<string>,
    actions: Map<string, Action>,
  ): void {
    let { slots } = trouble;
    const inOrder = [...ids].sort((a, b) => restartOrder.indexOf(a) - restartOrder.indexOf(b));
    for (const id of inOrder) {
      const counter = this.counters.get(id) as ModelCounter;
      let accepted = false;
      if (!trouble.restartsDown) {
        if (trouble.vanishing.has(id)) {
          if (!trouble.asksDown) {
            this.counters.delete(id);
            actions.set(id, "forgotten");
            continue;
          }
          counter.chance = true;
        } else if (trouble.refusals.has(id)) {
          if (trouble.refusals.get(id) === "own") counter.chance = true;
        } else if (slots > 0) {
          slots--;
          accepted = true;
          counter.restarts++;
          counter.chance = true;
        }
      }
      actions.set(id, held.has(id) ? "held" : accepted ? "restarted" : "failed");
    }
  }

  #delete(
    id: string,
    owner: number,
    { deletions, vanishing, asksDown }: Trouble,
    { tried }: ModelAccount,
    actions: Map<string, Action>,
  ): void {
    actions.set(id, "failed");
    if (!tried.has(id)) return;
    const trouble = deletions.get(id);
    const isGone = vanishing.has(id);
    if (trouble === "lost, not done" || (trouble === "lost, done" && !isGone)) {
      if (asksDown) this.doubtful.set(id, owner);
      else if (isGone || trouble === "lost, done") this.#deleted(id, actions);
    } else if (isGone) {
      this.counters.delete(id);
      actions.set(id, "forgotten");
    } else if (trouble === undefined) {
      this.#deleted(id, actions);
    }
  }

  #deleted(id: string, actions: Map<string, Action>): void {
    this.announced.push(id);
    this.counters.delete(id);
    actions.set(id, "deleted");
  }

  #recover(
    accounts: readonly ModelAccount[],
    shown: ReadonlySet<string>,
    actions: Map<string, Action>,
  ): void {
    for (const [id, counter] of [...this.counters]) {
      if (shown.has(id)) continue;
      const knows = (account: ModelAccount, list: "ready" | "active") => {
        const magnet = account.magnets.get(id);
        const reads = answered(account).length > 0 && !account.trouble.listsDown.includes(list);
        return reads && magnet !== undefined && isListed(magnet, list);
      };
      const possible = [...accounts.keys()].filter((index) => (counter.owner ?? index) === index);
      const owned = possible.map((index) => accounts[index] as ModelAccount);
      if (owned.some((account) => knows(account, "ready") || knows(account, "active")))
        this.doubtful.delete(id);
      if (owned.some((account) => knows(account, "ready"))) {
        this.#forgotten(id, actions);
        continue;
      }
      const active = possible.find((index) => knows(accounts[index] as ModelAccount, "active"));
      if (active !== undefined) {
        counter.owner = active;
        continue;
      }
      if (this.doubtful.has(id)) continue;
      // A question makes sense where the lists that could show it did answer.
      if (owned.some((account) => !answered(account).includes(counter.status))) continue;
      const holder = possible.find((index) => {
        const { trouble, magnets } = accounts[index] as ModelAccount;
        return !trouble.asksDown && magnets.has(id);
      });
      if (holder === undefined) {
        if (owned.every(({ trouble }) => !trouble.asksDown)) this.#forgotten(id, actions);
        continue;
      }
      counter.owner = holder;
      const magnet = accounts[holder]?.magnets.get(id);
      if (magnet?.state === "ready" || magnet?.liar) this.#forgotten(id, actions);
    }
  }

  #forgotten(id: string, actions: Map<string, Action>): void {
    this.counters.delete(id);
    actions.set(id, "forgotten");
  }
}

function answered({ trouble }: ModelAccount): FailingStatus[] {
  return LISTS.filter((list) => !trouble.listsDown.includes(list));
}
