import { constants } from "node:fs";
import { expect, test } from "vitest";
import { DiskModel } from "./disk-model.ts";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const APPEND = constants.O_RDWR | constants.O_APPEND;

async function write(disk: DiskModel, name: string, text: string, { flags = CREATE, syncs = true } = {}) {
  const file = await disk.open(`${disk.folder}/${name}`, flags, 0o600);
  await file.write(Buffer.from(text));
  if (syncs) await file.sync();
}

const syncFolder = async (disk: DiskModel) => (await disk.open(disk.folder, constants.O_RDONLY)).sync();

/** What a promise came to by now; `waits` if it did not. */
const stateOf = (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => "done"), new Promise((resolve) => setImmediate(resolve, "waits"))]);

test("what was not synced is lost with the power, content and entries", async () => {
  const disk = new DiskModel();
  await write(disk, "a", "first");
  await syncFolder(disk);
  await write(disk, "a", " second", { flags: APPEND, syncs: false });
  await write(disk, "b", "new");
  expect(disk.text("a")).toBe("first second");
  expect(disk.durableText("a")).toBe("first");
  expect(disk.durableText("b")).toBeUndefined();
  expect(disk.afterLoss("all").names()).toEqual(["a"]);
  expect(disk.afterLoss("entries").text("a")).toBe("first second");
  expect(disk.afterLoss("content").names()).toEqual(["a", "b"]);
});

test("the end of what was appended may be torn", async () => {
  const disk = new DiskModel();
  disk.put("a", "first");
  await write(disk, "a", " second", { flags: APPEND, syncs: false });
  expect(disk.afterLoss("all", () => 0.5).text("a")).toBe("first se");
});

test("a process that dies at a write gets half of it out, and nothing else ends", async () => {
  const disk = new DiskModel();
  disk.put("a", "");
  let died = false;
  const file = await disk.open("/state/a", APPEND);
  disk.killAfter(1, () => {
    died = true;
  });
  await file.write(Buffer.from("whole "));
  expect(await stateOf(file.write(Buffer.from("half")))).toBe("waits");
  expect(died).toBe(true);
  expect(disk.text("a")).toBe("whole ha");
  expect(await stateOf(file.write(Buffer.from("nothing")))).toBe("waits");
  expect(await stateOf(disk.rename("/state/a", "/state/b"))).toBe("waits");
  disk.revive();
  await disk.rename("/state/a", "/state/b");
  expect(disk.names()).toEqual(["b"]);
});

test("a full disk takes what fits, then nothing", async () => {
  const disk = new DiskModel();
  disk.put("a", "");
  disk.fill(3);
  const file = await disk.open("/state/a", APPEND);
  expect(await file.write(Buffer.from("12345"))).toBe(3);
  await expect(file.write(Buffer.from("45"))).rejects.toThrow("ENOSPC");
  disk.fill();
  expect(await file.write(Buffer.from("45"))).toBe(2);
});
