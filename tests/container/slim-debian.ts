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

/**
 * An archive of a Debian 13 as small as debian:13-slim, for `architecture` as Debian names it. The first time it is
 * fetched from the mirror that apt uses here; it is kept for the next time.
 */
export function slimDebian(architecture: string, packages: readonly string[] = []): string {
  const cache = process.env.MAGNETS_BOOT_CACHE ?? "/var/cache/magnets-boot";
  const archive = join(cache, `${["trixie-slim", architecture, ...packages].join("-")}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(dirname(archive), { recursive: true });
  const include = packages.length > 0 ? [`--include=${packages.join(",")}`] : [];
  const options = ["--quiet", "--variant=minbase", `--architectures=${architecture}`, ...include];
  const fetched = `${archive}.part.tar`;
  execFileSync("mmdebstrap", [...options, ...LEFT_OUT, ...KEPT, "trixie", fetched, mirror()], {
    stdio: "inherit",
  });
  renameSync(fetched, archive);
  return archive;
}
