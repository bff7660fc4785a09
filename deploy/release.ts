import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { changelogSection } from "./debian/documents.ts";

// npm run release [-- --dry-run]: makes what a release of the checked-out commit publishes, in the folder release: the Debian
// package, npm's tarball, SHA256SUMS of both, and NOTES.md, the version's part of CHANGELOG.md. The same commit gives the
// same bytes on the same Node and dpkg. Without --dry-run it refuses what must not be published.

interface Manifest {
  readonly version: string;
  readonly repository?: string | { readonly url?: string };
}

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "release");
const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
const manifest: Manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const section = changelogSection(manifest.version, await readFile(join(root, "CHANGELOG.md"), "utf8"));

const problems = findProblems();
if (problems.length > 0) console.error(["Not ready for a release:", ...problems].join("\n  "));
if (problems.length > 0 && !values["dry-run"]) {
  console.error("Nothing was made. To see what a release would hold: npm run release -- --dry-run");
  process.exitCode = 1;
} else {
  await makeFiles();
}

/** What stands in the way of a release, and what to do about it. */
function findProblems(): string[] {
  const { version, repository } = manifest;
  const address = typeof repository === "string" ? repository : repository?.url;
  const changed = run("git", ["status", "--porcelain"])
    .split("\n")
    .filter(Boolean)
    .map((line) => line.slice(3));
  const tag = `v${version}`;
  const tags = run("git", ["tag", "--points-at", "HEAD"]).split("\n");
  return [
    ...(address ? [] : ["package.json has no repository: enter the address where the code is published"]),
    ...(changed.length > 0 ? [`the work tree is not clean: commit or remove ${changed.join(", ")}`] : []),
    ...(section === undefined ? [`CHANGELOG.md has no section ${version}: rename Unreleased to it`] : []),
    ...(tags.includes(tag) ? [] : [`the checked-out commit is not tagged ${tag}: git tag ${tag}`]),
  ];
}

async function makeFiles(): Promise<void> {
  process.umask(0o022);
  process.env.SOURCE_DATE_EPOCH ??= run("git", ["log", "-1", "--format=%ct"]).trim();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(tmpdir(), "magnets-release-"));
  try {
    // Neither what is not committed nor the modes of this work tree get into the files.
    run("sh", ["-c", 'git -c tar.umask=0022 archive HEAD | tar -x -C "$0"', work]);
    await symlink(join(root, "node_modules"), join(work, "node_modules"));
    run("npm", ["run", "--silent", "package:deb", "--", folder], work);
    // `prepare` builds the program that is packed.
    run("npm", ["pack", "--silent", "--pack-destination", folder], work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const files = (await readdir(folder)).sort();
  const sums = files.map(async (file) => {
    const sum = createHash("sha256").update(await readFile(join(folder, file)));
    return `${sum.digest("hex")}  ${file}\n`;
  });
  await writeFile(join(folder, "SHA256SUMS"), (await Promise.all(sums)).join(""));
  await writeFile(join(folder, "NOTES.md"), `${section ?? `Release ${manifest.version}.`}\n`);
  for (const file of [...files, "SHA256SUMS", "NOTES.md"]) console.log(join(folder, file));
}

function run(command: string, args: readonly string[], cwd = root): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
