import { arch, cpus, release } from "node:os";
import { parseArgs } from "node:util";
import { benchLimits } from "./bench-limits.ts";
import { benchMemory } from "./bench-memory.ts";
import { benchSize } from "./bench-size.ts";
import { benchSpeed } from "./bench-speed.ts";
import { type Figure, renderFigures, renderMissed } from "./figures.ts";
import { buildProgram, EARLIER_COMMIT, prepareEarlier } from "./programs.ts";
import { benchReading } from "./reading.ts";

const usage = `Measures the program beside a floor (the same libraries, HTTP and files, and nothing else) and beside
commit ${EARLIER_COMMIT}, in one run.

  npm run bench                    everything, about two minutes
  npm run bench -- --quick         fewer rounds and smaller numbers, under a minute
  npm run bench -- --only reading  one of: reading, speed, limits, memory, size;
                                   reading lists the functions that one sweep runs, too`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

async function main(quick: boolean, only: string | undefined): Promise<void> {
  const earlier = await prepareEarlier();
  if (earlier === undefined)
    console.error(`git does not have ${EARLIER_COMMIT} here: nothing to compare with`);
  const programs = { now: await buildProgram(), earlier: earlier && `${earlier}/bin/magnets.js` };
  const benches: Readonly<Record<string, () => Promise<Figure[]>>> = {
    reading: () => benchReading(earlier, only === "reading" ? console.log : () => {}),
    speed: () => benchSpeed(programs, quick ? 5 : 25),
    limits: () => benchLimits(programs, quick ? 50 : 200),
    memory: () => benchMemory(programs, quick ? 5 : 20),
    size: () => benchSize(programs),
  };
  const chosen = Object.entries(benches).filter(([name]) => only === undefined || name === only);
  if (chosen.length === 0) throw new Error(`there is no bench ${only}\n\n${usage}`);
  const figures: Figure[] = [];
  for (const [name, bench] of chosen) {
    console.error(`measuring: ${name}`);
    figures.push(...(await bench()));
  }
  console.log(`Node.js ${process.versions.node}, ${cpus().length} × ${arch()}, Linux ${release()}\n`);
  console.log(renderFigures(figures).join("\n"));
  const missed = renderMissed(figures);
  if (missed.length > 0) console.log(`\nNot reached:\n${missed.join("\n")}`);
}

if (values.help) console.log(usage);
else await main(values.quick, values.only);
