import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

const COUNTERS = {
  "11": { fails: 3, last_status: "error" },
  "12": { fails: 1, last_status: "expired" },
  "13": { fails: 4, last_status: "error" },
};

function withCounters({ write }: Machine): Promise<string> {
  return write(".local/state/magnets/retry_counts.json", COUNTERS);
}

describe.concurrent("magnets reset", () => {
  test("forgets all counters and keeps a copy", async ({ machine }) => {
    await withCounters(machine);
    const { code, stdout, stderr } = await machine.run(["reset"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Forgot 3 counters; .*retry_counts\.json\.bak\n$/);
    expect(await machine.readState("retry_counts.json")).toEqual({});
    expect(await machine.readState("retry_counts.json.bak")).toEqual(COUNTERS);
  });

  test("forgets those that are named, once each", async ({ machine }) => {
    await withCounters(machine);
    const { code, stdout } = await machine.run(["reset", "12", "13", "12"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Forgot 2 counters;/);
    expect(await machine.readState("retry_counts.json")).toEqual({ "11": COUNTERS["11"] });
    expect(await machine.readState("retry_counts.json.bak")).toEqual(COUNTERS);
  });

  test("forgets none when one of those named is not there", async ({ machine }) => {
    await withCounters(machine);
    // The first run makes the lock file and is no part of what is compared.
    await machine.run(["reset", "99"]);
    const before = await snapshotFolder(machine.state);
    const { code, stdout, stderr } = await machine.run(["reset", "11", "99", "98"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /ERROR no counter for 99, 98: nothing was forgotten; run magnets status to see the ids\n$/,
    );
    const { [`${machine.state}/lock`]: _, ...after } = await snapshotFolder(machine.state);
    const { [`${machine.state}/lock`]: __, ...untouched } = before;
    expect(after).toEqual(untouched);
  });

  test("before the first sweep has nothing to forget", async ({ machine }) => {
    expect(await machine.run(["reset"])).toMatchObject({ code: 0, stdout: "Forgot 0 counters\n" });
  });

  test("needs no valid keys and asks nobody", async ({ machine }) => {
    await withCounters(machine);
    await machine.configure({ api_keys: ["YOUR_API_KEY"], discord_webhook_url: "nonsense" });
    expect((await machine.run(["reset", "11"])).code).toBe(0);
    await machine.write(".config/magnets/config.json", {});
    expect((await machine.run(["reset", "12"])).code).toBe(0);
    expect(Object.keys(await machine.readState("retry_counts.json"))).toEqual(["13"]);
    expect(machine.alldebrid.requests).toEqual([]);
  });

  test("delays a deletion: the magnet is counted from the beginning", async ({ machine }) => {
    await machine.configure({ max_retries: 2 });
    const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    await machine.run(["run-once"]);
    await machine.run(["reset", String(magnet.id)]);
    machine.alldebrid.clock.advance(30 * 60_000);
    await machine.run(["run-once"]);
    expect(machine.alldebrid.account(MAIN_KEY).deletions).toEqual([]);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
  });
});
