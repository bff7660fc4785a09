import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How a process is run. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs Node with these arguments and returns the milliseconds from before its start until its end was known. */
export async function runNode(args: readonly string[], { cwd, env }: Surroundings): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.resume();
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  let ms = 0;
  child.once("exit", () => {
    ms = performance.now() - startedAt;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(" ")} exited ${code}:\n${stderr.slice(-1000)}`);
  return ms;
}

const PROBE = `
process.on("exit", () => {
  const bytes = process.resourceUsage().maxRSS * 1024;
  require("node:fs").writeFileSync(process.env.BENCH_PEAK, String(bytes));
});
`;

/** The same, and the process's largest resident set in bytes. */
export async function runProbed(args: readonly string[], surroundings: Surroundings) {
  const probe = join(surroundings.cwd, "probe.cjs");
  const file = join(surroundings.cwd, "peak");
  await writeFile(probe, PROBE);
  const env = { ...surroundings.env, BENCH_PEAK: file };
  const ms = await runNode(["--require", probe, ...args], { ...surroundings, env });
  const peakBytes = Number(await readFile(file, "utf8"));
  await rm(file);
  return { ms, peakBytes };
}

/**
 * Takes each measurement in turn, over and over, so that whatever else the machine does falls on all of them
 * alike. The first round warms caches and is not counted. Returns the median of each.
 */
export async function measureInTurn<Names extends string>(
  rounds: number,
  measurements: Readonly<Record<Names, () => Promise<number>>>,
): Promise<Record<Names, number>> {
  const taken = Object.fromEntries(Object.keys(measurements).map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of Object.entries<() => Promise<number>>(measurements)) {
      const value = await measure();
      if (round > 0) taken[name]?.push(value);
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, median(values)])) as Record<
    Names,
    number
  >;
}

/** The middle of these numbers, or between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
