import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";

/** Runs the demo with a folder for temporary files of its own; `onLine` sees what it prints. */
async function runDemo(onLine: (line: string, kill: () => void) => void) {
  const temporary = await mkdtemp(join(tmpdir(), "magnets-demo-test-"));
  const env = { PATH: process.env.PATH, TMPDIR: temporary };
  const child = spawn(process.execPath, ["--import", "tsx", "examples/sandbox/demo.ts"], { env });
  const closed = once(child, "close");
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  for await (const line of createInterface({ input: child.stdout })) onLine(line, () => child.kill("SIGINT"));
  await closed;
  // What tsx keeps there is its own.
  const left = (await readdir(temporary)).filter((name) => !name.startsWith("tsx-"));
  await rm(temporary, { recursive: true });
  return { code: child.exitCode, errors, left };
}

describe.concurrent("the demo", () => {
  test("shows six cycles, finds them as they should be, and leaves nothing behind", async () => {
    const lines: string[] = [];
    expect(await runDemo((line) => lines.push(line))).toEqual({ code: 0, errors: "", left: [] });
    expect(lines.filter((line) => /^Cycle \d of 6/.test(line))).toHaveLength(6);
    expect(lines.at(-1)).toContain("as it should");
  });

  test("interrupted in the middle of a sweep leaves nothing behind", async () => {
    const outcome = await runDemo((line, kill) => line.startsWith("Cycle 2") && kill());
    expect(outcome).toEqual({ code: 130, errors: "", left: [] });
  });
});
