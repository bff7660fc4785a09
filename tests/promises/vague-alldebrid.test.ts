import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, type TestContext } from "vitest";
import { type Behaviour, tooManyRequests } from "../../examples/sandbox/behaviour.ts";
import { neverRecovers, refusesRestarts } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";

// What an AllDebrid that misbehaves as its documents and recordings allow did to the first version: it deleted what it
// should not have, or deleted without recording and telling. The whole program, over sockets.

const DAY_MS = 24 * 3600_000;

/** Half an hour later, one sweep. */
async function nextSweep(machine: Machine, ...options: string[]) {
  machine.alldebrid.clock.advance(30 * 60_000);
  return machine.run(["run-once", ...options]);
}

const main = ({ alldebrid }: Machine) => alldebrid.account(MAIN_KEY);
const deletedByUs = (machine: Machine) => main(machine).deletions.filter(({ by }) => by === "api");
const recorded = async (machine: Machine) => (await machine.readDeletions()).map(({ id }) => id);
const announced = ({ discord }: Machine) =>
  discord.messages.flatMap(({ embeds }) =>
    embeds.map(({ fields }) => fields?.find(({ name }) => name === "ID")?.value),
  );

/** Deletions are carried out and not answered, and questions after them are not answered either. */
function loseDeletions({ alldebrid }: Machine) {
  const isDelete = ({ endpoint }: { endpoint: string }) => endpoint === "delete";
  const lost = alldebrid.fault("delete", { kind: "http", status: 403 }, { act: true });
  const silent = alldebrid.fault(({ form }) => form.has("id") && alldebrid.requests.some(isDelete), {
    kind: "http",
    status: 403,
  });
  return {
    remove: () => {
      lost.remove();
      silent.remove();
    },
  };
}

describe.concurrent("nothing that works is deleted", () => {
  test("where the status filter is not obeyed", async ({ machine }) => {
    await machine.configure({ max_retries: 2 });
    const account = main(machine);
    for (let id = 1; id <= 3; id++) account.add({ id, life: { now: "processing" } });
    account.add({ id: 4 });
    account.ignoresFilter = true;
    for (let sweeps = 0; sweeps < 4; sweeps++) expect((await nextSweep(machine)).code).toBe(0);
    expect(deletedByUs(machine)).toEqual([]);
    expect(await machine.readState("retry_counts.json")).toEqual({});
  });

  test.for(["processing", "ready"] as const)(
    "where the lists are old copies: %s",
    async (state, { machine }) => {
      await machine.configure({ max_retries: 2 });
      const magnet = main(machine).add({ id: 1, life: neverRecovers() });
      machine.alldebrid.fault(({ form }) => form.get("status") === "error", {
        kind: "rewrite",
        edit: () => ({
          status: "success",
          data: { magnets: [{ id: 1, filename: "a", hash: magnet.hash, status: "No peer", statusCode: 15 }] },
        }),
      });
      await nextSweep(machine);
      magnet.become(state, machine.alldebrid.clock.now());
      for (let sweeps = 0; sweeps < 3; sweeps++) await nextSweep(machine);
      expect(deletedByUs(machine)).toEqual([]);
    },
  );
});

describe.concurrent("a restart that is no real chance leads to no deletion", () => {
  test.for(["MAGNET_PROCESSING_COOLDOWN", "GENERIC", "ACCOUNT_INVALID", "BRAND_NEW"])(
    "%s",
    async (code, { machine }) => {
      await machine.configure({ max_retries: 2 });
      main(machine).add({ id: 1, life: refusesRestarts(code) });
      for (let sweeps = 0; sweeps < 3; sweeps++) expect((await nextSweep(machine)).code).toBe(0);
      expect(deletedByUs(machine)).toEqual([]);
    },
  );
});

