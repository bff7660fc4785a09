import { describe, expect, it } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { tooManyRequests } from "../../examples/sandbox/behaviour.ts";
import { LOST_RESPONSES } from "./lost-responses.ts";
import { startClient } from "./start-client.ts";

describe("a deletion", () => {
  it("is one request for one id", async () => {
    const { client, account, sent } = await startClient();
    account.add({ id: 7 });
    account.add({ id: 77 });
    expect(await client.delete("7")).toEqual({ kind: "deleted" });
    expect(sent()).toEqual(["delete id=7"]);
    expect(account.deletions.map(({ magnet }) => magnet.id)).toEqual([7]);
  });

  it("of what is not there says so", async () => {
    const { client } = await startClient();
    expect(await client.delete("7")).toEqual({ kind: "gone" });
  });

  it.each<[string, Behaviour]>([
    ...LOST_RESPONSES,
    ["a page that asks to wait", { kind: "http", status: 503, headers: { "retry-after": "1" } }],
  ])("is in doubt after %s, and may be tried again", async (_, behaviour) => {
    const { client, sandbox, account, sent } = await startClient();
    account.add({ id: 7 });
    sandbox.fault("delete", behaviour, { times: 1, act: true });
    expect(await client.delete("7")).toMatchObject({ kind: "lost", retry: true });
    expect(sent()).toHaveLength(1);
    expect(await client.delete("7")).toEqual({ kind: "gone" });
  });

  it.each<[string, Behaviour]>([
    ["429", tooManyRequests()],
    ["429 that asks to wait", tooManyRequests("7")],
    ["429 with an error in JSON", { kind: "api-error", code: "TOO_FAST", status: 429 }],
  ])("is refused with %s, and may be tried again", async (_, behaviour) => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("delete", behaviour);
    expect(await client.delete("7")).toMatchObject({ kind: "refused", account: true, retry: true });
    expect(sent()).toHaveLength(1);
  });

  it("waits for as long as the last response asked", async () => {
    const { client, sandbox } = await startClient();
    sandbox.fault("delete", tooManyRequests("1"), { times: 1 });
    expect(await client.delete("7")).toMatchObject({ kind: "refused", retry: true });
    expect(await client.delete("7")).toEqual({ kind: "gone" });
    const [refused = 0, next = 0] = sandbox.requests.map(({ at }) => at);
    expect(next - refused).toBeGreaterThanOrEqual(999);
  });

  it("is left to the next sweep after a 429 that asks to wait long", async () => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("delete", tooManyRequests("31536000"), { times: 1 });
    for (const id of ["7", "8"]) {
      expect(await client.delete(id)).toMatchObject({ kind: "refused", account: true, retry: false });
    }
    expect(sent()).toEqual(["delete id=7"]);
  });

  it("that never reached the server is refused, not in doubt", async () => {
    const { client, sandbox } = await startClient();
    await sandbox.close();
    expect(await client.delete("7")).toMatchObject({
      kind: "refused",
      account: true,
      message: expect.stringContaining("refused"),
      retry: true,
    });
  });

  it("that takes too long is in doubt", async () => {
    const { client, sandbox } = await startClient({ timeoutMs: 60 });
    sandbox.fault("delete", { kind: "no-header" });
    expect(await client.delete("7")).toMatchObject({ kind: "lost", retry: true });
  });

  it.each<[string, Behaviour]>([
    ["AllDebrid reports an internal error", { kind: "api-error", code: "GENERIC" }],
    ["AllDebrid responds with a code that is new", { kind: "api-error", code: "MAGNET_SOMETHING" }],
    ["the server redirects", { kind: "redirect", location: "http://127.0.0.1:1/" }],
    ["an HTTP status says no without a word", { kind: "http", status: 403, body: "Forbidden" }],
  ])("is in doubt when %s, and another attempt is pointless", async (_, behaviour) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("delete", behaviour);
    expect(await client.delete("7")).toMatchObject({ kind: "lost", retry: false });
  });

  it.each([{ data: {} }, { data: { magnets: [] } }, { data: { message: "ok", demo: true } }])(
    "is confirmed by the word success, whatever stands beside it: %j",
    async (more) => {
      const { client, sandbox } = await startClient();
      sandbox.fault("delete", { kind: "json", value: { status: "success", ...more } });
      expect(await client.delete("7")).toEqual({ kind: "deleted" });
    },
  );

  it.each([
    "AUTH_BAD_APIKEY",
    "AUTH_BLOCKED",
    "NO_SERVER",
    "MAGNET_NO_SERVER",
    "MUST_BE_PREMIUM",
    "MAGNET_MUST_BE_PREMIUM",
    "404",
    "DISCONTINUED",
  ])("refused with %s is refused because of the account, before anything is done", async (code) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("delete", { kind: "api-error", code });
    expect(await client.delete("7")).toMatchObject({ kind: "refused", code, account: true });
  });

  it("is not sent once the sweep is to end", async () => {
    const { client, sandbox, stopping, sent } = await startClient();
    sandbox.fault("delete", {
      kind: "handler",
      handle: (_, response) => {
        stopping.abort();
        response.destroy();
      },
    });
    expect(await client.delete("7")).toMatchObject({ kind: "lost" });
    expect(await client.delete("8")).toMatchObject({ kind: "refused", account: true });
    expect(sent()).toEqual(["delete id=7"]);
  });
});
