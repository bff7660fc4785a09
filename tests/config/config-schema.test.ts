import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configJsonSchema } from "../../examples/make-config-schema.ts";
import { configSchema } from "../../src/config/schema.ts";

const examples = join(import.meta.dirname, "../../examples");

async function example(name: string) {
  return JSON.parse(await readFile(join(examples, name), "utf8"));
}

test("config.schema.json is in step with what the program checks (npm run schema)", async () => {
  expect(await example("config.schema.json")).toEqual(configJsonSchema());
});

test("it describes every key and allows no other", async () => {
  const { properties, additionalProperties } = await example("config.schema.json");
  expect(Object.keys(properties)).toEqual(["$schema", ...Object.keys(configSchema.entries)]);
  expect(additionalProperties).toBe(false);
  for (const key of Object.keys(configSchema.entries)) {
    expect(JSON.stringify(properties[key]), key).toContain('"description":');
  }
});

test("the full example names it", async () => {
  const { $schema } = await example("config.full.json");
  expect(await example($schema)).toHaveProperty("properties");
});
