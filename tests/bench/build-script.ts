import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "../../deploy/bundle-options.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Bundles the script at this `file:` address into `folder` as the program is bundled, and returns its path. */
export async function buildScript(url: string, folder: string): Promise<string> {
  const entry = fileURLToPath(url);
  const outfile = join(folder, `${basename(entry, ".ts")}.cjs`);
  // Stand-ins are for what the program imports; a script imports less, and the build would miss them.
  const { plugins: _, ...options } = bundleOptions(ROOT);
  await build({ ...options, entryPoints: [entry], outfile });
  return outfile;
}
