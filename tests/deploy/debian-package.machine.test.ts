import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, runTool } from "./shell-tools.ts";

describe("the Debian package", () => {
  let folder: string;
  let deb: string;
  const field = (name: string) => runTool("dpkg-deb", ["-f", deb, name]).stdout.trim();
  const file = (path: string) => {
    const command = 'dpkg-deb --fsys-tarfile "$1" | tar -xO "./$2"';
    return runTool("sh", ["-c", path.endsWith(".gz") ? `${command} | zcat` : command, "sh", deb, path])
      .stdout;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "magnets-deb-test-"));
    const { status, output } = runTool("npm", ["run", "--silent", "package:deb", "--", folder]);
    if (status !== 0) throw new Error(output);
    deb = join(folder, readdirSync(folder)[0] ?? "");
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is named, versioned and made for every architecture", () => {
    const version = field("Version");
    expect(deb).toBe(join(folder, `magnets_${version}_all.deb`));
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(field("Architecture")).toBe("all");
  });

  test("asks for a Node that is new enough, and for flock", () => {
    expect(field("Depends")).toMatch(/^nodejs \(>= 18\.19\), util-linux\b/);
  });

  test("holds what it should, owned by root, writable by nobody else, and no conffile", () => {
    const listing = runTool("dpkg-deb", ["-c", deb]).stdout.trim().split("\n");
    const entries = listing.map((line) => line.split(/\s+/));
    expect(new Set(entries.map(([, owner]) => owner))).toEqual(new Set(["root/root"]));
    expect(new Set(entries.map(([mode]) => mode))).toEqual(
      new Set(["drwxr-xr-x", "-rwxr-xr-x", "-rw-r--r--", "lrwxrwxrwx"]),
    );
    const paths = entries.map(([, , , , , path]) => path?.slice(1));
    expect(paths).toEqual(
      expect.arrayContaining([
        "/usr/bin/magnets",
        "/usr/lib/magnets/bin/magnets.js",
        "/usr/lib/magnets/dist/cli.cjs",
        "/usr/lib/magnets/dist/completion/magnets.zsh",
        "/usr/lib/systemd/system/magnets.service",
        "/usr/lib/systemd/system/magnets.timer",
        "/usr/share/bash-completion/completions/magnets",
        "/usr/share/doc/magnets/changelog.gz",
        "/usr/share/doc/magnets/copyright",
        "/usr/share/doc/magnets/examples/magnets.crontab",
        "/usr/share/fish/vendor_completions.d/magnets.fish",
        "/usr/share/magnets/config.minimal.json",
        "/usr/share/man/man1/magnets.1.gz",
        "/usr/share/zsh/vendor-completions/_magnets",
      ]),
    );
    expect(paths.filter((path) => path?.startsWith("/etc"))).toEqual([]);
  });

  test("runs on /usr/bin/node, by hand as in the service", () => {
    expect(file("usr/lib/magnets/bin/magnets.js")).toMatch(/^#!\/usr\/bin\/node\n/);
    expect(file("usr/lib/systemd/system/magnets.service")).toContain(
      "ExecStart=/usr/bin/node /usr/lib/magnets/",
    );
  });

  test("brings the program's licence and that of every library inside it", () => {
    const copyright = file("usr/share/doc/magnets/copyright");
    expect(copyright).toMatch(/^This package is the program magnets\.\n\n {4}MIT License\n/);
    expect(copyright).toContain(readFileSync(join(ROOT, "dist/LICENSES.txt"), "utf8"));
  });

  // Debian 12's zlib and Debian 13's compress differently: nothing is left to them.
  test.each(["usr/share/doc/magnets/changelog.gz", "usr/share/man/man1/magnets.1.gz"])(
    "%s is stored, with a header of its own and no time",
    (path) => {
      const command = `dpkg-deb --fsys-tarfile "$1" | tar -xO "./$2" | od -An -tx1 -v | tr -d ' \n'`;
      const gz = Buffer.from(runTool("sh", ["-c", command, "sh", deb, path]).stdout, "hex");
      expect(gz.subarray(0, 10).toString("hex")).toBe("1f8b0800000000000203");
      const text = gunzipSync(gz);
      expect(gz.subarray(15, 15 + Math.min(text.length, 0xffff))).toEqual(text.subarray(0, 0xffff));
    },
  );

  test.each([
    ["bash", "usr/share/bash-completion/completions/magnets"],
    ["zsh", "usr/share/zsh/vendor-completions/_magnets"],
    ["fish", "usr/share/fish/vendor_completions.d/magnets.fish"],
  ])("brings the completion for %s along: %s", (shell, path) => {
    const script = readFileSync(join(ROOT, `dist/completion/magnets.${shell}`), "utf8");
    expect(file(path)).toBe(script);
    expect(file(`usr/lib/magnets/dist/completion/magnets.${shell}`)).toBe(script);
  });

  test("has a changelog that begins with this version", () => {
    expect(file("usr/share/doc/magnets/changelog.gz")).toMatch(`magnets (${field("Version")}) `);
  });

  test("has no error that lintian finds", () => {
    const { status, output } = runTool("lintian", ["--allow-root", "--fail-on", "error", deb]);
    expect(status, output).toBe(0);
    expect(output).not.toMatch(/^E:/m);
  });
});
