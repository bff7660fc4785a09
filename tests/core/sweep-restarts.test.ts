import { describe, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

describe("a magnet that AllDebrid says is processing already", () => {
  it("is restarted in the report as in the log, where it is counted from the second time on", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    scene.sandbox.fault("restart", { kind: "api-error", code: "MAGNET_PROCESSING" });
    const first = await scene.sweep();
    expect(first.actions).toEqual({ 1: "restarted" });
    expect(first.infos).toContainEqual(expect.stringContaining("it is already running again"));
    scene.wait();
    const second = await scene.sweep();
    expect(second.actions).toEqual({ 1: "restarted" });
    expect(second.infos).toEqual(["main: 1 already running again, as before"]);
  });
});

describe("slots", () => {
  it("that are full end the restarting, and what waited longest comes first next time", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const magnets = Array.from({ length: 230 }, (_, i) => account.add({ id: i + 1, life: neverRecovers() }));
    const { actions, attention } = await scene.sweep();
    expect(scene.sandbox.requestsTo("restart")).toHaveLength(1);
    expect(Object.values(actions).filter((action) => action === "restarted")).toHaveLength(30);
    expect(attention).toEqual([]);
    for (const expected of [60, 90]) {
      scene.wait();
      await scene.sweep();
      expect(magnets.filter(({ restarts }) => restarts === 1)).toHaveLength(expected);
    }
    expect(Object.values(await scene.counters()).every(({ fails }) => fails === 3)).toBe(true);
  });

  it("for whose lack a whole batch is refused make all of it wait, which is no failure", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (const id of [1, 2]) account.add({ id, life: neverRecovers() });
    scene.sandbox.fault("restart", { kind: "api-error", code: "MAGNET_TOO_MANY_ACTIVE" });
    const { actions, reasons, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "held", 2: "held" });
    expect(reasons["2"]).toContain("waits for a free slot");
    expect(attention).toEqual([]);
    expect(scene.sandbox.requestsTo("restart")).toHaveLength(1);
  });

  it("taken by others leave the magnets unrestarted, and so undeleted", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    account.activeElsewhere = 30;
    account.add({ id: 1, life: neverRecovers() });
    for (let sweeps = 0; sweeps < 7; sweeps++) {
      const { attention } = await scene.sweep();
      expect(attention).toEqual([]);
      scene.wait();
    }
    expect(account.deletions).toEqual([]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 7, had_chance: false } });
  });
});
