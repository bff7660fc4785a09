import { expect, test } from "vitest";
import { type ExitCode, HandedOver, LockedError, StateError } from "../../src/errors.ts";
import { reportEnd } from "../../src/healthcheck/healthcheck.ts";

test.each<[string, () => Promise<ExitCode>, ExitCode[]]>([
  ["a code", async () => 3, [3]],
  ["state that fails", () => Promise.reject(new StateError("disk full")), [1]],
  ["another run at work", () => Promise.reject(new LockedError("locked")), [75]],
  ["a bug", () => Promise.reject(new TypeError("oops")), [1]],
  ["a run that another process did and reported", () => Promise.reject(new HandedOver(3)), []],
])("%s is reported, and comes out as it is", async (_, work, reported) => {
  const seen: ExitCode[] = [];
  const healthcheck = { start: () => {}, finish: async (code: ExitCode) => void seen.push(code) };
  const settle = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
  expect(await settle(reportEnd(healthcheck, work))).toEqual(await settle(work()));
  expect(seen).toEqual(reported);
});
