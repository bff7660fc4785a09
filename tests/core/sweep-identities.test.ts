import { describe, expect, it } from "vitest";
import { filesRemoved, neverRecovers, processing } from "../../examples/sandbox/magnet-life.ts";
import type { RecordedRequest } from "../../examples/sandbox/recorded-request.ts";
import { type Scene, startScene } from "./sweep-scene.ts";

const DAY = 24 * 60;
const one = { maxRetries: { expired: 1, error: 1 } };
const two = [
  { key: "k-main", username: "main" },
  { key: "k-spare", username: "spare" },
];
const isUser = ({ endpoint }: { endpoint: string }) => endpoint === "user";
const down = { kind: "api-error", code: "GENERIC" } as const;
const by =
  (account: string, is: (form: URLSearchParams) => boolean) =>
  (request: { account: string | null; form: URLSearchParams }) =>
    request.account === account && is(request.form);
const names = async (scene: Scene) =>
  [...(await scene.openStore()).accounts].map(([id, { name }]) => `${id} ${name}`);

describe("a key whose account is not known yet", () => {
  it("is asked for it first, once", async () => {
    const scene = await startScene();
    await scene.sweep();
    expect(scene.sandbox.requests[0]?.endpoint).toBe("user");
    expect(scene.sandbox.requestsTo("user")).toHaveLength(1);
    scene.wait();
    await scene.sweep();
    expect(scene.sandbox.requestsTo("user")).toHaveLength(1);
    expect(await names(scene)).toEqual(["fp-main main"]);
  });

  it("is an account of its own until that is answered, and its counters follow it", async () => {
    const scene = await startScene();
    scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    const fault = scene.sandbox.fault(isUser, down);
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1, account: "fp-k-main" } });
    fault.remove();
    scene.wait();
    expect((await scene.sweep()).actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2, account: "fp-main" } });
    expect(await names(scene)).toEqual(["fp-main main"]);
  });

  it("leaves alone what is another account's, takes over nothing, and says of nothing that it is gone", async () => {
    const scene = await startScene({
      accounts: [{ key: "k-old", otherKeys: ["k-new"], username: "main" }],
    });
    const account = scene.sandbox.account();
    const magnet = account.add({ id: 1, life: neverRecovers(0) });
    await scene.writeCounters({
      1: { fails: 4, last_status: "error", account: "fp-main", had_chance: true },
      2: { fails: 4, last_status: "error", account: "fp-main" },
      3: { fails: 4, last_status: "error" },
    });
    await scene.sweep({ keys: ["k-old"], policy: { maxRetries: { expired: 9, error: 9 } } });
    // The user is not asked for within a day, by the old key.
    scene.sandbox.fault(isUser, down);
    const before = await scene.counters();
    const { actions } = await scene.sweep({ keys: ["k-new"], policy: one });
    expect(actions).toEqual({});
    expect(magnet.restarts).toBe(1);
    expect(account.deletions).toEqual([]);
    expect(await scene.counters()).toEqual(before);
  });

  it("forgets nothing that the account's other key has counted meanwhile", async () => {
    const scene = await startScene({
      accounts: [{ key: "k-old", otherKeys: ["k-new"], username: "main" }],
    });
    const { sandbox } = scene;
    sandbox.account().add({ id: 1, life: neverRecovers(0) });
    sandbox.fault(isUser, down);
    const asks = (key: string, name: string, value: string) => (request: RecordedRequest) =>
      request.key === key && request.form.get(name) === value;
    const isRestart = ({ endpoint }: RecordedRequest) => endpoint === "restart";
    const question = sandbox.seen(asks("k-new", "id", "1"));
    const shown = (statusCode: number) => (answer: unknown) =>
      JSON.parse(JSON.stringify(answer).replace('"statusCode":15', `"statusCode":${statusCode}`));
    sandbox.fault(asks("k-old", "status", "error"), { kind: "hold", until: question });
    sandbox.fault(asks("k-new", "status", "error"), { kind: "rewrite", edit: shown(1) });
    sandbox.fault(asks("k-new", "id", "1"), {
      kind: "handler",
      handle: async (_, response, carryOut) => {
        await sandbox.seen(isRestart);
        const { status, body } = carryOut();
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(shown(4)(JSON.parse(body))));
      },
    });
    const { actions } = await scene.sweep({ keys: ["k-old", "k-new"] });
    expect(actions).toEqual({ 1: "restarted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1 } });
  });
});

