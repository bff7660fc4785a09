import { longestGapMs, type Moment } from "./gaps.ts";
import { History } from "./history.ts";
import type { Entry, Shown } from "./log.ts";
import { conditionOf, type FailingList } from "./seen.ts";

const DAY_MS = 24 * 3_600_000;
/** An account that is not configured is known for so long. */
const FORGOTTEN_MS = 90 * DAY_MS;

/** The response to a question for one magnet, as the program heard it. */
interface Answered {
  readonly sweep: number;
  readonly at: number;
  /** Nothing: there is no such magnet. */
  readonly magnet: Shown | undefined;
}

/** All that the program can know of magnets, by what reached it: the contract's words applied to the models' log. */
export class Evidence {
  sweep = 0;
  /** This sweep's start. */
  now: Moment = { at: 0, wall: 0 };
  /** How far it was ahead of true time. */
  #ahead = 0;
  /** It was set during this sweep, so that nobody knows which times the program noted. */
  clockWasSet = false;
  /** `max_deletes_per_run` in this sweep. */
  cap = 0;
  readonly #longestGap: number;
  /** By account and id; several torrents can have had an id. The newest that the program heard of is the last. */
  readonly #histories = new Map<string, History[]>();
  /** Counters of the original program, until an account shows the magnet. They have no hashes. */
  readonly #unowned: Map<string, number>;
  /** Those that have an account now: what is shown with them, one torrent or two, may be theirs. */
  readonly #claimed = new Map<string, number>();
  readonly #answered = new Map<string, Answered>();
  /** Keys of which the program has heard whose they are. */
  readonly #knownKeys = new Set<string>();
  /** Those of this sweep: a program that dies may not have kept them. */
  readonly #heardKeys = new Set<string>();
  /** This sweep's accounts are as they were found. */
  #isAtWork = false;
  /** When an account was last in the config, by the clock; and the days on which it was not for too long. */
  readonly #lastSwept = new Map<string, { wall: number; readonly tooLong: Set<number> }>();
  /** The config's keys, by account. */
  #keys: readonly { readonly account: string; readonly key: string }[] = [];
  /** Lists that the program may have read in this sweep, by account, and those it surely read. */
  readonly #heard = new Map<string, Set<FailingList>>();
  readonly #surelyHeard = new Map<string, Set<FailingList>>();

  constructor(cycleSeconds: number, counters: Readonly<Record<string, number>>) {
    this.#longestGap = longestGapMs(cycleSeconds);
    this.#unowned = new Map(Object.entries(counters));
  }

