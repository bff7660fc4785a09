import { describe, expect, it } from "vitest";
import { resumeRateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import type { SweepSummary } from "../../src/core/records.ts";
import { test } from "../support/machine.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");

function summary(finishedAt: string, recent?: number[]): SweepSummary {
  const counts = { failing: 0, restarted: 0, deleted: 0, held: 0, failed: 0, forgotten: 0 };
  const times = { started_at: finishedAt, finished_at: finishedAt };
  return { ...times, ...counts, exit_code: 0, accounts: [], ...(recent && { recent_requests_ms: recent }) };
}

describe("resumeRateLimiter", () => {
  it.each([
    ["counts requests from when they were answered", summary("2026-11-23T11:59:50.000Z", [0, 500]), 2],
    ["leaves out what is older than any limit", summary("2026-11-23T11:58:00.000Z", [0, 500]), 0],
    ["leaves out what a clock that was set back made future", summary("2026-11-23T12:00:01.000Z", [0]), 0],
    ["knows of none from a sweep that noted none", summary("2026-11-23T11:59:59.000Z"), 0],
    ["knows of none before the first sweep", undefined, 0],
  ])("%s", (_, last, known) => {
    expect(resumeRateLimiter(last, undefined, NOW).recentMs()).toHaveLength(known);
  });

  it("takes the minute since a killed sweep's last sign of life as used up", () => {
    const last = summary("2026-11-23T11:00:00.000Z", [0]);
    expect(resumeRateLimiter(last, "2026-11-23T11:59:30.000Z", NOW).recentMs()).toHaveLength(540);
    expect(resumeRateLimiter(last, "2026-11-23T11:58:00.000Z", NOW).recentMs()).toHaveLength(0);
  });
});

test("each sweep goes on with the pace of the one before, which status keeps to itself", async ({
  machine,
}) => {
  for (let i = 0; i < 2; i++) expect((await machine.run(["run-once"])).code).toBe(0);
  const { sweeps } = await machine.readState("sweeps.json");
  expect(sweeps).toHaveLength(2);
  expect(sweeps[0]).not.toHaveProperty("recent_requests_ms");
  // Both take far less than the minute in which AllDebrid counts.
  expect(sweeps[1].recent_requests_ms).toHaveLength(machine.alldebrid.requests.length);
  expect((await machine.run(["status", "--json"])).stdout).not.toContain("recent_requests_ms");
});