describe("a new key of a known account", () => {
  const accounts = [{ key: "k-old", otherKeys: ["k-new"], username: "main" }];

  it("goes on with its counters, its deletions in doubt and its health", async () => {
    const scene = await startScene({ accounts });
    const account = scene.sandbox.account();
    account.add({ id: 1, life: neverRecovers(0) });
    account.add({ id: 2, life: neverRecovers(0, filesRemoved) });
    const policy = { maxRetries: { expired: 1, error: 3 } };
    const fault = scene.sandbox.fault("delete", { kind: "http", status: 504 });
    await scene.sweep({ keys: ["k-old"], policy, names: { "k-old": "account 1" } });
    expect(await scene.doubts()).toEqual(["2"]);
    fault.remove();
    account.remove(2);
    scene.wait();
    const { actions } = await scene.sweep({ keys: ["k-new"], policy, names: { "k-new": "account 1" } });
    expect(actions).toEqual({ 1: "restarted", 2: "deleted" });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2, account: "fp-main" } });
    expect(await names(scene)).toEqual(["fp-main account 1"]);
    expect((await scene.openStore()).accounts.get("fp-main")?.keys?.sort()).toEqual(["fp-k-new", "fp-k-old"]);
  });

  it("asks for what its former key owned", async () => {
    const scene = await startScene({ accounts });
    scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    await scene.sweep({ keys: ["k-old"] });
    scene.sandbox.account().remove(1);
    expect((await scene.sweep({ keys: ["k-new"] })).actions).toEqual({ 1: "forgotten" });
  });

  it("ends its trouble: it works again", async () => {
    const scene = await startScene({ accounts });
    scene.sandbox.account();
    await scene.sweep({ keys: ["k-old"] });
    const isOld = ({ key }: { key: string | null }) => key === "k-old";
    scene.sandbox.fault(isOld, { kind: "api-error", code: "AUTH_BAD_APIKEY" });
    scene.wait();
    await scene.sweep({ keys: ["k-old"] });
    scene.wait();
    await scene.sweep({ keys: ["k-old"] });
    for (let sweeps = 0; sweeps < 2; sweeps++) {
      scene.wait();
      await scene.sweep({ keys: ["k-new"] });
    }
    expect(await scene.notices()).toMatchObject([
      { kind: "alert", code: "AUTH_BAD_APIKEY", resolved: false },
      { kind: "alert", code: "AUTH_BAD_APIKEY", resolved: true },
    ]);
  });
});

describe("works again", () => {
  it.each([
    ["follows a configured name", "films", true],
    ["never follows a position", "account 1", false],
  ])("%s", async (_, name, follows) => {
    const scene = await startScene({ accounts: two });
    const used = { "k-main": name, "k-spare": name };
    scene.sandbox.account("k-main").trouble = "bad-key";
    for (let sweeps = 0; sweeps < 2; sweeps++) {
      await scene.sweep({ keys: ["k-main"], names: used });
      scene.wait();
    }
    expect(await scene.notices()).toMatchObject([{ kind: "alert", resolved: false, account: name }]);
    for (let sweeps = 0; sweeps < 2; sweeps++) {
      await scene.sweep({ keys: ["k-spare"], names: used });
      scene.wait();
    }
    const resolved = (await scene.notices()).filter((notice) => notice.kind === "alert" && notice.resolved);
    expect(resolved).toHaveLength(follows ? 1 : 0);
  });

  it("takes over nothing else: no counters, nothing in doubt", async () => {
    const scene = await startScene({ accounts: two });
    scene.sandbox.account("k-main").add({ id: 1, life: neverRecovers(0) });
    const used = { "k-main": "films", "k-spare": "films" };
    await scene.sweep({ keys: ["k-main"], names: used });
    scene.wait();
    expect((await scene.sweep({ keys: ["k-spare"], names: used })).actions).toEqual({});
    expect(await scene.counters()).toMatchObject({ 1: { fails: 1, account: "fp-main" } });
  });
});

