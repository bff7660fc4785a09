import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WITHOUT_MOUNTS } from "../../src/commands/check-timer.ts";
import { ROOT } from "./shell-tools.ts";

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

test("what check gives against 226 (NAMESPACE) undoes all that needs namespaces", () => {
  const names = (lines: readonly string[]) => lines.flatMap((line) => line.split("=")[0] ?? []).sort();
  // The clock is protected by a capability and a device alone (systemd.exec(5)).
  const needed = service.split("\n").filter((line) => /^(Private|Protect(?!Clock)|ProcSubset)/.test(line));
  expect(names(WITHOUT_MOUNTS)).toEqual(names(needed));
});
