import { indent } from "../bundled-licences.ts";

// Who answers for the package in its control file and changelog.
const MAINTAINER = "The magnets contributors <magnets@packages.invalid>";

/** What the control file says beyond its fixed fields. */
export interface PackageFacts {
  /** As Debian writes it, from `debianVersion`. */
  readonly version: string;
  /** In KiB. */
  readonly installedSize: number;
}

/** A version of npm's as Debian sorts it: `1.0.0-rc.1` comes before `1.0.0`, so `1.0.0~rc.1`. */
export function debianVersion(npmVersion: string): string {
  return npmVersion.replace("-", "~");
}

/** `DEBIAN/control`. util-linux brings flock; an essential package needs a version beside its name. */
export function control({ version, installedSize }: PackageFacts): string {
  return `Package: magnets
Version: ${version}
Architecture: all
Maintainer: ${MAINTAINER}
Installed-Size: ${installedSize}
Depends: nodejs (>= 18.19), util-linux (>= 2.25), adduser
Recommends: ca-certificates, systemd
Section: net
Priority: optional
Description: restart or delete failing magnets of AllDebrid accounts
 Sweeps the magnets of one or more AllDebrid accounts: those that expired or
 met an error are restarted and counted, those that fail too often are deleted,
 and each deletion is announced on Discord.
 .
 One sweep is one short run; a systemd timer starts one every half an hour once
 it is enabled. Put your key into /etc/magnets/config.json first.
`;
}

/** `copyright`: the program's own licence, then those of the libraries inside it, as LICENSES.txt has them. */
export function copyright(ownLicence: string, licences: string): string {
  return `This package is the program magnets.\n\n${indent(ownLicence.trim())}\n\nIn /usr/lib/magnets/dist, ${licences}`;
}

/** What CHANGELOG.md says below the heading of this version; undefined without one. */
export function changelogSection(version: string, markdown: string): string | undefined {
  const sections = markdown.split(/^## /m).slice(1);
  const own = sections.find((section) => /^[^\s[\]]+/.exec(section.replace(/^\[/, ""))?.[0] === version);
  return own?.replace(/^.*\n/, "").trim();
}

/** Debian's changelog: the entries that CHANGELOG.md has for this version, dated `date`. */
export function changelog(version: string, markdown: string, date: Date): string {
  const section = changelogSection(version, markdown) ?? "";
  const entries = [...section.matchAll(/^[-*] (?<entry>.+(?:\n {2,}.+)*)/gm)].map(
    (match) => match.groups?.entry?.replace(/\s+/g, " ") ?? "",
  );
  const lines = entries.length > 0 ? entries : [`Release ${version}.`];
  // RFC 5322 as `date -R` writes it; JavaScript names the zone where Debian wants an offset.
  const stamp = date.toUTCString().replace("GMT", "+0000");
  return `magnets (${debianVersion(version)}) unstable; urgency=medium

${lines.map((line) => `  * ${line}`).join("\n")}

 -- ${MAINTAINER}  ${stamp}
`;
}
