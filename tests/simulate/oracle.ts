import { type Deed, Deeds } from "./deeds.ts";
import { Evidence } from "./evidence.ts";
import type { History } from "./history.ts";
import type { Entry, Shown } from "./log.ts";
import type { Rule, Violation } from "./rules.ts";
import { conditionOf, type FailingList } from "./seen.ts";
import { type Line, type OracleDisk, StateFiles } from "./state-files.ts";
import { Turns } from "./turns.ts";

/** What the owner asked for, as the oracle needs it. */
export interface OracleSettings {
  readonly maxRetries: Readonly<Record<FailingList, number>>;
  readonly minFailingHours: number;
  readonly cycleSeconds: number;
  readonly webhook: boolean;
  readonly protects: (magnet: Pick<History, "id" | "hash" | "names">) => boolean;
}

/** From the response to the question until the deletion is sent. */
const IMMEDIATELY_MS = 120_000;

/** Windows in which the server counts requests. */
const WINDOWS = [
  { requests: 12, ms: 1_000, rule: "more than 12 requests in a second" },
  { requests: 600, ms: 60_000, rule: "more than 600 requests in a minute" },
] as const;

/**
 * Judges a program by what reached it, what it sent, and what it left on disk; never by what it says of itself. Where
 * the program may not know something, the benefit of the doubt is its.
 */
export class Oracle {
  readonly violations: Violation[] = [];
  readonly #settings: OracleSettings;
  readonly #files: StateFiles;
  readonly #evidence: Evidence;
  readonly #deeds = new Deeds();
  /** Ids whose deletion was sent in this sweep, by account. */
  readonly #deleting = new Map<string, Set<string>>();
  readonly #turns = new Turns();
  #arrivals: number[] = [];
  /** How far the machine's clock was ahead at the last arrival. */
  #ahead = 0;

  constructor(settings: OracleSettings, disk: OracleDisk) {
    this.#settings = settings;
    this.#files = new StateFiles(disk);
    this.#evidence = new Evidence(settings.cycleSeconds, this.#files.counted());
  }

