import { test as base, describe, expect } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import type { ExitCode } from "../../src/errors.ts";
import { createHealthcheck, inspectMonitor } from "../../src/healthcheck/healthcheck.ts";
import { MONITOR_TOKEN, type Monitor, startMonitor } from "../support/monitor.ts";

const test = base.extend<{ monitor: Monitor }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's pattern
  monitor: async ({}, use) => {
    const monitor = await startMonitor();
    await use(monitor);
    await monitor.close();
  },
});

async function run(url: string, exitCode: ExitCode, timeoutMs = 5_000): Promise<string[]> {
  const warnings: string[] = [];
  const healthcheck = createHealthcheck(url, (message) => warnings.push(message), timeoutMs);
  healthcheck.start();
  await healthcheck.finish(exitCode);
  for (const warning of warnings) expect(warning).not.toContain(MONITOR_TOKEN);
  return warnings;
}

describe("Healthchecks", () => {
  test.for<[ExitCode, string[]]>([
    [0, ["GET /start", "GET /"]],
    [1, ["GET /start", "GET /fail"]],
    [3, ["GET /start", "GET /fail"]],
  ])("exit code %i", async ([exitCode, pings], { monitor }) => {
    expect(await run(monitor.healthchecks, exitCode)).toEqual([]);
    expect(monitor.pings()).toEqual(pings);
  });

  test.for<ExitCode>([75, 130, 143])("says nothing of exit code %i", async (exitCode, { monitor }) => {
    const warnings: string[] = [];
    await createHealthcheck(monitor.healthchecks, (line) => warnings.push(line)).finish(exitCode);
    expect(monitor.pings()).toEqual([]);
    expect(warnings).toEqual([]);
  });
});

describe("Uptime Kuma", () => {
  test.for<[ExitCode, string]>([
    [0, "GET ?ping=&status=up&msg=OK"],
    [3, "GET ?ping=&status=down&msg=magnets+exited+with+3%3A+see+its+log"],
  ])("exit code %i", async ([exitCode, expected], { monitor }) => {
    expect(await run(monitor.uptimeKuma, exitCode)).toEqual([]);
    expect(monitor.pings()).toEqual([expected.replace("GET ", "GET /")]);
  });
});

describe("a monitor in trouble is a warning and no more", () => {
  test("it says no", async ({ monitor }) => {
    monitor.fault("*", { kind: "http", status: 404 });
    expect(await run(monitor.healthchecks, 0)).toEqual([
      "healthcheck (start): it responded with status 404",
      "healthcheck (success): it responded with status 404",
    ]);
    expect(monitor.requests).toHaveLength(2);
  });

  test.for<[string, object, RegExp]>([
    ["OK (not found)", {}, /does not know this check: copy its URL/],
    ["OK (rate limited)", {}, /ignored this ping, since they come too often/],
    ["OK (paused)", {}, /did not count this ping: paused$/],
    ["not found", {}, /does not know this check/],
    [
      '{"ok":false,"msg":"Monitor not found or not active."}',
      {},
      /did not count this ping: Monitor not found/,
    ],
    ["<!doctype html><title>Sign in</title>", {}, /a web page.* sign-in page in between/],
    ["Sign in", { "content-type": "text/html; charset=utf-8" }, /a web page.* sign-in page in between/],
  ])("200 with %j is not a ping", async ([body, headers, problem], { monitor }) => {
    monitor.fault("*", { kind: "http", status: 200, body, headers: { ...headers } });
    expect(await run(monitor.healthchecks, 0)).toEqual([
      expect.stringMatching(new RegExp(`^healthcheck \\(start\\): .*${problem.source}`)),
      expect.stringMatching(new RegExp(`^healthcheck \\(success\\): .*${problem.source}`)),
    ]);
    expect(monitor.requests).toHaveLength(2);
  });

  test.for(["OK", "ok", "", '{"ok":true}', "Got it, thanks!", "OK (created)"])(
    "200 with %j is a ping",
    async (body, { monitor }) => {
      monitor.fault("*", { kind: "http", status: 200, body });
      expect(await run(monitor.healthchecks, 0)).toEqual([]);
    },
  );

  test("a connection that breaks off is tried once more", async ({ monitor }) => {
    monitor.fault("*", { kind: "reset" }, { times: 1 });
    expect(await run(monitor.healthchecks, 0)).toEqual([]);
    expect(monitor.pings()).toEqual(["GET /start", "GET /start", "GET /"]);
  });

  test("it redirects, which could hand the URL to anybody", async ({ monitor }) => {
    monitor.fault("*", { kind: "redirect", location: "/elsewhere" });
    const redirected = expect.stringContaining("it redirects elsewhere, which is not followed");
    expect(await run(monitor.healthchecks, 0)).toEqual([redirected, redirected]);
    expect(monitor.requestsTo("/elsewhere")).toEqual([]);
  });

  test("it does not respond in time", async ({ monitor }) => {
    monitor.fault("*", { kind: "no-header" });
    expect(await run(monitor.healthchecks, 0, 50)).toEqual([
      expect.stringMatching(/^healthcheck \(start\): no whole response within 0\.05 s/),
      expect.stringMatching(/^healthcheck \(success\): no whole response within 0\.05 s/),
    ]);
  });

  test("a response without end is not waited for", async ({ monitor }) => {
    monitor.fault("*", { kind: "drip" });
    expect(await run(monitor.healthchecks, 0, 50)).toHaveLength(2);
    monitor.clearFaults();
    monitor.fault("*", { kind: "endless" });
    const [first] = await run(monitor.healthchecks, 0);
    expect(first).toBe("healthcheck (start): the response is larger than any real one");
  });

  test("nobody is there", async ({ monitor }) => {
    const { healthchecks } = monitor;
    await monitor.close();
    expect(await run(healthchecks, 0)).toEqual([
      expect.stringMatching(/^healthcheck \(start\): the connection was refused: .* \(ECONNREFUSED\)$/),
      expect.stringMatching(/^healthcheck \(success\): the connection was refused: .* \(ECONNREFUSED\)$/),
    ]);
  });

  test("a run that is stopped does not wait for it", async ({ monitor }) => {
    monitor.fault("*", { kind: "no-header" });
    expect(await run(monitor.healthchecks, 143, 600_000)).toEqual([]);
  });
});

