import { beforeEach, describe, expect, it } from "vitest";
import type { ArrSandbox } from "../../examples/sandbox/arr.ts";
import { type TellOptions, tellArrs } from "../../src/arrs/tell-arrs.ts";
import type { Arrs } from "../../src/core/records.ts";
import { clientOf, hashOf, openArr, taskOf } from "./arr-records.ts";

const DAY = 24 * 3600_000;
const NOW = Date.parse("2026-03-10T12:00:00Z");
const ago = (days: number) => new Date(NOW - days * DAY).toISOString();

let sonarr: ArrSandbox;
let arrs: Arrs;
let disk: Arrs;
let lines: string[];

beforeEach(async () => {
  sonarr = await openArr();
  arrs = { pending: [], servers: new Map() };
  lines = [];
});

async function tell(options: Partial<TellOptions> = {}) {
  const say = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
  return tellArrs({
    clients: [clientOf(sonarr)],
    arrs,
    save: async () => {
      disk = structuredClone(arrs);
    },
    isRestored: () => false,
    log: { debug: say("debug"), info: say("info"), warning: say("warning"), error: say("error") },
    now: () => new Date(NOW),
    ...options,
  });
}

/** Queues downloads that were grabbed. */
function queue(...numbers: number[]): void {
  for (const n of numbers) {
    sonarr.grabbed({ hash: hashOf(n) });
    arrs.pending.push(taskOf(n, "sonarr", ago(1)));
  }
}

const outcomes = ({ results }: Awaited<ReturnType<typeof tell>>) =>
  results.map(({ id, result }) => `${id} ${result.outcome}`);

describe("telling", () => {
  it("marks each grab once, notes it on disk, and says so", async () => {
    queue(1, 2);
    arrs.pending.push(taskOf(3, "sonarr", ago(1)));
    expect(outcomes(await tell())).toEqual(["1 searches", "2 searches", "3 not grabbed"]);
    expect(sonarr.marked.map(({ hash }) => hash)).toEqual([hashOf(1), hashOf(2)]);
    expect(disk.pending).toEqual([]);
    expect(disk.servers.get("sonarr")?.last_told).toEqual({
      at: new Date(NOW).toISOString(),
      filename: "Film 2.mkv",
    });
    expect(lines.filter((line) => line.startsWith("info"))).toEqual([
      expect.stringMatching(/sonarr: .*Film 1.mkv.*: marked as failed, searches again/),
      expect.stringMatching(/Film 2.mkv/),
      expect.stringMatching(/Film 3.mkv.*: was not grabbed there/),
    ]);
    await tell();
    expect(sonarr.marked).toHaveLength(2);
    expect(sonarr.violations).toEqual([]);
  });

  it("asks the oldest ten of a sweep", async () => {
    queue(...Array.from({ length: 13 }, (_, i) => i + 1));
    const told = await tell();
    expect(sonarr.marked.map(({ hash }) => hash)).toEqual(
      Array.from({ length: 10 }, (_, i) => hashOf(i + 1)),
    );
    expect(outcomes(told).slice(10)).toEqual(["11 later", "12 later", "13 later"]);
    expect(told.asked.get("sonarr")).toBeUndefined();
    await tell();
    expect(sonarr.marked).toHaveLength(13);
  });

  it("ends a server's turn at the first trouble, and goes on in the next sweep", async () => {
    queue(1, 2, 3);
    sonarr.fault("history", { kind: "http", status: 500 }, { after: 1, times: 1 });
    const { asked, ...rest } = await tell();
    expect(outcomes({ asked, ...rest })).toEqual(["1 searches", "2 later", "3 later"]);
    expect(asked.get("sonarr")?.message).toBe("sonarr: it responded with status 500");
    expect(sonarr.requestsTo("history")).toHaveLength(2);
    expect(disk.pending.map(({ id }) => id)).toEqual(["2", "3"]);
    await tell();
    expect(sonarr.marked.map(({ hash }) => hash)).toEqual([1, 2, 3].map(hashOf));
  });

  it("goes on after a record that is not there", async () => {
    queue(1, 2);
    sonarr.fault("failed", { kind: "http", status: 404, body: '{"message":"NotFound"}' }, { times: 1 });
    expect(outcomes(await tell())).toEqual(["1 not grabbed", "2 searches"]);
    expect(disk.pending).toEqual([]);
  });

  it("never takes trouble for a hash that was not grabbed", async () => {
    queue(1);
    for (const mode of ["html", "down", "starting", "database-locked"] as const) {
      sonarr.mode = mode;
      expect(outcomes(await tell())).toEqual(["1 later"]);
      expect(disk.pending).toHaveLength(1);
    }
    sonarr.mode = "ok";
    expect(outcomes(await tell())).toEqual(["1 searches"]);
  });

  it("tells nothing twice that its history shows: a lost response, and another's hand", async () => {
    queue(1, 2);
    sonarr.failed({ hash: hashOf(2) });
    sonarr.fault("failed", { kind: "lost-answer" }, { times: 1 });
    expect(outcomes(await tell())).toEqual(["1 later", "2 later"]);
    expect(outcomes(await tell())).toEqual(["1 already", "2 already"]);
    expect(sonarr.marked).toHaveLength(1);
  });

  it("compares the server's own dates alone: its clock may be years off", async () => {
    const radarr = await openArr({ kind: "radarr", now: () => 1_000_000_000_000 });
    arrs.pending.push(taskOf(1, "radarr", ago(1)), taskOf(2, "radarr", ago(1)));
    for (const n of [1, 2]) radarr.grabbed({ hash: hashOf(n), items: [7, 8] });
    radarr.failed({ hash: hashOf(2), items: [7] });
    const clients = [clientOf(radarr, "radarr")];
    expect(outcomes(await tell({ clients }))).toEqual(["1 searches", "2 searches"]);
    const [first, second, third] = radarr.marked;
    expect([first, second].flatMap((each) => each?.items).sort()).toEqual([7, 8]);
    expect(third).toEqual({ hash: hashOf(2), items: [8] });
    expect(radarr.violations).toEqual([]);
  });

  it("says what is true: off, and kept until something better comes", async () => {
    queue(1, 2);
    sonarr.imported({ hash: hashOf(2) });
    sonarr.settings.autoRedownloadFailed = false;
    expect(outcomes(await tell())).toEqual(["1 off", "2 keeps"]);
  });

  it("one server's trouble is not another's", async () => {
    const radarr = await openArr({ kind: "radarr" });
    radarr.grabbed({ hash: hashOf(1) });
    queue(1);
    arrs.pending.push(taskOf(1, "radarr", ago(1)));
    sonarr.mode = "down";
    const told = await tell({ clients: [clientOf(radarr, "radarr"), clientOf(sonarr)] });
    // In the order of the servers, whichever was first.
    const [id, deletion] = ["1", "deletion-1"];
    expect(told.results).toEqual([
      { id, deletion, result: { name: "radarr", outcome: "searches" } },
      { id, deletion, result: { name: "sonarr", outcome: "later" } },
    ]);
  });

  it("asks nobody after it was told to stop, and a server in doubt although nothing waits", async () => {
    queue(1);
    const stopped = clientOf(sonarr, "sonarr", undefined, AbortSignal.abort());
    expect(outcomes(await tell({ clients: [stopped] }))).toEqual(["1 later"]);
    expect(sonarr.requests).toEqual([]);
    arrs.pending = [];
    expect((await tell()).asked.size).toBe(0);
    arrs.servers.set("sonarr", { trouble: { code: "ARR_KEY", since: ago(1), sweeps: 2 } });
    expect((await tell()).asked.has("sonarr")).toBe(true);
  });
});

