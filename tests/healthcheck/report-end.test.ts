import { expect, test } from "vitest";
import { type ExitCode, LockedError, StateError } from "../../src/errors.ts";
import { type RunEnd, reportEnd } from "../../src/healthcheck/healthcheck.ts";

/** What the run's end is reported as, and what comes out. */
async function end(work: () => Promise<RunEnd>) {
  const reported: ExitCode[] = [];
  const healthcheck = { start: () => {}, finish: async (code: ExitCode) => void reported.push(code) };
  const result = await reportEnd(healthcheck, work).catch((error: unknown) => error);
  return { reported, result };
}

test("a code is reported", async () => {
  expect(await end(async () => 3)).toEqual({ reported: [3], result: 3 });
});

test.each<[string, Error, ExitCode]>([
  ["state that fails", new StateError("disk full"), 1],
  ["another run at work", new LockedError("locked"), 75],
  ["a bug", new TypeError("oops"), 1],
])("%s is reported, and comes out as it is", async (_, error, code) => {
  const { reported, result } = await end(() => Promise.reject(error));
  expect(reported).toEqual([code]);
  expect(result).toBe(error);
});

test("a run that another process did and reported is not reported twice", async () => {
  expect(await end(async () => ({ reported: 3 }))).toEqual({ reported: [], result: 3 });
});
