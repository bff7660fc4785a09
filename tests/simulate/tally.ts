import { EVENT_KINDS, type EventKind } from "./events.ts";
import { RULES, type Rule } from "./rules.ts";
import type { StoryResult } from "./run-story.ts";

/** How often a rule was broken, and where to look. */
interface Broken {
  count: number;
  readonly seeds: number[];
  readonly example: string;
}

/** Less than this share of the sweeps, in percent, is too little for a kind of event. */
const LEAST_SHARE = 0.1;
const MOST_SEEDS = 6;

/** What came of many stories. */
export class Tally {
  sweeps = 0;
  violations = 0;
  readonly #firstSeed: number;
  readonly #broken = new Map<Rule, Broken>();
  readonly #events = new Map<EventKind, number>();
  #stories = 0;
  #longest = 0;

  constructor(firstSeed: number) {
    this.#firstSeed = firstSeed;
  }

  add({ seed, sweeps, events, longest, violations }: StoryResult): void {
    this.#stories++;
    this.sweeps += sweeps;
    this.violations += violations.length;
    this.#longest = Math.max(this.#longest, longest);
    for (const [kind, count] of events) this.#events.set(kind, (this.#events.get(kind) ?? 0) + count);
    for (const { rule, sweep, what } of violations) {
      const broken = this.#broken.get(rule) ?? {
        count: 0,
        seeds: [],
        example: `seed ${seed}, sweep ${sweep}: ${what}`,
      };
      broken.count++;
      if (broken.seeds.length < MOST_SEEDS && !broken.seeds.includes(seed)) broken.seeds.push(seed);
      this.#broken.set(rule, broken);
    }
  }

  /** A seed for each of the rules that were broken, the gravest rules first. */
  worstSeeds(most: number): number[] {
    const seeds = RULES.flatMap((rule) => this.#broken.get(rule)?.seeds.slice(0, 1) ?? []);
    return [...new Set(seeds)].slice(0, most);
  }

  render(seconds: number): string[] {
    const events = EVENT_KINDS.map((kind) => {
      const share = (100 * (this.#events.get(kind) ?? 0)) / this.sweeps;
      return `  ${share.toFixed(2).padStart(6)} %  ${kind}${share < LEAST_SHARE ? `  (below ${LEAST_SHARE} %)` : ""}`;
    });
    const rules = RULES.map((rule) => {
      const { count = 0, seeds = [], example = "" } = this.#broken.get(rule) ?? {};
      return `  ${String(count).padStart(6)}  ${rule}${count > 0 ? `  (seeds ${seeds.join(", ")}; ${example})` : ""}`;
    });
    return [
      "",
      `In what share of ${this.sweeps} sweeps each kind of event happened`,
      ...events,
      "",
      "Violations",
      ...rules,
      "",
      `${this.sweeps} sweeps in ${this.#stories} stories from seed ${this.#firstSeed}: ${this.violations} violations; ` +
        `${seconds.toFixed(1)} s, ${Math.round(this.sweeps / seconds)} sweeps a second; ` +
        `the longest sweep took ${Math.round(this.#longest)} simulated seconds`,
      ...(this.violations > 0 ? ["To read a story: npm run simulate -- --seed SEED --log"] : []),
    ];
  }
}
