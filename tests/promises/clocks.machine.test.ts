import { expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, test } from "../support/machine.ts";

test("the executable sweeps, and status reports, whatever year it is", async ({ machine }) => {
  const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(0) });
  // Each of the two jumps ahead counts for a day at most, so that only 30 years counted whole would delete it.
  await machine.configure({ max_retries: 3, min_failing_hours: 72 });
  const years = ["2026-01-01 12:00:00", "2056-01-01 12:00:00", "1996-01-01 12:00:00", "2037-12-31 23:59:59"];
  for (const [index, date] of years.entries()) {
    const wrapper = ["faketime", "-f", `@${date}`];
    const { code, stderr } = await machine.run(["run-once"], { wrapper });
    expect(code, stderr).toBe(0);
    expect((await machine.readState("retry_counts.json"))[magnet.id].fails).toBe(index + 1);
    for (const args of [["status"], ["status", "--json"]]) {
      const status = await machine.run(args, { wrapper: ["faketime", "-f", "@2010-01-01 00:00:00"] });
      expect([status.code, status.stderr]).toEqual([0, ""]);
      expect(status.stdout).not.toMatch(/NaN|Invalid|undefined/);
    }
  }
  expect(machine.alldebrid.account(MAIN_KEY).deletions).toEqual([]);
});
