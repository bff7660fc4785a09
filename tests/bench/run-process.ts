import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What one process took. */
export interface Taken {
  /** Milliseconds from before its start until its end was known. */
  readonly ms: number;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process is run. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs Node with these arguments to the end. */
export async function runNode(args: readonly string[], { cwd, env }: Surroundings): Promise<Taken> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  let ms = 0;
  child.once("exit", () => {
    ms = performance.now() - startedAt;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { ms, code, stdout, stderr };
}

/** What a process says of itself at its end. */
export interface Usage {
  /** Its largest resident set, in bytes. */
  readonly peakBytes: number;
  /** Bytes it handed to write(2) and its kin: files, and the little that goes to sockets and pipes. */
  readonly writtenBytes: number;
}

const PROBE = `
const fs = require("node:fs");
process.on("exit", () => {
  const written = /^wchar: (\\d+)$/m.exec(fs.readFileSync("/proc/self/io", "utf8"))[1];
  const usage = { peakBytes: process.resourceUsage().maxRSS * 1024, writtenBytes: Number(written) };
  fs.writeFileSync(process.env.BENCH_USAGE, JSON.stringify(usage));
});
`;

/** Runs Node like `runNode`, with a probe inside that asks the kernel at the end. */
export async function runProbed(args: readonly string[], surroundings: Surroundings): Promise<Taken & Usage> {
  const probe = join(surroundings.cwd, "probe.cjs");
  const file = join(surroundings.cwd, "usage.json");
  await writeFile(probe, PROBE);
  const env = { ...surroundings.env, BENCH_USAGE: file };
  const taken = await runNode(["--require", probe, ...args], { ...surroundings, env });
  const usage = JSON.parse(await readFile(file, "utf8")) as Usage;
  await rm(file);
  return { ...taken, ...usage };
}