describe("several keys of one account", () => {
  const accounts = [{ key: "k-main", otherKeys: ["k-more"], username: "main" }];

  it("are one account: the first whose lists answer is used, and a warning names the others", async () => {
    const scene = await startScene({ accounts });
    scene.sandbox.account().add({ id: 1, life: neverRecovers(0) });
    const keys = ["k-main", "k-more"];
    const { accounts: swept, complaints } = await scene.sweep({ keys });
    expect(swept).toMatchObject([{ name: "main", ok: true }]);
    expect(complaints).toEqual([expect.stringContaining("more is the same AllDebrid account as main")]);
    const used = () => scene.sandbox.requests.slice(from).filter(({ endpoint }) => endpoint !== "user");
    let from = 0;
    expect(new Set(used().map(({ key }) => key))).toEqual(new Set(["k-main"]));

    from = scene.sandbox.requests.length;
    scene.sandbox.fault(({ key }) => key === "k-main", { kind: "api-error", code: "AUTH_BAD_APIKEY" });
    scene.wait();
    expect((await scene.sweep({ keys })).actions).toEqual({ 1: "restarted" });
    expect(
      used()
        .filter(({ endpoint }) => endpoint === "restart")
        .map(({ key }) => key),
    ).toEqual(["k-more"]);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 2 } });
  });

  it("carry over what 1.0.0 kept under each of them", async () => {
    const scene = await startScene({ accounts });
    await scene.writeCounters({
      1: { fails: 2, last_status: "error", account: "fp-k-main" },
      2: { fails: 3, last_status: "error", account: "fp-k-more" },
    });
    for (const id of [1, 2]) scene.sandbox.account().add({ id, life: neverRecovers(0) });
    await scene.sweep({ keys: ["k-main", "k-more"] });
    expect(await scene.counters()).toMatchObject({
      1: { fails: 3, account: "fp-main" },
      2: { fails: 4, account: "fp-main" },
    });
  });
});

describe("an account that is no longer configured", () => {
  it("keeps its own name, and is forgotten 90 days after its last sweep, on the word of two days", async () => {
    const scene = await startScene({ accounts: two });
    const spare = scene.sandbox.account("k-spare");
    spare.add({ id: 1, life: neverRecovers(0) });
    spare.add({ id: 2, life: neverRecovers(0, filesRemoved) });
    scene.sandbox.fault("delete", { kind: "http", status: 504 });
    const policy = { maxRetries: { expired: 1, error: 9 } };
    await scene.sweep({ policy });
    expect(await scene.doubts()).toEqual(["2"]);
    const told = await scene.notices();

    const sweep = () => scene.sweep({ keys: ["k-main"], names: { "k-main": "account 1" } });
    scene.wait(90 * DAY);
    await sweep();
    expect(await names(scene)).toEqual(["fp-main account 1", "fp-spare spare"]);
    scene.wait(2 * 60);
    await sweep();
    scene.wait(60);
    await sweep();
    // The same day: one clock may be wrong.
    expect(Object.keys(await scene.counters())).toEqual(["1", "2"]);
    expect(await scene.doubts()).toEqual(["2"]);
    scene.wait(DAY);
    await sweep();
    expect(await scene.counters()).toEqual({});
    expect(await scene.doubts()).toEqual([]);
    expect(await names(scene)).toEqual(["fp-main account 1"]);
    expect(await (await scene.openStore()).readDeletions()).toMatchObject([{ id: "2", confirmed: false }]);
    expect(await scene.notices()).toEqual(told);
  });

  it("is not forgotten by a clock that was ahead for a day, nor by one that comes back", async () => {
    const scene = await startScene({ accounts: two });
    scene.sandbox.account("k-spare").add({ id: 1, life: neverRecovers(0) });
    await scene.sweep();
    const sweep = () => scene.sweep({ keys: ["k-main"] });
    scene.wait(400 * DAY);
    await sweep();
    scene.wait(-399 * DAY);
    await sweep();
    scene.wait(400 * DAY);
    await sweep();
    scene.wait(-400 * DAY);
    await sweep();
    expect(Object.keys(await scene.counters())).toEqual(["1"]);
  });

  it("as 1.0.0 left it, without a time, has its 90 days from the first sweep on", async () => {
    const scene = await startScene();
    await scene.writeCounters({ 1: { fails: 2, last_status: "error", account: "fp-k-removed" } });
    await scene.sweep();
    scene.wait(89 * DAY);
    await scene.sweep();
    scene.wait(DAY + 60);
    await scene.sweep();
    expect(Object.keys(await scene.counters())).toEqual(["1"]);
    scene.wait(DAY);
    await scene.sweep();
    expect(await scene.counters()).toEqual({});
  });
});

describe("a sweep that is stopped", () => {
  it("says nothing of the account's other key, which is not tried any more", async () => {
    const scene = await startScene({
      accounts: [{ key: "k-main", otherKeys: ["k-more"], username: "main" }],
    });
    const keys = ["k-main", "k-more"];
    await scene.sweep({ keys });
    const stopping = new AbortController();
    stopping.abort();
    const { complaints } = await scene.sweep({ keys, stopping });
    expect(complaints).toEqual([expect.stringContaining("is the same AllDebrid account")]);
  });
});

