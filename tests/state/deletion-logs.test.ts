import { execFileSync } from "node:child_process";
import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StateError } from "../../src/errors.ts";
import { createDeletionsLog, readDeletions, syncDeletions } from "../../src/state/deletion-logs.ts";
import { DiskModel, LOSSES } from "../simulate/disk-model.ts";
import { dieAt, failAt, fullFrom, type Interceptor, interceptFileSystem } from "./intercepted-file-system.ts";
import { deletion } from "./sample.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const FILE = "deletions.jsonl";
const line = (id: string) => `${JSON.stringify(deletion(id))}\n`;

const skipped = (number: number) => `${FILE}: line ${number} can't be read and is skipped`;

function diskWithOne(): DiskModel {
  const disk = new DiskModel();
  disk.put(FILE, line("1"));
  return disk;
}

/** Adds two deletions side by side to a log of one. */
async function addTwo(disk: DiskModel, interceptor: Interceptor): Promise<unknown> {
  const append = createDeletionsLog("/state", interceptFileSystem(disk, interceptor));
  return Promise.all([append(deletion("2")), append(deletion("3"))]).then(
    () => "written",
    (error: unknown) => error,
  );
}

async function operations(): Promise<string[]> {
  const names: string[] = [];
  await addTwo(diskWithOne(), (operation) => {
    names.push(operation);
    return undefined;
  });
  return names;
}

describe("createDeletionsLog", () => {
  it("shares one write and one sync among deletions side by side", async () => {
    expect((await operations()).filter((name) => name === "write" || name === "fsync")).toEqual([
      "write",
      "fsync",
    ]);
  });

  it("puts on disk what a run wrote that was killed before it synced, before anything follows from it", async () => {
    const disk = diskWithOne();
    const file = await disk.open(`/state/${FILE}`, 2);
    await file.write(Buffer.from(line("2")));
    expect(disk.durableText(FILE)).toBe(line("1"));
    await syncDeletions("/state", disk);
    const { entries: deletions } = await readDeletions("/state", disk);
    expect(deletions.map(({ id }) => id)).toEqual(["1", "2"]);
    expect(disk.durableText(FILE)).toBe(line("1") + line("2"));
  });

  it("creates the file 0600, and the folder knows it once it returns", async () => {
    const disk = new DiskModel();
    await createDeletionsLog("/state", disk)(deletion("1"));
    for (const loss of LOSSES) expect(disk.afterLoss(loss).text(FILE)).toBe(line("1"));

    const folder = temporaryFolder();
    await createDeletionsLog(folder)(deletion("1"));
    expect(readFileSync(join(folder, FILE), "utf8")).toBe(line("1"));
    expect(statSync(join(folder, FILE)).mode & 0o777).toBe(0o600);
  });

  it("has the lines on disk once it returns, whatever the disk then loses", async () => {
    const disk = diskWithOne();
    expect(await addTwo(disk, () => undefined)).toBe("written");
    for (const loss of LOSSES)
      expect(disk.afterLoss(loss).text(FILE)).toBe(line("1") + line("2") + line("3"));
  });

  it("loses no earlier line wherever it dies, and goes on on a new line", async () => {
    const count = (await operations()).length;
    for (let n = 1; n <= count; n++) {
      const disk = diskWithOne();
      await addTwo(disk, dieAt(n));
      for (const loss of LOSSES) {
        const next = disk.afterLoss(loss);
        await createDeletionsLog("/state", next)(deletion("4"));
        const { entries: deletions, problems } = await readDeletions("/state", next);
        const ids = deletions.map(({ id }) => id);
        expect(ids[0], `died at ${n}, lost ${loss}`).toBe("1");
        expect(ids.at(-1)).toBe("4");
        expect(problems.length).toBeLessThanOrEqual(1);
      }
    }
  });

  it("leaves the file as it was when a step fails", async () => {
    const names = await operations();
    // Once it is synced, the line stands; a close that fails then is reported all the same.
    for (const [index, operation] of names.slice(0, names.indexOf("close")).entries()) {
      const disk = diskWithOne();
      expect(await addTwo(disk, failAt(index + 1, "EIO")), operation).toBeInstanceOf(StateError);
      expect(disk.text(FILE), operation).toBe(line("1"));
    }
  });

  it("takes back a line that a full disk cut short, and works again when there is space", async () => {
    const disk = diskWithOne();
    const error = await addTwo(disk, fullFrom(1));
    expect(String(error)).toContain("no space left on the disk");
    expect(disk.text(FILE)).toBe(line("1"));
    await createDeletionsLog("/state", disk)(deletion("5"));
    expect(disk.text(FILE)).toBe(line("1") + line("5"));
  });

  it("works on after a failure", async () => {
    const disk = diskWithOne();
    const append = createDeletionsLog("/state", interceptFileSystem(disk, failAt(1, "EIO")));
    await expect(append(deletion("2"))).rejects.toThrow(StateError);
    await append(deletion("3"));
    expect((await readDeletions("/state", disk)).entries.map(({ id }) => id)).toEqual(["1", "3"]);
  });

  it("ends a torn last line before it adds one", async () => {
    const disk = new DiskModel();
    disk.put(FILE, line("1") + line("2").slice(0, 30));
    await createDeletionsLog("/state", disk)(deletion("3"));
    const { entries: deletions, problems } = await readDeletions("/state", disk);
    expect(deletions.map(({ id }) => id)).toEqual(["1", "3"]);
    expect(problems.map(({ message }) => message)).toEqual([skipped(2)]);
  });

  it("skips lines that can't be read, and reads on", async () => {
    const disk = new DiskModel();
    const bad = ["nonsense", "[]", "null", '{"id":"1"}', "\0\0\0\0", JSON.stringify(deletion("x"))];
    disk.put(FILE, `${bad.join("\n")}\n\n${line("7")}`);
    const { entries: deletions, problems } = await readDeletions("/state", disk);
    expect(deletions).toEqual([deletion("7")]);
    expect(problems.map(({ message }) => message)).toEqual([1, 2, 3, 4, 5, 6].map(skipped));
  });

  it("doesn't follow a symlink", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "victim"), "untouched");
    symlinkSync("victim", join(folder, FILE));
    await expect(createDeletionsLog(folder)(deletion("1"))).rejects.toThrow("it is a symlink");
    await expect(readDeletions(folder)).rejects.toThrow("it is a symlink");
    expect(readFileSync(join(folder, "victim"), "utf8")).toBe("untouched");
  });

  it("doesn't wait for somebody to read from a FIFO", async () => {
    const folder = temporaryFolder();
    execFileSync("mkfifo", [join(folder, FILE)]);
    await expect(createDeletionsLog(folder)(deletion("1"))).rejects.toThrow("it is not a regular file");
  });
});
