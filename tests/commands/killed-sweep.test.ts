import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers, noPeer } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";

const HALF_AN_HOUR = 30 * 60_000;

/** Starts a sweep and kills it outright once AllDebrid has received the `count`-th request of this kind. */
async function killAt(machine: Machine, endpoint: string, count = 1): Promise<void> {
  const sweep = machine.start(["run-once"]);
  await machine.alldebrid.seen(endpoint, count);
  sweep.kill("SIGKILL");
  expect((await sweep.finished).signal).toBe("SIGKILL");
  machine.alldebrid.clearFaults();
  await waitAMinute(machine);
  machine.alldebrid.clock.advance(HALF_AN_HOUR);
}

/** The next sweep takes the minute since the killed one's last sign of life as used up: as if it had passed. */
async function waitAMinute({ state }: Machine): Promise<void> {
  await rm(join(state, "running.json"));
}

function announcedIds({ discord }: Machine): (string | undefined)[] {
  return discord.embeds.map(({ fields }) => fields?.find(({ name }) => name === "ID")?.value).sort();
}

describe.concurrent("a sweep killed with SIGKILL is taken up by the next", () => {
  test("before its first restart was answered: the sighting was on disk already", async ({ machine }) => {
    const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.alldebrid.fault("restart", { kind: "no-header" });
    await killAt(machine, "restart");
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 2 } });
  });

  test("between restart and deletion: restarts are remembered, the deletion is done once", async ({
    machine,
  }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: { error: 5, expired: 1 } });
    const account = alldebrid.account(MAIN_KEY);
    const restarted = account.add({ life: neverRecovers() });
    const due = account.add({ life: neverRecovers(5, { ...noPeer, list: "expired" }) });
    // The request arrives and is never carried out.
    alldebrid.fault("delete", { kind: "no-header" });
    await killAt(machine, "delete");
    expect(await machine.readState("retry_counts.json")).toMatchObject({
      [restarted.id]: { fails: 1, restarts: 1 },
      [due.id]: { fails: 1 },
    });
    expect(await machine.readState("intents.json")).toMatchObject({ intents: [{ id: String(due.id) }] });

    const next = await machine.run(["run-once"]);
    expect(next.code).toBe(0);
    expect(account.deletions).toMatchObject([{ magnet: { id: due.id }, by: "api" }]);
    expect(announcedIds(machine)).toEqual([String(due.id)]);
    expect(await machine.readDeletions()).toMatchObject([{ id: String(due.id), fails: 2 }]);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [restarted.id]: { fails: 2 } });
  });

  test("after a deletion whose answer never came: it is settled, recorded and announced once", async ({
    machine,
  }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: 1 });
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    alldebrid.fault("delete", { kind: "no-header" }, { act: true });
    await killAt(machine, "delete");
    expect(alldebrid.account(MAIN_KEY).deletions).toHaveLength(1);
    expect(await machine.readDeletions()).toEqual([]);

    const next = await machine.run(["run-once", "--json"]);
    expect(next.code).toBe(0);
    expect(JSON.parse(next.stdout).magnets).toMatchObject([
      { id: String(magnet.id), action: "deleted", fails: 1 },
    ]);
    expect(announcedIds(machine)).toEqual([String(magnet.id)]);
    expect(await machine.readDeletions()).toMatchObject([{ id: String(magnet.id) }]);
    expect(await machine.readState("retry_counts.json")).toEqual({});

    await machine.run(["run-once"]);
    expect(announcedIds(machine)).toHaveLength(1);
    expect(await machine.readDeletions()).toHaveLength(1);
  });

  test("and its counter was reset since: the report still knows what was deleted", async ({ machine }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: 1 });
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers(), filename: "Known.mkv" });
    alldebrid.fault("delete", { kind: "no-header" }, { act: true });
    await killAt(machine, "delete");
    expect((await machine.run(["reset"])).code).toBe(0);
    const { stdout } = await machine.run(["run-once", "--json"]);
    expect(JSON.parse(stdout).magnets).toMatchObject([
      { id: String(magnet.id), filename: "Known.mkv", action: "deleted", fails: 1 },
    ]);
  });

  test("amid deletions: each is done, recorded and announced exactly once", async ({ machine }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: 1 });
    const account = alldebrid.account(MAIN_KEY);
    const ids = Array.from({ length: 14 }, () => String(account.add({ life: neverRecovers() }).id)).sort();
    const deletionOf = (id: string | undefined) => (request: { endpoint: string; form: URLSearchParams }) =>
      request.endpoint === "delete" && request.form.get("id") === id;
    alldebrid.fault(deletionOf(ids[0]), { kind: "no-header" }, { act: true });
    alldebrid.fault(deletionOf(ids[1]), { kind: "no-header" });
    // Ten go side by side, so with the thirteenth at least one outcome is on disk.
    await killAt(machine, "delete", 13);
    const recorded = (await machine.readDeletions()).length;
    expect(recorded).toBeGreaterThan(0);
    expect(recorded).toBeLessThan(14);

    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(account.deletions.map(({ magnet }) => String(magnet.id)).sort()).toEqual(ids);
    expect((await machine.readDeletions()).map(({ id }) => id).sort()).toEqual(ids);
    expect(announcedIds(machine)).toEqual(ids);
    expect(await machine.readState("retry_counts.json")).toEqual({});
    expect(await machine.readState("intents.json")).toMatchObject({ intents: [] });
  });

  test("while Discord had not answered: the notification goes out again", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.discord.mode = "hang";
    const sweep = machine.start(["run-once"]);
    await machine.discord.seen("webhook");
    sweep.kill("SIGKILL");
    await sweep.finished;
    await waitAMinute(machine);

    machine.discord.mode = "ok";
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(announcedIds(machine)).toEqual([String(magnet.id)]);
    expect(await machine.readDeletions()).toHaveLength(1);
  });
});
