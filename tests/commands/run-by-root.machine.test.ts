import { execFileSync } from "node:child_process";
import { chmod, chown, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";
import { NOBODY, nodeRefusesSetuid } from "../support/other-user.ts";

async function ownedByNobody(machine: Machine): Promise<string> {
  const folder = join(machine.home, "theirs");
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, NOBODY, NOBODY);
  // Only root may enter a temporary folder as it is made.
  await chmod(machine.home, 0o711);
  // Root alone may read the config, which is read before root is given up; where the command is run again by
  // that user, that one must be able to.
  if (nodeRefusesSetuid()) execFileSync("chmod", ["-R", "o+rX", join(machine.home, ".config")]);
  return folder;
}

async function owners(folder: string): Promise<Record<string, number>> {
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await stat(join(folder, name))).uid])),
  );
}

describe.concurrent("run by root on a folder that belongs to somebody else", () => {
  test("every command leaves files of that user alone", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const folder = await ownedByNobody(machine);
    for (const command of ["run-once", "status", "test-webhook", "reset"]) {
      const { code, stderr } = await machine.run([command, "--state-dir", folder]);
      expect({ command, code, stderr: stderr.match(/ERROR.*/)?.[0] }).toEqual({
        command,
        code: 0,
        stderr: undefined,
      });
    }
    const found = await owners(folder);
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(["deletions.jsonl", "lock", "retry_counts.json"]),
    );
    expect(new Set(Object.values(found))).toEqual(new Set([NOBODY]));
    expect(machine.discord.embeds).toHaveLength(2);
  });

  test("a signal reaches the sweep", async ({ machine }) => {
    const folder = await ownedByNobody(machine);
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const gate = createGate();
    machine.alldebrid.fault("restart", { kind: "hold", until: gate.opened });
    const sweep = machine.start(["run-once", "--state-dir", folder]);
    await machine.alldebrid.seen("restart");
    sweep.kill("SIGTERM");
    await sweep.logged("stopped by SIGTERM");
    gate.open();
    expect((await sweep.finished).code).toBe(143);
  });

  test("a folder that is not there yet is its parent's owner's", async ({ machine }) => {
    const folder = join(await ownedByNobody(machine), "deep", "state");
    expect((await machine.run(["run-once", "--state-dir", folder])).code).toBe(0);
    expect((await stat(folder)).uid).toBe(NOBODY);
    expect(new Set(Object.values(await owners(folder)))).toEqual(new Set([NOBODY]));
  });
});
