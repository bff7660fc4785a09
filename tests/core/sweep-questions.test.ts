import { describe, expect, it } from "vitest";
import { neverRecovers, processing } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

const NOTHING = { kind: "json", value: { status: "success", data: { magnets: [] } } } as const;

describe("questions", () => {
  it("are fifty a sweep, those unasked longest first", async () => {
    const scene = await startScene();
    const ids = Array.from({ length: 120 }, (_, index) => String(index + 1));
    await scene.writeCounters(
      Object.fromEntries(ids.map((id) => [id, { fails: 1, last_status: "error", account: "fp-k-main" }])),
    );
    // The first seventy are there, in no list that shows them.
    for (const id of ids.slice(0, 70)) scene.sandbox.account().add({ id: Number(id), life: processing() });
    scene.sandbox.fault(({ form }) => form.get("status") === "active", NOTHING);
    const asked = [];
    for (let sweeps = 0; sweeps < 3; sweeps++) {
      await scene.sweep();
      asked.push(scene.questions().map((question) => question.replace("main ", "")));
      scene.wait();
    }
    expect(asked.map(({ length }) => length)).toEqual([50, 50, 50]);
    expect(asked[0]?.sort()).toEqual(ids.slice(0, 50).sort());
    expect(asked[1]?.sort()).toEqual(ids.slice(50, 100).sort());
    expect(asked[2]?.sort()).toEqual([...ids.slice(100), ...ids.slice(0, 30)].sort());
    expect(Object.keys(await scene.counters())).toHaveLength(70);
  });

  it("that a restart raises count as well", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (let id = 1; id <= 60; id++) account.add({ id, life: neverRecovers() });
    scene.sandbox.fault("restart", {
      kind: "handler",
      handle: (_, response, carryOut) => {
        for (let id = 1; id <= 60; id++) account.remove(id);
        response.end(carryOut().body);
      },
    });
    await scene.writeCounters({ 99: { fails: 1, last_status: "error", account: "fp-k-main" } });
    const { actions } = await scene.sweep();
    expect(scene.questions()).toHaveLength(50);
    expect(Object.values(actions).filter((action) => action === "forgotten")).toHaveLength(50);
    expect(Object.keys(await scene.counters())).toHaveLength(11);
    await scene.sweep();
    expect(await scene.counters()).toEqual({});
  });

  it("that are answered without the magnet, or with another one, prove nothing", async () => {
    const scene = await startScene();
    await scene.writeCounters({ 1: { fails: 1, last_status: "error", account: "fp-k-main" } });
    const byId = ({ form }: { form: URLSearchParams }) => form.has("id");
    for (const magnets of [[], {}, { id: 2, statusCode: 4 }, [{ id: 1, statusCode: "?" }]]) {
      scene.sandbox.clearFaults();
      scene.sandbox.fault(byId, { kind: "json", value: { status: "success", data: { magnets } } });
      expect((await scene.sweep()).actions).toEqual({});
      expect(Object.keys(await scene.counters())).toEqual(["1"]);
    }
  });
});

describe("the fifty questions of a sweep", () => {
  it("are for deletions in doubt and contradictory listings first", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const counter = { fails: 1, last_status: "error", account: "fp-k-main" };
    await scene.writeCounters(
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [index + 1, counter])),
    );
    const store = await scene.openStore();
    for (const id of ["301", "302"]) {
      const details = {
        id,
        account: "main",
        fingerprint: "fp-k-main",
        status: "error",
        fails: 5,
        max_retries: 5,
      };
      store.intents.set(id, { key: id, requested_at: "2026-03-01T11:30:00.000Z", ...details });
    }
    await store.saveIntents();
    for (const id of [201, 202]) account.add({ id, life: neverRecovers(), extra: { statusCode: 1 } });
    const { actions } = await scene.sweep();
    const asked = scene.questions();
    expect(asked.slice(0, 4)).toEqual(["main 301", "main 302", "main 201", "main 202"]);
    expect(asked).toHaveLength(50);
    expect(actions).toMatchObject({ 301: "deleted", 302: "deleted" });
  });

  it("leave to the next sweep what an account did not answer three times", async () => {
    const scene = await startScene();
    await scene.writeCounters(
      Object.fromEntries(
        Array.from({ length: 20 }, (_, index) => [index + 1, { fails: 1, last_status: "error" }]),
      ),
    );
    scene.sandbox.fault(({ form }) => form.has("id"), { kind: "api-error", code: "GENERIC" });
    const { attention } = await scene.sweep();
    // Six are under way at once.
    expect(scene.questions().length).toBeLessThanOrEqual(8);
    expect(attention).toHaveLength(1);
    expect(Object.keys(await scene.counters())).toHaveLength(20);
  });
});
