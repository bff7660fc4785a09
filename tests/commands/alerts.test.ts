import { describe, expect } from "vitest";
import { neverRecovers, recovers, refusesRestarts } from "../../examples/sandbox/magnet-life.ts";
import type { AccountTrouble } from "../../examples/sandbox/sandbox-account.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";

const DAY = 86_400_000;

const titles = ({ discord }: Machine) => discord.embeds.map((embed) => embed.title);
const sweep = (machine: Machine) => machine.run(["run-once"]);
const userRequests = ({ alldebrid }: Machine) => alldebrid.requestsTo("user").length;

/** Makes the last answer of `/v4/user` a day old, and all messages about accounts. */
async function aDayLater(machine: Machine, hours = 24): Promise<void> {
  const state = await machine.readState("accounts.json");
  for (const account of Object.values<{ asked_at?: string; told?: { at: string[] } }>(state.accounts)) {
    account.asked_at = new Date(Date.now() - hours * 3_600_000).toISOString();
    if (account.told) account.told.at = account.told.at.map(() => account.asked_at ?? "");
  }
  await machine.write(".local/state/magnets/accounts.json", state);
}

describe.concurrent("an account that stops working is announced once, and once when it works again", () => {
  test.for<[AccountTrouble, string, string]>([
    ["bad-key", "Account main: AllDebrid refuses the API key", "https://alldebrid.com/apikeys"],
    ["blocked", "Account main: AllDebrid blocked this machine", "e-mail"],
    ["banned", "Account main is banned", "support"],
    ["no-server", "Account main: AllDebrid refuses this machine's IP address", "https://alldebrid.com/vpn"],
    [
      "no-magnet-server",
      "Account main: AllDebrid refuses this machine's IP address",
      "https://alldebrid.com/vpn",
    ],
    ["not-premium", "Account main: premium has expired", "Renew it"],
  ])("%s", async ([trouble, title, advice], { machine }) => {
    await machine.configure({ max_retries: 99 });
    const account = machine.alldebrid.account(MAIN_KEY);
    account.add({ life: neverRecovers(0) });
    account.trouble = trouble;
    expect((await sweep(machine)).code).toBe(3);
    expect((await sweep(machine)).code).toBe(3);
    expect(titles(machine)).toEqual([title]);
    expect(machine.discord.embeds[0]?.description).toContain(advice);
    expect(JSON.stringify(machine.discord.embeds)).not.toContain("b10c7ed70c3n5ecre7");

    account.trouble = null;
    // One sweep that went well may be a hiccup.
    expect((await sweep(machine)).code).toBe(0);
    expect(titles(machine)).toEqual([title]);
    expect((await sweep(machine)).code).toBe(0);
    expect(titles(machine)).toEqual([title, "Account main works again"]);
  });

  test.for([
    ["maintenance", { kind: "api-error", code: "MAINTENANCE" }],
    ["an internal error", { kind: "api-error", code: "GENERIC" }],
    ["a lost connection", { kind: "close" }],
  ] as const)("%s passes by itself", async ([, fault], { machine }) => {
    machine.alldebrid.fault("*", fault);
    expect((await sweep(machine)).code).toBe(3);
    machine.alldebrid.clearFaults();
    expect((await sweep(machine)).code).toBe(0);
    expect(titles(machine)).toEqual([]);
  });

  test("refused for each magnet by itself", async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    for (let i = 0; i < 2; i++) account.add({ life: refusesRestarts("MAGNET_MUST_BE_PREMIUM") });
    expect((await sweep(machine)).code).toBe(0);
    const { code, stderr } = await sweep(machine);
    // Refused restarts alone are everyday; that the account stopped working is said in the log and announced.
    expect(code).toBe(0);
    expect(stderr).toContain("main: the account stopped working: premium has ended");
    expect(titles(machine)).toEqual(["Account main: premium has expired"]);
  });

  test("another trouble is another alert", async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    account.trouble = "blocked";
    await sweep(machine);
    account.trouble = "banned";
    await sweep(machine);
    expect(titles(machine)).toEqual([
      "Account main: AllDebrid blocked this machine",
      "Account main is banned",
    ]);
  });

  test("one account's alert is not another's", async ({ machine }) => {
    await machine.configure({
      api_keys: [
        { name: "main", key: MAIN_KEY },
        { name: "spare", key: SPARE_KEY },
      ],
    });
    machine.alldebrid.account(SPARE_KEY).trouble = "banned";
    await sweep(machine);
    expect(titles(machine)).toEqual(["Account spare is banned"]);
  });

  test("a key refused in one place and taken in another is told by the second sweep in a row", async ({
    machine,
  }) => {
    const fault = machine.alldebrid.fault("status", { kind: "api-error", code: "AUTH_BAD_APIKEY" });
    await sweep(machine);
    fault.remove();
    await sweep(machine);
    expect(titles(machine)).toEqual([]);
    machine.alldebrid.fault("status", { kind: "api-error", code: "AUTH_BAD_APIKEY" });
    await sweep(machine);
    await sweep(machine);
    expect(titles(machine)).toEqual(["Account main: AllDebrid refuses the API key"]);
  });

  test("a new key in the place of a bad one ends its trouble", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).trouble = "bad-key";
    await sweep(machine);
    await machine.configure({ api_keys: [{ name: "main", key: SPARE_KEY }] });
    await sweep(machine);
    await sweep(machine);
    expect(titles(machine)).toEqual([
      "Account main: AllDebrid refuses the API key",
      "Account main works again",
    ]);
  });

  test("in French", async ({ machine }) => {
    await machine.configure({ language: "fr" });
    machine.alldebrid.account(MAIN_KEY).trouble = "bad-key";
    await sweep(machine);
    expect(titles(machine)).toEqual(["Compte main\u00a0: AllDebrid refuse la clé API"]);
  });

  test("without a webhook nothing is queued and the log says it; one that comes later is told", async ({
    machine,
  }) => {
    await machine.configure({ discord_webhook_url: null });
    machine.alldebrid.account(MAIN_KEY).trouble = "bad-key";
    const line = "main: the account stopped working: the API key is wrong or was deleted";
    expect((await sweep(machine)).stderr).toContain(line);
    const second = await machine.run(["run-once", "--json"]);
    expect(second.stderr).not.toContain(line);
    expect(JSON.parse(second.stdout)).toMatchObject({ pending_notifications: 0, accounts: [{ ok: false }] });
    await machine.configure();
    await sweep(machine);
    await sweep(machine);
    expect(titles(machine)).toEqual(["Account main: AllDebrid refuses the API key"]);
  });

  test("Discord that is away takes it later, once", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).trouble = "banned";
    machine.discord.mode = "server-error";
    await sweep(machine);
    machine.discord.mode = "ok";
    await sweep(machine);
    await sweep(machine);
    expect(titles(machine)).toEqual(["Account main is banned"]);
  });
});

