import { describe, expect, it } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { filesRemoved, neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { type Scene, startScene } from "./sweep-scene.ts";

const one = { maxRetries: { expired: 1, error: 1 } };
const found = (magnet: Record<string, unknown>): Behaviour => ({
  kind: "rewrite",
  edit: (answer) => {
    const { data } = answer as { data: { magnets: object } };
    return { status: "success", data: { magnets: { ...data.magnets, ...magnet } } };
  },
});

/** A scene whose magnet 1 is due, and whose question by id is answered like this. */
async function startDue(behaviour: Behaviour, failure = undefined as typeof filesRemoved | undefined) {
  const scene = await startScene();
  scene.sandbox.account().add({ id: 1, life: neverRecovers(5, failure) });
  await scene.writeCounters({ 1: { fails: 4, last_status: "error", account: "fp-main", had_chance: true } });
  scene.sandbox.fault(({ form, endpoint }) => endpoint === "status" && form.has("id"), behaviour);
  return scene;
}

const deletes = (scene: Scene) => scene.sandbox.requestsTo("delete").length;

describe("right before its deletion a magnet is asked for by id", () => {
  it("and is deleted where it still fails", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
    const endpoints = scene.sandbox.requests.map(({ endpoint, form }) => [endpoint, form.get("id")]);
    expect(endpoints.slice(-2)).toEqual([
      ["status", "1"],
      ["delete", "1"],
    ]);
  });

  it("and is held where only that shows a protected name", async () => {
    const scene = await startDue(found({ filename: "Keep.This" }));
    scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "json",
      value: { status: "success", data: { magnets: [{ id: 1, filename: "noname", statusCode: 7 }] } },
    });
    const policy = { ...one, protect: ["keep this"] };
    const { actions, attention } = await scene.sweep({ policy });
    expect(actions).toEqual({ 1: "held" });
    expect(attention).toEqual([]);
    expect(deletes(scene)).toBe(0);
    expect(scene.questions()).toEqual(["main 1"]);
    // The next sweep knows it, and needs no question.
    scene.wait();
    await scene.sweep({ policy });
    expect(scene.questions()).toEqual([]);
    expect(await scene.counters()).toMatchObject({ 1: { filename: "Keep.This", held: expect.any(String) } });
  });

  it("and is not deleted where it is ready: forgotten", async () => {
    const scene = await startDue(found({ status: "Ready", statusCode: 4 }));
    const { actions, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "forgotten" });
    expect(attention).toEqual([]);
    expect(deletes(scene)).toBe(0);
  });

  it.each([0, 1, 2, 3])("and is not deleted where it is processing (%i)", async (statusCode) => {
    const scene = await startDue(found({ status: "Downloading", statusCode }));
    const { actions, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "held" });
    expect(attention).toEqual([]);
    expect(deletes(scene)).toBe(0);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 5 } });
  });

  it("and code 3 is a failure where the expired list holds it", async () => {
    const scene = await startDue(found({ status: "Expired - files removed", statusCode: 3 }), filesRemoved);
    expect((await scene.sweep()).actions).toEqual({ 1: "deleted" });
  });

  it("and is forgotten where it is gone and nobody has sent its deletion", async () => {
    const scene = await startDue({ kind: "api-error", code: "MAGNET_INVALID_ID" });
    const { actions, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "forgotten" });
    expect(attention).toEqual([]);
    expect(deletes(scene)).toBe(0);
    expect(await scene.notices()).toEqual([]);
  });

  it("and was deleted here where it is gone and a deletion was sent", async () => {
    const scene = await startDue({ kind: "delay", ms: 0 });
    const lost = scene.sandbox.fault("delete", { kind: "http", status: 504 });
    await scene.sweep();
    lost.remove();
    scene.sandbox.clearFaults();
    scene.sandbox.fault(({ form }) => form.has("id"), { kind: "api-error", code: "MAGNET_INVALID_ID" });
    scene.wait();
    const sent = deletes(scene);
    expect((await scene.sweep()).actions).toEqual({ 1: "deleted" });
    expect(deletes(scene)).toBe(sent);
    expect(await scene.notices()).toMatchObject([{ id: "1", response_lost: true }]);
  });

  it("and starts anew where the id belongs to another torrent", async () => {
    const scene = await startDue(found({ hash: "b".repeat(40) }));
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
    expect(deletes(scene)).toBe(0);
    expect(await scene.counters()).toEqual({});
  });

  it("and is left alone where the response does not show the hash that it had", async () => {
    const scene = await startDue(found({ hash: undefined }));
    const { actions, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "failed" });
    expect(attention).toHaveLength(1);
    expect(deletes(scene)).toBe(0);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 5 } });
  });

  it.each<[string, Behaviour]>([
    ["GENERIC", { kind: "api-error", code: "GENERIC" }],
    ["a reset", { kind: "reset" }],
    ["an empty list", { kind: "json", value: { status: "success", data: { magnets: [] } } }],
    [
      "another magnet",
      { kind: "json", value: { status: "success", data: { magnets: { id: 9, statusCode: 15 } } } },
    ],
    ["a code that is new", found({ status: "Vanishing", statusCode: 77 })],
    ["no code and no text", found({ status: undefined, statusCode: undefined })],
  ])("and is left alone without a response that shows it failing: %s", async (_, behaviour) => {
    const scene = await startDue(behaviour);
    const { actions, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "failed" });
    expect(attention.length).toBeGreaterThan(0);
    expect(deletes(scene)).toBe(0);
    expect(await scene.doubts()).toEqual([]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 5 } });
  });

  it("and one that is missing from its response keeps none of the others from being deleted", async () => {
    const scene = await startScene();
    for (let id = 1; id <= 40; id++) scene.sandbox.account().add({ id, life: neverRecovers() });
    scene.sandbox.fault(({ form }) => form.get("id") === "1", {
      kind: "json",
      value: { status: "success", data: { magnets: [] } },
    });
    const { actions } = await scene.sweep({ policy: one });
    expect(actions[1]).toBe("failed");
    expect(scene.sandbox.account().deletions).toHaveLength(39);
  });

  it("outside of the fifty questions, and once for all attempts", async () => {
    const scene = await startScene();
    for (let id = 1; id <= 60; id++) scene.sandbox.account().add({ id, life: neverRecovers() });
    const tried = new Set<string | null>();
    const isFirst = ({ endpoint, form }: { endpoint: string; form: URLSearchParams }) =>
      endpoint === "delete" && tried.size < tried.add(form.get("id")).size;
    scene.sandbox.fault(isFirst, { kind: "http", status: 502 });
    await scene.sweep({ policy: one });
    expect(scene.questions()).toHaveLength(60);
    expect(scene.sandbox.account().deletions).toHaveLength(60);
  });
});
