import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Notice } from "../../src/core/records.ts";
import { StateError } from "../../src/errors.ts";
import { nodeFileSystem } from "../../src/state/file-system.ts";
import { openStore, type StoreOptions } from "../../src/state/store.ts";
import { DiskModel, LOSSES, systemError } from "../simulate/disk-model.ts";
import { dieAt, failAt, interceptFileSystem } from "./intercepted-file-system.ts";
import { arrTask, confirmed, counter, deletion, intent, sweep } from "./sample.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const NOW = new Date("2026-02-01T08:30:00.000Z");
const FILES = [
  "retry_counts.json",
  "intents.json",
  "confirmed.json",
  "outbox.json",
  "arrs.json",
  "accounts.json",
  "sweeps.json",
  "running.json",
];
const KEPT = "corrupt-2026-02-01T08-30-00.000Z";

const open = (folder: string, options: Partial<StoreOptions> = {}) =>
  openStore({ folder, mode: "write", now: () => NOW, ...options });

const contents = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));

const notices: Notice[] = [
  { kind: "deletion", ...deletion("1", { failing_since: "2026-01-31T10:00:00.000Z" }) },
  { kind: "cap", key: "cap-1", at: NOW.toISOString(), account: "main", due: 120, max_deletes: 100 },
];

describe("openStore", () => {
  it("is empty where there is nothing", async () => {
    const store = await open(join(temporaryFolder(), "new"));
    expect([store.counters.size, store.intents.size, store.accounts.size, store.sweeps]).toEqual([
      0,
      0,
      0,
      [],
    ]);
    expect(store.outbox).toEqual({ pending: [] });
    expect(await store.readDeletions()).toEqual([]);
    expect(store.problems).toEqual([]);
    expect(store.importedFrom).toBeUndefined();
  });

  it("reads back counters of any size and script, saved over and over", async () => {
    const folder = temporaryFolder();
    const store = await open(folder);
    for (const [count, filename] of [
      [2000, "Amélie.Ночь.東京.🎬"],
      [3, "short"],
      [1, "長".repeat(100_000)],
      [2000, "x"],
    ] as const) {
      store.counters.clear();
      for (let id = 1; id <= count; id++) store.counters.set(String(id), counter({ filename }));
      await store.saveCounters();
      expect((await open(folder, { mode: "read" })).counters).toEqual(store.counters);
    }
  });

  it("reads back all that was saved, from files of mode 0600", async () => {
    const folder = temporaryFolder();
    const store = await open(folder);
    store.counters.set("12", counter());
    store.intents.set("12", intent("12"));
    store.confirmed.set("9", confirmed("9"));
    store.running.alive_at = NOW.toISOString();
    store.outbox.pending.push(...notices);
    store.outbox.dead_webhook = { fingerprint: "aa", status: 404, called_at: NOW.toISOString() };
    const since = NOW.toISOString();
    store.outbox.blocked_webhook = { fingerprint: "aa", message: "400", remedy: "reopen it", since };
    store.accounts.set("0123456789abcdef", {
      name: "main",
      keys: ["fedcba9876543210"],
      last_swept: NOW.toISOString(),
      past_limit: NOW.toISOString(),
      cap_told: true,
    });
    store.sweeps.push(sweep());
    store.arrs.pending.push(arrTask("1"));
    store.arrs.servers.set("sonarr", { last_told: { at: since } });
    const { saveCounters, saveIntents, saveOutbox, saveAccounts, saveSweeps } = store;
    const { saveConfirmed, saveRunning, saveArrs } = store;
    const saved = [saveCounters(), saveIntents(), saveOutbox(), saveAccounts(), saveSweeps()];
    await Promise.all([...saved, saveConfirmed(), saveRunning(), saveArrs()]);
    await store.appendDeletion(deletion("11"));

    const again = await open(folder, { mode: "read" });
    for (const part of [
      "counters",
      "intents",
      "confirmed",
      "outbox",
      "arrs",
      "accounts",
      "sweeps",
      "running",
    ] as const) {
      expect(again[part], part).toEqual(store[part]);
    }
    expect(await again.readDeletions()).toEqual([deletion("11")]);
    expect(again.problems).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual([...FILES, "deletions.jsonl"].sort());
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it("writes only what changed; but the first save of counters creates their file", async () => {
    const folder = temporaryFolder();
    const saveAll = async () => {
      const store = await open(folder);
      await store.saveCounters();
      await store.saveIntents();
      await store.saveOutbox();
      await store.saveAccounts();
    };
    await saveAll();
    expect(contents(folder)).toEqual({ "retry_counts.json": "{}\n" });
    const { ino } = statSync(join(folder, "retry_counts.json"));
    await saveAll();
    expect(statSync(join(folder, "retry_counts.json")).ino).toBe(ino);
  });

  it("writes again what a failed save may have left out of the disk's sight", async () => {
    const disk = new DiskModel();
    let syncs = 0;
    const fs = interceptFileSystem(disk, (operation) => {
      // The file's own sync, then the folder's.
      if (operation === "fsync" && ++syncs === 2)
        throw Object.assign(new Error(), { code: "EIO", syscall: "fsync" });
      return undefined;
    });
    const store = await open("/state", { fs });
    store.counters.set("1", counter());
    await expect(store.saveCounters()).rejects.toThrow("input/output error");
    expect(disk.afterLoss("entries").names()).toEqual([]);
    await store.saveCounters();
    expect(disk.afterLoss("all").names()).toEqual(["retry_counts.json"]);
  });

  it("reads and writes intents as version 1.0.0 does", async () => {
    const folder = temporaryFolder();
    const file = { version: 1, intents: [deletion("12", { failing_since: "2026-01-31T10:00:00.000Z" })] };
    writeFileSync(join(folder, "intents.json"), JSON.stringify(file));
    const store = await open(folder);
    const { deleted_at, ...details } = deletion("12");
    expect(store.intents.get("12")).toMatchObject({ ...details, requested_at: deleted_at });
    store.intents.set("13", intent("13"));
    await store.saveIntents();
    const written = JSON.parse(contents(folder)["intents.json"] ?? "");
    expect(written).toEqual({ version: 1, intents: [...file.intents, deletion("13")] });
  });

  it("keeps the last 50 sweeps", async () => {
    const folder = temporaryFolder();
    const store = await open(folder);
    for (let n = 1; n <= 60; n++) store.sweeps.push(sweep({ failing: n }));
    await store.saveSweeps();
    const { sweeps } = await open(folder);
    expect(sweeps.map(({ failing }) => failing)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 11),
    );
  });

  it("holds 10,000 counters", async () => {
    const folder = temporaryFolder();
    const store = await open(folder);
    for (let n = 0; n < 10_000; n++) store.counters.set(String(400_000_000 + n), counter({ fails: n }));
    await store.saveCounters();
    const again = await open(folder);
    expect(again.counters).toEqual(store.counters);
  });

  it("writes many counters in many short writes: whichever fails, the old ones stand", async () => {
    const folder = temporaryFolder();
    let writes = 0;
    let failing = 0;
    const fs = interceptFileSystem(nodeFileSystem, (operation) => {
      if (operation === "write" && ++writes === failing) throw systemError("EIO", "write");
      return operation === "write" ? "short" : undefined;
    });
    const store = await open(folder, { fs });
    for (let n = 0; n < 1000; n++) store.counters.set(String(400_000_000 + n), counter({ fails: 1 }));
    await store.saveCounters();
    const before = contents(folder);
    expect(writes).toBeGreaterThan(3);
    const all = writes;
    store.counters.set("1", counter({ fails: 2 }));
    for (failing = 1; failing <= all; failing++) {
      writes = 0;
      await expect(store.saveCounters()).rejects.toThrow("can't write");
      expect(contents(folder)).toEqual(before);
    }
    failing = 0;
    await store.saveCounters();
    expect((await open(folder)).counters).toEqual(store.counters);
  });

  it("saves counters that change while they are written, and what changed once more", async () => {
    const folder = temporaryFolder();
    let onWrite = () => {};
    const fs = interceptFileSystem(nodeFileSystem, (operation) => {
      if (operation === "write") onWrite();
      return undefined;
    });
    const store = await open(folder, { fs });
    for (let n = 0; n < 1000; n++) store.counters.set(String(400_000_000 + n), counter({ fails: 1 }));
    onWrite = () => {
      onWrite = () => {};
      for (const id of ["400000000", "400000998", "400000999"]) store.counters.delete(id);
      store.counters.set("400000997", counter({ fails: 7 }));
      store.counters.set("1", counter({ fails: 9 }));
    };
    await store.saveCounters();
    const { counters, problems } = await open(folder);
    expect(problems).toEqual([]);
    expect(counters.get("400000001")?.fails).toBe(1);
    await store.saveCounters();
    expect((await open(folder)).counters).toEqual(store.counters);
  });

  it("takes files from the sight of others", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "retry_counts.json"), "{}\n", { mode: 0o644 });
    await open(folder, { mode: "read" });
    expect(statSync(join(folder, "retry_counts.json")).mode & 0o777).toBe(0o644);
    await open(folder);
    expect(statSync(join(folder, "retry_counts.json")).mode & 0o777).toBe(0o600);
  });

  it("removes what a killed run left, when it may write", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, ".magnets-0123456789abcdef.tmp"), "");
    await open(folder, { mode: "read" });
    expect(readdirSync(folder)).toHaveLength(1);
    await open(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("accepts a symlink in the place of the folder", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "real"));
    symlinkSync("real", join(folder, "link"));
    const store = await open(join(folder, "link"));
    await store.saveCounters();
    expect(readdirSync(join(folder, "real"))).toEqual(["retry_counts.json"]);
  });
});

