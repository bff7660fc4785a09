import { describe, expect, it } from "vitest";
import { neverRecovers, refusesRestarts } from "../../examples/sandbox/magnet-life.ts";
import { startScene } from "./sweep-scene.ts";

const three = { maxRetries: { expired: 3, error: 3 } };

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
    // Refused for its own sake: its life does not hang on the clock.
    scene.sandbox.account().add({ id: 1, life: refusesRestarts("MAGNET_LINKS_REMOVED") });
    const policy = { ...three, minFailingHours: 2 };
    const actions = [];
    for (const minutes of [30, 30, -60 * 24 * 365, 30, 30, 30]) {
      actions.push((await scene.sweep({ policy })).actions[1]);
      scene.wait(minutes);
    }
    // A step back counts as nothing.
    expect(actions).toEqual(["failed", "failed", "held", "held", "held", "deleted"]);
  });

  it("by max_deletes_per_run: all of them, told once until it was under the cap again", async () => {
    const scene = await startScene();
    const account = scene.sandbox.account();
    for (const id of [1, 2, 3]) account.add({ id, life: neverRecovers() });
    const policy = { maxRetries: { expired: 1, error: 1 }, maxDeletes: 2 };
    account.add({ id: 9, filename: "Kept", life: neverRecovers() });
    for (let sweeps = 0; sweeps < 3; sweeps++) {
      const { actions, attention } = await scene.sweep({ policy: { ...policy, protect: ["kept"] } });
      expect(actions).toEqual({ 1: "held", 2: "held", 3: "held", 9: "held" });
      expect(attention).toEqual([expect.stringMatching(/run-once --max-deletes 0.*magnets reset main$/)]);
      scene.wait();
    }
    expect(account.deletions).toEqual([]);
    // It leaves alone what it holds, so that the person's word finds it; what else is held is restarted.
    expect([1, 2, 3, 9].map((id) => account.find(id)?.restarts)).toEqual([0, 0, 0, 3]);
    account.remove(9);
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

  it.each([
    "MAGNET_PROCESSING_COOLDOWN",
    "GENERIC",
    "ACCOUNT_INVALID",
    "MAGNET_INTERNAL_ERROR",
    "MAGNET_UPLOAD_FAILED",
    "BRAND_NEW",
    "MAGNET_NO_SERVER",
    "MAGNET_MUST_BE_PREMIUM",
    "MAGNET_TOO_MANY",
    "MAINTENANCE",
  ])("for its second chance: refused with %s it had none, however often", async (code) => {
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
    expect(account.deletions).toEqual([]);
    // For status and check, which name what waits in vain.
    expect(await scene.counters()).toMatchObject({ 1: { refused: { code, times: 4 } } });
    account.remove(1);
    account.add({ id: 1, life: neverRecovers() });
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "held" });
    scene.wait();
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
  });

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

  it("by min_failing_hours: of a gap without a sighting at most a day counts", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers() });
    const policy = { maxRetries: { expired: 2, error: 2 }, minFailingHours: 25 };
    const actions = [];
    for (const minutes of [60 * 24 * 100, 30, 30, 30]) {
      const { actions: all, reasons } = await scene.sweep({ policy });
      actions.push(all[1]);
      if (actions.length === 2) expect(reasons[1]).toContain("failing for 24 h of min_failing_hours 25");
      scene.wait(minutes);
    }
    expect(actions).toEqual(["restarted", "held", "held", "deleted"]);
  });

  it.each([
    "MAGNET_PROCESSING_FAILED",
    "MAGNET_TOOK_TOO_LONG",
    "MAGNET_LINKS_REMOVED",
    "MAGNET_CANT_BOOTSTRAP",
    "MAGNET_TOO_LARGE",
    "MAGNET_MAGNET_TOO_BIG",
    "MAGNET_PROCESSING",
  ])("not by a refusal of its own (%s): that was its chance", async (code) => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: refusesRestarts(code) });
    const policy = { maxRetries: { expired: 2, error: 2 } };
    const { actions, attention } = await scene.sweep({ policy });
    expect(actions).toEqual({ 1: code === "MAGNET_PROCESSING" ? "restarted" : "failed" });
    expect(attention).toEqual([]);
    scene.wait();
    expect((await scene.sweep({ policy })).actions).toEqual({ 1: "deleted" });
  });
});
