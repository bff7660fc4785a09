import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./shell-tools.ts";

// The container's command with a script in the program's place; tests/container runs the real one.
describe("magnets-every", () => {
  let folder: string;
  /** What a failed test leaves behind, each with a process group of its own. */
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "magnets-every-"));
  });

  afterAll(async () => {
    for (const { pid = 0 } of started) {
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // Nothing is left.
      }
    }
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts it, with `script` as the program. */
  async function start(script: string, seconds: string) {
    await writeFile(join(folder, "magnets"), `#!/bin/sh\ncd ${folder}\n${script}\n`);
    await chmod(join(folder, "magnets"), 0o755);
    const child = spawn(join(ROOT, "deploy/container/magnets-every"), [seconds], {
      detached: true,
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` },
    });
    started.push(child);
    const run = { output: "", kill: () => child.kill("SIGTERM"), ended: once(child, "close"), until };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        run.output += text;
      });
    }
    async function until(text: string) {
      const giveUp = Date.now() + 20_000;
      while (!run.output.includes(text)) {
        if (Date.now() > giveUp) throw new Error(`waited in vain for ${text}: ${run.output}`);
        await sleep(20);
      }
    }
    return run;
  }

  test("goes on after every exit code, and says why a sweep was none", async () => {
    const codes = "set -- 2 3 75 1 0 0\necho >>sweeps\nshift $(($(wc -l <sweeps) - 1))";
    const run = await start(`${codes}\necho "sweep: \${1:-last}"\nexit \${1:-0}`, "1");
    await run.until("sweep: last");
    run.kill();
    await run.ended;
    expect(run.output.replaceAll(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /gm, "").split("\n")).toEqual([
      ...[
        "sweep: 2",
        "WARNING the configuration can't be used (exit code 2, see above); the next sweep starts in 1 s",
      ],
      ...[
        "sweep: 3",
        "WARNING something needs attention (exit code 3, see above); the next sweep starts in 1 s",
      ],
      ...[
        "sweep: 75",
        "WARNING another sweep was running (exit code 75, see above); the next sweep starts in 1 s",
      ],
      ...["sweep: 1", "WARNING the sweep failed (exit code 1, see above); the next sweep starts in 1 s"],
      ...["sweep: 0", "sweep: 0", "sweep: last", ""],
    ]);
  });

  test("ends within a second when it is stopped in a pause", async () => {
    const run = await start("exit 2", "1800");
    await run.until("the next sweep starts in");
    const stoppedAt = performance.now();
    run.kill();
    expect(await run.ended).toEqual([0, null]);
    expect(performance.now() - stoppedAt).toBeLessThan(1000);
    expect(run.output).toMatch(/starts in (1799|1800) s\n$/);
  });

  test("stopped in a sweep, it stops the sweep and waits for it, also when it is told twice", async () => {
    const run = await start(
      "trap 'echo told; sleep 1; echo saved; exit 143' TERM\necho begun\nwhile :; do sleep 0.1; done",
      "1800",
    );
    await run.until("begun");
    run.kill();
    await run.until("told");
    run.kill();
    expect(await run.ended).toEqual([0, null]);
    expect(run.output).toBe("begun\ntold\nsaved\n");
  });

  test.each(["0", "-5", "30min", ""])("does not take %j for a number of seconds", async (seconds) => {
    const run = await start("echo sweep", seconds);
    expect(await run.ended).toEqual([2, null]);
    expect(run.output).toMatch(/^magnets-every: expected a number of seconds/);
  });
});
