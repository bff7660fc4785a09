import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers, refusesRestarts } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";

/** What `check` says about these things. */
async function findings(machine: Machine, ...names: string[]) {
  const { stdout } = await machine.run(["check", "--json"]);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; message: string; result: string }[] };
  return checks.filter(({ name }) => names.includes(name));
}

async function sweeps(machine: Machine, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await machine.run(["run-once"]);
}

const COOLDOWN = "MAGNET_PROCESSING_COOLDOWN";

describe.concurrent("a magnet that waits in vain for its second chance", () => {
  test("is named by status and check after three sweeps, with the code and what to do", async ({
    machine,
  }) => {
    await machine.configure({ max_retries: 2 });
    const account = machine.alldebrid.account(MAIN_KEY);
    const magnet = account.add({ life: refusesRestarts(COOLDOWN), filename: "Cold.mkv" });
    await sweeps(machine, 2);
    expect(await findings(machine, "magnets")).toEqual([]);
    expect((await machine.run(["status"])).stdout).not.toContain(COOLDOWN);

    await sweeps(machine, 1);
    const message = `main: "Cold.mkv" (${magnet.id}) can't be restarted: AllDebrid has refused it with ${COOLDOWN} for 3 sweeps or more, so nothing is deleted`;
    const remedy = `delete what you don't need at https://alldebrid.com/magnets, and report the code ${COOLDOWN} to the authors of magnets`;
    expect(await findings(machine, "magnets")).toEqual([
      { name: "magnets", result: "warning", message, remedy },
    ]);
    expect((await machine.run(["check"])).stdout).toContain(COOLDOWN);
    const { stdout } = await machine.run(["status"]);
    expect(stdout).toContain(`! ${message}: ${remedy}`);
    const { waiting_in_vain } = JSON.parse((await machine.run(["status", "--json"])).stdout);
    expect(waiting_in_vain).toEqual([
      { id: String(magnet.id), account: "main", filename: "Cold.mkv", code: COOLDOWN, sweeps: 3 },
    ]);
    expect(account.deletions).toEqual([]);
  });

  test("not while the account is what is refused", async ({ machine }) => {
    await machine.configure({ max_retries: 2 });
    machine.alldebrid.account(MAIN_KEY).add({ life: refusesRestarts("MAGNET_MUST_BE_PREMIUM") });
    await sweeps(machine, 4);
    expect(await findings(machine, "magnets")).toEqual([]);
  });
});

test("a magnet that is there after its deletion was confirmed: AllDebrid does not do as it says", async ({
  machine,
}) => {
  await machine.configure({ max_retries: 1 });
  const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(), filename: "Stays.mkv" });
  machine.alldebrid.fault("delete", {
    kind: "http",
    status: 200,
    body: JSON.stringify({ status: "success", data: { message: "Magnet was successfully deleted" } }),
  });
  await sweeps(machine, 2);
  const message = `AllDebrid does not do as it says: it confirmed the deletion of main: "Stays.mkv" (${magnet.id}), and still has it`;
  expect(await findings(machine, "magnets")).toMatchObject([{ result: "warning", message }]);
  expect((await machine.run(["status"])).stdout).toContain(`! ${message}: `);
  const { still_there } = JSON.parse((await machine.run(["status", "--json"])).stdout);
  expect(still_there).toMatchObject([{ id: String(magnet.id), account: "main", filename: "Stays.mkv" }]);
});

test("an account that is no longer configured is shown as that, also where its name is another's now", async ({
  machine,
}) => {
  machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(), filename: "Former.mkv" });
  await sweeps(machine, 1);
  await machine.configure({ api_keys: [{ name: "main", key: SPARE_KEY }] });
  for (const swept of [0, 1]) {
    await sweeps(machine, swept);
    const { stdout } = await machine.run(["status"]);
    expect(stdout).toMatch(/^main: nothing failing\n/m);
    expect(stdout).toMatch(/^main \(no longer configured\): 1 failing\n.*Former\.mkv/m);
    expect(await findings(machine, "accounts")).toMatchObject([
      { result: "warning", message: "main (no longer configured): 1 counter is kept" },
    ]);
  }
  // With both its keys and its name back it is itself again.
  await machine.configure();
  expect((await machine.run(["status"])).stdout).toMatch(/^main: 1 failing\n/m);
  expect(await findings(machine, "accounts")).toEqual([]);
});

test("two keys of one account are a warning that names them", async ({ machine }) => {
  machine.alldebrid.addAccount({ key: "ThirdKeyOfTheTests003", otherKeys: ["FourthKeyOfTheTests04"] });
  await machine.configure({
    api_keys: [
      { name: "one", key: "ThirdKeyOfTheTests003" },
      { name: "main", key: MAIN_KEY },
      { name: "two", key: "FourthKeyOfTheTests04" },
    ],
  });
  expect(await findings(machine, "key")).toMatchObject([
    { result: "ok" },
    { result: "ok" },
    { result: "ok" },
    {
      result: "warning",
      message: "one, two: keys of one AllDebrid account, which is swept once",
      remedy: expect.stringContaining("keep one of them"),
    },
  ]);
});

describe.concurrent("an endpoint that AllDebrid calls deprecated", () => {
  test("is a line of check", async ({ machine }) => {
    machine.alldebrid.deprecated.add("/v4/user");
    expect(await findings(machine, "api")).toEqual([
      {
        name: "api",
        result: "warning",
        message: "AllDebrid calls /v4/user deprecated: it will be withdrawn; look for a newer magnets",
        remedy: null,
      },
    ]);
  });

  test("is a log line of a sweep, once however many accounts and requests", async ({ machine }) => {
    await machine.configure({ api_keys: [MAIN_KEY, SPARE_KEY] });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    for (const path of ["/v4.1/magnet/status", "/v4/magnet/restart"]) machine.alldebrid.deprecated.add(path);
    const { code, stderr } = await machine.run(["run-once"]);
    expect(code).toBe(0);
    expect(stderr.match(/WARNING AllDebrid calls \S+ deprecated/g)?.sort()).toEqual([
      "WARNING AllDebrid calls /v4.1/magnet/status deprecated",
      "WARNING AllDebrid calls /v4/magnet/restart deprecated",
    ]);
  });
});

test.for([["check"], ["status"], ["run-once", "--dry-run"]])(
  "%j takes no lock, not even for a moment",
  async (args, { machine }) => {
    await sweeps(machine, 1);
    // Whoever takes the lock does it by this program.
    const bin = join(machine.home, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "flock"), `#!/bin/sh\necho "$@" >> ${machine.home}/flock-calls\nexit 0\n`);
    await chmod(join(bin, "flock"), 0o755);
    await machine.run(args, { env: { PATH: `${bin}${delimiter}${process.env.PATH}` } });
    const calls = await readFile(join(machine.home, "flock-calls"), "utf8").catch(() => "");
    expect(calls.replace("--version\n", "")).toBe("");
  },
);

test("the requests of check go at two a second", async ({ machine }) => {
  const keys = ["A", "B", "C", "D", "E"].map((letter) => `${letter}KeyOfTheTests00001`);
  for (const key of keys) machine.alldebrid.addAccount({ key });
  await machine.configure({ api_keys: keys });
  await findings(machine);
  const at = machine.alldebrid.requestsTo("user").map((request) => request.at);
  expect(at).toHaveLength(5);
  for (const [i, time] of at.slice(2).entries()) expect(time - (at[i] ?? 0)).toBeGreaterThan(1000);
});
