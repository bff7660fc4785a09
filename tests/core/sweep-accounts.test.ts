import { describe, expect, it } from "vitest";
import { filesRemoved, neverRecovers, processing } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

const three = { maxRetries: { expired: 3, error: 3 } };
const NOTHING = { kind: "json", value: { status: "success", data: { magnets: [] } } } as const;

describe("accounts", () => {
  const two = [
    { key: "k-main", username: "main" },
    { key: "k-spare", username: "spare" },
  ];

  it.each(["bad-key", "banned", "blocked", "no-server", "maintenance"] as const)(
    "in trouble (%s) stop no other, and keep their counters",
    async (trouble) => {
      const scene = await startScene({ accounts: two });
      const [main, spare] = [scene.sandbox.account("k-main"), scene.sandbox.account("k-spare")];
      main.add({ id: 1, life: neverRecovers() });
      spare.add({ id: 2, life: neverRecovers() });
      await scene.sweep();
      scene.wait();
      main.trouble = trouble;
      const { actions, accounts, attention } = await scene.sweep();
      expect(actions).toEqual({ 2: "restarted" });
      expect(accounts).toMatchObject([
        { name: "main", ok: false },
        { name: "spare", ok: true, error: null },
      ]);
      expect(attention).toHaveLength(1);
      expect(await scene.counters()).toMatchObject({ 1: { fails: 1 }, 2: { fails: 2 } });
    },
  );

  it.each(["expired", "error"] as const)("with one list down (%s) are swept by the other", async (down) => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    account.add({ id: 1, life: neverRecovers(5, filesRemoved) });
    account.add({ id: 2, life: neverRecovers() });
    await scene.sweep();
    scene.wait();
    scene.sandbox.fault(({ form }) => form.get("status") === down, { kind: "api-error", code: "GENERIC" });
    const { actions, accounts } = await scene.sweep();
    expect(actions).toEqual(down === "expired" ? { 2: "restarted" } : { 1: "restarted" });
    expect(accounts[0]?.error).toContain(`the ${down} list`);
    // What the silent list would show is not asked for.
    expect(scene.questions()).toEqual([]);
    expect(Object.keys(await scene.counters())).toEqual(["1", "2"]);
  });

  it("with two keys are counted, restarted and deleted once", async () => {
    const scene = await startScene({
      accounts: [{ key: "k-main", otherKeys: ["k-more"], username: "main" }],
    });
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    const keys = ["k-main", "k-more"];
    for (const fails of [1, 2]) {
      expect((await scene.sweep({ keys, policy: three })).magnets).toMatchObject([{ id: "1", fails }]);
      expect(magnet.restarts).toBe(fails);
      scene.wait();
    }
    expect((await scene.sweep({ keys, policy: three })).actions).toEqual({ 1: "deleted" });
    expect(scene.sandbox.requestsTo("delete")).toHaveLength(1);
    expect(await scene.notices()).toHaveLength(1);
  });

  it("with two keys are told of the cap once", async () => {
    const scene = await startScene({
      accounts: [{ key: "k-main", otherKeys: ["k-more"], username: "main" }],
    });
    for (const id of [1, 2, 3]) scene.sandbox.account().add({ id, life: neverRecovers(0) });
    const policy = { maxRetries: { expired: 1, error: 1 }, maxDeletes: 2 };
    for (const keys of [
      ["k-main", "k-more"],
      ["k-more", "k-main"],
      ["k-main", "k-more"],
      ["k-more", "k-main"],
    ]) {
      await scene.sweep({ keys, policy });
    }
    expect(await scene.notices()).toHaveLength(1);
  });

  it("are each asked for what nobody is known to own, and it is gone when all say so", async () => {
    const scene = await startScene({ accounts: two });
    const spare = scene.sandbox.account("k-spare");
    spare.add({ id: 2, life: processing() });
    await scene.writeCounters({
      1: { fails: 2, last_status: "error" },
      2: { fails: 2, last_status: "error" },
      3: { fails: 2, last_status: "error" },
    });
    // Lists may leave out much of what is there.
    scene.sandbox.fault(({ form }) => form.get("status") === "active", NOTHING);
    spare.trouble = "maintenance";
    expect((await scene.sweep()).actions).toEqual({});
    expect(Object.keys(await scene.counters())).toEqual(["1", "2", "3"]);

    spare.trouble = null;
    scene.questions();
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten", 3: "forgotten" });
    expect(scene.questions().sort()).toEqual(["main 1", "main 2", "main 3", "spare 1", "spare 2", "spare 3"]);
    expect(await scene.counters()).toMatchObject({ 2: { fails: 2, account: "fp-spare" } });
  });

  it("that are not swept any more keep their counters, and nobody is asked for them", async () => {
    const scene = await startScene({ accounts: two });
    scene.sandbox.account("k-spare").add({ id: 1, life: neverRecovers() });
    await scene.sweep();
    scene.sandbox.account("k-spare").remove(1);
    scene.questions();
    await scene.sweep({ keys: ["k-main"] });
    expect(scene.questions()).toEqual([]);
    expect(Object.keys(await scene.counters())).toEqual(["1"]);
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
  });

  it("whose key was replaced go on where they were", async () => {
    const scene = await startScene({ accounts: [{ key: "k-old", otherKeys: ["k-new"], username: "main" }] });
    const account = scene.sandbox.account();
    account.add({ id: 1, life: neverRecovers() });
    const ready = account.add({ id: 2, life: neverRecovers() });
    await scene.sweep({ keys: ["k-old"] });
    ready.become("ready", scene.sandbox.clock.now());
    scene.wait();
    expect((await scene.sweep({ keys: ["k-new"] })).actions).toEqual({ 1: "restarted", 2: "forgotten" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2, account: "fp-main" } });
  });
});
