import { describe, expect, it } from "vitest";
import { neverRecovers, refusesRestarts } from "../../examples/sandbox/magnet-life.ts";
import type { RestartResult } from "../../src/core/ports.ts";
import { startClient } from "./start-client.ts";

const success = (data: unknown) => ({ kind: "json", value: { status: "success", data } }) as const;

/** Such as `1 accepted, 2 GENERIC, 3 MAGNET_PROCESSING (a chance), 4 unanswered`. */
function outcomes(answer: RestartResult): string {
  const words = [...answer.outcomes].map(([id, outcome]) => {
    if (outcome.kind !== "refused") return `${id} ${outcome.kind}`;
    return `${id} ${outcome.code}${outcome.chance ? " (a chance)" : ""}`;
  });
  return words.sort().join(", ");
}

const isBatch = { batch: (request: { form: URLSearchParams }) => request.form.has("ids[]") };

describe("a batch", () => {
  it("is one request of a hundred, each with its own outcome", async () => {
    const { client, sandbox, account, sent } = await startClient({
      sandbox: { accounts: [{ key: "Cl1entKeyOfTheTests01", activeSlots: 200 }] },
    });
    const ids = Array.from({ length: 100 }, (_, index) => String(index + 1));
    for (const id of ids) account.add({ id: Number(id), life: neverRecovers() });
    account.remove(50);
    account.find(60)?.become("processing", sandbox.clock.now());
    const answer = await client.restart(ids);
    expect(sent()).toHaveLength(1);
    expect(sandbox.requests[0]?.form.getAll("ids[]")).toEqual(ids);
    expect(answer.failure).toBeUndefined();
    expect(answer.outcomes.size).toBe(100);
    expect(answer.outcomes.get("50")).toMatchObject({ code: "MAGNET_INVALID_ID", chance: false });
    expect(answer.outcomes.get("60")).toMatchObject({ code: "MAGNET_PROCESSING", chance: true });
    expect([...answer.outcomes.values()].filter(({ kind }) => kind === "accepted")).toHaveLength(98);
  });

  it.each<[string, boolean]>([
    ["MAGNET_PROCESSING", true],
    ["MAGNET_LINKS_REMOVED", true],
    ["MAGNET_INVALID_ID", false],
    ["GENERIC", false],
    ["MAGNET_PROCESSING_COOLDOWN", false],
    ["MAGNET_SOMETHING_NEW", false],
    ["MAGNET_TOO_MANY_ACTIVE", false],
    ["MAGNET_TOO_MANY", false],
    ["AUTH_BAD_APIKEY", false],
    ["NO_SERVER", false],
    ["MAGNET_NO_SERVER", false],
    ["MUST_BE_PREMIUM", false],
    ["MAGNET_MUST_BE_PREMIUM", false],
    ["MAINTENANCE", false],
  ])("in which a magnet is refused with %s: a chance given? %s", async (code, chance) => {
    const { client, account } = await startClient();
    account.add({ id: 1, life: refusesRestarts(code) });
    const answer = await client.restart(["1"]);
    expect(answer.outcomes.get("1")).toMatchObject({ kind: "refused", code, chance });
    expect(answer.failure).toBeUndefined();
  });

  it.each<[string, unknown]>([
    [
      "numbers for ids",
      [
        { magnet: 1, message: "ok" },
        { magnet: 2, error: { code: "GENERIC", message: "" } },
      ],
    ],
    ["an object", { a: { magnet: "1", message: "ok" }, b: { magnet: "2", error: { code: "GENERIC" } } }],
    [
      "null for no error",
      [
        { magnet: "1", message: "ok", error: null },
        { magnet: "2", error: { code: "GENERIC" } },
      ],
    ],
    [
      "strangers and doubles",
      [
        { magnet: "9", message: "ok" },
        { magnet: "1", message: "ok" },
        { magnet: "1", error: { code: "X" } },
        { magnet: "2", error: { code: "GENERIC" } },
      ],
    ],
    [
      "what can't be read among it",
      [
        null,
        {},
        { magnet: "1", message: "ok" },
        { magnet: [], message: "" },
        { magnet: "2", error: { code: "GENERIC" } },
      ],
    ],
  ])("is read with %s", async (_, magnets) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("restart", success({ magnets }));
    expect(outcomes(await client.restart(["1", "2"]))).toBe("1 accepted, 2 GENERIC");
  });

  it("speaks only of the magnets with an outcome: the others are asked one by one", async () => {
    const { client, sandbox, account, sent } = await startClient();
    for (const id of [2, 3]) account.add({ id, life: neverRecovers() });
    sandbox.fault(
      isBatch.batch,
      success({ magnets: [{ magnet: "1", message: "ok" }, { magnet: "2" }, { magnet: "3", error: {} }] }),
    );
    expect(outcomes(await client.restart(["1", "2", "3", "4"]))).toBe(
      "1 accepted, 2 accepted, 3 accepted, 4 MAGNET_INVALID_ID",
    );
    expect(sent().slice(1)).toEqual(["restart id=2", "restart id=3", "restart id=4"]);
  });

  it("fails for those of whom no response can be read", async () => {
    const { client, sandbox } = await startClient();
    sandbox.fault(isBatch.batch, success({ magnets: [{ magnet: "1", message: "ok" }] }));
    sandbox.fault("restart", success({}));
    const answer = await client.restart(["1", "2"]);
    expect(outcomes(answer)).toBe("1 accepted, 2 unanswered");
    expect(answer.failure?.message).toContain("not in a form AllDebrid documents");
  });

  it("that says of one that the slots are full is not asked about the others", async () => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault(
      "restart",
      success({ magnets: [{ magnet: "1", error: { code: "MAGNET_TOO_MANY_ACTIVE" } }] }),
    );
    const answer = await client.restart(["1", "2"]);
    expect(outcomes(answer)).toBe("1 MAGNET_TOO_MANY_ACTIVE, 2 MAGNET_TOO_MANY_ACTIVE");
    expect(answer.failure).toBeUndefined();
    expect(sent()).toHaveLength(1);
  });

  it("of one magnet is confirmed by a message alone", async () => {
    const { client, sandbox } = await startClient();
    sandbox.fault("restart", success({ message: "Magnet was successfully restarted" }));
    expect(outcomes(await client.restart(["1"]))).toBe("1 accepted");
  });
});

