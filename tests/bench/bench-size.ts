import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { promisify } from "node:util";
import { type Figure, kilobytes, mostGoal } from "./figures.ts";
import { type Programs, ROOT } from "./programs.ts";

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** What an installation holds: one bundled file, a small package, nothing native. */
export async function benchSize({ earlier }: Programs): Promise<Figure[]> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: ROOT });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (packed === undefined) throw new Error("npm pack printed nothing");
  const code = packed.files.filter(({ path }) => /\.([cm]?js|node)$/.test(path)).map(({ path }) => path);
  const bundle = packed.files.find(({ path }) => path === "dist/cli.cjs")?.size ?? Number.NaN;
  const nothingElse = code.sort().join() === "bin/magnets.js,dist/cli.cjs";
  return [
    {
      what: "the bundle",
      now: kilobytes(bundle),
      earlier: earlier && kilobytes(statSync(earlier.replace("bin/magnets.js", "dist/cli.cjs")).size),
      goals: [mostGoal(bundle, 350_000, kilobytes)],
    },
    {
      what: "`npm pack`",
      now: kilobytes(packed.size),
      goals: [
        mostGoal(packed.size, 200_000, kilobytes),
        { text: "nothing native", reached: nothingElse ? "bin and bundle" : code.join(), met: nothingElse },
      ],
    },
  ];
}
