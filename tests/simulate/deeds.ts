import type { Entry } from "./log.ts";
import { conditionOf, type FailingList } from "./seen.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What was done about one magnet: a torrent that has an id, from its upload until it is gone. */
export interface Deed {
  readonly account: string;
  readonly id: string;
  readonly hash: string;
  /** Deletions that were sent, by number: `open` until they are answered. */
  readonly attempts: Map<number, "open" | "success" | "refused" | "invalid" | "vague">;
  /** When they were sent, by the machine's clock. */
  readonly sentAt: Map<number, number>;
  /** It was found by id a day or more after the last of them, so that the program expects nothing of them any more. */
  isGivenUp: boolean;
  /** The program was told that it is deleted, and lived to keep that. */
  confirmed: boolean;
  goneBy: "program" | "hand" | undefined;
  /** A deletion was sent by a key of which the program does not know whose it is. If that is replaced, nobody can. */
  isOfUnknownKey: boolean;
}

/** One message about a magnet. */
interface Post {
  readonly sweep: number;
  readonly heard: boolean;
}

/** What truly became of all magnets, by the models' log alone. */
export class Deeds {
  readonly all: Deed[] = [];
  readonly posts = new Map<string, Post[]>();
  readonly neverPosted = new Set<string>();
  /** Sweeps that ended in a way that lets a notice be sent again. */
  readonly #troubled = new Set<number>();
  /** Lists of this sweep that did not show an id. */
  readonly #missing = new Map<string, Set<FailingList>>();
  #confirmedNow: Deed[] = [];
  readonly #byRequest = new Map<number, Deed>();

  see(entry: Entry): void {
    switch (entry.kind) {
      case "there":
        this.all.push(newDeed(entry));
        return;
      case "heard list":
        if (entry.list === "ready" || entry.list === "active") {
          for (const { id } of entry.magnets) this.#startAnew(this.#latest(entry.account, id));
        } else this.#noteMissing(entry.account, entry.list, new Set(entry.magnets.map(({ id }) => id)));
        return;
      case "sweep":
        this.#missing.clear();
        return;
      case "heard magnet":
        if (!entry.magnet) return;
        for (const deed of this.all) {
          const isSame = entry.magnet.hash === undefined || entry.magnet.hash === deed.hash;
          if (deed.account === entry.account && deed.id === entry.id && isSame) this.#found(deed, entry.wall);
        }
        if (conditionOf(entry.magnet) !== "failing") this.#startAnew(this.#latest(entry.account, entry.id));
        return;
      case "reset":
        for (const deed of [...this.all]) {
          if (entry.ids === "all" || entry.ids.includes(deed.id)) this.#startAnew(deed);
        }
        return;
      case "sent": {
        const [id] = entry.ids;
        if (entry.endpoint !== "delete" || entry.account === undefined || id === undefined) return;
        const deed = this.#latest(entry.account, id);
        if (!deed) return;
        noteAttempt(deed, entry.request, entry.wall);
        this.#byRequest.set(entry.request, deed);
        return;
      }
      case "delete answered": {
        const deed = this.#byRequest.get(entry.request);
        // What was carried out behind a vague response was answered before that.
        if (deed?.attempts.get(entry.request) !== "vague" || entry.outcome === "success")
          deed?.attempts.set(entry.request, entry.outcome);
        if (deed && entry.outcome === "success" && entry.heard) this.#confirmedNow.push(deed);
        return;
      }
      case "gone": {
        const deed = this.#latest(entry.account, entry.id);
        if (deed) deed.goneBy ??= entry.by;
        return;
      }
      case "posted":
        for (const id of entry.ids) {
          this.posts.set(id, [...(this.posts.get(id) ?? []), { sweep: entry.sweep, heard: entry.heard }]);
        }
        return;
      case "never posted":
        this.neverPosted.add(entry.id);
        return;
      case "end":
        if (entry.how !== "done") this.#troubled.add(entry.sweep);
        else for (const deed of this.#confirmedNow) deed.confirmed = true;
        this.#confirmedNow = [];
        return;
    }
  }

  sentByUnknownKey(account: string, id: string): void {
    const deed = this.#latest(account, id);
    if (deed) deed.isOfUnknownKey = true;
  }

  /** A deletion of these may have been sent, as far as the program can know. `wall`: by the machine's clock. */
  mayHaveSent(ids: readonly string[], wall: number): void {
    for (const id of ids) {
      const deed = this.all.findLast((each) => each.id === id);
      if (deed) noteAttempt(deed, -1, wall);
    }
  }

  /** The deeds that may be told of an id. */
  toBeTold(id: string): Deed[] {
    return this.all.filter((deed) => deed.id === id && mayBeTold(deed));
  }

  /** Messages about a magnet that nothing excuses: no death, no full disk, no response lost since the one before. */
  plainPosts(id: string): number {
    return (this.posts.get(id) ?? []).filter(({ heard, sweep }) => heard && !this.#troubled.has(sweep))
      .length;
  }

  /** A refusal ends only the attempt that it answers. A time in the future is unknown. */
  #found(deed: Deed, wall: number): void {
    const sent = [...deed.sentAt].flatMap(([request, at]) =>
      deed.attempts.get(request) === "refused" ? [] : [wall - at],
    );
    // Whoever was killed does not know the moment well.
    if (sent.length > 0 && (Math.min(...sent) < 0 || Math.min(...sent) > DAY_MS - MINUTE_MS))
      deed.isGivenUp = true;
  }

  /** What both lists have answered without is over, too. */
  #noteMissing(account: string, list: FailingList, listed: ReadonlySet<string>): void {
    for (const deed of [...this.all]) {
      if (deed.account !== account || listed.has(deed.id)) continue;
      const missing = (this.#missing.get(deed.id) ?? new Set()).add(list);
      this.#missing.set(deed.id, missing);
      if (missing.size === 2) this.#startAnew(deed);
    }
  }

  /** A magnet that AllDebrid did not delete as it confirmed, and that works meanwhile, may be deleted once more. */
  #startAnew(deed: Deed | undefined): void {
    if (!deed || deed !== this.#latest(deed.account, deed.id) || deed.goneBy !== undefined) return;
    if ([...deed.attempts.values()].includes("success")) this.all.push(newDeed(deed));
  }

  #latest(account: string, id: string): Deed | undefined {
    return this.all.findLast((deed) => deed.account === account && deed.id === id);
  }
}

function newDeed({ account, id, hash }: Pick<Deed, "account" | "id" | "hash">): Deed {
  return {
    account,
    id,
    hash,
    attempts: new Map(),
    sentAt: new Map(),
    isGivenUp: false,
    confirmed: false,
    goneBy: undefined,
    isOfUnknownKey: false,
  };
}

function noteAttempt(deed: Deed, request: number, wall: number): void {
  deed.attempts.set(request, "open");
  deed.sentAt.set(request, wall);
  deed.isGivenUp = false;
}

/** Whether the program may say that it deleted this: confirmed, carried out, or gone after a vague response. */
function mayBeTold({ attempts, goneBy }: Deed): boolean {
  const outcomes = [...attempts.values()];
  if (goneBy === "program" || outcomes.includes("success")) return true;
  return goneBy !== undefined && outcomes.some((outcome) => outcome === "open" || outcome === "vague");
}