describe("a batch refused as one", () => {
  it("for one magnet's sake is restarted one by one", async () => {
    const { client, sandbox, account, sent } = await startClient();
    for (const id of [1, 3]) account.add({ id, life: neverRecovers() });
    sandbox.fault(isBatch.batch, { kind: "api-error", code: "MAGNET_INVALID_ID" });
    const answer = await client.restart(["1", "2", "3"]);
    expect(sent()).toEqual([
      "restart ids[]=1&ids[]=2&ids[]=3",
      "restart id=1",
      "restart id=2",
      "restart id=3",
    ]);
    expect(outcomes(answer)).toBe("1 accepted, 2 MAGNET_INVALID_ID, 3 accepted");
    expect(answer.failure).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["a message for all", { message: "ok" }],
    ["no magnets", { magnets: [] }],
    ["nothing that can be read", { magnets: "all" }],
  ])("or answered with %s, too", async (_, data) => {
    const { client, sandbox, account } = await startClient();
    account.add({ id: 1, life: neverRecovers() });
    sandbox.fault(isBatch.batch, success(data));
    expect(outcomes(await client.restart(["1", "2"]))).toBe("1 accepted, 2 MAGNET_INVALID_ID");
  });

  it("blames the magnet that alone meets the error when others are restarted", async () => {
    const { client, sandbox, account } = await startClient();
    for (const id of [1, 2]) account.add({ id, life: neverRecovers() });
    const isBad = ({ form }: { form: URLSearchParams }) => form.has("ids[]") || form.get("id") === "2";
    sandbox.fault(isBad, { kind: "api-error", code: "GENERIC" });
    const answer = await client.restart(["1", "2"]);
    expect(outcomes(answer)).toBe("1 accepted, 2 GENERIC");
    expect(answer.failure).toBeUndefined();
  });

  it("blames no magnet for what all of them meet", async () => {
    const { client, sandbox, account, sent } = await startClient();
    account.add({ id: 1, life: neverRecovers() });
    sandbox.fault("restart", { kind: "api-error", code: "GENERIC" });
    const answer = await client.restart(["1", "2", "3"]);
    expect(outcomes(answer)).toBe("1 unanswered, 2 unanswered, 3 unanswered");
    expect(answer.failure?.code).toBe("GENERIC");
    expect(answer.failure?.message).toContain("internal error (GENERIC)");
    expect(sent()).toHaveLength(4);
    sandbox.clearFaults();
    sandbox.fault("restart", { kind: "api-error", code: "NEW_CODE", message: "why it is" });
    expect((await client.restart(["1", "2"])).failure?.message).toBe("why it is (NEW_CODE)");
  });

  it.each([
    "AUTH_BAD_APIKEY",
    "AUTH_BLOCKED",
    "NO_SERVER",
    "MAGNET_NO_SERVER",
    "MAGNET_MUST_BE_PREMIUM",
    "MAGNET_TOO_MANY",
    "FREE_TRIAL_LIMIT_REACHED",
  ])("with %s is not tried one by one", async (code) => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("restart", {
      kind: "api-error",
      code,
      message: 'token=s3cret <a href="https://x/?t=s3cret">',
    });
    const answer = await client.restart(["1", "2"]);
    expect(outcomes(answer)).toBe("1 unanswered, 2 unanswered");
    expect(answer.failure?.code).toBe(code);
    expect(answer.failure?.message).toContain(`(${code})`);
    expect(answer.failure?.message).not.toContain("s3cret");
    expect(sent()).toHaveLength(1);
  });

  it("for lack of slots is a normal refusal", async () => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault("restart", { kind: "api-error", code: "MAGNET_TOO_MANY_ACTIVE" });
    const answer = await client.restart(["1", "2"]);
    expect(outcomes(answer)).toBe("1 MAGNET_TOO_MANY_ACTIVE, 2 MAGNET_TOO_MANY_ACTIVE");
    expect(answer.failure).toBeUndefined();
    expect(sent()).toHaveLength(1);
  });

  it.each<[string, boolean, string]>([
    ["MAGNET_TOO_MANY_ACTIVE", true, "1 accepted, 2 MAGNET_TOO_MANY_ACTIVE, 3 MAGNET_TOO_MANY_ACTIVE"],
    ["AUTH_USER_BANNED", false, "1 accepted, 2 unanswered, 3 unanswered"],
  ])("stops restarting one by one at %s", async (code, slotsFull, expected) => {
    const { client, sandbox, account, sent } = await startClient();
    for (const id of [1, 2, 3]) account.add({ id, life: neverRecovers() });
    sandbox.fault(isBatch.batch, { kind: "api-error", code: "GENERIC" });
    sandbox.fault(({ form }) => form.get("id") === "2", { kind: "api-error", code });
    const answer = await client.restart(["1", "2", "3"]);
    expect(outcomes(answer)).toBe(expected);
    expect(answer.failure === undefined).toBe(slotsFull);
    expect(sent()).toHaveLength(3);
  });

  it("stops at full slots that are told in a list, too", async () => {
    const { client, sandbox, sent } = await startClient();
    sandbox.fault(isBatch.batch, { kind: "api-error", code: "GENERIC" });
    sandbox.fault(
      "restart",
      success({ magnets: [{ magnet: "1", error: { code: "MAGNET_TOO_MANY_ACTIVE" } }] }),
    );
    const answer = await client.restart(["1", "2"]);
    expect(outcomes(answer)).toBe("1 MAGNET_TOO_MANY_ACTIVE, 2 MAGNET_TOO_MANY_ACTIVE");
    expect(answer.failure).toBeUndefined();
    expect(sent()).toHaveLength(2);
  });
});

it("a batch that nobody answers fails as one", async () => {
  const { client, sandbox, sent } = await startClient();
  sandbox.fault("restart", { kind: "close" });
  const answer = await client.restart(["1", "2"]);
  expect(outcomes(answer)).toBe("1 unanswered, 2 unanswered");
  expect(answer.failure?.message).toContain("127.0.0.1");
  expect(sent()).toHaveLength(4);
});
