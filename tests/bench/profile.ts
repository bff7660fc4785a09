import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "../../deploy/bundle-options.ts";
import { type BenchWorld, keysFor, openWorld } from "./bench-world.ts";
import { runNode } from "./run-process.ts";
import { sampleCounters } from "./sample-counters.ts";

const ROOT = join(import.meta.dirname, "../..");
const RUNS = 10;
const INTERVAL_US = 50;

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * Says where the time of `status` and of a quiet sweep goes, by V8's own profiler: what part of the program, or of
 * Node, was at work. The bundle is not minified, so that its parts can be told from one another: loading it takes twice
 * as long as it does for users, and profiling adds its own.
 */
export async function printProfiles(): Promise<void> {
  const world = await openWorld(
    { keys: keysFor(1), failing: 0, latencyMs: 50 },
    { counters: sampleCounters(200) },
  );
  const quiet = await openWorld({ keys: keysFor(1), failing: 0, latencyMs: 50 });
  try {
    await printProfile("status, 200 counters", world, "status");
    await printProfile("quiet sweep, one key, 50 ms a request", quiet, "run-once");
  } finally {
    await Promise.all([world.close(), quiet.close()]);
  }
}

async function printProfile(title: string, world: BenchWorld, command: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "magnets-profile-"));
  try {
    const bundle = join(folder, "cli.cjs");
    const options = { ...bundleOptions(ROOT), minify: false };
    await build({ ...options, entryPoints: ["src/cli.ts"], outfile: bundle });
    const areaOf = areasOf(await readFile(bundle, "utf8"));
    const flags = ["--cpu-prof", `--cpu-prof-interval=${INTERVAL_US}`, `--cpu-prof-dir=${folder}`];
    for (let run = 0; run < RUNS; run++) {
      await runNode([...flags, bundle, command, "--state-dir", world.state], world);
    }
    const took = new Map<string, number>();
    for (const name of (await readdir(folder)).filter((file) => file.endsWith(".cpuprofile"))) {
      addUp(JSON.parse(await readFile(join(folder, name), "utf8")), areaOf, took);
    }
    console.log(`\n${title}: milliseconds of ${RUNS} runs on average\n`);
    for (const [area, microseconds] of [...took].sort(([, a], [, b]) => b - a)) {
      const ms = microseconds / RUNS / 1000;
      if (ms >= 0.1) console.log(`${ms.toFixed(1).padStart(7)}  ${area}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** esbuild writes a comment before each module: tells from a line of the bundle what it belongs to. */
function areasOf(bundle: string): (line: number) => string {
  let area = "esbuild's helpers";
  const areas = bundle.split("\n").map((line) => {
    const path = /^\s*\/\/ ((?:src|node_modules)\/\S+)$/.exec(line)?.[1];
    if (path !== undefined) {
      const parts = path.split("/");
      area =
        parts[0] === "src"
          ? parts.slice(0, 2).join("/")
          : parts[1]?.startsWith("@")
            ? parts.slice(1, 3).join("/")
            : (parts[1] ?? "");
    }
    return area;
  });
  return (line) => areas[line] ?? area;
}

const OF_V8: Readonly<Record<string, string>> = {
  "(garbage collector)": "garbage collection",
  "(idle)": "waiting",
  "(program)": "Node, outside JavaScript",
};
const LOADING = ["wrapSafe", "readFileSync"];

/** Each sample counts for the innermost function of the bundle under way, else for Node. */
function addUp(profile: Profile, areaOf: (line: number) => string, took: Map<string, number>): void {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const areaOfSample = (sample: number): string => {
    let loading = false;
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const frame = frames.get(id);
      if (!frame) break;
      const ofV8 = OF_V8[frame.functionName];
      if (ofV8 !== undefined) return ofV8;
      if (frame.url.endsWith("cli.cjs"))
        return frame.lineNumber === 0 ? "the bundle's top level" : areaOf(frame.lineNumber);
      loading ||= LOADING.includes(frame.functionName);
    }
    return loading ? "reading and compiling the bundle" : "Node's own start";
  };
  profile.samples.forEach((sample, i) => {
    const area = areaOfSample(sample);
    took.set(area, (took.get(area) ?? 0) + (profile.timeDeltas[i] ?? 0));
  });
}
