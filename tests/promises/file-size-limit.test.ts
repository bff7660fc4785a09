import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { test } from "../support/machine.ts";
import { changes, fill, idsIn, intended, recorded } from "./full-disk.ts";

describe("a limit on file sizes", () => {
  test("is met with exit 1 and one line, not with death", async ({ machine }) => {
    const counters = fill(machine);
    await machine.write(".local/state/magnets/retry_counts.json", counters);
    const { code, signal, stderr } = await machine.run(["run-once"], { wrapper: ["prlimit", "--fsize=100"] });
    expect([code, signal], stderr).toEqual([1, null]);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).toContain("the limit on file sizes is reached");
    expect(await machine.readState("retry_counts.json")).toEqual(JSON.parse(counters));
    expect(changes(machine)).toEqual([]);
  });

  test("that stops the record of a deletion: the next run makes up for it", async ({ machine }) => {
    await machine.write(".local/state/magnets/retry_counts.json", fill(machine));
    await machine.write(".local/state/magnets/deletions.jsonl", `${" ".repeat(8000)}\n`);
    const { code, stderr } = await machine.run(["run-once"], { wrapper: ["prlimit", "--fsize=8192"] });
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(
      /ERROR can't write [^\n]*deletions.jsonl: the limit on file sizes is reached[^\n]*\n$/,
    );
    const deleted = machine.alldebrid.account().deletions.map(({ magnet }) => String(magnet.id));
    expect(deleted.length).toBeGreaterThan(0);
    expect(intended(machine.state)).toEqual(expect.arrayContaining(deleted));
    expect(idsIn(machine.discord.messages)).toEqual([]);

    // The next one waits for a minute after the last sign of life of one that did not end well; here, that is over.
    await rm(join(machine.state, "running.json"));
    expect((await machine.run(["run-once"])).code).toBe(0);
    for (const found of [recorded(machine.state), idsIn(machine.discord.messages)]) {
      expect(found.sort()).toEqual(["103", "104", "105"]);
    }
  });
});
