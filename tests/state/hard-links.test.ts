import { chmod, link, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { appendRestored, readRestored } from "../../src/state/deletion-logs.ts";
import { takeLock } from "../../src/state/run-lock.ts";
import { openStore } from "../../src/state/store.ts";
import { counter, deletion } from "./sample.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const RESTORED = {
  hash: "0123456789abcdef0123456789abcdef01234567",
  id: "7",
  account: "aa",
  deleted_at: "2026-01-02T03:04:05.000Z",
  restored_at: "2026-01-02T04:04:05.000Z",
};

/** A state folder with one file that a backup has linked; `unchanged` fails where the backup was written through. */
async function withBackup(name: string, text: string, mode = 0o600) {
  const base = await temporaryFolder();
  const folder = join(base, "state");
  await mkdir(folder, { mode: 0o700 });
  const file = join(folder, name);
  await writeFile(file, text);
  await chmod(file, mode);
  const backup = join(base, "backup");
  await link(file, backup);
  const open = () => openStore({ folder, mode: "write", now: () => new Date() });
  const unchanged = async () => {
    expect(await readFile(backup, "utf8")).toBe(text);
    const { mode: left, nlink } = await stat(backup);
    expect((left & 0o777).toString(8)).toBe(mode.toString(8));
    return nlink;
  };
  return { folder, file, open, unchanged };
}

test("counters are replaced", async () => {
  const { file, open, unchanged } = await withBackup("retry_counts.json", "{}\n");
  const store = await open();
  store.counters.set("1", counter());
  await store.saveCounters();
  expect(await readFile(file, "utf8")).toContain('"1":');
  expect(await unchanged()).toBe(1);
});

test("a file that others can read is made private in a copy of its own", async () => {
  const { file, open, unchanged } = await withBackup("retry_counts.json", "{}\n", 0o644);
  await open();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await unchanged()).toBe(1);
});

test("a damaged file is kept in a copy of its own", async () => {
  const { folder, open, unchanged } = await withBackup("retry_counts.json", "{nonsense", 0o640);
  await open();
  const kept = (await readdir(folder)).find((name) => name.includes(".corrupt-")) ?? "";
  expect(await readFile(join(folder, kept), "utf8")).toBe("{nonsense");
  expect((await stat(join(folder, kept))).mode & 0o777).toBe(0o600);
  expect(await unchanged()).toBe(1);
});

test("deletions.jsonl is copied before a line is added", async () => {
  const first = `${JSON.stringify(deletion("1"))}\n`;
  const { file, open, unchanged } = await withBackup("deletions.jsonl", first);
  await (await open()).appendDeletion(deletion("2"));
  expect(await readFile(file, "utf8")).toBe(`${first}${JSON.stringify(deletion("2"))}\n`);
  expect(await unchanged()).toBe(1);
});

test("restored.jsonl, too", async () => {
  const first = `${JSON.stringify(RESTORED)}\n`;
  const { folder, unchanged } = await withBackup("restored.jsonl", first);
  await appendRestored(folder, [{ ...RESTORED, id: "8" }]);
  expect((await readRestored(folder)).entries.map(({ id }) => id)).toEqual(["7", "8"]);
  expect(await unchanged()).toBe(1);
});

test("the lock can't be copied, so nothing is written into it, and it locks", async () => {
  const { folder, unchanged } = await withBackup("lock", "a stranger's\n");
  const lock = await takeLock(folder);
  onTestFinished(() => lock.release());
  await expect(takeLock(folder)).rejects.toThrow("fuser -v");
  expect(await unchanged()).toBe(2);
});
