import { describe, expect, it } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { cloudflarePage, emptyBody, tooManyRequests } from "../../examples/sandbox/behaviour.ts";
import { startClient } from "./start-client.ts";

const INVALID: Behaviour = { kind: "api-error", code: "MAGNET_INVALID_ID" };

describe("a deletion", () => {
  it("is one request for one id", async () => {
    const { client, account, sent } = await startClient();
    account.add({ id: 7 });
    account.add({ id: 77 });
    expect(await client.delete("7")).toEqual({ kind: "deleted" });
    expect(sent()).toEqual(["delete id=7"]);
    expect(account.deletions.map(({ magnet }) => magnet.id)).toEqual([7]);
  });

  it("of what is gone at the first attempt is another hand's", async () => {
    const { client } = await startClient();
    expect(await client.delete("7")).toEqual({ kind: "gone" });
  });

  it.each<[string, Behaviour]>([
    ["a connection that closes", { kind: "lost-answer" }],
    ["a page of a proxy", cloudflarePage(502)],
    ["an empty body", emptyBody()],
    ["an answer cut in half", { kind: "truncated" }],
    ["an answer cut in half, in chunks", { kind: "truncated", chunked: true }],
    ["no JSON with 200", cloudflarePage(200)],
    ["null", { kind: "json", value: null }],
  ])("whose answer is lost (%s) is done when the magnet is gone then", async (_, behaviour) => {
    const { client, sandbox, account, sent } = await startClient();
    account.add({ id: 7 });
    sandbox.fault("delete", behaviour, { times: 1, act: true });
    expect(await client.delete("7")).toEqual({ kind: "deleted" });
    expect(sent()).toHaveLength(2);
  });

  it.each<[string, Behaviour]>([
    ["429", tooManyRequests()],
    ["429 with an error in JSON", { kind: "api-error", code: "TOO_FAST", status: 429 }],
    ["MAINTENANCE", { kind: "api-error", code: "MAINTENANCE" }],
  ])("refused at first (%s), and gone then, is another hand's", async (_, behaviour) => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("delete", behaviour, { times: 1 });
    sandbox.fault("delete", INVALID);
    expect(await client.delete("7")).toEqual({ kind: "gone" });
    expect(sent()).toHaveLength(2);
  });

  it("that never reached the server is refused, not in doubt", async () => {
    const { client, sandbox } = await startClient();
    await sandbox.close();
    expect(await client.delete("7")).toMatchObject({
      kind: "refused",
      account: true,
      message: expect.stringContaining("refused"),
    });
  });

  it.each<[string, Behaviour]>([
    ["all answers are lost", { kind: "close" }],
    ["all answers are a proxy's", cloudflarePage(502)],
    ["it is not confirmed", { kind: "json", value: { status: "success", data: {} } }],
    [
      "it is confirmed in no known way",
      { kind: "json", value: { status: "success", data: { magnets: [] } } },
    ],
    ["the server redirects", { kind: "redirect", location: "http://127.0.0.1:1/" }],
    ["an HTTP status says no without a word", { kind: "http", status: 403, body: "Forbidden" }],
  ])("is in doubt when %s", async (_, behaviour) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("delete", behaviour);
    expect(await client.delete("7")).toMatchObject({ kind: "unknown" });
  });

  it("is in doubt when an answer is lost and an error of another kind follows", async () => {
    const { client, sandbox } = await startClient();
    sandbox.fault("delete", { kind: "close" }, { times: 1 });
    sandbox.fault("delete", { kind: "api-error", code: "GENERIC" });
    expect(await client.delete("7")).toMatchObject({ kind: "unknown" });
  });

  it.each<[string, boolean]>([
    ["GENERIC", false],
    ["MAGNET_SOMETHING", false],
    ["AUTH_BAD_APIKEY", true],
    ["AUTH_BLOCKED", true],
    ["NO_SERVER", true],
    ["MUST_BE_PREMIUM", true],
    ["MAINTENANCE", true],
    ["404", true],
  ])("refused with %s: for the account's sake? %s", async (code, account) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("delete", { kind: "api-error", code });
    expect(await client.delete("7")).toMatchObject({ kind: "refused", code, account });
  });

  it("begins no more once the sweep is to end, and does not ask again", async () => {
    const { client, sandbox, stopping, sent } = await startClient();
    sandbox.fault("delete", {
      kind: "handler",
      handle: (_, response) => {
        stopping.abort();
        response.destroy();
      },
    });
    expect(await client.delete("7")).toMatchObject({ kind: "unknown" });
    expect(await client.delete("8")).toMatchObject({ kind: "refused", account: true });
    expect(sent()).toEqual(["delete id=7"]);
  });
});
