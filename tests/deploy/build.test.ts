import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { bundledFolders } from "../../deploy/bundled-licences.ts";
import { ROOT, runTool } from "./shell-tools.ts";

test("LICENSES.txt, beside the bundle, has the terms of every library in it", async () => {
  const options = { bundle: true, platform: "node", format: "esm", write: false, metafile: true } as const;
  // In a second work tree `node_modules` is a link.
  const place = { absWorkingDir: ROOT, preserveSymlinks: true };
  const { metafile } = await build({ ...options, ...place, entryPoints: ["src/cli.ts"] });
  const libraries = bundledFolders(metafile).map((folder) => folder.replace("node_modules/", ""));
  expect(libraries).toEqual(expect.arrayContaining(["commander", "valibot"]));
  const text = readFileSync(join(ROOT, "dist/LICENSES.txt"), "utf8");
  for (const library of libraries) expect(text).toMatch(new RegExp(`^${library} \\d+\\.\\d+`, "m"));
  expect(text.match(/Permission is hereby granted/g)).toHaveLength(libraries.length);
});

test("npm's tarball has what runs, its licences, and what installs it", () => {
  const { stdout } = runTool("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"]);
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  for (const path of [
    "bin/magnets.js",
    "dist/cli.cjs",
    "dist/LICENSES.txt",
    "LICENSE",
    "deploy/install.sh",
  ]) {
    expect(paths).toContain(path);
  }
  expect(paths.filter((path) => /\.ts$|^(src|tests|node_modules)\//.test(path))).toEqual([]);
});
