import { describe, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

const one = { maxRetries: { expired: 1, error: 1 } };

/** A scene whose magnet 1 is there although its deletion was confirmed. */
async function startUndead() {
  const scene = await startScene();
  const account = scene.sandbox.account();
  const magnet = account.add({ id: 1, life: neverRecovers(0) });
  account.deletes = "never";
  expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
  scene.wait();
  const confirmed = async () => [...(await scene.openStore()).confirmed.keys()];
  expect(await confirmed()).toEqual(["1"]);
  return { scene, account, magnet, confirmed };
}

describe("a magnet whose deletion was confirmed and that is still there", () => {
  it("is neither counted nor restarted; its deletion is sent once a sweep, recorded and announced once", async () => {
    const { scene, magnet, confirmed } = await startUndead();
    for (let sweeps = 2; sweeps < 6; sweeps++) {
      const { attention, complaints } = await scene.sweep({ policy: one });
      // Exit 3, and the log says why.
      expect(attention).toEqual([expect.stringContaining("it is still there")]);
      expect(complaints).toEqual(attention);
      expect(scene.sandbox.requestsTo("delete")).toHaveLength(sweeps);
      expect(await scene.counters()).toEqual({});
      scene.wait();
    }
    expect(magnet.restarts).toBe(0);
    expect(await scene.deletions()).toEqual(["1"]);
    expect(await scene.notices()).toHaveLength(1);
    expect(await confirmed()).toEqual(["1"]);
    expect((await scene.openStore()).confirmed.get("1")).toMatchObject({ still_there: expect.any(String) });
  });

  it("has no result in a dry run, as in a sweep, but is warned of", async () => {
    const { scene } = await startUndead();
    for (const policy of [one, { ...one, protect: ["1"] }]) {
      const { magnets, attention, complaints } = await scene.sweep({ policy, dryRun: true });
      expect(magnets).toEqual([]);
      expect(complaints).toEqual(attention);
      expect(attention).toEqual(
        "protect" in policy ? [] : [expect.stringContaining("its deletion would be sent once more")],
      );
    }
    expect(scene.sandbox.requestsTo("delete")).toHaveLength(1);
  });

  it("is forgotten once both lists have answered without it, not one", async () => {
    const { scene, account, confirmed } = await startUndead();
    account.remove(1);
    const fault = scene.sandbox.fault(({ form }) => form.get("status") === "expired", {
      kind: "api-error",
      code: "GENERIC",
    });
    await scene.sweep({ policy: one });
    expect(await confirmed()).toEqual(["1"]);
    fault.remove();
    const { attention } = await scene.sweep({ policy: one });
    expect(attention).toEqual([]);
    expect(await confirmed()).toEqual([]);
    expect(await scene.notices()).toHaveLength(1);
  });

  it("keeps its counter where a power loss makes the next sweep finish its deletion once more", async () => {
    const { scene } = await startUndead();
    const store = await scene.openStore();
    const { record } = store.confirmed.get("1") ?? {};
    const [recorded] = await store.readDeletions();
    if (!recorded) throw new Error("nothing was recorded");
    const { deleted_at, ...intent } = recorded;
    store.intents.set("1", { ...intent, requested_at: deleted_at });
    await store.saveIntents();
    await scene.sweep({ policy: { ...one, protect: ["1"] } });
    expect(record).toMatchObject({ failing_since: expect.any(String) });
    expect((await scene.openStore()).confirmed.get("1")?.record).toEqual(record);
  });

  it("stays due by what was counted when its deletion was sent, whatever was seen since", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const hash = account.add({ id: 1, life: neverRecovers(0) }).hash ?? "";
    await scene.sweep({ policy: { ...one, protect: ["1"] } });
    const store = await scene.openStore();
    const details = { id: "1", key: "k", account: "main", fingerprint: "fp-main", hash, max_retries: 3 };
    const requested_at = "2026-03-01T11:00:00.000Z";
    // By the expired list it was due at its third sighting; the response was lost, and the error list showed it next.
    store.intents.set("1", { ...details, status: "expired", fails: 3, requested_at });
    const counted = { fails: 4, last_status: "error", account: "fp-main" };
    store.counters.set("1", { ...counted, had_chance: false, gap: "needed" });
    await store.saveCounters();
    await store.saveIntents();
    const gone = scene.sandbox.fault(({ form }) => form.has("id"), {
      kind: "api-error",
      code: "MAGNET_INVALID_ID",
    });
    const policy = { maxRetries: { expired: 3, error: 9 } };
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
    gone.remove();
    scene.wait();
    const { attention } = await scene.sweep({ policy });
    expect(attention).toEqual([expect.stringContaining("it is still there; it was sent once more")]);
    expect(scene.sandbox.requestsTo("delete")).toHaveLength(1);
  });

  it("and that only an old list shows is left alone", async () => {
    const { scene, account, magnet, confirmed } = await startUndead();
    account.remove(1);
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [{ id: 1, hash: magnet.hash, statusCode: 15 }] } },
    });
    const sent = scene.sandbox.requestsTo("delete").length;
    const { attention, actions } = await scene.sweep({ policy: one });
    expect([attention, actions]).toEqual([[], {}]);
    expect(scene.sandbox.requestsTo("delete")).toHaveLength(sent);
    expect(await confirmed()).toEqual(["1"]);
    expect(await scene.notices()).toHaveLength(1);
  });

  it.each<[string, object]>([
    ["protect", { protect: ["1"] }],
    ["max_deletes_per_run", { maxDeletes: 1 }],
    ["min_failing_hours", { minFailingHours: 5 }],
  ])("is subject to every hold: %s", async (_, rules) => {
    const { scene, account, magnet, confirmed } = await startUndead();
    account.add({ id: 2, life: neverRecovers(0) });
    await scene.sweep({ policy: { ...one, ...rules } });
    const sent = scene.sandbox.requestsTo("delete").filter(({ form }) => form.get("id") === "1");
    expect(sent).toHaveLength(1);
    expect(magnet.restarts).toBe(0);
    expect(await confirmed()).toContain("1");
  });

  it.each(["processing", "ready"] as const)("starts anew once it was seen %s", async (state) => {
    const { scene, magnet, confirmed } = await startUndead();
    magnet.become(state, scene.sandbox.clock.now());
    // By the question right before: the list is an old copy.
    const fault = scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [{ id: 1, hash: magnet.hash, statusCode: 15 }] } },
    });
    await scene.sweep({ policy: one });
    expect(await confirmed()).toEqual([]);
    fault.remove();
    magnet.become("failing", scene.sandbox.clock.now());
    scene.wait();
    expect((await scene.sweep({ policy: { maxRetries: { expired: 2, error: 2 } } })).actions).toEqual({
      1: "restarted",
    });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
  });

  it("starts anew where it was uploaded after its deletion", async () => {
    const { scene, magnet } = await startUndead();
    magnet.uploadDate = new Date(scene.sandbox.clock.now() - 60_000);
    const sent = scene.sandbox.requestsTo("delete").length;
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
    expect(scene.sandbox.requestsTo("delete")).toHaveLength(sent);
  });

  it("starts anew where only the question shows that it was uploaded after its deletion", async () => {
    const { scene, magnet, confirmed } = await startUndead();
    const { hash, uploadDate } = magnet;
    const listed = { id: 1, hash, statusCode: 15, uploadDate: uploadDate.getTime() / 1000 };
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [listed] } },
    });
    magnet.uploadDate = new Date(scene.sandbox.clock.now() - 60_000);
    const sent = scene.sandbox.requestsTo("delete").length;
    await scene.sweep({ policy: one });
    expect(scene.sandbox.requestsTo("delete")).toHaveLength(sent);
    expect(await confirmed()).toEqual([]);
  });

  it("starts anew where its id belongs to another torrent", async () => {
    const { scene, magnet, confirmed } = await startUndead();
    magnet.hash = "c".repeat(40);
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1, hash: "c".repeat(40) } });
    expect(await confirmed()).toEqual([]);
  });

  it("starts anew after a reset", async () => {
    const { scene } = await startUndead();
    const store = await scene.openStore();
    store.confirmed.delete("1");
    await store.saveConfirmed();
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
  });
});

