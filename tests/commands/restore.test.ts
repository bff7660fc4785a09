import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { SandboxMagnet } from "../../examples/sandbox/sandbox-magnet.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";

const HASH = "0123456789abcdef0123456789abcdef01234567";
const BASE32 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH";

/** Has the program delete a magnet of `main` for each name, and forgets nothing of it. */
async function deleted(machine: Machine, ...names: string[]): Promise<SandboxMagnet[]> {
  await machine.configure({ max_retries: 1 });
  const account = machine.alldebrid.account(MAIN_KEY);
  const magnets = names.map((filename) => account.add({ filename, life: neverRecovers() }));
  expect((await machine.run(["run-once"])).code).toBe(0);
  expect(account.magnets()).toEqual([]);
  return magnets;
}

/** Writes a line of deletions.jsonl; what matters is given. */
const line = (id: string, more: Record<string, unknown> = {}) =>
  `${JSON.stringify({
    key: `key-${id}-${JSON.stringify(more)}`,
    id,
    filename: `Film ${id}`,
    size: 1_400_000_000,
    account: "main",
    fingerprint: "ffffffffffffffff",
    deleted_at: "2026-01-02T03:04:05.000Z",
    status: "error",
    fails: 5,
    max_retries: 5,
    ...more,
  })}\n`;

const record = (machine: Machine, ...lines: string[]) =>
  machine.write(".local/state/magnets/deletions.jsonl", lines.join(""));

async function restore(machine: Machine, ...ids: string[]) {
  const { code, stdout, stderr } = await machine.run(["restore", "--json", ...ids]);
  return { code, stderr, document: JSON.parse(stdout) };
}

