import { describe, expect } from "vitest";
import { type Life, neverRecovers, refusesRestarts } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";

const MANY = 300;
const HALF_AN_HOUR = 30 * 60_000;

function addMany({ alldebrid }: Machine, life: Life): void {
  const account = alldebrid.account(MAIN_KEY);
  account.activeSlots = 1_000;
  for (let i = 0; i < MANY; i++) account.add({ filename: `${i}.mkv`, life });
}

/** Sweeps half an hour later and returns what the log says at one level or all. */
async function sweep(machine: Machine, ...args: string[]): Promise<string[]> {
  machine.alldebrid.clock.advance(HALF_AN_HOUR);
  const { code, stderr } = await machine.run(["run-once", ...args]);
  expect(code, stderr).toBe(0);
  return stderr.split("\n").filter((line) => line !== "");
}

const linesWith = (lines: readonly string[], pattern: RegExp) => lines.filter((line) => pattern.test(line));

describe.concurrent("the log of a sweep", () => {
  test.for<[string, Life, Record<string, unknown>, string, number]>([
    ["waits for a slot", neverRecovers(), {}, "300 wait for a free slot", 30],
    [
      "is refused a restart",
      refusesRestarts("MAGNET_TOOK_TOO_LONG"),
      {},
      "300 not restarted, as before (MAGNET_TOOK_TOO_LONG)",
      0,
    ],
    [
      "is held back and restarted",
      neverRecovers(),
      { max_retries: 1, protect: ["*.mkv"] },
      "300 held back (protect) and restarted, as before",
      0,
    ],
  ])("counts what %s as before in one line", { timeout: 60_000 }, async (given, { machine }) => {
    const [, life, settings, counted, activeElsewhere] = given;
    await machine.configure({ max_retries: 99, ...settings });
    addMany(machine, life);
    if (activeElsewhere > 0) {
      Object.assign(machine.alldebrid.account(MAIN_KEY), { activeElsewhere, activeSlots: activeElsewhere });
    }
    // A line for each thing that changed.
    expect(linesWith(await sweep(machine), / INFO main: "\d+\.mkv" \(\d+\) \w+: /)).toHaveLength(MANY);
    for (let i = 0; i < 2; i++) {
      const lines = await sweep(machine);
      expect(lines).toEqual([expect.stringMatching(/ INFO main: 300 /)]);
      expect(lines[0]).toContain(counted);
    }
    const whole = await sweep(machine, "--log-level", "debug");
    expect(linesWith(whole, / DEBUG main: "\d+\.mkv" \(\d+\) \w+: /)).toHaveLength(MANY);
    expect(linesWith(whole, / INFO /)).toHaveLength(1);
  });

  test("has a line for what is held for a new reason, and for what is not held any more", async ({
    machine,
  }) => {
    const held = { max_retries: 1, protect: ["*.mkv"] };
    await machine.configure(held);
    addMany(machine, neverRecovers());
    await sweep(machine);
    expect(await sweep(machine)).toHaveLength(1);
    await machine.configure({ max_retries: 1, min_failing_hours: 1000 });
    const other = await sweep(machine);
    expect(linesWith(other, / INFO main: ".*" \(\d+\) held: failing for .* min_failing_hours/)).toHaveLength(
      MANY,
    );
    expect(await sweep(machine)).toHaveLength(1);
    await machine.configure({ max_retries: 99 });
    const restarted = await sweep(machine);
    expect(linesWith(restarted, / INFO main: ".*" \(\d+\) restarted: sighting 5 of 99/)).toHaveLength(MANY);
  });

  test("what waits for a slot is waiting, not failed, wherever it is counted", async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    account.activeSlots = 30;
    for (let i = 0; i < 130; i++) account.add({ life: neverRecovers() });
    const { stdout, stderr } = await machine.run(["run-once"]);
    expect(stdout).toMatch(/: 30 restarted, 0 deleted, 100 waiting for a free slot\n$/);
    expect(
      linesWith(stderr.split("\n"), / held: sighting 1 of 5 in error; waits for a free slot$/),
    ).toHaveLength(100);
    expect(stderr).not.toMatch(/failed|ERROR|WARNING/);
    machine.alldebrid.clock.advance(HALF_AN_HOUR);
    const { magnets } = JSON.parse((await machine.run(["run-once", "--json"])).stdout);
    const waiting = magnets.filter(({ waits }: { waits?: string }) => waits === "slot");
    expect(waiting).toHaveLength(100);
    for (const { action } of waiting) expect(action).toBe("held");
    expect((await machine.run(["status"])).stdout).toMatch(
      /^Last sweep just now: 30 restarted, 100 waiting for a free slot; /m,
    );
  });

  test("what is held back and restarted is counted as restarted", async ({ machine }) => {
    await machine.configure({ max_retries: 1, protect: ["*.iso"] });
    const account = machine.alldebrid.account(MAIN_KEY);
    account.add({ filename: "Kept.iso", life: neverRecovers() });
    account.add({ filename: "Gone.mkv", life: neverRecovers() });
    const dry = await machine.run(["run-once", "--dry-run"]);
    expect(dry.stdout).toContain(
      "A sweep would delete 1, restart 1 (1 of them instead of a deletion that is held back).",
    );
    const { stdout } = await machine.run(["run-once"]);
    expect(stdout).toMatch(/: 1 restarted, 1 deleted\n$/);
    const status = (await machine.run(["status"])).stdout;
    expect(status).toContain("Last sweep just now: 1 restarted, 1 deleted; ");
    machine.alldebrid.clock.advance(HALF_AN_HOUR);
    const { magnets } = JSON.parse((await machine.run(["run-once", "--json"])).stdout);
    expect(magnets).toMatchObject([{ filename: "Kept.iso", action: "held", restarted: true }]);
  });

  test("says in words what a sighting beyond max_retries is", async ({ machine }) => {
    await machine.configure({ max_retries: 1, protect: ["*.mkv"] });
    machine.alldebrid.account(MAIN_KEY).add({ filename: "A.mkv", life: neverRecovers() });
    await sweep(machine);
    await sweep(machine);
    expect((await machine.run(["status"])).stdout).toMatch(/^ {2}2 \(max 1\) .* held: protected$/m);
    await machine.configure({ max_retries: 1 });
    expect((await sweep(machine)).join("\n")).toContain("deleted: sighting 3 in error, max_retries is 1");
  });
});
