import { EVENT_KINDS, EVENTS, type EventKind } from "./events.ts";
import type { WorldLog } from "./log.ts";
import { Random } from "./random.ts";
import type { SimulatedTime } from "./simulated-time.ts";

/** What the owner has configured. */
export interface Settings {
  readonly maxRetries: { readonly expired: number; readonly error: number };
  readonly minFailingHours: number;
  /** `max_deletes_per_run`. */
  readonly cap: number;
  readonly cycleSeconds: number;
  readonly webhook: boolean;
  /** Stormy sweeps before the calm ones. */
  readonly sweeps: number;
}

/** What is in the air: decided by the seed, the same with each replay. */
export class Story {
  readonly seed: number;
  readonly settings: Settings;
  /** For what happens whatever the program does. */
  readonly world: Random;
  /** For what happens to requests. */
  readonly requests: Random;
  /** For Discord, and for the disk. */
  readonly discord: Random;
  readonly disk: Random;
  /** For the program's own chance: the jitter of its waits, the names of its files. */
  readonly program: Random;
  /** Kinds of events that this story has, and how much more often than usual. */
  readonly #kinds: ReadonlyMap<EventKind, number>;
  #inTheAir = new Set<EventKind>();
  readonly #tell: (kind: EventKind, detail: string) => void;

  constructor(seed: number, tell: (kind: EventKind, detail: string) => void) {
    const random = new Random(seed);
    this.seed = seed;
    this.#tell = tell;
    this.world = random.fork();
    this.requests = random.fork();
    this.discord = random.fork();
    this.disk = random.fork();
    this.program = random.fork();
    this.settings = drawSettings(random);
    // A story with all kinds at once would show nothing but the worst of them.
    const share = random.pick([0.1, 0.25, 0.5]);
    const temper = random.pick([0.5, 1, 1, 2]);
    this.#kinds = new Map(
      EVENT_KINDS.filter(() => random.chance(share)).map((kind) => [kind, temper * Math.min(3, 1 / share)]),
    );
  }

  /** Draws what is in the air in the next sweep; nothing in a calm one. */
  nextSweep(calm: boolean): void {
    this.#inTheAir = new Set(
      [...this.#kinds]
        .filter(([kind, more]) => this.world.chance(EVENTS[kind][0] * more))
        .map(([kind]) => kind),
    );
    if (calm) this.#inTheAir.clear();
  }

  /** Whether this happens now, where it can. */
  strikes(kind: EventKind, random: Random, detail = ""): boolean {
    if (!this.#inTheAir.has(kind) || !random.chance(EVENTS[kind][1])) return false;
    this.#tell(kind, detail);
    return true;
  }

  /** The first of these that strikes. */
  firstThatStrikes<K extends EventKind>(kinds: readonly K[], random: Random, detail = ""): K | undefined {
    return kinds.find((kind) => this.strikes(kind, random, detail));
  }

  /** Says that something happened which nobody drew. */
  note(kind: EventKind, detail: string): void {
    this.#tell(kind, detail);
  }
}

function drawSettings(random: Random): Settings {
  const both = random.pick([1, 2, 2, 3, 3, 3, 4]);
  const same = random.chance(0.7);
  return {
    maxRetries: { expired: both, error: same ? both : random.between(1, 4) },
    minFailingHours: random.chance(0.85) ? 0 : random.pick([1, 2]),
    cap: random.pick([1, 2, 3, 100, 100, 100, 100]),
    cycleSeconds: random.pick([900, 1800, 1800, 1800, 28_800]),
    webhook: random.chance(0.9),
    sweeps: random.between(12, 30),
  };
}

/** What the models share. */
export interface World {
  readonly story: Story;
  readonly time: SimulatedTime;
  readonly log: WorldLog;
}