describe.concurrent("an account that comes and goes", () => {
  /** Sweeps with the account in trouble (x) and well (-), and returns how many messages there were. */
  async function flap(machine: Machine, pattern: string): Promise<number> {
    const account = machine.alldebrid.account(MAIN_KEY);
    for (const step of pattern) {
      account.trouble = step === "x" ? "bad-key" : null;
      await sweep(machine);
    }
    return titles(machine).length;
  }

  test.for([
    ["x-x-x-x-x-x-", 1],
    ["-x-x-x-x-x-x", 1],
    ["xx-xx-xx-xx-", 1],
    ["xx--xx--xx--", 2],
    ["xxx---xxx---", 2],
  ] as const)(
    "in 12 sweeps (%s): messages: %i",
    { timeout: 120_000 },
    async ([pattern, count], { machine }) => {
      expect(await flap(machine, pattern)).toBe(count);
    },
  );

  test("is silent after two messages, and a day later says what is true then", async ({ machine }) => {
    expect(await flap(machine, "xx--xx")).toBe(2);
    await aDayLater(machine);
    expect(await flap(machine, "xx")).toBe(3);
    expect(titles(machine).at(-1)).toBe("Account main: AllDebrid refuses the API key");
    // What is true is what was said last: nothing is to be said.
    expect(await flap(machine, "--xx")).toBe(4);
    await aDayLater(machine);
    expect(await flap(machine, "x")).toBe(5);
    await aDayLater(machine);
    expect(await flap(machine, "x")).toBe(5);
  });

  test.for([
    ["en", "Account 1 is banned", "Account 1 has 2 magnets to delete"],
    ["fr", "Le compte 1 est banni", "Le compte 1 a 2 magnets à supprimer"],
  ] as const)("without a name is called by its number (%s)", async ([language, title, cap], { machine }) => {
    await machine.configure({ api_keys: [MAIN_KEY], language, max_retries: 1, max_deletes_per_run: 1 });
    for (let i = 0; i < 2; i++) machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    await sweep(machine);
    machine.alldebrid.account(MAIN_KEY).trouble = "banned";
    const { stdout, stderr } = await sweep(machine);
    expect(titles(machine)).toContain(title);
    const all = JSON.stringify(machine.discord.embeds);
    expect(all).toContain(cap);
    expect(all + stdout + stderr).not.toMatch(/(account|compte) account/i);
  });
});

