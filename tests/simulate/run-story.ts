import { ModelAccount, newMagnet } from "./alldebrid-account.ts";
import { AllDebridModel } from "./alldebrid-model.ts";
import { ArrModel } from "./arr-model.ts";
import { DiscordModel } from "./discord-model.ts";
import { DiskModel, LOSSES } from "./disk-model.ts";
import type { EventKind } from "./events.ts";
import { type Entry, type SweepEnd, WorldLog } from "./log.ts";
import { Oracle } from "./oracle.ts";
import { Owner } from "./owner.ts";
import { dryRun, type Run, type RunEnd, reset, sweepOnce } from "./program.ts";
import type { Violation } from "./rules.ts";
import { type Ending, SimulatedTime } from "./simulated-time.ts";
import { Story, type World } from "./story.ts";
import { Weather } from "./weather.ts";

const START = Date.UTC(2027, 0, 4, 8);
const HALF_AN_HOUR_MS = 30 * 60_000;
/** A sweep ends itself after 20 minutes; requests under way get 10 s more. */
const LONGEST_SWEEP_MS = 21 * 60_000;
const MOST_CALM_SWEEPS = 40;
const USERNAMES = ["alice", "bob", "carol"];

/** What came of a story. */
export interface StoryResult {
  readonly seed: number;
  readonly sweeps: number;
  readonly violations: readonly Violation[];
  /** In how many sweeps each kind of event happened. */
  readonly events: ReadonlyMap<EventKind, number>;
  /** The longest sweep, in simulated seconds. */
  readonly longest: number;
  /** Empty unless it was to be kept. */
  readonly log: readonly Entry[];
}

/**
 * Runs the story of a seed: some stormy sweeps, then calm ones in which all that is due has to be done. Only with
 * `keepsLog` it can be read afterwards, which takes more time.
 */
export async function runStory(seed: number, keepsLog: boolean): Promise<StoryResult> {
  const run = new StoryRun(seed, keepsLog);
  await run.stormy();
  await run.calm();
  return run.result();
}

class StoryRun {
  readonly #time = new SimulatedTime(START);
  readonly #disk = new DiskModel();
  readonly #story: Story;
  readonly #log: WorldLog;
  readonly #alldebrid: AllDebridModel;
  readonly #discord: DiscordModel;
  readonly #arr: ArrModel;
  readonly #owner: Owner;
  readonly #weather: Weather;
  readonly #oracle: Oracle;
  readonly #protect: string[] = [];
  readonly #names = new Map<string, Set<string>>();
  readonly #events = new Map<EventKind, Set<number>>();
  /** The last sweep was killed. */
  #died = false;
  #longest = 0;
  #lastBeside = 0;
  #keys = 0;

