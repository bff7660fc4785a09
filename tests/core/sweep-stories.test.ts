import { describe, expect, it } from "vitest";
import {
  deletedByAnotherHand,
  type Failure,
  filesRemoved,
  neverRecovers,
  noPeer,
  processing,
  recovers,
  refusesRestarts,
  takesTwoCycles,
} from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { startScene } from "./sweep-scene.ts";

const three = { maxRetries: { expired: 3, error: 3 } };
const NOTHING = { kind: "json", value: { status: "success", data: { magnets: [] } } } as const;
const inBoth: Failure = { ...noPeer, list: "both" };

describe("a magnet that", () => {
  it("recovers is restarted once and forgotten", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: recovers() });
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({
      1: { fails: 1, last_status: "error", restarts: 1, had_chance: true },
    });
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
    expect(await scene.counters()).toEqual({});
    // The list of ready ones shows it: nothing had to be asked.
    expect(scene.questions()).toEqual([]);
  });

  it("takes two cycles is restarted twice and forgotten", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: takesTwoCycles() });
    for (const fails of [1, 2]) {
      expect((await scene.sweep({ policy: three })).actions).toEqual({ 1: "restarted" });
      expect(await scene.counters()).toMatchObject({ 1: { fails } });
      scene.wait();
    }
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
    expect(scene.sandbox.account().deletions).toEqual([]);
  });

  it("is processing keeps its counter, until it fails again", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(45) });
    await scene.sweep();
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({});
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2 } });
  });

  it("never recovers is deleted at its fifth sighting, recorded and announced", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox
      .account()
      .add({ id: 1, filename: "Film.mkv", size: 700, life: neverRecovers() });
    for (const fails of [1, 2, 3, 4]) {
      expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
      expect(magnet.restarts).toBe(fails);
      scene.wait();
    }
    const { actions, attention } = await scene.sweep();
    expect(actions).toEqual({ 1: "deleted" });
    expect(attention).toEqual([]);
    expect(scene.sandbox.account().deletions).toMatchObject([{ by: "api", magnet: { id: 1 } }]);
    expect(await scene.counters()).toEqual({});
    expect(await scene.doubts()).toEqual([]);
    expect(await scene.deletions()).toEqual(["1"]);
    expect(await scene.notices()).toMatchObject([
      {
        kind: "deletion",
        id: "1",
        filename: "Film.mkv",
        size: 700,
        hash: magnet.hash,
        magnet: `magnet:?xt=urn:btih:${magnet.hash}`,
        account: "main",
        status: "error",
        status_text: "No peer after 30 minutes",
        fails: 5,
        max_retries: 5,
        failing_since: "2026-03-01T12:00:00.000Z",
        deleted_at: "2026-03-01T14:00:00.000Z",
      },
    ]);
    scene.wait();
    expect((await scene.sweep()).magnets).toEqual([]);
    expect(await scene.notices()).toHaveLength(1);
  });

  it("is deleted without a webhook is recorded and announced to nobody", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    await scene.sweep({ policy: { maxRetries: { expired: 1, error: 1 } }, announce: false });
    expect(await scene.deletions()).toEqual(["1"]);
    expect(await scene.notices()).toEqual([]);
  });

  it("stands in both lists counts once, against the higher limit", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(5, inBoth) });
    scene.sandbox.account().add({ id: 2, life: neverRecovers(5, filesRemoved) });
    const policy = { maxRetries: { expired: 2, error: 3 } };
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "restarted", 2: "restarted" });
    scene.wait();
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "restarted", 2: "deleted" });
    scene.wait();
    // The list with the higher limit does not answer: that must not bring the lower one to bear.
    const higher = { ...policy, maxRetries: { expired: 2, error: 9 } };
    const fault = scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "api-error",
      code: "GENERIC",
    });
    expect((await scene.sweep({ policy: higher })).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 3, last_status: "error" } });
    fault.remove();
    scene.wait();
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
  });

  it("is listed as failing but says it is ready is left alone, with a warning", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox.account().add({ id: 1, life: neverRecovers(), extra: { statusCode: 4 } });
    await scene.writeCounters({ 1: { fails: 9, last_status: "error" } });
    const { actions, complaints } = await scene.sweep();
    expect(actions).toEqual({});
    expect(complaints).toEqual([expect.stringContaining("says it is ready")]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 9 } });
    expect(magnet.restarts).toBe(0);
  });

  it("comes from the original with four failures is deleted at the fifth", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    await scene.writeCounters({ 1: { fails: 4, last_status: "expired" } });
    expect((await scene.sweep()).actions).toEqual({ 1: "deleted" });
  });

  it("has no hash is deleted and recorded without a magnet link", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, hash: null, life: neverRecovers() });
    scene.sandbox.account().add({ id: 2, life: neverRecovers(), extra: { hash: "x&tr=http://elsewhere" } });
    await scene.sweep({ policy: { maxRetries: { expired: 1, error: 1 } } });
    const notices = await scene.notices();
    expect(notices).toHaveLength(2);
    for (const notice of notices) expect(notice).not.toHaveProperty("magnet");
  });
});

