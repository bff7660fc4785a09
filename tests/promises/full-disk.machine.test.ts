import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { type Machine, test } from "../support/machine.ts";
import { changes, fill, idsIn, intended, recorded } from "./full-disk.ts";

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

describe("a real disk", () => {
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
        expect(code, `${kib} KiB`).toBe(kib < 176 ? 1 : 0);
        if (code !== 0) expect(stderr).toMatch(/ERROR can't [^\n]* no space left on the disk[^\n]*\n$/);
        for (const id of deleted()) {
          expect([...recorded(folder), ...intended(folder)], `${kib} KiB: ${id} is on disk`).toContain(id);
        }
        for (const id of announced()) expect(deleted(), `${kib} KiB: announced`).toContain(id);

        execFileSync("mount", ["-o", "remount,size=1m", folder]);
        // As if a minute had passed since: a run that did not end well leaves its mark, and the next waits for it.
        rmSync(join(folder, "running.json"), { force: true });
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
