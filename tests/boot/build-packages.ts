import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/**
 * Builds what people install, into `folder`: the Debian package as `magnets.deb`, one that is newer by name only
 * as `magnets-newer.deb`, and npm's tarball as `magnets.tgz`.
 */
export function buildPackages(folder: string): void {
  const work = mkdtempSync(join(tmpdir(), "magnets-packages-"));
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const built = (ending: string) => join(work, readdirSync(work).find((name) => name.endsWith(ending)) ?? "");
  try {
    run("npm", ["run", "--silent", "package:deb", "--", work]);
    const unpacked = join(work, "newer");
    run("dpkg-deb", ["-R", built(".deb"), unpacked]);
    run("sed", ["-i", "s/^Version: .*/&+newer/", join(unpacked, "DEBIAN/control")]);
    run("dpkg-deb", ["--root-owner-group", "-b", unpacked, join(folder, "magnets-newer.deb")]);
    run("mv", [built(".deb"), join(folder, "magnets.deb")]);
    run("npm", ["pack", "--silent", "--pack-destination", work]);
    run("mv", [built(".tgz"), join(folder, "magnets.tgz")]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
