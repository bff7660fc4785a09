import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Figure, kilobytes } from "./figure.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What an installation holds: one bundled file, a small package, nothing native. */
export async function benchSize(): Promise<Figure[]> {
  const packed = await pack();
  const bundles = packed.files.filter(({ path }) => path.startsWith("dist/") && /\.[cm]?js$/.test(path));
  const bundle = bundles.reduce((sum, { size }) => sum + size, 0);
  const native = packed.files.filter(({ path }) => path.endsWith(".node")).length;
  return [
    {
      what: "installed: the bundle",
      measured: `${bundles.length} file, ${kilobytes(bundle)}`,
      baseline: "–",
      ratio: "–",
      goal: "1 file, ≤ 300 kB",
      met: bundles.length === 1 && bundle <= 300_000,
    },
    {
      what: "installed: `npm pack`",
      measured: `${kilobytes(packed.size)}, ${native} native parts`,
      baseline: "–",
      ratio: "–",
      goal: "≤ 200 kB, none native",
      met: packed.size <= 200_000 && native === 0,
    },
  ];
}

interface Packed {
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

async function pack(): Promise<Packed> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: ROOT });
  const [packed] = JSON.parse(stdout) as Packed[];
  if (packed === undefined) throw new Error("npm pack said nothing");
  return packed;
}