describe("openStore, corrupt files", () => {
  const corrupt: [string, string | Buffer][] = [
    ["it is empty", ""],
    ["it is not valid JSON", '{"403207307": {"fails": 3, "last'],
    ["it is not a JSON object", "[]"],
    ["it is not a JSON object", "null"],
    ["it is not UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
  ];
  const each = FILES.flatMap((file) => corrupt.map(([reason, text]) => [file, reason, text] as const));

  it.each(each)("%s: %s: is kept, reported and taken for empty", async (file, reason, text) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, file), text, { mode: 0o644 });
    const { problems } = await open(folder);
    const kept = `${file}.${KEPT}`;
    expect(problems).toEqual([
      {
        severity: "error",
        message: `${file} is corrupt: ${reason}; going on as if it were empty; the file was kept as ${kept}`,
      },
    ]);
    expect(readFileSync(join(folder, kept))).toEqual(Buffer.from(text));
    expect(statSync(join(folder, kept)).mode & 0o777).toBe(0o600);
    // Met once, not at every sweep.
    expect((await open(folder)).problems).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual([file, kept]);
  });

  it.each(FILES.slice(1))("%s: without a version or its list it is corrupt", async (file) => {
    // A mark of no sweep under way has nothing else.
    const withoutList = file === "running.json" ? [] : ['{"version":1}'];
    for (const text of ["{}", '{"version":"1"}', '{"version":0}', ...withoutList]) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, file), text);
      expect((await open(folder, { mode: "read" })).problems, text).toMatchObject([
        { message: expect.stringContaining(file), severity: "error" },
      ]);
    }
  });

  it("drops single entries alone, and keeps the file", async () => {
    const folder = temporaryFolder();
    const files: Record<string, unknown> = {
      "retry_counts.json": { "1": { fails: 1 }, "2": "bad" },
      "intents.json": { version: 1, intents: [deletion("1"), { id: "2" }] },
      "confirmed.json": { version: 1, confirmed: [confirmed("1"), { ...confirmed("2"), record: {} }] },
      "running.json": { version: 1, alive_at: "yesterday" },
      "outbox.json": { version: 1, pending: [...notices, { kind: "other" }, 7], dead_webhook: "x" },
      "accounts.json": { version: 1, accounts: { aa: { name: "main" }, bb: { name: 7 } } },
      "sweeps.json": { version: 1, sweeps: [sweep(), {}] },
    };
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(folder, name), JSON.stringify(content));
    }
    const store = await open(folder);
    expect([...store.counters.keys()]).toEqual(["1"]);
    expect([...store.intents.values()]).toEqual([intent("1")]);
    expect([...store.confirmed.values()]).toEqual([confirmed("1")]);
    expect(store.running).toEqual({});
    expect(store.outbox).toEqual({ pending: notices });
    expect([...store.accounts]).toEqual([["aa", { name: "main" }]]);
    expect(store.sweeps).toEqual([sweep()]);
    expect(store.problems.map(({ message }) => message.replace(/; the file was kept as .*/, ""))).toEqual([
      "retry_counts.json is corrupt in part: dropped 1 counter (2)",
      "intents.json is corrupt in part: dropped 1 open intent (entry 2)",
      "confirmed.json is corrupt in part: dropped 1 confirmed deletion (entry 2)",
      "outbox.json is corrupt in part: dropped 2 notices (entry 3, entry 4)",
      "outbox.json holds unreadable values: dropped 1 field (dead_webhook)",
      "accounts.json is corrupt in part: dropped 1 account (bb)",
      "sweeps.json is corrupt in part: dropped 1 sweep (entry 2)",
      "running.json holds unreadable values: dropped 1 field (alive_at)",
    ]);
    for (const [name, content] of Object.entries(files)) {
      expect(JSON.parse(readFileSync(join(folder, `${name}.${KEPT}`), "utf8"))).toEqual(content);
    }
    expect((await open(folder)).problems).toEqual([]);
  });

  it("keeps what Sonarr and Radarr are to be told where nothing else of arrs.json can be read", async () => {
    const pending = [arrTask("1")];
    for (const servers of [undefined, null, []]) {
      const folder = temporaryFolder();
      writeFileSync(join(folder, "arrs.json"), JSON.stringify({ version: 1, pending, servers }));
      const { arrs, problems } = await open(folder);
      expect({ arrs, problems }).toEqual({ arrs: { pending, servers: new Map() }, problems: [] });
    }
  });

  it("keeps each corrupt file under a name of its own", async () => {
    const folder = temporaryFolder();
    for (const [i, text] of ["one", "two", "three"].entries()) {
      writeFileSync(join(folder, "outbox.json"), text);
      await open(folder, { now: () => new Date(NOW.getTime() + i) });
    }
    const kept = Object.entries(contents(folder)).filter(([name]) => name.includes("corrupt"));
    expect(kept).toEqual([
      [`outbox.json.${KEPT}`, "one"],
      ["outbox.json.corrupt-2026-02-01T08-30-00.001Z", "two"],
      ["outbox.json.corrupt-2026-02-01T08-30-00.002Z", "three"],
    ]);
  });

  it("only reports them when it may not write", async () => {
    const folder = temporaryFolder();
    for (const file of FILES) writeFileSync(join(folder, file), "nonsense");
    const before = contents(folder);
    const store = await open(folder, { mode: "read" });
    expect(store.problems.map(({ message, severity }) => [message.split(" ")[0], severity])).toEqual(
      FILES.map((file) => [file, "error"]),
    );
    expect(store.problems[0]?.message).toContain("the file stays as it is");
    store.counters.set("1", counter());
    await store.saveCounters();
    await store.saveSweeps();
    await store.appendDeletion(deletion("1"));
    expect(contents(folder)).toEqual(before);
  });

  it("warns of each bad line of deletions.jsonl", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "deletions.jsonl"), `nonsense\n${JSON.stringify(deletion("1"))}\n`);
    const store = await open(folder);
    expect(await store.readDeletions()).toEqual([deletion("1")]);
    expect(store.problems).toEqual([
      {
        severity: "warning",
        message: "deletions.jsonl: line 1 can't be read and is skipped",
      },
    ]);
  });

  it("has the damaged file's copy on disk before anything else is written", async () => {
    const disk = new DiskModel();
    disk.put("outbox.json", "nonsense");
    await open("/state", { fs: disk });
    expect(disk.afterLoss("all").text(`outbox.json.${KEPT}`)).toBe("nonsense");
  });

  it("loses neither the corrupt file nor the good entries wherever it dies or fails", async () => {
    const text = '{"1": {"fails": 4, "last_status": "error"}, "2": "bad"}';
    const good = '{\n  "1": {"fails":4,"last_status":"error"}\n}\n';
    const diskWithDamage = () => {
      const disk = new DiskModel();
      disk.put("retry_counts.json", text);
      return disk;
    };
    let count = 0;
    const counting = interceptFileSystem(diskWithDamage(), () => {
      count++;
      return undefined;
    });
    await open("/state", { fs: counting });

    for (let n = 1; n <= count; n++) {
      for (const [how, interceptor] of [
        ["dies", dieAt(n)] as const,
        ["fails", failAt(n, "ENOSPC")] as const,
      ]) {
        const disk = diskWithDamage();
        await open("/state", { fs: interceptFileSystem(disk, interceptor) }).catch(() => "failed");
        for (const loss of how === "dies" ? LOSSES : (["none"] as const)) {
          const after = disk.afterLoss(loss);
          const where = `${how} at ${n}, lost ${loss}: ${after.names()}`;
          const now = after.text("retry_counts.json");
          const kept = after.names().filter((name) => name.includes("corrupt"));
          expect([text, good], where).toContain(now);
          if (now === good)
            expect(
              kept.map((name) => after.text(name)),
              where,
            ).toContain(text);
        }
      }
    }
  });
});

