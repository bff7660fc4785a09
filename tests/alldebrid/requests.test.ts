import { createServer } from "node:http";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  type Behaviour,
  cloudflarePage,
  emptyBody,
  tooManyRequests,
} from "../../examples/sandbox/behaviour.ts";
import { startHttpSandbox } from "../../examples/sandbox/http-sandbox.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createAccountClient } from "../../src/alldebrid/client.ts";
import { RateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import { AccountError } from "../../src/core/ports.ts";
import { KEY, startClient } from "./start-client.ts";

/** What a call failed with; a success fails the test. */
async function failureOf(call: Promise<unknown>): Promise<Error & { code?: string }> {
  return call.then(
    () => expect.unreachable("it should have failed"),
    (error: unknown) => error as Error,
  );
}

describe("a request", () => {
  it("carries the key in one header and nowhere else, and its fields as a form", async () => {
    const { client, sandbox, account } = await startClient();
    account.add({ id: 1, life: neverRecovers() });
    await client.list("error");
    await client.getMagnet("1");
    await client.restart(["1", "2"]);
    await client.delete("1");
    await client.user();
    expect(sandbox.violations).toEqual([]);
    expect(sandbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v4.1/magnet/status",
      "POST /v4.1/magnet/status",
      "POST /v4/magnet/restart",
      "POST /v4/magnet/delete",
      "GET /v4/user",
    ]);
    for (const { method, headers, query, body, form } of sandbox.requests) {
      expect(headers.authorization).toBe(`Bearer ${KEY}`);
      const { authorization: _, ...others } = headers;
      expect(JSON.stringify([others, [...query], body])).not.toContain(KEY);
      if (method === "GET") continue;
      expect(headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
      expect(form.size).toBeGreaterThan(0);
    }
  });

  it.each([301, 302, 303, 307, 308] as const)(
    "follows no redirect (%i), so that its key goes nowhere",
    async (status) => {
      const elsewhere = await startHttpSandbox({
        admit: () => null,
        identify: () => {},
        answer: () => ({ status: 200, body: "{}" }),
      });
      onTestFinished(() => elsewhere.close());
      const { client, sandbox, sent } = await startClient();
      sandbox.fault("*", { kind: "redirect", location: `${elsewhere.origin}/v4.1/magnet/status`, status });
      for (const failure of await Promise.all(
        [client.list("error"), client.getMagnet("1"), client.user()].map(failureOf),
      )) {
        expect(failure.message).toContain("redirect");
      }
      expect((await client.restart(["1"])).failure?.message).toContain("redirect");
      expect(elsewhere.requests).toEqual([]);
      expect(elsewhere.connections).toBe(0);
      expect(sent()).toHaveLength(4);
    },
  );
});

/** What passes by itself. */
const TRANSIENT: [string, Behaviour][] = [
  ["a connection that closes", { kind: "close" }],
  ["a connection that is reset", { kind: "reset" }],
  ["a response cut in half", { kind: "truncated" }],
  ["chunks without an end", { kind: "truncated", chunked: true }],
  ["a page with 502", cloudflarePage(502)],
  ["a page with 503", cloudflarePage(503)],
  ["a page with 200", cloudflarePage(200)],
  ["500 without a word", { kind: "http", status: 500 }],
  ["an empty body", emptyBody()],
  ["null", { kind: "json", value: null }],
  ["a list", { kind: "json", value: [] }],
  ["no status", { kind: "json", value: { data: { magnets: [] } } }],
  ["another status", { kind: "json", value: { status: "fine", data: { magnets: [] } } }],
  ["an error without a code", { kind: "json", value: { status: "error", error: {} } }],
  ["MAINTENANCE", { kind: "api-error", code: "MAINTENANCE" }],
  ["429", tooManyRequests()],
  ["429 with an error in JSON", { kind: "api-error", code: "RATE_LIMITED", status: 429 }],
];

describe("at DEBUG", () => {
  it.each<[string, Behaviour, string]>([
    [
      "a list",
      { kind: "json", value: [{ secret: "SECRET" }] },
      "/v4.1/magnet/status: 200 with [{secret: string}]",
    ],
    ["another status", { kind: "json", value: { status: "SECRET" } }, "200 with {status: string}"],
    ["a page", { kind: "http", status: 200, body: "<html>SECRET" }, "200 with a web page of 12 characters"],
    ["nothing", { kind: "http", status: 500 }, "500 with an empty body"],
    [
      "magnets of another kind",
      { kind: "json", value: { status: "success", data: { magnets: [{ SECRET1: 1, id: {} }] } } },
      "magnet/status: {magnets: [{<key>: number, id: {}}]}",
    ],
  ])("the shape of %s is shown, and none of its words", async (_, behaviour, shape) => {
    const { client, sandbox, debug } = await startClient();
    sandbox.fault("status", behaviour, { times: 1 });
    await client.list("error").catch(() => {});
    expect(debug[0]).toContain(shape);
    expect(debug.join()).not.toContain("SECRET");
  });
});

describe("a request is sent again", () => {
  it.each(TRANSIENT)("after %s", async (_, behaviour) => {
    const { client, sandbox, account, sent, debug } = await startClient();
    account.add({ id: 1, life: neverRecovers() });
    sandbox.fault("status", behaviour, { times: 3 });
    expect(await client.list("error")).toHaveLength(1);
    expect(sent()).toHaveLength(4);
    expect(debug.filter((line) => line.includes("; now attempt"))).toHaveLength(3);
    sandbox.clearFaults();
    sandbox.fault("restart", behaviour, { times: 1 });
    // Carried out the first time, it is running at the second.
    const outcome = (await client.restart(["1"])).outcomes.get("1");
    expect(outcome?.kind === "refused" ? outcome.code : outcome?.kind).toMatch(/accepted|MAGNET_PROCESSING/);
  });

  it.each(TRANSIENT)("but not for ever: %s", async (_, behaviour) => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("status", behaviour);
    const error = await failureOf(client.list("error"));
    expect(error).toBeInstanceOf(AccountError);
    expect(error.message).not.toMatch(/\n|DOCTYPE|Error code/);
    expect(sent()).toHaveLength(4);
  });

  it.each<[string, Behaviour, string]>([
    ["an error of AllDebrid's", { kind: "api-error", code: "GENERIC" }, "GENERIC"],
    ["the same with HTTP 500", { kind: "api-error", code: "GENERIC", status: 500 }, "GENERIC"],
    ["a wrong key with 401", { kind: "api-error", code: "AUTH_BAD_APIKEY", status: 401 }, "AUTH_BAD_APIKEY"],
    [
      "a banned user with 429",
      { kind: "api-error", code: "AUTH_USER_BANNED", status: 429 },
      "AUTH_USER_BANNED",
    ],
    ["a code that is a number", { kind: "json", value: { status: "error", error: { code: 77 } } }, "77"],
    ["a new code", { kind: "api-error", code: "BRAND_NEW" }, "BRAND_NEW"],
    ["401 without a word", { kind: "http", status: 401 }, "401"],
    ["404 with a page", cloudflarePage(404), "404"],
  ])("never after %s", async (_, behaviour, expected) => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("status", behaviour);
    expect((await failureOf(client.list("error"))).message).toContain(expected);
    expect(sent()).toHaveLength(1);
  });

  it("never once the sweep is to end", async () => {
    const { client, sandbox, stopping, sent } = await startClient();
    sandbox.fault("status", {
      kind: "handler",
      handle: (_, response) => {
        stopping.abort();
        response.destroy();
      },
    });
    await failureOf(client.list("error"));
    expect((await failureOf(client.list("error"))).message).toContain("stopped");
    expect(sent()).toHaveLength(1);
  });

  it("never once the sweep is to end during the wait", async () => {
    const stopping = new AbortController();
    const { client, sandbox, sent } = await startClient({
      stopping: stopping.signal,
      retryDelay: () => {
        stopping.abort();
        return 1;
      },
    });
    sandbox.fault("status", { kind: "close" });
    expect((await failureOf(client.list("error"))).message).toBe("stopped before it was done");
    expect(sent()).toHaveLength(1);
  });

  it("through the limiter, each time", async () => {
    let granted = 0;
    class Counting extends RateLimiter {
      override acquire(account: string, signal: AbortSignal) {
        granted++;
        return super.acquire(account, signal);
      }
    }
    const { client, sandbox } = await startClient({ limiter: new Counting([{ requests: 99, windowMs: 1 }]) });
    sandbox.fault("status", { kind: "close" }, { times: 2 });
    await client.list("error");
    expect(granted).toBe(3);
  });
});

