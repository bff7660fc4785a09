import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
/** For git's, which a Debian without git can't ask. */
const BUILT_AT = "1767225600";

/**
 * Builds what people install, into `folder`: the Debian package as `magnets.deb`, one that is newer by name only
 * as `magnets-newer.deb`, and npm's tarball as `magnets.tgz`.
 */
export function buildPackages(folder: string): void {
  const work = mkdtempSync(join(tmpdir(), "magnets-packages-"));
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, {
      cwd: root,
      env: { ...process.env, SOURCE_DATE_EPOCH: BUILT_AT },
      stdio: ["ignore", "ignore", "inherit"],
    });
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

/** The Debian package as the Debian in `tree` builds it from this checkout, by its own Node and dpkg-deb. */
export function buildPackageIn(tree: string): Uint8Array {
  const out = mkdtempSync(join(tree, "root/built-"));
  // The same paths inside, and node_modules where a symbolic link leads to.
  const script = `
for folder; do mkdir -p "$TREE$folder" && mount --bind "$folder" "$TREE$folder" || exit; done
exec chroot "$TREE" env -C "$1" /usr/bin/node --import tsx deploy/debian/build.ts "\${OUT#"$TREE"}"`;
  const folders = [root, realpathSync(join(root, "node_modules"))];
  execFileSync("unshare", ["--mount", "sh", "-c", script, "sh", ...folders], {
    env: { PATH: process.env.PATH, TREE: tree, OUT: out, SOURCE_DATE_EPOCH: BUILT_AT },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return readFileSync(join(out, readdirSync(out)[0] ?? ""));
}
