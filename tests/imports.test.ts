import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

/**
 * What each folder of `src` may import from, besides itself. Arrows point one way: cli → commands → the rest → core
 * and http.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  cli: ["program", "commands", "errors", "exit-codes"],
  program: ["commands", "terminal", "errors", "exit-codes"],
  commands: [
    "config",
    "alldebrid",
    "discord",
    "healthcheck",
    "arrs",
    "http",
    "state",
    "system",
    "terminal",
    "core",
    "errors",
    "permissions",
    "exit-codes",
  ],
  config: ["http", "core", "errors", "permissions", "exit-codes"],
  alldebrid: ["http", "core", "errors", "exit-codes"],
  discord: ["http", "core", "errors", "exit-codes"],
  arrs: ["http", "core", "errors", "exit-codes"],
  healthcheck: ["http", "core", "errors", "exit-codes"],
  http: [],
  state: ["core", "errors", "permissions", "exit-codes"],
  system: ["core", "errors", "exit-codes"],
  terminal: ["core", "errors", "exit-codes"],
  core: ["errors", "exit-codes"],
  errors: ["exit-codes"],
  permissions: [],
  "exit-codes": [],
};

/** The imports of each source file: `src`-relative paths, or names of packages and built-ins. */
async function readImports(): Promise<Map<string, string[]>> {
  const files = (await readdir(SRC, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const read = files.map(async (file) => {
    const text = await readFile(join(SRC, file), "utf8");
    const specifiers = [
      ...text.matchAll(/^(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"/gm),
      ...text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g),
    ].map(([, specifier = ""]) => specifier);
    const targets = specifiers.map((specifier) =>
      specifier.startsWith(".") ? relative(SRC, resolve(SRC, dirname(file), specifier)) : specifier,
    );
    return [file, targets] as const;
  });
  return new Map(await Promise.all(read));
}

/** `core/sweep.ts` is of `core`, `cli.ts` of `cli`. */
function partOf(file: string): string {
  return file.split("/")[0]?.replace(/\.ts$/, "") ?? "";
}

describe("imports in src", async () => {
  const imports = await readImports();

  it("are found at all", () => {
    expect(imports.get("program.ts")).toEqual(
      expect.arrayContaining(["commander", "commands/run-once.ts", "terminal/layout.ts"]),
    );
  });

  it("point one way", () => {
    const wrong = [...imports].flatMap(([file, targets]) => {
      const from = partOf(file);
      const allowed = ALLOWED[from] ?? [];
      return targets
        .filter(
          (target) => imports.has(target) && partOf(target) !== from && !allowed.includes(partOf(target)),
        )
        .map((target) => `${file} → ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it("lead to files that are there, and only the program reads package.json", () => {
    const wrong = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => target.startsWith("..") || (target.endsWith(".ts") && !imports.has(target)))
        .filter((target) => !(file === "program.ts" && target === "../package.json"))
        .map((target) => `${file} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keep the core to itself: no built-in, and no package but the one that the records are written in", () => {
    const foreign = [...imports]
      .filter(([file]) => partOf(file) === "core")
      .flatMap(([file, targets]) => targets.map((target) => [file, target] as const))
      .filter(([, target]) => !imports.has(target));
    expect(foreign).toEqual([["core/records.ts", "valibot"]]);
  });

  it("leave clock, chance and process to whoever calls the core", async () => {
    const core = [...imports.keys()].filter((file) => partOf(file) === "core");
    const texts = await Promise.all(core.map((file) => readFile(join(SRC, file), "utf8")));
    const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\b(?:process|performance|crypto)\./;
    expect(core.filter((_, i) => impure.test(texts[i] ?? ""))).toEqual([]);
  });

  it("never go round in a circle", () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error([...path.slice(path.indexOf(file)), file].join(" → "));
      if (done.has(file)) return;
      for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of imports.keys()) visit(file, []);
  });
});
