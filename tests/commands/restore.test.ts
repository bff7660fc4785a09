import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { SandboxMagnet } from "../../examples/sandbox/sandbox-magnet.ts";
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

  test("changes nothing in state and may be repeated", async ({ machine }) => {
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
      expect.stringContaining("the key it was deleted with (former) is not configured any more: put it"),
      "",
    ]);
  });

  test.for<[string, (answer: { data: { magnets: Record<string, unknown>[] } }) => unknown, string]>([
    [
      "another hash",
      ({ data }) => Object.assign(data.magnets[0] ?? {}, { hash: HASH }),
      "added another hash",
    ],
    ["no id", ({ data }) => delete data.magnets[0]?.id, "does not say what became of it"],
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
    expect(stdout).toContain("the key it was deleted with (main) is not configured any more: added to main");
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
    expect(document.magnets[0].error).toContain("put it, or an account named account 1, into api_keys");
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
