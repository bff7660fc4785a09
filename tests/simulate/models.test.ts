import { expect, test } from "vitest";
import { ModelAccount, newMagnet } from "./alldebrid-account.ts";
import { AllDebridModel } from "./alldebrid-model.ts";
import { DiscordModel } from "./discord-model.ts";
import { type Entry, WorldLog } from "./log.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { Story } from "./story.ts";

const KEY = "key-of-alice";

/** A model with one account of some failing magnets, in a story in which nothing else happens. */
function stage(magnets = 3) {
  const time = new SimulatedTime(Date.UTC(2027, 0, 4));
  const entries: Entry[] = [];
  const log = new WorldLog(time, false, (entry) => entries.push(entry));
  const story = new Story(1, () => {});
  const world = { story, time, log };
  const alldebrid = new AllDebridModel(world);
  const account = new ModelAccount("alice", KEY);
  alldebrid.accounts.push(account);
  for (let n = 0; n < magnets; n++) {
    const magnet = newMagnet(alldebrid.endpoints.nextId(), story.world, time.now);
    alldebrid.endpoints.add(account, { ...magnet, life: "hopeless" });
  }
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    const ending = await time.run(3_600_000, () => 0.5, work);
    if (ending.kind !== "done")
      throw new Error(ending.kind === "failed" ? String(ending.error) : ending.kind);
    return ending.value;
  };
  const ask = async (path: string, form: Record<string, string>, key = KEY) => {
    const body = new URLSearchParams(form);
    const headers = { authorization: `Bearer ${key}` };
    const request = new Request(`https://api.alldebrid.com${path}`, { method: "POST", headers, body });
    const response = await alldebrid.fetch(request);
    return { status: response.status, body: await response.text() };
  };
  return { time, entries, world, alldebrid, account, run, ask };
}

test("AllDebrid lists by status, shows a magnet by id, and knows its keys", async () => {
  const { account, run, ask } = stage();
  const [magnet] = account.magnets.values();
  if (!magnet) throw new Error("there is no magnet");
  const list = await run(() => ask("/v4.1/magnet/status", { status: magnet.list }));
  expect(list.body).toContain(magnet.id);
  const one = await run(() => ask("/v4.1/magnet/status", { id: magnet.id }));
  expect(one.body.toLowerCase()).toContain(magnet.hash);
  const gone = await run(() => ask("/v4.1/magnet/status", { id: "1" }));
  expect(gone.body).toContain("MAGNET_INVALID_ID");
  const stranger = await run(() => ask("/v4/user", {}, "wrong"));
  expect(stranger.body).toContain("AUTH_BAD_APIKEY");
});

test("a restart makes a magnet active, and later it fails again", async () => {
  const { account, time, alldebrid, run, ask } = stage(1);
  const [id = ""] = account.magnets.keys();
  expect((await run(() => ask("/v4/magnet/restart", { "ids[]": id }))).body).toContain(
    "successfully restarted",
  );
  expect(account.magnets.get(id)?.state).toBe("processing");
  expect((await run(() => ask("/v4/magnet/restart", { id }))).body).toContain("MAGNET_PROCESSING");
  time.pass(30 * 60_000);
  alldebrid.endpoints.settle();
  expect(account.magnets.get(id)?.state).toBe("failing");
});

test("a deletion is carried out, and the log has it", async () => {
  const { account, entries, run, ask } = stage(1);
  const [id = ""] = account.magnets.keys();
  await run(() => ask("/v4.1/magnet/delete", { id }));
  expect(account.magnets.size).toBe(0);
  const kinds = entries.map(({ kind }) => kind);
  expect(kinds).toEqual(["there", "sent", "arrived", "gone", "delete answered"]);
  expect((await run(() => ask("/v4.1/magnet/delete", { id }))).body).toContain("MAGNET_INVALID_ID");
});

test("a refused deletion whose response is garbled may have been carried out, as far as anybody can read", async () => {
  const { account, world, entries, run, ask } = stage(1);
  const [id = ""] = account.magnets.keys();
  account.trouble = { code: "MAGNET_NO_SERVER", left: 1 };
  world.story.strikes = (kind) => kind === "reconnect before the JSON";
  expect((await run(() => ask("/v4.1/magnet/delete", { id }))).body).toMatch(/^reconnect.*MAGNET_NO_SERVER/);
  expect(entries.at(-1)).toMatchObject({ kind: "delete answered", id, outcome: "vague" });
});

test("from the thirteenth request in a second on AllDebrid answers 503", async () => {
  const { run, ask } = stage(0);
  const statuses = await run(() => Promise.all(Array.from({ length: 14 }, () => ask("/v4/user", {}))));
  expect(statuses.filter(({ status }) => status === 503)).toHaveLength(2);
});

test("time passes from timer to timer, and the machine's clock can be set without it", async () => {
  const { time, run } = stage(0);
  const before = time.now;
  await run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 600_000));
    time.setAhead(-3_600_000);
    expect(Date.now()).toBe(before + 600_000 - 3_600_000);
  });
  expect(time.now).toBe(before + 600_000);
});

test("a process that is killed ends there, and its timers with it", async () => {
  const { time } = stage(0);
  let went = 0;
  const ending = await time.run(3_600_000, Math.random, async () => {
    setTimeout(() => time.kill(), 1_000);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      went++;
    }
  });
  expect([ending.kind, went]).toEqual(["died", 3]);
});

test("Discord keeps what it saved, and which magnets a message is about", async () => {
  const { world, entries, run } = stage(0);
  const discord = new DiscordModel(world, () => []);
  const body = JSON.stringify({ embeds: [{ fields: [{ name: "ID", value: "400000123" }] }] });
  const send = () =>
    discord.fetch(new Request("https://discord.com/api/webhooks/1/t", { method: "POST", body }));
  expect((await run(send)).status).toBe(200);
  expect(entries.at(-1)).toMatchObject({ kind: "posted", ids: ["400000123"], heard: true });
  discord.webhook = "gone";
  expect((await run(send)).status).toBe(404);
  discord.breakChannel();
  expect((await run(send)).status).toBe(400);
});
