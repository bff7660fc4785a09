import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { filesRemoved, neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import { startScene } from "./sweep-scene.ts";

// Version 1.0.0 wrote this folder: counters of three keys, one of them no longer configured, and one of nobody's; two
// deletions in doubt, of which the first was carried out; and the notice of a third.
const FOLDER = join(import.meta.dirname, "../state/fixtures/1.0.0");
const [MAIN, SPARE] = ["Ma1nKeyOfTheFixture01", "Sp4reKeyOfTheFixture2"];
const REMOVED = fingerprint("G0neKeyOfTheFixture03");
const [IN_DOUBT_103, IN_DOUBT_202] = [
  "eabba03b-5a8b-43ea-933b-b0f18bcdfe3b",
  "af0ef021-5dc7-495f-93a9-69abe9e06e65",
];

it("what 1.0.0 left is carried over without losing a counter, an intent or a notice, and it could go on", async () => {
  const scene = await startScene(
    {
      accounts: [
        { key: MAIN, username: "main" },
        { key: SPARE, username: "spare" },
      ],
    },
    { startsAt: "2026-11-27T10:38:00Z", stateFrom: FOLDER, fingerprint },
  );
  const [main, spare] = [scene.sandbox.account(MAIN), scene.sandbox.account(SPARE)];
  main.add({ id: 101, life: neverRecovers(0) });
  for (const id of [201, 202]) spare.add({ id, life: neverRecovers(0, filesRemoved) });
  const names = { [MAIN]: "main", [SPARE]: "spare" };

  const first = await scene.sweep({ names, policy: { maxRetries: { expired: 99, error: 99 } } });
  expect(first.complaints).toEqual([]);
  expect(first.actions).toEqual({ 101: "restarted", 201: "restarted", 202: "restarted", 103: "deleted" });
  const [mainId, spareId] = [fingerprint("main"), fingerprint("spare")];
  expect(await scene.counters()).toMatchObject({
    101: { fails: 3, account: mainId, had_chance: true },
    201: { fails: 3, account: spareId, had_chance: true },
    202: { fails: 4, account: spareId, had_chance: true },
    301: { fails: 4, last_status: "error" },
    401: { fails: 1, account: REMOVED },
  });
  expect(await scene.doubts()).toEqual(["202"]);
  expect(await scene.deletions()).toEqual(["104", "103"]);
  expect(await scene.notices()).toMatchObject([
    { id: "104", key: "6d204406-0b78-48c9-accf-d0473d7656e5" },
    { id: "103", key: IN_DOUBT_103, response_lost: true },
  ]);
  const { accounts } = await scene.openStore();
  expect([...accounts].map(([id, { name, keys }]) => [id, name, keys]).sort()).toEqual(
    [
      [mainId, "main", [fingerprint(MAIN)]],
      [spareId, "spare", [fingerprint(SPARE)]],
      [REMOVED, "gone", undefined],
    ].sort(),
  );
  expect(accounts.get(mainId)).toMatchObject({ premium_until: expect.any(String) });

  // The original reads a flat map with these two fields in each entry; 1.0.0 wants a time in each intent.
  for (const [id, counter] of Object.entries(await scene.counters())) {
    expect(id).toMatch(/^\d+$/);
    expect(counter).toMatchObject({ fails: expect.any(Number), last_status: expect.any(String) });
  }
  const { intents } = JSON.parse(await readFile(join(scene.folder, "intents.json"), "utf8"));
  expect(intents).toMatchObject([{ id: "202", key: IN_DOUBT_202, deleted_at: "2026-11-27T10:07:57.733Z" }]);

  scene.wait();
  const second = await scene.sweep({ names, policy: { maxRetries: { expired: 3, error: 3 } } });
  expect(second.actions).toEqual({ 101: "deleted", 201: "deleted", 202: "deleted" });
  const notices = await scene.notices();
  expect(notices.map((notice) => notice.kind === "deletion" && notice.id).sort()).toEqual([
    "101",
    "103",
    "104",
    "201",
    "202",
  ]);
  expect(notices).toContainEqual(expect.objectContaining({ id: "202", key: IN_DOUBT_202 }));
  expect(Object.keys(await scene.counters())).toEqual(["301", "401"]);
});
