import { describe, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

const byId = ({ form }: { form: URLSearchParams }) => form.has("id");
describe("a deletion", () => {
  const one = { maxRetries: { expired: 1, error: 1 } };

  it("that is refused is tried again by the next sweep, unannounced until then", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    scene.sandbox.fault("delete", { kind: "api-error", code: "MUST_BE_PREMIUM" }, { times: 1 });
    const { actions, attention } = await scene.sweep({ policy: one });
    expect(actions).toEqual({ 1: "failed" });
    expect(attention).toContainEqual(expect.stringContaining("was not deleted"));
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
    expect(await scene.notices()).toEqual([]);
    expect(await scene.doubts()).toEqual([]);
    scene.wait();
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
    expect(await scene.notices()).toContainEqual(expect.objectContaining({ kind: "deletion", fails: 2 }));
  });

  it.each(["AUTH_BLOCKED", "DISCONTINUED"])(
    "that the account is refused (%s) ends the deleting there",
    async (code) => {
      const scene = await startScene();
      const account = scene.sandbox.account();
      for (let id = 1; id <= 60; id++) account.add({ id, life: neverRecovers() });
      scene.sandbox.fault("delete", { kind: "api-error", code });
      const { actions, accounts } = await scene.sweep({ policy: one });
      expect(new Set(Object.values(actions))).toEqual(new Set(["failed"]));
      expect(accounts[0]).toMatchObject({ ok: false, error: expect.stringContaining(`deleting: `) });
      // Ten at once, each under both versions of the API where one is withdrawn.
      expect(scene.sandbox.requestsTo("delete").length).toBeLessThanOrEqual(20);
      expect(await scene.doubts()).toEqual([]);
      expect(Object.keys(await scene.counters())).toHaveLength(60);
    },
  );

  it.each([
    ["announced", false],
    ["forgotten", true],
  ])("on record whose sweep died before it was %s is announced once, unasked", async (_, queued) => {
    const scene = await startScene();
    await scene.writeCounters({ 1: { fails: 5, last_status: "error", account: "fp-k-main" } });
    const store = await scene.openStore();
    const details = {
      key: "the-key",
      id: "1",
      account: "main",
      fingerprint: "fp-k-main",
      status: "error",
      fails: 5,
      max_retries: 5,
    };
    const deletion = { ...details, deleted_at: "2026-03-01T11:30:01.000Z" };
    store.intents.set("1", { ...details, requested_at: "2026-03-01T11:30:00.000Z" });
    await store.saveIntents();
    await store.appendDeletion(deletion);
    if (queued) store.outbox.pending.push({ kind: "deletion", ...deletion });
    await store.saveOutbox();
    for (let sweeps = 0; sweeps < 2; sweeps++) {
      await scene.sweep();
      expect(await scene.notices()).toMatchObject([{ kind: "deletion", id: "1", key: "the-key" }]);
      expect(await scene.counters()).toEqual({});
      expect(await scene.doubts()).toEqual([]);
      expect(await scene.deletions()).toEqual(["1"]);
    }
    expect(scene.questions()).toEqual([]);
  });

  it("in doubt waits while its account does not answer, and costs it no questions", async () => {
    const scene = await startScene();
    const store = await scene.openStore();
    for (let id = 1; id <= 40; id++) {
      store.intents.set(String(id), {
        key: `key-${id}`,
        id: String(id),
        account: "main",
        fingerprint: "fp-k-main",
        requested_at: "2026-03-01T11:30:00.000Z",
        status: "error",
        fails: 5,
        max_retries: 5,
      });
    }
    await store.saveIntents();
    scene.sandbox.fault("*", { kind: "api-error", code: "GENERIC" });
    await scene.sweep();
    expect(scene.questions()).toEqual([]);
    expect(await scene.doubts()).toHaveLength(40);
    // Where the lists answer and the questions don't, three are enough.
    scene.sandbox.clearFaults();
    scene.sandbox.fault(byId, { kind: "api-error", code: "GENERIC" });
    await scene.sweep();
    expect(scene.questions()).toHaveLength(3);
    expect(await scene.doubts()).toHaveLength(40);
    scene.sandbox.clearFaults();
    await scene.sweep();
    expect(await scene.deletions()).toHaveLength(40);
  });
});
