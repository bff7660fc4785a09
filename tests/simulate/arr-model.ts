import { Random } from "./random.ts";
import type { Rule } from "./rules.ts";
import type { OracleDisk } from "./state-files.ts";

/** How the server fares in a sweep. `restarted`: it goes down in the middle of it. */
type Mode = "works" | "down" | "restarted" | "starting" | "hangs" | "slow" | "loses responses" | "a page";

const MODES: readonly Mode[] = [
  ...(["works", "works", "works", "works", "down", "down"] as const),
  ...(["restarted", "starting", "hangs", "slow", "loses responses", "a page"] as const),
];
/** All requests of a sweep, with a second's grace. */
const LONGEST_MS = 31_000;
const MOST_A_SWEEP = 10;

interface ArrRecord {
  readonly id: number;
  readonly eventType: "grabbed" | "downloadFailed";
  readonly downloadId: string;
  /** In seconds, as the server's own clock has it. */
  readonly at: number;
}

/** What the model has of the world it is in. */
export interface ArrWorld {
  readonly seed: number;
  /** True time. */
  readonly time: { readonly now: number };
  readonly disk: OracleDisk;
  readonly say: (line: string) => void;
  /** The program's process dies. */
  readonly kill: () => void;
  readonly violated: (rule: Rule, what: string) => void;
}

/**
 * A Sonarr, offered as a `fetch`, and the judge of what it is told: by its own history and the program's
 * `deletions.jsonl`. Its chance is its own, so that stories without one stay as they were.
 */
export class ArrModel {
  readonly isConfigured: boolean;
  readonly #world: ArrWorld;
  readonly #random: Random;
  readonly #records: ArrRecord[] = [];
  /** Its clock is off by so much: only its own dates may be compared. */
  readonly #aheadMs: number;
  /** Ids of which the program has said that it gives up telling. */
  readonly #givenUp = new Set<string>();
  #mode: Mode = "works";
  #requestsLeft = 0;
  #killsAt: "before" | "after" | undefined;
  #firstAt: number | undefined;
  #asked = 0;

  constructor(world: ArrWorld) {
    this.#world = world;
    this.#random = new Random(world.seed * 31 + 7);
    this.isConfigured = this.#random.chance(0.5);
    this.#aheadMs = this.#random.pick([0, 0, -3 * 86_400_000, 900 * 86_400_000]);
  }

  /** A magnet came by it. */
  grabbed(hash: string): void {
    this.#add("grabbed", hash.toUpperCase(), 0);
  }

  /** What becomes of it in the next sweep; nothing in a calm one. */
  nextSweep(calm: boolean): void {
    const random = this.#random;
    this.#mode = calm ? "works" : random.pick(MODES);
    this.#requestsLeft = random.between(0, 6);
    this.#killsAt = !calm && random.chance(0.08) ? random.pick(["before", "after"] as const) : undefined;
    this.#firstAt = undefined;
    this.#asked = 0;
  }

  /** The program says that it gives up: the one thing that it is believed, as weeks pass and clocks are wrong. */
  heard(line: string): void {
    if (line.includes("could not be reported for a week")) {
      for (const id of line.match(/\b4\d{8}\b/g) ?? []) this.#givenUp.add(id);
    }
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { time, violated, say } = this.#world;
    const { signal, method } = request;
    const { pathname, searchParams } = new URL(request.url);
    signal.throwIfAborted();
    this.#firstAt ??= time.now;
    if (time.now - this.#firstAt > LONGEST_MS) violated("held up by a Sonarr", pathname);
    say(`sonarr (${this.#mode}): ${method} ${pathname} ${searchParams.get("downloadId") ?? ""}`);
    await wait(this.#mode === "slow" ? this.#random.between(2_000, 9_000) : 20, signal);
    if (this.#mode === "restarted" && this.#requestsLeft-- <= 0) this.#mode = "starting";
    if (this.#mode === "down") throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    if (this.#mode === "starting") return json(503, { errorMessage: "starting" });
    if (this.#mode === "hangs") await wait(3_600_000, signal);
    if (this.#mode === "a page") return new Response("<!doctype html><html></html>");
    const response = this.#answer(method, pathname, searchParams);
    if (method === "POST" && this.#killsAt !== undefined) {
      if (this.#killsAt === "after") response();
      this.#killsAt = undefined;
      this.#world.kill();
      return new Promise(() => {});
    }
    const done = response();
    if (this.#mode !== "loses responses" || method !== "POST") return done;
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };

  /** Judges what it knows after the calm sweeps. */
  finish(): void {
    if (!this.isConfigured) return;
    const { disk, violated } = this.#world;
    for (const { id, hash = "", confirmed } of this.#deletions(disk.text("deletions.jsonl"))) {
      const records = this.#records.filter(({ downloadId }) => downloadId === hash.toUpperCase());
      const isGrabbed = records.some(({ eventType }) => eventType === "grabbed");
      const isTold = records.some(({ eventType }) => eventType === "downloadFailed");
      // Of an account that was not configured for 90 days nobody is told.
      if (isGrabbed && !isTold && confirmed !== false && !this.#givenUp.has(id)) {
        violated("a Sonarr was not told", `${id} ${hash.slice(0, 6)}`);
      }
    }
    const left: unknown[] = JSON.parse(disk.text("arrs.json") ?? '{"pending":[]}').pending;
    if (left.length > 0) violated("a Sonarr was not told", `${left.length} left in arrs.json`);
  }

  #answer(method: string, path: string, query: URLSearchParams): () => Response {
    if (path.endsWith("/system/status")) return () => json(200, { appName: "Sonarr", version: "4.0.16" });
    if (path.endsWith("/config/downloadclient")) return () => json(200, { autoRedownloadFailed: true });
    const id = /\/history\/failed\/(\d+)$/.exec(path)?.[1];
    if (method === "POST" && id !== undefined) return () => this.#markFailed(Number(id));
    if (++this.#asked > MOST_A_SWEEP) {
      this.#world.violated("a Sonarr was asked for more than ten", `${this.#asked}`);
    }
    const records = this.#records
      .filter(({ downloadId }) => downloadId === query.get("downloadId"))
      .map(({ at, ...record }) => ({ ...record, date: new Date(at * 1000).toISOString(), data: {} }));
    return () => json(200, { totalRecords: records.length, records: records.reverse() });
  }

  #markFailed(id: number): Response {
    const record = this.#records.find((each) => each.id === id);
    if (record === undefined) return json(404, { message: "NotFound" });
    const { downloadId } = record;
    const { disk, violated } = this.#world;
    const recorded = this.#deletions(disk.durableText("deletions.jsonl"));
    if (!recorded.some(({ hash = "" }) => hash.toUpperCase() === downloadId)) {
      violated("a Sonarr was told of what was not deleted", downloadId);
    }
    const mine = this.#records.filter((each) => each.downloadId === downloadId);
    if (mine.at(-1)?.eventType === "downloadFailed") violated("a Sonarr was told twice", downloadId);
    this.#add("downloadFailed", downloadId, 0);
    return json(200, {});
  }

  #add(eventType: ArrRecord["eventType"], downloadId: string, msAgo: number): void {
    const at = Math.floor((this.#world.time.now + this.#aheadMs - msAgo) / 1000);
    this.#records.push({ id: this.#records.length + 1, eventType, downloadId, at });
  }

  /** A torn line is none. */
  #deletions(text = ""): { readonly id: string; readonly hash?: string; readonly confirmed?: boolean }[] {
    return text.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  }
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    setTimeout(() => {
      signal.removeEventListener("abort", end);
      resolve();
    }, ms);
  });
}