describe.concurrent("magnets restore id...", () => {
  test("adds deleted magnets again under the account that owned them and says so", async ({ machine }) => {
    const [a, b] = (await deleted(machine, "A.mkv", "B.mkv")) as [SandboxMagnet, SandboxMagnet];
    const { code, stdout, stderr } = await machine.run(["restore", String(a.id), String(b.id)]);
    const [newA, newB] = machine.alldebrid.account(MAIN_KEY).magnets();
    expect([newA?.hash, newB?.hash]).toEqual([a.hash, b.hash]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      `✓ "A.mkv" (${a.id}) was restored to main with the new id ${newA?.id}; AllDebrid is downloading it again`,
      `✓ "B.mkv" (${b.id}) was restored to main with the new id ${newB?.id}; AllDebrid is downloading it again`,
      "",
    ]);
    expect(machine.alldebrid.requestsTo("upload")).toHaveLength(1);
    expect(machine.alldebrid.violations).toEqual([]);
  });

  test("--json", async ({ machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    const { code, document } = await restore(machine, String(magnet?.id));
    const [now] = machine.alldebrid.account(MAIN_KEY).magnets();
    expect(code).toBe(0);
    expect(document).toEqual({
      version: 1,
      exit_code: 0,
      magnets: [
        {
          id: String(magnet?.id),
          filename: "A.mkv",
          account: "main",
          hash: magnet?.hash,
          restored: true,
          new_id: String(now?.id),
          ready: false,
          error: null,
          note: null,
        },
      ],
    });
  });

  test("changes no record and may be repeated", async ({ machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    const before = await machine.readDeletions();
    const first = await restore(machine, String(magnet?.id));
    const second = await restore(machine, String(magnet?.id), String(magnet?.id));
    expect(second.document).toEqual(first.document);
    expect(machine.alldebrid.account(MAIN_KEY).magnets()).toHaveLength(1);
    expect(await machine.readDeletions()).toEqual(before);
  });

  test("goes by the newest line of an id, and takes base32 and links for hashes", async ({ machine }) => {
    await record(
      machine,
      line("1", { hash: "f".repeat(40) }),
      line("1", { hash: BASE32 }),
      line("2", { magnet: `magnet:?xt=urn:btih:${"e".repeat(40)}&dn=x` }),
    );
    expect((await restore(machine, "1", "2")).code).toBe(0);
    const hashes = machine.alldebrid
      .account(MAIN_KEY)
      .magnets()
      .map((magnet) => magnet.hash);
    expect(hashes).toEqual([HASH, "e".repeat(40)]);
  });

  test("more than fit in one request", async ({ machine }) => {
    const hashOf = (i: number) => i.toString(16).padStart(40, "0");
    const ids = Array.from({ length: 150 }, (_, i) => String(i + 1));
    await record(machine, ...ids.map((id) => line(id, { hash: hashOf(Number(id)) })));
    machine.alldebrid.account(MAIN_KEY).activeSlots = 1000;
    const { code, document } = await restore(machine, ...ids);
    expect(code).toBe(0);
    expect(document.magnets.map(({ hash }: { hash: string }) => hash)).toEqual(
      ids.map((id) => hashOf(Number(id))),
    );
    expect(machine.alldebrid.requestsTo("upload").map(({ form }) => form.size)).toEqual([100, 50]);
  });

  test("an id that is not there: nothing is done", async ({ machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    const { code, stdout, stderr } = await machine.run(["restore", String(magnet?.id), "999", "abc"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("no recorded deletion of 999, abc: nothing was restored");
    expect(machine.alldebrid.requestsTo("upload")).toEqual([]);
    // As a shell passes a variable that is not set.
    expect((await machine.run(["restore", ""])).code).toBe(2);
  });
});

describe.concurrent("one that fails stops no other", () => {
  test("no hash, a refusal by AllDebrid, another account's trouble", async ({ machine }) => {
    await machine.configure({
      api_keys: [
        { name: "main", key: MAIN_KEY },
        { name: "spare", key: SPARE_KEY },
      ],
    });
    machine.alldebrid.account(SPARE_KEY).trouble = "bad-key";
    machine.alldebrid.account(MAIN_KEY).activeSlots = 1;
    await record(
      machine,
      line("1"),
      line("2", { hash: "2".repeat(40) }),
      line("3", { hash: "3".repeat(40) }),
      line("4", { hash: "4".repeat(40), account: "spare" }),
      line("5", { hash: "5".repeat(40), account: "former" }),
    );
    const { code, stdout } = await machine.run(["restore", "1", "2", "3", "4", "5"]);
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      '✗ "Film 1" (1) was not restored: its hash is not known, so it can\'t be added again',
      expect.stringContaining('✓ "Film 2" (2) was restored to main'),
      expect.stringContaining("all active slots of the account are taken (MAGNET_TOO_MANY_ACTIVE)"),
      expect.stringContaining("the API key is wrong or was deleted"),
      expect.stringContaining(
        "the account it was deleted from (former) is not configured any more: put its key",
      ),
      "",
    ]);
  });

  test.for<[string, (answer: { data: { magnets: Record<string, unknown>[] } }) => unknown, string]>([
    [
      "another hash",
      ({ data }) => Object.assign(data.magnets[0] ?? {}, { hash: HASH }),
      "added another hash",
    ],
    [
      "neither id nor hash",
      ({ data }) => {
        delete data.magnets[0]?.id;
        delete data.magnets[0]?.hash;
      },
      "does not say what became of it",
    ],
    ["nothing of it", ({ data }) => data.magnets.pop(), "it is missing from the response"],
    [
      "no magnets at all",
      (answer) => Object.assign(answer, { data: {} }),
      "not in a form AllDebrid documents",
    ],
  ])("an answer with %s is no success", async ([, spoil, message], { machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    const edit = (answer: unknown) => {
      spoil(answer as Parameters<typeof spoil>[0]);
      return answer;
    };
    machine.alldebrid.fault("upload", { kind: "rewrite", edit });
    const { code, document } = await restore(machine, String(magnet?.id));
    expect(code).toBe(1);
    expect(document).toMatchObject({ exit_code: 1, magnets: [{ restored: false, new_id: null }] });
    expect(document.magnets[0].error).toContain(message);
  });

  test("ids as digits in text, and an answer without hash, are fine", async ({ machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    const edit = (answer: unknown) => {
      const [entry] = (answer as { data: { magnets: Record<string, unknown>[] } }).data.magnets;
      Object.assign(entry ?? {}, { id: "00777", hash: undefined, ready: true });
      return answer;
    };
    machine.alldebrid.fault("upload", { kind: "rewrite", edit });
    const { document } = await restore(machine, String(magnet?.id));
    expect(document.magnets).toMatchObject([{ restored: true, new_id: "777", ready: true }]);
  });

  test("a batch refused for one magnet's sake is sent one by one", async ({ machine }) => {
    await record(machine, line("1", { hash: "1".repeat(40) }), line("2", { hash: "2".repeat(40) }));
    machine.alldebrid.fault(
      ({ endpoint, form }) => endpoint === "upload" && form.has("magnets[]", "1".repeat(40)),
      { kind: "api-error", code: "MAGNET_INVALID_URI", message: "bad one" },
    );
    const { code, document } = await restore(machine, "1", "2");
    expect(code).toBe(1);
    expect(document.magnets).toMatchObject([
      { restored: false, error: "bad one (MAGNET_INVALID_URI)" },
      { restored: true },
    ]);
  });

  test("a request that is lost is repeated", async ({ machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    machine.alldebrid.fault("upload", { kind: "lost-answer" }, { times: 1 });
    expect((await restore(machine, String(magnet?.id))).code).toBe(0);
    expect(machine.alldebrid.account(MAIN_KEY).magnets()).toHaveLength(1);
  });
});

describe.concurrent("an upload that is taken without its id", () => {
  const withId = (id: unknown) => (answer: unknown) => {
    const [entry] = (answer as { data: { magnets: Record<string, unknown>[] } }).data.magnets;
    Object.assign(entry ?? {}, { id });
    return answer;
  };

  test.for([[0], [undefined], [null]])("id %s: the lists tell it, by the hash", async ([id], { machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    machine.alldebrid.account(MAIN_KEY).add({ filename: "Other.mkv", life: neverRecovers() });
    machine.alldebrid.fault("upload", { kind: "rewrite", edit: withId(id) });
    const { code, document } = await restore(machine, String(magnet?.id));
    const now = machine.alldebrid
      .account(MAIN_KEY)
      .magnets()
      .find(({ hash }) => hash === magnet?.hash);
    expect(code).toBe(0);
    expect(document.magnets).toMatchObject([{ restored: true, new_id: String(now?.id), error: null }]);
  });

  test("the lists don't show it, or don't answer: it is restored all the same", async ({ machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    machine.alldebrid.fault("upload", { kind: "rewrite", edit: withId(0) });
    machine.alldebrid.fault("status", { kind: "api-error", code: "GENERIC" });
    const { code, stdout } = await machine.run(["restore", String(magnet?.id)]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `✓ "A.mkv" (${magnet?.id}) was restored to main; AllDebrid is downloading it again\n`,
    );
  });
});

describe.concurrent("what was restored is noted", () => {
  const lines = async ({ state }: Machine) =>
    (await readFile(join(state, "restored.jsonl"), "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((each) => JSON.parse(each));

  test("a line for each, for the next sweep", async ({ machine }) => {
    const [a, b] = (await deleted(machine, "A.mkv", "B.mkv")) as [SandboxMagnet, SandboxMagnet];
    const recorded = await machine.readDeletions();
    await restore(machine, String(a.id));
    await restore(machine, String(b.id));
    const now = machine.alldebrid.account(MAIN_KEY).magnets();
    expect(await lines(machine)).toEqual(
      [a, b].map(({ id, hash }, i) => ({
        hash,
        id: String(id),
        new_id: String(now[i]?.id),
        account: fingerprint("main"),
        deleted_at: recorded.find((each) => each.id === String(id)).deleted_at,
        restored_at: expect.stringMatching(/^20\d\d-.*Z$/),
      })),
    );
  });

  test("nothing for what could not be restored", async ({ machine }) => {
    await record(machine, line("1"));
    await restore(machine, "1");
    await expect(lines(machine)).rejects.toThrow("ENOENT");
  });

  test("where that can't be done: a warning, and it is restored", async ({ machine }) => {
    const [magnet] = await deleted(machine, "A.mkv");
    await mkdir(join(machine.state, "restored.jsonl"));
    const { code, stderr, document } = await restore(machine, String(magnet?.id));
    expect({ code, restored: document.magnets[0].restored }).toEqual({ code: 0, restored: true });
    expect(stderr).toMatch(
      new RegExp(`WARNING what was restored could not be noted: .*magnets reset ${magnet?.id}`),
    );
  });

  test("the next sweep starts it anew, where its deletion was not carried out", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    const { alldebrid } = machine;
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const fault = alldebrid.fault("delete", {
      kind: "http",
      status: 200,
      body: JSON.stringify({ status: "success", data: { message: "Magnet was successfully deleted" } }),
    });
    await machine.run(["run-once"]);
    // It is the one that the account still holds: neither its id nor its date changes.
    await restore(machine, String(magnet.id));
    fault.remove();
    await machine.configure({ max_retries: 3 });
    const { code, stderr } = await machine.run(["run-once"]);
    expect(code).toBe(0);
    expect(stderr).not.toContain("still there");
    expect(alldebrid.account(MAIN_KEY).magnets()).toEqual([magnet]);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
  });
});

describe.concurrent("accounts are who they are", () => {
  test("a new key and name of the account that it was deleted from", async ({ machine }) => {
    await machine.configure({
      api_keys: [
        { name: "renamed", key: MAIN_KEY },
        { name: "main", key: SPARE_KEY },
      ],
    });
    await machine.write(".local/state/magnets/accounts.json", {
      version: 1,
      accounts: {
        [fingerprint("main")]: { name: "main", keys: ["former key's", fingerprint(MAIN_KEY)] },
        [fingerprint("spare")]: { name: "spare", keys: [fingerprint(SPARE_KEY)] },
      },
    });
    await record(
      machine,
      line("1", { hash: HASH, fingerprint: fingerprint("main") }),
      line("2", { hash: "2".repeat(40), fingerprint: "former key's" }),
    );
    const { code, document } = await restore(machine, "1", "2");
    expect(code).toBe(0);
    expect(document.magnets).toMatchObject([
      { account: "renamed", note: null },
      { account: "renamed", note: null },
    ]);
    expect(machine.alldebrid.account(MAIN_KEY).magnets()).toHaveLength(2);
  });
});

test("a new key, which no sweep has met yet, is asked whose it is", async ({ machine }) => {
  await machine.configure({
    api_keys: [
      { name: "main", key: SPARE_KEY },
      { name: "new", key: MAIN_KEY },
    ],
  });
  await record(machine, line("1", { hash: HASH, fingerprint: fingerprint("main") }));
  const { document } = await restore(machine, "1");
  // Not the other one, which has only its name.
  expect(document.magnets).toMatchObject([{ restored: true, account: "new", note: null }]);
  expect(machine.alldebrid.account(MAIN_KEY).magnets()).toHaveLength(1);
});

test("requests go at two a second", async ({ machine }) => {
  const hashOf = (i: number) => i.toString(16).padStart(40, "0");
  const ids = Array.from({ length: 450 }, (_, i) => String(i + 1));
  await record(machine, ...ids.map((id) => line(id, { hash: hashOf(Number(id)) })));
  machine.alldebrid.account(MAIN_KEY).activeSlots = 1000;
  expect((await restore(machine, ...ids)).code).toBe(0);
  const at = machine.alldebrid.requestsTo("upload").map((request) => request.at);
  expect(at).toHaveLength(5);
  for (const [i, time] of at.slice(2).entries()) expect(time - (at[i] ?? 0)).toBeGreaterThan(1000);
});

describe.concurrent("a key that is not configured any more", () => {
  test("the account of the same given name takes its place, and it is said", async ({ machine }) => {
    await machine.configure({
      api_keys: [
        { name: "other", key: SPARE_KEY },
        { name: "main", key: MAIN_KEY },
      ],
    });
    await record(machine, line("1", { hash: HASH }));
    const { code, stdout } = await machine.run(["restore", "1"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "the account it was deleted from (main) is not configured any more: added to main",
    );
    expect(machine.alldebrid.account(MAIN_KEY).magnets()).toHaveLength(1);
  });

  test("the only account takes its place, and it is said", async ({ machine }) => {
    await record(machine, line("1", { hash: HASH, account: "former" }));
    const { document } = await restore(machine, "1");
    expect(document.magnets).toMatchObject([
      {
        restored: true,
        account: "main",
        note: expect.stringContaining("(former) is not configured any more: added to main"),
      },
    ]);
  });

  test("a name by position is nobody's", async ({ machine }) => {
    await machine.configure({ api_keys: [MAIN_KEY, SPARE_KEY] });
    await record(machine, line("1", { hash: HASH, account: "account 1" }));
    const { code, document } = await restore(machine, "1");
    expect(code).toBe(1);
    expect(document.magnets[0].error).toContain("put its key, or an account named account 1, into api_keys");
    expect(machine.alldebrid.requestsTo("upload")).toEqual([]);
  });
});

describe.concurrent("magnets restore alone", () => {
  test("lists what can be restored, newest first, each once", async ({ machine }) => {
    const hour = (hours: number) => new Date(Date.now() - hours * 3_600_000 - 1000).toISOString();
    await record(
      machine,
      line("1", { hash: HASH, deleted_at: hour(90) }),
      line("2", { deleted_at: hour(30), filename: "\u001b[31mRed\u202e\nname" }),
      "not json\n",
      line("3", { hash: HASH, deleted_at: hour(5), account: "spare" }),
      line("1", { hash: HASH, deleted_at: hour(2) }),
    );
    const { code, stdout, stderr } = await machine.run(["restore"]);
    expect(code).toBe(0);
    expect(stderr).toContain("WARNING deletions.jsonl: line 3 can't be read and is skipped");
    const cells = stdout.split("\n").map((each) => each.split(/ {2,}/));
    expect(cells).toEqual([
      ["ID", "NAME", "SIZE", "ACCOUNT", "DELETED"],
      ["1", "Film 1", "1.4 GB", "main", "2 h ago"],
      ["3", "Film 3", "1.4 GB", "spare", "5 h ago"],
      ["2", "[31mRed name", "1.4 GB", "main", "30 h ago", "hash unknown"],
      [""],
      ["To add them again, run magnets restore ID..."],
      [""],
    ]);
  });

  test("--json", async ({ machine }) => {
    await record(
      machine,
      line("1", { hash: HASH.toUpperCase() }),
      line("2", { size: undefined, filename: undefined }),
    );
    const { code, document } = await restore(machine);
    expect(code).toBe(0);
    const deleted_at = "2026-01-02T03:04:05.000Z";
    expect(document).toEqual({
      version: 1,
      deletions: [
        { id: "2", filename: null, size: null, hash: null, account: "main", deleted_at, restorable: false },
        {
          id: "1",
          filename: "Film 1",
          size: 1_400_000_000,
          hash: HASH,
          account: "main",
          deleted_at,
          restorable: true,
        },
      ],
    });
  });

  test("with nothing on record, and without keys", async ({ machine }) => {
    await machine.configure({ api_keys: [] });
    expect(await machine.run(["restore"])).toMatchObject({ code: 0, stdout: "No deletions are recorded.\n" });
    expect(machine.alldebrid.requests).toEqual([]);
  });

  test("a record that can't be read", async ({ machine }) => {
    await machine.write(".local/state/magnets/deletions.jsonl/x", "");
    expect((await machine.run(["restore"])).code).toBe(1);
  });
});