describe("asked without a ping", () => {
  const inspect = (url: string) => inspectMonitor(url, new AbortController().signal);

  test("Healthchecks notes it and changes no status", async ({ monitor }) => {
    expect(await inspect(`${monitor.healthchecks}?create=1`)).toEqual({ kind: "known" });
    expect(monitor.pings()).toEqual(["GET /log"]);
  });

  test("of Uptime Kuma only the host is asked", async ({ monitor }) => {
    monitor.fault("*", { kind: "redirect", location: "/dashboard" });
    expect(await inspect(monitor.uptimeKuma)).toEqual({ kind: "responds" });
    monitor.clearFaults();
    monitor.fault("*", { kind: "http", status: 404 });
    expect(await inspect(monitor.uptimeKuma)).toEqual({ kind: "responds" });
    expect(monitor.requests.map(({ path }) => path)).toEqual(["/", "/"]);
  });

  test.for<[string, Behaviour, string, RegExp]>([
    [
      "an unknown check",
      { kind: "http", status: 404, body: "not found" },
      "failed",
      /does not know this check/,
    ],
    [
      "an unknown check in 200",
      { kind: "http", status: 200, body: "OK (not found)" },
      "failed",
      /does not know/,
    ],
    ["too many", { kind: "http", status: 200, body: "OK (rate limited)" }, "busy", /too often/],
    ["a sign-in page", { kind: "http", status: 200, body: "<html>" }, "failed", /sign-in page/],
    ["an outage", { kind: "http", status: 502 }, "failed", /responded with status 502/],
    ["a redirect", { kind: "redirect", location: "/x" }, "failed", /redirects elsewhere/],
  ])("%s", async ([, behaviour, kind, message], { monitor }) => {
    monitor.fault("*", behaviour);
    const outcome = await inspect(monitor.healthchecks);
    expect(outcome).toEqual({ kind, message: expect.stringMatching(message) });
    expect(JSON.stringify(outcome)).not.toContain(MONITOR_TOKEN);
  });

  test("a host that is not there", async ({ monitor }) => {
    await monitor.close();
    expect(await inspect(monitor.uptimeKuma)).toMatchObject({ kind: "failed" });
  });
});

test("without a URL nothing happens", async () => {
  const healthcheck = createHealthcheck(undefined, () => expect.unreachable());
  healthcheck.start();
  await healthcheck.finish(3);
});
