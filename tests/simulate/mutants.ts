import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Rule } from "./rules.ts";

// npm run simulate:mutants -- [SWEEPS]: breaks the program in one place after another, and shows which rule finds it.

interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly rule: Rule;
}

const MUTANTS: readonly Mutant[] = [
  {
    file: "core/decide.ts",
    from: 'if (protection !== undefined) return hold("protect"',
    to: 'if (protection === "") return hold("protect"',
    rule: "deleted though protected",
  },
  {
    file: "core/decide.ts",
    from: "failingHours < policy.minFailingHours",
    to: "failingHours < 0",
    rule: "deleted before min_failing_hours",
  },
  {
    file: "core/decide.ts",
    from: 'record.gap === "needed"',
    to: "record.fails < 0",
    rule: "deleted after a gap without a chance",
  },
  {
    file: "core/decide.ts",
    from: "maxRetries > 1 && record.had_chance !== true",
    to: "maxRetries < 1",
    rule: "deleted without a real chance",
  },
  {
    file: "core/decide.ts",
    from: "maxDeletes > 0 && due.length > maxDeletes",
    to: "maxDeletes < 0",
    rule: "deleted over the cap",
  },
  {
    file: "core/sighting.ts",
    from: "counted.fails += 1;",
    to: "counted.fails += 2;",
    rule: "counted more often than seen",
  },
  {
    file: "core/sighting.ts",
    from: "counted.fails += 1;",
    to: "counted.fails = 1;",
    rule: "counter lost",
  },
  {
    file: "core/delete-magnets.ts",
    from: "  await store.saveIntents();\n",
    to: "",
    rule: "deleted without an intent on disk",
  },
  {
    file: "core/sweep-account.ts",
    from: "  await saveMagnets(ctx);\n",
    to: "",
    rule: "done before it was counted on disk",
  },
  {
    file: "core/delete-magnets.ts",
    from: "return showsFailing(found, sighting) ? undefined",
    to: "return found && sighting ? undefined",
    rule: "deleted though not failing",
  },
  {
    file: "alldebrid/rate-limiter.ts",
    from: "{ requests: 10, windowMs: SECOND_MS }",
    to: "{ requests: 100, windowMs: SECOND_MS }",
    rule: "more than 12 requests in a second",
  },
  {
    file: "core/settle-intents.ts",
    from: "  await queueForArrs(ctx, deletions);\n",
    to: "",
    rule: "a Sonarr was not told",
  },
];

const root = resolve(import.meta.dirname, "../..");
const sweeps = process.argv[2] ?? "2000";
const folder = mkdtempSync(join(tmpdir(), "magnets-mutants-"));
let missed = 0;
try {
  for (const name of execFileSync("git", ["ls-files", "src", "tests", "examples", "*.json"], { cwd: root })
    .toString()
    .trim()
    .split("\n")) {
    cpSync(join(root, name), join(folder, name));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const broken = countBroken();
  for (const { file, from, to, rule } of MUTANTS) {
    const path = join(folder, "src", file);
    const source = readFileSync(path, "utf8");
    if (!source.includes(from)) throw new Error(`${file} does not contain ${from}`);
    writeFileSync(path, source.replace(from, to));
    const found = countBroken().get(rule) ?? 0;
    writeFileSync(path, source);
    const unbroken = broken.get(rule) ?? 0;
    if (found <= unbroken) missed++;
    console.log(
      `${found > unbroken ? "found " : "MISSED"}  ${found}, unbroken ${unbroken}: ${rule} (${file})`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${MUTANTS.length - missed} of ${MUTANTS.length} mutants found in ${sweeps} sweeps each`);
if (missed > 0) process.exitCode = 1;

/** How often each rule is broken. */
function countBroken(): Map<string, number> {
  const { stdout } = spawnSync("npx", ["tsx", "tests/simulate/main.ts", "--sweeps", sweeps], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = stdout.slice(stdout.indexOf("\nViolations\n")).split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [, count, rule = ""] = /^ +(\d+) {2}(.+?)(?: {2}\(.*)?$/.exec(line) ?? [];
      return count === undefined ? [] : [[rule, Number(count)] as const];
    }),
  );
}
