import { describe, expect, it } from "vitest";
import { type Failure, filesRemoved, neverRecovers, noPeer } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

const one = { maxRetries: { expired: 1, error: 1 } };

describe("a magnet listed as failing that says it works", () => {
  it.each<[string, Failure["list"], Record<string, unknown>]>([
    ["queued", "error", { statusCode: 0, status: "In Queue" }],
    ["downloading", "expired", { statusCode: 1, status: "Downloading" }],
    ["moving", "both", { statusCode: 2, status: "Compressing" }],
    ["uploading, in the error list", "error", { statusCode: 3, status: "Uploading" }],
    ["uploading, in both lists", "both", { statusCode: 3, status: "Uploading" }],
    ["downloading without a code", "error", { statusCode: undefined, status: "Downloading" }],
  ])("(%s) is warned of, asked for by id, and keeps its counter", async (_, list, extra) => {
    const scene = await startScene();
    const life = neverRecovers(5, { ...noPeer, list });
    const magnet = scene.sandbox.account().add({ id: 1, life, extra });
    await scene.writeCounters({ 1: { fails: 9, last_status: "error", had_chance: true } });
    const { actions, complaints, attention } = await scene.sweep({ policy: one });
    expect(actions).toEqual({});
    expect(complaints).toEqual([expect.stringContaining("by their status they work")]);
    expect(attention).toEqual([]);
    expect(scene.questions()).toEqual(["main 1"]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 9 } });
    expect(magnet.restarts).toBe(0);
    expect(scene.sandbox.account().deletions).toEqual([]);
  });

  it.each([{ statusCode: 4 }, { statusCode: undefined, status: "Ready" }])(
    "(%o) is forgotten, as a ready one is",
    async (extra) => {
      const scene = await startScene();
      scene.sandbox.account().add({ id: 1, life: neverRecovers(), extra });
      await scene.writeCounters({ 1: { fails: 9, last_status: "error" } });
      expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "forgotten" });
    },
  );

  it("and fails by its id is sighted", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    // The list is an old copy.
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "rewrite",
      edit: (answer) => JSON.parse(JSON.stringify(answer).replace('"statusCode":15', '"statusCode":1')),
    });
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
  });

  it("after a gap, and fails by its id, gets one more restart before it is deleted", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    const last_seen = "2025-05-01T12:00:00.000Z";
    await scene.writeCounters({ 1: { fails: 1, last_status: "error", had_chance: true, last_seen } });
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "rewrite",
      edit: (answer) => JSON.parse(JSON.stringify(answer).replace('"statusCode":15', '"statusCode":1')),
    });
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "held" });
    expect(scene.sandbox.account().deletions).toEqual([]);
  });

  it("and is in doubt is sighted as well where it fails by its id", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    const lost = scene.sandbox.fault("delete", { kind: "http", status: 504 });
    await scene.sweep({ policy: one });
    lost.remove();
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "rewrite",
      edit: (answer) => JSON.parse(JSON.stringify(answer).replace('"statusCode":15', '"statusCode":1')),
    });
    scene.questions();
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(scene.questions()).toEqual(["main 1"]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2 } });
    expect(await scene.doubts()).toEqual(["1"]);
  });

  it("and is gone by its id is forgotten, or was deleted here where that is in doubt", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (const id of [1, 2]) account.add({ id, life: neverRecovers() });
    const lost = scene.sandbox.fault(
      ({ endpoint, form }) => endpoint === "delete" && form.get("id") === "2",
      { kind: "http", status: 504 },
    );
    await scene.sweep({ policy: { maxRetries: { expired: 1, error: 1 }, protect: ["Sample.1.*"] } });
    lost.remove();
    const stale = { id: 1, statusCode: 1, status: "Downloading" };
    account.remove(1);
    account.remove(2);
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [stale, { ...stale, id: 2 }] } },
    });
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten", 2: "deleted" });
    expect(await scene.deletions()).toEqual(["2"]);
  });

  it("and is not tracked uses up no question that a tracked one needs", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (let id = 1; id <= 80; id++) account.add({ id, life: neverRecovers(), extra: { statusCode: 1 } });
    await scene.writeCounters(
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [61 + i, { fails: 1, last_status: "error" }])),
    );
    const { complaints } = await scene.sweep();
    expect(complaints).toHaveLength(1);
    const asked = scene.questions();
    expect(asked.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => `main ${61 + i}`));
    expect(asked.length).toBeLessThanOrEqual(50);
  });

  it("with code 3 is a sighting in the expired list alone, and is deleted there", async () => {
    const scene = await startScene();
    const removed = { ...filesRemoved, statusCode: 3 };
    scene.sandbox.account().add({ id: 1, life: neverRecovers(5, removed) });
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
  });

  it("is not counted, however often a filter is not obeyed", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    account.add({ id: 1 });
    account.add({ id: 2, life: { now: "processing" } });
    // Every list is the whole list.
    scene.sandbox.fault(({ form }) => form.has("status"), {
      kind: "json",
      value: {
        status: "success",
        data: {
          magnets: [
            { id: 1, status: "Ready", statusCode: 4 },
            { id: 2, status: "Downloading", statusCode: 1 },
          ],
        },
      },
    });
    for (let sweeps = 0; sweeps < 6; sweeps++) {
      expect((await scene.sweep({ policy: one })).actions).toEqual({});
      scene.wait();
    }
    expect(scene.sandbox.requestsTo("restart")).toEqual([]);
    expect(account.deletions).toEqual([]);
    expect(await scene.counters()).toEqual({});
  });
});
