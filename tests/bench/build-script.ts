import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "../../deploy/bundle-options.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Bundles a script of this folder into `folder` as the program is bundled, and returns its path. */
export async function buildScript(name: string, folder: string): Promise<string> {
  const outfile = join(folder, `${name}.cjs`);
  // Stand-ins are for what the program imports; a script imports less, and the build would miss them.
  const { plugins: _, ...options } = bundleOptions(ROOT);
  const entry = fileURLToPath(import.meta.resolve(`./${name}.ts`));
  await build({ ...options, entryPoints: [entry], outfile });
  return outfile;
}
