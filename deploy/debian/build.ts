import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { changelog, control, copyright, debianVersion } from "./documents.ts";

// npm run package:deb [-- FOLDER]: builds magnets_<version>_all.deb into FOLDER, by default the repository.
// Needs dpkg-deb and nothing else of Debian; the same commit gives the same bytes.

const root = fileURLToPath(new URL("../..", import.meta.url));
const LONGEST_BLOCK = 0xffff;
/** Where each shell looks for the completions that packages bring. */
const COMPLETIONS = {
  bash: "bash-completion/completions/magnets",
  zsh: "zsh/vendor-completions/_magnets",
  fish: "fish/vendor_completions.d/magnets.fish",
};
const outFolder = resolve(process.argv[2] ?? root);
const { name, version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
// dpkg-deb reads it from the environment, too.
process.env.SOURCE_DATE_EPOCH ??= commitTime();
process.umask(0o022);
const work = await mkdtemp(join(tmpdir(), "magnets-deb-"));
const stage = join(work, "stage");

try {
  await stageProgram();
  await stageCompletions();
  await stageDocuments();
  await stageUnits();
  await stageControl();
  const deb = join(outFolder, `${name}_${debianVersion(version)}_all.deb`);
  // xz, because Ubuntu's default (zstd) is not read by every Debian.
  run("dpkg-deb", ["-Zxz", "--root-owner-group", "--build", stage, deb]);
  console.log(deb);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function stageProgram(): Promise<void> {
  const built = join(work, "dist");
  run(process.execPath, ["--import", "tsx", "deploy/build.ts", built]);
  await put("usr/lib/magnets/dist/cli.cjs", await readFile(join(built, "cli.cjs")));
  // /usr/bin/node and no other: under sudo `env node` could find a different one than the service has.
  const starter = await readFile(join(root, "bin/magnets.js"), "utf8");
  await put("usr/lib/magnets/bin/magnets.js", starter.replace(/^#!.*/, "#!/usr/bin/node"), 0o755);
  await put(
    "usr/lib/magnets/package.json",
    `${JSON.stringify({ name, version, type: "commonjs", private: true })}\n`,
  );
  await mkdir(join(stage, "usr/bin"), { recursive: true });
  await symlink("../lib/magnets/bin/magnets.js", join(stage, "usr/bin/magnets"));
  await put(
    "usr/share/magnets/config.minimal.json",
    await readFile(join(root, "examples/config.minimal.json")),
  );
}

async function stageDocuments(): Promise<void> {
  const doc = "usr/share/doc/magnets";
  const licences = await readFile(join(work, "dist/LICENSES.txt"), "utf8");
  const ownLicence = await readFile(join(root, "LICENSE"), "utf8");
  await put(`${doc}/copyright`, copyright(ownLicence, licences));
  const history = join(root, "CHANGELOG.md");
  const markdown = existsSync(history) ? await readFile(history, "utf8") : "";
  await put(
    `${doc}/changelog.gz`,
    gzip(changelog(version, markdown, new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000))),
  );
  for (const file of await readdir(join(root, "examples"))) {
    if (/\.jsonc?$/.test(file))
      await put(`${doc}/examples/${file}`, await readFile(join(root, "examples", file)));
  }
  await put(`${doc}/examples/magnets.crontab`, await readFile(join(root, "deploy/cron/magnets.crontab")));
  const manual = await readFile(join(root, "deploy/man/magnets.1"), "utf8");
  await put("usr/share/man/man1/magnets.1.gz", gzip(manual));
}

/** Twice: where `magnets completion` reads it, and where the shell does. */
async function stageCompletions(): Promise<void> {
  for (const [shell, place] of Object.entries(COMPLETIONS)) {
    const script = await readFile(join(work, `dist/completion/magnets.${shell}`));
    await put(`usr/lib/magnets/dist/completion/magnets.${shell}`, script);
    await put(`usr/share/${place}`, script);
  }
}

async function stageUnits(): Promise<void> {
  for (const unit of ["magnets.service", "magnets.timer"]) {
    await put(`usr/lib/systemd/system/${unit}`, await readFile(join(root, "deploy/systemd", unit)));
  }
}

async function stageControl(): Promise<void> {
  const paths = (await readdir(stage, { recursive: true })).map((name) => join(stage, name));
  const files = paths.filter((path) => lstatSync(path).isFile()).sort();
  let bytes = 0;
  let sums = "";
  for (const file of files) {
    const content = await readFile(file);
    bytes += content.length;
    sums += `${createHash("md5").update(content).digest("hex")}  ${file.slice(stage.length + 1)}\n`;
  }
  const facts = { version: debianVersion(version), installedSize: Math.ceil(bytes / 1024) };
  await put("DEBIAN/control", control(facts));
  await put("DEBIAN/md5sums", sums);
  for (const script of ["preinst", "postinst", "prerm", "postrm"]) {
    await put(`DEBIAN/${script}`, await readFile(join(root, "deploy/debian", script)), 0o755);
  }
}

async function put(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const target = join(stage, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
  await chmod(target, mode);
}

/**
 * A .gz of what Debian wants under that name, stored and not compressed: each Node brings a zlib of its own, and no two
 * of them compress to the same bytes. The package is compressed as a whole.
 */
function gzip(text: string): Uint8Array {
  const content = Buffer.from(text);
  // RFC 1952: deflate, no flags, no time, "maximum compression", Unix.
  const pieces: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3])];
  for (let start = 0; start === 0 || start < content.length; start += LONGEST_BLOCK) {
    const block = content.subarray(start, start + LONGEST_BLOCK);
    // RFC 1951, 3.2.4: whether it is the last, its length, and that again with all bits flipped.
    const header = Buffer.alloc(5);
    header.writeUInt8(start + LONGEST_BLOCK >= content.length ? 1 : 0);
    header.writeUInt16LE(block.length, 1);
    header.writeUInt16LE(0xffff - block.length, 3);
    pieces.push(header, block);
  }
  // CRC-32 and length, which depend on the content alone.
  return Buffer.concat([...pieces, gzipSync(content).subarray(-8)]);
}

/** In seconds. Outside a repository (an unpacked tarball) the age of package.json stands in. */
function commitTime(): string {
  try {
    return execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return String(Math.floor(statSync(join(root, "package.json")).mtimeMs / 1000));
  }
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