describe("openStore, files that are not ours to touch", () => {
  it.each(FILES)("%s of a newer version: refuses and touches nothing", async (file) => {
    const folder = temporaryFolder();
    for (const other of FILES) writeFileSync(join(folder, other), "nonsense");
    writeFileSync(join(folder, file), '{"version": 2}');
    const before = contents(folder);
    const opening = open(folder);
    await expect(opening).rejects.toThrow(StateError);
    await expect(opening).rejects.toThrow(
      `${file} was written by a newer magnets (version 2); update this one`,
    );
    expect(contents(folder)).toEqual(before);
  });

  it.each([...FILES, "deletions.jsonl"])("%s as a symlink: is not followed", async (file) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "victim"), "untouched");
    symlinkSync("victim", join(folder, file));
    await expect(open(folder)).rejects.toThrow("it is a symlink, which is not followed");
    expect(readFileSync(join(folder, "victim"), "utf8")).toBe("untouched");
  });

  it("a FIFO, a folder: an error and no waiting", async () => {
    const folder = temporaryFolder();
    execFileSync("mkfifo", [join(folder, "outbox.json")]);
    await expect(open(folder)).rejects.toThrow("outbox.json: it is not a regular file");
    const other = temporaryFolder();
    mkdirSync(join(other, "sweeps.json"));
    await expect(open(other)).rejects.toThrow("sweeps.json: it is not a regular file");
  });

  it("a file that can't be read: says why and touches nothing", async () => {
    const disk = new DiskModel();
    for (const file of FILES) disk.put(file, "nonsense");
    const fs = interceptFileSystem(disk, (operation) => {
      if (operation === "read") throw Object.assign(new Error(), { code: "EIO", syscall: "read" });
      return undefined;
    });
    await expect(open("/state", { fs })).rejects.toThrow(
      "can't read /state/retry_counts.json: input/output error; check the disk",
    );
    expect(disk.names()).toEqual([...FILES].sort());
  });

  it("a full disk: the save says so, what was there stays, and a later save works", async () => {
    const folder = temporaryFolder();
    let full = false;
    const fs = interceptFileSystem(nodeFileSystem, (operation) => {
      if (full && operation === "write")
        throw Object.assign(new Error(), { code: "ENOSPC", syscall: "write" });
      return undefined;
    });
    const store = await open(folder, { fs });
    store.counters.set("1", counter({ fails: 1 }));
    await store.saveCounters();
    const before = contents(folder);
    full = true;
    store.counters.set("1", counter({ fails: 2 }));
    await expect(store.saveCounters()).rejects.toThrow("no space left on the disk");
    expect(contents(folder)).toEqual(before);
    full = false;
    await store.saveCounters();
    expect((await open(folder)).counters.get("1")?.fails).toBe(2);
  });
});

