import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "./bundle-options.ts";
import { bundledLicences, licencesText } from "./bundled-licences.ts";

// npm run build [-- FOLDER]: bundles the program with its libraries into FOLDER/cli.cjs, and the libraries'
// licences into FOLDER/LICENSES.txt. FOLDER is dist/ unless told otherwise.

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, "dist"));

const { metafile } = await build({
  ...bundleOptions(root),
  entryPoints: ["src/cli.ts"],
  outfile: join(folder, "cli.cjs"),
  metafile: true,
  logLevel: "info",
});
await writeFile(join(folder, "LICENSES.txt"), licencesText(await bundledLicences(root, metafile)));
