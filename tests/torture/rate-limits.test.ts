import { expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, test } from "../support/machine.ts";
import { amount } from "./amount.ts";

test("over a minute and more: 10 a second, 540 a minute, and no request refused", async ({ machine }) => {
  const { alldebrid } = machine;
  const account = alldebrid.account(MAIN_KEY);
  const deletions = amount(350, 1_500);
  const counters: Record<string, unknown> = {};
  for (let id = 1; id <= deletions; id++) {
    account.add({ id, life: neverRecovers(0) });
    counters[id] = { fails: 4, last_status: "error", had_chance: true };
  }
  // Discord would take its own time.
  await machine.configure({ discord_webhook_url: "" });
  await machine.write(".local/state/magnets/retry_counts.json", counters);
  const { code } = await machine.run(["run-once", "--max-deletes", "0"]);
  expect(code).toBe(0);
  expect(account.deletions).toHaveLength(deletions);
  expect(alldebrid.peak.second).toBeLessThanOrEqual(10);
  expect(alldebrid.peak.minute).toBeLessThanOrEqual(540);
  expect(alldebrid.requests.every(({ status }) => status === 200)).toBe(true);
  expect(await machine.readDeletions()).toHaveLength(deletions);
});
