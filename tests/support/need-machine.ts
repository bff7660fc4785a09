import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { NOBODY } from "./other-user.ts";
import { missingTools, requireAll } from "./requirements.ts";
import { NODE } from "./start-magnets.ts";

const MAGNETS = join(import.meta.dirname, "../../bin/magnets.js");
const TOOLS = {
  "dpkg-deb": "dpkg",
  faketime: "faketime",
  ip: "iproute2",
  lintian: "lintian",
  mandoc: "mandoc",
  mount: "mount",
  python3: "python3-minimal",
  shellcheck: "shellcheck",
  strace: "strace",
  "systemd-analyze": "systemd",
  tinyproxy: "tinyproxy",
};

function succeeds(command: string, args: readonly string[], options = {}): boolean {
  return spawnSync(command, args, { stdio: "ignore", ...options }).status === 0;
}

function missingRights(): string[] {
  const missing: string[] = [];
  if (!succeeds("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/tmp"])) {
    missing.push("the right to mount: a container needs CAP_SYS_ADMIN");
  }
  if (!succeeds("strace", ["-f", "-e", "inject=getppid:retval=1", "true"])) {
    missing.push("the right to trace: a container needs CAP_SYS_PTRACE");
  }
  const nobody = { uid: NOBODY, gid: NOBODY, env: { HOME: "/nonexistent", PATH: process.env.PATH } };
  for (const path of [NODE, MAGNETS]) {
    if (!succeeds("test", ["-r", path], nobody)) {
      missing.push(`${path} readable by other users: move it out of a private folder`);
    }
  }
  return missing;
}

export function setup(): void {
  const tools = missingTools(TOOLS);
  requireAll("test:machine", tools.length > 0 ? tools : missingRights());
}
