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

  test("of any size: what is deleted is recorded, what is restarted is counted", async ({ machine }) => {
    const counters = fill(machine);
    const codes = new Set<number | null>();
    for (let blocks = 22; blocks <= 42; blocks += 4) {
      await onTmpfs(machine, `${blocks * 4}k`, async (folder) => {
        writeFileSync(join(folder, "retry_counts.json"), counters);
        const account = machine.alldebrid.account();
        const before = account.deletions.length;
        const { code, stderr } = await machine.run(["run-once", "--state-dir", folder]);
        codes.add(code);
        if (code !== 0) expect(stderr).toMatch(/ERROR can't [^\n]* no space left on the disk[^\n]*\n$/);
        const deleted = account.deletions.slice(before).map(({ magnet }) => String(magnet.id));
        expect(recorded(folder).sort(), `${blocks} blocks`).toEqual(deleted.sort());
        const left = JSON.parse(readFileSync(join(folder, "retry_counts.json"), "utf8"));
        for (const magnet of account.magnets()) {
          if (magnet.restarts > 0)
            expect(left[magnet.id]?.restarts, `${blocks} blocks`).toBe(magnet.restarts);
        }
        // As it was, for the next size.
        for (const { magnet } of account.deletions.slice(before)) {
          account.add({ id: magnet.id, life: neverRecovers(5) });
        }
        for (const id of [101, 102]) {
          account.remove(id);
          account.add({ id, life: neverRecovers(5) });
        }
      });
    }
    expect([...codes].sort()).toEqual([0, 1]);
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

function recorded(folder: string): string[] {
  const path = join(folder, "deletions.jsonl");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line).id);
}

describe("a limit on file sizes", () => {
  test("is met with exit 1 and one line, not with death", async ({ machine }) => {
    const counters = fill(machine);
    await machine.write(".local/state/magnets/retry_counts.json", counters);
    for (const bytes of [100, 4096, 65536]) {
      const wrapper = ["prlimit", `--fsize=${bytes}`];
      const { code, signal, stderr } = await machine.run(["run-once"], { wrapper });
      expect([code, signal], stderr).toEqual([1, null]);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).toContain("the limit on file sizes is reached");
    }
    expect(await machine.readState("retry_counts.json")).toEqual(JSON.parse(counters));
    expect(changes(machine)).toEqual([]);
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
