import { execFile } from "node:child_process";
import { chown, cp, mkdtemp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { type Machine, test } from "../support/machine.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

const ORIGINAL = join(import.meta.dirname, "../../examples/original");

/** A user of the original program, whose folder is used as it is; AllDebrid shows one of the counted magnets. */
async function switched(machine: Machine) {
  const folder = join(machine.home, "original");
  await cp(ORIGINAL, folder, { recursive: true });
  const account = machine.alldebrid.account("staticDemoApikeyPrem");
  const magnet = account.add({ id: 403207307, life: neverRecovers() });
  const options = { cwd: folder, env: { XDG_CONFIG_HOME: join(machine.home, "none") } };
  return { folder, account, magnet, run: (...args: string[]) => machine.run(args, options) };
}

/** The lines of a page that copy such a file with `sudo install`, as they are typed. */
async function installLines(file: string, copied: string): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, "../..", file), "utf8");
  return text.split("\n").filter((line) => line.startsWith("sudo install ") && line.includes(copied));
}

/** Runs a line as somebody who needs no sudo, with other places for the system's. */
async function runLine(line: string | undefined, cwd: string, places: Readonly<Record<string, string>>) {
  let command = (line ?? "exit 9").replace(/sudo |-o root -g magnets /g, "");
  for (const [place, other] of Object.entries(places)) command = command.replace(place, other);
  return await promisify(execFile)("sh", ["-c", command], { cwd });
}

describe.concurrent.each(["README.md", "README.fr.md"])("the lines that switch, in %s", (file) => {
  test("copy config and counters, and the config alone where there are no counters", async ({ machine }) => {
    const lines = await installLines(file, " config.json ");
    expect(lines).toHaveLength(1);
    for (const names of [["config.json", "retry_counts.json"], ["config.json"]]) {
      const folder = await mkdtemp(join(machine.home, "original-"));
      const etc = await mkdtemp(join(machine.home, "etc-"));
      for (const name of names) await cp(join(ORIGINAL, name), join(folder, name));
      const { stderr } = await runLine(lines[0], folder, { "/etc/magnets": etc });
      expect(stderr).toBe("");
      expect((await readdir(etc)).sort()).toEqual(names);
      expect((await stat(join(etc, "config.json"))).mode & 0o777).toBe(0o640);
      const { code } = await machine.run(["run-once", "--config", join(etc, "config.json"), "--dry-run"]);
      expect(code).not.toBe(2);
    }
  });

  test.for([[true], [false]])(
    "back: a copy that the folder's owner reads and writes (%s)",
    async ([had], { machine }) => {
      await machine.run(["run-once"]);
      const lines = await installLines(`examples/original/${file}`, "/retry_counts.json .");
      expect(lines).toHaveLength(1);
      const folder = await mkdtemp(join(machine.home, "original-"));
      if (had) await writeFile(join(folder, "retry_counts.json"), "{}", { mode: 0o600 });
      // Root's own copy would do for root alone.
      const owner = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0);
      await chown(folder, owner, -1);
      await runLine(lines[0], folder, { "/var/lib/magnets": machine.state });
      const copy = await stat(join(folder, "retry_counts.json"));
      expect([copy.uid, copy.mode & 0o777]).toEqual([owner, 0o644]);
      expect(await readFile(join(folder, "retry_counts.json"), "utf8")).toBe(
        await readFile(join(machine.state, "retry_counts.json"), "utf8"),
      );
    },
  );
});

describe.concurrent("who comes from the original program", () => {
  test("keeps config and counters: they go on where they were", async ({ machine }) => {
    const { folder, account, run } = await switched(machine);
    const before = await snapshotFolder(folder);
    const first = await run("run-once", "--config", "config.json");
    expect(first.code).toBe(0);
    expect(first.stderr).toContain("took over 2 counters");
    expect(await machine.readState("retry_counts.json")).toMatchObject({
      "403207307": { fails: 4, last_status: "error" },
    });
    machine.alldebrid.clock.advance(30 * 60_000);
    const second = await run("run-once", "--config", "config.json");
    expect(second.code).toBe(0);
    expect(second.stderr).not.toContain("took over");
    expect(account.deletions).toMatchObject([{ magnet: { id: 403207307 }, by: "api" }]);
    // The original's own files are read and never written.
    expect(await snapshotFolder(folder)).toEqual(before);
  });

  test("sees the counters in status before the first sweep, which changes nothing", async ({ machine }) => {
    const { run } = await switched(machine);
    const { code, stdout } = await run("status", "--config", "config.json", "--json");
    expect(code).toBe(0);
    expect(
      JSON.parse(stdout).magnets.map(({ id, fails }: { id: string; fails: number }) => [id, fails]),
    ).toEqual([
      ["403207307", 3],
      ["402623513", 1],
    ]);
    await expect(stat(machine.state)).rejects.toThrow("ENOENT");
  });

  test("could go back: what is written is a flat map with the original's two fields", async ({ machine }) => {
    const { run } = await switched(machine);
    await run("run-once", "--config", "config.json");
    const counters: Record<string, unknown> = JSON.parse(
      await readFile(join(machine.state, "retry_counts.json"), "utf8"),
    );
    for (const [id, entry] of Object.entries(counters)) {
      expect(id).toMatch(/^\d+$/);
      expect(entry).toMatchObject({ fails: expect.any(Number), last_status: expect.any(String) });
    }
  });

  test("is warned when retry_counts_path leads nowhere", async ({ machine }) => {
    await machine.configure({ retry_counts_path: "gone.json" });
    const { code, stderr } = await machine.run(["run-once"]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/WARNING config\.json: retry_counts_path: there is no file .*gone\.json/);
  });
});
