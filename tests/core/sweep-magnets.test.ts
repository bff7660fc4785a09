import { describe, expect, it } from "vitest";
import {
  type Failure,
  filesRemoved,
  neverRecovers,
  noPeer,
  recovers,
  takesTwoCycles,
} from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

const three = { maxRetries: { expired: 3, error: 3 } };
const inBoth: Failure = { ...noPeer, list: "both" };

describe("a magnet that", () => {
  it("recovers is restarted once and forgotten", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: recovers() });
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({
      1: { fails: 1, last_status: "error", restarts: 1, had_chance: true },
    });
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
    expect(await scene.counters()).toEqual({});
    // The list of ready ones shows it: nothing had to be asked.
    expect(scene.questions()).toEqual([]);
  });

  it("takes two cycles is restarted twice and forgotten", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: takesTwoCycles() });
    for (const fails of [1, 2]) {
      expect((await scene.sweep({ policy: three })).actions).toEqual({ 1: "restarted" });
      expect(await scene.counters()).toMatchObject({ 1: { fails } });
      scene.wait();
    }
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
    expect(scene.sandbox.account().deletions).toEqual([]);
  });

  it("is processing keeps its counter, until it fails again", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(45) });
    await scene.sweep();
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({});
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2 } });
  });

  it("never recovers is deleted at its fifth sighting, recorded and announced", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox
      .account()
      .add({ id: 1, filename: "Film.mkv", size: 700, life: neverRecovers() });
    for (const fails of [1, 2, 3, 4]) {
      expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
      expect(magnet.restarts).toBe(fails);
      scene.wait();
    }
    const { actions, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "deleted" });
    expect(attention).toEqual([]);
    expect(scene.sandbox.account().deletions).toMatchObject([{ by: "api", magnet: { id: 1 } }]);
    expect(await scene.counters()).toEqual({});
    expect(await scene.doubts()).toEqual([]);
    expect(await scene.deletions()).toEqual(["1"]);
    expect(await scene.notices()).toMatchObject([
      {
        kind: "deletion",
        id: "1",
        filename: "Film.mkv",
        size: 700,
        hash: magnet.hash,
        magnet: `magnet:?xt=urn:btih:${magnet.hash}`,
        account: "main",
        status: "error",
        status_text: "No peer after 30 minutes",
        fails: 5,
        max_retries: 5,
        failing_since: "2026-03-01T12:00:00.000Z",
        deleted_at: "2026-03-01T14:00:00.000Z",
      },
    ]);
    scene.wait();
    expect((await scene.sweep()).magnets).toEqual([]);
    expect(await scene.notices()).toHaveLength(1);
  });

  it("is deleted without a webhook is recorded and announced to nobody", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    await scene.sweep({ policy: { maxRetries: { expired: 1, error: 1 } }, announce: false });
    expect(await scene.deletions()).toEqual(["1"]);
    expect(await scene.notices()).toEqual([]);
  });

  it("stands in both lists counts once, against the higher limit", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(5, inBoth) });
    scene.sandbox.account().add({ id: 2, life: neverRecovers(5, filesRemoved) });
    const policy = { maxRetries: { expired: 2, error: 3 } };
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "restarted", 2: "restarted" });
    scene.wait();
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "restarted", 2: "deleted" });
    scene.wait();
    // The list with the higher limit does not answer: that must not bring the lower one to bear.
    const higher = { ...policy, maxRetries: { expired: 2, error: 9 } };
    const fault = scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "api-error",
      code: "GENERIC",
    });
    expect((await scene.sweep({ policy: higher })).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 3, last_status: "expired" } });
    fault.remove();
    scene.wait();
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
  });

  it("comes from the original with four failures is restarted once before it is deleted", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    await scene.writeCounters({ 1: { fails: 4, last_status: "expired" } });
    expect((await scene.sweep()).actions).toEqual({ 1: "held" });
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "deleted" });
  });

  it("comes from the original is deleted at once where max_retries is 1", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    await scene.writeCounters({ 1: { fails: 4, last_status: "expired" } });
    const policy = { maxRetries: { expired: 1, error: 1 } };
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
  });

  it("has no hash is deleted and recorded without a magnet link", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, hash: null, life: neverRecovers() });
    scene.sandbox.account().add({ id: 2, life: neverRecovers(), extra: { hash: "x&tr=http://elsewhere" } });
    await scene.sweep({ policy: { maxRetries: { expired: 1, error: 1 } } });
    const notices = await scene.notices();
    expect(notices).toHaveLength(2);
    for (const notice of notices) expect(notice).not.toHaveProperty("magnet");
  });

  it("has a hash of version 2 is recorded with the link for those", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(), extra: { hash: "A".repeat(64) } });
    await scene.sweep({ policy: { maxRetries: { expired: 1, error: 1 } } });
    const [notice] = await scene.notices();
    expect(notice).toMatchObject({ magnet: `magnet:?xt=urn:btmh:1220${"a".repeat(64)}` });
  });
});