describe("held back", () => {
  it("by protect: restarted instead, for ever", async () => {
    const scene = await startScene();
    const magnet = scene.sandbox
      .account()
      .add({ id: 1, filename: "Family.Video.avi", life: neverRecovers() });
    const policy = { ...three, protect: ["family.*"] };
    for (const action of ["restarted", "restarted", "held", "held", "held"]) {
      const { actions, attention } = await scene.sweep({ policy });
      expect(actions).toEqual({ 1: action });
      expect(attention).toEqual([]);
      scene.wait();
    }
    expect(magnet.restarts).toBe(5);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 5, held: 'protected by "family.*"' } });
    expect((await scene.sweep({ policy: three })).actions).toEqual({ 1: "deleted" });
  });

  it("by min_failing_hours: until it has failed for so long, whatever the clock does", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    const policy = { ...three, minFailingHours: 2 };
    const actions = [];
    for (const minutes of [30, 30, 60 * 24 * 365, -60 * 24 * 365, 30, 30]) {
      actions.push((await scene.sweep({ policy })).actions[1]);
      scene.wait(minutes);
    }
    // Half an hour twice, a year that counts as one, and a step back that counts as none: two hours to the minute.
    expect(actions).toEqual(["restarted", "restarted", "held", "deleted", undefined, undefined]);
  });

  it("by max_deletes_per_run: all of them, told once until it was under the cap again", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (const id of [1, 2, 3]) account.add({ id, life: neverRecovers() });
    const policy = { maxRetries: { expired: 1, error: 1 }, maxDeletes: 2 };
    for (let sweeps = 0; sweeps < 3; sweeps++) {
      const { actions, attention } = await scene.sweep({ policy });
      expect(actions).toEqual({ 1: "held", 2: "held", 3: "held" });
      expect(attention).toEqual([expect.stringContaining("magnets run-once --max-deletes 0")]);
      scene.wait();
    }
    expect(account.deletions).toEqual([]);
    expect(await scene.notices()).toMatchObject([{ kind: "cap", account: "main", due: 3, max_deletes: 2 }]);

    // A list that does not answer shows too little to call the hold off.
    const fault = scene.sandbox.fault(({ form }) => form.get("status") === "error", {
      kind: "api-error",
      code: "GENERIC",
    });
    await scene.sweep({ policy });
    fault.remove();
    scene.wait();
    await scene.sweep({ policy });
    expect(await scene.notices()).toHaveLength(1);

    scene.wait();
    const { actions, attention } = await scene.sweep({ policy: { ...policy, maxDeletes: 0 } });
    expect(actions).toEqual({ 1: "deleted", 2: "deleted", 3: "deleted" });
    expect(attention).toEqual([]);
    for (const id of [4, 5, 6]) account.add({ id, life: neverRecovers() });
    await scene.sweep({ policy });
    expect((await scene.notices()).filter(({ kind }) => kind === "cap")).toHaveLength(2);
  });

  it.each(["MAGNET_NO_SERVER", "MAGNET_MUST_BE_PREMIUM", "MAGNET_TOO_MANY", "MAINTENANCE"])(
    "for its second chance: refused with %s it had none",
    async (code) => {
      const scene = await startScene();
      const account = scene.sandbox.account();
      account.add({ id: 1, life: refusesRestarts(code) });
      const policy = { maxRetries: { expired: 2, error: 2 } };
      const seen = [];
      for (let sweeps = 0; sweeps < 4; sweeps++) {
        seen.push((await scene.sweep({ policy })).actions[1]);
        scene.wait();
      }
      expect(seen).toEqual(["failed", "held", "held", "held"]);
      account.remove(1);
      account.add({ id: 1, life: neverRecovers() });
      expect((await scene.sweep({ policy })).actions).toEqual({ 1: "held" });
      scene.wait();
      expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
    },
  );

  it.each(["no-magnet-server", "not-premium"] as const)(
    "for its second chance, while the account is refused restarts (%s)",
    async (trouble) => {
      const scene = await startScene();
      const account = scene.sandbox.account();
      account.add({ id: 1, life: neverRecovers() });
      account.trouble = trouble;
      for (let sweeps = 0; sweeps < 4; sweeps++) {
        const { attention } = await scene.sweep({ policy: three });
        expect(attention).toHaveLength(1);
        scene.wait();
      }
      account.trouble = null;
      expect((await scene.sweep({ policy: three })).actions).toEqual({ 1: "held" });
      scene.wait();
      expect((await scene.sweep({ policy: three })).actions).toEqual({ 1: "deleted" });
    },
  );

  it("not by a refusal of its own: that was its chance", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: refusesRestarts("GENERIC") });
    const policy = { maxRetries: { expired: 2, error: 2 } };
    const { actions, attention } = await scene.sweep({ policy });
    expect(actions).toEqual({ 1: "failed" });
    expect(attention).toEqual([]);
    scene.wait();
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
  });
});

