import { describe, expect, it } from "vitest";
import { deletedByAnotherHand, neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

describe("another hand", () => {
  it("that deletes a tracked magnet makes it forgotten, and nothing is announced", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: deletedByAnotherHand(20) });
    await scene.sweep();
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
    expect(scene.questions()).toEqual(["main 1"]);
    expect(await scene.counters()).toEqual({});
    expect(await scene.notices()).toEqual([]);
    expect(await scene.deletions()).toEqual([]);
  });

  it.each([
    ["restart", 5],
    ["delete", 1],
  ] as const)("that comes between the list and the %s is noticed", async (endpoint, max) => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (const id of [1, 2]) account.add({ id, life: neverRecovers() });
    scene.sandbox.fault(
      endpoint,
      {
        kind: "handler",
        handle: (_, response, carryOut) => {
          account.remove(1);
          response.end(carryOut().body);
        },
      },
      { times: 1 },
    );
    const { actions, attention } = await scene.sweep({
      policy: { maxRetries: { expired: max, error: max } },
    });
    expect(actions).toEqual({ 1: "forgotten", 2: endpoint === "delete" ? "deleted" : "restarted" });
    expect(attention).toEqual([]);
    expect(await scene.deletions()).toEqual(endpoint === "delete" ? ["2"] : []);
    expect(Object.keys(await scene.counters())).toEqual(endpoint === "delete" ? [] : ["2"]);
    expect(await scene.doubts()).toEqual([]);
  });
});
