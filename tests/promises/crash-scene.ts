import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { filesRemoved, neverRecovers, processing } from "../../examples/sandbox/magnet-life.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { StateError } from "../../src/errors.ts";
import type { FileSystem } from "../../src/state/file-system.ts";
import { openStore } from "../../src/state/store.ts";
import { DiskModel } from "../simulate/disk-model.ts";
import { Died, interceptFileSystem } from "../state/intercepted-file-system.ts";
import type { Stage } from "./stage.ts";
import { POLICY, sweepWorld, type WorldReport } from "./world.ts";

const HALF_AN_HOUR = 30 * 60_000;
const MAX = POLICY.maxRetries.error;

/** Sightings before the scene begins, by magnet. */
const TRACKED: Readonly<Record<string, number>> = {
  "101": 0,
  "102": 1,
  "103": 2,
  "104": 2,
  "105": 2,
  "106": 2,
  "107": 1,
  "108": 2,
  "109": 2,
  "201": 2,
  "202": 0,
};
const READY = "106";
const PROCESSING = "107";
const GONE = "108";
const PROTECTED = "109";

let scenes = 0;

/**
 * Two accounts of their own on the stage, in which one sweep restarts, deletes, holds, forgets, announces and tells
 * Sonarr; and a watch over what is promised.
 */
export class CrashScene {
  disk = new DiskModel();
  readonly #stage: Stage;
  readonly #accounts: readonly SandboxAccount[];
  readonly #webhook: string;
  /** Ids by the hashes that Sonarr grabbed. */
  readonly #grabbed = new Map<string, string>();
  readonly #sightings = new Map<string, Set<number>>();
  /** Texts that each file has ever had or was about to have. */
  readonly #versions = new Map<string, Set<string>>();
  #sweeps = 0;