it("many at once draw no warning of Node's", async () => {
  const warned: string[] = [];
  const note = (warning: Error) => void warned.push(warning.name);
  process.on("warning", note);
  onTestFinished(() => void process.off("warning", note));
  const { client } = await startClient();
  await Promise.all(Array.from({ length: 40 }, () => client.list("error")));
  await new Promise(setImmediate);
  expect(warned).toEqual([]);
});

describe("too many requests", () => {
  it("pause the account that met them, and no other", async () => {
    let paused = () => {};
    const isPaused = new Promise<void>((resolve) => {
      paused = resolve;
    });
    class Watched extends RateLimiter {
      override pause(account: string, ms: number) {
        super.pause(account, ms);
        paused();
      }
    }
    const limiter = new Watched([{ requests: 99, windowMs: 1 }]);
    const { client, sandbox } = await startClient({
      limiter,
      retryDelay: () => 150,
      sandbox: {
        accounts: [
          { key: KEY, username: "main" },
          { key: "Other01", username: "other" },
        ],
      },
    });
    const other = createAccountClient(
      { name: "other", fingerprint: "fp-other", key: "Other01" },
      {
        apiUrl: sandbox.url,
        limiter,
        stopping: new AbortController().signal,
        abort: new AbortController().signal,
        warn: () => {},
      },
    );
    sandbox.fault("status", tooManyRequests(), { times: 1 });
    const first = client.list("error");
    await isPaused;
    await Promise.all([first, client.list("error"), other.list("error")]);
    const at = (account: string) =>
      sandbox.requests.filter((each) => each.account === account).map((each) => each.at);
    const [refused = 0, ...later] = at("main");
    expect(Math.min(...later) - refused).toBeGreaterThanOrEqual(149);
    expect((at("other")[0] ?? 0) - refused).toBeLessThan(140);
  });

  it.each([
    [429, "1", ["pause fp-main 1000"]],
    [429, undefined, ["pause fp-main 1"]],
    [503, undefined, ["pause fp-main 1"]],
    [502, undefined, []],
  ] as const)("are what %i with Retry-After %s means: %j", async (status, retryAfter, expected) => {
    const seen: string[] = [];
    class Watched extends RateLimiter {
      override pause(account: string, ms: number) {
        seen.push(`pause ${account} ${ms}`);
        super.pause(account, ms);
      }
    }
    const { client, sandbox } = await startClient({ limiter: new Watched([{ requests: 99, windowMs: 1 }]) });
    const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
    sandbox.fault("status", { kind: "http", status, headers }, { times: 1 });
    await client.list("error");
    expect(seen).toEqual(expected);
  });

  it.each([429, 503])("that ask for a minute (%i) end the account's turn at once", async (status) => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("status", { kind: "http", status, headers: { "retry-after": "60" } }, { times: 1 });
    expect((await failureOf(client.list("error"))).message).toContain(String(status));
    expect((await failureOf(client.getMagnet("1"))).message).toContain("it asks to wait for 60 s");
    expect((await client.restart(["1"])).failure).toBeInstanceOf(AccountError);
    expect(sent()).toHaveLength(1);
  });
});

