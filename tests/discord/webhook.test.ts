import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Behaviour,
  cloudflarePage,
  emptyBody,
  tooManyRequests,
} from "../../examples/sandbox/behaviour.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import { buildMessage } from "../../src/discord/message.ts";
import { textsFor } from "../../src/discord/texts.ts";
import { createWebhook, type WebhookOptions } from "../../src/discord/webhook.ts";
import { deletionNotice } from "./sample-notices.ts";

let discord: DiscordSandbox;
let stopping: AbortController;
let abort: AbortController;
beforeEach(async () => {
  discord = await startDiscord({ rateLimit: false });
  stopping = new AbortController();
  abort = new AbortController();
});
afterEach(() => discord.close());

const { payload } = buildMessage([deletionNotice()], textsFor("en"));

function webhook(more: Partial<WebhookOptions> = {}) {
  const signals = { stopping: stopping.signal, abort: abort.signal };
  return createWebhook({ url: discord.url, signals, backoffMs: 1, timeoutMs: 5000, ...more });
}

const json = (status: number, value: unknown): Behaviour => ({
  kind: "http",
  status,
  body: JSON.stringify(value),
  headers: { "content-type": "application/json" },
});

describe("send", () => {
  it("posts JSON, asks to wait for the saved message and keeps the rest of the query", async () => {
    const outcome = await webhook({ url: `${discord.url}?thread_id=77` }).send(payload);
    expect(outcome).toEqual({ kind: "success", status: 200, name: "" });
    const [request] = discord.requests;
    expect(request?.method).toBe("POST");
    expect(Object.fromEntries(request?.query ?? [])).toEqual({ thread_id: "77", wait: "true" });
    expect(request?.headers["content-type"]).toMatch(/^application\/json/);
    expect(discord.messages[0]?.payload).toEqual(payload);
  });

  it.each<[string, Behaviour, object, number]>([
    ["204", { kind: "http", status: 204 }, { kind: "success", status: 204 }, 1],
    ["a web page in 200", cloudflarePage(200), { kind: "unavailable" }, 1],
    ["an empty 200", emptyBody(), { kind: "unavailable" }, 1],
    ["null", { kind: "json", value: null }, { kind: "unavailable" }, 1],
    ["no id", { kind: "json", value: { content: "" } }, { kind: "unavailable" }, 1],
    [
      "called HTML",
      { kind: "http", status: 200, body: `{"id":"7"}`, headers: { "content-type": "text/html" } },
      { kind: "success" },
      1,
    ],
    ["a number as id", { kind: "json", value: { id: 7 } }, { kind: "success" }, 1],
    [
      "400",
      json(400, { code: 50006, message: "Cannot send an empty message" }),
      { kind: "refused", message: expect.stringMatching(/: 400 \(50006\) Cannot send an empty message$/) },
      1,
    ],
    [
      "an old 400",
      json(400, { embeds: ["0"] }),
      { kind: "refused", message: expect.stringMatching(/: 400 embeds\.0: 0$/), blamesMessage: true },
      1,
    ],
    [
      "400 with nothing",
      { kind: "http", status: 400 },
      { kind: "refused", message: expect.stringMatching(/: 400$/), blamesMessage: false },
      1,
    ],
    ["413", json(413, { code: 40005, message: "Too large" }), { kind: "refused", status: 413 }, 1],
    [
      "a proxy's 400",
      cloudflarePage(400),
      { kind: "refused", message: expect.stringMatching(/: 400 with a web page$/), blamesMessage: false },
      1,
    ],
    [
      "a forum's 400",
      json(400, {
        code: 220001,
        message: "Webhooks posted to forum channels must have a thread_name or thread_id",
      }),
      { kind: "refused", blamesMessage: false, remedy: expect.stringContaining("thread_id=") },
      1,
    ],
    [
      "a lost thread",
      json(404, { code: 10003, message: "Unknown Channel" }),
      { kind: "blocked", remedy: expect.stringContaining("thread or channel is gone") },
      1,
    ],
    [
      "401",
      json(401, { code: 50027, message: "Invalid Webhook Token" }),
      {
        kind: "dead",
        status: 401,
        message: expect.stringMatching(/^POST 127\.0\.0\.1:\d+: 401 \(50027\) Invalid Webhook Token$/),
      },
      1,
    ],
    ["404", json(404, { code: 10015, message: "Unknown Webhook" }), { kind: "dead", status: 404 }, 1],
    ["404 with nothing", { kind: "http", status: 404 }, { kind: "dead", status: 404 }, 1],
    ["a proxy's 404", cloudflarePage(404), { kind: "unavailable" }, 1],
    ["403", json(403, { code: 50013, message: "Missing Permissions" }), { kind: "blocked" }, 1],
    [
      "403 of Cloudflare's",
      cloudflarePage(403),
      { kind: "blocked", remedy: expect.stringContaining("another network address") },
      1,
    ],
    ["405", json(405, { code: 0, message: "405: Method Not Allowed" }), { kind: "blocked" }, 1],
    [
      "500",
      json(500, { message: "oops" }),
      { kind: "unavailable", message: expect.stringContaining("500 oops") },
      3,
    ],
    ["502 with a web page", cloudflarePage(502), { kind: "unavailable" }, 3],
    ["429 without a time", tooManyRequests(), { kind: "unavailable" }, 3],
    [
      "429 with a year",
      tooManyRequests("31536000"),
      { kind: "unavailable", message: expect.stringContaining("rate limited") },
      1,
    ],
    ["429 with garbage", tooManyRequests("soon"), { kind: "unavailable" }, 3],
    ["429 with a year in the body", json(429, { retry_after: 31536000.5 }), { kind: "unavailable" }, 1],
    ["429 with a negative time", json(429, { retry_after: -5 }), { kind: "unavailable" }, 3],
    [
      "a reset connection",
      { kind: "reset" },
      { kind: "unavailable", message: expect.stringContaining("ECONNRESET") },
      3,
    ],
    ["a closed connection", { kind: "close" }, { kind: "unavailable" }, 3],
    ["half a response", { kind: "truncated" }, { kind: "unavailable" }, 3],
    [
      "a redirect",
      { kind: "redirect", location: "http://127.0.0.1:9/", status: 307 },
      { kind: "unavailable", message: expect.stringContaining("redirect") },
      1,
    ],
    [
      "a body without end",
      { kind: "endless" },
      { kind: "unavailable", message: expect.stringContaining("larger than any real one") },
      1,
    ],
    ["a gzip bomb", { kind: "gzip-bomb", bytes: 100_000_000 }, { kind: "unavailable" }, 1],
    [
      "__proto__ and nonsense",
      json(400, JSON.parse('{"__proto__":{"x":["y"]},"code":"z","message":5,"errors":[[[]]]}')),
      { kind: "refused" },
      1,
    ],
  ])("%s", async (_, behaviour, expected, requests) => {
    discord.fault("webhook", behaviour);
    expect(await webhook({ attempts: 3 }).send(payload)).toMatchObject(expected);
    expect(discord.requests).toHaveLength(requests);
  });

  it.each<[string, Behaviour]>([
    ["no header", { kind: "no-header" }],
    ["a body that drips", { kind: "drip", everyMs: 10 }],
  ])("gives up on %s at its timeout", async (_, behaviour) => {
    discord.fault("webhook", behaviour);
    const outcome = await webhook({ timeoutMs: 200, attempts: 2 }).send(payload);
    expect(outcome).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("no whole response within 0.2 s"),
    });
    expect(discord.requests).toHaveLength(2);
  });

  it("gets through once what was in the way is gone", async () => {
    discord.fault("webhook", { kind: "reset" }, { times: 1 });
    discord.fault("webhook", cloudflarePage(503), { times: 1 });
    discord.fault("webhook", json(429, { retry_after: 0.01 }), { times: 1 });
    expect(await webhook().send(payload)).toMatchObject({ kind: "success" });
    expect(discord.messages).toHaveLength(1);
  });

  it("tells in one clean line what is malformed", async () => {
    const bad = {
      ...payload,
      embeds: [{ title: "x".repeat(300), color: 1, fields: [{ name: "", value: "" }] }],
    };
    expect(await webhook().send(bad)).toMatchObject({
      kind: "refused",
      status: 400,
      message:
        `POST ${new URL(discord.url).host}: 400 (50035) Invalid Form Body; embeds.0.title: Must be 256 or fewer in length.; ` +
        "embeds.0.fields.0.name: This field is required; embeds.0.fields.0.value: This field is required",
    });
    discord.fault("webhook", json(400, { message: `a\n<0>\x1b[2J${"b".repeat(1000)}` }));
    const outcome = await webhook().send(payload);
    expect(outcome).toMatchObject({ message: expect.stringMatching(/: 400 a <0> \[2Jb{200,300}…$/) });
  });

  it("waits out a rate limit before the next message, so that none is refused", async () => {
    discord.rateLimit = [{ count: 2, perMs: 400 }];
    const client = webhook();
    for (let i = 0; i < 5; i++) expect(await client.send(payload)).toMatchObject({ kind: "success" });
    expect(discord.requests.filter((request) => request.status === 429)).toEqual([]);
  });

  it("leaves a longer wait to the next sweep, without another call", async () => {
    discord.rateLimit = [{ count: 1, perMs: 60_000 }];
    const client = webhook({ maxWaitMs: 1000 });
    expect(await client.send(payload)).toMatchObject({ kind: "success" });
    expect(await client.send(payload)).toMatchObject({ kind: "unavailable" });
    expect(discord.requests).toHaveLength(1);
  });
});

