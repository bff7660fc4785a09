import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
}

const file = resolve(import.meta.dirname, "../../package-lock.json");
const packages: Record<string, Locked> = JSON.parse(readFileSync(file, "utf8")).packages;

test.each([
  ["esbuild", "@esbuild/linux-arm64"],
  ["@biomejs/biome", "@biomejs/cli-linux-arm64"],
  ["rollup", "@rollup/rollup-linux-arm64-gnu"],
  ["typescript", "@typescript/typescript-linux-arm64"],
  ["oxc-parser", "@oxc-parser/binding-linux-arm64-gnu"],
  ["oxc-resolver", "@oxc-resolver/binding-linux-arm64-gnu"],
])("%s is locked with its ARM64 build %s", (tool, build) => {
  expect(packages[`node_modules/${build}`]?.version).toBe(packages[`node_modules/${tool}`]?.version);
  expect(packages[`node_modules/${build}`]?.version).toBeDefined();
});

test("every build for another platform is locked, too: npm ci refuses a file without", () => {
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => packages[`node_modules/${name}`] === undefined),
  );
  expect(missing).toEqual([]);
});

test("the file is tied to no registry's address", () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith("http"))).toEqual([]);
});
