import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, test } from "../support/machine.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

describe("status", () => {
  test("shows what sweeps did and what comes next, without writing anything", async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    account.add({ id: 1, filename: "Old.mkv", size: 1e9, life: neverRecovers(0) });
    await machine.configure({ max_retries: 2, protect: ["*.iso"] });
    await machine.run(["run-once"]);
    account.add({ id: 2, filename: "New.mkv", life: neverRecovers(0) });
    account.add({ id: 3, filename: "Kept.iso", life: neverRecovers(0) });
    await machine.run(["run-once"]);

    const before = await snapshotFolder(machine.home);
    const plain = await machine.run(["status"]);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(
      /^2 magnets are failing, 1 due for deletion, 1 held back\nLast sweep just now: /,
    );
    expect(plain.stdout).toMatch(/\n {2}1\/2 +New\.mkv .* DELETE\n/);
    expect(plain.stdout).toMatch(/\n {2}1\/2 +Kept\.iso .* held: protected\n/);
    expect(plain.stdout).toMatch(/\nLast deletions .*\n {2}just now +Old\.mkv +main +1\n$/);

    const { stdout } = await machine.run(["status", "--json"]);
    const view = JSON.parse(stdout);
    expect(view).toMatchObject({
      version: 1,
      overdue: false,
      cycle_seconds: 1800,
      accounts: [{ name: "main", configured: true, ok: true, failing: 2, due: 1 }],
      held: [{ rule: "protect", count: 1 }],
      last_sweep: { failing: 3, restarted: 2, deleted: 1 },
      pending_notifications: 0,
      dead_webhook: null,
      blocked_webhook: null,
    });
    expect(view.trend.map(({ failing }: { failing: number }) => failing)).toEqual([1, 3]);
    expect(view.last_deletions).toMatchObject([
      {
        id: "1",
        account: "main",
        filename: "Old.mkv",
        size: 1e9,
        magnet: expect.stringMatching(/^magnet:\?/),
      },
    ]);
    expect(view.magnets.map(({ id, next }: { id: string; next: string }) => [id, next])).toEqual([
      ["2", "delete"],
      ["3", "held"],
    ]);
    expect(await snapshotFolder(machine.home)).toEqual(before);
  });

  test("is as wide in any environment when it is piped, however long a name", async ({ machine }) => {
    const magnet = machine.alldebrid
      .account(MAIN_KEY)
      .add({ filename: "x".repeat(240), life: neverRecovers() });
    await machine.run(["run-once"]);
    const usual = (await machine.run(["status"])).stdout;
    for (const line of usual.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
    expect(usual).toMatch(new RegExp(`x{40,}… .* ${magnet.id} +restart$`, "m"));
    const env = { COLUMNS: "40", LINES: "5", TERM: "xterm-256color", LANG: "fr_FR.UTF-8" };
    expect((await machine.run(["status"], { env })).stdout).toBe(usual);
    const coloured = await machine.run(["status"], { env: { FORCE_COLOR: "1" } });
    expect(coloured.stdout.replace(/\u001b\[\d+m/g, "")).toBe(usual);
    expect(coloured.stdout).not.toBe(usual);
  });

  test("shows the five last of many deletions, whatever else the file holds", async ({ machine }) => {
    const line = (i: number) =>
      JSON.stringify({
        key: `k${i}`,
        id: String(i),
        filename: `Deleted.${i}`,
        account: "main",
        fingerprint: "f",
        deleted_at: "2026-01-01T00:00:00.000Z",
        status: "error",
        fails: 5,
        max_retries: 5,
      });
    const lines = Array.from({ length: 500 }, (_, i) => line(i + 1));
    await machine.write(".local/state/magnets/deletions.jsonl", `${lines.join("\n")}\n{"torn":`);
    const { last_deletions: last } = JSON.parse((await machine.run(["status", "--json"])).stdout);
    expect(last.map(({ id }: { id: string }) => id)).toEqual(["500", "499", "498", "497", "496"]);
  });
});
