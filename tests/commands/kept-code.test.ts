import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { type Machine, test } from "../support/machine.ts";

const MAJOR = Number.parseInt(process.versions.node, 10);

async function keptIn(machine: Machine, env: Record<string, string | undefined>): Promise<string[]> {
  expect((await machine.run(["status"], { env })).code).toBe(0);
  return readdir(join(machine.home, ".cache/magnets")).catch(() => []);
}

describe.skipIf(MAJOR < 22)("what Node compiled is kept (Node 22 and newer)", () => {
  test("in one's own cache folder", async ({ machine }) => {
    expect(await keptIn(machine, {})).toHaveLength(1);
    await mkdir(join(machine.home, "caches"));
    await keptIn(machine, { XDG_CACHE_HOME: join(machine.home, "caches") });
    const kept = await readdir(join(machine.home, "caches")).catch(() => []);
    expect(kept).toEqual(process.getuid?.() === 0 ? [] : ["magnets"]);
  });

  test("nowhere when that was decided already", async ({ machine }) => {
    expect(await keptIn(machine, { NODE_COMPILE_CACHE: join(machine.home, "elsewhere") })).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)("not by root in a home that others get into", async ({ machine }) => {
    await chmod(machine.home, 0o755);
    expect(await keptIn(machine, {})).toEqual([]);
  });
});

describe.skipIf(MAJOR >= 22)("what Node 20 compiled", () => {
  test("is not kept: it has no way to", async ({ machine }) => {
    expect(await keptIn(machine, {})).toEqual([]);
  });
});