  constructor(seed: number, keepsLog: boolean) {
    this.#log = new WorldLog(this.#time, keepsLog, (entry) => {
      if (entry.kind === "there") this.#arr.grabbed(entry.hash);
      if (entry.kind === "there")
        this.#names.set(entry.id, (this.#names.get(entry.id) ?? new Set()).add(entry.name));
      this.#oracle?.see(entry);
    });
    this.#story = new Story(seed, (what, detail) => {
      this.#events.set(what, (this.#events.get(what) ?? new Set()).add(this.#log.sweep));
      this.#log.add({ kind: "event", what, detail });
    });
    const world: World = { story: this.#story, time: this.#time, log: this.#log };
    this.#alldebrid = new AllDebridModel(world);
    this.#discord = new DiscordModel(world, (id) => [...(this.#names.get(id) ?? [])]);
    this.#arr = new ArrModel({
      seed,
      time: this.#time,
      disk: this.#disk,
      say: (line) => this.#log.say(line),
      kill: () => {
        this.#disk.kill();
        this.#time.kill();
      },
      violated: (rule, what) => this.#oracle.violations.push({ rule, what, sweep: this.#log.sweep }),
    });
    this.#weather = new Weather(world, this.#alldebrid, this.#discord);
    const magnets = this.#furnish();
    const { settings } = this.#story;
    this.#oracle = new Oracle(
      { ...settings, protects: (magnet) => isProtected(this.#protect, magnet) },
      this.#disk,
    );
    for (const { account, magnet } of magnets) this.#alldebrid.endpoints.add(account, magnet);
    this.#owner = new Owner(this.#story, this.#alldebrid);
  }

  async stormy(): Promise<void> {
    const { settings, world } = this.#story;
    for (let n = 0; n < settings.sweeps; n++) {
      this.#story.nextSweep(false);
      this.#log.sweep++;
      this.#weather.pass(settings.cycleSeconds, this.#died);
      this.#weather.turn();
      this.#owner.act();
      await this.#reset();
      const cap = this.#story.strikes("run without a cap", world) ? 0 : settings.cap;
      await this.#sweep(cap, false);
    }
  }

  /** As many sweeps as anything takes that is due, one of them a day later, when dead webhooks are tried again. */
  async calm(): Promise<void> {
    const { maxRetries } = this.#story.settings;
    this.#story.nextSweep(true);
    this.#weather.calmDown();
    this.#owner.calmDown();
    const first = Math.max(maxRetries.expired, maxRetries.error) + 3;
    const isWaiting = () => JSON.parse(this.#disk.text("arrs.json") ?? '{"pending":[]}').pending.length > 0;
    // A server is told of ten a sweep.
    for (let n = 0; n < first + 4 || (n < MOST_CALM_SWEEPS && isWaiting()); n++) {
      this.#log.sweep++;
      this.#time.pass(n === first ? 26 * 3_600_000 : HALF_AN_HOUR_MS);
      this.#alldebrid.endpoints.settle();
      await this.#sweep(0, true);
    }
    this.#time.pass(HALF_AN_HOUR_MS);
    this.#alldebrid.endpoints.settle();
  }

  result(): StoryResult {
    const failing = this.#alldebrid.accounts
      .filter(({ username }) => this.#owner.usernames.includes(username))
      .flatMap(({ magnets }) => [...magnets.values()].filter(({ state }) => state !== "ready"));
    this.#oracle.finish(this.#owner.usernames, failing);
    this.#arr.finish();
    return {
      seed: this.#story.seed,
      sweeps: this.#log.sweep,
      violations: this.#oracle.violations,
      events: new Map([...this.#events].map(([kind, sweeps]) => [kind, sweeps.size])),
      longest: this.#longest,
      log: this.#log.entries,
    };
  }

  /** Accounts with magnets, some of them protected, some counted by the original program. */
  #furnish() {
    const { world } = this.#story;
    const placed: { account: ModelAccount; magnet: ReturnType<typeof newMagnet> }[] = [];
    const counters: Record<string, object> = {};
    const takesOver = world.chance(0.25);
    const big = world.chance(0.04);
    const protects = world.chance(0.25);
    for (const username of USERNAMES.slice(0, world.pick([1, 1, 2, 2, 3]))) {
      const account = new ModelAccount(username, `key-of-${username}-for-the-simulated-owner`);
      this.#alldebrid.accounts.push(account);
      for (let n = big ? 40 : world.between(1, 7); n > 0; n--) {
        const magnet = newMagnet(this.#alldebrid.endpoints.nextId(), world, this.#time.now);
        placed.push({ account, magnet });
        if (takesOver && world.chance(0.6)) {
          counters[magnet.id] = { fails: world.between(1, 5), last_status: magnet.list };
        }
        if (protects && world.chance(0.2)) {
          this.#protect.push(world.pick([magnet.id, magnet.hash, `*${magnet.name.toLowerCase()}*`]));
        }
      }
    }
    if (takesOver) this.#disk.put("retry_counts.json", JSON.stringify(counters, null, 4));
    return placed;
  }

  async #reset(): Promise<void> {
    const { world } = this.#story;
    let ids: readonly string[] | "all" | undefined;
    if (this.#story.strikes("all counters reset", world)) ids = "all";
    const tracked = Object.keys(JSON.parse(this.#disk.text("retry_counts.json") ?? "{}"));
    if (tracked.length > 0 && this.#story.strikes("counters reset", world)) ids = [world.pick(tracked)];
    if (ids === undefined) return;
    const wanted = ids;
    await this.#process(() => reset(this.#run(0), wanted));
    this.#log.add({ kind: "reset", ids });
  }

  async #sweep(cap: number, calm: boolean): Promise<void> {
    const { disk: random, world } = this.#story;
    for (const account of this.#alldebrid.accounts) account.remember();
    this.#log.add({ kind: "sweep", cap, keys: this.#owner.keys, calm });
    this.#arr.nextSweep(calm);
    const losesPower = this.#threaten();
    const stopAfterMs = this.#story.strikes("stopped by a signal", world)
      ? world.between(0, 6_000)
      : undefined;
    const run = { ...this.#run(cap), stopAfterMs };
    const began = this.#time.now;
    const ending = await this.#process(async () => {
      this.#weather.duringSweep();
      // Two beside it within a minute are more than one beside it.
      const isSecond = this.#time.now - this.#lastBeside < 2 * 60_000;
      if (isSecond || !this.#story.strikes("dry run beside a sweep", world)) return sweepOnce(run);
      this.#lastBeside = this.#time.now;
      const beside = { ...this.#run(cap), alldebrid: this.#alldebrid.fetchBeside, say: () => {} };
      const besides = dryRun(beside).finally(() => {
        this.#lastBeside = this.#time.now;
      });
      const [end] = await Promise.all([sweepOnce(run), besides]);
      return end;
    });
    const seconds = (this.#time.now - began) / 1000;
    this.#longest = Math.max(this.#longest, seconds);
    this.#alldebrid.onRequest = () => undefined;
    if (ending.kind === "died" && losesPower) this.#disk.losePower(random.pick(LOSSES), () => random.next());
    this.#disk.revive();
    this.#disk.fill();
    const { how, detail } = judge(ending);
    this.#log.add({ kind: "end", how, seconds, detail });
    this.#died = ending.kind === "died";
    if (ending.kind !== "done") this.#alldebrid.senderDied();
  }

  /** What threatens the process in the next sweep; whether power goes when it dies. */
  #threaten(): boolean {
    const { disk: random } = this.#story;
    const die = () => this.#time.kill();
    const losesPower = this.#story.strikes("power lost", random);
    if (losesPower || this.#story.strikes("killed at a write", random)) {
      this.#disk.killAfter(random.pick([random.between(0, 8), random.between(0, 60)]), die);
    }
    if (this.#story.strikes("killed at a request", random)) {
      const moment = random.pick(["before", "after"] as const);
      let left = random.pick([random.between(0, 5), random.between(0, 30)]);
      this.#alldebrid.onRequest = (now) => {
        if (now !== moment || left-- > 0) return undefined;
        this.#disk.kill();
        die();
        return new Promise(() => {});
      };
    }
    if (this.#story.strikes("disk full", random)) this.#disk.fill(random.pick([0, random.between(1, 6_000)]));
    return losesPower;
  }

  #process(work: () => Promise<RunEnd>): Promise<Ending<RunEnd>> {
    return this.#time.run(LONGEST_SWEEP_MS, () => this.#story.program.next(), work);
  }

  #run(cap: number): Run {
    const { settings } = this.#story;
    return {
      ...settings,
      fs: this.#disk,
      folder: this.#disk.folder,
      accounts: this.#owner.accounts,
      maxDeletes: cap,
      protect: this.#protect,
      alldebrid: this.#alldebrid.fetch,
      discord: this.#discord.fetch,
      sonarr: this.#arr.isConfigured,
      arr: this.#arr.fetch,
      newKey: () => `key-${++this.#keys}`,
      say: (line) => {
        this.#arr.heard(line);
        this.#log.say(line);
      },
    };
  }
}

function judge(ending: Ending<RunEnd>): { how: SweepEnd; detail: string } {
  if (ending.kind === "failed") {
    const { error } = ending;
    return { how: "bug", detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  if (ending.kind !== "done") return { how: ending.kind, detail: "" };
  if ("stateError" in ending.value) return { how: "state", detail: ending.value.stateError };
  return { how: "done", detail: `exit code ${ending.value.exitCode}` };
}

/** `protect` as stories write it: an id, a hash, or a part of a name between stars. */
function isProtected(
  protect: readonly string[],
  { id, hash, names }: { id: string; hash: string | undefined; names: ReadonlySet<string> },
): boolean {
  return protect.some(
    (entry) =>
      entry === id || entry === hash || [...names].some((name) => entry === `*${name.toLowerCase()}*`),
  );
}
