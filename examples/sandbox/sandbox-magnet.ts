import { createHash } from "node:crypto";
import { type Failure, type Life, noPeer, type RestartOutcome } from "./magnet-life.ts";

/** What a magnet is made of; everything has a default. */
export type MagnetSeed = {
  id?: number;
  filename?: string;
  /** Bytes. */
  size?: number;
  /** 40 hex digits; null leaves the field out of answers. Default: made from the id. */
  hash?: string | null;
  /** Default: an hour before the clock's now. */
  uploadDate?: Date;
  life?: Life;
  /** Fields added to each answer about it, over those it has. */
  extra?: Record<string, unknown>;
};

/** Where a magnet is in its life. Times are milliseconds of the sandbox's clock. */
export type Stage = { from: number; state: "processing" | "ready" } | FailingStage;
type FailingStage = { from: number; state: "failing"; failure: Failure };

const MINUTE = 60_000;

/** One magnet of an account. */
export class SandboxMagnet {
  readonly id: number;
  filename: string;
  size: number;
  hash: string | null;
  uploadDate: Date;
  extra: Record<string, unknown>;
  /** When it is deleted, by the sandbox's clock, and who did it. */
  removedAt: number;
  removedBy: "api" | "another hand" = "another hand";
  /** Restarts that were accepted. */
  restarts = 0;
  /** Restarts that were asked for and refused for its own sake. */
  refusals = 0;
  #failure: Failure;
  #outcomes: readonly RestartOutcome[];
  #stages: Stage[];

  constructor(id: number, seed: MagnetSeed, now: number) {
    const { life = {} } = seed;
    this.id = id;
    this.filename = seed.filename ?? `Sample.${id}.1080p.mkv`;
    this.size = seed.size ?? 1_400_000_000;
    this.hash = seed.hash === undefined ? createHash("sha1").update(String(id)).digest("hex") : seed.hash;
    this.uploadDate = seed.uploadDate ?? new Date(now - 60 * MINUTE);
    this.extra = seed.extra ?? {};
    this.removedAt = now + (life.removedAfterMinutes ?? Number.POSITIVE_INFINITY) * MINUTE;
    this.#failure = life.failure ?? noPeer;
    this.#outcomes = life.restarts ?? [{ result: "fails", afterMinutes: 5 }];
    this.#stages = this.#planned(life, now);
  }

  /** Where it is at `now`. */
  stage(now: number): Stage {
    const first = this.#stages[0] as Stage;
    return this.#stages.findLast((stage) => stage.from <= now) ?? first;
  }

  /** How far its processing has come at `now`, from 0 to 1; endless work stays near the start. */
  progress(now: number): number {
    const current = this.stage(now);
    const next = this.#stages.find((stage) => stage.from > now);
    if (current.state !== "processing") return 1;
    return next && Number.isFinite(next.from) ? (now - current.from) / (next.from - current.from) : 0.05;
  }

  /** What a restart would bring now. */
  get nextOutcome(): RestartOutcome {
    return this.#outcomes[
      Math.min(this.restarts + this.refusals, this.#outcomes.length - 1)
    ] as RestartOutcome;
  }

  /** Begins to process again at `now` and goes on as the script says. Not for an outcome that is a refusal. */
  restart(now: number): void {
    const outcome = this.nextOutcome;
    if (outcome.result === "refused") throw new Error(`magnet ${this.id} refuses restarts`);
    const end = now + outcome.afterMinutes * MINUTE;
    this.restarts += 1;
    this.#stages = [{ from: now, state: "processing" }];
    if (outcome.result === "ready") this.#stages.push({ from: end, state: "ready" });
    else this.#stages.push({ from: end, state: "failing", failure: outcome.failure ?? this.#failure });
  }

  /** Makes it fail, be ready or process from `now` on, whatever the script says. */
  become(state: Stage["state"], now: number, failure: Failure = this.#failure): void {
    this.#stages = [state === "failing" ? { from: now, state, failure } : { from: now, state }];
  }

  #planned(life: Life, now: number): Stage[] {
    const failing = (from: number): Stage => ({ from, state: "failing", failure: this.#failure });
    const state = life.now ?? "ready";
    const stages = [state === "failing" ? failing(now) : { from: now, state }];
    if (life.readyAfterMinutes !== undefined) {
      stages.push({ from: now + life.readyAfterMinutes * MINUTE, state: "ready" });
    }
    if (life.failsAfterMinutes !== undefined) stages.push(failing(now + life.failsAfterMinutes * MINUTE));
    return stages.sort((a, b) => a.from - b.from);
  }
}
