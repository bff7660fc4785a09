import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BenchWorld, keysFor, openWorld } from "./bench-world.ts";
import { buildScript } from "./build-script.ts";
import { type Figure, megabytes, milliseconds, ratioFigure } from "./figure.ts";
import { runNode } from "./run-process.ts";
import { sampleCounters } from "./sample-counters.ts";
import { sideBySide } from "./side-by-side.ts";

const SIZES = [0, 2_500, 5_000, 10_000] as const;
const LARGEST = 10_000;

/** State with up to 10,000 counters: time of load, count and save, and the bytes that a sweep writes. */
export async function benchBigState(repetitions: number, deletions: number): Promise<Figure[]> {
  const world = await openWorld({ keys: keysFor(1), failing: 0, latencyMs: 0 });
  try {
    const took = await loadCountSave(world, repetitions);
    const extra = took.ms(LARGEST) - took.ms(0);
    const perCounter = SIZES.slice(1).map((size) => (took.bytes(size) - took.bytes(0)) / size);
    const spread = Math.max(...perCounter) / Math.min(...perCounter);
    return [
      {
        what: "10,000 counters: load, count, save",
        measured: milliseconds(took.ms(LARGEST)),
        baseline: `${milliseconds(took.ms(0))} (no counters)`,
        ratio: `+ ${milliseconds(extra)}`,
        goal: "≤ + 100 ms",
        met: extra <= 100,
      },
      ratioFigure({
        what: "… parsed, raised and saved alone, nothing checked",
        measured: took.floorMs,
        baseline: took.ms(LARGEST),
        unit: milliseconds,
        note: "load, count, save",
      }),
      {
        what: "… bytes written a sweep",
        measured: megabytes(took.bytes(LARGEST)),
        baseline: `${megabytes(took.bytes(2_500))} (2,500 counters)`,
        ratio: `${perCounter.map((bytes) => Math.round(bytes)).join(", ")} a counter at 2,500, 5,000, 10,000`,
        goal: "linear",
        met: spread <= 1.1,
      },
      await writtenByDeletions(deletions),
    ];
  } finally {
    await world.close();
  }
}

async function loadCountSave(world: BenchWorld, repetitions: number) {
  const script = await buildScript(import.meta.resolve("./load-count-save.ts"), world.cwd);
  const floor = await buildScript(import.meta.resolve("./floor-big-state.ts"), world.cwd);
  const bytes = new Map<number, number>();
  const measurements = SIZES.map((size) => {
    const sample = join(world.cwd, `sample-${size}`);
    const measure = async (run = script): Promise<number> => {
      const folder = join(world.cwd, "used");
      await rm(folder, { recursive: true, force: true });
      await cp(sample, folder, { recursive: true });
      const { stdout } = await runNode([run, folder], world);
      const result = JSON.parse(stdout) as { ms: number; bytes: number };
      if (run === script) bytes.set(size, result.bytes);
      return result.ms;
    };
    return { size, sample, measure };
  });
  for (const { size, sample } of measurements) {
    await mkdir(sample, { mode: 0o700 });
    await writeFile(join(sample, "retry_counts.json"), JSON.stringify(sampleCounters(size)));
  }
  const named = Object.fromEntries(measurements.map(({ size, measure }) => [String(size), () => measure()]));
  const largest = measurements.find(({ size }) => size === LARGEST);
  const measureFloor = async () => largest?.measure(floor) ?? Number.NaN;
  const took: Record<string, number> = await sideBySide(repetitions, { ...named, floor: measureFloor });
  return {
    floorMs: took.floor ?? Number.NaN,
    ms: (size: number) => took[String(size)] ?? Number.NaN,
    bytes: (size: number) => bytes.get(size) ?? Number.NaN,
  };
}

/** Many deletions must not write all counters anew for each of them. */
async function writtenByDeletions(count: number): Promise<Figure> {
  const counters = sampleCounters(LARGEST);
  const settings = { max_retries: 1, max_deletes_per_run: 0 };
  const wish = { keys: keysFor(1), failing: count, latencyMs: 0 };
  const world = await openWorld(wish, { settings, counters });
  try {
    const { writtenBytes } = await world.probed("run-once");
    const file = Buffer.byteLength(JSON.stringify(counters));
    const times = writtenBytes / file;
    return {
      what: `… bytes written by a sweep with ${count} deletions`,
      measured: megabytes(writtenBytes),
      baseline: `${megabytes(file)} (the counters' file)`,
      ratio: `${times.toFixed(1)} ×`,
      goal: "≤ 10 ×",
      met: times <= 10,
    };
  } finally {
    await world.close();
  }
}
