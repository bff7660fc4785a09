import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

const flock = execFileSync("sh", ["-c", "command -v flock"], { encoding: "utf8" }).trim();

/** Holds the lock of the machine's state folder, as another run does, until it is let go. */
async function holdLock({ state }: Machine): Promise<{ letGo(): Promise<void> }> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  const holder = spawn("flock", [join(state, "lock"), "sh", "-c", "echo held; cat"]);
  await once(holder.stdout, "data");
  return {
    letGo: async () => {
      const ended = once(holder, "close");
      holder.stdin.end();
      await ended;
    },
  };
}

describe.concurrent("while another run holds the lock", () => {
  test.for([["run-once"], ["run-once", "--json"], ["reset"]])(
    "%j exits 75 and does nothing",
    async (args, { machine }) => {
      machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
      await machine.write(".local/state/magnets/retry_counts.json", {
        "1": { fails: 1, last_status: "error" },
      });
      const lock = await holdLock(machine);
      const before = await snapshotFolder(machine.state);
      const { code, stdout, stderr } = await machine.run(args);
      expect({ code, stdout }).toEqual({ code: 75, stdout: "" });
      expect(stderr).toMatch(/^\S+ ERROR another run is at work .*try again when it has ended\n$/);
      expect(await snapshotFolder(machine.state)).toEqual(before);
      expect(machine.alldebrid.requests).toEqual([]);

      await lock.letGo();
      expect((await machine.run(args)).code).toBe(0);
    },
  );

  test("status works", async ({ machine }) => {
    const lock = await holdLock(machine);
    expect((await machine.run(["status"])).code).toBe(0);
    await lock.letGo();
  });
});

/** A `flock` first in PATH that knows no more than BusyBox's, and fails as `fails` says, if at all. */
async function withBusyBox(machine: Machine, fails = ""): Promise<{ PATH: string }> {
  const usage = "echo 'flock: unrecognized option' >&2; exit 1";
  const script = `#!/bin/sh\nfor word; do case $word in -[xsnu]|[0-9]) ;; *) ${usage};; esac; done\n${fails}\nexec ${flock} "$@"\n`;
  await chmod(await machine.write("bin/flock", script), 0o755);
  return { PATH: `${join(machine.home, "bin")}${delimiter}${process.env.PATH}` };
}

describe.concurrent("BusyBox's flock", () => {
  test("locks, and says when the lock is held", async ({ machine }) => {
    const env = await withBusyBox(machine);
    expect((await machine.run(["run-once"], { env })).code).toBe(0);
    expect((await machine.run(["check"], { env })).stdout).toMatch(/✓ lock +free/);
    const lock = await holdLock(machine);
    const held = await machine.run(["run-once"], { env });
    await lock.letGo();
    expect(held).toMatchObject({ code: 75, stderr: expect.stringContaining("another run is at work") });
  });

  test("that fails is not one that finds the lock held", async ({ machine }) => {
    const env = await withBusyBox(machine, "echo 'flock: No locks available' >&2; exit 1");
    const failed = await machine.run(["run-once"], { env });
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("No locks available") });
    expect(machine.alldebrid.requests).toEqual([]);
  });
});

describe.concurrent("two copies at once", () => {
  test("one sweeps, the other exits 75 and names it", async ({ machine }) => {
    const { alldebrid } = machine;
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const gate = createGate();
    alldebrid.fault("status", { kind: "hold", until: gate.opened });
    const first = machine.start(["run-once"]);
    await alldebrid.seen("status", 2);
    const second = await machine.run(["run-once"]);
    expect(second.code).toBe(75);
    expect(second.stderr).toContain(`process ${first.pid}`);
    gate.open();
    expect((await first.finished).code).toBe(0);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
    expect(magnet.restarts).toBe(1);
  });

  test("of many that start together, exactly one sweeps", async ({ machine }) => {
    const { alldebrid } = machine;
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const gate = createGate();
    alldebrid.fault("status", { kind: "hold", until: gate.opened });
    const runs = Array.from({ length: 4 }, () => machine.start(["run-once"]));
    // The one that sweeps waits for its lists until all others have given up.
    let ended = 0;
    for (const { finished } of runs) finished.then(() => ++ended === runs.length - 1 && gate.open());
    const codes = (await Promise.all(runs.map(({ finished }) => finished))).map(({ code }) => code);
    expect(codes.sort()).toEqual([0, 75, 75, 75]);
    expect(magnet.restarts).toBe(1);
  });

  test("a killed run leaves no lock behind", async ({ machine }) => {
    machine.alldebrid.fault("status", { kind: "no-header" });
    const first = machine.start(["run-once"]);
    await machine.alldebrid.seen("status");
    first.kill("SIGKILL");
    await first.finished;
    machine.alldebrid.clearFaults();
    // As if the minute had passed that the next sweep leaves to the killed one's requests.
    await rm(join(machine.state, "running.json"));
    expect((await machine.run(["run-once"])).code).toBe(0);
  });
});
