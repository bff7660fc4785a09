import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { configSchema } from "../src/config/schema.ts";

const root = join(import.meta.dirname, "..");

/** The rows of the table of keys: key and default as they stand there. */
async function keyTable(file: string): Promise<Map<string, string>> {
  const lines = (await readFile(join(root, file), "utf8")).split("\n");
  const rows = lines.slice(lines.findIndex((line) => /^\| *`api_keys` *\|/.test(line)));
  const end = rows.findIndex((line) => !line.startsWith("|"));
  return new Map(
    rows.slice(0, end < 0 ? undefined : end).map((line) => {
      const [, key = "", byDefault = ""] = line.split("|").map((cell) => cell.trim());
      return [key.replaceAll("`", ""), byDefault];
    }),
  );
}

const defaults = v.getDefaults(configSchema) as Record<string, unknown>;

describe.each(["README.md", "README.fr.md"])("%s", (file) => {
  test.skipIf(!existsSync(join(root, file)))("its table has every key with its default", async () => {
    const table = await keyTable(file);
    expect([...table.keys()].sort()).toEqual(Object.keys(configSchema.entries).sort());
    for (const [key, byDefault] of table) {
      if (defaults[key] === undefined) expect(byDefault, key).not.toMatch(/^`[\d"[{]/);
      else expect(byDefault, key).toBe(`\`${JSON.stringify(defaults[key])}\``);
    }
  });
});