describe("the end of a run", () => {
  it("starts nothing new", async () => {
    stopping.abort();
    expect(await webhook().send(payload)).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("stopped"),
    });
    expect(discord.requests).toEqual([]);
  });

  it("lets what is in flight finish", async () => {
    const { promise, resolve } = withResolvers();
    discord.fault("webhook", { kind: "hold", until: promise });
    const sending = webhook().send(payload);
    await discord.seen("webhook");
    stopping.abort();
    resolve();
    expect(await sending).toMatchObject({ kind: "success" });
  });

  it("ends a wait", async () => {
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset-after": "50" };
    discord.fault("webhook", { kind: "http", status: 204, headers });
    const client = webhook();
    await client.send(payload);
    const waiting = client.send(payload);
    stopping.abort();
    expect(await waiting).toMatchObject({ kind: "unavailable", message: expect.stringContaining("stopped") });
    expect(discord.requests).toHaveLength(1);
  });

  it("kills what is in flight when told so", async () => {
    discord.fault("webhook", { kind: "no-header" });
    const sending = webhook({ timeoutMs: 3_600_000 }).send(payload);
    await discord.seen("webhook");
    abort.abort();
    expect(await sending).toMatchObject({ kind: "unavailable", message: expect.stringContaining("stopped") });
    expect(discord.requests).toHaveLength(1);
  });
});