describe("an endpoint whose version is withdrawn", () => {
  const isV4 = ({ path }: { path: string }) => path.startsWith("/v4/");
  const isV41 = ({ path }: { path: string }) => path.startsWith("/v4.1/");

  it.each<[string, Behaviour]>([
    ["DISCONTINUED", { kind: "api-error", code: "DISCONTINUED" }],
    ["404", { kind: "api-error", code: "404", status: 404 }],
  ])("(%s) is called under the other, and from then on there alone", async (_, behaviour) => {
    const { client, sandbox, account } = await startClient();
    account.add({ id: 1, life: neverRecovers() });
    sandbox.fault(isV4, behaviour);
    for (let times = 0; times < 2; times++) await client.user();
    await client.restart(["1"]);
    await client.delete("1");
    expect(sandbox.requests.map(({ path }) => path)).toEqual([
      "/v4/user",
      "/v4.1/user",
      "/v4.1/user",
      "/v4/magnet/restart",
      "/v4.1/magnet/restart",
      "/v4/magnet/delete",
      "/v4.1/magnet/delete",
    ]);
    expect(account.deletions).toHaveLength(1);
  });

  it("is not called again where the other refuses, too: that one is there", async () => {
    const { client, sandbox } = await startClient();
    sandbox.fault(isV4, { kind: "api-error", code: "DISCONTINUED" });
    for (let times = 0; times < 2; times++) expect(await client.delete("1")).toEqual({ kind: "gone" });
    expect(sandbox.requests.map(({ path }) => path)).toEqual([
      "/v4/magnet/delete",
      "/v4.1/magnet/delete",
      "/v4.1/magnet/delete",
    ]);
  });

  it("goes the other way, too", async () => {
    const { client, sandbox } = await startClient();
    sandbox.fault(isV41, { kind: "api-error", code: "DISCONTINUED" });
    sandbox.fault(isV4, { kind: "json", value: { status: "success", data: { magnets: [] } } });
    await client.list("error");
    expect(sandbox.requests.map(({ path }) => path)).toEqual(["/v4.1/magnet/status", "/v4/magnet/status"]);
  });

  it("under both is an error, once for each", async () => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("*", { kind: "api-error", code: "DISCONTINUED" });
    expect((await failureOf(client.list("error"))).code).toBe("DISCONTINUED");
    expect(sent()).toHaveLength(2);
  });

  it("soon is told by each response", async () => {
    const deprecated: string[] = [];
    const { client, sandbox } = await startClient({ onDeprecated: (endpoint) => deprecated.push(endpoint) });
    sandbox.fault("user", {
      kind: "rewrite",
      edit: (answer) => ({ ...(answer as object), deprecated: true }),
    });
    await client.user();
    await client.list("error");
    expect(new Set(deprecated)).toEqual(new Set(["/v4/user"]));
  });
});

