import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DPKG_ENVIRONMENT } from "./container.ts";

/** A release of Debian, and the Node that it ships. */
export interface Release {
  readonly codename: string;
  readonly version: number;
  readonly node: string;
}

export const RELEASES: readonly Release[] = [
  { codename: "bookworm", version: 12, node: "18.20" },
  { codename: "trixie", version: 13, node: "20.19" },
];

const PACKAGES =
  "systemd,systemd-sysv,dbus,ca-certificates,nodejs,sudo,adduser,init-system-helpers,passwd,procps,cron,bash-completion";

/**
 * Unpacks a fresh Debian into `folder`. The first time it is fetched from the mirror that apt uses here, and
 * kept as one archive in `cache` for the next time.
 */
export function unpackDebian({ codename }: Release, folder: string, cache: string): void {
  const contents = createHash("sha256").update(PACKAGES).digest("hex").slice(0, 8);
  const archive = join(cache, `${codename}-${process.arch}-${contents}.tar`);
  if (!existsSync(archive)) fetchDebian(codename, `${folder}-fetched`, archive);
  mkdirSync(folder);
  run("tar", ["-C", folder, "--numeric-owner", "-xpf", archive]);
}

function fetchDebian(codename: string, folder: string, archive: string): void {
  try {
    run("env", [
      ...DPKG_ENVIRONMENT,
      "debootstrap",
      "--variant=minbase",
      `--include=${PACKAGES}`,
      codename,
      folder,
      mirror(),
    ]);
    run("rm", ["-rf", join(folder, "var/cache/apt/archives")]);
    mkdirSync(join(folder, "var/cache/apt/archives/partial"), { recursive: true });
    mkdirSync(join(archive, ".."), { recursive: true });
    run("tar", ["-C", folder, "--numeric-owner", "-cpf", `${archive}.part`, "."]);
    renameSync(`${archive}.part`, archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function mirror(): string {
  const format = "--format=$(ORIGIN) $(LABEL) $(REPO_URI)";
  const { stdout } = spawnSync("apt-get", ["indextargets", format, "Created-By: Packages"], {
    encoding: "utf8",
  });
  return /^Debian Debian (?<uri>\S+)$/m.exec(stdout ?? "")?.groups?.uri ?? "http://deb.debian.org/debian";
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}
