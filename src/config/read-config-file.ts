import { basename } from "node:path";
import { ConfigError } from "./config-error.ts";
import { unreadableConfig } from "./find-config.ts";
import { parseJson } from "./parse-json.ts";
import { readSmallFile, type SmallFile } from "./read-small-file.ts";

const MAX_BYTES = 1024 * 1024;

/** The config file as an unchecked object. `mode` holds its permission bits. */
export interface ConfigFile {
  readonly content: Record<string, unknown>;
  readonly mode: number;
}

/** Reads and parses the config file. Throws `ConfigError` when it can't be read or is no JSON object. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const { bytes, mode } = readOrExplain(file);
  let text: string;
  try {
    // Drops a byte order mark, too.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([`${basename(file)}: not UTF-8 text`], `Save ${file} as UTF-8.`);
  }
  const content = await parseJson(text, basename(file), file);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError([`${basename(file)}: expected one object in { }`], `Correct ${file}.`);
  }
  return { content: content as Record<string, unknown>, mode };
}

function readOrExplain(file: string): SmallFile {
  try {
    return readSmallFile(file, MAX_BYTES);
  } catch (error) {
    throw unreadableConfig(file, error);
  }
}