describe("slots", () => {
  it("that are full end the restarting, and what waited longest comes first next time", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const magnets = Array.from({ length: 230 }, (_, i) => account.add({ id: i + 1, life: neverRecovers() }));
    const { actions, attention } = await scene.sweep();
    expect(scene.sandbox.requestsTo("restart")).toHaveLength(1);
    expect(Object.values(actions).filter((action) => action === "restarted")).toHaveLength(30);
    expect(attention).toEqual([]);
    for (const expected of [60, 90]) {
      scene.wait();
      await scene.sweep();
      expect(magnets.filter(({ restarts }) => restarts === 1)).toHaveLength(expected);
    }
    expect(Object.values(await scene.counters()).every(({ fails }) => fails === 3)).toBe(true);
  });

  it("taken by others leave the magnets unrestarted, and so undeleted", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    account.activeElsewhere = 30;
    account.add({ id: 1, life: neverRecovers() });
    for (let sweeps = 0; sweeps < 7; sweeps++) {
      const { attention } = await scene.sweep();
      expect(attention).toEqual([]);
      scene.wait();
    }
    expect(account.deletions).toEqual([]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 7, had_chance: false } });
  });
});

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

describe("a deletion", () => {
  const one = { maxRetries: { expired: 1, error: 1 } };

  it("that is refused is tried again by the next sweep, unannounced until then", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    scene.sandbox.fault("delete", { kind: "api-error", code: "GENERIC" }, { times: 1 });
    const { actions, attention } = await scene.sweep({ policy: one });
    expect(actions).toEqual({ 1: "failed" });
    expect(attention).toEqual([expect.stringContaining("was not deleted")]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
    expect(await scene.notices()).toEqual([]);
    expect(await scene.doubts()).toEqual([]);
    scene.wait();
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
    expect(await scene.notices()).toMatchObject([{ fails: 2 }]);
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
      expect(scene.sandbox.requestsTo("delete").length).toBeLessThanOrEqual(12);
      expect(await scene.doubts()).toEqual([]);
      expect(Object.keys(await scene.counters())).toHaveLength(60);
    },
  );

  it.each([true, false])(
    "whose answer is lost (carried out: %s) is settled at once where it can be asked",
    async (act) => {
      const scene = await startScene();
      scene.sandbox.account().add({ id: 1, life: neverRecovers() });
      scene.sandbox.fault("delete", { kind: "close" }, { act });
      const { actions } = await scene.sweep({ policy: one });
      expect(actions).toEqual({ 1: act ? "deleted" : "failed" });
      expect(await scene.doubts()).toEqual([]);
      expect(await scene.notices()).toHaveLength(act ? 1 : 0);
    },
  );

  it.each([true, false])(
    "whose answer is lost (carried out: %s) is settled by the next sweep at the latest",
    async (act) => {
      const scene = await startScene();
      scene.sandbox.account().add({ id: 1, life: neverRecovers() });
      scene.sandbox.fault("delete", { kind: "http", status: 403 }, { act });
      scene.sandbox.fault(({ form }) => form.has("id"), { kind: "api-error", code: "GENERIC" });
      const { actions, attention } = await scene.sweep({ policy: one });
      expect(actions).toEqual({ 1: "failed" });
      expect(attention.length).toBeGreaterThan(0);
      expect(await scene.doubts()).toEqual(["1"]);
      expect(await scene.notices()).toEqual([]);
      expect(Object.keys(await scene.counters())).toEqual(["1"]);

      scene.sandbox.clearFaults();
      scene.wait();
      const next = await scene.sweep({ policy: { maxRetries: { expired: 9, error: 9 } } });
      expect(next.actions).toEqual({ 1: act ? "deleted" : "restarted" });
      expect(await scene.doubts()).toEqual([]);
      expect(await scene.notices()).toHaveLength(act ? 1 : 0);
      expect(await scene.deletions()).toEqual(act ? ["1"] : []);
      scene.wait();
      await scene.sweep();
      expect(await scene.notices()).toHaveLength(act ? 1 : 0);
    },
  );

  it("in doubt did not happen when the magnet turns up ready", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const magnet = account.add({ id: 1, life: neverRecovers() });
    scene.sandbox.fault(({ endpoint, form }) => endpoint === "delete" || form.has("id"), {
      kind: "http",
      status: 403,
    });
    await scene.sweep({ policy: one });
    expect(await scene.doubts()).toEqual(["1"]);
    magnet.become("ready", scene.sandbox.clock.now());
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "forgotten" });
    expect(await scene.doubts()).toEqual([]);
    scene.sandbox.clearFaults();
    account.remove(1);
    await scene.sweep({ policy: one });
    expect(await scene.deletions()).toEqual([]);
  });

  it.each([
    ["announced", false],
    ["forgotten", true],
  ])("on record whose sweep died before it was %s is announced once, unasked", async (_, queued) => {
    const scene = await startScene();
    await scene.writeCounters({ 1: { fails: 5, last_status: "error", account: "fp-k-main" } });
    const store = await scene.openStore();
    const deletion = {
      key: "the-key",
      id: "1",
      account: "main",
      fingerprint: "fp-k-main",
      deleted_at: "2026-03-01T11:30:00.000Z",
      status: "error",
      fails: 5,
      max_retries: 5,
    };
    store.intents.set("1", deletion);
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
        deleted_at: "2026-03-01T11:30:00.000Z",
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
    scene.sandbox.fault(({ form }) => form.has("id"), { kind: "api-error", code: "GENERIC" });
    await scene.sweep();
    expect(scene.questions()).toHaveLength(3);
    expect(await scene.doubts()).toHaveLength(40);
    scene.sandbox.clearFaults();
    await scene.sweep();
    expect(await scene.deletions()).toHaveLength(40);
  });

  it("in doubt under a key that was replaced is settled where the new key lists the magnet", async () => {
    const scene = await startScene({ accounts: [{ key: "k-old", otherKeys: ["k-new"], username: "main" }] });
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    scene.sandbox.fault(({ endpoint, form }) => endpoint === "delete" || form.has("id"), {
      kind: "http",
      status: 403,
    });
    await scene.sweep({ policy: one, keys: ["k-old"] });
    expect(await scene.doubts()).toEqual(["1"]);
    await scene.sweep({ keys: ["k-new"] });
    expect(await scene.doubts()).toEqual([]);
  });
});

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
    expect(await scene.counters()).toMatchObject({ 2: { fails: 2, account: "fp-k-spare" } });
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
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2, account: "fp-k-new" } });
  });
});

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