describe("an id that now belongs to another torrent", () => {
  it("is counted from 1, whatever was counted before", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    await scene.writeCounters({
      1: { fails: 9, last_status: "error", had_chance: true, hash: "d".repeat(40) },
    });
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1, hash: magnet.hash } });
  });

  it("is the same one where the hash is only spelled otherwise", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    const hash = ` ${magnet.hash?.toUpperCase()}`;
    await scene.writeCounters({ 1: { fails: 4, last_status: "error", had_chance: true, hash } });
    expect((await scene.sweep()).actions).toEqual({ 1: "deleted" });
  });

  it("tells that the old one was deleted here, where that was in doubt", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const { hash } = account.add({ id: 1, life: neverRecovers(0) });
    const fault = scene.sandbox.fault("delete", { kind: "http", status: 504 });
    await scene.sweep({ policy: one });
    fault.remove();
    account.remove(1);
    account.add({ id: 1, hash: "e".repeat(40), life: neverRecovers(0) });
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.notices()).toMatchObject([{ kind: "deletion", hash, response_lost: true }]);
    expect(await scene.doubts()).toEqual([]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1, hash: "e".repeat(40) } });
  });

  it("is not believed of an old list: the one whose deletion is in doubt may be there", async () => {
    const scene = await startScene();
    const { hash } = scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    const lost = scene.sandbox.fault("delete", { kind: "http", status: 504 });
    await scene.sweep({ policy: one });
    lost.remove();
    const former = { id: 1, hash: "e".repeat(40), statusCode: 7, status: "No peer after 30 minutes" };
    const old = scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [former] } },
    });
    await scene.sweep({ policy: one });
    expect(await scene.notices()).toEqual([]);
    expect(await scene.doubts()).toEqual(["1"]);
    old.remove();
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
    expect(await scene.notices()).toMatchObject([{ kind: "deletion", hash }]);
  });

  it("tells so where it works, too", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    account.add({ id: 1, life: neverRecovers(0) });
    const fault = scene.sandbox.fault("delete", { kind: "http", status: 504 });
    await scene.sweep({ policy: one });
    fault.remove();
    account.remove(1);
    account.add({ id: 1, hash: "e".repeat(40) });
    scene.wait();
    await scene.sweep();
    expect(await scene.deletions()).toEqual(["1"]);
    expect(await scene.notices()).toHaveLength(1);
    expect(await scene.doubts()).toEqual([]);
    expect(await scene.counters()).toEqual({});
  });
});
