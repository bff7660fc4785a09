import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { standingClock } from "../../examples/sandbox/clock.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MISBEHAVIOURS } from "../../examples/sandbox/misbehaviours.ts";
import { ask, askUser, DELETE, type Loose, RESTART, STATUS, UPLOAD } from "./ask-alldebrid.ts";

let sandbox: AllDebridSandbox;

beforeEach(async () => {
  const magnets = [{ id: 1 }, { id: 2, life: neverRecovers() }, { id: 3, life: neverRecovers() }];
  const accounts = [{ key: "k-main", magnets }];
  sandbox = await startAllDebrid({ accounts, clock: standingClock(), rateLimit: false });
});
afterEach(() => sandbox.close());

const misbehave = (name: string) => MISBEHAVIOURS[name]?.start(sandbox);
const list = async (status = "error") => (await ask(sandbox, STATUS, { status })).data.magnets;
const idsOf = (magnets: Loose) => Object.values<Loose>(magnets).map(({ id }) => id);
const byId = (id: number) => ask(sandbox, STATUS, { id: String(id) });
const both: [string, string][] = [
  ["ids[]", "2"],
  ["ids[]", "3"],
];
const add = (hash: string | null = "") => ask(sandbox, UPLOAD, { "magnets[]": hash ?? "" });
const raw = async (path: string) => {
  const response = await fetch(sandbox.url + path, { headers: { authorization: "Bearer k-main" } });
  return [response.status, await response.text()] as const;
};

