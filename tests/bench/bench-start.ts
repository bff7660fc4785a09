import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keysFor, MAGNETS, openWorld } from "./bench-world.ts";
import { buildScript } from "./build-script.ts";
import { type Figure, milliseconds, ratioFigure } from "./figure.ts";
import { runNode } from "./run-process.ts";
import { sampleCounters } from "./sample-counters.ts";
import { sideBySide } from "./side-by-side.ts";

const BUNDLE = join(import.meta.dirname, "../../dist/cli.cjs");

/** How long `magnets --version` and `magnets status` with 200 counters take, by an empty Node. */
export async function benchStart(repetitions: number): Promise<Figure[]> {
  const wish = { keys: keysFor(1), failing: 0, latencyMs: 0 };
  const world = await openWorld(wish, { counters: sampleCounters(200) });
  try {
    const floor = await buildScript(import.meta.resolve("./floor-start.ts"), world.cwd);
    const compiled = await onlyCompiled(world.cwd);
    const took = await sideBySide(repetitions, {
      empty: async () => (await runNode(["-e", "0"], world)).ms,
      version: async () => (await runNode([MAGNETS, "--version"], world)).ms,
      floor: async () => (await runNode([floor, "status", "--state-dir", world.state], world)).ms,
      compiled: async () => (await runNode([compiled], world)).ms,
      status: async () => (await world.magnets("status")).ms,
    });
    const common = { baseline: took.empty, unit: milliseconds, note: "node -e 0" };
    const alone = "… commander, and the counters read and printed";
    return [
      ratioFigure({ what: "start: `--version`", measured: took.version, most: 1.3, ...common }),
      ratioFigure({ what: "start: `status`, 200 counters", measured: took.status, most: 1.5, ...common }),
      ratioFigure({ what: alone, measured: took.floor, ...common }),
      ratioFigure({ what: "… the bundle, read and compiled", measured: took.compiled, ...common }),
    ];
  } finally {
    await world.close();
  }
}

/** The bundle, which ends before it begins. */
async function onlyCompiled(folder: string): Promise<string> {
  const path = join(folder, "compiled.cjs");
  await writeFile(path, `return;\n${await readFile(BUNDLE, "utf8")}`);
  return path;
}
