import { execFile } from "node:child_process";
import { arch, cpus, release } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { benchBigState } from "./bench-big-state.ts";
import { benchDeletions } from "./bench-deletions.ts";
import { benchManyKeys } from "./bench-many-keys.ts";
import { benchQuietSweep } from "./bench-quiet-sweep.ts";
import { benchRestarts } from "./bench-restarts.ts";
import { benchSize } from "./bench-size.ts";
import { benchStart } from "./bench-start.ts";
import { type Figure, renderFigures } from "./figure.ts";
import { printProfiles } from "./profile.ts";

const usage = `Measures what the program costs, against an empty Node or the API's own limits, side by side in one run.

  npm run bench                  everything, about three minutes
  npm run bench -- --quick       fewer repetitions and smaller numbers, under a minute
  npm run bench -- --only start  one of: start, quiet, deletions, restarts, keys, state, size
  npm run bench -- --profile     where the time of status and of a quiet sweep goes`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    profile: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const { quick } = values;
const repetitions = quick ? 5 : 25;
const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
  start: () => benchStart(repetitions),
  quiet: () => benchQuietSweep(repetitions),
  deletions: () => benchDeletions(quick ? 50 : 200),
  restarts: () => benchRestarts(quick ? 1 : 5),
  keys: () => benchManyKeys(quick ? [1, 5] : [1, 5, 20]),
  state: () => benchBigState(quick ? 3 : 9, quick ? 50 : 200),
  size: benchSize,
};

if (values.help) console.log(usage);
else if (values.profile) await printProfiles();
else await main();

async function main(): Promise<void> {
  const names = Object.keys(benches).filter((name) => values.only === undefined || name === values.only);
  if (names.length === 0) throw new Error(`no such figure: ${values.only}\n\n${usage}`);
  await promisify(execFile)("npm", ["run", "build"], { cwd: join(import.meta.dirname, "../..") });
  const figures: Figure[] = [];
  for (const name of names) {
    console.error(`measuring: ${name}`);
    figures.push(...((await benches[name]?.()) ?? []));
  }
  const processors = `${cpus().length} × ${arch()}`;
  console.log(`Node.js ${process.versions.node}, ${processors}, Linux ${release()}\n`);
  console.log(renderFigures(figures).join("\n"));
}
