import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Behaviour, cloudflarePage } from "../../examples/sandbox/behaviour.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import type { Notice, Outbox } from "../../src/core/records.ts";
import { deliver } from "../../src/discord/deliver.ts";
import { textsFor } from "../../src/discord/texts.ts";
import { createWebhook } from "../../src/discord/webhook.ts";
import { alertNotice, capNotice, deletionNotice, deletionNotices } from "./sample-notices.ts";

const HOUR = 3_600_000;

const refusal = (status: number, body: object): Behaviour => ({
  kind: "http",
  status,
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

let discord: DiscordSandbox;
/** What the disk holds, as JSON. */
let disk: string;
let now: number;
/** What the last sweep logged, each line with its level. */
let logged: string[];
let stopping: AbortController;
beforeEach(async () => {
  discord = await startDiscord({ rateLimit: false });
  now = Date.UTC(2026, 0, 2);
  logged = [];
  stopping = new AbortController();
});
afterEach(() => discord.close());

const onDisk = (): Outbox => JSON.parse(disk) as Outbox;
const queue = (...notices: Notice[]) => {
  disk = JSON.stringify({ ...(disk ? onDisk() : {}), pending: notices });
};
beforeEach(() => {
  disk = "";
});
const announced = () => discord.embeds.map((embed) => embed.title?.replace("Deleted: ", ""));
const names = (notices: readonly Notice[]) =>
  notices.map((notice) => (notice.kind === "deletion" ? notice.filename : "cap"));

/** One sweep's delivery: reads the outbox from disk, as a process of its own would. */
async function sweep(more: { url?: string; save?: (outbox: Outbox) => void } = {}) {
  const url = more.url ?? discord.url;
  const outbox = onDisk();
  logged = [];
  const log = (level: string) => (line: string) => void logged.push(`${level} ${line}`);
  const failed = await deliver({
    outbox,
    save: async () => {
      more.save?.(outbox);
      disk = JSON.stringify(outbox);
    },
    webhook: createWebhook({
      url,
      signals: { stopping: stopping.signal, abort: stopping.signal },
      backoffMs: 1,
      timeoutMs: 1000,
      attempts: 2,
    }),
    fingerprint: `fingerprint of ${url}`,
    texts: textsFor("en"),
    log: { debug: log("debug"), info: log("info"), warning: log("warning"), error: log("error") },
    now: () => now,
    stopping: stopping.signal,
  });
  const accepted = logged.map((line) => Number(/accepted (\d+) notification/.exec(line)?.[1] ?? 0));
  return {
    delivered: accepted.reduce((sum, count) => sum + count, 0),
    dropped: logged.filter((line) => line.includes("it is dropped")).length,
    waiting: onDisk().pending.length,
    failed,
  };
}

describe("deliver", () => {
  it("sends what waits in order, in few messages, and keeps nothing of it", async () => {
    const notices = deletionNotices(23);
    queue(...notices, capNotice());
    expect(await sweep()).toEqual({ delivered: 24, dropped: 0, waiting: 0, failed: false });
    expect(discord.messages.map((message) => message.embeds.length)).toEqual([10, 10, 4]);
    expect(announced()).toEqual([...names(notices), "150 deletions are due, but none was made"]);
    expect(onDisk()).toEqual({ pending: [] });
  });

  it("calls nobody when nothing waits", async () => {
    queue();
    expect(await sweep()).toEqual({ delivered: 0, dropped: 0, waiting: 0, failed: false });
    expect(discord.requests).toEqual([]);
  });

  it("has each message on disk as sent before the next one goes out", async () => {
    queue(...deletionNotices(25));
    const savedAt: [number, number][] = [];
    await sweep({ save: (outbox) => savedAt.push([discord.messages.length, outbox.pending.length]) });
    expect(savedAt).toEqual([
      [1, 15],
      [2, 5],
      [3, 0],
    ]);
  });

  it("stops when the disk does not take it, so that at most one message is sent twice", async () => {
    queue(...deletionNotices(25));
    const failing = sweep({
      save: () => {
        throw new Error("disk full");
      },
    });
    await expect(failing).rejects.toThrow("disk full");
    expect(discord.messages).toHaveLength(1);
    expect(onDisk().pending).toHaveLength(25);
  });

  it("sends all of it, once and in order, after an outage of three sweeps", async () => {
    const notices = deletionNotices(12);
    discord.mode = "bad-gateway";
    for (let i = 0; i < 3; i++) {
      queue(...(i === 0 ? [] : onDisk().pending), ...notices.slice(i * 4, i * 4 + 4));
      const before = discord.requests.length;
      expect(await sweep()).toMatchObject({ delivered: 0, waiting: (i + 1) * 4, failed: true });
      expect(discord.requests.length - before).toBe(2);
      expect(logged).toEqual([
        expect.stringMatching(
          `^warning Discord: .*502.*; ${(i + 1) * 4} notifications wait for the next sweep$`,
        ),
      ]);
    }
    discord.mode = "ok";
    expect(await sweep()).toMatchObject({ delivered: 12, waiting: 0, failed: false });
    expect(announced()).toEqual(names(notices));
    expect(discord.messages).toHaveLength(2);
  });

  it("keeps what was not sent when the outage starts half-way", async () => {
    queue(...deletionNotices(25));
    discord.fault("webhook", { kind: "reset" }, { after: 1 });
    expect(await sweep()).toMatchObject({ delivered: 10, waiting: 15, failed: true });
    expect(names(onDisk().pending)[0]).toBe("Film 11");
  });

  it("gets a backlog through the rate limits without one refusal", async () => {
    discord.rateLimit = [{ count: 2, perMs: 300 }];
    queue(...deletionNotices(50));
    expect(await sweep()).toMatchObject({ delivered: 50, waiting: 0, failed: false });
    expect(announced()).toEqual(names(deletionNotices(50)));
    expect(discord.requests.map((request) => request.status)).toEqual([200, 200, 200, 200, 200]);
  });

  it("sends in short what Discord refuses as an embed, and the other nine whole, in order", async () => {
    discord.refuses = (embed) => embed.title === "Deleted: Film 4";
    queue(...deletionNotices(13));
    expect(await sweep()).toMatchObject({ dropped: 0, waiting: 0, failed: false });
    const told = discord.messages.flatMap(({ content, embeds }) =>
      content ? [content] : embeds.map(({ title }) => title),
    );
    const short = (id: number) => `Deleted: magnet ${id} · Account: main · Failures: 5/5`;
    expect(told).toEqual(
      deletionNotices(13).map(({ id, filename }) =>
        id === "1" || id === "4" ? short(Number(id)) : `Deleted: ${filename}`,
      ),
    );
    expect(logged).toContainEqual(
      expect.stringMatching(/^warning .*"Film 4" \(4\) only in short: .*embeds\.0: Not wanted/),
    );
    expect(onDisk()).toEqual({ pending: [] });
  });

  it.each(["embeds", "content"])("drops what it refuses in short, too, blaming %s", async (field) => {
    const errors = { [field]: { 0: { _errors: [{ message: "Not wanted" }] } } };
    discord.fault("webhook", refusal(400, { code: 50035, errors }), { times: 2 });
    queue(...deletionNotices(3));
    expect(await sweep()).toEqual({ delivered: 2, dropped: 1, waiting: 0, failed: true });
    expect(announced()).toEqual(["Film 2", "Film 3"]);
    expect(logged.filter((line) => !line.startsWith("info"))).toEqual([
      expect.stringMatching(/^error .*"Film 1" \(1\); it is dropped: POST \S+: 400 \(50035\) .*Not wanted/),
    ]);
  });

  it("takes up again where an outage interrupted the search for the bad embed", async () => {
    discord.refuses = (embed) => embed.title === "Deleted: Film 4";
    queue(...deletionNotices(10));
    discord.fault("webhook", { kind: "reset" }, { after: 4 });
    expect(await sweep()).toMatchObject({ dropped: 0, waiting: 7 });
    discord.clearFaults();
    expect(await sweep()).toMatchObject({ dropped: 0, waiting: 0 });
    expect(
      discord.messages.flatMap(({ content, embeds }) =>
        content ? [content] : embeds.map(({ title }) => title),
      ),
    ).toHaveLength(10);
  });

  it("sends twice rather than never when the response is lost", async () => {
    queue(...deletionNotices(3));
    discord.mode = "lost-answer";
    expect(await sweep()).toMatchObject({ delivered: 0, waiting: 3 });
    discord.mode = "ok";
    expect(await sweep()).toMatchObject({ delivered: 3, waiting: 0 });
    expect(new Set(announced())).toEqual(new Set(names(deletionNotices(3))));
  });

  it("sends nothing more once the run is ending", async () => {
    queue(...deletionNotices(25));
    const report = await sweep({ save: () => stopping.abort() });
    expect(report).toMatchObject({ delivered: 10, waiting: 15 });
    expect(discord.messages).toHaveLength(1);
  });
});

describe("a refusal that is not the message's fault", () => {
  const username = { username: { _errors: [{ code: "BAD", message: "Username cannot contain it" }] } };
  const thread = { thread_id: { _errors: [{ message: "not snowflake" }] } };
  const both = { ...thread, embeds: ["0"] };

  it.each<[string, Behaviour, RegExp, number]>([
    ["an archived thread", refusal(400, { code: 50083, message: "Thread is archived" }), /reopen/, 2],
    ["a locked thread", refusal(400, { code: 160005, message: "Thread is locked" }), /unlock/, 2],
    ["too many threads", refusal(400, { code: 160006, message: "Maximum" }), /close some/, 2],
    ["a lost thread", refusal(400, { code: 10003, message: "Unknown Channel" }), /thread_id/, 2],
    ["a lost thread in 404", refusal(404, { code: 10003, message: "Unknown Channel" }), /thread_id/, 1],
    ["AutoMod", refusal(400, { code: 200000, message: "blocked by AutoMod" }), /AutoMod/, 2],
    ["a forum", refusal(400, { code: 220003, message: "forum" }), /thread_id=/, 2],
    ["another thread_id", refusal(400, { code: 50035, errors: thread }), /thread_id/, 2],
    ["the name", refusal(400, { code: 50035, errors: username }), /display name/, 2],
    ["thread and embed", refusal(400, { code: 50035, errors: both }), /thread_id/, 2],
    ["a bare 400", refusal(400, { code: 0, message: "400: Bad Request" }), /check the webhook/, 2],
    ["an empty 400", { kind: "http", status: 400 }, /check the webhook/, 2],
    ["a code to come", refusal(400, { code: 987654, message: "New" }), /check the webhook/, 2],
    ["a 413", refusal(413, { code: 40005, message: "Request entity too large" }), /check the webhook/, 2],
    ["a page with 413", cloudflarePage(413), /check the webhook/, 2],
    ["missing rights", refusal(403, { code: 50013, message: "Missing Permissions" }), /permissions/, 1],
    ["Cloudflare", cloudflarePage(403), /another network address/, 1],
    ["a wrong method", refusal(405, { code: 0, message: "Method Not Allowed" }), /copy it/, 1],
  ])("(%s) keeps all of it waiting, and is hammered by nobody", async (_, behaviour, remedy, requests) => {
    const notices = [alertNotice(), capNotice(), ...deletionNotices(12)];
    queue(...notices);
    discord.fault("webhook", behaviour);
    for (const level of ["error", "info"]) {
      const before = discord.requests.length;
      expect(await sweep()).toEqual({ delivered: 0, dropped: 0, waiting: 14, failed: true });
      expect(discord.requests).toHaveLength(before + requests);
      expect(logged).toEqual([expect.stringMatching(`^${level} Discord: .*; 14 notifications wait$`)]);
      expect(logged[0]).toMatch(remedy);
      expect(onDisk().blocked_webhook).toMatchObject({
        fingerprint: `fingerprint of ${discord.url}`,
        remedy: expect.stringMatching(remedy),
        since: "2026-01-02T00:00:00.000Z",
      });
      expect(onDisk().pending).toEqual(notices);
      now += HOUR;
    }
    discord.clearFaults();
    expect(await sweep()).toEqual({ delivered: 14, dropped: 0, waiting: 0, failed: false });
    expect(onDisk()).toEqual({ pending: [] });
  });

  it("is asked about in words that are none of a stranger's", async () => {
    queue(deletionNotice({ filename: "STRANGER", status_text: "STRANGER", hash: "a".repeat(40) }));
    discord.fault("webhook", refusal(400, { code: 200000 }));
    await sweep();
    expect(discord.requests.map(({ body }) => body.includes("STRANGER"))).toEqual([true, false]);
    expect(JSON.parse(discord.requests[1]?.body ?? "")).toEqual({
      username: "magnets",
      allowed_mentions: { parse: [] },
      content: "Deleted: magnet 403207307 · Account: main · Failures: 5/5",
      embeds: [],
    });
  });

  it.each([
    [alertNotice(), "Account main: AllDebrid refuses the API key"],
    [capNotice(), "150 deletions are due, but none was made"],
  ])("lets an alert or a cap notice through in short", async (notice, content) => {
    queue(notice);
    discord.fault("webhook", refusal(400, { code: 200000 }), { times: 1 });
    expect(await sweep()).toMatchObject({ waiting: 0, failed: false });
    expect(discord.messages.map((message) => message.content)).toEqual([content]);
  });
});

describe("a dead webhook", () => {
  const called = (level: "error" | "info") => [
    expect.stringMatching(`^${level} Discord: .*: create a new webhook .*; 1 notification waits$`),
  ];
  const skipped = [expect.stringMatching(/^info .* known to be dead \(40[14]\) .*; 1 notification waits$/)];

  it.each(["unknown-webhook", "unauthorized"] as const)(
    "(%s) is reported once and called once a day",
    async (mode) => {
      discord.mode = mode;
      queue(deletionNotice());
      expect(await sweep()).toEqual({ delivered: 0, dropped: 0, waiting: 1, failed: true });
      expect(logged).toEqual(called("error"));
      for (let i = 0; i < 47; i++) {
        now += HOUR / 2;
        expect(await sweep()).toMatchObject({ waiting: 1, failed: true });
        expect(logged).toEqual(skipped);
      }
      expect(discord.requests).toHaveLength(1);
      now += HOUR / 2;
      await sweep();
      expect(logged).toEqual(called("info"));
      expect(discord.requests).toHaveLength(2);
      expect(onDisk().dead_webhook?.called_at).toBe(new Date(now).toISOString());
    },
  );

  it("that was Discord's mistake works again after a day", async () => {
    discord.mode = "unknown-webhook";
    queue(deletionNotice());
    await sweep();
    discord.mode = "ok";
    now += 24 * HOUR;
    expect(await sweep()).toMatchObject({ delivered: 1, failed: false });
    expect(onDisk()).toEqual({ pending: [] });
  });

  it("does not matter any more once the URL changes", async () => {
    discord.deleteWebhook(discord.url);
    queue(deletionNotice());
    await sweep();
    expect(await sweep({ url: discord.addWebhook() })).toMatchObject({
      delivered: 1,
      waiting: 0,
      failed: false,
    });
    expect(onDisk()).toEqual({ pending: [] });
  });

  it("is called at once, and reported again, when the next URL is dead, too", async () => {
    discord.mode = "unauthorized";
    queue(deletionNotice());
    await sweep();
    await sweep({ url: discord.addWebhook() });
    expect(logged).toEqual(called("error"));
  });

  it.each([
    ["a clock set back by years", -5 * 365 * 24 * HOUR],
    ["a clock set back by an hour", -HOUR],
    ["a clock set forward by years", 5 * 365 * 24 * HOUR],
  ])("does not wait for ever under %s", async (_, step) => {
    discord.mode = "unknown-webhook";
    queue(deletionNotice());
    await sweep();
    now += step;
    await sweep();
    await sweep();
    expect(discord.requests).toHaveLength(2);
    discord.mode = "ok";
    now += 24 * HOUR;
    expect(await sweep()).toMatchObject({ delivered: 1 });
  });

  it("does not count as one while a proxy responds in its place", async () => {
    discord.fault("webhook", {
      kind: "http",
      status: 404,
      body: "<html>",
      headers: { "content-type": "text/html" },
    });
    queue(deletionNotice());
    await sweep();
    expect(onDisk().dead_webhook).toBeUndefined();
    discord.clearFaults();
    expect(await sweep()).toMatchObject({ delivered: 1 });
  });
});
