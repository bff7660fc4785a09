import { describe, expect, it } from "vitest";
import { filesRemoved, neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { startScene } from "./sweep-scene.ts";

describe("told to stop", () => {
  it("a sweep finishes what is under way, saves it, and deletes nothing", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const restarted = account.add({ id: 1, life: neverRecovers() });
    account.add({ id: 2, life: neverRecovers(5, filesRemoved) });
    const gate = createGate();
    scene.sandbox.fault("restart", { kind: "hold", until: gate.opened });
    const stopping = new AbortController();
    const report = scene.sweep({ policy: { maxRetries: { expired: 1, error: 5 } }, stopping });
    await scene.sandbox.seen("restart");
    stopping.abort();
    gate.open();
    const { actions } = await report;
    expect(actions).toEqual({ 1: "restarted", 2: "held" });
    expect(restarted.restarts).toBe(1);
    expect(await scene.counters()).toMatchObject({
      1: { fails: 1, restarts: 1, had_chance: true },
      2: { fails: 1 },
    });
    expect(await scene.doubts()).toEqual([]);
    expect(scene.sandbox.requests.at(-1)?.endpoint).toBe("restart");
  });

  it("amid deletions records what was done, and leaves the rest to the next", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (let id = 1; id <= 50; id++) account.add({ id, life: neverRecovers() });
    const gate = createGate();
    scene.sandbox.fault("delete", { kind: "hold", until: gate.opened });
    const stopping = new AbortController();
    const policy = { maxRetries: { expired: 1, error: 1 } };
    const report = scene.sweep({ policy, stopping });
    await scene.sandbox.seen("delete", 10);
    stopping.abort();
    gate.open();
    const { actions } = await report;
    expect(Object.values(actions).filter((action) => action === "deleted")).toHaveLength(10);
    expect(await scene.deletions()).toHaveLength(10);
    expect(await scene.notices()).toHaveLength(10);
    expect(await scene.doubts()).toEqual([]);
    expect(Object.keys(await scene.counters())).toHaveLength(40);
    scene.sandbox.clearFaults();
    scene.wait();
    await scene.sweep({ policy });
    expect(account.deletions).toHaveLength(50);
    expect(new Set((await scene.notices()).map(({ key }) => key)).size).toBe(50);
  });

  it("before it began, a sweep sends nothing", async () => {
    const scene = await startScene();
    const stopping = new AbortController();
    stopping.abort();
    const { magnets, attention } = await scene.sweep({ stopping });
    expect([magnets, attention]).toEqual([[], []]);
    expect(scene.sandbox.requests).toEqual([]);
  });
});