  see(entry: Entry): void {
    this.#evidence.see(entry);
    this.#deeds.see(entry);
    switch (entry.kind) {
      case "sweep":
        this.#deleting.clear();
        this.#turns.begin();
        return;
      case "asked to wait":
        // Another key of the account may be tried.
        if (this.#evidence.keysOf(entry.account) === 1)
          this.#turns.askedToWait(entry.account, entry.seconds, entry.at);
        return;
      case "trouble":
        this.#turns.troubled(entry.account);
        return;
      case "sent":
        if (entry.account === undefined) return;
        if (!entry.beside) this.#turns.sent(entry.account, entry.at);
        if (entry.endpoint === "restart") this.#judgeRestart(entry.account, entry.ids);
        if (entry.endpoint === "delete") this.#judgeFirstAttempt(entry.account, entry.ids[0] ?? "", entry.at);
        return;
      case "arrived":
        this.#judgeRate(entry);
        return;
      case "posted":
        for (const id of entry.ids) {
          if (this.#deeds.toBeTold(id).length === 0) this.#violated("announced, never happened", id);
        }
        return;
      case "end":
        if (entry.how === "bug") this.#violated("bug", entry.detail);
        if (entry.how === "endless") this.#violated("sweep without an end", `${entry.seconds} s`);
        // The dead don't know whether their last request was sent.
        if (entry.how === "done") this.#judgeEnd();
        else this.#deeds.mayHaveSent(this.#files.intended(), entry.wall);
        return;
    }
  }

  /** Judges what is left after the calm sweeps. `failing`: what truly fails in accounts that are configured. */
  finish(
    accounts: readonly string[],
    failing: readonly { readonly id: string; readonly hash: string; readonly name: string }[],
  ): void {
    const lines = this.#files.deletions();
    for (const deed of this.#deeds.all) {
      const isExpected = !deed.isOfUnknownKey && !deed.isGivenUp;
      const isDone = deed.confirmed || (deed.goneBy === "program" && isExpected);
      if (accounts.includes(deed.account) && isDone) {
        this.#judgeTelling(deed, lines);
      }
    }
    const claimed = lines.filter(({ confirmed }) => confirmed !== false);
    for (const id of new Set(claimed.map((line) => line.id))) {
      const mine = claimed.filter((line) => line.id === id);
      const deeds = this.#deeds.toBeTold(id);
      if (!mine.every((line) => deeds.some((deed) => isOf(line, deed)))) {
        this.#violated("recorded, never happened", id);
      } else if (mine.length > deeds.length) {
        this.#violated("recorded twice", `${id}: ${mine.length} lines`);
      }
    }
    for (const id of this.#deeds.posts.keys()) {
      const posts = this.#deeds.plainPosts(id);
      if (posts > Math.max(1, this.#deeds.toBeTold(id).length)) {
        this.#violated("announced twice", `${id}: ${posts} messages`);
      }
    }
    if (this.#settings.webhook && this.#files.waiting() > 0) {
      this.#violated("notice left over", `${this.#files.waiting()} in outbox.json`);
    }
    for (const { id, hash, name } of failing) {
      const magnet = { id, hash, names: new Set([name]) };
      if (!this.#settings.protects(magnet)) this.#violated("stuck", `${id} ${name}`);
    }
  }

  #judgeTelling(deed: Deed, lines: readonly Line[]): void {
    const what = `${deed.id} ${deed.hash.slice(0, 6)}`;
    const mine = lines.filter((line) => isOf(line, deed));
    if (mine.length === 0) this.#violated("not recorded", what);
    // Of an account that was not configured for 90 days nobody is told.
    const isSilent =
      mine.some(({ confirmed }) => confirmed === false) || this.#deeds.neverPosted.has(deed.id);
    if (this.#settings.webhook && !isSilent && !this.#deeds.posts.has(deed.id)) {
      this.#violated("not announced", what);
    }
  }

  #judgeEnd(): void {
    this.#judgeCounters();
    for (const what of this.#turns.heldUp()) this.#violated("held up by another account's trouble", what);
    for (const what of this.#turns.waitedFor()) this.#violated("waited for longer than half a minute", what);
  }

  #judgeCounters(): void {
    const counted = this.#files.counted();
    for (const [id, fails] of Object.entries(counted)) {
      const most = this.#evidence.mostFails(id);
      if (fails > most) this.#violated("counted more often than seen", `${id}: ${fails} for ${most}`);
    }
    for (const [id, least] of this.#evidence.leastFails()) {
      if ((counted[id] ?? 0) < least)
        this.#violated("counter lost", `${id}: ${counted[id] ?? 0} of ${least}`);
    }
  }

  #judgeRestart(account: string, ids: readonly string[]): void {
    const counted = this.#files.durablyCounted();
    for (const id of ids) {
      if ((counted[id] ?? 0) < 1) this.#violated("done before it was counted on disk", `restart of ${id}`);
    }
    const due = this.#surelyDue(account);
    if (due.size <= this.#evidence.cap) return;
    for (const id of ids) if (due.has(id)) this.#violated("restarted though the cap holds it", id);
  }

  /** A second attempt in the same sweep needs no second question. */
  #judgeFirstAttempt(account: string, id: string, at: number): void {
    if (!this.#evidence.isKnown(account)) this.#deeds.sentByUnknownKey(account, id);
    const deleting = this.#deleting.get(account) ?? new Set();
    if (deleting.has(id)) return;
    this.#deleting.set(account, deleting.add(id));
    const { cap } = this.#evidence;
    if (
      cap > 0 &&
      (deleting.size > cap * this.#evidence.accountsSeen(account) || this.#surelyDue(account).size > cap)
    ) {
      this.#violated("deleted over the cap", id);
    }
    const history = this.#evidence.history(account, id);
    history.sureFails = 0;
    this.#judgeQuestion(account, history, at);
    if (this.#settings.protects(history)) this.#violated("deleted though protected", id);
    // If AllDebrid did not do what it confirmed, the rest was right once.
    if (!history.confirmed && !history.mayBeConfirmed) this.#judgeDeletion(account, history);
  }

  #judgeQuestion(account: string, history: History, at: number): void {
    const { id, hash } = history;
    const what = `${id} ${hash?.slice(0, 6) ?? ""}`;
    const answered = this.#evidence.answered(account, id);
    if (answered?.sweep !== this.#evidence.sweep || at - answered.at > IMMEDIATELY_MS) {
      this.#violated("deleted without being asked for by id", what);
    } else if (!answered.magnet || !isFailing(answered.magnet, history)) {
      this.#violated("deleted though not failing", what);
    }
  }

  #judgeDeletion(account: string, history: History): void {
    const { id, hash } = history;
    const { minFailingHours } = this.#settings;
    const { sweep, now } = this.#evidence;
    const what = `${id} ${hash?.slice(0, 6) ?? ""}`;
    const limit = this.#limitOf(account, history);
    const fails = history.fails + (history.seen.isSighted ? 1 : 0);
    if (!history.seen.isSighted || fails < limit) {
      const others = this.#evidence.of(account, id).filter((other) => other !== history);
      const rule =
        history.seen.isSighted && others.some((other) => other.fails + 1 >= limit)
          ? "deleted though the id is another torrent's"
          : "deleted before max_retries failures in a row";
      const unseen = history.seen.isSighted ? "" : "not sighted in this sweep, ";
      this.#violated(rule, `${what}: ${unseen}${fails} of ${limit}`);
    }
    const hadChance = history.chanceIn !== undefined && history.chanceIn < sweep;
    if (limit > 1 && !hadChance) this.#violated("deleted without a real chance", what);
    if (history.gaps.isAfter(now) && !this.#evidence.clockWasSet)
      this.#violated("deleted after a gap without a chance", what);
    const failingMs = history.failingMs + history.msSinceSighting(now);
    if (failingMs + 60_000 < minFailingHours * 3_600_000 && !this.#evidence.clockWasSet) {
      this.#violated("deleted before min_failing_hours", what);
    }
    if (!this.#files.hasDurableIntent(id)) this.#violated("deleted without an intent on disk", what);
    const counted = this.#files.durablyCounted()[id] ?? 0;
    if (counted < limit)
      this.#violated("done before it was counted on disk", `deletion of ${id}: ${counted}`);
  }

  /** In both lists, or when the other one did not answer, the higher; the lower where the program may not know. */
  #limitOf(account: string, { seen: { failingIn, failingSurelyIn, workingIn } }: History): number {
    const { expired, error } = this.#settings.maxRetries;
    if (failingIn.size === 0 || workingIn.size > 0) return Math.min(expired, error);
    if (failingSurelyIn.size < failingIn.size) return Math.min(expired, error);
    if (failingIn.size === 2 || this.#evidence.listsHeard(account) < 2) return Math.max(expired, error);
    return failingIn.has("expired") ? expired : error;
  }

  /** What is due in an account beyond doubt, so that the program must know it, too; nothing while there is no cap. */
  #surelyDue(account: string): ReadonlySet<string> {
    const { maxRetries, minFailingHours, protects } = this.#settings;
    const { cap } = this.#evidence;
    const due = new Set<string>();
    if (cap === 0 || minFailingHours > 0 || this.#evidence.clockWasSet) return due;
    const candidates = this.#evidence.newestOf(account).filter((history) => {
      const { seen, gaps, chanceIsSure, mayBeConfirmed } = history;
      const isAlone = this.#evidence.of(account, history.id).length === 1;
      const isPlain = seen.isSighted && seen.failingSurelyIn.size > 0 && !seen.isContradicted;
      // Without a hash or a name, `protect` can't be ruled out.
      const isNamed = seen.withHash && !seen.withoutHash && seen.names.size > 0;
      return isPlain && isAlone && isNamed && chanceIsSure && !gaps.isOpen && !mayBeConfirmed;
    });
    if (candidates.length <= cap) return due;
    const counted = this.#files.durablyCounted();
    const limit = Math.max(maxRetries.expired, maxRetries.error);
    for (const history of candidates) {
      if ((counted[history.id] ?? 0) >= limit && !protects(history)) due.add(history.id);
    }
    return due;
  }

  /** A program that is told another time can't know how long ago the last one sent something. */
  #judgeRate({ at, wall, request }: Extract<Entry, { kind: "arrived" }>): void {
    const ahead = wall - at;
    this.#arrivals = this.#arrivals.filter((earlier) => ahead === this.#ahead && earlier > at - 60_000);
    this.#ahead = ahead;
    this.#arrivals.push(at);
    for (const { requests, ms, rule } of WINDOWS) {
      const count = this.#arrivals.filter((earlier) => earlier > at - ms).length;
      if (count === requests + 1) this.#violated(rule, `#${request}`);
    }
  }

  #violated(rule: Rule, what: string): void {
    this.violations.push({ rule, what, sweep: this.#evidence.sweep });
  }
}

/** Code 3 is failing where this sweep's `expired` list holds it. */
function isFailing(magnet: Shown, history: History): boolean {
  return conditionOf(magnet) === "failing" || (magnet.code === 3 && history.seen.failingIn.has("expired"));
}

function isOf(line: Line, { id, hash }: Deed): boolean {
  return line.id === id && (line.hash === undefined || line.hash.toLowerCase() === hash);
}
