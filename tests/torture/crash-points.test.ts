import { afterAll, beforeAll, expect, it } from "vitest";
import {
  countOperations,
  countRequests,
  dieAndGoOn,
  dieAtRequestAndGoOn,
  dieTwiceAndGoOn,
  failAndGoOn,
  fillUpAndGoOn,
  sweepOnSmallDisk,
} from "../promises/crash-points.ts";
import { openStage, type Stage } from "../promises/stage.ts";
import { LOSSES } from "../simulate/disk-model.ts";
import { amount } from "./amount.ts";

let stage: Stage;
let operations: number;
beforeAll(async () => {
  stage = await openStage();
  operations = await countOperations(stage);
});
afterAll(() => stage.close());

/** 1, 1 + step, … up to a little beyond the last operation, as the order of two accounts' differs. */
function* points(step: number): Generator<number> {
  for (let n = 1; n <= operations + 5; n += step) yield n;
}

it("dies at each file operation", async () => {
  for (const n of points(amount(6, 1))) for (const loss of LOSSES) await dieAndGoOn(stage, n, loss);
});

it("dies at a file operation, and again while it recovers", async () => {
  for (const n of points(amount(12, 2))) {
    for (const again of points(amount(60, 8))) await dieTwiceAndGoOn(stage, n, again);
  }
});

it("fails at each file operation", async () => {
  for (const n of points(amount(6, 1))) {
    for (const how of ["EIO", "ENOSPC", "short", "full"] as const) await failAndGoOn(stage, n, how);
  }
});

it("dies at each request", async () => {
  const requests = await countRequests(stage);
  for (let n = 1; n <= requests + 1; n++) {
    for (const when of ["before", "after"] as const) await dieAtRequestAndGoOn(stage, n, when);
  }
});

it("sweeps on disks of every size", async () => {
  for (let kib = 0; kib <= 64; kib += amount(4, 1)) {
    const sufficed = await sweepOnSmallDisk(stage, kib * 1024);
    if (kib === 0 || kib >= 32) expect(sufficed, `${kib} KiB`).toBe(kib > 0);
  }
});

it("sweeps while the disk fills up", async () => {
  for (const n of points(amount(6, 1))) await fillUpAndGoOn(stage, n);
});
