import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Machine, test } from "../support/machine.ts";

/** Runs in a working directory that is deleted before the program starts. */
async function inDeletedFolder(machine: Machine, ...args: string[]) {
  const folder = join(machine.home, "gone");
  await mkdir(folder);
  return machine.run(args, { wrapper: ["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', folder] });
}

describe.concurrent("in a working directory that was deleted", () => {
  test.for([
    ["run-once"],
    ["run-once", "--dry-run"],
    ["status"],
    ["check"],
    ["reset"],
    ["--version"],
    ["--help"],
  ])("%j needs none", async (args, { machine }) => {
    const { code, stderr } = await inDeletedFolder(machine, ...args);
    expect(stderr).not.toMatch(/bug|uv_cwd|ENOENT/);
    // The timer of this machine, which `check` looks for, is not the point.
    if (args[0] !== "check") expect(code).toBe(0);
  });

  test("a whole path is as good as elsewhere", async ({ machine }) => {
    const args = ["run-once", "-c", machine.config, "--state-dir", machine.state];
    expect((await inDeletedFolder(machine, ...args)).code).toBe(0);
  });

  test.for([
    ["-c", "config.json"],
    ["--state-dir", "state"],
  ])("%s %s is an error that says why", async ([option = "", path = ""], { machine }) => {
    const { code, stderr } = await inDeletedFolder(machine, "status", option, path);
    expect(code).toBe(2);
    expect(stderr).toMatch(`the working directory was deleted, where ${path} would be`);
  });

  test("there is no ./config.json", async ({ machine }) => {
    const { code, stderr } = await machine.run(["run-once"], {
      env: { XDG_CONFIG_HOME: "/nonexistent" },
      wrapper: ["sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh"],
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no configuration found; looked for [^,]+, [^,]+\. To start/);
  });
});
