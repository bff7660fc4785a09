import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ROOT, runTool } from "./shell-tools.ts";

const SCRIPTS = [
  "install.sh",
  "uninstall.sh",
  "debian/preinst",
  "debian/postinst",
  "debian/prerm",
  "debian/postrm",
];

test.each([...SCRIPTS.map((name) => `deploy/${name}`), ".ci/run"])(
  "shellcheck has nothing to say about %s",
  (script) => {
    expect(runTool("shellcheck", [script])).toMatchObject({ status: 0, output: "" });
  },
);

test("mandoc finds nothing wrong with the manual", () => {
  const { output } = runTool("mandoc", ["-T", "lint", "-W", "warning", "deploy/man/magnets.1"]);
  expect(output).toBe("");
});

describe("systemd-analyze", () => {
  const systemd = join(ROOT, "deploy/systemd");
  const service = readFileSync(join(systemd, "magnets.service"), "utf8");

  test("finds nothing wrong with the units", () => {
    const folder = mkdtempSync(join(tmpdir(), "magnets-units-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    // What it names is not installed here.
    writeFileSync(join(folder, "magnets.service"), service.replace(/^ExecStart=.*/m, "ExecStart=/bin/true"));
    copyFileSync(join(systemd, "magnets.timer"), join(folder, "magnets.timer"));
    const files = ["magnets.service", "magnets.timer"].map((name) => join(folder, name));
    const { status, output } = runTool("systemd-analyze", ["verify", "--man=no", ...files]);
    expect(output).not.toContain(folder);
    expect(status, output).toBe(0);
  });

  test("rates the service's exposure at 1.4 or less", () => {
    const args = ["security", "--offline=true", "--threshold=14", "--no-pager"];
    const { status, output } = runTool("systemd-analyze", [...args, join(systemd, "magnets.service")]);
    expect(status, output).toBe(0);
  });
});
