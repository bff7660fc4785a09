#!/usr/bin/env -S npx tsx
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toJsonSchema } from "@valibot/to-json-schema";
import { configSchema } from "../src/config/schema.ts";
import { LOG_LEVELS } from "../src/core/settings.ts";

type Json = Record<string, unknown>;

/** Beside the example that names it in `$schema`. */
const FILE = join(import.meta.dirname, "config.schema.json");

/** The JSON schema of the config file, made from the one that the program itself checks with. */
export function configJsonSchema(): Json {
  const options = { typeMode: "output", errorMode: "throw" } as const;
  const { $schema, ...schema } = tidied(toJsonSchema(configSchema, options) as Json) as Json;
  const properties = schema.properties as Record<string, Json>;
  // Editors offer the list, and accept any case.
  const { enum: _, type: __, ...level } = properties.log_level ?? {};
  properties.log_level = {
    anyOf: [{ enum: [...LOG_LEVELS] }, { type: "string", pattern: anyCase(LOG_LEVELS) }],
    ...level,
  };
  return { $schema, title: "Configuration of magnets", ...schema };
}

/**
 * No key is required (the environment may provide it) and no unknown one is allowed, except, in every object,
 * `$schema` and comments: keys that start with `_`.
 */
function tidied(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tidied);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, tidied(value)]));
  if (inner.type !== "object") return inner;
  const { required: _, ...rest } = inner;
  return {
    ...rest,
    properties: { $schema: { type: "string" }, ...(rest.properties as Json) },
    patternProperties: { "^_": {} },
    additionalProperties: false,
  };
}

function anyCase(words: readonly string[]): string {
  const letters = (word: string) =>
    Array.from(word, (letter) => `[${letter}${letter.toLowerCase()}]`).join("");
  return `^(${words.map(letters).join("|")})$`;
}

if (process.argv[1] === import.meta.filename) {
  await writeFile(FILE, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
}
