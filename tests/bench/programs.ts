import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BuildOptions, build } from "esbuild";
import { bundleOptions } from "../../deploy/bundle-options.ts";

const run = promisify(execFile);

export const ROOT = join(import.meta.dirname, "../..");

/** The commit that the program is compared with: version 1.0.0 as it was before its sources were put together. */
export const EARLIER_COMMIT = "3e0797a";

/** What is measured: paths of executables. */
export interface Programs {
  readonly now: string;
  /** Undefined where there is nothing to compare with. */
  readonly earlier: string | undefined;
}

/** The executable, built from the sources as they are. */
export async function buildProgram(): Promise<string> {
  await run("npm", ["run", "build"], { cwd: ROOT });
  return join(ROOT, "bin/magnets.js");
}

/**
 * The folder of the earlier commit, checked out and built with the libraries that are installed; kept for the next
 * time. Undefined where git does not have the commit: in a tarball, or in a shallow clone.
 */
export async function prepareEarlier(): Promise<string | undefined> {
  const folder = join(ROOT, "node_modules/.cache", `magnets-${EARLIER_COMMIT}`);
  if (existsSync(join(folder, "dist/cli.cjs"))) return folder;
  try {
    await run("git", ["cat-file", "-e", `${EARLIER_COMMIT}^{commit}`], { cwd: ROOT });
  } catch {
    return undefined;
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const archive = `git archive ${EARLIER_COMMIT} | tar -x -C "$0"`;
  await run("sh", ["-c", archive, folder], { cwd: ROOT });
  if (existsSync(join(ROOT, "node_modules/@noble/hashes"))) {
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  } else {
    // It used a library that is not a dependency any more.
    await run("npm", ["ci", "--ignore-scripts"], { cwd: folder });
  }
  const itsOwn = (await import(join(folder, "deploy/bundle-options.ts"))) as {
    bundleOptions(root: string): BuildOptions;
  };
  await build({
    ...itsOwn.bundleOptions(folder),
    entryPoints: ["src/cli.ts"],
    outfile: join(folder, "dist/cli.cjs"),
  });
  return folder;
}

/** Bundles the script at this `file:` address into `folder` as the program is bundled, and returns its path. */
export async function buildFloor(address: string, folder: string): Promise<string> {
  const entry = fileURLToPath(address);
  const outfile = join(folder, `${basename(entry, ".ts")}.cjs`);
  await build({ ...bundleOptions(ROOT), entryPoints: [entry], outfile });
  return outfile;
}
