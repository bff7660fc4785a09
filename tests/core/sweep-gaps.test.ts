import { describe, expect, it } from "vitest";
import { neverRecovers, refusesRestarts } from "../../examples/sandbox/magnet-life.ts";
import { type Scene, startScene } from "./sweep-scene.ts";

const HOUR = 60;
const DAY = 24 * HOUR;
const two = { maxRetries: { expired: 2, error: 2 } };
const one = { maxRetries: { expired: 1, error: 1 } };

/** What sweeps do with magnet 1, each so many minutes after the one before. */
async function actionsAfter(
  scene: Scene,
  minutes: readonly number[],
  options: Parameters<Scene["sweep"]>[0],
) {
  const actions = [];
  for (const wait of minutes) {
    scene.wait(wait);
    actions.push((await scene.sweep(options)).actions[1]);
  }
  return actions;
}

describe("failures in a row", () => {
  it.each<[string, number, number, string]>([
    ["a day apart", DAY, 1800, "deleted"],
    ["more than a day apart", DAY + 1, 1800, "held"],
    ["four cycles apart", 2 * DAY, 12 * 3600, "deleted"],
    ["more than four cycles apart", 2 * DAY + 1, 12 * 3600, "held"],
  ])("%s", async (_, minutes, cycleSeconds, expected) => {
    const scene = await startScene();
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    const options = { policy: two, cycleSeconds };
    expect(await actionsAfter(scene, [0, minutes], options)).toEqual(["restarted", expected]);
    expect(magnet.restarts).toBe(expected === "held" ? 2 : 1);
    if (expected === "held") expect(await actionsAfter(scene, [30], options)).toEqual(["deleted"]);
  });

  it("go on while the magnet is seen processing in between", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(40 * HOUR) });
    const options = { policy: two };
    expect(await actionsAfter(scene, [0, 20 * HOUR, 15 * HOUR, 15 * HOUR], options)).toEqual([
      "restarted",
      undefined,
      undefined,
      "deleted",
    ]);
  });

  it("need a restart after a gap even where max_retries is 1", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    await scene.writeCounters({
      1: { fails: 1, last_status: "error", had_chance: true, last_seen: "2025-05-01T12:00:00.000Z" },
    });
    expect(await actionsAfter(scene, [0], { policy: one })).toEqual(["held"]);
    expect(magnet.restarts).toBe(1);
    expect(await actionsAfter(scene, [30], { policy: one })).toEqual(["deleted"]);
  });

  it("need a restart after a gap even where a question met the failure before a list did", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    await actionsAfter(scene, [0], { policy: two });
    const fault = scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [] } },
    });
    expect(await actionsAfter(scene, [9 * DAY], { policy: two })).toEqual([undefined]);
    expect(scene.questions()).toEqual(["main 1"]);
    fault.remove();
    expect(await actionsAfter(scene, [30, 30], { policy: two })).toEqual(["held", "deleted"]);
  });

  it("need a restart after a gap even where a question brought code 3, and a text that is not Uploading's", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    await actionsAfter(scene, [0], { policy: two });
    const list = scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [] } },
    });
    const status = "Expired - files removed from cache";
    const question = scene.sandbox.fault(({ form }) => form.has("id"), {
      kind: "json",
      value: { status: "success", data: { magnets: { id: 1, statusCode: 3, status } } },
    });
    expect(await actionsAfter(scene, [9 * DAY], { policy: two })).toEqual([undefined]);
    expect(scene.questions()).toEqual(["main 1"]);
    list.remove();
    question.remove();
    expect(await actionsAfter(scene, [30, 30], { policy: two })).toEqual(["held", "deleted"]);
  });

  it("need a restart after a gap that is a real chance", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    account.add({ id: 1, life: neverRecovers(0) });
    await actionsAfter(scene, [0], { policy: two });
    account.remove(1);
    account.add({ id: 1, life: refusesRestarts("MAGNET_PROCESSING_COOLDOWN") });
    expect(await actionsAfter(scene, [3 * DAY, 30, 30], { policy: two })).toEqual(["held", "held", "held"]);
    account.remove(1);
    account.add({ id: 1, life: refusesRestarts("MAGNET_LINKS_REMOVED") });
    expect(await actionsAfter(scene, [30, 30], { policy: two })).toEqual(["held", "deleted"]);
  });

  it("on a machine that sweeps once a week need one sweep more, not for ever", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    const policy = { maxRetries: { expired: 4, error: 4 } };
    expect(await actionsAfter(scene, [0, 7 * DAY, 7 * DAY, 7 * DAY], { policy })).toEqual([
      "restarted",
      "restarted",
      "restarted",
      "deleted",
    ]);
    expect(magnet.restarts).toBe(3);
    scene.sandbox.account().add({ id: 2, life: neverRecovers(0) });
    const actions = [];
    for (let weeks = 0; weeks < 3; weeks++) {
      actions.push((await scene.sweep({ policy: two })).actions[2]);
      scene.wait(7 * DAY);
    }
    expect(actions).toEqual(["restarted", "held", "deleted"]);
  });

  it("know of no gap where a time is unknown or in the future", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    scene.sandbox.account().add({ id: 2, life: neverRecovers(0) });
    const counter = { fails: 4, last_status: "error", had_chance: true };
    await scene.writeCounters({ 1: counter, 2: { ...counter, last_seen: "2027-01-01T00:00:00.000Z" } });
    expect((await scene.sweep()).actions).toEqual({ 1: "deleted", 2: "deleted" });
  });
});
