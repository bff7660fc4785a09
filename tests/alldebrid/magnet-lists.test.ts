import { describe, expect, it } from "vitest";
import { filesRemoved, neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { SandboxMagnet } from "../../examples/sandbox/sandbox-magnet.ts";
import { startClient } from "./start-client.ts";

const SHAPES = [
  { list: "array", byId: "bare", ids: "number" },
  { list: "keyed", byId: "keyed", ids: "string" },
  { list: "array", byId: "array", ids: "string" },
] as const;

const success = (data: unknown) => ({ kind: "json", value: { status: "success", data } }) as const;

describe("a list", () => {
  it.each(SHAPES)("is read in the shape %o", async (shapes) => {
    const { client, account, warnings } = await startClient({ sandbox: { shapes } });
    expect(await client.list("error")).toEqual([]);
    account.add({ id: 41, filename: "Gone.mkv", size: 700, life: neverRecovers(5, filesRemoved) });
    account.add({ id: 42, filename: "Film.mkv", size: 900, life: neverRecovers() });
    account.add({ id: 43, life: { now: "processing" } });
    account.add({ id: 44 });
    const { hash, uploadDate } = account.find(42) as SandboxMagnet;
    const uploadedAt = new Date(Math.floor(uploadDate.getTime() / 1000) * 1000);
    const magnets = await client.list("error");
    expect(magnets).toEqual([
      {
        id: "42",
        filename: "Film.mkv",
        size: 900,
        hash,
        statusText: "No peer after 30 minutes",
        statusCode: 15,
        uploadedAt,
      },
    ]);
    for (const [list, id] of [
      ["expired", "41"],
      ["active", "43"],
      ["ready", "44"],
    ] as const) {
      expect((await client.list(list)).map((magnet) => magnet.id)).toEqual([id]);
    }
    expect(warnings).toEqual([]);
  });

  it.each<[string, unknown, unknown]>([
    ["a number", 42, "42"],
    ["digits", "42", "42"],
    ["digits after zeros", "0042", "42"],
    ["more digits than a number holds", "12345678901234567890", "12345678901234567890"],
    ["a number that holds no exact integer", 1e20, undefined],
    ["a fraction", 4.2, undefined],
    ["a negative number", -42, undefined],
    ["zero", 0, undefined],
    ["no digits", "__proto__", undefined],
    ["nothing", null, undefined],
    ["a list", [42], undefined],
    ["too many digits", "9".repeat(21), undefined],
  ])("takes an id that is %s: %j", async (_, id, expected) => {
    const { client, sandbox, warnings } = await startClient();
    sandbox.fault("status", success({ magnets: [{ id, statusCode: 15 }] }));
    const magnets = await client.list("error");
    expect(magnets.map((magnet) => magnet.id)).toEqual(expected === undefined ? [] : [expected]);
    expect(warnings).toHaveLength(expected === undefined ? 1 : 0);
  });

  it("does with an id alone, and takes what is of a wrong type for missing", async () => {
    const { client, sandbox, warnings } = await startClient();
    const odd = { filename: 7, size: "x", hash: "zz", status: null, uploadDate: [], new: {}, error: "none" };
    sandbox.fault(
      "status",
      success({ magnets: [{ id: 1 }, { id: 2, ...odd }, { id: 3, size: "55", statusCode: "4" }] }),
    );
    expect(await client.list("error")).toEqual([
      { id: "1" },
      { id: "2" },
      { id: "3", size: 55, statusCode: 4 },
    ]);
    expect(warnings).toEqual([]);
  });

  it("skips what can't be read, with one warning", async () => {
    const { client, sandbox, warnings } = await startClient();
    const bad = [null, 5, "x", [], {}, { id: {} }, { id: 9, statusCode: "ready" }, { id: 9, statusCode: {} }];
    const refused = { id: 8, error: { code: "GENERIC", message: "" } };
    sandbox.fault("status", success({ magnets: [...bad, { id: 7 }, refused] }));
    expect(await client.list("error")).toMatchObject([{ id: "7" }]);
    expect(warnings).toEqual(["main: the error list: 9 entries can't be read and are skipped"]);
  });

  it.each<[string, unknown]>([
    ["no data", undefined],
    ["null", null],
    ["an empty list in place of data", []],
    ["no magnets", {}],
    ["text for magnets", { magnets: "none" }],
  ])("that is none is a failure: %s", async (_, data) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("status", success(data));
    await expect(client.list("error")).rejects.toThrow(/not in a form|not AllDebrid's/);
  });

  it("of ten thousand magnets is read whole", async () => {
    const { client, sandbox } = await startClient();
    const magnets = Array.from({ length: 10_000 }, (_, index) => ({ id: index + 1, statusCode: 15 }));
    sandbox.fault("status", success({ magnets }));
    expect(await client.list("error")).toHaveLength(10_000);
  });
});

describe("a question by id", () => {
  it.each(SHAPES)("is answered in the shape %o", async (shapes) => {
    const { client, account } = await startClient({ sandbox: { shapes } });
    account.add({ id: 42, life: neverRecovers() });
    expect(await client.getMagnet("42")).toMatchObject({ id: "42", statusCode: 15 });
    expect(await client.getMagnet("43")).toBe("gone");
  });

  it.each<[string, unknown, unknown]>([
    ["an empty list", { magnets: [] }, undefined],
    ["an empty object", { magnets: {} }, undefined],
    ["a magnet that can't be read", { magnets: { id: 42, statusCode: "?" } }, undefined],
    [
      "the error in the magnet's place",
      { magnets: [{ id: 42, error: { code: "MAGNET_INVALID_ID" } }] },
      "gone",
    ],
    [
      "the same, bare and named otherwise",
      { magnets: { magnet: "42", error: { code: "MAGNET_INVALID_ID" } } },
      "gone",
    ],
    ["another error in its place", { magnets: [{ id: 42, error: { code: "GENERIC" } }] }, undefined],
    [
      "that error about another magnet",
      { magnets: [{ id: 41, error: { code: "MAGNET_INVALID_ID" } }] },
      undefined,
    ],
  ])("with %s", async (_, data, expected) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("status", success(data));
    expect(await client.getMagnet("42")).toBe(expected);
  });

  it("answered with another magnet is a failure, and among several the right one is found", async () => {
    const { client, sandbox } = await startClient();
    sandbox.fault("status", success({ magnets: { id: 41, statusCode: 4 } }), { times: 1 });
    await expect(client.getMagnet("42")).rejects.toThrow("another magnet");
    sandbox.fault(
      "status",
      success({
        magnets: [
          { id: 41, statusCode: 4 },
          { id: "42", statusCode: 1 },
        ],
      }),
    );
    expect(await client.getMagnet("42")).toMatchObject({ id: "42", statusCode: 1 });
  });

  it.each([200, 400, 401, 404])("takes MAGNET_INVALID_ID with HTTP %i for gone", async (status) => {
    const { client, sandbox } = await startClient();
    sandbox.fault("status", { kind: "api-error", code: "MAGNET_INVALID_ID", status });
    expect(await client.getMagnet("42")).toBe("gone");
  });

  it.each(["AUTH_BAD_APIKEY", "GENERIC", "MAGNET_INVALID_STATUS", "404"])(
    "takes %s for no answer",
    async (code) => {
      const { client, sandbox } = await startClient();
      sandbox.fault("status", { kind: "api-error", code });
      await expect(client.getMagnet("42")).rejects.toMatchObject({ code });
    },
  );
});
