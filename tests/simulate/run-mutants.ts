import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { forEachConcurrent } from "../../src/core/concurrency.ts";
import { MUTANTS, type Mutant, mutate } from "./mutants.ts";

// npm run simulate:mutants -- [SWEEPS [WORDS]]: breaks one line of the program after another, each in a copy of its
// own, and shows which rule finds it after how many sweeps; WORDS: only the mutants with these in their names.

const root = resolve(import.meta.dirname, "../..");
const [sweeps = "2000", words = ""] = process.argv.slice(2);
const mutants = MUTANTS.filter(({ name }) => name.includes(words));
const files = execFileSync("git", ["ls-files", "src", "tests/simulate", "package.json", "tsconfig*.json"], {
  cwd: root,
});

/** What the simulator says of a copy of the program. */
interface Verdict {
  readonly rules: readonly string[];
  readonly sweeps: number;
}

const verdicts = new Map<string, Verdict>();
const unbroken = await judge(undefined);
if (unbroken.rules.length > 0) {
  console.error(`The program as it is breaks a rule: ${unbroken.rules.join("; ")}. Mend that first.`);
  process.exit(1);
}
await forEachConcurrent(mutants, availableParallelism(), async (mutant) => {
  verdicts.set(mutant.name, await judge(mutant));
});
const width = Math.max(...mutants.map(({ name }) => name.length));
for (const { name } of mutants) {
  const { rules, sweeps: needed } = verdicts.get(name) ?? { rules: [], sweeps: 0 };
  const how = isCaught(rules)
    ? `${String(needed).padStart(5)}  ${rules.join("; ")}`
    : `    -  SURVIVED ${rules}`;
  console.log(`${name.padEnd(width)}  ${how}`);
}
const survivors = [...verdicts.values()].filter(({ rules }) => !isCaught(rules)).length;
console.log(`${mutants.length - survivors} of ${mutants.length} mutants caught within ${sweeps} sweeps`);
if (survivors > 0) process.exitCode = 1;

/** A mutant that only throws breaks no promise: it shows nothing of the rules. */
function isCaught(rules: readonly string[]): boolean {
  return rules.some((rule) => rule !== "bug");
}

/** Runs the simulator on a copy of the tree until the first violation. */
async function judge(mutant: Mutant | undefined): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), "magnets-mutant-"));
  try {
    for (const name of files.toString().trim().split("\n")) cpSync(join(root, name), join(folder, name));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    if (mutant) change(folder, mutant);
    return read(await simulate(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function change(folder: string, mutant: Mutant): void {
  const path = join(folder, "src", mutant.file);
  writeFileSync(path, mutate(readFileSync(path, "utf8"), mutant));
}

function simulate(cwd: string): Promise<string> {
  const args = ["tsx", "tests/simulate/main.ts", "--sweeps", sweeps, "--jobs", "1", "--first"];
  return new Promise((resolve, reject) => {
    execFile("npx", args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // Exit code 1 is a violation found.
      if (stdout.includes("\nViolations\n")) resolve(stdout);
      else reject(error ?? new Error(stderr));
    });
  });
}

function read(output: string): Verdict {
  const [, told = "0"] = /^(\d+) sweeps in /m.exec(output) ?? [];
  const lines = output.slice(output.indexOf("\nViolations\n")).split("\n");
  const rules = lines.flatMap((line) => {
    const [, count, rule] = /^ +(\d+) {2}(.+?)(?: {2}\(.*)?$/.exec(line) ?? [];
    return rule !== undefined && count !== "0" ? [rule] : [];
  });
  return { rules, sweeps: Number(told) };
}
