import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";

/** Runs the demo with a folder for temporary files of its own; what `onLine` answers to a line is done to it. */
async function runDemo(onLine: (line: string) => "interrupt" | "read no more" | undefined) {
  const temporary = await mkdtemp(join(tmpdir(), "magnets-demo-test-"));
  const env = { PATH: process.env.PATH, TMPDIR: temporary };
  const child = spawn(process.execPath, ["--import", "tsx", "examples/sandbox/demo.ts"], { env });
  const closed = once(child, "close");
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = onLine(line);
    if (answer === "interrupt") child.kill("SIGINT");
    if (answer === "read no more") break;
  }
  child.stdout.destroy();
  await closed;
  // What tsx keeps there is its own.
  const left = (await readdir(temporary)).filter((name) => !name.startsWith("tsx-"));
  await rm(temporary, { recursive: true });
  return { code: child.exitCode, errors, left };
}

describe.concurrent("the demo", () => {
  test("shows six cycles, finds them as they should be, and leaves nothing behind", async () => {
    const lines: string[] = [];
    const outcome = await runDemo((line) => {
      lines.push(line);
      return undefined;
    });
    expect(outcome).toEqual({ code: 0, errors: "", left: [] });
    expect(lines.filter((line) => /^Cycle \d of 6/.test(line))).toHaveLength(6);
    expect(lines.at(-1)).toContain("as it should");
  });

  test("interrupted in the middle of a sweep leaves nothing behind", async () => {
    const outcome = await runDemo((line) => (line.startsWith("Cycle 2") ? "interrupt" : undefined));
    expect(outcome).toEqual({ code: 130, errors: "", left: [] });
  });

  test("whose reader goes away leaves nothing behind", async () => {
    const outcome = await runDemo((line) => (line.startsWith("Cycle 2") ? "read no more" : undefined));
    expect(outcome).toMatchObject({ errors: "", left: [] });
  });
});
