import { afterAll, beforeAll, expect, it } from "vitest";
import { LOSSES } from "../simulate/disk-model.ts";
import {
  countOperations,
  countRequests,
  dieAndGoOn,
  dieAtRequestAndGoOn,
  failAndGoOn,
  fillUpAndGoOn,
  sweepOnSmallDisk,
} from "./crash-points.ts";
import { CrashScene } from "./crash-scene.ts";
import { openStage, type Stage } from "./stage.ts";

// A sample of what `npm run test:torture` goes through point by point.
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it("undisturbed, all that is due is deleted, recorded and announced", async () => {
  await new CrashScene(stage).converge("undisturbed");
});

it("whatever file operation it dies at, and whatever the disk forgets, nothing is lost", async () => {
  const operations = await countOperations(stage);
  for (let n = 5; n <= operations; n += 31) {
    for (const loss of LOSSES) await dieAndGoOn(stage, n, loss);
  }
});

it("whatever file operation fails, nothing is lost", async () => {
  const operations = await countOperations(stage);
  for (let n = 7; n <= operations; n += 31) {
    for (const how of ["EIO", "ENOSPC", "short", "full"] as const) await failAndGoOn(stage, n, how);
  }
});

it("whatever request it dies at, carried out or not, nothing is lost", async () => {
  const requests = await countRequests(stage);
  for (let n = 1; n <= requests; n += 3) {
    for (const when of ["before", "after"] as const) await dieAtRequestAndGoOn(stage, n, when);
  }
});

it("on a disk of any size, nothing is lost, and what fits is done", async () => {
  const sufficed = [];
  for (let kib = 0; kib <= 48; kib += 4) sufficed.push(await sweepOnSmallDisk(stage, kib * 1024));
  expect([sufficed[0], ...sufficed.slice(8)]).toEqual([false, true, true, true, true, true]);
});

it("on a disk that fills up during the sweep, nothing is lost", async () => {
  const operations = await countOperations(stage);
  for (let n = 4; n <= operations; n += 23) await fillUpAndGoOn(stage, n);
});
