import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { MAIN_KEY, test } from "../support/machine.ts";

test("of twenty copies at once one sweeps and nineteen exit 75; kill it, and the next has the lock at once", async ({
  machine,
}) => {
  const { alldebrid } = machine;
  const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers(0) });
  const gate = createGate();
  alldebrid.fault("status", { kind: "hold", until: gate.opened });
  const runs = Array.from({ length: 20 }, () => machine.start(["run-once"]));
  const first = await Promise.race(
    runs.map(async (run) => {
      await alldebrid.seen("status");
      const others = runs.filter((other) => other !== run);
      await Promise.all(others.map(({ finished }) => finished));
      return run;
    }),
  );
  const others = await Promise.all(runs.filter((run) => run !== first).map(({ finished }) => finished));
  expect(others.map(({ code }) => code)).toEqual(Array.from({ length: 19 }, () => 75));
  // One that asks in the moment between the lock and its owner's name can't name the process.
  for (const { stderr } of others) expect(stderr).toContain("another run is at work (");
  expect(others.some(({ stderr }) => stderr.includes(`process ${first.pid}`))).toBe(true);
  expect(alldebrid.requestsTo("status")).toHaveLength(2);

  first.kill("SIGKILL");
  await first.finished;
  gate.open();
  alldebrid.clearFaults();
  // The next one waits for a minute after the killed one's last sign of life before it asks anything; here, that is over.
  await rm(join(machine.state, "running.json"));
  expect((await machine.run(["run-once"])).code).toBe(0);
  expect((await machine.readState("retry_counts.json"))[magnet.id].fails).toBe(1);
  expect(magnet.restarts).toBe(1);
}, 60_000);
