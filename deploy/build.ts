import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "./bundle-options.ts";
import { bundledLicences, licencesText } from "./bundled-licences.ts";
import { bashScript } from "./completion/bash.ts";
import { readCompletions } from "./completion/completions.ts";
import { fishScript } from "./completion/fish.ts";
import { zshScript } from "./completion/zsh.ts";

// npm run build [-- FOLDER]: bundles the program with its libraries into FOLDER/cli.cjs, the libraries' licences into
// FOLDER/LICENSES.txt, and what `magnets completion` prints into FOLDER/completion. FOLDER is dist/ by default.

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

const completions = readCompletions();
const scripts = {
  bash: bashScript(completions),
  zsh: zshScript(completions),
  fish: fishScript(completions),
};
await mkdir(join(folder, "completion"), { recursive: true });
for (const [shell, script] of Object.entries(scripts)) {
  await writeFile(join(folder, "completion", `${completions.program}.${shell}`), script);
}
