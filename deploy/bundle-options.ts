import type { BuildOptions } from "esbuild";

/** How the program is bundled, wherever that is done: for users, and by what measures it. */
export function bundleOptions(root: string): BuildOptions {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node18.19",
    // Each import() becomes a require() of what is bundled already.
    supported: { "dynamic-import": false },
    mainFields: ["module", "main"],
    minify: true,
    // LICENSES.txt has them whole.
    legalComments: "none",
  };
}
