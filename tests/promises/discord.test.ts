import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { openStore } from "../../src/state/store.ts";
import { DiskModel } from "../simulate/disk-model.ts";
import { openStage, type Stage } from "./stage.ts";
import { sweepWorld } from "./world.ts";

let stage: Stage;
let account: SandboxAccount;
let disk: DiskModel;
let webhook: string;
let log: string[];
let nextId = 1;

beforeEach(async () => {
  stage = await openStage();
  account = stage.alldebrid.addAccount({ key: "account-of-the-test" });
  disk = new DiskModel();
  webhook = stage.discord.url;
  log = [];
});
afterEach(() => stage.close());

/** Adds magnets, each deleted by the next sweep; returns their ids. */
function addDue(count: number): string[] {
  const ids = Array.from({ length: count }, () => nextId++);
  for (const id of ids) account.add({ id, life: neverRecovers(0) });
  return ids.map(String);
}

async function sweep(): Promise<0 | 3> {
  log.length = 0;
  const { exitCode } = await sweepWorld(stage.alldebrid, {
    fs: disk,
    folder: disk.folder,
    accounts: [account],
    webhook,
    policy: { maxRetries: { expired: 1, error: 1 } },
    log: (line) => log.push(line),
  });
  stage.alldebrid.clock.advance(30 * 60_000);
  return exitCode;
}

const posts = () => stage.discord.requests.length;
const told = () => stage.discord.embeds.map(({ fields }) => fields?.find(({ name }) => name === "ID")?.value);
const waiting = async () =>
  (await openStore({ fs: disk, folder: disk.folder, mode: "read", now: () => new Date() })).outbox.pending
    .length;
const discordLines = () => log.filter((line) => /^\w+ Discord\b/.test(line));

describe("Discord at its worst", () => {
  it.each(["server-error", "bad-gateway", "reset", "rate-limited"] as const)(
    "%s for three sweeps, then back: each deletion is told, in order, in few messages",
    async (mode) => {
      stage.discord.mode = mode;
      // A wait of a second would be obeyed; this is longer than anybody waits.
      if (mode === "rate-limited") {
        const body = '{"message":"You are being rate limited.","retry_after":3600,"global":false}';
        stage.discord.fault("*", { kind: "http", status: 429, body });
      }
      const due: string[] = [];
      for (let n = 1; n <= 3; n++) {
        due.push(...addDue(8));
        expect(await sweep()).toBe(3);
        expect(await waiting()).toBe(8 * n);
        expect(discordLines().at(-1)).toMatch(`${8 * n} notifications wait for the next sweep`);
      }
      expect(told()).toEqual([]);
      stage.discord.mode = "ok";
      stage.discord.clearFaults();
      expect(await sweep()).toBe(0);
      // Deletions of one sweep are done side by side; sweeps follow each other.
      for (const from of [0, 8, 16]) {
        expect(
          told()
            .slice(from, from + 8)
            .sort(),
        ).toEqual(due.slice(from, from + 8).sort());
      }
      expect(told()).toHaveLength(24);
      expect(stage.discord.messages).toHaveLength(3);
      expect(await waiting()).toBe(0);
    },
  );

  it("a deleted webhook: told loudly once, not called at each sweep, and another address works", async () => {
    stage.discord.deleteWebhook(webhook);
    const due = addDue(3);
    expect(await sweep()).toBe(3);
    expect(discordLines()).toEqual([expect.stringMatching(/^error .* create a new webhook/)]);
    expect(posts()).toBe(1);
    for (let n = 0; n < 4; n++) {
      due.push(...addDue(1));
      await sweep();
      expect(discordLines()).toEqual([expect.stringMatching(/^info .* known to be dead \(404\)/)]);
    }
    expect(posts()).toBe(1);
    // A day later it is tried once more, in case it was a mistake; that is no news.
    stage.alldebrid.clock.advance(24 * 3_600_000);
    await sweep();
    expect(discordLines()).toEqual([expect.stringMatching(/^info .* create a new webhook/)]);
    expect(posts()).toBe(2);
    webhook = stage.discord.addWebhook();
    expect(await sweep()).toBe(0);
    expect([...told()].sort()).toEqual(due.sort());
  });

  it("429 with retry_after: waits as long as asked, and no longer", async () => {
    const due = addDue(1);
    const body = '{"message":"You are being rate limited.","retry_after":0.3,"global":false}';
    stage.discord.fault("*", { kind: "http", status: 429, body }, { times: 1 });
    expect(await sweep()).toBe(0);
    const [first, second] = stage.discord.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(290);
    expect(told()).toEqual(due);
  });

  it("400 for one embed: each is told in one form, and the rest is blocked neither now nor later", async () => {
    const due = addDue(12);
    const bad = due[4];
    stage.discord.refuses = ({ fields }) => fields?.find(({ name }) => name === "ID")?.value === bad;
    expect(await sweep()).toBe(0);
    const embedded = told().filter((id) => id !== undefined);
    // The first of each message that is refused, up to the one to blame.
    const plain = stage.discord.messages.flatMap(
      ({ payload }) => String(payload.content ?? "").match(/\d+/) ?? [],
    );
    expect(embedded).not.toContain(bad);
    expect(plain).toContain(bad);
    expect([...embedded, ...plain].sort()).toEqual([...due].sort());
    expect(await waiting()).toBe(0);
    due.push(...addDue(1));
    expect(await sweep()).toBe(0);
    expect(told().at(-1)).toBe(due.at(-1));
  });

  it("an answer that was lost: told again rather than not at all", async () => {
    const due = addDue(2);
    stage.discord.fault("*", { kind: "lost-answer" }, { times: 1 });
    await sweep();
    expect(new Set(told())).toEqual(new Set(due));
    expect(await waiting()).toBe(0);
  });
});
