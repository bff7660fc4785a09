import { describe, expect, it } from "vitest";
import { type Behaviour, cloudflarePage, tooManyRequests } from "../../examples/sandbox/behaviour.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { LOST_RESPONSES } from "../alldebrid/lost-responses.ts";
import { startScene } from "./sweep-scene.ts";

const INVALID: Behaviour = { kind: "api-error", code: "MAGNET_INVALID_ID" };
const maintenance: Behaviour = { kind: "api-error", code: "MAINTENANCE" };

/** A sweep with one magnet due for deletion. */
async function startWithOneDue() {
  const scene = await startScene();
  scene.sandbox.account().add({ id: 7, life: neverRecovers() });
  const waits: number[] = [];
  const stopping = new AbortController();
  const run = async (onWait = () => {}) => {
    const { actions, reasons } = await scene.sweep({
      policy: { maxRetries: { expired: 1, error: 1 } },
      stopping,
      sleep: async (ms) => {
        waits.push(ms);
        onWait();
      },
    });
    const action = actions["7"];
    const open = action === "failed" || action === "held";
    const outcome = open ? ((await scene.doubts()).length > 0 ? "unknown" : "refused") : action;
    return { outcome, reason: reasons["7"], waits, attempts: scene.sandbox.requestsTo("delete").length };
  };
  return { sandbox: scene.sandbox, stopping, run };
}

describe("a deletion", () => {
  it.each(LOST_RESPONSES)(
    "whose response is lost (%s) is done when the magnet is gone then",
    async (_, behaviour) => {
      const { sandbox, run } = await startWithOneDue();
      sandbox.fault("delete", behaviour, { times: 1, act: true });
      expect(await run()).toMatchObject({ outcome: "deleted", attempts: 2, waits: [500] });
    },
  );

  it.each<[string, Behaviour]>([
    ["429", tooManyRequests()],
    ["429 with an error in JSON", { kind: "api-error", code: "TOO_FAST", status: 429 }],
  ])("refused at first (%s), and gone then, is another hand's", async (_, behaviour) => {
    const { sandbox, run } = await startWithOneDue();
    sandbox.fault("delete", behaviour, { times: 1 });
    sandbox.fault("delete", INVALID);
    expect(await run()).toMatchObject({ outcome: "forgotten", attempts: 2 });
  });

  it.each<[string, string, Behaviour]>([
    ["in doubt", "unknown", { kind: "close" }],
    ["in doubt", "unknown", cloudflarePage(502)],
    ["in doubt", "unknown", maintenance],
    ["refused", "refused", tooManyRequests()],
  ])("is %s after four attempts that went wrong the same way", async (_, outcome, behaviour) => {
    const { sandbox, run } = await startWithOneDue();
    sandbox.fault("delete", behaviour);
    expect(await run()).toMatchObject({ outcome, attempts: 4, waits: [500, 1_000, 2_000] });
  });

  it.each<[string, string, Behaviour]>([
    ["in doubt", "unknown", { kind: "http", status: 403, body: "Forbidden" }],
    ["in doubt", "unknown", { kind: "redirect", location: "http://127.0.0.1:1/" }],
    ["in doubt", "unknown", { kind: "api-error", code: "GENERIC" }],
    ["refused", "refused", { kind: "api-error", code: "AUTH_BLOCKED" }],
  ])("is %s at once where another attempt is pointless", async (_, outcome, behaviour) => {
    const { sandbox, run } = await startWithOneDue();
    sandbox.fault("delete", behaviour);
    expect(await run()).toMatchObject({ outcome, attempts: 1, waits: [] });
  });

  it.each(["GENERIC", "AUTH_BLOCKED"])("stays in doubt when %s follows a lost response", async (code) => {
    const { sandbox, run } = await startWithOneDue();
    sandbox.fault("delete", { kind: "close" }, { times: 1 });
    sandbox.fault("delete", { kind: "api-error", code });
    expect(await run()).toMatchObject({ outcome: "unknown", attempts: 2 });
  });

  it("waits as long as the server asks, and no longer than half a minute", async () => {
    const { sandbox, run } = await startWithOneDue();
    for (const retryAfter of ["1", "0", "31"]) {
      const headers = { "retry-after": retryAfter };
      sandbox.fault("delete", { kind: "http", status: 503, headers }, { times: 1 });
    }
    expect(await run()).toMatchObject({ outcome: "unknown", attempts: 3 });
    const [first = 0, second = 0] = sandbox.requestsTo("delete").map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(999);
  });

  it("is not sent again once the sweep is to end", async () => {
    const { sandbox, stopping, run } = await startWithOneDue();
    sandbox.fault("delete", { kind: "close" });
    expect(await run(() => stopping.abort())).toMatchObject({
      outcome: "unknown",
      attempts: 1,
      reason: expect.stringContaining("the next sweep finds out whether it is gone"),
    });
  });
});
