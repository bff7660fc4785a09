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

describe.concurrent("check by root speaks for the user who sweeps", () => {
  /** What is wrong with what, and what to paste. */
  async function complaints(machine: Machine, folder: string, env: Record<string, string> = {}) {
    const { stdout } = await machine.run(["check", "--json", "--state-dir", folder], { env });
    // biome-ignore lint/suspicious/noExplicitAny: what check prints
    const { checks } = JSON.parse(stdout) as { checks: any[] };
    return checks.filter(({ name, result }) => ["config", "files"].includes(name) && result === "failed");
  }

  /** All that the other user may enter; the files in it are root's. */
  async function open(machine: Machine): Promise<void> {
    for (const name of [".config", ".config/magnets"]) await chmod(join(machine.home, name), 0o755);
  }

  test("config, key files and the webhook's file", async ({ machine }) => {
    const folder = await ownedByNobody(machine);
    await open(machine);
    const key = await machine.write(".config/magnets/key", MAIN_KEY);
    const hook = await machine.write(".config/magnets/hook it", machine.discord.url);
    await machine.configure({
      api_keys: [{ name: "main", key_file: "key" }],
      discord_webhook_url: undefined,
      discord_webhook_url_file: "hook it",
    });
    for (const path of [key, hook, machine.config]) {
      await chmod(path, 0o600);
      const found = await complaints(machine, folder);
      if (nodeRefusesSetuid()) expect(found.length).toBeGreaterThan(0);
      else {
        expect(found.map(({ message }) => message)).toContain(`${path} can't be read by nobody, who sweeps`);
      }
      const remedies = found.map(({ message, remedy }) => `${message} ${remedy}`).join("\n");
      const quoted = path === hook ? `'${path}'` : path;
      expect(remedies).toContain(`chgrp nogroup ${quoted} && chmod g+r ${quoted}`);
      expect(remedies).not.toContain("sudo");
      execFileSync("sh", ["-c", `chgrp nogroup ${quoted} && chmod g+r ${quoted}`]);
    }
    expect(await complaints(machine, folder)).toEqual([]);
  });

  test("a folder on the way, and counters of the original's", async ({ machine }) => {
    const folder = await ownedByNobody(machine);
    await open(machine);
    await chmod(machine.config, 0o644);
    const counters = await machine.write(".config/magnets/retry_counts.json", {
      "1": { fails: 1, last_status: "error" },
    });
    const [finding] = await complaints(machine, folder);
    expect(finding.name).toBe("files");
    expect(`${finding.message} ${finding.remedy}`).toContain(
      `chgrp nogroup ${counters} && chmod g+r ${counters}`,
    );
    await chmod(counters, 0o644);
    expect(await complaints(machine, folder)).toEqual([]);
    const way = join(machine.home, ".config");
    await chmod(way, 0o700);
    const remedies = (await complaints(machine, folder)).map(({ message, remedy }) => `${message} ${remedy}`);
    expect(remedies.join("\n")).toContain(`chgrp nogroup ${way} && chmod g+x ${way}`);
  });

  test("every file of state, in one line to paste, with sudo for who called it", async ({ machine }) => {
    const folder = await ownedByNobody(machine);
    await open(machine);
    await chmod(machine.config, 0o644);
    expect((await machine.run(["run-once", "--state-dir", folder])).code).toBe(0);
    const paths = ["retry_counts.json", "sweeps.json"].map((name) => join(folder, name));
    for (const path of paths) {
      await chown(path, 0, 0);
    }
    const command = `chown nobody: ${paths.join(" ")}`;
    expect(await complaints(machine, folder)).toMatchObject([{ name: "files", remedy: command }]);
    expect(await complaints(machine, folder, { SUDO_UID: "1000" })).toMatchObject([
      { name: "files", remedy: `sudo ${command}` },
    ]);
    const { code, stderr } = await machine.run(["run-once", "--state-dir", folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/belongs to root\); run chown nobody: /);
    execFileSync("sh", ["-c", command]);
    expect(await complaints(machine, folder)).toEqual([]);
  });
});
