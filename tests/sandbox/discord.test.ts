import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import type { DiscordMode } from "../../examples/sandbox/discord-mode.ts";
import type { Loose } from "./ask-alldebrid.ts";

let discord: DiscordSandbox;

beforeEach(async () => {
  discord = await startDiscord();
});
afterEach(() => discord.close());

function post(message: unknown, query = "?wait=true", url = discord.url): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url + query, { method: "POST", headers, body: JSON.stringify(message) });
}

describe("a post", () => {
  it("answers with the saved message when asked to wait", async () => {
    const response = await post({ embeds: [{ title: "gone" }] });
    const saved = (await response.json()) as Loose;
    expect([response.status, saved.embeds]).toEqual([200, [{ title: "gone" }]]);
    expect(discord.messages).toMatchObject([{ id: saved.id, embeds: [{ title: "gone" }] }]);
  });

  it("answers 204 when not, even if it was not saved", async () => {
    expect((await post({ content: "c" }, "")).status).toBe(204);
    expect((await post({}, "")).status).toBe(204);
    expect(discord.messages).toHaveLength(1);
  });

  it.each([
    ["breaks a limit", { content: "x".repeat(2001) }, 50035],
    ["is empty", {}, 50006],
    ["holds half a surrogate pair", { content: "\ud83d" }, 50109],
  ])("is refused when it %s", async (_, message, code) => {
    const response = await post(message);
    expect([response.status, ((await response.json()) as Loose).code]).toEqual([400, code]);
    expect(discord.messages).toEqual([]);
  });

  it("is refused when it is not JSON", async () => {
    const response = await fetch(`${discord.url}?wait=true`, {
      method: "POST",
      body: new URLSearchParams({ content: "c" }),
    });
    expect(response.status).toBe(400);
  });

  it("merges embeds with the same url", async () => {
    const url = "https://a.invalid/";
    await post({ embeds: [{ title: "1", url }, { title: "2", url }, { title: "3" }] });
    expect(discord.embeds.map((embed) => embed.title)).toEqual(["1", "3"]);
  });

  it("calls people unless it forbids mentions", async () => {
    await post({ content: "@everyone" });
    await post({ content: "@everyone", allowed_mentions: { parse: [] } });
    expect(discord.messages.map((message) => message.pings)).toEqual([true, false]);
  });

  it("is refused for one embed that is not wanted", async () => {
    discord.refuses = (embed) => embed.title === "bad";
    const response = await post({ embeds: [{ title: "good" }, { title: "bad" }] });
    expect(await response.json()).toMatchObject({
      code: 50035,
      errors: { embeds: { 1: { _errors: [{}] } } },
    });
  });
});

describe("rate limits", () => {
  it("count down, then answer 429", async () => {
    const remaining = [];
    for (let n = 0; n < 5; n += 1)
      remaining.push((await post({ content: "c" })).headers.get("x-ratelimit-remaining"));
    expect(remaining).toEqual(["4", "3", "2", "1", "0"]);
    const response = await post({ content: "c" });
    const body = (await response.json()) as Loose;
    expect([response.status, body.global]).toEqual([429, false]);
    expect(body.retry_after).toBeLessThanOrEqual(2);
    expect(response.headers.get("retry-after")).toBe(String(Math.ceil(body.retry_after)));
    expect(discord.messages).toHaveLength(5);
  });

  it("hold for each webhook by itself, and can be set or switched off", async () => {
    discord.rateLimit = [{ count: 1, perMs: 60_000 }];
    expect((await post({ content: "c" })).status).toBe(200);
    expect((await post({ content: "c" })).status).toBe(429);
    expect((await post({ content: "c" }, "", discord.addWebhook())).status).toBe(204);
    discord.rateLimit = false;
    expect((await post({ content: "c" })).status).toBe(200);
  });
});

describe("a webhook", () => {
  it("shows itself without posting", async () => {
    const shown = await (await fetch(discord.url)).json();
    expect(shown).toMatchObject({ type: 1, name: "Captain Hook", channel_id: expect.any(String) });
    expect(discord.messages).toEqual([]);
  });

  it("is unknown after its deletion, while another works", async () => {
    discord.deleteWebhook(discord.url);
    const response = await post({ content: "c" });
    expect([response.status, await response.json()]).toMatchObject([404, { code: 10015 }]);
    expect((await post({ content: "c" }, "", discord.addWebhook())).status).toBe(204);
  });

  it("takes no other token", async () => {
    const response = await post({ content: "c" }, "", `${discord.url}x`);
    expect([response.status, await response.json()]).toMatchObject([401, { code: 50027 }]);
  });
});

describe("modes", () => {
  it.each<[DiscordMode, number]>([
    ["unauthorized", 401],
    ["unknown-webhook", 404],
    ["rate-limited", 429],
    ["server-error", 500],
    ["bad-gateway", 502],
  ])("%s answers %i", async (mode, status) => {
    discord.mode = mode;
    expect((await post({ content: "c" })).status).toBe(status);
    discord.mode = "ok";
    expect((await post({ content: "c" })).status).toBe(200);
    expect(discord.messages).toHaveLength(1);
  });

  it.each<[DiscordMode, number]>([
    ["reset", 0],
    ["lost-answer", 1],
  ])("%s cuts the connection, with %i messages saved", async (mode, saved) => {
    discord.mode = mode;
    await expect(post({ content: "c" })).rejects.toThrow("fetch failed");
    expect(discord.messages).toHaveLength(saved);
  });

  it("hang says nothing", async () => {
    discord.mode = "hang";
    const pending = post({ content: "c" });
    await discord.seen("webhook");
    await Promise.all([discord.close(), expect(pending).rejects.toThrow("fetch failed")]);
  });
});