describe("openStore, the original's counters", () => {
  const text = '{"403207307": {"fails": 3, "last_status": "error"}}';
  const legacyCounters = { path: "/etc/old/retry_counts.json", explicit: false, text };

  it("are taken over where there are none", async () => {
    const folder = temporaryFolder();
    const store = await open(folder, { legacyCounters });
    expect(store.importedFrom).toBe(legacyCounters.path);
    expect(store.counters.get("403207307")).toEqual({ fails: 3, last_status: "error" });
    expect(readdirSync(folder)).toEqual([]);
    store.counters.delete("403207307");
    await store.saveCounters();
    const again = await open(folder, { legacyCounters });
    expect([again.counters.size, again.importedFrom]).toEqual([0, undefined]);
  });

  it("are not looked at where there are some, be they corrupt", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "retry_counts.json"), "nonsense");
    const legacy = { path: legacyCounters.path, error: "permission denied" };
    const store = await open(folder, { legacyCounters: legacy });
    expect([store.counters.size, store.importedFrom]).toEqual([0, undefined]);
    expect((await open(folder, { legacyCounters })).counters.size).toBe(0);
  });

  it("are loudly reported when corrupt", async () => {
    const folder = temporaryFolder();
    const store = await open(folder, { legacyCounters: { ...legacyCounters, text: "{" } });
    expect(store.counters.size).toBe(0);
    expect(store.problems).toEqual([
      {
        severity: "error",
        message: `${legacyCounters.path} is corrupt: it is not valid JSON; going on as if it were empty; it stays as it is`,
      },
    ]);
  });

  it("stop the run when they are needed and can't be read", async () => {
    const legacy = { path: legacyCounters.path, error: "permission denied" };
    const opening = open(temporaryFolder(), { legacyCounters: legacy });
    await expect(opening).rejects.toThrow(StateError);
    await expect(opening).rejects.toThrow(`the counters of ${legacy.path}: permission denied`);
  });

  it("need not be there", async () => {
    const store = await open(temporaryFolder(), { legacyCounters: { path: legacyCounters.path } });
    expect([store.counters.size, store.importedFrom, store.problems]).toEqual([0, undefined, []]);
  });
});