describe.concurrent("a deletion that is carried out after its response is recorded and announced", () => {
  test.for<[string, Behaviour]>([
    ["a 504", { kind: "http", status: 504 }],
    ["GENERIC", { kind: "api-error", code: "GENERIC" }],
    ["a reset", { kind: "reset" }],
  ])("%s", async ([, behaviour], { machine }) => {
    await machine.configure({ max_retries: 1 });
    main(machine).add({ id: 1, life: neverRecovers(0) });
    const fault = machine.alldebrid.fault("delete", behaviour);
    expect((await nextSweep(machine)).code).toBe(3);
    fault.remove();
    main(machine).remove(1, "api");
    expect((await nextSweep(machine)).code).toBe(0);
    expect(await recorded(machine)).toEqual(["1"]);
    expect(announced(machine)).toEqual(["1"]);
  });

  test("a list that still shows it once more", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    const magnet = main(machine).add({ id: 1, life: neverRecovers(0) });
    const lost = loseDeletions(machine);
    await nextSweep(machine);
    lost.remove();
    const stale = { id: 1, filename: "a", hash: magnet.hash, status: "No peer", statusCode: 15 };
    const old = machine.alldebrid.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [stale] } },
    });
    await nextSweep(machine);
    old.remove();
    await nextSweep(machine);
    expect(await recorded(machine)).toEqual(["1"]);
    expect(announced(machine)).toEqual(["1"]);
  });
});

describe.concurrent("a deletion", () => {
  test("that is confirmed while the magnet stays is announced once", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    const account = main(machine);
    account.add({ id: 1, life: neverRecovers(0) });
    account.deletes = "never";
    for (const code of [0, 3, 3, 3]) expect((await nextSweep(machine)).code).toBe(code);
    expect(await recorded(machine)).toEqual(["1"]);
    expect(announced(machine)).toEqual(["1"]);
  });

  test("needs failures of this torrent, not of one that had its id before", async ({ machine }) => {
    await machine.configure({ max_retries: 2 });
    main(machine).add({ id: 1, life: neverRecovers() });
    await nextSweep(machine);
    main(machine).remove(1);
    main(machine).add({ id: 1, hash: "b".repeat(40), life: neverRecovers() });
    await nextSweep(machine);
    expect(deletedByUs(machine)).toEqual([]);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ 1: { fails: 1 } });
    await nextSweep(machine);
    expect(deletedByUs(machine)).toHaveLength(1);
  });

  test("needs failures in a row: half a year after the last one it is restarted first", async ({
    machine,
  }) => {
    const magnet = main(machine).add({ id: 1, life: neverRecovers() });
    const before = new Date(Date.now() - 180 * DAY_MS).toISOString();
    await machine.write(".local/state/magnets/retry_counts.json", {
      1: {
        fails: 4,
        last_status: "error",
        hash: magnet.hash,
        restarts: 4,
        had_chance: true,
        failing_since: before,
        last_seen: before,
        failing_seconds: 7200,
      },
    });
    await nextSweep(machine);
    expect(deletedByUs(machine)).toEqual([]);
    expect(magnet.restarts).toBe(1);
    await nextSweep(machine);
    expect(deletedByUs(machine)).toHaveLength(1);
  });

  test("is possible once the person has said so, after the cap held it", async ({ machine }) => {
    await machine.configure({ max_retries: 1, max_deletes_per_run: 1 });
    const magnets = [1, 2].map((id) => main(machine).add({ id, life: neverRecovers() }));
    expect((await machine.run(["run-once"])).code).toBe(3);
    expect(magnets.map(({ restarts }) => restarts)).toEqual([0, 0]);
    expect((await machine.run(["run-once", "--max-deletes", "0"])).code).toBe(0);
    expect(deletedByUs(machine)).toHaveLength(2);
  });
});

describe.concurrent("an account", () => {
  test("whose key is replaced keeps its deletions in doubt", async ({ machine }) => {
    const account = machine.alldebrid.addAccount({
      key: "k3yThatIsReplaced0001",
      otherKeys: ["k3yThatReplaces000002"],
    });
    await machine.configure({ max_retries: 1, api_keys: ["k3yThatIsReplaced0001"] });
    account.add({ id: 1, life: neverRecovers(0) });
    const lost = loseDeletions(machine);
    await nextSweep(machine);
    lost.remove();
    await machine.configure({ max_retries: 1, api_keys: ["k3yThatReplaces000002"] });
    await nextSweep(machine);
    expect(account.deletions).toHaveLength(1);
    expect(await recorded(machine)).toEqual(["1"]);
    expect(announced(machine)).toEqual(["1"]);
  });

  test("that is told to wait for a minute does not hold up the other", async ({ machine }) => {
    await machine.configure({ api_keys: [MAIN_KEY, SPARE_KEY] });
    const magnets = [1, 2, 3].map((id) =>
      machine.alldebrid.account(SPARE_KEY).add({ id, life: neverRecovers() }),
    );
    const isMain = ({ account }: { account: string | null }) => account === "main";
    machine.alldebrid.fault(isMain, tooManyRequests("60"));
    const started = performance.now();
    expect((await machine.run(["run-once"])).code).toBe(3);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(magnets.map(({ restarts }) => restarts)).toEqual([1, 1, 1]);
  });
});

