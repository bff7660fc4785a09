import { join } from "node:path";
import { expect, it } from "vitest";
import { amount } from "./amount.ts";
import { check, openField, readOr, settle } from "./kill-field.ts";

/** strace counts the calls of each thread by itself: how many the busiest one made. */
function mostByThread(trace: string, call: string): number {
  const counts = new Map<string, number>();
  for (const line of trace.split("\n")) {
    const thread = line.split(" ", 1)[0] ?? "";
    if (line.includes(`${call}(`)) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** System calls that change the disk or send something. */
const CALLS = ["rename", "fsync", "unlink", "write", "ftruncate", "openat", "close", "writev"];

it("SIGKILL at chosen system calls", async () => {
  const field = await openField();
  field.round();
  const traced = join(field.state, "../calls");
  const trace = (...options: string[]) => ["strace", "-f", "-qq", "-o", traced, ...options];
  let killed = 0;
  for (const call of CALLS) {
    field.round();
    await field.sweep({ wrapper: trace("-e", `trace=${call}`) });
    const count = mostByThread(readOr(traced, ""), call);
    const points = Math.min(count, amount(3, 40));
    for (let i = 1; i <= points; i++) {
      field.round();
      // The first half of many calls is Node's own start.
      const when = Math.max(1, Math.round(count / 2 + ((count / 2) * i) / (points + 1)));
      const inject = `inject=${call}:signal=KILL:when=${when}`;
      const { code } = await field.sweep({ wrapper: trace("-e", `trace=${call}`, "-e", inject) });
      if (code !== 0) killed++;
      check(field, `${call} ${when} of ${count}`);
    }
  }
  await settle(field);
  console.log(`${killed} kills at system calls`);
  expect(killed).toBeGreaterThan(amount(8, 60));
  await field.close();
});
