import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { bundledLicences, licencesText } from "./bundled-licences.ts";
import { standIns } from "./stand-ins.ts";

// npm run build [-- FOLDER]: bundles the program with its libraries into FOLDER/cli.cjs, and the libraries'
// licences into FOLDER/LICENSES.txt. FOLDER is dist/ unless told otherwise.

const root = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "dist"));

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["src/cli.ts"],
  outfile: join(folder, "cli.cjs"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20.19",
  // Each import() becomes a require() of what is bundled already.
  supported: { "dynamic-import": false },
  mainFields: ["module", "main"],
  minify: true,
  ...standIns(),
  // LICENSES.txt has them whole.
  legalComments: "none",
  metafile: true,
  logLevel: "info",
});
await writeFile(join(folder, "LICENSES.txt"), licencesText(await bundledLicences(root, metafile)));
