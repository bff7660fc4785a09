import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scripts } from "../package.json";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** What stands between backquotes, and is not a whole block of code. */
function codeIn(page: string): string[] {
  return [...page.replace(/^```.*?^```/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

const PATH = /^\.?[\w-]+(\/[\w.-]+)+$|^[\w.-]+\.(ts|md|json)$/;
/** What is made and not committed. */
const MADE = /^(dist|release)\//;

test.each(["CONTRIBUTING.md", "SECURITY.md"])("every file that %s names is there", (page) => {
  const paths = codeIn(read(page)).filter((code) => PATH.test(code) && !MADE.test(code));
  expect(paths.length).toBeGreaterThan(0);
  // Below `src` it is named without it.
  const missing = paths.filter(
    (path) => ![root, join(root, "src")].some((folder) => existsSync(join(folder, path))),
  );
  expect(missing).toEqual([]);
});

test("CONTRIBUTING.md explains every script, and no other", () => {
  const text = read("CONTRIBUTING.md");
  const named = [...text.matchAll(/\bnpm (?:run ([\w:]+)|(test)\b)/g)].map(([, run, own]) => run ?? own);
  // npm runs it before it packs.
  const { prepare, ...called } = scripts;
  expect([...new Set(named)].sort()).toEqual(Object.keys(called).sort());
});
