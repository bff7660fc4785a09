import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

const COUNTERS = {
  "11": { fails: 3, last_status: "error" },
  "12": { fails: 1, last_status: "expired" },
  "13": { fails: 4, last_status: "error" },
};

/** AllDebrid's confirmation of a deletion that it does not carry out. */
const CONFIRMED = {
  kind: "http",
  status: 200,
  body: JSON.stringify({ status: "success", data: { message: "Magnet was successfully deleted" } }),
} as const;

function withCounters({ write }: Machine): Promise<string> {
  return write(".local/state/magnets/retry_counts.json", COUNTERS);
}

describe.concurrent("magnets reset", () => {
  test("forgets all counters and keeps a copy", async ({ machine }) => {
    await withCounters(machine);
    const { code, stdout, stderr } = await machine.run(["reset"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(await machine.readState("retry_counts.json")).toEqual({});
    expect(await machine.readState("retry_counts.json.bak")).toEqual(COUNTERS);
    const file = `${machine.state}/retry_counts.json`;
    const command = `cp ${file}.bak ${file}`;
    expect(stdout).toBe(
      `Forgot 3 counters. To bring the counters back before the next sweep:\n  ${command}\n`,
    );
  });

  test("names a command that brings them back, whatever the folder's name", async ({ machine }) => {
    const folder = join(machine.home, 'a "new" `folder`\'s');
    const file = join(folder, "retry_counts.json");
    await machine.write(relative(machine.home, file), COUNTERS);
    const { stdout } = await machine.run(["reset", "--state-dir", folder, "11", "12"]);
    const [said, command = ""] = stdout.split("\n");
    expect(said).toBe("Forgot 2 counters. To bring the counters back before the next sweep:");
    await promisify(execFile)("sh", ["-c", command]);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(COUNTERS);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test("with sudo for whom it was started with sudo", async ({ machine }) => {
    await withCounters(machine);
    const run = (env: Record<string, string>) => machine.run(["reset", "12"], { env });
    expect((await run({ SUDO_UID: "1000" })).stdout).toMatch(/^ {2}sudo cp \//m);
    await withCounters(machine);
    expect((await run({ SUDO_UID: "0" })).stdout).toMatch(/^ {2}cp \//m);
  });

  test("forgets those that are named, once each", async ({ machine }) => {
    await withCounters(machine);
    const { code, stdout } = await machine.run(["reset", "12", "13", "12"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Forgot 2 counters\. To bring the counters back/);
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
      /ERROR there is no counter and no account named 99, 98: nothing was forgotten; run magnets status to see ids and accounts\n$/,
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

  /** State of three accounts: `main`, `spare`, and one that is no longer configured and was called `main` as well. */
  async function withAccounts({ configure, write }: Machine): Promise<void> {
    await configure({
      api_keys: [
        { name: "main", key: MAIN_KEY },
        { name: "spare", key: SPARE_KEY },
      ],
    });
    await write(".local/state/magnets/accounts.json", {
      version: 1,
      accounts: {
        aaaa: { name: "main", keys: [fingerprint(MAIN_KEY)] },
        bbbb: { name: "spare", keys: [fingerprint(SPARE_KEY)] },
        cccc: { name: "main", keys: ["0000"] },
      },
    });
    const counter = { fails: 3, last_status: "error" };
    await write(".local/state/magnets/retry_counts.json", {
      11: { ...counter, account: "aaaa" },
      12: { ...counter, account: "aaaa" },
      13: { ...counter, account: "bbbb" },
      14: { ...counter, account: "cccc" },
      15: counter,
    });
    const confirmed = (id: string, account: string) => ({
      id,
      fingerprint: account,
      deleted_at: "2026-01-02T03:04:05.000Z",
      record: counter,
    });
    await write(".local/state/magnets/confirmed.json", {
      version: 1,
      confirmed: [confirmed("21", "aaaa"), confirmed("22", "bbbb")],
    });
    await write(".local/state/magnets/intents.json", { version: 1, intents: [OPEN_INTENT] });
  }

  const OPEN_INTENT = {
    key: "k",
    id: "12",
    account: "main",
    fingerprint: "aaaa",
    deleted_at: "2026-01-02T03:04:05.000Z",
    status: "error",
    fails: 5,
    max_retries: 5,
  };

  test.for<[string[], string, string[], string[]]>([
    [["main"], "2 counters and 1 confirmed deletion", ["13", "14", "15"], ["22"]],
    [["spare", "11"], "2 counters and 1 confirmed deletion", ["12", "14", "15"], ["21"]],
    [["main (no longer configured)"], "1 counter", ["11", "12", "13", "15"], ["21", "22"]],
    [["21"], "0 counters and 1 confirmed deletion", ["11", "12", "13", "14", "15"], ["22"]],
    [[], "5 counters and 2 confirmed deletions", [], []],
  ])("%j: of accounts and confirmed deletions", async ([words, forgot, counters, confirmed], { machine }) => {
    await withAccounts(machine);
    const { code, stdout } = await machine.run(["reset", ...words]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Forgot ${forgot}(\\.|\n)`));
    expect(Object.keys(await machine.readState("retry_counts.json"))).toEqual(counters);
    const left = await machine.readState("confirmed.json");
    expect(left.confirmed.map(({ id }: { id: string }) => id)).toEqual(confirmed);
    // What may have been deleted here stays open, whatever is forgotten.
    expect((await machine.readState("intents.json")).intents).toEqual([OPEN_INTENT]);
  });

  test("an unknown account: nothing is done", async ({ machine }) => {
    await withAccounts(machine);
    const { code, stderr } = await machine.run(["reset", "main", "nobody"]);
    expect(code).toBe(2);
    expect(stderr).toContain("no account named nobody");
    expect(Object.keys(await machine.readState("retry_counts.json"))).toHaveLength(5);
    expect((await machine.readState("confirmed.json")).confirmed).toHaveLength(2);
  });

  test("a magnet whose deletion did not last is counted from 1 afterwards", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    const { alldebrid } = machine;
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    alldebrid.fault("delete", CONFIRMED);
    await machine.run(["run-once"]);
    await machine.run(["run-once"]);
    await machine.run(["reset", String(magnet.id)]);
    await machine.configure({ max_retries: 3 });
    await machine.run(["run-once"]);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
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
