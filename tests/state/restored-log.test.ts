import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appendRestored, dropRestored, type Restored, readRestored } from "../../src/state/deletion-logs.ts";
import { openStore } from "../../src/state/store.ts";
import { counter } from "./sample.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const HASH = "0123456789abcdef0123456789abcdef01234567";
const DELETED = "2026-01-02T03:04:05.000Z";

function restored(given: Partial<Restored> = {}): Restored {
  const restored_at = "2026-01-02T04:00:00.000Z";
  return { hash: HASH, id: "1", account: "aa", deleted_at: DELETED, restored_at, ...given };
}

const confirmed = (id: string, hash?: string) => ({
  id,
  ...(hash !== undefined && { hash }),
  fingerprint: "aa",
  deleted_at: DELETED,
  record: counter(),
});

test.each<[string, Partial<Restored>, string | undefined, boolean]>([
  ["by the id it was deleted with", { hash: "f".repeat(40) }, HASH, true],
  ["by the id it has now", { id: "9", new_id: "1", hash: "f".repeat(40) }, undefined, true],
  ["by its hash, in any spelling", { id: "9", new_id: "8" }, HASH.toUpperCase(), true],
  ["another magnet", { id: "9", new_id: "8" }, "f".repeat(40), false],
  ["another magnet without a hash", { id: "9", new_id: "8", hash: "" }, undefined, false],
  [
    "restored before that deletion",
    { deleted_at: "2026-01-01T00:00:00.000Z", restored_at: "2026-01-02T00:00:00.000Z" },
    HASH,
    false,
  ],
  ["by a clock that was set back", { restored_at: "2025-01-01T00:00:00.000Z" }, HASH, true],
])("a confirmed deletion is dropped where it was restored: %s", (_, given, hash, isDropped) => {
  const entries = new Map([["1", confirmed("1", hash)]]);
  dropRestored(entries, [restored(given)]);
  expect(entries.has("1")).toBe(!isDropped);
});

test("a store that is opened has dropped them, and says which lines can't be read", async () => {
  const folder = join(await temporaryFolder(), "state");
  const open = () => openStore({ folder, mode: "write", now: () => new Date() });
  const store = await open();
  store.confirmed.set("1", confirmed("1", HASH));
  store.confirmed.set("2", confirmed("2"));
  await store.saveConfirmed();
  await appendRestored(folder, [restored()]);
  await appendFile(join(folder, "restored.jsonl"), "{torn");
  await appendRestored(folder, [restored({ id: "7" })]);
  expect((await readRestored(folder)).entries.map(({ id }) => id)).toEqual(["1", "7"]);

  const reopened = await open();
  expect([...reopened.confirmed.keys()]).toEqual(["2"]);
  expect(reopened.problems).toEqual([
    {
      message: "restored.jsonl: line 2 can't be read and is skipped",
      severity: "warning",
    },
  ]);
  await reopened.saveConfirmed();
  expect([...(await open()).confirmed.keys()]).toEqual(["2"]);
});
