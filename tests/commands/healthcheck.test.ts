import { describe, expect } from "vitest";
import { createGate } from "../support/gate.ts";
import { MAIN_KEY, type Machine, test as onMachine } from "../support/machine.ts";
import { MONITOR_TOKEN, type Monitor, startMonitor } from "../support/monitor.ts";

const test = onMachine.extend<{ monitor: Monitor }>({
  monitor: async ({ machine }, use) => {
    const monitor = await startMonitor();
    await machine.configure({ healthcheck_url: monitor.healthchecks });
    await use(monitor);
    await monitor.close();
  },
});

async function sweep(machine: Machine, ...args: string[]) {
  const finished = await machine.run(["run-once", "--log-level", "debug", ...args]);
  expect(finished.stdout + finished.stderr).not.toContain(MONITOR_TOKEN);
  return finished;
}

describe.concurrent("healthcheck_url", () => {
  test("a good sweep: start and success", async ({ machine, monitor }) => {
    expect((await sweep(machine)).code).toBe(0);
    expect(monitor.pings()).toEqual(["GET /start", "GET /"]);
  });

  test("something needs attention: failure", async ({ machine, monitor }) => {
    machine.alldebrid.account(MAIN_KEY).trouble = "bad-key";
    expect((await sweep(machine)).code).toBe(3);
    expect(monitor.pings()).toEqual(["GET /start", "GET /fail"]);
  });

  test("state that can't be read: failure", async ({ machine, monitor }) => {
    await machine.write(".local/state/magnets/sweeps.json", { version: 99 });
    expect((await sweep(machine)).code).toBe(1);
    expect(monitor.pings()).toEqual(["GET /start", "GET /fail"]);
  });

  test("a state folder that can't be locked: failure", async ({ machine, monitor }) => {
    await machine.write(".local/state/magnets", "no folder");
    expect((await sweep(machine)).code).toBe(1);
    expect(monitor.pings()).toEqual(["GET /fail"]);
  });

  test("a dry run is silent", async ({ machine, monitor }) => {
    expect((await sweep(machine, "--dry-run")).code).toBe(0);
    expect(monitor.pings()).toEqual([]);
  });

  test("the start is reported while the sweep is under way; a second run and a stopped one are silent", async ({
    machine,
    monitor,
  }) => {
    const gate = createGate();
    machine.alldebrid.fault("status", { kind: "hold", until: gate.opened });
    const first = machine.start(["run-once"]);
    await Promise.all([monitor.seen("/start"), machine.alldebrid.seen("status")]);
    expect((await sweep(machine)).code).toBe(75);
    first.kill("SIGTERM");
    await first.logged("SIGTERM");
    gate.open();
    expect((await first.finished).code).toBe(143);
    expect(monitor.pings()).toEqual(["GET /start"]);
  });

  test("a monitor in trouble is a warning, and the sweep is as good as ever", async ({
    machine,
    monitor,
  }) => {
    monitor.fault("*", { kind: "http", status: 500 });
    const { code, stderr } = await sweep(machine);
    expect(code).toBe(0);
    expect(stderr).toContain("WARNING healthcheck (success): it responded with status 500");
  });

  test("Uptime Kuma", async ({ machine, monitor }) => {
    await machine.configure({ healthcheck_url: monitor.uptimeKuma });
    expect((await sweep(machine)).code).toBe(0);
    expect(monitor.pings()).toEqual(["GET /?ping=&status=up&msg=OK"]);
  });

  test("a wrong configuration is silent: nothing began", async ({ machine, monitor }) => {
    await machine.configure({ healthcheck_url: monitor.healthchecks, max_retries: 0 });
    expect((await sweep(machine)).code).toBe(2);
    expect(monitor.pings()).toEqual([]);
  });
});
