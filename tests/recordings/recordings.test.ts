import { describe, expect, it, onTestFinished } from "vitest";
import { conditionOf, type Magnet } from "../../src/core/magnet.ts";
import { AccountError } from "../../src/core/ports.ts";
import { mergeLists } from "../../src/core/sighting.ts";
import { HASH, RECORDINGS, type Recording, type RecordingName } from "./fixtures.ts";
import { type RecordingScene, serveRecording } from "./serve-recording.ts";

async function serve(
  name: RecordingName,
  other?: (path: string, form: URLSearchParams) => Recording | undefined,
): Promise<RecordingScene> {
  const scene = await serveRecording(RECORDINGS[name], other);
  onTestFinished(() => scene.server.close());
  return scene;
}

/** What a call failed with. */
async function failureOf(call: Promise<unknown>): Promise<AccountError> {
  const error = await call.then(
    () => expect.unreachable("it should have failed"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AccountError);
  return error as AccountError;
}

/** The conditions of magnets, each as a list other than `expired` alone shows it. */
const conditionsOf = (magnets: readonly Magnet[]) => magnets.map((magnet) => conditionOf(magnet, false));

const NONAME = { id: "388100377", statusCode: 7, size: 0, hash: HASH.noname, uploadedAt: undefined };
const NO_PEER = { id: "388100378", statusCode: 15, hash: HASH.film, uploadedAt: new Date(1_741_000_100_000) };

describe("lists", () => {
  it.each<[RecordingName, object[]]>([
    ["list-empty", []],
    ["list-null", []],
    ["list-error-array", [NONAME, NO_PEER]],
    ["list-error-keyed", [NONAME, NO_PEER]],
    ["list-expired-keyed", [{ id: "388100201", statusCode: 11, statusText: "Expired - Files removed" }]],
    ["list-one-bare", [NONAME]],
  ])("%s", async (name, expected) => {
    const { client, deprecated, warnings } = await serve(name);
    const magnets = await client.list("error");
    expect(magnets).toMatchObject(expected);
    expect([magnets.length, warnings]).toEqual([expected.length, []]);
    expect(new Set(conditionsOf(magnets))).toEqual(new Set(expected.length > 0 ? ["failing"] : []));
    expect(deprecated).toEqual([]);
  });

  it("list-expired-code3: a failure in the expired list, and a contradiction in the error list", async () => {
    const magnets = await (await serve("list-expired-code3")).client.list("expired");
    expect([...mergeLists(new Map([["expired", magnets]])).failing.keys()]).toEqual(["388100201"]);
    expect([...mergeLists(new Map([["error", magnets]])).contradictory.keys()]).toEqual(["388100201"]);
  });

  it("list-deprecated-flag: it is read, and reported", async () => {
    const { client, deprecated } = await serve("list-deprecated-flag");
    expect(await client.list("error")).toMatchObject([NONAME]);
    expect(deprecated).toEqual(["/v4.1/magnet/status"]);
  });

  it("status-live-fullsync-demo: each is what its own code says", async () => {
    const magnets = await (await serve("status-live-fullsync-demo")).client.list("error");
    expect(magnets.map(({ id }) => id)).toEqual(["611", "613", "617"]);
    expect(conditionsOf(magnets)).toEqual(["processing", "ready", "failing"]);
  });
});

describe("a question by id", () => {
  it.each<[RecordingName, string, string]>([
    ["status-by-id-2021", "789", "ready"],
    ["status-by-id-downloading", "388100501", "processing"],
    ["status-by-id-ready-v4", "388100501", "ready"],
    ["status-by-id-ready", "388100501", "ready"],
    ["status-live-delta-demo", "611", "unknown"],
    ["status-id0-lists-all", "611", "processing"],
  ])("%s: magnet %s is %s", async (name, id, condition) => {
    const magnet = await (await serve(name)).client.getMagnet(id);
    expect(magnet).toMatchObject({ id });
    expect(conditionsOf([magnet as Magnet])).toEqual([condition]);
  });

  it("status-invalid-id: it is gone", async () => {
    expect(await (await serve("status-invalid-id")).client.getMagnet("7")).toBe("gone");
  });

  it("status-id0-lists-all: all magnets but the one that was asked for prove nothing", async () => {
    const { client } = await serve("status-id0-lists-all");
    expect((await failureOf(client.getMagnet("7"))).message).toContain("another magnet");
  });

  it.each<RecordingName>(["list-empty", "list-null"])("%s: nothing is not gone", async (name) => {
    expect(await (await serve(name)).client.getMagnet("7")).toBeUndefined();
  });
});

describe("restarts", () => {
  const refusal = (code: string, chance: boolean) => ({ kind: "refused", code, chance });

  it.each<[RecordingName, string[], object[]]>([
    ["restart-batch", ["388100377", "388100378"], [{ kind: "accepted" }, refusal("MAGNET_PROCESSING", true)]],
    ["restart-batch-cooldown", ["388100377"], [refusal("MAGNET_PROCESSING_COOLDOWN", false)]],
    ["restart-one-ok", ["388100377"], [{ kind: "accepted" }]],
    ["restart-processing", ["388100377"], [refusal("MAGNET_PROCESSING", true)]],
  ])("%s", async (name, ids, expected) => {
    const result = await (await serve(name)).client.restart(ids);
    expect(ids.map((id) => result.outcomes.get(id))).toMatchObject(expected);
    expect(result.failure).toBeUndefined();
  });

  it("err-too-many-active: nothing was tried, and no further batch should be sent", async () => {
    const { client } = await serve("err-too-many-active");
    const { outcomes, failure } = await client.restart(["388100377"]);
    expect(outcomes.get("388100377")).toMatchObject(refusal("MAGNET_TOO_MANY_ACTIVE", false));
    expect(failure).toBeUndefined();
  });

  it("restart-batch-refused-demo: a batch that is refused as a whole is restarted one by one", async () => {
    const { client } = await serve("restart-batch-refused-demo", (_, form) =>
      form.has("id") ? RECORDINGS["restart-one-ok"] : undefined,
    );
    const { outcomes } = await client.restart(["1", "2"]);
    expect([...outcomes.values()]).toEqual([{ kind: "accepted" }, { kind: "accepted" }]);
  });

  it("restart-one-ok: for several it speaks of none, so each is restarted by itself", async () => {
    const { client, server } = await serve("restart-one-ok");
    const { outcomes } = await client.restart(["1", "2"]);
    expect([...outcomes.values()]).toEqual([{ kind: "accepted" }, { kind: "accepted" }]);
    expect(server.requests.map(({ form }) => String(form))).toEqual([
      "ids%5B%5D=1&ids%5B%5D=2",
      "id=1",
      "id=2",
    ]);
  });
});

describe("deletions", () => {
  it.each<[RecordingName, object]>([
    ["delete-ok", { kind: "deleted" }],
    ["status-invalid-id", { kind: "gone" }],
    ["err-503-html", { kind: "lost", code: "" }],
    ["err-503-empty", { kind: "lost", code: "" }],
    ["glitch-empty-body", { kind: "lost", code: "" }],
    ["err-maintenance", { kind: "lost", code: "MAINTENANCE" }],
    ["err-bad-apikey", { kind: "refused", code: "AUTH_BAD_APIKEY", account: true }],
    ["err-no-server", { kind: "refused", code: "NO_SERVER", account: true }],
    ["err-discontinued", { kind: "refused", code: "DISCONTINUED", account: true }],
    ["err-404", { kind: "refused", code: "404", account: true }],
  ])("%s", async (name, expected) => {
    const { client, server } = await serve(name);
    expect(await client.delete("388100377")).toMatchObject(expected);
    // Never repeated by the client; but the other version of a withdrawn endpoint is tried.
    const paths = new Set(server.requests.map(({ path }) => path));
    expect(server.requests).toHaveLength(paths.size);
  });
});

describe("uploads", () => {
  const hash = HASH.image;

  it.each<[RecordingName, object]>([
    ["upload-ready", { kind: "added", id: "388100501", ready: true }],
    ["upload-not-ready", { kind: "added", id: "388100501", ready: false }],
    ["err-too-many", { kind: "failed", message: expect.stringContaining("MAGNET_TOO_MANY") }],
    ["err-no-server", { kind: "failed", message: expect.stringContaining("alldebrid.com/vpn") }],
    ["upload-glitch-reconnect", { kind: "failed", message: expect.stringContaining('"reconnect"') }],
    ["glitch-empty-body", { kind: "failed", message: expect.stringContaining("empty") }],
  ])("%s", async (name, expected) => {
    expect((await (await serve(name)).client.upload([hash])).get(hash)).toMatchObject(expected);
  });

  it("upload-no-id: the hash says that it was taken, and the lists its id", async () => {
    const listed = { "1": { id: 388_100_501, hash: hash.toUpperCase(), status: "Ready", statusCode: 4 } };
    const body = JSON.stringify({ status: "success", data: { magnets: listed } });
    for (const [lists, id] of [
      [{ ...RECORDINGS["list-empty"], body }, "388100501"],
      [RECORDINGS["list-empty"], undefined],
    ] as const) {
      const { client } = await serve("upload-no-id", (path) =>
        path.endsWith("/status") ? lists : undefined,
      );
      expect((await client.upload([hash])).get(hash)).toEqual({ kind: "added", id, ready: true });
    }
  });
});

describe("the user", () => {
  const until = { premiumUntil: new Date(1_988_150_400_000) };

  it.each<[RecordingName, object]>([
    ["user-2021", { username: "somebody", isPremium: true, isTrial: false, ...until }],
    ["user-demo", { username: "demoSomebody", isPremium: true, ...until }],
    ["user-docs-string", { username: "somebody", isPremium: true, ...until }],
    ["user-empty-quotas-array", { username: "s", isPremium: false }],
  ])("%s", async (name, expected) => {
    const user = await (await serve(name)).client.user();
    expect(user).toMatchObject(expected);
    expect(user.premiumUntil === undefined).toBe(!user.isPremium);
  });
});

describe("errors", () => {
  it.each<[RecordingName, string | undefined, string]>([
    ["err-404", "404", "no such endpoint"],
    ["err-503-empty", undefined, "503"],
    ["err-503-html", undefined, "503"],
    ["err-auth-blocked", "AUTH_BLOCKED", "confirm it in the e-mail"],
    ["err-bad-apikey", "AUTH_BAD_APIKEY", "https://alldebrid.com/apikeys"],
    ["err-discontinued", "DISCONTINUED", "newer version of magnets"],
    ["err-maintenance", "MAINTENANCE", "try again later"],
    ["err-no-server", "NO_SERVER", "https://alldebrid.com/vpn"],
    ["err-too-many", "MAGNET_TOO_MANY", "too many"],
    ["glitch-empty-body", undefined, "outages of AllDebrid's"],
    ["upload-glitch-reconnect", undefined, "outages of AllDebrid's"],
  ])("%s", async (name, code, message) => {
    const error = await failureOf((await serve(name)).client.list("error"));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/confirm1ng|<b>|nginx/);
  });

  it.each<RecordingName>(["err-discontinued", "err-404"])(
    "%s: the other version is tried once",
    async (name) => {
      const { client, server } = await serve(name, (path) =>
        path.startsWith("/v4.1/") ? RECORDINGS["user-2021"] : undefined,
      );
      expect((await client.user()).username).toBe("somebody");
      await client.user();
      expect(server.requests.map(({ path }) => path)).toEqual(["/v4/user", "/v4.1/user", "/v4.1/user"]);
    },
  );
});