describe("a server that is no good", () => {
  it.each<[string, Behaviour]>([
    ["never answers", { kind: "no-header" }],
    ["drips for ever", { kind: "drip", everyMs: 5 }],
  ])("and %s gets two timeouts", async (_, behaviour) => {
    const { client, sandbox, sent } = await startClient({ timeoutMs: 300 });
    sandbox.fault("status", behaviour);
    const { message } = await failureOf(client.list("error"));
    expect(message).toMatch(/no whole response within 0\.3 s|requests get no response/);
    expect(sent()).toHaveLength(2);
  });

  it.each<[string, Behaviour]>([
    ["sends for ever", { kind: "endless" }],
    ["unpacks to gigabytes", { kind: "gzip-bomb" }],
  ])("and %s is left early", async (_, behaviour) => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("status", behaviour);
    const before = process.memoryUsage().rss;
    expect((await failureOf(client.list("error"))).message).toContain("larger");
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    expect(sent()).toHaveLength(1);
  });

  it("is cut off when all is to end", async () => {
    const { client, sandbox, abort, sent } = await startClient();
    sandbox.fault("status", { kind: "no-header" });
    const call = failureOf(client.list("error"));
    await sandbox.seen("status");
    abort.abort();
    expect((await call).message).toContain("stopped");
    expect((await failureOf(client.list("error"))).message).toContain("stopped");
    expect(sent()).toHaveLength(1);
  });

  it("or not there at all is said so", async () => {
    const { client, sandbox } = await startClient();
    await sandbox.close();
    expect((await failureOf(client.list("error"))).message).toMatch(
      /^127\.0\.0\.1:\d+: the connection was refused: .* \(ECONNREFUSED\)$/,
    );
  });

  it("that speaks no HTTP is left", async () => {
    const server = createServer().on("connection", (socket) => socket.end("220 smtp ready\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { client } = await startClient({ apiUrl: `http://127.0.0.1:${port}` });
    expect((await failureOf(client.list("error"))).message).toMatch(/broke off/);
  });
});

it("no failure holds the key, however it is printed", async () => {
  const { client, sandbox, debug } = await startClient({ timeoutMs: 60 });
  const faults: Behaviour[] = [
    ...TRANSIENT.map(([, behaviour]) => behaviour),
    { kind: "no-header" },
    { kind: "redirect", location: `http://127.0.0.1:1/?k=${KEY}` },
    { kind: "api-error", code: "NEW", message: "plain words" },
  ];
  for (const fault of faults) {
    sandbox.clearFaults();
    sandbox.fault("*", fault);
    const error = await failureOf(client.list("error"));
    const restart = await client.restart(["1"]);
    const outcome = await client.delete("1");
    const printed = inspect([error, error.cause, error.stack, restart, outcome, debug], {
      depth: 12,
      showHidden: true,
    });
    expect(printed).not.toContain(KEY);
  }
});