  constructor(stage: Stage) {
    const n = ++scenes;
    this.#stage = stage;
    // What former scenes left is of no more use.
    stage.alldebrid.requests.length = 0;
    stage.discord.requests.length = 0;
    stage.sonarr.requests.length = 0;
    stage.alldebrid.clearFaults();
    stage.discord.clearFaults();
    stage.sonarr.clearFaults();
    this.#webhook = stage.discord.addWebhook();
    const failing = (id: number) => {
      const hash = createHash("sha1").update(`${id} of scene ${n}`).digest("hex");
      this.#grabbed.set(hash, String(id));
      stage.sonarr.grabbed({ hash, items: [1, 2] });
      return { id, hash, life: neverRecovers(5, id % 2 ? undefined : filesRemoved) };
    };
    const ready = { id: Number(READY), life: { now: "ready" } } as const;
    this.#accounts = [
      stage.alldebrid.addAccount({
        key: `key-of-scene-${n}-main`,
        username: `main-${n}`,
        magnets: [
          ...[101, 102, 103, 104, 105, 109].map(failing),
          ready,
          { id: Number(PROCESSING), life: processing() },
        ],
      }),
      stage.alldebrid.addAccount({
        key: `key-of-scene-${n}-spare`,
        username: `spare-${n}`,
        magnets: [201, 202].map(failing),
      }),
    ];
    const counters = Object.entries(TRACKED).filter(([, fails]) => fails > 0);
    const record = (fails: number) => ({ fails, last_status: "error" });
    const owner = (id: string) => ({ account: `fp-${id.startsWith("1") ? "main" : "spare"}-${n}` });
    this.disk.put(
      "retry_counts.json",
      JSON.stringify(
        Object.fromEntries(
          counters.map(([id, fails]) => [id, { ...record(fails), ...(id === GONE ? owner(id) : {}) }]),
        ),
      ),
    );
  }

  get deleted(): string[] {
    return this.#accounts.flatMap(({ deletions }) => deletions.map(({ magnet }) => String(magnet.id)));
  }

  get announced(): string[] {
    const mine = this.#stage.discord.messages.filter(({ url }) => url === this.#webhook);
    return mine.flatMap(({ embeds }) =>
      embeds.map((embed) => embed.fields?.find(({ name }) => name === "ID")?.value ?? ""),
    );
  }

  /** What Sonarr was told of. */
  get told(): string[] {
    return this.#stage.sonarr.marked.flatMap(({ hash }) => this.#grabbed.get(hash) ?? []);
  }

  /** One sweep on the scene's disk as `through` lets it be seen. */
  async sweep(
    through: (disk: FileSystem) => FileSystem = (disk) => disk,
    death = new AbortController(),
  ): Promise<WorldReport> {
    this.#sweeps++;
    const { alldebrid, sonarr } = this.#stage;
    const { disk } = this;
    return sweepWorld(alldebrid, {
      fs: through(this.#watched(disk)),
      folder: disk.folder,
      accounts: this.#accounts,
      webhook: this.#webhook,
      arrs: [{ name: "sonarr", url: sonarr.url, key: sonarr.key }],
      policy: { protect: [PROTECTED] },
      death,
      sighted: (id) => {
        this.#sightings.set(id, (this.#sightings.get(id) ?? new Set()).add(this.#sweeps));
      },
      before: (what, ids) => this.#checkRequest(what, ids),
    });
  }

  /** Half an hour passes. */
  wait(): void {
    this.#stage.alldebrid.clock.advance(HALF_AN_HOUR);
  }

  /** What must hold after whatever happened: files are whole, counters neither lost nor ahead, no early deletion. */
  async check(where: string): Promise<void> {
    const { disk } = this;
    for (const name of disk.names()) {
      if (!name.endsWith(".json")) continue;
      expect(this.#versions.get(name) ?? [], `${where}: ${name} is an old or a new text`).toContain(
        disk.text(name),
      );
    }
    const store = await openStore({ fs: disk, folder: disk.folder, mode: "read", now: () => new Date() });
    expect(store.problems, where).toEqual([]);
    const recorded = (await store.readDeletions()).map(({ id }) => id);
    // One line at most may be torn: the one under way.
    expect(store.problems.length, `${where}: bad lines`).toBeLessThanOrEqual(1);
    for (const id of recorded) expect(this.deleted, `${where}: recorded`).toContain(id);
    for (const id of this.announced) expect(this.deleted, `${where}: announced`).toContain(id);
    for (const id of this.told) expect(recorded, `${where}: told`).toContain(id);
    expect(this.told.length, `${where}: told once`).toBe(new Set(this.told).size);
    for (const id of this.deleted) {
      const fails = (TRACKED[id] ?? 0) + (this.#sightings.get(id)?.size ?? 0);
      expect(fails, `${where}: sightings of ${id} before its deletion`).toBeGreaterThanOrEqual(MAX);
      const known = recorded.includes(id) || store.intents.has(id);
      expect(known, `${where}: the deletion of ${id} is on disk`).toBe(true);
    }
    for (const [id, before] of Object.entries(TRACKED)) {
      if (this.deleted.includes(id) || id === READY || id === GONE) continue;
      const fails = store.counters.get(id)?.fails ?? 0;
      expect(fails, `${where}: counter of ${id}`).toBeGreaterThanOrEqual(before);
      expect(fails, `${where}: counter of ${id}`).toBeLessThanOrEqual(
        before + (this.#sightings.get(id)?.size ?? 0),
      );
    }
    for (const magnet of this.#accounts.flatMap((account) => account.magnets())) {
      const id = String(magnet.id);
      const restarts = store.counters.get(id)?.restarts ?? 0;
      expect(restarts, `${where}: restarts of ${id}`).toBeLessThanOrEqual(
        (TRACKED[id] ?? 0) + magnet.restarts,
      );
    }
  }

  /** How many requests were made for the scene, to all fakes. */
  get requests(): number {
    const { alldebrid, discord, sonarr } = this.#stage;
    return [alldebrid, discord, sonarr].reduce((sum, { requests }) => sum + requests.length, 0);
  }

  /**
   * The process dies at request `n`, before or after it was carried out: no other one is answered, and
   * nothing goes to the disk. To be called before the sweep.
   */
  dieAtRequest(
    n: number,
    when: "before" | "after",
    death: AbortController,
  ): (disk: FileSystem) => FileSystem {
    const { alldebrid, discord, sonarr } = this.#stage;
    let count = 0;
    const fault: Behaviour = {
      kind: "handler",
      handle: (_, response, carryOut) => {
        count++;
        const alive = count < n;
        if (alive || (count === n && when === "after")) {
          const { status, body, headers } = carryOut();
          if (alive) {
            response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
            return;
          }
        }
        death.abort();
        response.socket?.destroy();
      },
    };
    alldebrid.fault("*", fault);
    discord.fault("*", fault);
    sonarr.fault("*", fault);
    return (disk) =>
      interceptFileSystem(disk, () => {
        if (death.signal.aborted) throw new Died();
        return undefined;
      });
  }

  /** Sweeps on until all that is due is done, and checks that all of it was told. */
  async converge(where: string): Promise<void> {
    const due = ["101", "102", "103", "104", "105", "201", "202"];
    for (let n = 0; n < 7; n++) {
      const report = await this.sweep();
      expect(report.errors, where).toEqual([]);
      await this.check(where);
      if (due.every((id) => this.deleted.includes(id)) && n > 0) break;
      this.wait();
    }
    expect(this.deleted.sort(), `${where}: deleted`).toEqual(due);
    expect([...new Set(this.announced)].sort(), `${where}: announced`).toEqual(due);
    expect(this.told.sort(), `${where}: told, once each`).toEqual(due);
    expect(this.#stage.sonarr.violations, where).toEqual([]);
    const store = await openStore({
      fs: this.disk,
      folder: this.disk.folder,
      mode: "read",
      now: () => new Date(),
    });
    const recorded = (await store.readDeletions()).map(({ id }) => id);
    expect(recorded.sort(), `${where}: recorded, once each`).toEqual(due);
    expect([...store.counters.keys()].sort(), `${where}: counters left`).toEqual([PROCESSING, PROTECTED]);
    const queues = [store.intents.size, store.outbox.pending.length, store.arrs.pending.length];
    expect(queues, `${where}: left over`).toEqual([0, 0, 0]);
    const left = this.disk.names().filter((name) => name.endsWith(".tmp") || name.includes("corrupt"));
    expect(left, `${where}: left over`).toEqual([]);
  }

  /** Before a request is sent, the disk, not only memory, must know of it. */
  #checkRequest(what: "restart" | "delete", ids: readonly string[]): void {
    const disk = this.disk.afterLoss("all");
    const counters = JSON.parse(disk.text("retry_counts.json") ?? "{}");
    const intents = JSON.parse(disk.text("intents.json") ?? '{"intents":[]}').intents;
    for (const id of ids) {
      expect(counters[id]?.fails, `${what} ${id}: counted on disk`).toBeGreaterThanOrEqual(
        what === "delete" ? MAX : 1,
      );
      if (what === "delete") expect(intents.map((intent: { id: string }) => intent.id)).toContain(id);
    }
  }

  /** Notes every text that takes a file's place. */
  #watched(disk: DiskModel): FileSystem {
    const note = (name: string) => {
      const text = disk.text(name);
      if (text !== undefined) this.#versions.set(name, (this.#versions.get(name) ?? new Set()).add(text));
    };
    for (const name of disk.names()) note(name);
    return new Proxy<FileSystem>(disk, {
      get: (target, property: keyof FileSystem) => {
        if (property !== "rename") return target[property].bind(target);
        return async (from: string, to: string) => {
          await disk.rename(from, to);
          const name = to.split("/").at(-1) ?? "";
          note(name);
          if (name === "intents.json") this.#checkQueued(disk);
        };
      },
    });
  }

  /** A deletion on record without an intent is one that Sonarr was told of, or will be, by what the disk is sure of. */
  #checkQueued(disk: DiskModel): void {
    const ids = (text = "") => Array.from(text.matchAll(/"id": ?"(\d+)"/g), ([, id]) => id ?? "");
    const known = [...ids(disk.text("intents.json")), ...ids(disk.afterLoss("all").text("arrs.json"))];
    for (const id of ids(disk.text("deletions.jsonl"))) {
      expect([...known, ...this.told], `${id} is queued for Sonarr`).toContain(id);
    }
  }
}

/** Runs what may end by death or by a full or broken disk; anything else that is thrown is a bug. */
export async function survive(run: Promise<unknown>): Promise<"done" | "died" | StateError> {
  try {
    await run;
    return "done";
  } catch (error) {
    if (error instanceof Died) return "died";
    if (error instanceof StateError) return error;
    throw error;
  }
}
