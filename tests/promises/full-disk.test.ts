import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { type Machine, test } from "../support/machine.ts";

const CAN_MOUNT = canMount();

/** Two magnets to restart and three to delete. */
function fill({ alldebrid }: Machine): string {
  const counters: Record<string, unknown> = {};
  for (const id of [101, 102, 103, 104, 105]) {
    alldebrid.account().add({ id, life: neverRecovers(5) });
    if (id > 102) counters[id] = { fails: 4, last_status: "error" };
  }
  return JSON.stringify(counters);
}

/** Mounts a file system of its own for as long as the test works with it. */
async function onTmpfs(machine: Machine, size: string, work: (folder: string) => Promise<void>) {
  const folder = join(machine.home, "disk");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=700`, "tmpfs", folder]);
  try {
    await work(folder);
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
}

/** AllDebrid was asked to do something. */
const changes = ({ alldebrid }: Machine) =>
  alldebrid.requests.filter(({ endpoint }) => endpoint === "restart" || endpoint === "delete");

describe.runIf(CAN_MOUNT)("a real disk (where mounting is allowed)", () => {
  test("that is full: exit 1, one line, old state, nothing asked of AllDebrid", async ({ machine }) => {
    const counters = fill(machine);
    await onTmpfs(machine, "64k", async (folder) => {
      writeFileSync(join(folder, "retry_counts.json"), counters);
      expect(() => writeFileSync(join(folder, "other"), Buffer.alloc(64 * 1024))).toThrow("ENOSPC");
      const { code, stderr } = await machine.run(["run-once", "--state-dir", folder]);
      expect(code).toBe(1);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).toContain("no space left on the disk; free some and run again");
      expect(readFileSync(join(folder, "retry_counts.json"), "utf8")).toBe(counters);
      expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    });
    expect(changes(machine)).toEqual([]);
  });

  test("of any size: nothing is lost, nothing untrue is announced, what fits is done", async ({
    machine,
  }) => {
    const counters = fill(machine);
    const account = machine.alldebrid.account();
    for (const kib of [16, 20, 32, 176]) {
      const [deletionsBefore, messagesBefore] = [account.deletions.length, machine.discord.messages.length];
      const deleted = () => account.deletions.slice(deletionsBefore).map(({ magnet }) => String(magnet.id));
      const announced = () => idsIn(machine.discord.messages.slice(messagesBefore));
      await onTmpfs(machine, `${kib}k`, async (folder) => {
        writeFileSync(join(folder, "retry_counts.json"), counters);
        const run = () => machine.run(["run-once", "--state-dir", folder]);

        const { code, stderr } = await run();
        expect(code, `${kib} KiB`).toBe(kib < 32 ? 1 : 0);
        if (code !== 0) expect(stderr).toMatch(/ERROR can't [^\n]* no space left on the disk[^\n]*\n$/);
        for (const id of deleted()) {
          expect([...recorded(folder), ...intended(folder)], `${kib} KiB: ${id} is on disk`).toContain(id);
        }
        for (const id of announced()) expect(deleted(), `${kib} KiB: announced`).toContain(id);

        execFileSync("mount", ["-o", "remount,size=1m", folder]);
        expect((await run()).code, `${kib} KiB, enlarged`).toBe(0);
        for (const found of [deleted(), recorded(folder), announced()]) {
          expect(found.sort(), `${kib} KiB, enlarged`).toEqual(["103", "104", "105"]);
        }
      });
      // As it was, for the next size.
      for (const id of [101, 102, 103, 104, 105]) {
        account.remove(id);
        account.add({ id, life: neverRecovers(5) });
      }
    }
  });

  test("that is read-only: exit 1, one line, nobody is asked; status works", async ({ machine }) => {
    const counters = fill(machine);
    await onTmpfs(machine, "1m", async (folder) => {
      writeFileSync(join(folder, "retry_counts.json"), counters);
      execFileSync("mount", ["-o", "remount,ro", folder]);
      const { code, stderr } = await machine.run(["run-once", "--state-dir", folder]);
      expect(code).toBe(1);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).toContain("the file system is read-only");
      expect(machine.alldebrid.requests).toEqual([]);
      expect((await machine.run(["status", "--state-dir", folder])).code).toBe(0);
    });
  });
});

/** The ids of the deletions on record. */
function recorded(folder: string): string[] {
  const lines = textOf(join(folder, "deletions.jsonl"))?.split("\n") ?? [];
  return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line).id);
}

/** The ids of the deletions whose outcome is still open. */
function intended(folder: string): string[] {
  const { intents } = JSON.parse(textOf(join(folder, "intents.json")) ?? '{"intents":[]}');
  return intents.map((intent: { id: string }) => intent.id);
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** The ids of the deletions that messages announce. */
function idsIn(messages: Machine["discord"]["messages"]): string[] {
  return messages.flatMap(({ embeds }) =>
    embeds.flatMap((embed) => embed.fields?.find(({ name }) => name === "ID")?.value ?? []),
  );
}

describe("a limit on file sizes", () => {
  test("is met with exit 1 and one line, not with death", async ({ machine }) => {
    const counters = fill(machine);
    await machine.write(".local/state/magnets/retry_counts.json", counters);
    const { code, signal, stderr } = await machine.run(["run-once"], { wrapper: ["prlimit", "--fsize=100"] });
    expect([code, signal], stderr).toEqual([1, null]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain("the limit on file sizes is reached");
    expect(await machine.readState("retry_counts.json")).toEqual(JSON.parse(counters));
    expect(changes(machine)).toEqual([]);
  });

  test("that stops the record of a deletion: the next run makes up for it", async ({ machine }) => {
    await machine.write(".local/state/magnets/retry_counts.json", fill(machine));
    await machine.write(".local/state/magnets/deletions.jsonl", `${" ".repeat(8000)}\n`);
    const { code, stderr } = await machine.run(["run-once"], { wrapper: ["prlimit", "--fsize=8192"] });
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(
      /ERROR can't write [^\n]*deletions.jsonl: the limit on file sizes is reached[^\n]*\n$/,
    );
    const deleted = machine.alldebrid.account().deletions.map(({ magnet }) => String(magnet.id));
    expect(deleted.length).toBeGreaterThan(0);
    expect(intended(machine.state)).toEqual(expect.arrayContaining(deleted));
    expect(idsIn(machine.discord.messages)).toEqual([]);

    expect((await machine.run(["run-once"])).code).toBe(0);
    for (const found of [recorded(machine.state), idsIn(machine.discord.messages)]) {
      expect(found.sort()).toEqual(["103", "104", "105"]);
    }
  });
});

function canMount(): boolean {
  try {
    const [command, ...args] = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"] as const;
    execFileSync(command, args, { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}
