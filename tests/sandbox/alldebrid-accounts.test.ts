import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { AccountTrouble } from "../../examples/sandbox/sandbox-account.ts";
import { ask, askUser, DELETE, RESTART, STATUS } from "./ask-alldebrid.ts";

let sandbox: AllDebridSandbox;

beforeEach(async () => {
  const magnets = [{ id: 1, life: neverRecovers() }];
  sandbox = await startAllDebrid({
    accounts: [{ key: "k-main", otherKeys: ["k-other"], username: "main", magnets }],
  });
});
afterEach(() => sandbox.close());

it.each<[AccountTrouble, string]>([
  ["bad-key", "AUTH_BAD_APIKEY"],
  ["blocked", "AUTH_BLOCKED"],
  ["banned", "AUTH_USER_BANNED"],
  ["no-server", "NO_SERVER"],
  ["maintenance", "MAINTENANCE"],
])("refuses everything when an account is %s", async (trouble, code) => {
  sandbox.account().trouble = trouble;
  for (const path of [STATUS, RESTART, DELETE])
    expect((await ask(sandbox, path, { id: "1" })).error.code).toBe(code);
  expect((await askUser(sandbox)).error.code).toBe(code);
  sandbox.account().trouble = null;
  expect((await ask(sandbox, STATUS)).status).toBe("success");
});

it.each<[AccountTrouble, string]>([
  ["no-magnet-server", "MAGNET_NO_SERVER"],
  ["not-premium", "MAGNET_MUST_BE_PREMIUM"],
])("lists but does not restart when an account is %s", async (trouble, code) => {
  sandbox.account().trouble = trouble;
  expect((await ask(sandbox, STATUS)).data.magnets).toHaveLength(1);
  expect((await ask(sandbox, RESTART, { id: "1" })).error.code).toBe(code);
});

it("puts a token and HTML into AUTH_BLOCKED", async () => {
  sandbox.account().trouble = "blocked";
  const { error } = await ask(sandbox, STATUS);
  expect(error.token).toEqual(expect.any(String));
  expect(error.message).toContain("<a href=");
});

it("opens one account with several keys, and none with an unknown one", async () => {
  expect((await askUser(sandbox, "k-other")).data.user.username).toBe("main");
  expect((await askUser(sandbox, "nobody")).error.code).toBe("AUTH_BAD_APIKEY");
});

it("tells when premium ends, as a number or as text", async () => {
  const premiumUntil = Math.floor(sandbox.account().premiumUntil.getTime() / 1000);
  expect((await askUser(sandbox)).data.user).toMatchObject({ isPremium: true, premiumUntil });
  sandbox.premiumUntilAsText = true;
  expect((await askUser(sandbox)).data.user.premiumUntil).toBe(String(premiumUntil));
  sandbox.account().premiumUntil = new Date(0);
  expect((await askUser(sandbox)).data.user).toMatchObject({ isPremium: false, premiumUntil: "0" });
});

it("marks the answers to a demo key", async () => {
  expect(await askUser(sandbox, "staticDemoApikeyPrem")).toMatchObject({ demo: true, status: "success" });
  expect(await askUser(sandbox)).not.toHaveProperty("demo");
});

it("gives authentication errors with 401 when told to", async () => {
  sandbox.authErrorStatus = 401;
  expect((await fetch(`${sandbox.url}/v4/user`)).status).toBe(401);
});

describe("what no client may do", () => {
  const headers = { authorization: "Bearer k-main" };

  it("refuses a key in the address", async () => {
    const response = await fetch(`${sandbox.url}/v4/user?apikey=k-main`);
    expect(await response.json()).toMatchObject({ error: { code: "AUTH_MISSING_APIKEY" } });
    expect(sandbox.violations).toEqual(["user: the key is in the address"]);
  });

  it("does not read JSON", async () => {
    const body = JSON.stringify({ id: 1 });
    const json = { ...headers, "content-type": "application/json" };
    const response = await fetch(sandbox.url + DELETE, { method: "POST", headers: json, body });
    expect(await response.json()).toMatchObject({ error: { code: "MAGNET_INVALID_ID" } });
    expect(sandbox.violations).toEqual(["delete: a body that is not form-encoded"]);
  });

  it.each([
    ["GET", DELETE],
    ["POST", "/v4/magnet/explode"],
  ])("answers %s %s with the code 404", async (method, path) => {
    const response = await fetch(sandbox.url + path, { method, headers });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ status: "error", error: { code: "404" } });
  });
});
