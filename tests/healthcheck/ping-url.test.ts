import { expect, test } from "vitest";
import { type PingKind, pingUrl } from "../../src/healthcheck/healthcheck.ts";

test.each<[string, PingKind, string | undefined]>([
  ["https://hc-ping.com/abc", "start", "https://hc-ping.com/abc/start"],
  ["https://hc-ping.com/abc", "success", "https://hc-ping.com/abc"],
  ["https://hc-ping.com/abc", "failure", "https://hc-ping.com/abc/fail"],
  ["https://hc-ping.com/abc/", "failure", "https://hc-ping.com/abc/fail"],
  ["https://hc-ping.com/key/slug?create=1", "start", "https://hc-ping.com/key/slug/start?create=1"],
  ["https://hc-ping.com/abc", "log", "https://hc-ping.com/abc/log"],
  ["https://kuma/api/push/tok", "start", undefined],
  ["https://kuma/api/push/tok", "log", undefined],
  ["https://kuma/api/push/tok", "success", "https://kuma/api/push/tok?status=up&msg=OK+%26+well"],
  [
    "https://kuma/sub/api/push/tok?status=up&msg=x&ping=",
    "failure",
    "https://kuma/sub/api/push/tok?status=down&msg=OK+%26+well&ping=",
  ],
])("%s, %s", (address, kind, expected) => {
  expect(pingUrl(address, kind, "OK & well")).toBe(expected);
});
