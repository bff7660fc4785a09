import { expect, it } from "vitest";
import { standingClock } from "../../examples/sandbox/clock.ts";
import {
  deletedByAnotherHand,
  type Life,
  neverRecovers,
  processing,
  recovers,
  refusesRestarts,
  takesTwoCycles,
} from "../../examples/sandbox/magnet-life.ts";
import { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";

/** What each of six cycles of half an hour finds, when all that fails is restarted. */
function sixCycles(life: Life): string[] {
  const clock = standingClock(0);
  const account = new SandboxAccount({ key: "k", magnets: [{ id: 1, life }] }, clock, () => 1);
  return Array.from({ length: 6 }, () => {
    const magnet = account.find(1);
    const state = magnet?.stage(clock.now()).state ?? "gone";
    if (state === "failing" && magnet?.nextOutcome.result !== "refused") magnet?.restart(clock.now());
    clock.advance(30 * 60_000);
    return state;
  });
}

it.each<[string, Life, string]>([
  ["stays ready", {}, "ready ready ready ready ready ready"],
  ["recovers", recovers(), "failing ready ready ready ready ready"],
  ["takes two cycles", takesTwoCycles(), "failing failing ready ready ready ready"],
  ["takes its time", recovers(45), "failing processing ready ready ready ready"],
  ["never recovers", neverRecovers(), "failing failing failing failing failing failing"],
  ["fails again slowly", neverRecovers(40), "failing processing failing processing failing processing"],
  ["refuses restarts", refusesRestarts("GENERIC"), "failing failing failing failing failing failing"],
  ["is deleted by another hand", deletedByAnotherHand(60), "failing failing gone gone gone gone"],
  ["dies later", { failsAfterMinutes: 60 }, "ready ready failing failing failing failing"],
  ["gets ready", processing(90), "processing processing processing ready ready ready"],
])("a magnet that %s", (_, life, expected) => {
  expect(sixCycles(life).join(" ")).toBe(expected);
});

it("is told to fail or be ready at any time", () => {
  const account = new SandboxAccount({ key: "k" }, standingClock(0), () => 7);
  const magnet = account.add();
  magnet.become("failing", 0);
  expect(magnet.stage(0)).toMatchObject({ state: "failing", failure: { statusCode: 15 } });
  magnet.become("ready", 0);
  expect(magnet.stage(0).state).toBe("ready");
});
