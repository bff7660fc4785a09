import { readdir, readFile, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type Figure, type Goal, mostGoal } from "./figures.ts";
import { median, runNode } from "./measure.ts";
import { ROOT } from "./programs.ts";
import { openWorld } from "./world.ts";

const MOST_FILES_A_SWEEP = 65;
const MOST_FILES = 100;
const MOST_LINES = 11_500;
const MOST_LINES_A_FILE = 300;

/** The part of V8's coverage that is read here. */
interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** Run as a file is loaded: tsx adds them to keep the names of functions and classes. */
const LOADING = ["__name", "<static_initializer>"];

/**
 * What somebody who follows one sweep has to read: the files of `src` in which a function ran while one magnet was
 * deleted and announced. Loading a module is not running a function of it. Prints which they are.
 */
export async function benchReading(
  earlier: string | undefined,
  print: (line: string) => void,
): Promise<Figure[]> {
  const now = await readSweep(ROOT);
  const before = earlier === undefined ? undefined : await readSweep(earlier);
  for (const [file, names] of [...now.ran].sort()) print(`${file}: ${names.join(", ")}`);
  print("");
  const both = (what: string, say: (reading: Reading) => string, goals: readonly Goal[] = []): Figure => ({
    what,
    now: say(now),
    earlier: before && say(before),
    goals,
  });
  return [
    both("files of `src` in which a sweep runs a function", ({ ran }) => `${ran.size}`, [
      mostGoal(now.ran.size, MOST_FILES_A_SWEEP, (files) => `${files} files`),
    ]),
    both("… such functions", ({ ran }) => `${[...ran.values()].flat().length}`),
    both("… files loaded that have functions", ({ withFunctions }) => `${withFunctions}`),
    both("source files; lines", ({ lengths }) => `${lengths.size}; ${sum(lengths.values())}`, [
      mostGoal(now.lengths.size, MOST_FILES, (files) => `${files} files`),
      mostGoal(sum(now.lengths.values()), MOST_LINES, (lines) => `${lines} lines`),
    ]),
    both("… median of their lines", ({ lengths }) => `${median([...lengths.values()])}`),
    both("… longest", ({ lengths }) => longest(lengths), [
      mostGoal(Math.max(...now.lengths.values()), MOST_LINES_A_FILE, (lines) => `${lines} lines`),
    ]),
  ];
}

interface Reading {
  /** By file below `src`, the functions that ran, in the order of the source. */
  readonly ran: ReadonlyMap<string, readonly string[]>;
  /** Files loaded that have a function at all. */
  readonly withFunctions: number;
  /** Lines of each source file in `src` and `bin`. */
  readonly lengths: ReadonlyMap<string, number>;
}

async function readSweep(root: string): Promise<Reading> {
  const loaded = [...(await sweepOnce(root))];
  const own = loaded.map(([file, names]) => [file, names.filter((name) => !LOADING.includes(name))] as const);
  return {
    ran: new Map(own.filter(([, names]) => names.length > 0)),
    withFunctions: loaded.filter(([, names]) => names.length > 0).length,
    lengths: await lengthsOf(root),
  };
}

/** The files of `src` that one sweep loaded, each with the functions of it that ran. */
async function sweepOnce(root: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const world = await openWorld({ failing: 1, settings: { max_retries: 1 } });
  try {
    const folder = join(world.cwd, "coverage");
    const args = ["--import", import.meta.resolve("tsx"), join(root, "src/cli.ts"), "run-once"];
    const stateDir = ["--state-dir", world.state];
    await runNode([...args, ...stateDir], { ...world, env: { ...world.env, NODE_V8_COVERAGE: folder } });
    const { deletions, embeds } = await world.report();
    if (deletions !== 1 || embeds !== 1) throw new Error("the sweep did not delete and announce its magnet");

    const sources = `${pathToFileURL(await realpath(join(root, "src")))}/`;
    const loaded = new Map<string, string[]>();
    for (const name of await readdir(folder)) {
      const { result } = JSON.parse(await readFile(join(folder, name), "utf8")) as Coverage;
      for (const { url, functions } of result.filter(({ url }) => url.startsWith(sources))) {
        // The module's own body begins at 0.
        const ran = functions.filter(
          ({ ranges: [whole] }) => whole && whole.startOffset > 0 && whole.count > 0,
        );
        loaded.set(
          url.slice(sources.length),
          ran.map(({ functionName }) => functionName || "(anonymous)"),
        );
      }
    }
    return loaded;
  } finally {
    await world.close();
  }
}

async function lengthsOf(root: string): Promise<Map<string, number>> {
  const lengths = new Map<string, number>();
  for (const folder of ["src", "bin"]) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter(({ name }) => /\.[jt]s$/.test(name))) {
      const path = join(entry.parentPath, entry.name);
      lengths.set(relative(root, path), (await readFile(path, "utf8")).split("\n").length - 1);
    }
  }
  return lengths;
}

function longest(lengths: ReadonlyMap<string, number>): string {
  const [file, lines] = [...lengths].sort(([, a], [, b]) => b - a)[0] ?? ["", 0];
  return `${lines} (${file})`;
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((a, b) => a + b, 0);
}