/** Six accounts with magnets enough that a sweep takes seconds. */
async function fillSixAccounts(machine: Machine): Promise<void> {
  const keys = Array.from({ length: 6 }, (_, index) => `key-of-account-number-${index}`);
  const counters: Record<string, unknown> = {};
  for (const [index, key] of keys.entries()) {
    const account = machine.alldebrid.addAccount({ key });
    for (let n = 0; n < 4; n++) {
      const id = 1000 + 10 * index + n;
      account.add({ id, life: neverRecovers(0) });
      counters[id] = { fails: 4, last_status: "error", had_chance: true };
    }
  }
  await machine.configure({ api_keys: keys });
  await machine.write(".local/state/magnets/retry_counts.json", counters);
}

/** A way to AllDebrid on which nothing gets through for the first `ms` milliseconds. */
async function startSlowWay(
  url: string,
  ms: number,
  onTestFinished: TestContext["onTestFinished"],
): Promise<string> {
  const opens = sleep(ms);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    sockets.add(near);
    near.on("error", () => {}).pause();
    void opens.then(() => {
      const far = connect(Number(new URL(url).port), "127.0.0.1");
      sockets.add(far);
      far.on("error", () => {});
      near.pipe(far).pipe(near);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe.concurrent("never more than 12 requests a second, as the server counts", () => {
  test("with a check beside a sweep", { timeout: 60_000 }, async ({ machine }) => {
    await fillSixAccounts(machine);
    const sweep = machine.run(["run-once"]);
    await machine.alldebrid.seen("*", 6);
    await machine.run(["check"]);
    await sweep;
    expect(machine.alldebrid.requests.length).toBeGreaterThan(50);
    expect(machine.alldebrid.peak.second).toBeLessThanOrEqual(12);
  });

  test("with a sweep after one that was killed: it sends nothing for a minute", async ({ machine }) => {
    await fillSixAccounts(machine);
    const killed = machine.start(["run-once"]);
    await machine.alldebrid.seen("*", 12);
    killed.kill("SIGKILL");
    await killed.finished;
    const sent = machine.alldebrid.requests.length;
    machine.start(["run-once"]);
    await sleep(3_000);
    expect(machine.alldebrid.requests).toHaveLength(sent);
  });

  test("with requests that hang on their way, and arrive all at once", { timeout: 60_000 }, async ({
    machine,
    onTestFinished,
  }) => {
    await fillSixAccounts(machine);
    const url = await startSlowWay(machine.alldebrid.url, 7_000, onTestFinished);
    await machine.run(["run-once"], { env: { MAGNETS_API_URL: url } });
    expect(machine.alldebrid.requests.length).toBeGreaterThan(50);
    expect(machine.alldebrid.peak.second).toBeLessThanOrEqual(12);
  });
});

test("an endpoint whose version is withdrawn is called under the other one", async ({ machine }) => {
  await machine.configure({ max_retries: 2 });
  const magnet = main(machine).add({ id: 1, life: neverRecovers() });
  const isOld = ({ path }: { path: string }) => path.startsWith("/v4/");
  machine.alldebrid.fault(isOld, { kind: "api-error", code: "DISCONTINUED" });
  expect((await nextSweep(machine)).code).toBe(0);
  expect(magnet.restarts).toBe(1);
  expect((await nextSweep(machine)).code).toBe(0);
  expect(deletedByUs(machine)).toHaveLength(1);
});

test.for([0, undefined])("a restore whose response has the id %s succeeds", async (id, { machine }) => {
  await machine.configure({ max_retries: 1 });
  const { hash } = main(machine).add({ id: 1, life: neverRecovers() });
  await nextSweep(machine);
  machine.alldebrid.fault(
    "upload",
    {
      kind: "rewrite",
      edit: () => ({
        status: "success",
        data: { magnets: [{ magnet: hash, hash, name: "a", size: 5, ready: false, id }] },
      }),
    },
    { act: true },
  );
  expect((await machine.run(["restore", "1"])).code).toBe(0);
});