describe("told to stop", () => {
  it("a sweep finishes what is under way, saves it, and deletes nothing", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    const restarted = account.add({ id: 1, life: neverRecovers() });
    account.add({ id: 2, life: neverRecovers(5, filesRemoved) });
    const gate = createGate();
    scene.sandbox.fault("restart", { kind: "hold", until: gate.opened });
    const stopping = new AbortController();
    const report = scene.sweep({ policy: { maxRetries: { expired: 1, error: 5 } }, stopping });
    await scene.sandbox.seen("restart");
    stopping.abort();
    gate.open();
    const { actions } = await report;
    expect(actions).toEqual({ 1: "restarted", 2: "failed" });
    expect(restarted.restarts).toBe(1);
    expect(await scene.counters()).toMatchObject({
      1: { fails: 1, restarts: 1, had_chance: true },
      2: { fails: 1 },
    });
    expect(await scene.doubts()).toEqual([]);
    expect(scene.sandbox.requests.at(-1)?.endpoint).toBe("restart");
  });

  it("amid deletions records what was done, and leaves the rest to the next", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (let id = 1; id <= 50; id++) account.add({ id, life: neverRecovers() });
    const gate = createGate();
    scene.sandbox.fault("delete", { kind: "hold", until: gate.opened });
    const stopping = new AbortController();
    const policy = { maxRetries: { expired: 1, error: 1 } };
    const report = scene.sweep({ policy, stopping });
    await scene.sandbox.seen("delete", 12);
    stopping.abort();
    gate.open();
    const { actions } = await report;
    expect(Object.values(actions).filter((action) => action === "deleted")).toHaveLength(12);
    expect(await scene.deletions()).toHaveLength(12);
    expect(await scene.notices()).toHaveLength(12);
    expect(await scene.doubts()).toEqual([]);
    expect(Object.keys(await scene.counters())).toHaveLength(38);
    scene.sandbox.clearFaults();
    scene.wait();
    await scene.sweep({ policy });
    expect(account.deletions).toHaveLength(50);
    expect(new Set((await scene.notices()).map(({ key }) => key)).size).toBe(50);
  });

  it("before it began, a sweep sends nothing", async () => {
    const scene = await startScene();
    const stopping = new AbortController();
    stopping.abort();
    const { accounts } = await scene.sweep({ stopping });
    expect(accounts).toMatchObject([{ ok: false }]);
    expect(scene.sandbox.requests).toEqual([]);
  });
});
