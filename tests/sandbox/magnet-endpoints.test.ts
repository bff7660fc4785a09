import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { standingClock } from "../../examples/sandbox/clock.ts";
import {
  filesRemoved,
  neverRecovers,
  processing,
  refusesRestarts,
} from "../../examples/sandbox/magnet-life.ts";
import { ask, DELETE, type Loose, RESTART, STATUS, UPLOAD } from "./ask-alldebrid.ts";

let sandbox: AllDebridSandbox;

beforeEach(async () => {
  const magnets = [
    { id: 1, filename: "ready" },
    { id: 2, life: neverRecovers() },
    { id: 3, life: neverRecovers(5, filesRemoved) },
    { id: 4, life: processing() },
    { id: 5, life: refusesRestarts("GENERIC") },
  ];
  const accounts = [{ key: "k-main", magnets }];
  sandbox = await startAllDebrid({ accounts, clock: standingClock(), rateLimit: false });
});
afterEach(() => sandbox.close());

const ids = (answer: Loose) => Object.values<Loose>(answer.data.magnets).map((magnet) => magnet.id);

describe("status", () => {
  it.each([
    ["error", [2, 5]],
    ["expired", [3]],
    ["ready", [1]],
    ["active", [4]],
  ])("filters %s", async (status, expected) => {
    expect(ids(await ask(sandbox, STATUS, { status }))).toEqual(expected);
  });

  it("shows the text and code of AllDebrid, and times in seconds", async () => {
    const [magnet] = (await ask(sandbox, STATUS, { status: "error" })).data.magnets;
    expect(magnet).toMatchObject({ id: 2, status: "No peer after 30 minutes", statusCode: 15 });
    expect(magnet.hash).toMatch(/^[0-9a-f]{40}$/);
    expect(magnet.uploadDate).toBe(Math.floor(sandbox.clock.now() / 1000) - 3600);
  });

  it("has three shapes", async () => {
    expect((await ask(sandbox, STATUS, { id: "2" })).data.magnets.id).toBe(2);
    sandbox.shapes = { ...sandbox.shapes, list: "keyed", byId: "keyed", ids: "string" };
    expect(Object.keys((await ask(sandbox, STATUS, { status: "error" })).data.magnets)).toEqual(["0", "1"]);
    expect((await ask(sandbox, STATUS, { id: "2" })).data.magnets["0"].id).toBe("2");
  });

  it("knows no magnet that is gone", async () => {
    expect((await ask(sandbox, STATUS, { id: "99" })).error.code).toBe("MAGNET_INVALID_ID");
  });

  it("shows the newest 100 unfiltered, and all of a filtered list", async () => {
    for (let id = 1000; id < 1150; id += 1) sandbox.account().add({ id });
    const all = ids(await ask(sandbox, STATUS));
    expect([all.length, all[0], all.at(-1)]).toEqual([100, 1050, 1149]);
    expect(ids(await ask(sandbox, STATUS, { status: "ready" }))).toHaveLength(151);
  });
});

describe("restart", () => {
  it("answers for each of ids[], with ids as strings", async () => {
    const form: [string, string][] = ["2", "99", "1", "5"].map((id) => ["ids[]", id]);
    const { magnets } = (await ask(sandbox, RESTART, form)).data;
    expect(magnets[0]).toEqual({ magnet: "2", message: expect.any(String) });
    expect(magnets.slice(1).map((each: Loose) => [each.magnet, each.error.code])).toEqual([
      ["99", "MAGNET_INVALID_ID"],
      ["1", "MAGNET_PROCESSING"],
      ["5", "GENERIC"],
    ]);
    expect(ids(await ask(sandbox, STATUS, { status: "active" }))).toEqual([2, 4]);
  });

  it("answers for the whole request when asked for one id", async () => {
    expect((await ask(sandbox, RESTART, { id: "2" })).data.message).toEqual(expect.any(String));
    expect((await ask(sandbox, RESTART, { id: "99" })).error.code).toBe("MAGNET_INVALID_ID");
  });

  it("refuses when 30 are active", async () => {
    sandbox.account().activeElsewhere = 28;
    const { magnets } = (
      await ask(sandbox, RESTART, [
        ["ids[]", "2"],
        ["ids[]", "3"],
      ])
    ).data;
    expect(magnets[0].error).toBeUndefined();
    expect(magnets[1].error.code).toBe("MAGNET_TOO_MANY_ACTIVE");
  });

  it("reads 1,000 fields at most", async () => {
    const form = Array.from({ length: 1001 }, (_, n): [string, string] => ["ids[]", String(n + 5000)]);
    expect((await ask(sandbox, RESTART, form)).data.magnets).toHaveLength(1000);
    expect(sandbox.violations).toEqual(["restart: 1001 form fields"]);
  });
});

describe("delete and upload", () => {
  it("deletes one, once", async () => {
    expect((await ask(sandbox, DELETE, { id: "2" })).status).toBe("success");
    expect((await ask(sandbox, DELETE, { id: "2" })).error.code).toBe("MAGNET_INVALID_ID");
    expect(sandbox.account().deletions).toMatchObject([{ magnet: { id: 2 }, by: "api" }]);
  });

  it("has no batch", async () => {
    expect((await ask(sandbox, DELETE, [["ids[]", "2"]])).error.code).toBe("MAGNET_INVALID_ID");
    expect(sandbox.account().find(2)).toBeDefined();
  });

  it("adds from a link or hash, again from the same hash by the same id", async () => {
    const { hash, filename } = sandbox.account().find(2) as Loose;
    await ask(sandbox, DELETE, { id: "2" });
    const link = `magnet:?xt=urn:btih:${hash.toUpperCase()}&dn=x`;
    const [added] = (await ask(sandbox, UPLOAD, { "magnets[]": link })).data.magnets;
    expect(added).toMatchObject({ magnet: link, hash, name: filename, ready: false });
    const form: [string, string][] = [
      ["magnets[]", hash],
      ["magnets[]", "rubbish"],
    ];
    const [again, bad] = (await ask(sandbox, UPLOAD, form)).data.magnets;
    expect(again.id).toBe(added.id);
    expect(bad.error.code).toBe("MAGNET_INVALID_URI");
  });
});
