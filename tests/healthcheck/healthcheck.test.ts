import { test as base, describe, expect } from "vitest";
import type { ExitCode } from "../../src/errors.ts";
import { createHealthcheck } from "../../src/healthcheck/healthcheck.ts";
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
      "healthcheck (start): no whole response within 0.05 s",
      "healthcheck (success): no whole response within 0.05 s",
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
      "healthcheck (start): the connection was refused (ECONNREFUSED)",
      "healthcheck (success): the connection was refused (ECONNREFUSED)",
    ]);
  });

  test("a run that is stopped does not wait for it", async ({ monitor }) => {
    monitor.fault("*", { kind: "no-header" });
    expect(await run(monitor.healthchecks, 143, 600_000)).toEqual([]);
  });
});

test("without a URL nothing happens", async () => {
  const healthcheck = createHealthcheck(undefined, () => expect.unreachable());
  healthcheck.start();
  await healthcheck.finish(3);
});