  see(entry: Entry): void {
    this.clockWasSet ||= entry.wall - entry.at !== this.#ahead;
    switch (entry.kind) {
      case "sweep":
        this.#ahead = entry.wall - entry.at;
        this.clockWasSet = false;
        this.sweep = entry.sweep;
        this.now = entry;
        this.cap = entry.cap;
        this.#keys = entry.keys;
        this.#isAtWork = false;
        this.#heardKeys.clear();
        this.#heard.clear();
        this.#surelyHeard.clear();
        for (const history of this.#all()) history.beginSweep(entry);
        return;
      case "sent":
        if (entry.endpoint === "list" && !entry.beside) this.#isAtWork = true;
        return;
      case "end":
        this.#endSweep(entry.how === "done");
        return;
      case "heard list":
        this.#heardList(entry);
        return;
      case "heard magnet":
        this.#heardMagnet(entry);
        return;
      case "heard user":
        // What comes beside the work is no use before the next sweep, which asks again.
        if (entry.certain && !this.#isAtWork) this.#heardKeys.add(entry.key);
        return;
      case "heard restart":
        for (const history of this.#restarted(entry.account, entry.id)) {
          history.answeredRestart(entry.outcome, entry.sweep, entry.certain);
        }
        return;
      case "delete answered":
        if (!entry.heard || entry.outcome === "refused" || entry.outcome === "vague") return;
        for (const history of this.of(entry.account, entry.id)) {
          const isNewest = history === this.of(entry.account, entry.id).at(-1);
          history.learnedItIsOver(entry.outcome === "success" && isNewest ? "deleted" : "gone");
        }
        return;
      case "there":
        // Uploaded after its deletion it starts anew.
        for (const history of this.of(entry.account, entry.id)) history.uploadedAgain();
        return;
      case "reset":
        for (const history of this.#all()) {
          if (entry.ids !== "all" && !entry.ids.includes(history.id)) continue;
          history.forget();
          // What a sweep recorded that died stays to be finished: it is an open intent.
          if (history.confirmed) history.startAnew();
        }
        for (const id of entry.ids === "all" ? [...this.#unowned.keys()] : entry.ids)
          this.#unowned.delete(id);
        for (const key of this.#claimed.keys()) {
          if (entry.ids === "all" || entry.ids.some((id) => key.endsWith(`/${id}`)))
            this.#claimed.delete(key);
        }
        return;
    }
  }

  of(account: string, id: string): readonly History[] {
    return this.#histories.get(keyOf(account, id)) ?? [];
  }

  /** The newest torrent of each id of an account. */
  newestOf(account: string): History[] {
    const mine = [...this.#histories].filter(([key]) => key.startsWith(`${account}/`));
    return mine.flatMap(([, histories]) => histories.slice(-1));
  }

  /** The history of a torrent under an id; without a hash, of the one that the program heard of last. */
  history(account: string, id: string, hash?: string): History {
    const known = this.of(account, id);
    const same = hash === undefined ? known.at(-1) : known.find((history) => history.hash === hash);
    const nameless = known.find((history) => history.hash === undefined);
    const history = same ?? nameless ?? new History(id, hash, this.#longestGap);
    history.hash ??= hash;
    const key = keyOf(account, id);
    if (known.length === 0 && this.#unowned.has(id)) {
      this.#claimed.set(key, this.#unowned.get(id) ?? 0);
      this.#unowned.delete(id);
    }
    if (!known.includes(history)) history.fails = this.#claimed.get(key) ?? 0;
    this.#histories.set(keyOf(account, id), [...known.filter((each) => each !== history), history]);
    return history;
  }

  /** All torrents that this sweep shows under an id: nobody knows which one a restart was for. */
  #restarted(account: string, id: string): History[] {
    const shown = this.of(account, id).filter(({ seen }) => seen.isListed || seen.foundFailing);
    return shown.length > 0 ? shown : [this.history(account, id)];
  }

  /** What the last question for the magnet brought. */
  answered(account: string, id: string): Answered | undefined {
    return this.#answered.get(keyOf(account, id));
  }

  /** How many of an account's two lists the program may have read in this sweep. */
  listsHeard(account: string): number {
    return this.#heard.get(account)?.size ?? 0;
  }

  /** The most sightings that the program can have counted for an id. */
  mostFails(id: string): number {
    // A list that leaves hashes out may have shown any of the torrents.
    const known = this.#all().filter((history) => history.id === id);
    return known.reduce((sum, { fails }) => sum + fails, this.#unowned.get(id) ?? 0);
  }

  /** What the program must have counted, by id: of magnets that it can't have taken for others. */
  leastFails(): Map<string, number> {
    const least = new Map<string, number>();
    for (const history of this.#all()) least.set(history.id, least.has(history.id) ? 0 : history.sureFails);
    return least;
  }

  /** What is known of an account may be forgotten after 90 days, on the word of two days. */
  #noteAbsence(well: boolean): void {
    const { wall } = this.now;
    const swept = new Set(
      this.#keys.flatMap(({ account, key }) => (this.#knownKeys.has(key) ? [account] : [])),
    );
    for (const { account } of this.#keys) {
      if (!this.#lastSwept.has(account)) this.#lastSwept.set(account, { wall, tooLong: new Set() });
    }
    for (const account of well ? swept : []) this.#lastSwept.set(account, { wall, tooLong: new Set() });
    for (const [account, last] of this.#lastSwept) {
      if (swept.has(account) || wall - last.wall < FORGOTTEN_MS) continue;
      last.tooLong.add(Math.floor(wall / DAY_MS));
      if (last.tooLong.size < 2) continue;
      for (const [key, histories] of this.#histories) {
        if (!key.startsWith(`${account}/`)) continue;
        for (const history of histories) {
          history.mayBeForgotten();
          history.confirmed = false;
        }
      }
    }
  }

  #all(): History[] {
    return [...this.#histories.values()].flat();
  }

  #endSweep(well: boolean): void {
    if (well) for (const key of this.#heardKeys) this.#knownKeys.add(key);
    this.#noteAbsence(well);
    for (const [key, histories] of this.#histories) {
      const account = key.slice(0, key.lastIndexOf("/"));
      const isKnown = this.isKnown(account);
      for (const history of histories) {
        if (!history.seen.isListedSurely && this.listsHeard(account) === 2) history.confirmed = false;
        if (!history.seen.isListed && well && this.#surelyHeard.get(account)?.size === 2) history.startAnew();
        if (well && history.seen.isListedSurely) this.#claimed.delete(key);
        history.endSweep(this.now, well, isKnown);
        if (this.clockWasSet) history.forgetTimes();
      }
    }
  }

  /** As how many accounts the program may see one: keys that it does not know yet are accounts of their own. */
  accountsSeen(account: string): number {
    return this.isKnown(account) ? 1 : this.keysOf(account);
  }

  keysOf(account: string): number {
    return this.#keys.filter((each) => each.account === account).length;
  }

  /** Whether the program knows whose each of its keys is. */
  isKnown(account: string): boolean {
    const keys = this.#keys.filter((each) => each.account === account);
    return keys.every(({ key }) => this.#knownKeys.has(key) || this.#heardKeys.has(key));
  }

  #heardList({ account, list, certain, fresh, magnets }: Extract<Entry, { kind: "heard list" }>): void {
    // Keys of which it is not known that they are of one account are accounts of their own.
    const isSure = certain && this.isKnown(account);
    if (list === "expired" || list === "error") {
      add(this.#heard, account, list);
      if (isSure) add(this.#surelyHeard, account, list);
    }
    for (const magnet of magnets) {
      const before = this.of(account, magnet.id).at(-1);
      const history = this.history(account, magnet.id, magnet.hash);
      if (before && before !== history) history.takeOver(before);
      if (before && before !== history && before.seen.isListed) {
        before.seen.isDisputed = true;
        history.seen.isDisputed = true;
      }
      history.seen.inList(magnet, list, isSure);
      // An old copy may make the program forget it, too.
      if (list === "ready") history.mayBeForgotten();
      if (list === "ready" || list === "active") history.mayBeProcessing();
      const isLearned = fresh && isSure && !history.isAnotherKeys;
      if (list === "ready" && isLearned) history.learnedItIsOver("ready");
      if (list === "active" && isLearned) history.learnedItIsProcessing();
    }
  }

  #heardMagnet(entry: Extract<Entry, { kind: "heard magnet" }>): void {
    const { account, id, magnet, sweep, at } = entry;
    const certain = entry.certain && this.isKnown(account);
    this.#answered.set(keyOf(account, id), { sweep, at, magnet });
    if (!magnet) {
      for (const history of this.of(account, id)) history.mayBeForgotten();
      if (certain) for (const history of this.of(account, id)) history.learnedItIsOver("gone");
      return;
    }
    const before = this.of(account, id).at(-1);
    const history = this.history(account, id, magnet.hash);
    if (before && before !== history) history.takeOver(before);
    history.found(magnet);
    history.seen.contradictedBy(this.of(account, id).map(({ seen }) => seen));
    const condition = conditionOf(magnet);
    if (magnet.code === 3) history.gaps.mayBeMet();
    // It may have read that it works, and forgotten it.
    if (!certain) history.mayBeForgotten();
    if (condition === "failing") history.seen.foundFailing = true;
    else if (certain && condition === "ready") history.learnedItIsOver("ready");
    else if (certain && !history.seen.failingIn.has("expired")) history.learnedItIsProcessing();
    else history.mayBeProcessing();
  }
}

const keyOf = (account: string, id: string) => `${account}/${id}`;

function add(sets: Map<string, Set<FailingList>>, key: string, value: FailingList): void {
  sets.set(key, (sets.get(key) ?? new Set<FailingList>()).add(value));
}
