import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { mirror } from "../boot/debian-tree.ts";

/** What debian:13-slim leaves out, too; it stays left out when packages are installed later. */
const LEFT_OUT = ["man", "info", "locale", "doc", "groff", "lintian"].map(
  (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
);
const KEPT = ["doc/*/copyright", "locale/locale.alias"].map(
  (name) => `--dpkgopt=path-include=/usr/share/${name}`,
);

/** An archive of a Debian 13 as small as debian:13-slim. */
export function slimDebian(): string {
  return archive("trixie-slim-amd64.tar", ["--variant=minbase", ...LEFT_OUT, ...KEPT]);
}

/** An archive of Debian 13's Node for arm64 and of what it needs, unpacked and not set up. */
export function arm64Node(): string {
  return archive("trixie-node-arm64.tar", ["--variant=extract", "--architectures=arm64", "--include=nodejs"]);
}

/** The first time it is fetched from the mirror that apt uses here; it is kept for the next time. */
function archive(name: string, options: readonly string[]): string {
  const path = join(process.env.MAGNETS_BOOT_CACHE ?? "/var/cache/magnets-boot", name);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.part.tar`;
  execFileSync("mmdebstrap", ["--quiet", ...options, "trixie", part, mirror()], { stdio: "inherit" });
  renameSync(part, path);
  return path;
}