describe("what is not to be told any more", () => {
  it("is what was restored, and what waits for a server that is not configured", async () => {
    queue(1, 2);
    arrs.pending.push(taskOf(1, "gone", ago(1)));
    await tell({ isRestored: ({ id, server }) => id === "1" && server === "sonarr" });
    expect(sonarr.marked.map(({ hash }) => hash)).toEqual([hashOf(2)]);
    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^info sonarr: .*Film 1.mkv.* is not reported as failed: it was restored$/),
      expect.stringMatching(/^info gone: .*Film 1.mkv.* is not reported as failed: .* no longer configured$/),
    ]);
    expect(disk.pending).toEqual([]);
  });

  it("is what is a week old, by the word of two sweeps on different days", async () => {
    queue(1);
    const [task] = arrs.pending;
    if (task) task.deleted_at = ago(7.5);
    sonarr.mode = "down";
    await tell();
    await tell({ now: () => new Date(NOW + 3600_000) });
    expect(disk.pending).toHaveLength(1);
    await tell({ now: () => new Date(NOW + DAY) });
    expect(disk.pending).toEqual([]);
    expect(lines.at(-1)).toMatch(
      /^error sonarr: .*Film 1.mkv.* could not be reported for a week and is given up/,
    );
  });

  it("is not what only a wrong clock made a week old", async () => {
    queue(1);
    sonarr.mode = "down";
    await tell({ now: () => new Date(NOW + 900 * DAY) });
    await tell();
    await tell({ now: () => new Date(NOW + DAY) });
    expect(disk.pending).toHaveLength(1);
    expect(disk.pending[0]?.past_limit).toBeUndefined();
  });
});
