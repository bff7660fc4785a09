import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { MUTANTS, mutate } from "./mutants.ts";

const src = resolve(import.meta.dirname, "../../src");

test.each(MUTANTS)('the line for the mutant "$name" stands once in $file', (mutant) => {
  const source = readFileSync(join(src, mutant.file), "utf8");
  expect(mutate(source, mutant)).not.toBe(source);
});
