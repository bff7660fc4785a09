import { expect } from "vitest";
import { StateError } from "../../src/errors.ts";
import type { FileSystem } from "../../src/state/file-system.ts";
import type { Loss } from "../simulate/disk-model.ts";
import {
  dieAt,
  failAt,
  fullFrom,
  type Interceptor,
  interceptFileSystem,
} from "../state/intercepted-file-system.ts";
import { CrashScene, survive } from "./crash-scene.ts";
import { SmallDisk } from "./small-disk.ts";
import type { Stage } from "./stage.ts";

/** How many file operations one whole sweep of the scene takes. */
export async function countOperations(stage: Stage): Promise<number> {
  let count = 0;
  const scene = new CrashScene(stage);
  await scene.sweep((disk) =>
    interceptFileSystem(disk, () => {
      count++;
      return undefined;
    }),
  );
  return count;
}

/** Dies at file operation `n`, loses what was not synced, and goes on. */
export async function dieAndGoOn(stage: Stage, n: number, loss: Loss): Promise<void> {
  const where = `died at operation ${n}, lost ${loss}`;
  const scene = new CrashScene(stage);
  await die(scene, n, loss, where);
  await scene.converge(where);
}

/** Dies at file operation `n`, then at operation `again` of the next sweep, and goes on. */
export async function dieTwiceAndGoOn(stage: Stage, n: number, again: number): Promise<void> {
  const where = `died at operation ${n}, then at ${again}`;
  const scene = new CrashScene(stage);
  await die(scene, n, "none", where);
  await die(scene, again, "all", where);
  await scene.converge(where);
}

async function die(scene: CrashScene, n: number, loss: Loss, where: string): Promise<void> {
  const death = new AbortController();
  const dead = dieAt(n);
  const lethal: Interceptor = (operation, at) => {
    if (at >= n) death.abort();
    return dead(operation, at);
  };
  await survive(scene.sweep((disk) => interceptFileSystem(disk, lethal), death));
  scene.disk = scene.disk.afterLoss(loss);
  await scene.check(where);
  scene.wait();
}

/** How many requests one whole sweep of the scene makes. */
export async function countRequests(stage: Stage): Promise<number> {
  const scene = new CrashScene(stage);
  await scene.sweep();
  return scene.requests;
}

/** Dies at request `n`, and goes on. */
export async function dieAtRequestAndGoOn(stage: Stage, n: number, when: "before" | "after"): Promise<void> {
  const where = `died ${when} request ${n} was carried out`;
  const scene = new CrashScene(stage);
  const death = new AbortController();
  await survive(scene.sweep(scene.dieAtRequest(n, when, death), death));
  stage.alldebrid.clearFaults();
  stage.discord.clearFaults();
  stage.sonarr.clearFaults();
  scene.disk = scene.disk.afterLoss("all");
  await scene.check(where);
  scene.wait();
  await scene.converge(where);
}

/** Sweeps on a disk of so many bytes, then on a large one. Returns whether the small one sufficed. */
export async function sweepOnSmallDisk(stage: Stage, capacity: number): Promise<boolean> {
  const where = `disk of ${capacity} bytes`;
  const scene = new CrashScene(stage);
  const end = await survive(scene.sweep((disk) => new SmallDisk(scene.disk, capacity).over(disk)));
  if (end instanceof StateError)
    expect(end.message, where).toMatch(/^can't [^\n]+ no space left on the disk[^\n]+$/);
  await scene.check(where);
  scene.wait();
  await scene.converge(where);
  return end === "done";
}

/** Somebody else fills the disk up at the `n`-th file operation. */
export async function fillUpAndGoOn(stage: Stage, n: number): Promise<void> {
  const where = `disk filled up at operation ${n}`;
  const scene = new CrashScene(stage);
  const filled = (disk: FileSystem) => {
    const small = new SmallDisk(scene.disk, Number.POSITIVE_INFINITY);
    return interceptFileSystem(small.over(disk), (_, at) => {
      if (at === n) small.fillUp();
      return undefined;
    });
  };
  await survive(scene.sweep(filled));
  await scene.check(where);
  scene.wait();
  await scene.converge(where);
}

/** Lets operation `n` fail (or all writes from the `n`-th on) and goes on with the same disk, healed. */
export async function failAndGoOn(
  stage: Stage,
  n: number,
  how: "EIO" | "ENOSPC" | "short" | "full",
): Promise<void> {
  const where = `${how} at ${n}`;
  const scene = new CrashScene(stage);
  const broken: Interceptor =
    how === "full"
      ? fullFrom(n)
      : how === "short"
        ? (_, at) => (at === n ? "short" : undefined)
        : failAt(n, how);
  const end = await survive(scene.sweep((disk) => interceptFileSystem(disk, broken)));
  if (end instanceof StateError) expect(end.message, where).toMatch(/^can't [^\n]+$/);
  await scene.check(where);
  scene.wait();
  await scene.converge(where);
}
