import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { NOBODY } from "./other-user.ts";

const MAGNETS = join(import.meta.dirname, "../../bin/magnets.js");

/** The tools that the tests run, and the packages of Debian that have them. */
const TOOLS = {
  "dpkg-deb": "dpkg",
  faketime: "faketime",
  lintian: "lintian",
  mandoc: "mandoc",
  mount: "mount",
  python3: "python3-minimal",
  shellcheck: "shellcheck",
  strace: "strace",
  "systemd-analyze": "systemd",
};

function succeeds(command: string, args: readonly string[], options = {}): boolean {
  return spawnSync(command, args, { stdio: "ignore", ...options }).status === 0;
}

function missing(): string[] {
  if (process.getuid?.() !== 0) return ["root: run it with sudo or in a container"];
  const found: string[] = [];
  for (const [tool, name] of Object.entries(TOOLS)) {
    if (!succeeds("sh", ["-c", `command -v ${tool}`])) found.push(`${tool}: apt-get install ${name}`);
  }
  if (!succeeds("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"])) {
    found.push("the right to mount: a container needs CAP_SYS_ADMIN");
  }
  if (!succeeds("strace", ["-f", "-e", "inject=getppid:retval=1", "true"])) {
    found.push("the right to trace: a container needs CAP_SYS_PTRACE");
  }
  const nobody = { uid: NOBODY, gid: NOBODY, env: { HOME: "/nonexistent", PATH: process.env.PATH } };
  for (const path of [process.execPath, MAGNETS]) {
    if (existsSync(path) && !succeeds("test", ["-r", path], nobody)) {
      found.push(`a place that other users get into, for ${path}: they may not read it`);
    }
  }
  return found;
}

/** Fails where these tests can't do what they are for: none of them is skipped. */
export function setup(): void {
  const found = missing();
  if (found.length > 0) throw new Error(`test:machine needs\n  ${found.join("\n  ")}`);
}