describe("a magnet that is known to be one configured account's", () => {
  const foreign = { 1: { fails: 4, last_status: "error", account: "fp-main", had_chance: true } };

  it("is not taken over by another's list", async () => {
    const scene = await startScene({ accounts: two });
    await scene.sweep();
    const magnet = scene.sandbox.account("k-spare").add({ id: 1, life: neverRecovers(0) });
    scene.sandbox.account("k-main").add({ id: 1, life: processing() });
    await scene.writeCounters(foreign);
    expect((await scene.sweep({ policy: one })).actions).toEqual({});
    expect(magnet.restarts).toBe(0);
    expect(await scene.counters()).toMatchObject({ 1: { fails: 4, account: "fp-main" } });
  });

  it("becomes the other's where its account does not answer, once found by id there", async () => {
    const scene = await startScene({ accounts: two });
    await scene.sweep();
    scene.sandbox.account("k-spare").add({ id: 1, life: neverRecovers(0) });
    await scene.writeCounters(foreign);
    scene.sandbox.account("k-main").trouble = "maintenance";
    const isSilent = by("spare", (form) => form.has("id"));
    const fault = scene.sandbox.fault(isSilent, down);
    await scene.sweep({ policy: one });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 4, account: "fp-main" } });
    fault.remove();
    scene.wait();
    await scene.sweep({ policy: one });
    expect(await scene.counters()).toMatchObject({ 1: { fails: 4, account: "fp-spare" } });
    scene.wait();
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
  });

  it("becomes the other's also where only its confirmed deletion is known", async () => {
    const scene = await startScene({ accounts: two });
    const main = scene.sandbox.account("k-main");
    main.add({ id: 1, life: neverRecovers(0) });
    expect((await scene.sweep({ policy: one })).actions).toEqual({ 1: "deleted" });
    main.trouble = "maintenance";
    scene.sandbox.account("k-spare").add({ id: 1, life: neverRecovers(0) });
    await scene.sweep({ policy: one });
    expect((await scene.openStore()).confirmed.get("1")).toMatchObject({ fingerprint: "fp-spare" });
    expect(await scene.counters()).toEqual({});
  });

  it("takes what is in doubt along", async () => {
    const scene = await startScene({ accounts: two });
    scene.sandbox.account("k-main").add({ id: 1, life: neverRecovers(0) });
    const fault = scene.sandbox.fault("delete", { kind: "http", status: 504 });
    await scene.sweep({ policy: one });
    fault.remove();
    scene.sandbox.account("k-main").remove(1);
    scene.sandbox.account("k-spare").add({ id: 1, life: processing() });
    scene.sandbox.account("k-main").trouble = "maintenance";
    scene.sandbox.fault(
      by("spare", (form) => form.get("status") === "error"),
      {
        kind: "json",
        value: { status: "success", data: { magnets: [{ id: 1, statusCode: 15 }] } },
      },
    );
    await scene.sweep({ policy: one });
    expect((await scene.openStore()).intents.get("1")).toMatchObject({ fingerprint: "fp-spare" });
  });
});

describe("a counter whose owner is not known", () => {
  const nobodys = { 1: { fails: 2, last_status: "error" } };

  it("is forgotten when every account that state knows says that the magnet is gone", async () => {
    const scene = await startScene({ accounts: two });
    await scene.writeCounters(nobodys);
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
    expect(scene.questions().sort()).toEqual(["main 1", "spare 1"]);
  });

  it("is kept while one of them is not configured, not known, or does not answer", async () => {
    const scene = await startScene({ accounts: two });
    await scene.sweep();
    await scene.writeCounters(nobodys);
    expect((await scene.sweep({ keys: ["k-main"] })).actions).toEqual({});
    const silent = scene.sandbox.fault(
      by("spare", (form) => form.has("id")),
      down,
    );
    expect((await scene.sweep()).actions).toEqual({});
    silent.remove();
    expect((await scene.sweep()).actions).toEqual({ 1: "forgotten" });
  });

  it("is kept while a key's account is not known", async () => {
    const scene = await startScene({ accounts: two });
    await scene.writeCounters(nobodys);
    scene.sandbox.fault(({ endpoint, account }) => endpoint === "user" && account === "spare", down);
    expect((await scene.sweep()).actions).toEqual({});
    expect(Object.keys(await scene.counters())).toEqual(["1"]);
  });
});
