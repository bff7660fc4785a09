import { createHash } from "node:crypto";
import type { SandboxClock } from "./clock.ts";
import { FILTERS, type Filter, isListed, magnetView } from "./magnet-view.ts";
import { type MagnetSeed, SandboxMagnet } from "./sandbox-magnet.ts";

/**
 * What can be wrong with an account. `no-magnet-server` and `not-premium` still list but neither restart nor add;
 * the others refuse everything.
 */
export type AccountTrouble =
  | "bad-key"
  | "blocked"
  | "banned"
  | "no-server"
  | "no-magnet-server"
  | "not-premium"
  | "maintenance";

/** What an account is made of; all but the key has a default. */
export type AccountSeed = {
  key: string;
  /** More keys that open the same account. */
  otherKeys?: readonly string[];
  username?: string;
  /** Default: 200 days after the clock's now. */
  premiumUntil?: Date;
  trial?: boolean;
  trouble?: AccountTrouble | null;
  /** Most magnets that may be active at once, default 30. */
  activeSlots?: number;
  /** Most magnets in all, default 1,000; only what is added through the API counts against it. */
  totalSlots?: number;
  magnets?: readonly MagnetSeed[];
};

/** A deletion, whoever did it. */
export type SandboxDeletion = { magnet: SandboxMagnet; at: number; by: SandboxMagnet["removedBy"] };

const DAY = 86_400_000;

/** A magnet as a list shows it. */
type View = Record<string, unknown>;

/** One AllDebrid account. Its fields may be changed at any time. */
export class SandboxAccount {
  /** The first of its keys. */
  key: string;
  readonly username: string;
  premiumUntil: Date;
  trial: boolean;
  trouble: AccountTrouble | null;
  activeSlots: number;
  totalSlots: number;
  /** Slots taken by what is not in the list. */
  activeElsewhere = 0;
  /** The `status` filter is not obeyed: each list shows all magnets. */
  ignoresFilter = false;
  /** The code with which each restart is refused. */
  refusesRestarts: string | null = null;
  /** When a deletion that is confirmed is carried out; a number is of minutes. */
  deletes: "at once" | "never" | number = "at once";
  /** In so many further lists a deleted magnet is still shown, each time as it was. */
  listsDeleted = 0;
  /** In order; both the API's and another hand's. */
  readonly deletions: SandboxDeletion[] = [];
  #magnets = new Map<number, SandboxMagnet>();
  #copies = new Map<Filter | null, View[]>();
  #lingering: { magnet: SandboxMagnet; lists: number }[] = [];
  #clock: SandboxClock;
  #nextId: () => number;

  constructor(seed: AccountSeed, clock: SandboxClock, nextId: () => number) {
    this.#clock = clock;
    this.#nextId = nextId;
    this.key = seed.key;
    this.username = seed.username ?? "user";
    this.premiumUntil = seed.premiumUntil ?? new Date(clock.now() + 200 * DAY);
    this.trial = seed.trial ?? false;
    this.trouble = seed.trouble ?? null;
    this.activeSlots = seed.activeSlots ?? 30;
    this.totalSlots = seed.totalSlots ?? 1000;
    for (const magnet of seed.magnets ?? []) this.add(magnet);
  }

  get isPremium(): boolean {
    return this.trouble !== "not-premium" && this.premiumUntil.getTime() > this.#clock.now();
  }

  /** Adds a magnet as its seed says. */
  add(seed: MagnetSeed = {}): SandboxMagnet {
    const magnet = new SandboxMagnet(seed.id ?? this.#nextId(), seed, this.#clock.now());
    if (this.#magnets.has(magnet.id)) throw new Error(`magnet ${magnet.id} is already there`);
    this.#magnets.set(magnet.id, magnet);
    return magnet;
  }

  /** All magnets that are there at the clock's now, in the order they were added. */
  magnets(): SandboxMagnet[] {
    for (const magnet of [...this.#magnets.values()]) {
      if (magnet.removedAt <= this.#clock.now()) this.remove(magnet.id, magnet.removedBy);
    }
    return [...this.#magnets.values()];
  }

  /** The magnet of that id, unless it is gone. */
  find(id: number): SandboxMagnet | undefined {
    const magnet = this.#magnets.get(id);
    if (magnet && magnet.removedAt <= this.#clock.now()) {
      this.remove(id, magnet.removedBy);
      return undefined;
    }
    return magnet;
  }

  /** What a list shows: with a filter, or all. */
  listed(filter: Filter | null): View[] {
    const copy = this.#copies.get(filter);
    if (copy) return copy;
    const now = this.#clock.now();
    const shows = (magnet: SandboxMagnet) =>
      filter === null || this.ignoresFilter || isListed(magnet, filter, now);
    const gone = this.#lingering.filter(({ magnet, lists }) => lists > 0 && shows(magnet));
    for (const entry of gone) entry.lists -= 1;
    return [...this.magnets().filter(shows), ...gone.map(({ magnet }) => magnet)].map((magnet) =>
      magnetView(magnet, now),
    );
  }

  /** From now on lists are a copy of what they show now; what is asked for by id is not. */
  freezeLists(): void {
    this.#copies = new Map([null, ...FILTERS].map((filter) => [filter, this.listed(filter)]));
  }

  /** Lists show what there is again. */
  thawLists(): void {
    this.#copies.clear();
  }

  /** Confirms a deletion, and carries it out as `deletes` says. */
  deleteByApi(magnet: SandboxMagnet): void {
    if (this.deletes === "never") return;
    if (this.deletes !== "at once") {
      const at = this.#clock.now() + this.deletes * 60_000;
      if (at < magnet.removedAt) Object.assign(magnet, { removedAt: at, removedBy: "api" });
      return;
    }
    this.remove(magnet.id, "api");
    if (this.listsDeleted > 0) this.#lingering.push({ magnet, lists: this.listsDeleted });
  }

  /** Gives a magnet's id to another torrent, which fails unless its seed says otherwise. */
  reuseId(id: number, seed: MagnetSeed = {}): SandboxMagnet {
    this.remove(id);
    const hash = createHash("sha1").update(`another torrent than ${id}`).digest("hex");
    return this.add({ life: { now: "failing" }, hash, ...seed, id });
  }

  /** Removes a magnet; false if there is none of that id. */
  remove(id: number, by: SandboxDeletion["by"] = "another hand"): boolean {
    const magnet = this.#magnets.get(id);
    if (magnet === undefined) return false;
    this.#magnets.delete(id);
    const at = Math.min(magnet.removedAt, this.#clock.now());
    this.deletions.push({ magnet, at, by });
    return true;
  }

  /** Slots taken now. */
  active(): number {
    const now = this.#clock.now();
    const busy = this.magnets().filter((magnet) => magnet.stage(now).state === "processing");
    return busy.length + this.activeElsewhere;
  }
}
