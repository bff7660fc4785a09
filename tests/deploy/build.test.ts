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

test("npm publishes what runs, what installs it and what README sends a user to, and nothing else", () => {
  const { stdout } = runTool("npm", [
    "publish",
    "--dry-run",
    "--json",
    "--ignore-scripts",
    "--loglevel=error",
  ]);
  const said = JSON.parse(stdout);
  // npm 11 says it by package.
  const { files } = (said.magnets ?? said) as { files: { path: string }[] };
  expect(files.map(({ path }) => path).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.fr.md",
    "README.md",
    "bin/magnets.js",
    "bin/package.json",
    "deploy/README.fr.md",
    "deploy/README.md",
    "deploy/container/README.md",
    "deploy/cron/magnets.crontab",
    "deploy/install.sh",
    "deploy/man/magnets.1",
    "deploy/systemd/magnets.service",
    "deploy/systemd/magnets.timer",
    "deploy/uninstall.sh",
    "dist/LICENSES.txt",
    "dist/cli.cjs",
    "dist/completion/magnets.bash",
    "dist/completion/magnets.fish",
    "dist/completion/magnets.zsh",
    "examples/config.demo-key.json",
    "examples/config.full.json",
    "examples/config.minimal.json",
    "examples/config.schema.json",
    "examples/original/README.fr.md",
    "examples/original/README.md",
    "examples/original/config.json",
    "examples/original/retry_counts.json",
    "examples/pictures/check.svg",
    "examples/pictures/discord.svg",
    "examples/pictures/sonarr.svg",
    "examples/pictures/status.svg",
    "examples/pictures/sweep.svg",
    "package.json",
  ]);
});
