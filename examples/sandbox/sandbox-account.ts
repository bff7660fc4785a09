import type { SandboxClock } from "./clock.ts";
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
export type SandboxDeletion = { magnet: SandboxMagnet; at: number; by: "api" | "another hand" };

const DAY = 86_400_000;

/** One AllDebrid account. Its fields may be changed at any time. */
export class SandboxAccount {
  readonly key: string;
  readonly username: string;
  premiumUntil: Date;
  trial: boolean;
  trouble: AccountTrouble | null;
  activeSlots: number;
  totalSlots: number;
  /** Slots taken by what is not in the list. */
  activeElsewhere = 0;
  /** In order; both the API's and another hand's. */
  readonly deletions: SandboxDeletion[] = [];
  #magnets = new Map<number, SandboxMagnet>();
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
      if (magnet.removedAt <= this.#clock.now()) this.remove(magnet.id);
    }
    return [...this.#magnets.values()];
  }

  /** The magnet of that id, unless it is gone. */
  find(id: number): SandboxMagnet | undefined {
    const magnet = this.#magnets.get(id);
    if (magnet && magnet.removedAt <= this.#clock.now()) {
      this.remove(id);
      return undefined;
    }
    return magnet;
  }

  /** Removes a magnet; false if there is none of that id. */
  remove(id: number, by: SandboxDeletion["by"] = "another hand"): boolean {
    const magnet = this.#magnets.get(id);
    if (magnet === undefined) return false;
    this.#magnets.delete(id);
    const at = by === "another hand" ? Math.min(magnet.removedAt, this.#clock.now()) : this.#clock.now();
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
