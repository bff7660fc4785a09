import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { has, ROOT, runTool } from "./shell-tools.ts";

const systemd = join(ROOT, "deploy/systemd");
const service = readFileSync(join(systemd, "magnets.service"), "utf8");
const timer = readFileSync(join(systemd, "magnets.timer"), "utf8");

test.each([
  "Type=oneshot",
  "ExecStart=/usr/bin/node /usr/lib/magnets/bin/magnets.js run-once",
  "User=magnets",
  "StateDirectory=magnets",
  "StateDirectoryMode=0700",
  "UMask=0077",
  "TimeoutStartSec=25min",
  "SuccessExitStatus=75 143",
  "Wants=network-online.target",
  "After=network-online.target",
])("the service has %s", (line) => {
  expect(service.split("\n")).toContain(line);
});

test("the service waits longer for an end than a sweep's requests get", () => {
  expect(Number(/^TimeoutStopSec=(?<s>\d+)s$/m.exec(service)?.groups?.s)).toBeGreaterThan(10);
});

test("the service needs no credentials, which some containers can't load", () => {
  expect(service).not.toMatch(/LoadCredential|DynamicUser/);
});

test.each(["OnCalendar=*:0/30", "Persistent=true", "RandomizedDelaySec=5min", "FixedRandomDelay=true"])(
  "the timer has %s",
  (line) => {
    expect(timer.split("\n")).toContain(line);
  },
);

describe.skipIf(!has("systemd-analyze"))("systemd-analyze (skipped where it is not installed)", () => {
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
