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
import { RateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import { AccountError, StoppedError } from "../../src/core/ports.ts";
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
      expect(await client.restart(["1"])).toMatchObject({ failure: expect.stringContaining("redirect") });
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

describe("a request is sent again", () => {
  it.each(TRANSIENT)("after %s", async (_, behaviour) => {
    const { client, sandbox, account, sent, debug } = await startClient();
    account.add({ id: 1, life: neverRecovers() });
    sandbox.fault("status", behaviour, { times: 3 });
    expect((await client.list("error")).magnets).toHaveLength(1);
    expect(sent()).toHaveLength(4);
    expect(debug).toHaveLength(3);
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
    ["a code that is a number", { kind: "json", value: { status: "error", error: { code: 404 } } }, "404"],
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
    expect(await failureOf(client.list("error"))).toBeInstanceOf(StoppedError);
    expect(sent()).toHaveLength(1);
  });

  it("through the limiter, each time", async () => {
    let granted = 0;
    class Counting extends RateLimiter {
      override acquire(signal?: AbortSignal) {
        granted++;
        return super.acquire(signal);
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
  it("pauses every account", async () => {
    let pauses = 0;
    class Watched extends RateLimiter {
      override pause(ms: number) {
        pauses++;
        super.pause(ms);
      }
    }
    const limiter = new Watched([{ requests: 99, windowMs: 1 }]);
    const scenes = [
      await startClient({ limiter, retryDelay: () => 150 }),
      await startClient({ limiter }),
    ] as const;
    scenes[0].sandbox.fault("status", tooManyRequests(), { times: 1 });
    const first = scenes[0].client.list("error");
    while (pauses === 0) await new Promise(setImmediate);
    await Promise.all([first, scenes[1].client.list("error")]);
    const [refused] = scenes[0].sandbox.requests;
    const [other] = scenes[1].sandbox.requests;
    expect((other?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(149);
  });

  it("slows down until the server bears it", async () => {
    const limiter = new RateLimiter([{ requests: 12, windowMs: 100 }]);
    const { client, sandbox } = await startClient({
      limiter,
      retryDelay: (retry) => 10 * 2 ** retry,
      sandbox: { rateLimit: { perSecond: 40 } },
    });
    await Promise.all(Array.from({ length: 60 }, () => client.list("error")));
    expect(sandbox.requests.filter((request) => request.status === 200)).toHaveLength(60);
  });

  it.each([
    [429, ["pause 1", "slow"]],
    [503, ["slow"]],
    [502, []],
  ] as const)("can be what %i means: %j", async (status, expected) => {
    const seen: string[] = [];
    class Watched extends RateLimiter {
      override pause(ms: number) {
        seen.push(`pause ${ms}`);
        super.pause(ms);
      }
      override slowDown() {
        seen.push("slow");
        super.slowDown();
      }
    }
    const { client, sandbox } = await startClient({ limiter: new Watched([{ requests: 99, windowMs: 1 }]) });
    sandbox.fault("status", { kind: "http", status }, { times: 1 });
    await client.list("error");
    expect(seen).toEqual(expected);
  });
});

describe("a server that is no good", () => {
  it.each<[string, Behaviour]>([
    ["never answers", { kind: "no-header" }],
    ["drips for ever", { kind: "drip", everyMs: 5 }],
  ])("and %s gets two timeouts", async (_, behaviour) => {
    const { client, sandbox, sent } = await startClient({ timeoutMs: 300 });
    sandbox.fault("status", behaviour);
    expect((await failureOf(client.list("error"))).message).toContain("no whole response within 0.3 s");
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
      /^127\.0\.0\.1:\d+: the connection was refused \(ECONNREFUSED\)$/,
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
