import { describe, expect, it } from "vitest";
import { type Behaviour, cloudflarePage, tooManyRequests } from "../../examples/sandbox/behaviour.ts";
import { neverRecovers, processing } from "../../examples/sandbox/magnet-life.ts";
import type { Intent } from "../../src/core/records.ts";
import { type Scene, startScene } from "./sweep-scene.ts";

const one = { maxRetries: { expired: 1, error: 1 } };
const never = { maxRetries: { expired: 99, error: 99 } };

/** A scene whose magnet 1 has an open intent, and a counter. */
async function startInDoubt(more: Partial<Intent> = {}): Promise<Scene> {
  const scene = await startScene();
  await scene.writeCounters({ 1: { fails: 5, last_status: "error", account: "fp-main", had_chance: true } });
  const store = await scene.openStore();
  store.intents.set("1", {
    key: "the-key",
    id: "1",
    account: "main",
    fingerprint: "fp-main",
    requested_at: "2026-03-01T11:30:00.000Z",
    status: "error",
    fails: 5,
    max_retries: 5,
    ...more,
  });
  await store.saveIntents();
  return scene;
}

describe("an intent", () => {
  it.each<[string, Behaviour]>([
    ["a 504", { kind: "http", status: 504 }],
    ["a 502", cloudflarePage(502)],
    ["a 503", { kind: "http", status: 503 }],
    ["GENERIC", { kind: "api-error", code: "GENERIC" }],
    ["MAINTENANCE", { kind: "api-error", code: "MAINTENANCE" }],
    ["a code that is new", { kind: "api-error", code: "MAGNET_BUSY" }],
    ["a reset", { kind: "reset" }],
    ["a closed connection", { kind: "close" }],
    ["a response cut in half", { kind: "truncated" }],
    ["a page in status 403", { kind: "http", status: 403, body: "Forbidden" }],
    ["a page in status 404", cloudflarePage(404)],
  ])(
    "stays open after %s: carried out a minute later, the deletion is recorded and announced",
    async (_, behaviour) => {
      const scene = await startScene();
      const account = scene.sandbox.account();
      account.add({ id: 1, life: neverRecovers() });
      const fault = scene.sandbox.fault("delete", behaviour);
      const { actions, attention } = await scene.sweep({ policy: one });
      expect(actions).toEqual({ 1: "failed" });
      expect(attention).toContainEqual(expect.stringContaining("was not deleted"));
      expect(await scene.doubts()).toEqual(["1"]);
      expect(await scene.notices()).toEqual([]);

      fault.remove();
      account.remove(1);
      scene.wait();
      expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
      expect(await scene.doubts()).toEqual([]);
      expect(await scene.deletions()).toEqual(["1"]);
      expect(await scene.notices()).toMatchObject([{ kind: "deletion", id: "1", response_lost: true }]);
      scene.wait();
      await scene.sweep({ policy: one });
      expect(await scene.deletions()).toEqual(["1"]);
      expect(await scene.notices()).toHaveLength(1);
    },
  );

  it.each<[string, Behaviour]>([
    ["AUTH_BLOCKED", { kind: "api-error", code: "AUTH_BLOCKED" }],
    ["MUST_BE_PREMIUM", { kind: "api-error", code: "MUST_BE_PREMIUM" }],
    ["MAGNET_MUST_BE_PREMIUM", { kind: "api-error", code: "MAGNET_MUST_BE_PREMIUM" }],
    ["NO_SERVER", { kind: "api-error", code: "NO_SERVER" }],
    ["DISCONTINUED", { kind: "api-error", code: "DISCONTINUED" }],
    ["404 in AllDebrid's JSON", { kind: "api-error", code: "404", status: 404 }],
    ["a 429", tooManyRequests()],
    ["a 429 in JSON", { kind: "api-error", code: "TOO_FAST", status: 429 }],
  ])("is closed by a refusal that is known to come before anything is done: %s", async (_, behaviour) => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    account.add({ id: 1, life: neverRecovers() });
    const fault = scene.sandbox.fault("delete", behaviour);
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "failed" });
    expect(await scene.doubts()).toEqual([]);
    // Gone now, it is another hand's work.
    fault.remove();
    account.remove(1);
    scene.wait();
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "forgotten" });
    expect(await scene.deletions()).toEqual([]);
  });

  it("is closed by a connection that never came about", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    scene.sandbox.fault(({ form }) => form.has("id"), {
      kind: "handler",
      handle: async (_, response, carryOut) => {
        response.setHeader("connection", "close");
        response.end(carryOut().body);
        await scene.sandbox.close();
      },
    });
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "failed" });
    expect(await scene.doubts()).toEqual([]);
  });

  it("is closed by the word success, whatever stands beside it", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    scene.sandbox.fault("delete", { kind: "json", value: { status: "success", data: {} } }, { act: true });
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
    expect(await scene.doubts()).toEqual([]);
    expect((await scene.notices())[0]).not.toHaveProperty("response_lost");
  });

  it("is not closed by a refusal of a later attempt", async () => {
    const scene = await startInDoubt();
    const account = scene.sandbox.account();
    account.add({ id: 1, life: neverRecovers() });
    const fault = scene.sandbox.fault("delete", { kind: "api-error", code: "MUST_BE_PREMIUM" });
    await scene.sweep({ policy: one });
    expect(await scene.doubts()).toEqual(["1"]);
    fault.remove();
    account.remove(1);
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
  });

  it("blocks nothing: what is still due is sent again, as the same deletion", async () => {
    const scene = await startInDoubt();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
    expect(scene.sandbox.requestsTo("delete")).toHaveLength(1);
    expect(await scene.notices()).toMatchObject([{ key: "the-key", fails: 6 }]);
    expect(await scene.notices()).toHaveLength(1);
  });

  it("of another torrent than the question before a deletion shows is settled, and nothing is sent", async () => {
    const scene = await startInDoubt({ hash: "a".repeat(40) });
    scene.sandbox.account().add({ id: 1, hash: "b".repeat(40), life: neverRecovers() });
    // The list shows no hash, so that the question is the first to tell.
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [{ id: 1, filename: "New", statusCode: 7 }] } },
    });
    await scene.sweep({ policy: one });
    expect(scene.sandbox.requestsTo("delete")).toEqual([]);
    expect(await scene.doubts()).toEqual([]);
    expect(await scene.notices()).toMatchObject([
      { key: "the-key", hash: "a".repeat(40), response_lost: true },
    ]);
    expect(await scene.deletions()).toHaveLength(1);
  });

  it("of what is not due any more is settled by asking, and open for a day while the magnet is there", async () => {
    const scene = await startInDoubt();
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    for (let hours = 0; hours < 24; hours += 6) {
      expect((await scene.sweep({ policy: never })).actions).toEqual({ 1: "restarted" });
      expect(scene.questions()).toEqual(["main 1"]);
      expect(await scene.doubts()).toEqual(["1"]);
      scene.wait(6 * 60);
    }
    await scene.sweep({ policy: never });
    expect(await scene.doubts()).toEqual([]);
    expect(magnet.restarts).toBe(5);
    // What was found after a day and is gone then was not deleted here.
    scene.sandbox.account().remove(1);
    scene.wait();
    expect((await scene.sweep({ policy: never })).actions).toEqual({ 1: "forgotten" });
    expect(await scene.deletions()).toEqual([]);
  });

  it.each(["ready", "processing"] as const)(
    "outlives the counter of a magnet that is %s, and decides what gone means within the day",
    async (state) => {
      const scene = await startInDoubt();
      scene.sandbox.account().add({ id: 1, life: { now: state } });
      await scene.sweep({ policy: one });
      expect(Object.keys(await scene.counters())).toEqual(state === "ready" ? [] : ["1"]);
      expect(await scene.doubts()).toEqual(["1"]);
      scene.sandbox.account().remove(1);
      scene.wait();
      expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
      expect(await scene.notices()).toMatchObject([{ id: "1", response_lost: true }]);
    },
  );

  it("from the future is closed by the first sweep that finds its magnet", async () => {
    const scene = await startInDoubt({ requested_at: "2036-03-01T11:30:00.000Z" });
    scene.sandbox.account().add({ id: 1, life: processing() });
    const NOTHING = { kind: "json", value: { status: "success", data: { magnets: [] } } } as const;
    const fault = scene.sandbox.fault(({ form }) => form.has("id"), NOTHING);
    await scene.sweep();
    // A response without the magnet proves nothing.
    expect(await scene.doubts()).toEqual(["1"]);
    fault.remove();
    await scene.sweep();
    expect(await scene.doubts()).toEqual([]);
  });

  it("is settled under a new key of its account", async () => {
    const scene = await startScene({ accounts: [{ key: "k-old", otherKeys: ["k-new"], username: "main" }] });
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    const fault = scene.sandbox.fault("delete", { kind: "http", status: 403 }, { act: true });
    await scene.sweep({ policy: one, keys: ["k-old"] });
    fault.remove();
    scene.wait();
    expect((await scene.sweep({ policy: one, keys: ["k-new"] })).actions).toEqual({ 1: "deleted" });
    expect(await scene.deletions()).toEqual(["1"]);
  });

  it("waits while its account does not answer", async () => {
    const scene = await startInDoubt();
    scene.sandbox.account().trouble = "maintenance";
    await scene.sweep();
    expect(await scene.doubts()).toEqual(["1"]);
    expect(scene.questions()).toEqual([]);
  });
});