describe.concurrent("premium", () => {
  test("its end within 7 days is announced once for each end, its renewal once; neither is a failure", async ({
    machine,
  }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    const now = machine.alldebrid.clock.now();
    const sweepWithEnd = async (days: number) => {
      account.premiumUntil = new Date(now + days * DAY);
      expect((await sweep(machine)).code).toBe(0);
      await aDayLater(machine);
    };
    await sweepWithEnd(8);
    expect(titles(machine)).toEqual([]);
    await sweepWithEnd(5);
    await sweepWithEnd(5);
    expect(titles(machine)).toEqual(["Account main: premium ends soon"]);
    expect(machine.discord.embeds[0]?.description).toContain(`<t:${Math.floor((now + 5 * DAY) / 1000)}:D>`);
    await sweepWithEnd(6.9);
    expect(titles(machine)).toHaveLength(2);
    await sweepWithEnd(300);
    await sweepWithEnd(300);
    expect(titles(machine).slice(2)).toEqual(["Account main: premium was renewed"]);
  });

  test("over: no failure while there is nothing to do, and renewed premium is told once", async ({
    machine,
  }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    const now = machine.alldebrid.clock.now();
    account.premiumUntil = new Date(now + DAY);
    await sweep(machine);
    account.premiumUntil = new Date(now - DAY);
    await aDayLater(machine);
    expect((await sweep(machine)).code).toBe(0);
    const magnet = account.add({ life: recovers() });
    expect((await sweep(machine)).code).toBe(3);
    expect(titles(machine)).toEqual(["Account main: premium ends soon", "Account main: premium has expired"]);
    account.premiumUntil = new Date(now + 300 * DAY);
    await aDayLater(machine);
    expect((await sweep(machine)).code).toBe(0);
    expect(magnet.restarts).toBe(1);
    await aDayLater(machine);
    await sweep(machine);
    expect(titles(machine).slice(2)).toEqual(["Account main works again"]);
  });

  test("a trial is no end of premium", async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    account.trial = true;
    account.premiumUntil = new Date(0);
    expect((await sweep(machine)).code).toBe(0);
    expect(titles(machine)).toEqual([]);
  });
});

describe.concurrent("/v4/user", () => {
  test("is asked once a day, whatever the clock does, and beside the lists", async ({ machine }) => {
    await sweep(machine);
    await sweep(machine);
    expect(userRequests(machine)).toBe(1);
    for (const [hours, expected] of [
      [23, 1],
      [24, 2],
      [-1, 3],
    ] as const) {
      await aDayLater(machine, hours);
      await sweep(machine);
      expect(userRequests(machine)).toBe(expected);
    }
  });

  test("goes side by side with the lists", async ({ machine }) => {
    // No answer comes before all three are asked.
    const { alldebrid } = machine;
    const all = Promise.all([alldebrid.seen("status", 2), alldebrid.seen("user")]);
    alldebrid.fault("*", { kind: "hold", until: all });
    expect((await sweep(machine)).code).toBe(0);
  });

  test("is asked after the key was refused", async ({ machine }) => {
    await sweep(machine);
    machine.alldebrid.account(MAIN_KEY).trouble = "bad-key";
    await sweep(machine);
    expect(userRequests(machine)).toBe(2);
  });

  test("that does not answer as it should keeps no sweep from its work", async ({ machine }) => {
    machine.alldebrid.fault("user", { kind: "json", value: { status: "success", data: {} } });
    const { code, stderr } = await sweep(machine);
    expect(code).toBe(0);
    expect(stderr).toContain("main: can't get the account's state: ");
    expect(titles(machine)).toEqual([]);
  });

  test("is asked in a dry run only for a key whose account is not known", async ({ machine }) => {
    await machine.run(["run-once", "--dry-run"]);
    expect(userRequests(machine)).toBe(1);
    await sweep(machine);
    await aDayLater(machine);
    machine.alldebrid.account(MAIN_KEY).trouble = "bad-key";
    await machine.run(["run-once", "--dry-run"]);
    expect(userRequests(machine)).toBe(2);
    expect(titles(machine)).toEqual([]);
  });
});