/** What each of them shows to a client; a function of its own for each, so that none is forgotten. */
const SEEN: Record<string, () => Promise<void>> = {
  "filter-ignored": async () => expect(idsOf(await list("expired"))).toEqual([1, 2, 3]),
  "old-lists": async () => {
    await ask(sandbox, DELETE, { id: "2" });
    await ask(sandbox, RESTART, { id: "3" });
    expect(idsOf(await list())).toEqual([2, 3]);
    expect((await byId(2)).error.code).toBe("MAGNET_INVALID_ID");
    expect((await byId(3)).data.magnets.statusCode).toBe(0);
    sandbox.account().thawLists();
    expect(await list()).toEqual([]);
  },
  "keyed-lists": async () => expect(Object.keys(await list())).toEqual(["0", "1"]),
  "bare-list-of-one": async () => {
    expect((await list("ready")).id).toBe(1);
    expect(idsOf(await list())).toEqual([2, 3]);
  },
  "ids-as-strings": async () => expect(idsOf(await list())).toEqual(["2", "3"]),
  "restarts-first-only": async () => {
    expect((await ask(sandbox, RESTART, both)).data.magnets).toMatchObject([{ magnet: "2" }]);
    expect(sandbox.account().find(3)?.restarts).toBe(1);
  },
  "restarts-one-message": async () => {
    expect((await ask(sandbox, RESTART, both)).data).toEqual({ message: expect.any(String) });
  },
  "restart-cooldown": () => refusedWith("MAGNET_PROCESSING_COOLDOWN"),
  "restart-generic": () => refusedWith("GENERIC"),
  "restart-invalid": () => refusedWith("ACCOUNT_INVALID"),
  "delete-later": async () => {
    expect((await ask(sandbox, DELETE, { id: "2" })).status).toBe("success");
    await goesLater();
  },
  "delete-504-later": async () => {
    const headers = { authorization: "Bearer k-main" };
    const body = new URLSearchParams({ id: "2" });
    expect((await fetch(sandbox.url + DELETE, { method: "POST", headers, body })).status).toBe(504);
    await goesLater();
  },
  "delete-never": async () => {
    expect((await ask(sandbox, DELETE, { id: "2" })).status).toBe("success");
    sandbox.clock.advance(86_400_000);
    expect((await byId(2)).data.magnets.id).toBe(2);
  },
  "deleted-listed": async () => {
    await ask(sandbox, DELETE, { id: "2" });
    expect(await list("expired")).toEqual([]);
    expect(idsOf(await list()).sort()).toEqual([2, 3]);
    expect(idsOf(await list())).toEqual([3]);
  },
  "ids-reused": async () => {
    const magnets = await list();
    expect(idsOf(magnets)).toEqual([1, 2, 3]);
    expect(new Set(magnets.map(({ hash }: Loose) => hash))).toHaveLength(3);
  },
  "upload-id-zero": async () => {
    const { hash } = sandbox.account().find(2) as Loose;
    expect((await add(hash)).data.magnets).toMatchObject([{ hash, id: 0 }]);
  },
  "upload-without-id": async () => {
    const { hash } = sandbox.account().find(2) as Loose;
    const [entry] = (await add(hash)).data.magnets;
    expect(entry.hash).toBe(hash);
    expect(entry).not.toHaveProperty("id");
    expect((await add("a".repeat(40))).data.magnets[0].id).toBeGreaterThan(0);
  },
  "v4-discontinued": async () => {
    expect(await raw("/v4/user")).toEqual([200, expect.stringContaining('"code":"DISCONTINUED"')]);
    expect((await raw("/v4.1/user"))[1]).toContain('"success"');
    expect(sandbox.violations).toEqual([]);
  },
  "v4-404": async () => {
    expect(await raw("/v4/user")).toEqual([404, expect.stringContaining('"code":"404"')]);
    expect((await ask(sandbox, "/v4.1/magnet/delete", { id: "2" })).status).toBe("success");
  },
  deprecated: async () => {
    expect(await ask(sandbox, RESTART, both)).toMatchObject({ status: "success", deprecated: true });
    expect(await ask(sandbox, "/v4.1/magnet/restart", both)).not.toHaveProperty("deprecated");
  },
  "keys-replaced": async () => {
    expect((await askUser(sandbox)).error.code).toBe("AUTH_BAD_APIKEY");
    expect((await askUser(sandbox, "k-main-replaced")).data.user.username).toBe("user-1");
    expect(sandbox.account().key).toBe("k-main-replaced");
  },
  "two-keys": async () => {
    for (const key of ["k-main", "k-main-second"]) {
      expect((await askUser(sandbox, key)).data.user.username).toBe("user-1");
    }
  },
  "empty-body": async () => expect(await raw("/v4/user")).toEqual([200, ""]),
  reconnect: async () => {
    expect(await raw("/v4/user")).toEqual([200, expect.stringMatching(/^reconnect\{"status":"success"/)]);
  },
  "503-html": async () => expect(await raw("/v4/user")).toEqual([503, expect.stringContaining("<html>")]),
  "503-empty": async () => expect(await raw("/v4/user")).toEqual([503, ""]),
};

async function refusedWith(code: string): Promise<void> {
  const { magnets } = (await ask(sandbox, RESTART, both)).data;
  expect(magnets.map(({ error }: Loose) => error.code)).toEqual([code, code]);
  expect(await list()).toHaveLength(2);
}

async function goesLater(): Promise<void> {
  expect(idsOf(await list())).toEqual([2, 3]);
  sandbox.clock.advance(60_000);
  expect((await byId(2)).error.code).toBe("MAGNET_INVALID_ID");
  expect(sandbox.account().deletions).toMatchObject([{ magnet: { id: 2 }, by: "api" }]);
}

describe("AllDebrid misbehaves by", () => {
  it.each(Object.keys(MISBEHAVIOURS))("%s", async (name) => {
    misbehave(name);
    await SEEN[name]?.();
    expect(SEEN).toHaveProperty(name);
  });
});

it("answers under /v4.1 as under /v4, but for /v4/magnet/status, which is withdrawn", async () => {
  expect((await ask(sandbox, "/v4/magnet/status", { id: "2" })).error.code).toBe("DISCONTINUED");
  const [entry] = (await ask(sandbox, "/v4.1/magnet/restart", both)).data.magnets;
  expect(entry.message).toEqual(expect.any(String));
  expect((await ask(sandbox, "/v4.1/magnet/upload", { "magnets[]": "b".repeat(40) })).status).toBe("success");
  expect((await ask(sandbox, "/v4.1/magnet/delete", { id: "3" })).status).toBe("success");
  expect((await raw("/v4.1/user"))[1]).toContain("user-1");
});

it("refuses ids[] as a whole when they come with a demo key", async () => {
  const answer = await ask(sandbox, RESTART, both, "staticDemoApikeyPrem");
  expect(answer).toMatchObject({ status: "error", error: { code: "MAGNET_INVALID_ID" } });
});