describe("inspect", () => {
  it("tells the webhook's name, posts nothing and keeps no token", async () => {
    const found = await webhook({ url: `${discord.url}?thread_id=77` }).inspect();
    expect(found).toEqual({ kind: "success", status: 200, name: "Captain Hook" });
    expect(discord.requests.map(({ method, query }) => [method, query.size])).toEqual([["GET", 0]]);
  });

  it.each<[string, Behaviour, object]>([
    ["404", json(404, { code: 10015, message: "Unknown Webhook" }), { kind: "dead", status: 404 }],
    ["401", json(401, { code: 50027 }), { kind: "dead", status: 401 }],
    ["400", json(400, { message: "no" }), { kind: "refused", message: expect.stringContaining("400 no") }],
    ["a web page", cloudflarePage(200), { kind: "unavailable" }],
    ["500", json(500, {}), { kind: "unavailable" }],
  ])("%s", async (_, behaviour, expected) => {
    discord.fault("webhook", behaviour);
    expect(await webhook().inspect()).toMatchObject(expected);
  });
});

describe("the URL", () => {
  it("with a token of a letter or two, as a fake's, spoils no response", async () => {
    discord.fault("webhook", { kind: "json", value: { id: 12 } });
    for (const path of ["/api/webhooks/7/id", "/api/webhooks/7/1"]) {
      const outcome = await webhook({ url: new URL(path, discord.url).href }).send(payload);
      expect(outcome).toMatchObject({ kind: "success" });
    }
  });

  it("is in no outcome, even when Discord repeats it", async () => {
    const token = new URL(discord.url).pathname.split("/").at(-1) ?? "";
    const faults: Behaviour[] = [
      json(400, { message: `no ${discord.url}`, errors: { [token]: { _errors: [{ message: token }] } } }),
      json(404, { message: discord.url }),
      json(500, { message: discord.url.replaceAll("/", "\\/") }),
      json(403, { message: token.padStart(260) }),
      { kind: "reset" },
      { kind: "redirect", location: discord.url },
      { kind: "truncated" },
      cloudflarePage(),
    ];
    for (const fault of faults) {
      discord.clearFaults();
      discord.fault("webhook", fault);
      const outcomes = [await webhook().send(payload), await webhook().inspect()];
      expect(inspect(outcomes, { depth: 9 })).not.toContain(token.slice(0, 12));
    }
    await discord.close();
    expect(inspect(await webhook().send(payload), { depth: 9 })).toMatch(
      /the connection was refused: .*\(ECONNREFUSED\)/,
    );
  });
});

function withResolvers() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
